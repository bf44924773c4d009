/* SPDX-License-Identifier: MIT */
/* feeds_digest.c - what an answer brings is put down, one feed at a time. */
#include <stdio.h>

#include "base/hash.h"
#include "base/url.h"
#include "feed/move.h"
#include "feeds_digest.h"
#include "fetch/reply.h"

enum {
	ARENA_ROUND = 64 << 20,       /* drafts and such of one feed */
	UNREAD_MAX = 8 * 1024 * 1024, /* bytes of a body that a dry run keeps */
};

static void digest_free(struct digest *d)
{
	reply_release(&d->reply);
	strbuf_release(&d->unread);
	free(d->unread_url);
	free(d->unread_type);
	free(d->items);
	arena_release(&d->arena);
	arena_release(&d->round);
	free(d);
}

static void finish(struct digest *d)
{
	struct subscription *s = d->s;

	digest_free(d);
	poll_done(s);
}

/* ---- put down, one feed at a time ---- */

static void decide_next(struct feeds *f);

static void decided(struct digest *d)
{
	d->s->feeds->decided_one = false;
	decide_next(d->s->feeds);
}

static void add_drafts(struct digest *d, int64_t first_id)
{
	for (size_t i = 0, n = 0; i < d->arrival_count; i++) {
		struct store_draft row = d->arrivals[i].draft;

		if (d->arrivals[i].fate != STORE_FATE_MADE)
			continue;
		row.id = first_id + (int64_t)n++;
		feeds_add_draft(d->s->feeds, &row);
	}
}

static void keep_unread(struct digest *d)
{
	const struct store_unread unread = {span_str(d->reply.final_url), span_str(d->reply.content_type),
					    strbuf_span(&d->reply.body)};

	if (d->unread_url) { /* it is there already */
		d->answer.unread = true;
		return;
	}
	if (unread.body.len <= UNREAD_MAX &&
	    !store_put_unread(d->s->feeds->o.store, span_str(d->s->config->url), &unread)) {
		d->answer.unread = true;
		return;
	}
	/* then it has to come once more */
	d->answer.etag = d->answer.last_modified = SPAN_NONE;
}

static void close_round(struct digest *d, int64_t first_id)
{
	struct subscription *s = d->s;
	struct feeds *f = s->feeds;

	if (d->still)
		d->answer.unread = s->poll.unread;
	else if (f->o.dry_run)
		keep_unread(d);
	else if (s->poll.unread && store_put_unread(f->o.store, span_str(s->config->url), NULL))
		d->answer.unread = true; /* read once more, which changes nothing */
	if (d->parsed && d->parsed->expired && !f->o.dry_run)
		report_event(f->o.report, SPAN_NONE, SPAN_NONE, "a feed says that it has ended");
	poll_succeeded(s, &d->answer, d->parsed);
	add_drafts(d, first_id);
	finish(d);
}

static void round_kept(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct digest *d = arg;
	struct subscription *s = d->s;

	(void)count;
	decided(d);
	if (!result) {
		s->gone_at = d->feed.gone_at;
		close_round(d, first_id);
		return;
	}
	/* nothing is kept of it: the next run asks again */
	report_problem(s->feeds->o.report, SPAN_NONE, SPAN_NONE, 0, 0, span_str(s->config->url),
		       "the state could not keep what the feed has brought; it is asked again");
	finish(d);
}

/* True: the feed has moved for good. */
static bool observe_move(struct digest *d)
{
	struct subscription *s = d->s;
	struct move_evidence m = {d->feed.move_target, d->feed.move_times, d->feed.move_first,
				  d->feed.move_last};
	const struct move_seen seen = {
		.target = d->hopped ? hash64(d->answer.final_url) : 0,
		.permanent = d->moved,
		.overlaps = d->overlap > 0,
		.now = s->feeds->o.now(),
	};
	bool adopt;

	if (!d->known || d->unread_url || s->feeds->o.dry_run)
		return false;
	adopt = move_observe(&m, &seen);
	d->feed.move_target = m.target;
	d->feed.move_times = m.times;
	d->feed.move_first = m.first_at;
	d->feed.move_last = m.last_at;
	return adopt;
}

static void adopt_move(struct digest *d)
{
	struct subscription *s = d->s;
	char text[2 * 8192 + 200], *address = strndup(d->answer.final_url.ptr, d->answer.final_url.len);

	if (!address)
		return;
	free(s->address);
	s->address = address;
	d->feed.address = span_str(s->address);
	(void)snprintf(
		text, sizeof(text),
		"the feed has moved to %s for good, and is asked there from now on; write this address into "
		"the configuration",
		address);
	report_problem(s->feeds->o.report, SPAN_NONE, SPAN_NONE, 0, 0, span_str(s->config->url), text);
}

static bool policy_changed(const struct digest *d)
{
	return d->policy.ignore_ids != d->feed.ignore_ids || d->policy.ignore_links != d->feed.ignore_links ||
	       d->policy.new_ids != d->feed.new_ids || d->policy.new_links != d->feed.new_links;
}

static void tell_policy(const struct digest *d)
{
	char text[240];

	if (d->policy.ignore_ids == d->feed.ignore_ids && d->policy.ignore_links == d->feed.ignore_links)
		return;
	(void)snprintf(text, sizeof(text), "%s: its entries are told apart %s", d->s->config->url,
		       identity_policy_text(&d->policy));
	report_event(d->s->feeds->o.report, SPAN_NONE, SPAN_NONE, text);
}

static struct store_item item_of(const struct arrival *a, int64_t now)
{
	struct store_item item = {.first_at = now, .seen_at = now, .fate = a->fate, .document = a->document};

	put_keys(&item, &a->keys);
	return item;
}

/* The items and drafts of the round; false: out of memory. */
static bool gather(struct digest *d, struct store_round *round)
{
	size_t n = d->arrival_count + d->change_count;
	struct store_item *items = ARENA_NEW_ARRAY(&d->round, struct store_item, n + 1);
	struct store_draft *drafts = ARENA_NEW_ARRAY(&d->round, struct store_draft, d->arrival_count + 1);

	if (!items || !drafts)
		return false;
	for (size_t i = 0; i < d->arrival_count; i++) {
		struct arrival *a = &d->arrivals[i];

		if (a->fate == STORE_FATE_MADE) {
			drafts[round->draft_count++] = a->draft;
			a->document = -(int64_t)round->draft_count;
		}
		items[round->item_count++] = item_of(a, round->now);
	}
	for (size_t i = 0; i < d->change_count; i++)
		items[round->item_count++] = d->changes[i];
	round->items = items;
	round->drafts = drafts;
	round->seen = d->seen;
	round->seen_count = d->seen_count;
	return true;
}

static void put_round(struct digest *d)
{
	struct subscription *s = d->s;
	struct feeds *f = s->feeds;
	struct store_feed before = d->feed;
	struct store_round round = {.now = f->o.now()};
	bool adopt = observe_move(d), changed;
	enum err r;

	changed = !d->known || d->arrival_count || d->change_count || d->seen_count || policy_changed(d) ||
		  adopt || before.move_target != d->feed.move_target ||
		  before.move_times != d->feed.move_times;
	if (f->o.dry_run) {
		if (!gather(d, &round))
			report_event(f->o.report, SPAN_NONE, SPAN_NONE, "out of memory");
		decided(d);
		close_round(d, 1); /* numbers mean nothing to a dry run */
		return;
	}
	if (!changed) {
		decided(d);
		close_round(d, 0);
		return;
	}
	tell_policy(d);
	if (d->lost)
		report_problem(f->o.report, SPAN_NONE, SPAN_NONE, 0, 0, span_str(s->config->url),
			       "what was known of the feed is lost: what it has now counts as seen");
	if (adopt)
		adopt_move(d);
	d->feed.url = span_str(s->config->url);
	if (!d->known)
		d->feed.first_at = round.now;
	d->feed.ignore_ids = d->policy.ignore_ids;
	d->feed.ignore_links = d->policy.ignore_links;
	d->feed.new_ids = d->policy.new_ids;
	d->feed.new_links = d->policy.new_links;
	round.feed = d->feed;
	r = gather(d, &round) ? store_put_round(f->o.store, &round, round_kept, d) : ERR_NOMEM;
	if (r)
		round_kept(d, r, 0, 0);
}

/* Entries whose article another feed's entry, or an earlier one here, has made a document of already. */
static void made_found(void *arg, bool failed, const struct store_made *made, size_t count)
{
	struct digest *d = arg;

	if (failed) { /* silence proves nothing: better later than twice */
		round_kept(d, ERR_IO, 0, 0);
		return;
	}
	for (size_t i = 0, at = 0; i < d->arrival_count && at < count; i++) {
		struct arrival *a = &d->arrivals[i];

		if (a->fate != STORE_FATE_MADE)
			continue;
		if (made[at].id) {
			a->fate = STORE_FATE_SAME;
			a->document = made[at].id;
		}
		at++;
	}
	put_round(d);
}

static void find_made(struct digest *d)
{
	uint64_t *links = ARENA_NEW_ARRAY(&d->round, uint64_t, d->arrival_count + 1);
	size_t n = 0;

	for (size_t i = 0; i < d->arrival_count && links; i++)
		if (d->arrivals[i].fate == STORE_FATE_MADE)
			links[n++] = d->arrivals[i].draft.link;
	if (!n && links)
		put_round(d);
	else if (!links || store_find_made(d->s->feeds->o.store, links, n, made_found, d))
		round_kept(d, ERR_NOMEM, 0, 0);
}

static void decide_next(struct feeds *f)
{
	struct digest *d = f->deciding;

	if (f->decided_one || !d)
		return;
	f->decided_one = true;
	f->deciding = d->next;
	if (!f->deciding)
		f->deciding_end = &f->deciding;
	find_made(d);
}

static void decide_in_turn(struct digest *d)
{
	struct feeds *f = d->s->feeds;

	d->next = NULL;
	*f->deciding_end = d;
	f->deciding_end = &d->next;
	decide_next(f);
}

static void digest_done(struct job *job)
{
	struct digest *d = CONTAINER_OF(job, struct digest, job);
	struct subscription *s = d->s;
	char text[600];

	if (d->result) {
		if (d->error.line)
			(void)snprintf(text, sizeof(text), "%u:%u: %s", d->error.line, d->error.col,
				       d->error.text);
		else
			(void)snprintf(text, sizeof(text), "%s", d->error.text);
		poll_failed(s, d->answer.status, 0, text);
		finish(d);
		return;
	}
	decide_in_turn(d);
}

/* ---- what is known of it ---- */

static bool copy_items(struct digest *d, const struct store_item *items, size_t count)
{
	d->items = calloc(count + 1, sizeof(*items));
	if (!d->items)
		return false;
	if (count)
		memcpy(d->items, items, count * sizeof(*items));
	d->item_count = count;
	return true;
}

static void feed_known(void *arg, bool failed, const struct store_feed *feed, const struct store_item *items,
		       size_t count)
{
	struct digest *d = arg;
	struct subscription *s = d->s;

	if (failed || !copy_items(d, items, count)) {
		finish(d); /* the state told why, at its end; asked again next time */
		return;
	}
	d->known = feed != NULL;
	if (feed) {
		d->feed = *feed;
		d->feed.address = s->address ? span_str(s->address) : SPAN_NONE;
	}
	if (d->still) {
		d->policy = (struct identity_policy){d->feed.ignore_ids, d->feed.ignore_links,
						     d->feed.new_ids, d->feed.new_links};
		d->overlap = 1; /* it is what it was */
		decide_in_turn(d);
		return;
	}
	/* it was read to its end before, and nothing is left of that: the state was lost */
	d->lost = !feed && s->poll.final_url.len && !s->poll.unread;
	lane_submit(&s->feeds->lane, &d->job, digest_run, digest_done);
}

static struct digest *digest_new(struct subscription *s)
{
	struct digest *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->s = s;
	d->arena = ARENA_INIT(FEED_ARENA_MAX);
	d->round = ARENA_INIT(ARENA_ROUND);
	d->unread = STRBUF_INIT(UNREAD_MAX + 1);
	return d;
}

/* Takes what the reply holds. still: it said that nothing has changed, and so has no body. */
static void digest(struct subscription *s, struct fetch_reply *reply, bool still)
{
	struct digest *d = digest_new(s);

	if (!d) {
		poll_done(s);
		return;
	}
	d->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	strbuf_shrink(&d->reply.body);
	d->still = still;
	d->hopped = still || d->reply.hops > 0;
	d->moved = d->hopped && d->reply.moved;
	d->answer = (struct poll_answer){
		.final_url = span_str(d->reply.final_url),
		.etag = d->reply.freshness.etag,
		.last_modified = d->reply.freshness.last_modified,
		.fresh_until = d->reply.freshness.fresh_until,
		.status = d->reply.status,
	};
	if (store_get_feed(s->feeds->o.store, span_str(s->config->url), feed_known, d))
		finish(d);
}

void digest_reply(struct subscription *s, struct fetch_reply *reply)
{
	digest(s, reply, false);
}

void digest_still(struct subscription *s, struct fetch_reply *reply)
{
	digest(s, reply, true);
}

static void unread_got(void *arg, const struct store_unread *unread)
{
	struct digest *d = arg;

	d->unread_url = unread->final_url.ptr ? strndup(unread->final_url.ptr, unread->final_url.len) : NULL;
	d->unread_type = unread->type.ptr ? strndup(unread->type.ptr, unread->type.len) : NULL;
	if (!unread->body.ptr || !d->unread_url || strbuf_add_span(&d->unread, unread->body) ||
	    store_get_feed(d->s->feeds->o.store, span_str(d->s->config->url), feed_known, d)) {
		/* it is gone: the feed has to come once more */
		d->s->poll.etag = d->s->poll.last_modified = SPAN_NONE;
		finish(d);
	}
}

void digest_unread(struct subscription *s, const struct poll_answer *unchanged)
{
	struct digest *d = digest_new(s);

	if (!d) {
		poll_done(s);
		return;
	}
	if (unchanged)
		d->answer = *unchanged;
	else
		d->answer = (struct poll_answer){.status = s->poll.status};
	/* the reply goes when this returns; what a 304 leaves out is as it was */
	d->answer.final_url = s->poll.final_url;
	d->answer.etag = s->poll.etag;
	d->answer.last_modified = s->poll.last_modified;
	if (store_get_unread(s->feeds->o.store, span_str(s->config->url), unread_got, d))
		finish(d);
}
