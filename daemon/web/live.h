/* SPDX-License-Identifier: MIT */
/* live.h - what is under way, copied on the loop for those who show it (status/view.h). */
#ifndef INGESTD_DAEMON_LIVE_H
#define INGESTD_DAEMON_LIVE_H

#include "service/serve.h"
#include "status/view.h"

/* A few ms at the most, whatever the queues hold. All in the arena; NULL: out of memory. */
struct view_live *live_take(const struct serve_context *c, struct arena *a);

#endif
