/* SPDX-License-Identifier: MIT */
/* notify.h - what the service tells whoever started it (systemd), at the moments that matter to it:
 * the protocol of sd_notify(3), and the watchdog of sd_watchdog_enabled(3). All calls are made on the loop's
 * thread, and do nothing where nobody listens. None waits, as sd_notify() itself may, when the reader is slow
 * or has stopped: what there is no room for is sent when there is, a status only if it is still the last one,
 * and a sign of life not at all. */
#ifndef INGESTD_DAEMON_NOTIFY_H
#define INGESTD_DAEMON_NOTIFY_H

#include <uv.h>

struct store;

/* Before the first ready(). Where a watchdog listens, a timer of the loop tells it twice in its time that the
 * service lives; but only while a job put to the thread pool and a question put to the database thread at
 * the tick before have both come back: a program whose loop turns and whose work stands still is not alive.
 * The timer does not keep the loop. store is borrowed until stopping(). */
void notify_start(uv_loop_t *loop, struct store *store);
/* Content is watched and the state is open. Also at the end of a reload. */
void notify_ready(void);
/* SIGHUP came; ready() follows whatever comes of it. With MONOTONIC_USEC=, without which systemd from 253 on
 * counts a reload as failed. */
void notify_reloading(void);
/* No new work is begun. Closes what start() opened; the loop takes another turn. */
void notify_stopping(void);
/* One line for people; cheap, may come often: sent once a second at the most, the last one always. */
void notify_status(const char *text);

#endif
