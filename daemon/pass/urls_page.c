/* SPDX-License-Identifier: MIT */
#include <malloc.h>

#include "base/date.h"
#include "base/hash.h"
#include "extract/page_json.h"
#include "extract/site.h"
#include "http/response.h"
#include "urls_inner.h"

enum {
	TRIM_PAGES = 64,
};

/* One page on its way through the thread pool. */
struct extraction {
	struct job job;
	struct entry *entry;
	struct fetch_reply reply;
	struct strbuf json;
	enum verdict verdict;
	int64_t published; /* 0: the page does not say */
	struct site_view site;
	char site_host[256];
	char evidence[160];
	enum err result;
	struct error error;
	bool refusal; /* it came with a status that is no success: only what it is counts */
};

static void extraction_free(struct extraction *x)
{
	reply_release(&x->reply);
	strbuf_release(&x->json);
	free(x);
}

/* Its best date. */
static int64_t published(const struct page *page)
{
	const struct candidate *best = NULL;
	struct date date;

	for (size_t i = 0; i < page->candidate_count; i++)
		if (page->candidates[i].field == FIELD_DATE &&
		    (!best || page->candidates[i].score > best->score))
			best = &page->candidates[i];
	return best && date_parse(best->value, &date) ? date.seconds : 0;
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
	if (x->refusal)
		return;
	x->published = published(page);
	x->result = site_view(page, response.final_url, &arena, &x->site);
	if (!x->result && x->site.count) {
		(void)snprintf(x->site_host, sizeof(x->site_host), "%.*s", SPAN_ARG(x->site.host));
		x->site.host = span_str(x->site_host);
	}
	if (!x->result)
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
	fetcher_window(u->o.fetcher, u->undigested_bytes > u->o.config->limits.in_flight / 2
					     ? 0
					     : at_once - (unsigned)MIN(u->undigested, at_once));
}

static struct span kept_validator(const struct fetch_reply *reply, struct span validator)
{
	return reply->freshness.no_store ? SPAN_NONE : validator;
}

/* What other pages of the host say too is none of a page's own. */
static void put_site(struct urls *u, const struct site_view *v)
{
	struct store_mark marks[SITE_MARKS_MAX];
	const struct store_site_page page = {v->host, v->page, v->title, marks, v->count};

	_Static_assert((int)SITE_MARKS_MAX <= (int)STORE_MARKS_MAX, "all of a page's marks are kept");
	_Static_assert((int)SITE_NEED_MAX <= (int)STORE_NEED_MAX, "and count as they should");
	for (size_t i = 0; i < v->count; i++)
		marks[i] = (struct store_mark){v->marks[i].value, v->marks[i].need};
	if (store_put_site_page(u->o.store, &page, u->o.site_told, u->o.site_told_arg))
		return; /* one page less to learn from */
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
		urls_set_error(entry, text);
		report_counts(u->o.report)->failed++;
		/* it may be better soon: not the lifetime of a good page */
		entry->state.expires_at =
			response_retry_at(OUTCOME_STATUS, x->verdict == VERDICT_SOFT_404 ? 404 : 403,
					  entry->failures + 1, span_str(entry->state.key), now);
	}
	if (article) {
		urls_note_move(entry, &x->reply, now);
		entry->published = x->published;
		entry->state.expires_at =
			urls_page_due(u, entry, &x->reply.freshness,
				      entry->page_hash == (hash64(strbuf_span(&x->json)) | 1));
	}
	report_fetch(u->o.report, span_str(entry->state.key), span_str(x->reply.final_url),
		     entry->state.outcome, entry->state.status, x->result ? NULL : verdict_name(x->verdict),
		     entry->error, x->reply.wire_bytes, (uint64_t)(x->reply.ended_ms - x->reply.started_ms));
	if (x->result)
		urls_put_failure(u, entry, now, span_str(x->reply.final_url));
	else
		urls_put(u,
			 &(struct store_result){
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
				 .unchanged = article ? entry->unchanged : 0,
				 .published_at = x->published,
				 .move_target = entry->move.target,
				 .move_times = entry->move.times,
				 .move_first = entry->move.first_at,
				 .move_last = entry->move.last_at,
			 });
	if (!x->result && x->site.count)
		put_site(u, &x->site);
	digest(u, &x->reply.body, true);
	extraction_free(x);
	urls_settled(u, entry);
}

/* Who shuts us out for now says so in many ways and with any status; the others mean what their status says.
 */
static bool is_shut_out(enum verdict v)
{
	return v == VERDICT_CHALLENGE || v == VERDICT_CONSENT || v == VERDICT_LOGIN || v == VERDICT_PAYWALL;
}

static void refusal_done(struct job *job)
{
	struct extraction *x = CONTAINER_OF(job, struct extraction, job);
	struct entry *entry = x->entry;
	struct urls *u = entry->urls;
	char *text = NULL;

	if (!x->result && (is_shut_out(x->verdict) || x->verdict == VERDICT_PARKED)) {
		if (asprintf(&text, "%s: %s%s%s%s", x->reply.error ? x->reply.error : "",
			     verdict_name(x->verdict), x->evidence[0] ? " (" : "", x->evidence,
			     x->evidence[0] ? ")" : "") < 0)
			text = NULL;
	}
	if (text) {
		free(x->reply.error);
		x->reply.error = text;
		entry->state.verdict = x->verdict;
		if (is_shut_out(x->verdict))
			entry->state.expires_at =
				MAX(x->reply.status == 429 || x->reply.status == 503 ? x->reply.retry_at : 0,
				    response_retry_at(OUTCOME_STATUS, 403, entry->failures + 1,
						      span_str(entry->state.key), u->o.now()));
	}
	urls_fail(u, entry, &x->reply, text ? verdict_name(x->verdict) : NULL);
	digest(u, &x->reply.body, true);
	extraction_free(x);
}

static void start(struct urls *u, struct entry *entry, struct fetch_reply *reply, bool refusal)
{
	struct extraction *x = calloc(1, sizeof(*x));

	if (!x) {
		urls_put_off(u, entry, err_text(ERR_NOMEM));
		return;
	}
	x->entry = entry;
	x->refusal = refusal;
	x->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	strbuf_shrink(&x->reply.body);
	x->json = STRBUF_INIT(PAGE_JSON_MAX);
	entry->phase = EXTRACTING;
	digest(u, &x->reply.body, false);
	lane_submit(&u->extract, &x->job, extract_run, refusal ? refusal_done : extract_done);
}

void urls_work_out(struct urls *u, struct entry *entry, struct fetch_reply *reply)
{
	start(u, entry, reply, false);
}

void urls_work_out_refusal(struct urls *u, struct entry *entry, struct fetch_reply *reply)
{
	start(u, entry, reply, true);
}
