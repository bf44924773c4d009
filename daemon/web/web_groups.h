/* SPDX-License-Identifier: MIT */
/* web_groups.h - the groups of routes that web_groups.c puts together. */
#ifndef INGESTD_DAEMON_WEB_GROUPS_H
#define INGESTD_DAEMON_WEB_GROUPS_H

#include "web.h"

extern const struct web_group web_health_group;  /* /healthz, /metrics */
extern const struct web_group web_pages_group;   /* what people look at */
extern const struct web_group web_actions_group; /* /act/...: web_actions.h */

#endif
