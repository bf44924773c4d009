/* SPDX-License-Identifier: MIT */
/* feeds_digest.c - what an answer brings: parsed and matched in the pool, put down one feed at a time. */
#include <stdio.h>

#include "base/hash.h"
#include "base/url.h"
#include "feed/move.h"
#include "feeds_inner.h"
#include "reply.h"

enum {
	ARENA_ROUND = 64 << 20,       /* drafts and such of one feed */
	SEEN_SECONDS = 7 * 24 * 3600, /* so old a note of an entry's last sight is brought up to date */
	UNREAD_MAX = 8 * 1024 * 1024, /* bytes of a body that a dry run keeps */
	DRAFTS_AT_ONCE = 5000,        /* of one feed; the rest comes next time */
};

/* A new entry on its way. */
struct arrival {
	size_t entry;
	struct identity_keys keys;
	enum store_fate fate;
	int64_t document; /* of another's, for SAME; -n: the round's nth draft */
	struct store_draft draft;
};

struct digest {
	struct job job;
	struct digest *next;
	struct subscription *s;
	struct fetch_reply reply; /* the body, or empty */
	struct strbuf unread;     /* the body that a dry run had left */
	char *unread_url, *unread_type;
	struct poll_answer answer;
	bool moved, hopped;

	/* what is known, copied for the pool */
	bool known;
	struct store_feed feed;
	struct store_item *items;
	size_t item_count;

	/* from the pool */
	enum err result;
	struct error error;
	struct arena arena, round;
	struct feed *parsed;
	struct identity_policy policy;
	struct identity_keys *keys;
	struct identity_match *match;
	size_t overlap; /* entries that were known */
	struct arrival *arrivals;
	size_t arrival_count, draft_count;
	struct store_item *changes;
	size_t change_count;
	int64_t *seen;
	size_t seen_count;
	uint64_t *links; /* of all entries, now and before, sorted */
	size_t link_count;
	bool still; /* a 304: only where it came from is looked at */
	bool lost;  /* the state had forgotten this feed */
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

/* ---- in the pool ---- */

static enum err parse(struct digest *d)
{
	const struct feed_input in =
		d->unread_url
			? (struct feed_input){strbuf_span(&d->unread), span_str(d->unread_type),
					      span_str(d->unread_url)}
			: (struct feed_input){strbuf_span(&d->reply.body), span_str(d->reply.content_type),
					      span_str(d->reply.final_url)};

	return feed_parse(&in, &d->arena, &d->parsed, &d->error);
}

static enum err match(struct digest *d)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(1 << 20);
	size_t n = d->parsed->entry_count;
	struct identity_keys *known = ARENA_NEW_ARRAY(&d->round, struct identity_keys, d->item_count + 1);
	enum err r = ERR_OK;

	d->keys = ARENA_NEW_ARRAY(&d->round, struct identity_keys, n + 1);
	d->match = ARENA_NEW_ARRAY(&d->round, struct identity_match, n + 1);
	if (arena_failed(&d->round))
		return arena_failed(&d->round);
	for (size_t i = 0; i < d->item_count; i++) {
		const struct store_item *k = &d->items[i];

		known[i] = (struct identity_keys){k->id,   k->link,    k->bare,   k->title,
						  k->date, k->shallow, k->generic};
	}
	for (size_t i = 0; i < n && !r; i++) {
		r = identity_keys(d->parsed, &d->parsed->entries[i], &scratch, &d->keys[i]);
		arena_reset(&scratch);
	}
	d->policy = (struct identity_policy){d->feed.ignore_ids, d->feed.ignore_links, d->feed.new_ids,
					     d->feed.new_links};
	return r ? r : identity_match(&d->policy, known, d->item_count, d->keys, n, d->match);
}

static void put_keys(struct store_item *to, const struct identity_keys *k)
{
	to->id = k->id;
	to->link = k->link;
	to->bare = k->bare;
	to->title = k->title;
	to->date = k->date;
	to->shallow = k->shallow;
	to->generic = k->generic;
}

static enum err note_known(struct digest *d, int64_t now)
{
	size_t n = d->parsed->entry_count;
	size_t arrivals = 0;

	d->changes = ARENA_NEW_ARRAY(&d->round, struct store_item, n + 1);
	d->seen = ARENA_NEW_ARRAY(&d->round, int64_t, n + 1);
	for (size_t i = 0; i < n; i++)
		arrivals += d->match[i].answer == IDENTITY_NEW;
	d->arrivals = ARENA_NEW_ARRAY(&d->round, struct arrival, arrivals + 1);
	if (arena_failed(&d->round))
		return arena_failed(&d->round);
	for (size_t i = 0; i < n; i++) {
		const struct store_item *item;

		if (d->match[i].answer == IDENTITY_NEW)
			d->arrivals[d->arrival_count++] = (struct arrival){.entry = i, .keys = d->keys[i]};
		if (d->match[i].answer != IDENTITY_KNOWN)
			continue;
		d->overlap++;
		item = &d->items[d->match[i].index];
		if (d->match[i].changed) {
			struct store_item *to = &d->changes[d->change_count++];

			*to = *item;
			put_keys(to, &d->keys[i]);
			to->seen_at = now;
		} else if (now - item->seen_at > SEEN_SECONDS) {
			d->seen[d->seen_count++] = item->row;
		}
	}
	return ERR_OK;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static enum err gather_links(struct digest *d)
{
	size_t n = d->parsed->entry_count;

	d->links = ARENA_NEW_ARRAY(&d->round, uint64_t, n + d->item_count + 1);
	if (!d->links)
		return arena_failed(&d->round);
	for (size_t i = 0; i < d->item_count; i++)
		d->links[d->link_count++] = d->items[i].link;
	for (size_t i = 0; i < n; i++)
		if (d->match[i].answer == IDENTITY_NEW)
			d->links[d->link_count++] = d->keys[i].link;
	qsort(d->links, d->link_count, sizeof(*d->links), by_number);
	return ERR_OK;
}

/* Something else in this feed has that link: it is no name of an article, and two feeds that have it do not
 * mean the same. */
static bool is_shared(const struct digest *d, uint64_t link)
{
	size_t low = 0, high = d->link_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (d->links[mid] < link)
			low = mid + 1;
		else
			high = mid;
	}
	return low + 1 < d->link_count && d->links[low + 1] == link;
}

/* ---- the first import ---- */

static int64_t date_of(const struct digest *d, const struct arrival *a)
{
	return d->keys[a->entry].date;
}

/* qsort() has no argument of its own. */
static _Thread_local const struct digest *sorted;

/* Newest first; those without a date stand where the feed has them, behind. */
static int by_date(const void *a, const void *b)
{
	const struct arrival *const *x = a, *const *y = b;
	int64_t dx = date_of(sorted, *x), dy = date_of(sorted, *y);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	return (*x)->entry < (*y)->entry ? -1 : (*x)->entry > (*y)->entry;
}

static enum err first_import(struct digest *d)
{
	const struct feed_first *first = &d->s->config->settings.first;
	struct arrival **list = ARENA_NEW_ARRAY(&d->round, struct arrival *, d->arrival_count + 1);

	if (!list)
		return arena_failed(&d->round);
	for (size_t i = 0; i < d->arrival_count; i++) {
		struct arrival *a = &d->arrivals[i];

		if (d->lost || a->keys.shallow || !there_has(d->s->feeds, a->keys.link))
			continue;
		a->fate = STORE_FATE_SEEN;
		d->lost = d->s->feeds->new_memory;
	}
	for (size_t i = 0; i < d->arrival_count; i++) {
		struct arrival *a = &d->arrivals[i];

		list[i] = a;
		if (d->lost || (first->kind == FEED_FIRST_SINCE && date_of(d, a) < first->since))
			a->fate = STORE_FATE_SEEN;
	}
	if (first->kind != FEED_FIRST_NEWEST || d->lost)
		return ERR_OK;
	sorted = d;
	qsort(list, d->arrival_count, sizeof(struct arrival *), by_date);
	for (size_t i = first->newest; i < d->arrival_count; i++)
		list[i]->fate = STORE_FATE_SEEN;
	return ERR_OK;
}

/* ---- drafts ---- */

static enum err make_draft(struct digest *d, struct arrival *a, int64_t now)
{
	const struct subscription *s = d->s;
	const struct config *config = s->feeds->o.config;
	const struct kit *kit = s->kit;
	const struct feed_entry *entry = &d->parsed->entries[a->entry];
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(DRAFT_JSON_MAX);
	const char *topics[DRAFT_TOPICS];
	struct draft draft;
	enum err r;
	const struct draft_source from = {
		.feed = d->parsed,
		.entry = entry,
		.shape = s->feeds->o.shape,
		.feed_url = span_str(s->config->url),
		.feed_name = span_str(s->config->name),
		.category = span_str(s->config->category),
		.template = strbuf_span(&kit->template),
		.pattern = span_str(s->config->settings.file_name),
		.folder = span_str(kit->folder),
		.defaults = kit->defaults,
		.default_count = kit->default_count,
		.topics = topics,
		.topic_count = rules_topics(kit->topics, entry, topics, DRAFT_TOPICS),
		.excerpt_min = config->excerpt_min,
		.excerpt_max = config->excerpt_max,
		.now = now,
		.ahead = s->config->settings.ahead_ms / 1000,
		.spaced = !s->config->settings.template && strcmp(config->preset, "native") == 0,
		.attach = s->config->settings.attach,
	};

	r = draft_make(&from, &d->arena, &draft);
	if (!r)
		r = draft_encode(&draft, &json);
	if (r)
		return r;
	a->draft = (struct store_draft){
		.link = a->keys.shallow || is_shared(d, a->keys.link) ? 0 : a->keys.link,
		.root = span_str(kit->root->path),
		.deadline = now + s->config->settings.deadline_ms / 1000,
		.draft = arena_dup(&d->arena, strbuf_span(&json)),
	};
	return arena_failed(&d->arena);
}

static enum err judge(struct digest *d, struct arrival *a, int64_t now)
{
	const struct feed_entry *entry = &d->parsed->entries[a->entry];
	const struct kit *kit = d->s->kit;
	struct rule_hit hit;

	if (a->fate == STORE_FATE_SEEN)
		return ERR_OK;
	if (rules_first(kit->drop, entry, &hit) ||
	    (d->s->config->settings.keep.count && !rules_first(kit->keep, entry, &hit))) {
		a->fate = STORE_FATE_DROPPED;
		return ERR_OK;
	}
	return make_draft(d, a, now);
}

static void digest_run(struct job *job)
{
	struct digest *d = CONTAINER_OF(job, struct digest, job);
	int64_t now = d->s->feeds->o.now();
	size_t made = 0;

	d->result = parse(d);
	if (!d->result)
		d->result = match(d);
	if (!d->result)
		d->result = note_known(d, now);
	if (!d->result)
		d->result = gather_links(d);
	if (!d->result && !d->known)
		d->result = first_import(d);
	for (size_t i = 0; i < d->arrival_count && !d->result; i++) {
		/* a document of a hundred thousand entries is worked through bit by bit */
		if (made == DRAFTS_AT_ONCE) {
			d->arrival_count = i;
			d->answer.etag = d->answer.last_modified = SPAN_NONE;
			break;
		}
		d->result = judge(d, &d->arrivals[i], now);
		made += d->arrivals[i].draft.draft.ptr != NULL;
	}
	if (d->result && !d->error.text[0])
		(void)err_set(&d->error, d->result, "%s", err_text(d->result));
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

void digest_reply(struct subscription *s, struct fetch_reply *reply)
{
	struct digest *d = digest_new(s);

	if (!d) {
		poll_done(s);
		return;
	}
	d->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	strbuf_shrink(&d->reply.body);
	d->hopped = d->reply.hops > 0;
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

void digest_still(struct subscription *s, struct fetch_reply *reply)
{
	struct digest *d = digest_new(s);

	if (!d) {
		poll_done(s);
		return;
	}
	d->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	d->still = d->hopped = true;
	d->moved = d->reply.moved;
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
