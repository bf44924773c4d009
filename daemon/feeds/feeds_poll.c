/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/hash.h"
#include "base/url.h"
#include "feeds_inner.h"

enum {
	TELL_FAILURES = 3,          /* a feed that fails is told of when it has failed so often in a row */
	TELL_SECONDS = 24 * 3600,   /* and for so long */
	DEFERRED_SECONDS = 15 * 60, /* for the service, when the fetcher could not ask */
};

static struct span keep(char **to, struct span s)
{
	struct span kept = {*to, s.len};

	if (!s.ptr)
		return SPAN_NONE;
	memcpy(*to, s.ptr, s.len);
	*to += s.len;
	return kept;
}

/* Without memory for the texts only the times are kept: the feed is asked without validators. */
void poll_take(struct subscription *s, const struct store_poll *poll)
{
	struct store_poll p = *poll;
	char *text = malloc(p.final_url.len + p.etag.len + p.last_modified.len + p.reason.len + p.error.len +
			    p.title.len + 1);
	char *to = text;

	p.url = span_str(s->config->url);
	p.final_url = text ? keep(&to, p.final_url) : SPAN_NONE;
	p.etag = text ? keep(&to, p.etag) : SPAN_NONE;
	p.last_modified = text ? keep(&to, p.last_modified) : SPAN_NONE;
	p.reason = text ? keep(&to, p.reason) : SPAN_NONE;
	p.error = text ? keep(&to, p.error) : SPAN_NONE;
	p.title = text ? keep(&to, p.title) : SPAN_NONE;
	free(s->poll_text); /* which *poll may have borrowed from until here */
	s->poll_text = text;
	s->poll = p;
}

static void put(struct subscription *s, const struct store_poll *p)
{
	struct feeds *f = s->feeds;

	poll_take(s, p);
	/* a state that cannot be written is told by store_flush() at the end */
	if (store_put_poll(f->o.store, &s->poll))
		return;
}

bool poll_is_due(const struct subscription *s, int64_t now)
{
	if (s->busy || s->asked || s->gone_at)
		return false;
	if (s->feeds->o.only)
		return strcmp(s->feeds->o.only, s->config->url) == 0;
	/* a clock that was set back must not silence a feed for good */
	return s->feeds->o.force || s->poll.next_at <= now ||
	       (s->poll.next_at != CADENCE_NEVER && s->poll.polled_at > now + CADENCE_HINT_MAX);
}

/* ---- what comes next ---- */

static struct cadence_input input_of(const struct subscription *s, const struct store_poll *p)
{
	const struct feed_settings *settings = &s->config->settings;

	return (struct cadence_input){
		.now = s->feeds->o.now(),
		.seed = hash64(span_str(s->config->url)),
		.floor = settings->floor_ms / 1000,
		.ceiling = MAX(settings->ceiling_ms, settings->floor_ms) / 1000,
		.failures = p->failures,
		.status = p->status,
		.validators = p->etag.len || p->last_modified.len,
		.rhythm = {p->gap, p->newest_at},
		.ttl_minutes = p->ttl_minutes,
		.period_seconds = p->period_seconds,
		.skip_hours = p->skip_hours,
		.skip_days = p->skip_days,
	};
}

void poll_succeeded(struct subscription *s, const struct poll_answer *a, const struct feed *feed)
{
	struct store_poll p = s->poll;
	struct cadence_rhythm rhythm = {p.gap, p.newest_at};
	int64_t now = s->feeds->o.now();
	struct cadence_input in;
	struct cadence next;

	p.final_url = a->final_url;
	/* of a 304 what it does not name is as before; of a 200 it is gone */
	if (feed || a->etag.ptr)
		p.etag = a->etag;
	if (feed || a->last_modified.ptr)
		p.last_modified = a->last_modified;
	p.polled_at = now;
	p.failures = 0;
	p.failing_at = 0;
	p.status = a->status;
	p.error = SPAN_NONE;
	if (feed) {
		cadence_learn(&rhythm, feed, now);
		p.gap = rhythm.gap;
		p.newest_at = rhythm.newest_at;
		p.ttl_minutes = feed->ttl_minutes;
		p.period_seconds = feed->period_seconds;
		p.skip_hours = feed->skip_hours;
		p.skip_days = feed->skip_days;
		p.title = span_sub(feed->title, 0, 400);
	}
	in = input_of(s, &p);
	in.fresh_until = a->fresh_until;
	if (feed && feed->expired)
		in.answer = CADENCE_GONE;
	next = cadence_next(&in);
	p.next_at = next.at;
	p.reason = span_str(next.reason);
	p.unread = a->unread;
	put(s, &p);
}

static void tell_failure(const struct subscription *s, const struct store_poll *p)
{
	char text[700], day[32];
	struct date since = {.seconds = p->failing_at};

	if (p->failures < TELL_FAILURES || p->polled_at - p->failing_at < TELL_SECONDS)
		return;
	/* the same words every time: they are told once */
	(void)snprintf(text, sizeof(text), "the feed has failed since %s: %.*s", date_format(&since, day),
		       SPAN_ARG(p->error));
	report_problem(s->feeds->o.report, SPAN_NONE, SPAN_NONE, 0, 0, span_str(s->config->url), text);
}

static void tell_gone(const struct subscription *s)
{
	report_problem(s->feeds->o.report, SPAN_NONE, SPAN_NONE, 0, 0, span_str(s->config->url),
		       "the feed is gone (410) and is not asked any more; take it out of the configuration");
}

void poll_failed(struct subscription *s, unsigned status, int64_t retry_at, const char *error)
{
	struct store_poll p = s->poll;
	struct cadence_input in;
	struct cadence next;
	int64_t now = s->feeds->o.now();

	p.polled_at = now;
	p.failures++;
	if (!p.failing_at)
		p.failing_at = now;
	p.status = status;
	p.error = span_str(error ? error : "failed");
	in = input_of(s, &p);
	in.answer = status == 410 ? CADENCE_GONE : CADENCE_FAILED;
	in.retry_at = retry_at;
	next = cadence_next(&in);
	p.next_at = next.at;
	p.reason = span_str(next.reason);
	if (status == 410)
		tell_gone(s);
	else
		tell_failure(s, &p);
	put(s, &p);
}

void poll_done(struct subscription *s)
{
	struct feeds *f = s->feeds;

	s->busy = false;
	f->busy--;
	feeds_advance(f);
}

/* ---- asking ---- */

static int64_t retry_after(const struct fetch_reply *reply, int64_t now)
{
	/* what the fetcher makes of an error by itself is not ours: only what the server said */
	for (size_t i = 0; i < reply->header_count; i++)
		if (span_eq_nocase(span_str(reply->headers[i].name), SPAN("retry-after")))
			return MAX(reply->retry_at, now);
	return 0;
}

static void report(const struct subscription *s, const struct fetch_reply *reply)
{
	struct report_counts *counts = report_counts(s->feeds->o.report);
	bool good = reply->outcome == OUTCOME_PAGE;

	counts->bytes += reply->wire_bytes;
	counts->fetched++;
	counts->failed += !good;
	report_fetch(s->feeds->o.report, span_str(s->config->url), span_str(reply->final_url), reply->outcome,
		     reply->status, good ? "feed" : NULL, reply->error, reply->wire_bytes,
		     (uint64_t)(reply->ended_ms - reply->started_ms));
}

static void unchanged(struct subscription *s, struct fetch_reply *reply)
{
	const struct poll_answer a = {
		.final_url = span_str(reply->final_url),
		.etag = reply->freshness.etag,
		.last_modified = reply->freshness.last_modified,
		.fresh_until = reply->freshness.fresh_until,
		.status = reply->status,
		.unread = s->poll.unread && s->feeds->o.dry_run,
	};

	if (s->poll.unread && !s->feeds->o.dry_run) {
		digest_unread(s, &a);
		return;
	}
	if (reply->hops && !s->feeds->o.dry_run) {
		digest_still(s, reply);
		return;
	}
	poll_succeeded(s, &a, NULL);
	poll_done(s);
}

/* Nobody's fault: as it was; the service asks again soon. */
static void put_off(struct subscription *s, const struct fetch_reply *reply)
{
	int64_t now = s->feeds->o.now();

	report_counts(s->feeds->o.report)->deferred++;
	if (reply->status == 429 || reply->status == 503) {
		poll_failed(s, reply->status, MAX(reply->retry_at, now), reply->error);
	} else if (s->feeds->o.stays) {
		s->asked = false;
		s->poll.next_at =
			MAX(reply->retry_at, now + DEFERRED_SECONDS); /* not kept: it was not asked */
	}
	poll_done(s);
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct subscription *s = arg;

	if (reply->deferred) {
		put_off(s, reply);
		return;
	}
	report(s, reply);
	if (reply->outcome != OUTCOME_PAGE) {
		poll_failed(s, reply->status, retry_after(reply, s->feeds->o.now()), reply->error);
		poll_done(s);
	} else if (reply->unchanged) {
		unchanged(s, reply);
	} else {
		digest_reply(s, reply);
	}
}

void poll_start(struct subscription *s)
{
	struct feeds *f = s->feeds;
	const char *url = s->address ? s->address : s->config->url;
	/* the body that a dry run left may be dropped by now: then the validators are worth nothing */
	const struct fetch_known *known = NULL;

	s->busy = s->asked = true;
	f->busy++;
	s->known = (struct fetch_known){s->poll.final_url, s->poll.etag, s->poll.last_modified};
	if (s->poll.final_url.len && (s->poll.etag.len || s->poll.last_modified.len))
		known = &s->known;
	if (fetch_start_subscribed(f->o.fetcher, span_str(url), s->poll.failures, known,
				   s->config->own_host && !s->address ? &s->config->host : NULL, fetched, s))
		poll_done(s); /* the fetcher has stopped, or memory is short: next time */
}
