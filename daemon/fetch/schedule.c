/* SPDX-License-Identifier: MIT */
#include "schedule.h"

enum { SLEEP_MAX_MS = 3600 * 1000 }; /* a turn too many costs nothing */

struct schedule {
	uv_timer_t timer;
	struct pace *pace;
	struct schedule_calls calls;
	void *arg;
	bool stopped, in_turn, again;
};

enum err schedule_new(uv_loop_t *loop, const struct pace_options *options, const struct schedule_calls *calls,
		      void *arg, struct schedule **ret)
{
	struct schedule *s = calloc(1, sizeof(*s));

	if (!s || pace_new(options, &s->pace)) {
		free(s);
		return ERR_NOMEM;
	}
	s->calls = *calls;
	s->arg = arg;
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	*ret = s;
	return ERR_OK;
}

struct pace *schedule_pace(struct schedule *s)
{
	return s->pace;
}

int64_t schedule_now(const struct schedule *s)
{
	return (int64_t)uv_now(s->timer.loop);
}

static void on_timer(uv_timer_t *timer)
{
	schedule_turn(timer->data);
}

static void sleep_for(struct schedule *s, int64_t ms)
{
	uv_timer_start(&s->timer, on_timer, (uint64_t)MAX(MIN(ms, (int64_t)SLEEP_MAX_MS), (int64_t)1), 0);
}

void schedule_kick(struct schedule *s)
{
	s->again = true;
	if (!s->stopped && !s->in_turn)
		sleep_for(s, 1);
}

void schedule_turn(struct schedule *s)
{
	int64_t due;

	if (s->stopped || s->in_turn)
		return;
	s->in_turn = true;
	s->again = false;
	s->calls.settle(s->arg);
	for (struct pace_item *item; !s->stopped && (item = pace_next(s->pace, schedule_now(s)));)
		s->calls.start(s->arg, item);
	s->in_turn = false;
	if (s->stopped)
		return;
	due = s->again ? 0 : pace_due(s->pace, schedule_now(s));
	if (due == PACE_NEVER)
		uv_timer_stop(&s->timer);
	else
		sleep_for(s, due - schedule_now(s));
}

void schedule_stop(struct schedule *s)
{
	if (s->stopped)
		return;
	s->stopped = true;
	uv_close((uv_handle_t *)&s->timer, NULL);
}

struct schedule *schedule_free(struct schedule *s)
{
	if (!s)
		return NULL;
	assert(s->stopped);
	pace_free(s->pace);
	free(s);
	return NULL;
}
