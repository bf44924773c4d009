/* SPDX-License-Identifier: MIT */
/* notify.h - what the service tells whoever started it (systemd), at the moments that matter to it. All calls
 * are made on the loop's thread, and do nothing where nobody listens. */
#ifndef INGESTD_DAEMON_NOTIFY_H
#define INGESTD_DAEMON_NOTIFY_H

#include <uv.h>

/* The loop runs soon: before the first ready(). The watchdog's ticks belong here: from the loop itself. */
void notify_start(uv_loop_t *loop);
/* Content is watched and the state is open. Also at the end of a reload. */
void notify_ready(void);
/* SIGHUP came; ready() follows whatever comes of it. */
void notify_reloading(void);
/* No new work is begun. Closes what start() opened; the loop takes another turn. */
void notify_stopping(void);
/* One line for people; cheap, may come often. */
void notify_status(const char *text);

#endif
