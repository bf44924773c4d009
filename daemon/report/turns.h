/* SPDX-License-Identifier: MIT */
/* turns.h - how much work the loop's turns are: whether anything blocks it.
 *
 * Counted is the thread's processor time, since what the machine does meanwhile for others is not ours.
 * (libuv's own idle time leaves out waits that end by a timer.) */
#ifndef INGESTD_DAEMON_TURNS_H
#define INGESTD_DAEMON_TURNS_H

#include <uv.h>

#include "base/base.h"

enum { TURNS_BUCKETS = 24 }; /* by powers of two, in microseconds: the last is all above 4 s */

struct turns {
	uv_prepare_t prepare;
	uint64_t used; /* us, of this thread so far */
	uint64_t count[TURNS_BUCKETS];
	uint64_t total, longest, sum; /* turns; us; us */
};

/* Before the loop runs, on its thread. It does not keep the loop alive. */
void turns_open(struct turns *t, uv_loop_t *loop);
void turns_close(struct turns *t);
/* "12345 turns of the loop, the longest 1.2 ms of work; 99.9 % under 0.5 ms; 3 over 4 ms" */
void turns_text(const struct turns *t, char text[160]);

#endif
