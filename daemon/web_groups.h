/* SPDX-License-Identifier: MIT */
/* web_groups.h - the groups of routes that web_groups.c puts together. */
#ifndef INGESTD_DAEMON_WEB_GROUPS_H
#define INGESTD_DAEMON_WEB_GROUPS_H

#include "web.h"

/* web_health.c: /healthz, /metrics */
extern const struct web_route web_health_routes[];

#endif
