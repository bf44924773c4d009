/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include <stdio.h>
#include <uthash.h>

#include "http/response.h"
#include "http/robots.h"

enum {
	HOUR = 3600,
	LIFETIME = 24 * HOUR,    /* RFC 9309, section 2.4 */
	OUTAGE = 30 * 24 * HOUR, /* section 2.3.1.4: after so long there are no rules */
	SILENCE_MS =
		3600 * 1000,  /* for so long a silent server is not asked again for its rules, nor for more */
	RULES_MAX = 16 << 20, /* bytes of rules in memory; the state has them all */
};

bool gate_said(struct span text)
{
	return span_starts(text, SPAN("robots.txt "));
}

static const char closed_text[] = "robots.txt does not allow it";

/* ASKING: of the state, then of the server. BROKEN: the server fails, so nothing is allowed. SILENT: nobody
 * answers. */
enum known { UNKNOWN, ASKING, RULES, NO_RULES, BROKEN, SILENT };

struct origin {
	struct gate *gate;
	char *key; /* "robots:" and the origin: that is no URL, so it is nobody's page */
	struct span agent;
	enum known known;
	bool free;           /* its rules need not be asked for: of the last who asked */
	bool site_known;     /* whether its site wanted to be left alone, when it was first met */
	struct robots rules; /* in one block; of the last file, while a newer one may be on its way */
	size_t bytes;
	struct fetch *waiters, **waiters_end;
	/* of the state */
	struct fetch_known validators;
	char *texts; /* that the validators lie in */
	unsigned failures;
	int64_t since; /* when the failures began */
	/* SILENT, BROKEN */
	enum outcome outcome;
	unsigned status;
	char *text;
	int64_t until_ms;
	int64_t until; /* RULES, NO_RULES, BROKEN: seconds since 1970 */
	UT_hash_handle hh;
};

struct gate {
	struct fetcher *fetcher;
	struct store *store;
	struct origin *table;
	size_t bytes;
	bool stopped;
};

static struct span origin_of(const struct origin *o)
{
	return span_sub(span_str(o->key), strlen("robots:"), strlen(o->key));
}

/* ---- rules in memory ---- */

static void drop_rules(struct origin *o)
{
	o->gate->bytes -= o->bytes;
	o->bytes = 0;
	free(o->rules.rules);
	o->rules = (struct robots){NULL, 0, 0};
}

/* Those who are needed again are read from the state again. */
static void make_room(struct gate *g)
{
	struct origin *o, *next;

	HASH_ITER(hh, g->table, o, next)
	{
		if (o->known != RULES)
			continue;
		drop_rules(o);
		o->known = UNKNOWN;
	}
}

static enum err take_rules(struct origin *o, struct span text)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ROBOTS_ARENA_MAX);
	struct robots parsed;
	struct robots_rule *rules;
	size_t bytes = 1;
	char *to;
	enum err err = robots_parse(text, o->agent, &arena, &parsed);

	if (err)
		return err;
	for (size_t i = 0; i < parsed.count; i++)
		bytes += sizeof(*rules) + parsed.rules[i].path.len;
	drop_rules(o);
	if (o->gate->bytes + bytes > RULES_MAX)
		make_room(o->gate);
	rules = malloc(bytes);
	if (!rules)
		return ERR_NOMEM;
	to = (char *)(rules + parsed.count);
	for (size_t i = 0; i < parsed.count; i++) {
		rules[i] = parsed.rules[i];
		memcpy(to, parsed.rules[i].path.ptr, parsed.rules[i].path.len);
		rules[i].path.ptr = to;
		to += rules[i].path.len;
	}
	o->rules = (struct robots){rules, parsed.count, parsed.delay_ms};
	o->bytes = bytes;
	o->gate->bytes += bytes;
	return ERR_OK;
}

/* ---- those who wait ---- */

static struct fetch *take_waiters(struct origin *o)
{
	struct fetch *first = o->waiters;

	o->waiters = NULL;
	o->waiters_end = &o->waiters;
	return first;
}

static void let_go(struct origin *o)
{
	for (struct fetch *f = take_waiters(o), *next; f; f = next) {
		next = f->list_next;
		fetch_queue(f);
	}
}

/* Nothing was learnt, and nobody is to blame. */
static void put_off(struct origin *o, const char *why, int64_t retry_at)
{
	o->known = UNKNOWN;
	for (struct fetch *f = take_waiters(o), *next; f; f = next) {
		next = f->list_next;
		fetch_set_end(f, OUTCOME_NONE, why);
		f->reply.deferred = true;
		f->reply.retry_at = retry_at;
		fetch_end_early(f);
	}
}

static void set_silent(struct origin *o, enum outcome outcome, const char *text)
{
	free(o->text);
	o->text = text ? strdup(text) : NULL;
	o->outcome = outcome;
	o->status = 0;
	o->known = SILENT;
	o->until_ms = schedule_now(o->gate->fetcher->schedule) + SILENCE_MS;
}

static void set_broken(struct origin *o, unsigned status)
{
	if (fetch_wall_clock() - o->since > OUTAGE) {
		o->known = NO_RULES;
		return;
	}
	free(o->text);
	if (asprintf(&o->text, "robots.txt cannot be read (the server answers %u), so nothing is asked for",
		     status) < 0)
		o->text = NULL;
	o->outcome = OUTCOME_REFUSED;
	o->status = status;
	o->known = BROKEN;
}

/* ---- what the server says ---- */

static bool is_broken(unsigned status)
{
	return status == 429 || status >= 500;
}

static void put(struct gate *g, const struct store_result *result, bool renew)
{
	enum err err = renew ? store_renew_result(g->store, result) : store_put_result(g->store, result);

	if (err)
		return; /* it is asked for again by the next pass */
}

/* False: out of memory. */
static bool take_answer(struct origin *o, const struct fetch_reply *reply)
{
	int64_t now = fetch_wall_clock();
	struct store_result result = {.url = span_str(o->key),
				      .final_url = span_str(reply->final_url),
				      .outcome = reply->outcome,
				      .status = reply->status,
				      .fetched_at = now,
				      .expires_at = now + LIFETIME};
	bool found = reply->outcome == OUTCOME_PAGE || reply->outcome == OUTCOME_NOT_HTML;

	if (found && !reply->unchanged) {
		result.page = strbuf_span(&reply->body);
		if (take_rules(o, result.page))
			return false;
	}
	o->known = found ? RULES : NO_RULES;
	if (found) {
		const struct freshness *f = &reply->freshness;

		result.outcome = OUTCOME_PAGE;
		result.status = 200;
		result.etag = f->etag.ptr || !reply->unchanged ? f->etag : o->validators.etag;
		result.last_modified = f->last_modified.ptr || !reply->unchanged
					       ? f->last_modified
					       : o->validators.last_modified;
		if (f->fresh_until > 0)
			result.expires_at = MAX(MIN(f->fresh_until, now + LIFETIME), now + HOUR);
	} else if (is_broken(reply->status)) {
		o->since = o->failures && o->since ? o->since : now;
		result.fetched_at = o->since;
		result.failures = ++o->failures;
		result.expires_at =
			MIN(response_retry_at(OUTCOME_STATUS, reply->status, o->failures, result.url, now),
			    now + LIFETIME);
		set_broken(o, reply->status);
	}
	o->until = result.expires_at;
	put(o->gate, &result, reply->unchanged);
	return true;
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct origin *o = arg;

	if (o->gate->stopped) {
		o->known = UNKNOWN;
		return;
	}
	if (reply->deferred) {
		put_off(o, reply->error, reply->retry_at);
		return;
	}
	switch (reply->outcome) {
	case OUTCOME_PAGE:
	case OUTCOME_NOT_HTML:
	case OUTCOME_STATUS:
	case OUTCOME_REDIRECT: break;
	case OUTCOME_REFUSED:
		/* a redirect to where we do not go: there are no rules there */
		if (reply->hops)
			break;
		set_silent(o, reply->outcome, reply->error);
		let_go(o);
		return;
	case OUTCOME_NONE:
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TLS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PROTOCOL:
	case OUTCOME_TOO_LARGE:
	case OUTCOME_COUNT:
	default:
		set_silent(o, reply->outcome, reply->error);
		let_go(o);
		return;
	}
	if (take_answer(o, reply))
		let_go(o);
	else
		put_off(o, err_text(ERR_NOMEM), fetch_wall_clock());
}

static void ask_server(struct origin *o)
{
	char url[URL_MAX + 16];
	struct span origin = origin_of(o);

	snprintf(url, sizeof(url), "%.*s/robots.txt", (int)MIN(origin.len, (size_t)URL_MAX), origin.ptr);
	fetcher_urgent(o->gate->fetcher, o->waiters && o->waiters->item.urgent);
	enum err r =
		fetch_start_rules(o->gate->fetcher, span_str(url), o->failures, &o->validators, fetched, o);
	fetcher_urgent(o->gate->fetcher, false);
	if (!r)
		return;
	put_off(o, err_text(ERR_NOMEM), fetch_wall_clock());
}

/* ---- what the state says ---- */

static void remember_validators(struct origin *o, const struct store_result *r)
{
	char *to = malloc(r->final_url.len + r->etag.len + r->last_modified.len + 1);
	struct span *texts[] = {&o->validators.final_url, &o->validators.etag, &o->validators.last_modified};
	const struct span from[] = {r->final_url, r->etag, r->last_modified};

	if (!to)
		return;
	free(o->texts);
	o->texts = to;
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		*texts[i] = SPAN_NONE;
		if (!from[i].ptr)
			continue;
		memcpy(to, from[i].ptr, from[i].len);
		*texts[i] = span_of(to, from[i].len);
		to += from[i].len;
	}
}

struct span gate_site_key(char buf[GATE_SITE_KEY_MAX], struct span site)
{
	int n = snprintf(buf, GATE_SITE_KEY_MAX, STORE_SITE_PREFIX "%.*s", SPAN_ARG(site));

	return span_of(buf, (size_t)MIN(n, GATE_SITE_KEY_MAX - 1));
}

/* What an earlier run was told. A clock that was wrong then must not close a site for years. */
static void take_block(struct origin *o, const struct store_result *r)
{
	struct schedule *schedule = o->gate->fetcher->schedule;
	int64_t now = schedule_now(schedule), left = r->expires_at - fetch_wall_clock();

	o->site_known = true;
	if (r->outcome == OUTCOME_STATUS && left > 0 && r->url.len > strlen(STORE_SITE_PREFIX))
		pace_block(schedule_pace(schedule), span_sub(r->url, strlen(STORE_SITE_PREFIX), r->url.len),
			   now + MIN(left, (int64_t)RESPONSE_RETRY_AFTER_MAX) * 1000, now);
}

void gate_keep_block(struct gate *g, struct span site, unsigned status, int64_t until)
{
	char key[GATE_SITE_KEY_MAX];
	const struct store_result result = {.url = gate_site_key(key, site),
					    .outcome = OUTCOME_STATUS,
					    .status = status,
					    .fetched_at = fetch_wall_clock(),
					    .expires_at = until};

	put(g, &result, false);
}

void gate_forgive(struct gate *g)
{
	struct origin *o, *next;

	HASH_ITER(hh, g->table, o, next)
	if (o->known == SILENT)
		o->known = UNKNOWN;
}

static void looked_up(void *arg, const struct store_result *results, size_t count)
{
	struct origin *o = arg;
	const struct store_result *r = results;
	bool holds, file;

	if (o->gate->stopped)
		return;
	if (count > 1)
		take_block(o, &results[1]);
	if (o->free) {
		o->known = UNKNOWN;
		let_go(o);
		return;
	}
	holds = r->outcome != OUTCOME_NONE && r->expires_at > fetch_wall_clock();
	file = r->outcome == OUTCOME_PAGE && !take_rules(o, r->page);
	o->failures = r->failures;
	o->since = r->fetched_at;
	o->until = r->expires_at;
	if (file && !holds)
		remember_validators(o, r);
	if (!holds || (r->outcome == OUTCOME_PAGE && !file)) {
		ask_server(o);
		return;
	}
	o->known = file ? RULES : NO_RULES;
	if (!file && is_broken(r->status))
		set_broken(o, r->status);
	let_go(o);
}

/* ---- the seam ---- */

static struct origin *find(struct gate *g, const struct url *url, struct span agent)
{
	char key[URL_MAX + 16];
	struct origin *o;
	int n = snprintf(key, sizeof(key), "robots:%.*s", SPAN_ARG(url->origin));

	HASH_FIND(hh, g->table, key, (size_t)n, o);
	if (o)
		return o;
	o = calloc(1, sizeof(*o));
	if (!o || !(o->key = strdup(key))) {
		free(o);
		return NULL;
	}
	o->gate = g;
	o->agent = agent;
	o->waiters_end = &o->waiters;
	HASH_ADD_KEYPTR(hh, g->table, o->key, (size_t)n, o);
	return o;
}

static enum gate_answer close_for(struct fetch *f, const struct origin *o)
{
	f->reply.status = o->status;
	f->reply.forbidden = o->known != SILENT;
	fetch_set_failure(f, o->known == RULES ? OUTCOME_REFUSED : o->outcome,
			  o->known == RULES ? closed_text : o->text);
	return GATE_CLOSED;
}

/* What is known holds no longer. */
static bool is_over(const struct origin *o)
{
	if (o->known == SILENT)
		return schedule_now(o->gate->fetcher->schedule) >= o->until_ms;
	return o->known != ASKING && fetch_wall_clock() >= o->until;
}

enum gate_answer gate_ask(struct gate *g, struct fetch *f, const struct url *url, unsigned *delay_ms)
{
	const struct host_settings *h = config_host(g->fetcher->config, url->host);
	/* what a person subscribed to is not a robot's finding; what its site said of waiting holds all the
	 * same */
	bool free = !h->robots || f->subscribed;
	char site[GATE_SITE_KEY_MAX];
	struct span keys[2];
	struct origin *o;

	*delay_ms = 0;
	o = find(g, url, h->user_agent ? span_str(h->user_agent) : SPAN("ingestd"));
	if (!o) {
		fetch_set_shortage(f, err_text(ERR_NOMEM));
		return GATE_CLOSED;
	}
	if (free && o->site_known)
		return GATE_OPEN;
	o->free = free;
	if (is_over(o))
		o->known = UNKNOWN;
	switch (o->free ? MIN(o->known, ASKING) : o->known) {
	case NO_RULES: return GATE_OPEN;
	case RULES:
		*delay_ms = o->rules.delay_ms;
		if (robots_allow(&o->rules, url->path, url->query, &g->fetcher->scratch))
			return GATE_OPEN;
		return close_for(f, o);
	case BROKEN:
	case SILENT: return close_for(f, o);
	case ASKING:
	case UNKNOWN:
	default: break;
	}
	f->list_next = NULL;
	*o->waiters_end = f;
	o->waiters_end = &f->list_next;
	if (o->known == ASKING)
		return GATE_WAIT;
	o->known = ASKING;
	keys[0] = span_str(o->key);
	keys[1] = gate_site_key(site, url_registrable(url->host));
	if (store_get_results(g->store, keys, o->site_known ? 1 : 2, looked_up, o))
		put_off(o, err_text(ERR_BUSY), fetch_wall_clock());
	return GATE_WAIT;
}

enum err gate_new(struct fetcher *fetcher, struct store *store, struct gate **ret)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (!g)
		return ERR_NOMEM;
	g->fetcher = fetcher;
	g->store = store;
	*ret = g;
	return ERR_OK;
}

void gate_stop(struct gate *g)
{
	struct origin *o, *next;

	g->stopped = true;
	HASH_ITER(hh, g->table, o, next)
	{
		o->waiters = NULL;
		o->waiters_end = &o->waiters;
	}
}

struct gate *gate_free(struct gate *g)
{
	struct origin *o, *next;

	if (!g)
		return NULL;
	HASH_ITER(hh, g->table, o, next)
	{
		HASH_DEL(g->table, o);
		free(o->rules.rules);
		free(o->key);
		free(o->text);
		free(o->texts);
		free(o);
	}
	free(g);
	return NULL;
}
