/* SPDX-License-Identifier: MIT */
#include "hop.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "gate.h"
#include "http/robots.h"
#include "reply.h"

enum {
	ERROR_PAGE_MAX = 256 << 10, /* bytes kept of a page that comes with an error: a challenge, say */
	STRIKES_SILENT = 2,         /* failures in a row that a site is forgiven */
	STRIKES_BROKEN = 3,
};

/* A wall-clock second as schedule_now() counts. */
static int64_t on_loop_clock(const struct fetcher *fr, int64_t seconds)
{
	return schedule_now(fr->schedule) + (seconds - fetch_wall_clock()) * 1000;
}

static bool on_image_piece(void *arg, struct transfer *t, struct span piece)
{
	struct fetch *f = arg;
	bool first = !f->started;

	f->started = true;
	return f->image->more(f->arg, t->status,
			      transfer_field(t, t->status == 206 ? "content-range" : "content-length"), piece,
			      first);
}

static struct transfer_wish image_wish(const struct fetch *f, const struct transfer *t)
{
	const struct fetch_image *image = f->image;

	if (t->status != 206 && !response_is_success(t->status))
		return (struct transfer_wish){0};
	return (struct transfer_wish){.keep = image->keep,
				      .truncate = image->truncate,
				      .more = image->more ? on_image_piece : NULL,
				      .pass = image->pass};
}

static struct transfer_wish on_head(void *arg, struct transfer *t)
{
	const struct fetch *f = arg;
	struct span type = transfer_field(t, "content-type");

	if (response_is_redirect(t->status, transfer_field(t, "location")))
		return (struct transfer_wish){0};
	if (f->rules)
		return (struct transfer_wish){.keep = response_is_success(t->status) ? ROBOTS_BYTES + 1 : 0,
					      .truncate = true};
	if (f->image)
		return image_wish(f, t);
	if (f->feed)
		return (struct transfer_wish){
			.keep = response_is_success(t->status) ? f->fetcher->config->feed_bytes : 0};
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
	if (pace_counts(schedule_pace(f->fetcher->schedule)).starting == FETCH_RESOLVERS - 1)
		schedule_kick(f->fetcher->schedule);
}

/* How the site is treated from here on. */
static void judge_site(struct fetch *f, const struct transfer *t, struct span site, int64_t free_at)
{
	struct fetcher *fr = f->fetcher;
	struct pace *p = schedule_pace(fr->schedule);
	int64_t now = schedule_now(fr->schedule);

	if (free_at) {
		pace_block(p, site, on_loop_clock(fr, free_at), now);
		if (fr->gate)
			gate_keep_block(fr->gate, site, t->status, free_at);
	} else if (t->failure == OUTCOME_NONE && t->status == 503)
		pace_strike(p, site, 0, now);
	else if (t->failure == OUTCOME_NONE && t->status >= 500 && t->status < 600)
		pace_strike(p, site, STRIKES_BROKEN, now);
	else if (t->failure == OUTCOME_NONE)
		pace_calm(p, site, now);
	else if (t->failure == OUTCOME_DNS || t->failure == OUTCOME_CONNECT || t->failure == OUTCOME_TLS ||
		 t->failure == OUTCOME_TIMEOUT)
		pace_strike_silent(p, site, STRIKES_SILENT, now);
}

/* The answer is whole: what now? */
static enum fetch_state decide(struct fetch *f, struct transfer *t, const struct url *url, int64_t *free_at)
{
	struct fetcher *fr = f->fetcher;
	struct response r = {t->status, transfer_field(t, "location"), transfer_field(t, "retry-after"),
			     transfer_field(t, "content-type"), strbuf_span(&t->body)};
	struct response_context c = {transfers_guard(fr->transfers),
				     url,
				     fetch_wanted(f),
				     f->seen,
				     f->seen_count,
				     f->tries,
				     f->failures,
				     fetch_wall_clock(),
				     f->conditional,
				     f->image || f->feed,
				     f->image && f->image->last,
				     fr->config->limits.redirects + 1,
				     cookies_hash(f->cookies)};
	struct response_decision d;
	char *next = NULL;

	if (response_decide(&r, &c, &fr->scratch, &d)) {
		fetch_set_shortage(f, err_text(ERR_NOMEM));
		return FETCH_DONE;
	}
	*free_at = d.site_free_at;
	f->reply.status = t->status;
	switch (d.action) {
	case RESPONSE_REDIRECT:
		f->reply.temporary |= !d.permanent;
		next = strndup(url_key(&d.to).ptr, url_key(&d.to).len);
		if (!next) {
			fetch_set_shortage(f, err_text(ERR_NOMEM));
			return FETCH_DONE;
		}
		f->reply.moved = d.permanent && (!f->wanted || f->reply.moved);
		if (f->wanted)
			free(f->url);
		else
			f->wanted = f->url;
		f->url = next;
		f->tries = 0;
		f->identity = f->http1 = false;
		return FETCH_QUEUED;
	case RESPONSE_RETRY:
		fetch_set_end(f, d.outcome, d.text);
		f->tries++;
		*free_at = d.retry_at;
		return FETCH_QUEUED;
	case RESPONSE_DONE:
	case RESPONSE_UNCHANGED:
	case RESPONSE_GIVE_UP:
	default:
		fetch_set_end(f, d.outcome, d.text);
		f->reply.retry_at = d.retry_at;
		if (reply_take(&f->reply, t)) {
			fetch_set_shortage(f, err_text(ERR_NOMEM));
		} else if (d.action != RESPONSE_GIVE_UP) {
			f->reply.unchanged = d.action == RESPONSE_UNCHANGED;
			reply_freshness(&f->reply, c.now);
		}
		return FETCH_DONE;
	}
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
	enum pace_end end = t->failure == OUTCOME_REFUSED || t->shortage ? PACE_NEUTRAL : ends[t->heard];
	int64_t free_at = 0;
	struct url url;
	bool doubt, up = end == PACE_ANSWERED, back = up && pace_is_in_doubt(schedule_pace(fr->schedule));

	f->transfer = NULL;
	f->reply.wire_bytes += t->wire_bytes;
	fr->bytes += t->wire_bytes;
	/* it parsed when it was queued; only memory can have gone since */
	if (fetch_parse(f, &url, NULL)) {
		fetch_set_shortage(f, err_text(ERR_NOMEM));
	} else if (t->shortage) {
		fetch_set_shortage(f, t->text);
	} else if (t->undecodable && !f->identity) {
		f->identity = true;
		to = FETCH_QUEUED;
	} else if (t->http2_broken && !f->http1) {
		f->http1 = true;
		to = FETCH_QUEUED;
	} else {
		cookies_take(&fr->cookies, config_host(fr->config, url.host), t->easy,
			     fr->config->limits.cookies, &f->cookies);
		if (t->failure == OUTCOME_NONE)
			to = decide(f, t, &url, &free_at);
		else {
			f->reply.status = t->status;
			fetch_set_failure(f, t->failure, t->text);
		}
		judge_site(f, t, url_registrable(url.host), free_at);
	}
	doubt = pace_done(schedule_pace(fr->schedule), &f->item, end, schedule_now(fr->schedule));
	/* before anybody who hears of it asks for more */
	if (back && fr->gate)
		gate_forgive(fr->gate);
	fetch_go(f, doubt && to == FETCH_DONE ? FETCH_DOUBT : to);
	if (fr->stopped)
		return;
	fetch_defer_site(fr, site);
	if (up) {
		fr->answered = true;
		fr->down_since = 0;
		fr->gave_up = false;
		/* after a minute without any answer those who failed before this one failed with the network
		 */
		if (back)
			fetch_acquit_doubts(fr);
		else
			fetch_answer_doubts(fr, FETCH_DONE);
	}
	schedule_turn(fr->schedule);
}

/* What browsers call "no-referrer-when-downgrade", and as they do without user-info and fragment. */
static void ask_for_image(const struct fetch *f, const struct url *url, char range[64],
			  struct transfer_request *r)
{
	const struct fetch_image *image = f->image;

	r->accept = SPAN("image/*, */*;q=0.1");
	r->identity = true;
	r->wire_max = image->keep;
	if (image->last) {
		snprintf(range, 64, "bytes=%" PRIu64 "-%" PRIu64, image->first, image->last);
		r->range = span_str(range);
	}
	if (!span_starts(image->referer, SPAN("https:")) || span_eq_str(url->scheme, "https"))
		r->referer = image->referer;
}

static void ask_for_feed(const struct fetch *f, struct transfer_request *r)
{
	r->accept = SPAN("application/atom+xml, application/rss+xml, application/feed+json, "
			 "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1");
	r->wire_max = f->fetcher->config->feed_bytes;
}

void fetch_enter_running(struct fetch *f)
{
	static const struct transfer_calls calls = {on_head, on_resolved, on_done};
	struct fetcher *fr = f->fetcher;
	struct url url;
	struct transfer_request r = {
		.url = f->url,
		.parsed = &url,
		.wire_max = MIN(fr->config->limits.wire, fr->config->page_bytes + ERROR_PAGE_MAX),
		.identity = f->identity,
		.http1 = f->http1,
		.cookies = f->cookies};
	char range[64];
	enum err err = fetch_parse(f, &url, NULL);

	f->started = false;
	f->conditional = f->known && (f->known->etag.len || f->known->last_modified.len) &&
			 span_eq_str(f->known->final_url, f->url);
	if (f->conditional) {
		r.if_none_match = f->known->etag;
		r.if_modified_since = f->known->last_modified;
	}
	if (!err) {
		r.settings = fetch_settings(f, url.host);
		r.jar = cookies_jar(fr->cookies, r.settings);
		if (f->rules)
			r.accept = SPAN("text/plain, */*;q=0.1");
		if (f->image)
			ask_for_image(f, &url, range, &r);
		if (f->feed)
			ask_for_feed(f, &r);
		err = transfers_start(fr->transfers, &r, &calls, f, &f->transfer);
	}
	if (!f->reply.started_ms)
		f->reply.started_ms = schedule_now(fr->schedule);
	if (err) {
		pace_done(schedule_pace(fr->schedule), &f->item, PACE_NEUTRAL, schedule_now(fr->schedule));
		fetch_set_shortage(f, err_text(ERR_NOMEM));
		fetch_end_early(f);
	}
}
