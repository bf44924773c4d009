/* SPDX-License-Identifier: MIT */
#include "live.h"

#include <unistd.h>

#include "fetch/hop.h"
#include "pass/pass.h"

enum { FETCHES_LOOKED_AT = 100000 };

static const char *why_text(enum pace_wait why, bool ready)
{
	switch (why) {
	case PACE_WAITS_GAP: return "the pause between two requests";
	case PACE_WAITS_BLOCK: return "the server asked for a pause";
	case PACE_WAITS_STRUCK: return "it failed several times: a pause";
	case PACE_WAITS_CONNECTION: return "as many are under way as may be";
	case PACE_WAITS_TURN: break;
	}
	return ready ? "next in line" : "other hosts are asked first";
}

/* From the loop's clock to that of the wall; never into the past. */
static int64_t wall(const struct schedule *s, int64_t now, int64_t ms)
{
	return now + (MAX(ms - schedule_now(s), (int64_t)0) + 999) / 1000;
}

static void take_queues(const struct fetcher *fr, int64_t now, struct view_live *ret, struct arena *a)
{
	struct pace_look *looks = ARENA_NEW_ARRAY(a, struct pace_look, VIEW_QUEUES);
	size_t all;

	ret->queues = ARENA_NEW_ARRAY(a, struct view_queue, VIEW_QUEUES);
	if (!looks || !ret->queues)
		return;
	all = pace_look(schedule_pace(fr->schedule), schedule_now(fr->schedule), looks, VIEW_QUEUES);
	for (size_t i = 0; i < MIN(all, (size_t)VIEW_QUEUES); i++) {
		const struct pace_look *look = &looks[i];
		struct view_queue *to = &ret->queues[ret->queue_count++];

		to->site = arena_dup(a, look->site);
		to->waiting = look->queued;
		to->running = look->running;
		to->why = look->queued || look->why == PACE_WAITS_BLOCK || look->why == PACE_WAITS_STRUCK
				  ? why_text(look->why, fr->config->transfers > ret->running)
				  : "";
		if (*to->why && look->why != PACE_WAITS_CONNECTION)
			to->next_at = wall(fr->schedule, now, look->ready);
	}
	ret->queues_more = all - ret->queue_count;
}

static const char *what_of(const struct fetch *f)
{
	return f->rules ? "robots.txt" : f->feed ? "feed" : f->image ? "image" : "page";
}

static void take_flights(const struct fetcher *fr, int64_t now, struct view_live *ret, struct arena *a)
{
	size_t looked = 0;

	ret->flights = ARENA_NEW_ARRAY(a, struct view_flight, VIEW_FLIGHTS);
	for (const struct fetch *f = fr->first; f && ret->flights && looked < FETCHES_LOOKED_AT;
	     f = f->next) {
		struct view_flight *to;

		looked++;
		if (f->state == FETCH_QUEUED && !f->item.site && !f->ending)
			ret->asking_rules++;
		if (f->state != FETCH_RUNNING)
			continue;
		if (ret->flight_count == VIEW_FLIGHTS) {
			ret->flights_more++;
			continue;
		}
		to = &ret->flights[ret->flight_count++];
		to->url = arena_dup(a, span_str(f->url));
		to->what = what_of(f);
		to->since = now - MAX(schedule_now(fr->schedule) - f->item.started, (int64_t)0) / 1000;
		to->tries = f->tries;
		to->hops = f->seen_count ? f->seen_count - 1u : 0;
	}
}

struct view_live *live_take(const struct serve_context *c, struct arena *a)
{
	struct view_live *ret = ARENA_NEW(a, struct view_live);
	struct fetcher_counts counts = fetcher_counts(c->fetcher);
	uint64_t running, queued;
	int64_t now = clock_now();

	if (!ret)
		return NULL;
	ret->pid = (long)getpid();
	ret->idle = pass_is_idle(c->pass);
	ret->dry_run = c->options->dry_run;
	ret->network_down = counts.network_down;
	ret->running = counts.running;
	ret->queued = counts.queued;
	pass_progress(c->pass, &running, &queued, &ret->in_hand);
	take_flights(c->fetcher, now, ret, a);
	take_queues(c->fetcher, now, ret, a);
	return arena_failed(a) ? NULL : ret;
}
