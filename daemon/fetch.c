/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <stdio.h>
#include <time.h>

#include "base/hash.h"
#include "http/response.h"
#include "reply.h"
#include "schedule.h"
#include "transfers.h"

enum {
	SCRATCH_MAX = 1 << 20,
	ERROR_PAGE_MAX = 256 << 10, /* bytes kept of a page that comes with an error: a challenge, say */
	BUFFERED_MAX = 64 << 20,    /* bytes of bodies in flight past which nothing new starts */
	RESOLVERS = 64,             /* Debian's libcurl has a thread for each name that it looks up */
	DOUBT_MS = 2000,
	STRIKES_SILENT = 2, /* failures in a row that a site is forgiven */
	STRIKES_BROKEN = 3,
};

enum fetch_state { FETCH_QUEUED, FETCH_RUNNING, FETCH_DOUBT, FETCH_DONE };

struct fetch {
	struct pace_item item;
	struct fetcher *fetcher;
	struct fetch *prev, *next; /* of all */
	struct fetch *list_next;   /* of `early` or `doubts` */
	struct transfer *transfer; /* while RUNNING */
	char *url;                 /* of the present hop */
	char *wanted;              /* of the first; NULL while it is the same */
	uint64_t seen[RESPONSE_HOPS + 1];
	uint8_t seen_count, tries;
	uint8_t state;
	bool identity; /* ask for no compression */
	bool ending;   /* on the list `early`: reply says how */
	unsigned failures;
	struct fetch_reply reply; /* filled as it becomes known */
	fetch_done_fn *done;
	void *arg;
};

struct fetcher {
	const struct config *config;
	struct schedule *schedule;
	struct transfers *transfers;
	struct fetch *first;
	struct fetch *early;  /* QUEUED, to be DONE at the next turn: they need no transfer */
	struct fetch *doubts; /* DOUBT */
	struct arena scratch; /* for one URL at a time */
	uint64_t wait_max_ms, started, done, bytes;
	int64_t down_since; /* 0: up */
	bool held, gave_up, stopped;
};

static void fetch_go(struct fetch *f, enum fetch_state to);

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* A wall-clock second as schedule_now() counts. */
static int64_t on_loop_clock(const struct fetcher *fr, int64_t seconds)
{
	return schedule_now(fr->schedule) + (seconds - wall_clock()) * 1000;
}

static int64_t on_wall_clock(const struct fetcher *fr, int64_t ms)
{
	return wall_clock() + (MAX(ms - schedule_now(fr->schedule), 0) + 999) / 1000;
}

static struct span wanted(const struct fetch *f)
{
	return span_str(f->wanted ? f->wanted : f->url);
}

/* The parsed URL of the present hop, in the scratch arena. */
static enum err parse_hop(struct fetch *f, struct url *ret, struct error *e)
{
	arena_reset(&f->fetcher->scratch);
	return url_parse(span_str(f->url), NULL, &f->fetcher->scratch, ret, e);
}

/* ---- how it ends ---- */

static void set_end(struct fetch *f, enum outcome outcome, const char *text)
{
	f->reply.outcome = outcome;
	free(f->reply.error);
	f->reply.error = text && *text ? strdup(text) : NULL;
}

static void set_failure(struct fetch *f, enum outcome outcome, const char *text)
{
	set_end(f, outcome, text);
	f->reply.retry_at =
		response_retry_at(outcome, f->reply.status, f->failures + 1, wanted(f), wall_clock());
}

/* The item, which is in no queue, is DONE at the next turn. */
static void end_early(struct fetch *f)
{
	f->ending = true;
	f->list_next = f->fetcher->early;
	f->fetcher->early = f;
	schedule_kick(f->fetcher->schedule);
}

static void defer(struct fetch *f, int64_t until_ms, const char *why)
{
	struct fetcher *fr = f->fetcher;

	pace_remove(schedule_pace(fr->schedule), &f->item, schedule_now(fr->schedule));
	f->reply.deferred = true;
	f->reply.retry_at = on_wall_clock(fr, until_ms);
	if (!f->reply.error)
		set_end(f, f->reply.outcome, why);
	end_early(f);
}

static bool too_long(const struct fetcher *fr, int64_t until_ms)
{
	int64_t wait = until_ms - schedule_now(fr->schedule);

	return wait > 0 && (uint64_t)wait > fr->wait_max_ms;
}

/* What is queued at a site that asks for a long pause need not wait for its turn to hear of it. */
static void defer_site(struct fetcher *fr, const struct pace_site *site)
{
	for (struct pace_item *item; (item = pace_first(site)) && too_long(fr, pace_ready_at(site));)
		defer(CONTAINER_OF(item, struct fetch, item), pace_ready_at(site),
		      "the site asks for a longer wait");
}

static void enter_done(struct fetch *f)
{
	struct fetcher *fr = f->fetcher;

	f->reply.final_url = f->url;
	f->url = NULL;
	f->reply.hops = f->seen_count ? f->seen_count - 1u : 0;
	f->reply.ended_ms = schedule_now(fr->schedule);
	*(f->prev ? &f->prev->next : &fr->first) = f->next;
	if (f->next)
		f->next->prev = f->prev;
	fr->done++;
	f->done(f->arg, &f->reply);
	reply_release(&f->reply);
	free(f->wanted);
	free(f);
}

/* ---- waiting ---- */

/* A hop that is tried again is no new hop. */
static void note_seen(struct fetch *f, uint64_t key)
{
	if (f->seen_count && f->seen[f->seen_count - 1] == key)
		return;
	if (f->seen_count < ARRAY_SIZE(f->seen))
		f->seen[f->seen_count++] = key;
}

static void enter_queued(struct fetch *f)
{
	struct fetcher *fr = f->fetcher;
	struct url url;
	struct error e;
	enum err err = parse_hop(f, &url, &e);

	if (!err)
		err = guard_url(transfers_guard(fr->transfers), &url, &e);
	if (!err) {
		const struct host_settings *h = config_host(fr->config, url.host);

		note_seen(f, hash64(url_key(&url)));
		err = pace_add(schedule_pace(fr->schedule), &f->item, url_registrable(url.host), h->gap_ms,
			       h->connections, schedule_now(fr->schedule));
	}
	if (err) {
		set_failure(f, err == ERR_NOMEM ? OUTCOME_CONNECT : OUTCOME_REFUSED,
			    err == ERR_NOMEM ? "out of memory" : e.text);
		end_early(f);
		return;
	}
	if (fr->down_since && too_long(fr, pace_paused_until(schedule_pace(fr->schedule))))
		defer(f, pace_paused_until(schedule_pace(fr->schedule)), "the network is down");
	else
		defer_site(fr, f->item.site);
	schedule_kick(fr->schedule);
}

static void enter_doubt(struct fetch *f)
{
	f->list_next = f->fetcher->doubts;
	f->fetcher->doubts = f;
}

/* ---- running ---- */

static struct transfer_wish on_head(void *arg, struct transfer *t)
{
	const struct fetch *f = arg;
	struct span type = transfer_field(t, "content-type");

	if (response_is_redirect(t->status, transfer_field(t, "location")))
		return (struct transfer_wish){0};
	if (type.len && !response_is_html(type, SPAN_NONE))
		return (struct transfer_wish){0};
	if (response_is_success(t->status))
		return (struct transfer_wish){.keep = f->fetcher->config->page_bytes};
	return (struct transfer_wish){.keep = MIN(f->fetcher->config->page_bytes, (uint64_t)ERROR_PAGE_MAX),
				      .truncate = true};
}

static void on_resolved(void *arg)
{
	struct fetch *f = arg;

	pace_resolved(schedule_pace(f->fetcher->schedule), &f->item);
	if (pace_counts(schedule_pace(f->fetcher->schedule)).starting == RESOLVERS - 1)
		schedule_kick(f->fetcher->schedule);
}

/* How the site is treated from here on. */
static void judge_site(struct fetch *f, const struct transfer *t, struct span site, int64_t free_at)
{
	struct fetcher *fr = f->fetcher;
	struct pace *p = schedule_pace(fr->schedule);
	int64_t now = schedule_now(fr->schedule);

	if (free_at)
		pace_block(p, site, on_loop_clock(fr, free_at), now);
	else if (t->failure == OUTCOME_NONE && t->status == 503)
		pace_strike(p, site, 0, now);
	else if (t->failure == OUTCOME_NONE && t->status >= 500 && t->status < 600)
		pace_strike(p, site, STRIKES_BROKEN, now);
	else if (t->failure == OUTCOME_NONE)
		pace_calm(p, site, now);
	else if (t->failure == OUTCOME_DNS || t->failure == OUTCOME_CONNECT || t->failure == OUTCOME_TLS ||
		 t->failure == OUTCOME_TIMEOUT)
		pace_strike(p, site, STRIKES_SILENT, now);
}

/* The answer is whole: what now? */
static enum fetch_state decide(struct fetch *f, struct transfer *t, const struct url *url, int64_t *free_at)
{
	struct fetcher *fr = f->fetcher;
	struct response r = {t->status, transfer_field(t, "location"), transfer_field(t, "retry-after"),
			     transfer_field(t, "content-type"), strbuf_span(&t->body)};
	struct response_context c = {transfers_guard(fr->transfers),
				     url,
				     wanted(f),
				     f->seen,
				     f->seen_count,
				     f->tries,
				     f->failures,
				     wall_clock()};
	struct response_decision d;
	char *next = NULL;

	if (response_decide(&r, &c, &fr->scratch, &d)) {
		set_failure(f, OUTCOME_CONNECT, "out of memory");
		return FETCH_DONE;
	}
	*free_at = d.site_free_at;
	f->reply.status = t->status;
	switch (d.action) {
	case RESPONSE_REDIRECT:
		next = strndup(url_key(&d.to).ptr, url_key(&d.to).len);
		if (!next) {
			set_failure(f, OUTCOME_CONNECT, "out of memory");
			return FETCH_DONE;
		}
		if (f->wanted)
			free(f->url);
		else
			f->wanted = f->url;
		f->url = next;
		f->tries = 0;
		f->identity = false;
		return FETCH_QUEUED;
	case RESPONSE_RETRY:
		set_end(f, d.outcome, d.text);
		f->tries++;
		*free_at = d.retry_at;
		return FETCH_QUEUED;
	case RESPONSE_DONE:
	case RESPONSE_GIVE_UP:
	default:
		set_end(f, d.outcome, d.text);
		f->reply.retry_at = d.retry_at;
		if (reply_take(&f->reply, t))
			set_failure(f, OUTCOME_CONNECT, "out of memory");
		return FETCH_DONE;
	}
}

static void answer_doubts(struct fetcher *fr, enum fetch_state to)
{
	for (struct fetch *f; (f = fr->doubts);) {
		fr->doubts = f->list_next;
		fetch_go(f, to);
	}
}

/* Nothing is held against those in doubt: they try again. */
static void acquit_doubts(struct fetcher *fr)
{
	for (struct fetch *f = fr->doubts; f; f = f->list_next) {
		struct url url;

		set_end(f, OUTCOME_NONE, NULL);
		if (parse_hop(f, &url, NULL) == ERR_OK)
			pace_calm(schedule_pace(fr->schedule), url_registrable(url.host),
				  schedule_now(fr->schedule));
	}
	answer_doubts(fr, FETCH_QUEUED);
}

static void on_done(void *arg, struct transfer *t)
{
	static const enum pace_end ends[] = {[HEARD_NOTHING] = PACE_SILENT,
					     [HEARD_REFUSAL] = PACE_NEUTRAL,
					     [HEARD_SERVER] = PACE_ANSWERED};
	struct fetch *f = arg;
	struct fetcher *fr = f->fetcher;
	struct pace_site *site = f->item.site;
	enum fetch_state to = FETCH_DONE;
	enum pace_end end = t->failure == OUTCOME_REFUSED ? PACE_NEUTRAL : ends[t->heard];
	int64_t free_at = 0;
	struct url url;
	bool doubt, up = end == PACE_ANSWERED;

	f->transfer = NULL;
	f->reply.wire_bytes += t->wire_bytes;
	fr->bytes += t->wire_bytes;
	/* it parsed when it was queued; only memory can have gone since */
	if (parse_hop(f, &url, NULL)) {
		set_failure(f, OUTCOME_CONNECT, "out of memory");
	} else if (t->undecodable && !f->identity) {
		f->identity = true;
		to = FETCH_QUEUED;
	} else {
		if (t->failure == OUTCOME_NONE)
			to = decide(f, t, &url, &free_at);
		else {
			f->reply.status = t->status;
			set_failure(f, t->failure, t->text);
		}
		judge_site(f, t, url_registrable(url.host), free_at);
	}
	doubt = pace_done(schedule_pace(fr->schedule), &f->item, end, schedule_now(fr->schedule));
	fetch_go(f, doubt && to == FETCH_DONE ? FETCH_DOUBT : to);
	if (fr->stopped)
		return;
	defer_site(fr, site);
	if (up) {
		fr->down_since = 0;
		fr->gave_up = false;
		answer_doubts(fr, FETCH_DONE);
	}
	schedule_turn(fr->schedule);
}

static void enter_running(struct fetch *f)
{
	static const struct transfer_calls calls = {on_head, on_resolved, on_done};
	struct fetcher *fr = f->fetcher;
	struct transfer_request r = {
		.url = f->url, .wire_max = fr->config->page_bytes + ERROR_PAGE_MAX, .identity = f->identity};
	struct url url;
	enum err err = parse_hop(f, &url, NULL);

	if (!err) {
		r.settings = config_host(fr->config, url.host);
		err = transfers_start(fr->transfers, &r, &calls, f, &f->transfer);
	}
	if (!f->reply.started_ms)
		f->reply.started_ms = schedule_now(fr->schedule);
	if (err) {
		pace_done(schedule_pace(fr->schedule), &f->item, PACE_NEUTRAL, schedule_now(fr->schedule));
		set_failure(f, OUTCOME_CONNECT, "out of memory");
		end_early(f);
	}
}

/* ---- the table ---- */

#define BIT(state) (1u << (state))

/* QUEUED --> RUNNING --> DONE
 *  ^ ^          | |       ^      any state may go to DONE: that is a cancel
 *  | +----------+ v       |
 *  +---------- DOUBT -----+      DOUBT: failed in silence; was it the server, or the whole network? */
static const struct {
	const char *name;
	unsigned next;
	void (*enter)(struct fetch *f);
} states[] = {
	[FETCH_QUEUED] = {"queued", BIT(FETCH_RUNNING) | BIT(FETCH_DONE), enter_queued},
	[FETCH_RUNNING] = {"running", BIT(FETCH_QUEUED) | BIT(FETCH_DOUBT) | BIT(FETCH_DONE), enter_running},
	[FETCH_DOUBT] = {"in doubt", BIT(FETCH_QUEUED) | BIT(FETCH_DONE), enter_doubt},
	[FETCH_DONE] = {"done", 0, enter_done},
};

/* The one place where a fetch changes state. enter() may free f, so it comes last. */
static void fetch_go(struct fetch *f, enum fetch_state to)
{
	assert(states[f->state].next & BIT(to));
	f->state = (uint8_t)to;
	states[to].enter(f);
}

/* ---- turns ---- */

static void on_start(void *arg, struct pace_item *item)
{
	(void)arg;
	fetch_go(CONTAINER_OF(item, struct fetch, item), FETCH_RUNNING);
}

static void defer_all(struct fetcher *fr, int64_t until)
{
	fr->gave_up = true;
	for (struct pace_item *item; (item = pace_any(schedule_pace(fr->schedule)));)
		defer(CONTAINER_OF(item, struct fetch, item), until, "the network is down");
}

static void settle_network(struct fetcher *fr)
{
	struct pace *p = schedule_pace(fr->schedule);
	int64_t now = schedule_now(fr->schedule);

	if (pace_is_down(p)) {
		int64_t until = pace_paused_until(p);

		if (!fr->down_since)
			fr->down_since = MAX(now, 1);
		if (now >= until)
			return; /* probes are under way */
		acquit_doubts(fr);
		if ((uint64_t)(until - fr->down_since) > fr->wait_max_ms)
			defer_all(fr, until);
	} else if (fr->doubts && !pace_counts(p).running && pace_due(p, now) > now + DOUBT_MS) {
		/* nobody else is asked: take the failures as they are */
		answer_doubts(fr, FETCH_DONE);
	}
}

static void on_settle(void *arg)
{
	struct fetcher *fr = arg;
	struct fetch *f;

	pace_hold(schedule_pace(fr->schedule), fr->held || transfers_buffered(fr->transfers) > BUFFERED_MAX);
	settle_network(fr);
	while (!fr->stopped && (f = fr->early)) {
		fr->early = f->list_next;
		fetch_go(f, FETCH_DONE);
	}
}

/* ---- the seam ---- */

enum err fetcher_new(uv_loop_t *loop, const struct fetcher_options *options, struct fetcher **ret,
		     struct error *e)
{
	static const struct schedule_calls calls = {on_start, on_settle};
	struct transfers_options to = {options->config, options->version, options->connect_timeout_ms,
				       options->low_speed_seconds};
	struct pace_options po = {.transfers = MAX(options->config->transfers, 1u),
				  .starting = RESOLVERS,
				  .down_sites_first = 3,
				  .down_sites = 16,
				  .down_pause_ms = 5000};
	struct fetcher *f = calloc(1, sizeof(*f));
	enum err err;

	if (!f)
		return err_set(e, ERR_NOMEM, "out of memory");
	f->config = options->config;
	f->wait_max_ms = options->wait_max_ms;
	f->scratch = ARENA_INIT(SCRATCH_MAX);
	err = transfers_new(loop, &to, &f->transfers, e);
	if (err) {
		free(f);
		return err;
	}
	err = schedule_new(loop, &po, &calls, f, &f->schedule);
	if (err) {
		/* its handles wait for the loop, so it is turned here */
		transfers_stop(f->transfers);
		uv_run(loop, UV_RUN_NOWAIT);
		transfers_free(f->transfers);
		free(f);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	*ret = f;
	return ERR_OK;
}

enum err fetch_start(struct fetcher *fr, struct span url, unsigned failures, fetch_done_fn *done, void *arg)
{
	struct fetch *f = fr->stopped ? NULL : calloc(1, sizeof(*f));

	if (!f)
		return fr->stopped ? ERR_CANCELLED : ERR_NOMEM;
	f->url = strndup(url.ptr ? url.ptr : "", MIN(url.len, (size_t)URL_MAX + 1));
	if (!f->url) {
		free(f);
		return ERR_NOMEM;
	}
	f->fetcher = fr;
	f->failures = failures;
	f->done = done;
	f->arg = arg;
	f->reply.body = STRBUF_INIT(0);
	f->next = fr->first;
	if (f->next)
		f->next->prev = f;
	fr->first = f;
	fr->started++;
	enter_queued(f);
	return ERR_OK;
}

void fetcher_stop(struct fetcher *fr)
{
	if (fr->stopped)
		return;
	fr->stopped = true;
	schedule_stop(fr->schedule);
	transfers_stop(fr->transfers);
	for (struct fetch *f; (f = fr->first);) {
		if (!f->ending && f->state != FETCH_DOUBT) {
			pace_remove(schedule_pace(fr->schedule), &f->item, schedule_now(fr->schedule));
			set_end(f, OUTCOME_NONE, "stopped before it was fetched");
			f->reply.deferred = true;
			f->reply.retry_at = wall_clock();
		}
		fetch_go(f, FETCH_DONE);
	}
	fr->early = fr->doubts = NULL;
}

struct fetcher *fetcher_free(struct fetcher *f)
{
	if (!f)
		return NULL;
	assert(f->stopped);
	schedule_free(f->schedule);
	transfers_free(f->transfers);
	arena_release(&f->scratch);
	free(f);
	return NULL;
}

void fetcher_hold(struct fetcher *f, bool hold)
{
	f->held = hold;
	if (!f->stopped)
		schedule_kick(f->schedule);
}

struct fetcher_counts fetcher_counts(const struct fetcher *f)
{
	struct pace_counts c = pace_counts(schedule_pace(f->schedule));

	return (struct fetcher_counts){.started = f->started,
				       .done = f->done,
				       .bytes = f->bytes,
				       .queued = (unsigned)c.queued,
				       .running = c.running,
				       /* with room for more, each that is queued waits for its site */
				       .waiting = c.running < f->config->transfers ? (unsigned)c.queued : 0,
				       .network_down = f->gave_up || f->down_since};
}
