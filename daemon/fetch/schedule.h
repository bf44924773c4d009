/* SPDX-License-Identifier: MIT */
/* schedule.h - lib/http/pace.h on the loop's clock: starts what may go, and wakes when more may.
 *
 * Times are uv_now(). The calls below never start anything from inside themselves; a turn of the schedule
 * does, from a timer or from schedule_turn(). */
#ifndef INGESTD_DAEMON_SCHEDULE_H
#define INGESTD_DAEMON_SCHEDULE_H

#include <uv.h>

#include "http/pace.h"

struct schedule;

struct schedule_calls {
	void (*start)(void *arg,
		      struct pace_item *item); /* it runs from here on; may fail it by schedule_done() */
	void (*settle)(void *arg); /* before each turn: end what needs no transfer, hold or release */
};

CHECKED enum err schedule_new(uv_loop_t *loop, const struct pace_options *options,
			      const struct schedule_calls *calls, void *arg, struct schedule **ret);
/* For all of pace.h but pace_next(); schedule_kick() afterwards. */
struct pace *schedule_pace(struct schedule *s);
int64_t schedule_now(const struct schedule *s);
/* A turn soon. */
void schedule_kick(struct schedule *s);
/* A turn now: settles, starts what may start, sets the timer. Not from inside a call of libcurl. */
void schedule_turn(struct schedule *s);
/* No turns from here on; closes the timer, which takes the loop's next turn. */
void schedule_stop(struct schedule *s);
/* After that turn. Accepts NULL, returns NULL. */
struct schedule *schedule_free(struct schedule *s);

#endif
