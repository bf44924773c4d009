/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <time.h>

#include "base/hash.h"
#include "gate.h"
#include "hop.h"
#include "http/response.h"
#include "reply.h"

enum {
	SCRATCH_MAX = 1 << 20,
	DOUBT_MS = 2000,
	SPREAD_MS = 1000,
	NO_NETWORK_MS = 10000, /* patience with a network that was never there; the service has more */
};

int64_t fetch_wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int64_t on_wall_clock(const struct fetcher *fr, int64_t ms)
{
	return fetch_wall_clock() + (MAX(ms - schedule_now(fr->schedule), 0) + 999) / 1000;
}

const struct host_settings *fetch_settings(const struct fetch *f, struct span host)
{
	return f->settings && !f->wanted ? f->settings : config_host(f->fetcher->config, host);
}

struct span fetch_wanted(const struct fetch *f)
{
	return span_str(f->wanted ? f->wanted : f->url);
}

enum err fetch_parse(struct fetch *f, struct url *ret, struct error *e)
{
	arena_reset(&f->fetcher->scratch);
	return url_parse(span_str(f->url), NULL, &f->fetcher->scratch, ret, e);
}

/* ---- how it ends ---- */

void fetch_set_end(struct fetch *f, enum outcome outcome, const char *text)
{
	f->reply.outcome = outcome;
	free(f->reply.error);
	f->reply.error = text && *text ? strdup(text) : NULL;
}

void fetch_set_shortage(struct fetch *f, const char *text)
{
	fetch_set_end(f, OUTCOME_NONE, text);
	f->reply.deferred = true;
	f->reply.retry_at = fetch_wall_clock();
}

void fetch_set_failure(struct fetch *f, enum outcome outcome, const char *text)
{
	fetch_set_end(f, outcome, text);
	f->reply.retry_at = response_retry_at(outcome, f->reply.status, f->failures + 1, fetch_wanted(f),
					      fetch_wall_clock());
}

void fetch_end_early(struct fetch *f)
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
		fetch_set_end(f, f->reply.outcome, why);
	fetch_end_early(f);
}

static bool too_long(const struct fetcher *fr, int64_t until_ms)
{
	int64_t wait = until_ms - schedule_now(fr->schedule);

	return wait > 0 && (uint64_t)wait > fr->wait_max_ms;
}

void fetch_defer_site(struct fetcher *fr, const struct pace_site *site)
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
	if (!f->reply.started_ms)
		f->reply.started_ms = f->reply.ended_ms;
	*(f->prev ? &f->prev->next : &fr->first) = f->next;
	if (f->next)
		f->next->prev = f->prev;
	fr->done++;
	f->done(f->arg, &f->reply);
	reply_release(&f->reply);
	curl_slist_free_all(f->cookies);
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

/* A proxy's address is all that the socket shows, so what can be seen of the goal is looked at here. */
static enum err guard_behind_proxy(const struct fetch *f, const struct url *url, struct error *e)
{
	const char *proxy = fetch_settings(f, url->host)->proxy, *what;

	what = proxy ? guard_host(transfers_guard(f->fetcher->transfers), url->host) : NULL;
	return what ? err_set(e, ERR_REFUSED, "'%.*s' is %s: not asked of the proxy",
			      (int)MIN(url->host.len, 64), url->host.ptr, what)
		    : ERR_OK;
}

/* libcurl gets what our parser has written, whoever asked: two parsers could read two hosts in one text. */
static enum err take_normal_form(struct fetch *f, const struct url *url)
{
	char *normal;

	if (span_eq_str(url_key(url), f->url))
		return ERR_OK;
	normal = strndup(url_key(url).ptr, url_key(url).len);
	if (!normal)
		return ERR_NOMEM;
	free(f->url);
	f->url = normal;
	return ERR_OK;
}

static void enter_queued(struct fetch *f)
{
	struct fetcher *fr = f->fetcher;
	struct url url;
	struct error e;
	enum err err = fetch_parse(f, &url, &e);
	unsigned delay_ms = 0;

	if (!err)
		err = guard_url(transfers_guard(fr->transfers), &url, &e);
	if (!err)
		err = guard_behind_proxy(f, &url, &e);
	if (!err)
		err = take_normal_form(f, &url);
	if (!err) {
		const struct host_settings *h = fetch_settings(f, url.host);

		note_seen(f, hash64(url_key(&url)) + cookies_hash(f->cookies));
		if (fr->gate && !f->rules) {
			enum gate_answer answer = gate_ask(fr->gate, f, &url, &delay_ms);

			if (answer == GATE_CLOSED)
				fetch_end_early(f);
			if (answer != GATE_OPEN)
				return;
		}
		err = pace_add(schedule_pace(fr->schedule), &f->item, url_registrable(url.host),
			       MAX(h->gap_ms, delay_ms), h->connections, schedule_now(fr->schedule));
	}
	if (err) {
		if (err == ERR_NOMEM)
			fetch_set_shortage(f, err_text(err));
		else
			fetch_set_failure(f, OUTCOME_REFUSED, e.text);
		fetch_end_early(f);
		return;
	}
	if (fr->down_since && !fr->stays && too_long(fr, pace_paused_until(schedule_pace(fr->schedule))))
		defer(f, pace_paused_until(schedule_pace(fr->schedule)), "the network is down");
	else
		fetch_defer_site(fr, f->item.site);
	schedule_kick(fr->schedule);
}

void fetch_queue(struct fetch *f)
{
	enter_queued(f);
}

static void enter_doubt(struct fetch *f)
{
	f->list_next = f->fetcher->doubts;
	f->fetcher->doubts = f;
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
	[FETCH_RUNNING] = {"running", BIT(FETCH_QUEUED) | BIT(FETCH_DOUBT) | BIT(FETCH_DONE),
			   fetch_enter_running},
	[FETCH_DOUBT] = {"in doubt", BIT(FETCH_QUEUED) | BIT(FETCH_DONE), enter_doubt},
	[FETCH_DONE] = {"done", 0, enter_done},
};

/* enter() may free f, so it comes last. */
void fetch_go(struct fetch *f, enum fetch_state to)
{
	assert(states[f->state].next & BIT(to));
	f->state = (uint8_t)to;
	states[to].enter(f);
}

/* ---- turns ---- */

void fetch_answer_doubts(struct fetcher *fr, enum fetch_state to)
{
	for (struct fetch *f; (f = fr->doubts);) {
		fr->doubts = f->list_next;
		fetch_go(f, to);
	}
}

void fetch_acquit_doubts(struct fetcher *fr)
{
	for (struct fetch *f = fr->doubts; f; f = f->list_next) {
		struct url url;

		fetch_set_end(f, OUTCOME_NONE, NULL);
		if (fetch_parse(f, &url, NULL) == ERR_OK)
			pace_calm(schedule_pace(fr->schedule), url_registrable(url.host),
				  schedule_now(fr->schedule));
	}
	fetch_answer_doubts(fr, FETCH_QUEUED);
}

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
	uint64_t patience = fr->stays      ? UINT64_MAX
			    : fr->answered ? fr->wait_max_ms
					   : MIN(fr->wait_max_ms, (uint64_t)NO_NETWORK_MS);

	if (pace_is_down(p)) {
		int64_t until = pace_paused_until(p);

		if (!fr->down_since)
			fr->down_since = MAX(now, 1);
		if (now >= until)
			return; /* probes are under way */
		fetch_acquit_doubts(fr);
		if ((uint64_t)(until - fr->down_since) > patience)
			defer_all(fr, until);
	} else if (fr->doubts && !pace_counts(p).running && pace_due(p, now) > now + DOUBT_MS) {
		/* nobody else is asked: take the failures as they are */
		fetch_answer_doubts(fr, FETCH_DONE);
	}
}

static void on_settle(void *arg)
{
	struct fetcher *fr = arg;
	struct fetch *f;

	pace_window(schedule_pace(fr->schedule),
		    transfers_buffered(fr->transfers) > fr->config->limits.in_flight ? 0 : fr->window);
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
				  .starting = FETCH_RESOLVERS,
				  .down_sites_first = 3,
				  .down_sites = 16,
				  .down_pause_ms = 5000,
				  .ramp = options->gently,
				  .spread_ms = options->gently ? SPREAD_MS : 0,
				  .seed = uv_hrtime()};
	struct fetcher *f = calloc(1, sizeof(*f));
	enum err err;

	if (!f)
		return err_set(e, ERR_NOMEM, "out of memory");
	f->config = options->config;
	f->wait_max_ms = options->wait_max_ms;
	f->stays = options->stays;
	f->window = po.transfers;
	f->scratch = ARENA_INIT(SCRATCH_MAX);
	err = transfers_new(loop, &to, &f->transfers, e);
	if (err) {
		free(f);
		return err;
	}
	if (options->store)
		err = gate_new(f, options->store, &f->gate);
	if (!err)
		err = schedule_new(loop, &po, &calls, f, &f->schedule);
	if (err) {
		/* its handles wait for the loop, so it is turned here */
		transfers_stop(f->transfers);
		uv_run(loop, UV_RUN_NOWAIT);
		transfers_free(f->transfers);
		gate_free(f->gate);
		free(f);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	*ret = f;
	return ERR_OK;
}

enum fetch_kind { FETCH_PAGE, FETCH_RULES, FETCH_FEED, FETCH_SUBSCRIBED };

static enum err start(struct fetcher *fr, struct span url, unsigned failures, const struct fetch_known *known,
		      enum fetch_kind kind, const struct host_settings *settings,
		      const struct fetch_image *image, fetch_done_fn *done, void *arg)
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
	f->known = known;
	f->rules = kind == FETCH_RULES;
	f->feed = kind == FETCH_FEED || kind == FETCH_SUBSCRIBED;
	f->subscribed = kind == FETCH_SUBSCRIBED;
	f->settings = settings;
	f->image = image;
	f->done = done;
	f->arg = arg;
	f->reply.body = STRBUF_INIT(0);
	f->item.urgent = fr->urgent;
	f->next = fr->first;
	if (f->next)
		f->next->prev = f;
	fr->first = f;
	fr->started++;
	enter_queued(f);
	return ERR_OK;
}

void fetcher_urgent(struct fetcher *f, bool urgent)
{
	f->urgent = urgent;
}

enum err fetch_start(struct fetcher *fr, struct span url, unsigned failures, fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, NULL, FETCH_PAGE, NULL, NULL, done, arg);
}

enum err fetch_start_again(struct fetcher *fr, struct span url, unsigned failures,
			   const struct fetch_known *known, fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, known, FETCH_PAGE, NULL, NULL, done, arg);
}

enum err fetch_start_feed(struct fetcher *fr, struct span url, unsigned failures,
			  const struct fetch_known *known, fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, known, FETCH_FEED, NULL, NULL, done, arg);
}

enum err fetch_start_subscribed(struct fetcher *fr, struct span url, unsigned failures,
				const struct fetch_known *known, const struct host_settings *settings,
				fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, known, FETCH_SUBSCRIBED, settings, NULL, done, arg);
}

enum err fetch_start_rules(struct fetcher *fr, struct span url, unsigned failures,
			   const struct fetch_known *known, fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, known, FETCH_RULES, NULL, NULL, done, arg);
}

enum err fetch_start_image(struct fetcher *fr, struct span url, unsigned failures,
			   const struct fetch_known *known, const struct fetch_image *image,
			   fetch_done_fn *done, void *arg)
{
	return start(fr, url, failures, known, FETCH_PAGE, NULL, image, done, arg);
}

void fetcher_stop(struct fetcher *fr)
{
	if (fr->stopped)
		return;
	fr->stopped = true;
	if (fr->gate)
		gate_stop(fr->gate);
	schedule_stop(fr->schedule);
	transfers_stop(fr->transfers);
	for (struct fetch *f; (f = fr->first);) {
		if (!f->ending && f->state != FETCH_DOUBT) {
			pace_remove(schedule_pace(fr->schedule), &f->item, schedule_now(fr->schedule));
			fetch_set_end(f, OUTCOME_NONE, "stopped before it was fetched");
			f->reply.deferred = true;
			f->reply.retry_at = fetch_wall_clock();
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
	gate_free(f->gate);
	schedule_free(f->schedule);
	transfers_free(f->transfers);
	arena_release(&f->scratch);
	cookies_free(f->cookies);
	free(f);
	return NULL;
}

int64_t fetcher_blocked_until(const struct fetcher *f, struct span host)
{
	int64_t until = pace_blocked_until(schedule_pace(f->schedule), url_registrable(host));

	return until > schedule_now(f->schedule) ? on_wall_clock(f, until) : 0;
}

void fetcher_window(struct fetcher *f, unsigned window)
{
	f->window = window;
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
