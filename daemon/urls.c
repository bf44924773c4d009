/* SPDX-License-Identifier: MIT */
#include "urls.h"

#include <malloc.h>
#include <stdatomic.h>
#include <uthash.h>

#include "base/url.h"
#include "extract/page_json.h"
#include "http/response.h"
#include "lane.h"
#include "reply.h"

enum {
	LOOKUP_MAX = 500,
	DOWN_HOSTS = 8, /* so many silent hosts, and nobody else, mean that there is no network */
	PAGE_JSON_MAX = 512 * 1024,
	TRIM_PAGES = 64,
	UNDIGESTED_MAX = 4 * 1024 * 1024, /* bytes of pages that wait for the pool: then no hop starts */
};

/* HELD: nobody answered, which may be the network's fault alone; settled when somebody else answers, or when
 * nothing else is left to ask. */
enum phase { LOOKUP, FETCHING, HELD, EXTRACTING, READY };

struct waiter {
	struct waiter *next;
	urls_ready_fn *ready;
	void *arg;
};

/* What is known of a page that may still hold. */
struct known {
	struct fetch_known validators;
	unsigned status;
	char text[]; /* that the spans lie in */
};

struct entry {
	struct url_state state;
	enum phase phase;
	struct urls *urls;
	struct waiter *waiters;
	struct span known_title; /* the least of the waiters', so that the order of arrival does not matter */
	unsigned failures;       /* in a row, before this pass */
	char *error;
	struct known *known; /* NULL: ask for the whole page */
	struct entry *next;  /* in a batch to look up */
	struct entry *next_held;
	int64_t failed_at; /* of what is held */
	UT_hash_handle hh;
};

struct urls {
	struct urls_options o;
	struct entry *table, *batch, **batch_end;
	size_t batch_count, busy, undigested, undigested_bytes;
	atomic_uint digested; /* pages, counted by the pool's threads */
	struct entry *held;
	size_t held_count;
	bool answered; /* somebody out there did */
	bool down;     /* nobody did, and there were many */
	struct lane extract;
	uv_prepare_t prepare;
	bool closed;
};

/* One page on its way through the thread pool. */
struct extraction {
	struct job job;
	struct entry *entry;
	struct fetch_reply reply;
	struct strbuf json;
	enum verdict verdict;
	char evidence[160];
	enum err result;
	struct error error;
};

static void flush(struct urls *u);

static void on_prepare(uv_prepare_t *h)
{
	flush(CONTAINER_OF(h, struct urls, prepare));
}

enum err urls_new(const struct urls_options *options, struct urls **ret, struct error *e)
{
	struct urls *u = calloc(1, sizeof(*u));

	if (!u)
		return err_set(e, ERR_NOMEM, "out of memory");
	u->o = *options;
	u->batch_end = &u->batch;
	lane_init(&u->extract, options->loop, options->extractors);
	uv_prepare_init(options->loop, &u->prepare);
	uv_prepare_start(&u->prepare, on_prepare);
	uv_unref((uv_handle_t *)&u->prepare);
	*ret = u;
	return ERR_OK;
}

static void settle(struct urls *u, struct entry *entry)
{
	entry->phase = READY;
	entry->state.ready = true;
	u->busy--;
	for (struct waiter *w = entry->waiters, *next; w; w = next) {
		next = w->next;
		w->ready(w->arg);
		free(w);
	}
	entry->waiters = NULL;
	if (u->held_count && u->held_count == u->busy)
		u->o.in_doubt(u->o.in_doubt_arg);
}

static void set_error(struct entry *entry, const char *text)
{
	free(entry->error);
	entry->error = text ? strdup(text) : NULL;
	entry->state.error = entry->error;
}

/* ---- what is known from before ---- */

static void start(struct urls *u, struct entry *entry);

/* False: a page of an older kind, which is asked for again. */
static bool stored_verdict(struct span json, enum verdict *ret)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 * PAGE_JSON_MAX);
	struct page *page;

	if (page_from_json(json, &arena, &page, NULL))
		return false;
	*ret = page->verdict;
	return true;
}

static struct span keep(char **to, struct span s)
{
	struct span kept = {*to, s.len};

	if (!s.ptr)
		return SPAN_NONE;
	memcpy(*to, s.ptr, s.len);
	*to += s.len;
	return kept;
}

/* An article that has grown old is asked for only if it is another by now. What was no article is worked out
 * again, title and all. */
static void remember(struct entry *entry, const struct store_result *r)
{
	enum verdict verdict;
	char *to;

	if (r->outcome != OUTCOME_PAGE || !r->final_url.len || (!r->etag.len && !r->last_modified.len) ||
	    !stored_verdict(r->page, &verdict) || verdict != VERDICT_ARTICLE)
		return;
	entry->known =
		calloc(1, sizeof(*entry->known) + r->final_url.len + r->etag.len + r->last_modified.len);
	if (!entry->known)
		return;
	to = entry->known->text;
	entry->known->status = r->status;
	entry->known->validators.final_url = keep(&to, r->final_url);
	entry->known->validators.etag = keep(&to, r->etag);
	entry->known->validators.last_modified = keep(&to, r->last_modified);
}

static void looked_up(void *arg, const struct store_result *results, size_t count)
{
	struct entry *entry = arg, *next;

	for (size_t i = 0; i < count; i++, entry = next) {
		const struct store_result *r = &results[i];
		struct urls *u = entry->urls;
		bool usable = r->outcome != OUTCOME_NONE && r->expires_at > u->o.now() && !u->o.force;
		char text[240];

		next = entry->next;
		entry->failures = r->failures;
		if (usable && r->outcome == OUTCOME_PAGE)
			usable = stored_verdict(r->page, &entry->state.verdict);
		if (!usable) {
			if (!u->o.force)
				remember(entry, r);
			start(u, entry);
			continue;
		}
		report_counts(u->o.report)->known++;
		entry->state.outcome = r->outcome;
		entry->state.status = r->status;
		entry->state.expires_at = r->expires_at;
		(void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(r->error));
		if (r->error.len)
			set_error(entry, text);
		settle(u, entry);
	}
}

static void flush(struct urls *u)
{
	struct span keys[LOOKUP_MAX];
	struct entry *first = u->batch;
	size_t n = 0;

	if (!first)
		return;
	for (struct entry *entry = first; entry; entry = entry->next)
		keys[n++] = span_str(entry->state.key);
	u->batch = NULL;
	u->batch_end = &u->batch;
	u->batch_count = 0;
	if (!store_get_results(u->o.store, keys, n, looked_up, first))
		return;
	/* the state cannot say: ask the servers */
	for (struct entry *entry = first, *next; entry; entry = next) {
		next = entry->next;
		start(u, entry);
	}
}

enum err urls_want(struct urls *u, struct span key, struct span known_title, urls_ready_fn *ready, void *arg,
		   const struct url_state **ret)
{
	struct entry *entry;
	struct waiter *w = NULL;

	HASH_FIND(hh, u->table, key.ptr, key.len, entry);
	if (!entry || entry->phase != READY) {
		w = malloc(sizeof(*w));
		if (!w)
			return ERR_NOMEM;
	}
	if (!entry) {
		char *copy = strndup(key.ptr, key.len);

		entry = calloc(1, sizeof(*entry));
		if (!entry || !copy) {
			free(entry);
			free(copy);
			free(w);
			return ERR_NOMEM;
		}
		entry->urls = u;
		entry->state.key = copy;
		HASH_ADD_KEYPTR(hh, u->table, copy, key.len, entry);
		u->busy++;
		*u->batch_end = entry;
		u->batch_end = &entry->next;
		if (++u->batch_count == LOOKUP_MAX)
			flush(u);
		if (entry->phase == READY) { /* neither the state nor the network is to be had */
			free(w);
			w = NULL;
		}
	}
	if (w) {
		*w = (struct waiter){entry->waiters, ready, arg};
		entry->waiters = w;
		if (known_title.len && entry->phase != EXTRACTING && /* which reads it */
		    (!entry->known_title.ptr || span_cmp(known_title, entry->known_title) < 0)) {
			char *title = strndup(known_title.ptr, known_title.len);

			if (title) {
				free((void *)(uintptr_t)entry->known_title.ptr);
				entry->known_title = span_of(title, known_title.len);
			}
		}
	}
	*ret = &entry->state;
	return ERR_OK;
}

/* ---- asking ---- */

static void put(struct urls *u, const struct store_result *result)
{
	/* a state that cannot be written is told by store_flush() at the end */
	if (store_put_result(u->o.store, result))
		return;
}

static void renew_stored(struct urls *u, const struct store_result *result)
{
	if (store_renew_result(u->o.store, result))
		return; /* as above */
}

static bool is_unanswered(enum outcome o)
{
	return o == OUTCOME_DNS || o == OUTCOME_CONNECT || o == OUTCOME_TIMEOUT;
}

static void put_failure(struct urls *u, struct entry *entry, int64_t at, struct span final_url)
{
	put(u, &(struct store_result){
		       .url = span_str(entry->state.key),
		       .final_url = final_url,
		       .outcome = entry->state.outcome,
		       .status = entry->state.status,
		       .fetched_at = at,
		       .expires_at = entry->state.expires_at,
		       .failures = entry->failures + 1,
		       .error = span_str(entry->error),
	       });
}

/* Blames the servers, or (down) puts all off until there is a network. */
static void release_held(struct urls *u, bool down)
{
	struct entry *list = u->held, *next;
	struct report_counts *counts = report_counts(u->o.report);

	u->held = NULL;
	u->held_count = 0;
	for (struct entry *entry = list; entry; entry = next) {
		next = entry->next_held;
		if (down) {
			counts->deferred++;
			entry->state.deferred = true;
			entry->state.expires_at = 0;
		} else {
			counts->failed++;
			put_failure(u, entry, entry->failed_at, SPAN_NONE);
		}
		settle(u, entry);
	}
}

static void hold(struct urls *u, struct entry *entry)
{
	entry->phase = HELD;
	entry->failed_at = u->o.now();
	entry->next_held = u->held;
	u->held = entry;
	u->held_count++;
	if (u->held_count == u->busy)
		u->o.in_doubt(u->o.in_doubt_arg);
}

static struct span host_of(const struct entry *entry)
{
	struct span url = span_str(entry->state.key);
	ptrdiff_t slashes = span_find(url, SPAN("://"));
	struct span rest = span_sub(url, (size_t)MAX(slashes + 3, 0), url.len);
	ptrdiff_t slash = span_find_byte(rest, '/');

	return span_sub(rest, 0, slash < 0 ? rest.len : (size_t)slash);
}

/* Several hosts at least, and none of them known to be dead from before: what is left of an old collection
 * may well be dead links alone. */
static bool many_hosts_held(const struct urls *u)
{
	struct span hosts[DOWN_HOSTS];
	size_t n = 0;

	for (const struct entry *entry = u->held; entry && n < DOWN_HOSTS; entry = entry->next_held) {
		struct span host = host_of(entry);
		bool seen = entry->failures > 0;

		for (size_t i = 0; i < n && !seen; i++)
			seen = span_eq(hosts[i], host);
		if (!seen)
			hosts[n++] = host;
	}
	return n == DOWN_HOSTS;
}

void urls_judge(struct urls *u)
{
	if (!u->held_count || u->held_count != u->busy)
		return;
	u->down = !u->answered && (many_hosts_held(u) || fetcher_counts(u->o.fetcher).network_down);
	release_held(u, u->down);
}

static void fail(struct urls *u, struct entry *entry, const struct fetch_reply *reply)
{
	set_error(entry, reply->error ? reply->error : "failed");
	if (is_unanswered(reply->outcome) && !u->answered) {
		hold(u, entry);
		return;
	}
	report_counts(u->o.report)->failed++;
	if (reply->outcome == OUTCOME_REFUSED && !reply->hops && !reply->forbidden) {
		entry->state.expires_at = 0; /* nothing was asked, and the configuration may change */
	} else {
		put_failure(u, entry, u->o.now(), span_str(reply->final_url));
	}
	settle(u, entry);
}

/* Nobody's fault: the next run asks. */
static void put_off(struct urls *u, struct entry *entry, const char *why)
{
	report_counts(u->o.report)->deferred++;
	entry->state.deferred = true;
	set_error(entry, why);
	report_fetch(u->o.report, span_str(entry->state.key), SPAN_NONE, OUTCOME_NONE, entry->state.status,
		     NULL, entry->error, 0, 0);
	settle(u, entry);
}

static void extraction_free(struct extraction *x)
{
	reply_release(&x->reply);
	strbuf_release(&x->json);
	free(x);
}

/* Pool thread. */
static void work_out(struct job *job)
{
	struct extraction *x = CONTAINER_OF(job, struct extraction, job);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	struct page_header *headers = ARENA_NEW_ARRAY(&arena, struct page_header, x->reply.header_count + 1);
	struct page *page;

	x->result = arena_failed(&arena);
	if (x->result)
		return;
	for (size_t i = 0; i < x->reply.header_count; i++)
		headers[i] = (struct page_header){span_str(x->reply.headers[i].name),
						  span_str(x->reply.headers[i].value)};
	const struct page_response response = {
		.body = strbuf_span(&x->reply.body),
		.content_type = span_str(x->reply.content_type),
		.requested_url = span_str(x->entry->state.key),
		.final_url = span_str(x->reply.final_url),
		.status = x->reply.status,
		.headers = headers,
		.header_count = x->reply.header_count,
		.known_title = x->entry->known_title,
	};
	x->result = extract_page(&response, &arena, &page, &x->error);
	if (x->result)
		return;
	x->verdict = page->verdict;
	if (page->evidence_count)
		(void)snprintf(x->evidence, sizeof(x->evidence), "%.*s", SPAN_ARG(page->evidence[0]));
	x->result = page_to_json(page, &x->json);
}

/* Pool thread. What big pages left between small things goes back to the system now and then: a sixth less
 * memory at the peak over thousands of pages. */
static void extract_run(struct job *job)
{
	struct urls *u = CONTAINER_OF(job, struct extraction, job)->entry->urls;

	work_out(job);
	if (atomic_fetch_add(&u->digested, 1) % TRIM_PAGES == TRIM_PAGES - 1)
		(void)malloc_trim(0);
}

/* A page in hand is memory in use, whether it still comes or waits for the pool: together they stay within
 * what may be transferred at once, or a fast network would fill the memory before a slow machine. */
static void digest(struct urls *u, const struct strbuf *body, bool done)
{
	unsigned at_once = u->o.config->transfers;

	u->undigested += done ? SIZE_MAX : 1;
	u->undigested_bytes += done ? 0 - body->cap : body->cap;
	fetcher_window(u->o.fetcher, u->undigested_bytes > UNDIGESTED_MAX
					     ? 0
					     : at_once - (unsigned)MIN(u->undigested, at_once));
}

static struct span kept_validator(const struct fetch_reply *reply, struct span validator)
{
	return reply->freshness.no_store ? SPAN_NONE : validator;
}

static void extract_done(struct job *job)
{
	struct extraction *x = CONTAINER_OF(job, struct extraction, job);
	struct entry *entry = x->entry;
	struct urls *u = entry->urls;
	int64_t now = u->o.now();
	char text[768];
	bool article = !x->result && x->verdict == VERDICT_ARTICLE;

	entry->state.verdict = x->verdict;
	if (x->result) {
		(void)snprintf(text, sizeof(text), "the page could not be worked out: %s",
			       x->error.text[0] ? x->error.text : err_text(x->result));
		entry->state.outcome = OUTCOME_TOO_LARGE;
	} else if (!article) {
		(void)snprintf(text, sizeof(text), "not an article but %s%s%s%s", verdict_name(x->verdict),
			       x->evidence[0] ? " (" : "", x->evidence, x->evidence[0] ? ")" : "");
	}
	if (!article) {
		set_error(entry, text);
		report_counts(u->o.report)->failed++;
		/* it may be better soon: not the lifetime of a good page */
		entry->state.expires_at =
			response_retry_at(OUTCOME_STATUS, x->verdict == VERDICT_SOFT_404 ? 404 : 403,
					  entry->failures + 1, span_str(entry->state.key), now);
	}
	report_fetch(u->o.report, span_str(entry->state.key), span_str(x->reply.final_url),
		     entry->state.outcome, entry->state.status, x->result ? NULL : verdict_name(x->verdict),
		     entry->error, x->reply.wire_bytes, (uint64_t)(x->reply.ended_ms - x->reply.started_ms));
	if (x->result)
		put_failure(u, entry, now, span_str(x->reply.final_url));
	else
		put(u, &(struct store_result){
			       .url = span_str(entry->state.key),
			       .final_url = span_str(x->reply.final_url),
			       .outcome = OUTCOME_PAGE,
			       .status = entry->state.status,
			       .fetched_at = now,
			       .expires_at = entry->state.expires_at,
			       .failures = article ? 0 : entry->failures + 1,
			       .error = span_str(entry->error),
			       .etag = kept_validator(&x->reply, x->reply.freshness.etag),
			       .last_modified = kept_validator(&x->reply, x->reply.freshness.last_modified),
			       .page = strbuf_span(&x->json),
		       });
	digest(u, &x->reply.body, true);
	extraction_free(x);
	settle(u, entry);
}

/* What is known still holds, and for longer; a validator that the answer does not name is as before. */
static void renew(struct urls *u, struct entry *entry, const struct fetch_reply *reply)
{
	const struct fetch_known *known = &entry->known->validators;
	const struct freshness *f = &reply->freshness;
	const struct store_result result = {
		.url = span_str(entry->state.key),
		.final_url = span_str(reply->final_url),
		.outcome = OUTCOME_PAGE,
		.status = entry->known->status,
		.fetched_at = u->o.now(),
		.expires_at = entry->state.expires_at,
		.etag = f->etag.ptr ? f->etag : known->etag,
		.last_modified = f->last_modified.ptr ? f->last_modified : known->last_modified,
	};

	entry->state.status = entry->known->status;
	entry->state.verdict = VERDICT_ARTICLE;
	report_fetch(u->o.report, result.url, result.final_url, OUTCOME_PAGE, reply->status,
		     verdict_name(VERDICT_ARTICLE), NULL, reply->wire_bytes,
		     (uint64_t)(reply->ended_ms - reply->started_ms));
	renew_stored(u, &result);
	settle(u, entry);
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct entry *entry = arg;
	struct urls *u = entry->urls;
	struct report_counts *counts = report_counts(u->o.report);
	struct extraction *x;

	entry->state.outcome = reply->outcome;
	entry->state.status = reply->status;
	entry->state.expires_at = reply->retry_at;
	counts->bytes += reply->wire_bytes;
	if (reply->deferred) {
		put_off(u, entry, reply->error);
		return;
	}
	counts->fetched++;
	if (!is_unanswered(reply->outcome) && reply->outcome != OUTCOME_REFUSED && !u->answered) {
		u->answered = true;
		release_held(u, false);
	}
	if (reply->outcome != OUTCOME_PAGE) {
		report_fetch(u->o.report, span_str(entry->state.key), span_str(reply->final_url),
			     reply->outcome, reply->status, NULL, reply->error, reply->wire_bytes,
			     (uint64_t)(reply->ended_ms - reply->started_ms));
		fail(u, entry, reply);
		return;
	}
	if (reply->unchanged) {
		renew(u, entry, reply);
		return;
	}
	x = calloc(1, sizeof(*x));
	if (!x) {
		put_off(u, entry, err_text(ERR_NOMEM));
		return;
	}
	x->entry = entry;
	x->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	strbuf_shrink(&x->reply.body);
	x->json = STRBUF_INIT(PAGE_JSON_MAX);
	entry->phase = EXTRACTING;
	digest(u, &x->reply.body, false);
	lane_submit(&u->extract, &x->job, extract_run, extract_done);
}

static void start(struct urls *u, struct entry *entry)
{
	enum err r;

	entry->phase = FETCHING;
	entry->next = NULL;
	r = fetch_start_again(u->o.fetcher, span_str(entry->state.key), entry->failures,
			      entry->known ? &entry->known->validators : NULL, fetched, entry);
	if (r)
		put_off(u, entry, r == ERR_CANCELLED ? "stopped before it was fetched" : err_text(r));
}

size_t urls_busy(const struct urls *u)
{
	return u->busy;
}

bool urls_network_down(const struct urls *u)
{
	return u->down || (!u->answered && fetcher_counts(u->o.fetcher).network_down);
}

void urls_settle(struct urls *u)
{
	if (!u->closed)
		uv_close((uv_handle_t *)&u->prepare, NULL);
	u->closed = true;
}

struct urls *urls_free(struct urls *u)
{
	struct entry *entry, *next;

	if (!u)
		return NULL;
	HASH_ITER(hh, u->table, entry, next)
	{
		HASH_DEL(u->table, entry);
		free((void *)(uintptr_t)entry->state.key);
		free((void *)(uintptr_t)entry->known_title.ptr);
		free(entry->error);
		free(entry->known);
		free(entry);
	}
	free(u);
	return NULL;
}
