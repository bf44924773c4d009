/* SPDX-License-Identifier: MIT */
/* feeds_read.c - in the pool: a feed parsed, its entries matched with those that were there, the rules,
 * drafts of what is new. */
#include "feeds_digest.h"

enum {
	SEEN_SECONDS = 7 * 24 * 3600, /* so old a note of an entry's last sight is brought up to date */
	DRAFTS_AT_ONCE = 5000,        /* of one feed; the rest comes next time */
};

static enum err parse(struct digest *d)
{
	bool unread = d->unread_url;
	const struct feed_input in = {
		.body = strbuf_span(unread ? &d->unread : &d->reply.body),
		.content_type = span_str(unread ? d->unread_type : d->reply.content_type),
		.base = span_str(unread ? d->unread_url : d->reply.final_url),
		.text_only = true,
	};

	enum err r = feed_parse(&in, &d->arena, &d->parsed, &d->error);

	/* what ends in the middle ends within an entry, as a rule: that one comes whole another time, and
	 * until then no "unchanged" is believed */
	if (!r && d->parsed->cut) {
		d->parsed->entry_count -= d->parsed->entry_count > 0;
		d->answer.etag = d->answer.last_modified = SPAN_NONE;
	}
	return r;
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

/* No word and no link: nothing to make a document of. */
static bool is_nothing(const struct feed_entry *e)
{
	return !e->title.len && !e->summary.len && !e->link.len;
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

		if (d->match[i].answer == IDENTITY_NEW && !is_nothing(&d->parsed->entries[i]))
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
		.score = s->config->settings.score,
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

/* A document of a hundred thousand entries is worked through bit by bit: those for which there is no room
 * this time are as if they had not been seen, and the feed comes whole again. What counts as seen is noted at
 * once. */
static void judge_all(struct digest *d, int64_t now)
{
	size_t kept = 0, made = 0;

	for (size_t i = 0; i < d->arrival_count && !d->result; i++) {
		struct arrival a = d->arrivals[i];

		if (made == DRAFTS_AT_ONCE && a.fate != STORE_FATE_SEEN) {
			d->answer.etag = d->answer.last_modified = SPAN_NONE;
			continue;
		}
		d->result = judge(d, &a, now);
		made += a.draft.draft.ptr != NULL;
		d->arrivals[kept++] = a;
	}
	d->arrival_count = kept;
}

void digest_run(struct job *job)
{
	struct digest *d = CONTAINER_OF(job, struct digest, job);
	int64_t now = d->s->feeds->o.now();

	d->result = parse(d);
	if (!d->result)
		d->result = match(d);
	if (!d->result)
		d->result = note_known(d, now);
	if (!d->result)
		d->result = gather_links(d);
	if (!d->result && !d->known)
		d->result = first_import(d);
	judge_all(d, now);
	if (d->result && !d->error.text[0])
		(void)err_set(&d->error, d->result, "%s", err_text(d->result));
}
