/* SPDX-License-Identifier: MIT */
#include "urls.h"

#include "base/hash.h"
#include "extract/page_json.h"
#include "fetch/gate.h"
#include "urls_inner.h"

enum { LOOKUP_MAX = 500 };

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

static void forget(struct urls *u, struct entry *entry)
{
	if (!entry->detached)
		HASH_DEL(u->table, entry);
	free((void *)(uintptr_t)entry->state.key);
	free((void *)(uintptr_t)entry->known_title.ptr);
	free(entry->error);
	free(entry->known);
	free(entry);
}

/* In --once all are kept: each is asked for once, whatever the state could keep of it. */
static void drop_user(struct urls *u, struct entry *entry)
{
	if (!--entry->users && u->o.stays)
		forget(u, entry);
}

void urls_release(struct urls *u, const struct url_state *state)
{
	drop_user(u, (struct entry *)(uintptr_t)state); /* its first member */
}

void urls_settled(struct urls *u, struct entry *entry)
{
	entry->phase = READY;
	entry->state.ready = true;
	u->busy--;
	entry->users++; /* those who are told may let go */
	for (struct waiter *w = entry->waiters, *next; w; w = next) {
		next = w->next;
		w->ready(w->arg);
		free(w);
	}
	entry->waiters = NULL;
	urls_host_leave(u, entry);
	drop_user(u, entry);
	if (u->held_count && u->held_count == u->busy)
		u->o.in_doubt(u->o.in_doubt_arg);
}

void urls_set_error(struct entry *entry, const char *text)
{
	free(entry->error);
	entry->error = text ? strdup(text) : NULL;
	entry->state.error = entry->error;
}

/* ---- what is known from before ---- */

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

/* An article that has grown old, or that the server could not give the last times, is asked for only if it is
 * another by now. What was no article is worked out again, title and all. */
static void remember(struct entry *entry, const struct store_result *r)
{
	enum verdict verdict;
	char *to;

	if (!r->page.len || !r->final_url.len || (!r->etag.len && !r->last_modified.len) ||
	    !stored_verdict(r->page, &verdict) || verdict != VERDICT_ARTICLE)
		return;
	entry->known =
		calloc(1, sizeof(*entry->known) + r->final_url.len + r->etag.len + r->last_modified.len);
	if (!entry->known)
		return;
	to = entry->known->text;
	entry->known->status = r->outcome == OUTCOME_PAGE ? r->status : 200;
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
		bool usable = r->outcome != OUTCOME_NONE && r->expires_at > u->o.now() && !u->o.force &&
			      r->fetched_at >= entry->since;
		char text[240];

		next = entry->next;
		entry->failures = r->failures;
		entry->asked_at = r->fetched_at;
		if (r->page.ptr) {
			entry->page_hash = hash64(r->page) | 1;
			entry->unchanged = r->unchanged;
			entry->published = r->published_at;
		}
		entry->move =
			(struct move_evidence){r->move_target, r->move_times, r->move_first, r->move_last};
		/* nothing is asked of a server for it while its rules are known, and the configuration or the
		 * rules may have changed */
		entry->forbidden = usable && r->outcome == OUTCOME_REFUSED && gate_said(r->error) &&
				   span_eq_str(r->final_url, entry->state.key);
		usable &= !entry->forbidden;
		if (usable && r->outcome == OUTCOME_PAGE)
			usable = stored_verdict(r->page, &entry->state.verdict);
		if (!usable) {
			if (!u->o.force && !entry->whole)
				remember(entry, r);
			urls_ask(u, entry);
			continue;
		}
		report_counts(u->o.report)->known++;
		entry->state.outcome = r->outcome;
		entry->state.status = r->status;
		entry->state.expires_at = r->expires_at;
		(void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(r->error));
		if (r->error.len)
			urls_set_error(entry, text);
		urls_settled(u, entry);
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
		urls_ask(u, entry);
	}
}

/* That it is known from before is not enough for who asks now: others keep what they have. */
static bool is_too_old(const struct entry *entry, const struct urls_wish *wish)
{
	return entry->phase == READY && entry->asked_at < wish->since;
}

enum err urls_want(struct urls *u, struct span key, struct span known_title, urls_ready_fn *ready, void *arg,
		   const struct urls_wish *wish, const struct url_state **ret)
{
	struct entry *entry;
	struct waiter *w = NULL;

	HASH_FIND(hh, u->table, key.ptr, key.len, entry);
	if (entry && is_too_old(entry, wish)) {
		HASH_DEL(u->table, entry);
		entry->detached = true;
		if (!entry->users)
			forget(u, entry);
		entry = NULL;
	}
	if (!entry || entry->phase != READY) {
		w = malloc(sizeof(*w));
		if (!w)
			return ERR_NOMEM;
	}
	if (entry) {
		entry->users++;
		entry->urgent |= wish->urgent;
		entry->whole |= wish->whole;
		entry->since = MAX(entry->since, wish->since); /* of one that is still to be looked up */
	} else {
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
		entry->urgent = wish->urgent;
		entry->whole = wish->whole;
		entry->since = wish->since;
		entry->users = 1; /* the caller's, before it can be settled */
		HASH_ADD_KEYPTR(hh, u->table, copy, key.len, entry);
		u->busy++;
		urls_host_enter(u, entry);
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
	forget(u, entry);
	urls_hosts_free(u);
	free(u);
	return NULL;
}
