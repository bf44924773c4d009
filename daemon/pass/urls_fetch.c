/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "urls_inner.h"

#include "base/hash.h"
#include "plan/due.h"

void urls_put(struct urls *u, const struct store_result *result)
{
	/* a state that cannot be written is told by store_flush() at the end */
	if (store_put_result(u->o.store, result))
		return;
}

int64_t urls_page_due(const struct urls *u, struct entry *entry, const struct freshness *f, bool unchanged)
{
	entry->unchanged = unchanged ? entry->unchanged + 1 : 0;
	return due_page(&(struct due_facts){
		.now = u->o.now(),
		.published = entry->published,
		.fresh_until = f->no_store || f->no_cache ? 0 : f->fresh_until,
		.unchanged = entry->unchanged,
		.seed = hash64(span_str(entry->state.key)),
	});
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

/* Whether it says nothing of the page itself, so that an article known from before may still hold. */
static bool is_passing(const struct entry *entry)
{
	unsigned status = entry->state.status;

	switch (entry->state.outcome) {
	case OUTCOME_STATUS: return status == 408 || status == 425 || status == 429 || status >= 500;
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TLS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PROTOCOL:
	case OUTCOME_REFUSED: return true;
	case OUTCOME_NONE:
	case OUTCOME_PAGE:
	case OUTCOME_NOT_HTML:
	case OUTCOME_REDIRECT:
	case OUTCOME_TOO_LARGE:
	case OUTCOME_COUNT:
	default: return false;
	}
}

void urls_put_failure(struct urls *u, struct entry *entry, int64_t at, struct span final_url)
{
	struct store_result result = {
		.url = span_str(entry->state.key),
		.final_url = final_url,
		.outcome = entry->state.outcome,
		.status = entry->state.status,
		.fetched_at = at,
		.expires_at = entry->state.expires_at,
		.failures = entry->failures + 1,
		.error = span_str(entry->error),
		.move_target = entry->move.target,
		.move_times = entry->move.times,
		.move_first = entry->move.first_at,
		.move_last = entry->move.last_at,
	};

	if (entry->known && is_passing(entry)) { /* the page stays, to be asked for by its validators */
		result.final_url = entry->known->validators.final_url;
		result.etag = entry->known->validators.etag;
		result.last_modified = entry->known->validators.last_modified;
		renew_stored(u, &result);
	} else {
		urls_put(u, &result);
	}
}

void urls_fail(struct urls *u, struct entry *entry, const struct fetch_reply *reply, const char *verdict)
{
	report_fetch(u->o.report, span_str(entry->state.key), span_str(reply->final_url), reply->outcome,
		     reply->status, verdict, reply->error, reply->wire_bytes,
		     (uint64_t)(reply->ended_ms - reply->started_ms));
	urls_set_error(entry, reply->error ? reply->error : "failed");
	if (is_unanswered(reply->outcome) && urls_may_be_network(u, entry)) {
		urls_hold(u, entry);
		return;
	}
	report_counts(u->o.report)->failed++;
	if (reply->outcome == OUTCOME_REFUSED && !reply->hops && !reply->forbidden) {
		entry->state.expires_at = 0; /* nothing was asked, and the configuration may change */
	} else {
		urls_put_failure(u, entry, u->o.now(), span_str(reply->final_url));
	}
	urls_settled(u, entry);
}

void urls_put_off(struct urls *u, struct entry *entry, const char *why)
{
	report_counts(u->o.report)->deferred++;
	entry->state.deferred = true;
	urls_set_error(entry, why);
	report_fetch(u->o.report, span_str(entry->state.key), SPAN_NONE, OUTCOME_NONE, entry->state.status,
		     NULL, entry->error, 0, 0);
	urls_settled(u, entry);
}

void urls_note_move(struct entry *entry, const struct fetch_reply *reply, int64_t now)
{
	struct span to = span_str(reply->final_url);
	const struct move_seen seen = {.target = !reply->hops || span_eq_str(to, entry->state.key)
							 ? 0
							 : (hash64(to) | 1) & INT64_MAX,
				       .permanent = !reply->temporary,
				       .overlaps = true,
				       .now = now};

	(void)move_observe(&entry->move, &seen);
}

/* What is known still holds, and for longer; a validator that the answer does not name is as before. */
static void renew(struct urls *u, struct entry *entry, const struct fetch_reply *reply)
{
	const struct fetch_known *known = &entry->known->validators;
	const struct freshness *f = &reply->freshness;

	entry->state.expires_at = urls_page_due(u, entry, f, true);
	urls_note_move(entry, reply, u->o.now());
	const struct store_result result = {
		.url = span_str(entry->state.key),
		.final_url = span_str(reply->final_url),
		.outcome = OUTCOME_PAGE,
		.status = entry->known->status,
		.fetched_at = u->o.now(),
		.expires_at = entry->state.expires_at,
		.etag = f->etag.ptr ? f->etag : known->etag,
		.last_modified = f->last_modified.ptr ? f->last_modified : known->last_modified,
		.unchanged = entry->unchanged,
		.published_at = entry->published,
		.move_target = entry->move.target,
		.move_times = entry->move.times,
		.move_first = entry->move.first_at,
		.move_last = entry->move.last_at,
	};

	entry->state.status = entry->known->status;
	entry->state.verdict = VERDICT_ARTICLE;
	report_fetch(u->o.report, result.url, result.final_url, OUTCOME_PAGE, reply->status,
		     verdict_name(VERDICT_ARTICLE), NULL, reply->wire_bytes,
		     (uint64_t)(reply->ended_ms - reply->started_ms));
	renew_stored(u, &result);
	urls_settled(u, entry);
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct entry *entry = arg;
	struct urls *u = entry->urls;
	struct report_counts *counts = report_counts(u->o.report);

	entry->state.outcome = reply->outcome;
	entry->state.status = reply->status;
	entry->state.expires_at = reply->retry_at;
	counts->bytes += reply->wire_bytes;
	if (reply->deferred) {
		urls_put_off(u, entry, reply->error);
		return;
	}
	if (entry->forbidden && reply->forbidden && !reply->hops) {
		counts->known++;
		urls_set_error(entry, reply->error);
		urls_settled(u, entry);
		return;
	}
	counts->fetched++;
	if (!is_unanswered(reply->outcome) && reply->outcome != OUTCOME_REFUSED)
		urls_heard(u);
	if (reply->outcome == OUTCOME_STATUS && reply->body.len) {
		urls_work_out_refusal(u, entry, reply);
		return;
	}
	if (reply->outcome != OUTCOME_PAGE) {
		urls_fail(u, entry, reply, NULL);
		return;
	}
	if (reply->unchanged) {
		renew(u, entry, reply);
		return;
	}
	urls_work_out(u, entry, reply);
}

void urls_ask(struct urls *u, struct entry *entry)
{
	enum err r;

	entry->phase = FETCHING;
	entry->next = NULL;
	entry->asked_at = u->o.now();
	fetcher_urgent(u->o.fetcher, entry->urgent);
	r = fetch_start_again(u->o.fetcher, span_str(entry->state.key), entry->failures,
			      entry->known ? &entry->known->validators : NULL, fetched, entry);
	fetcher_urgent(u->o.fetcher, false);
	if (r)
		urls_put_off(u, entry, r == ERR_CANCELLED ? "stopped before it was fetched" : err_text(r));
}
