/* SPDX-License-Identifier: MIT */
/* feeds.c - feeds, their entries and the documents made of these: memory.db. */
#include "store/feeds.h"
#include "store/internal.h"

enum { FEEDS_MAX = 1000000, ITEMS_MAX = 1000000 };

#define X(name, text) [STORE_FATE_##name] = text,
static const char *const fates[STORE_FATE_COUNT] = {STORE_FATE_MAP(X)};
#undef X

const char *store_fate_name(enum store_fate f)
{
	return fates[f];
}

static enum store_fate fate_by_name(struct span name)
{
	for (enum store_fate f = 0; f < STORE_FATE_COUNT; f++)
		if (span_eq_str(name, fates[f]))
			return f;
	return STORE_FATE_SEEN;
}

static enum err no_room(struct arena *a, struct error *e)
{
	enum err r = arena_failed(a);

	return r ? err_set(e, r, "%s", err_text(r)) : ERR_OK;
}

/* An array in the arena that has room for one more. NULL: the arena is full. */
static void *grown(struct arena *a, void *list, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return list;
	*room = MAX(2 * *room, (size_t)64);
	more = arena_zalloc(a, *room * size);
	if (more && count)
		memcpy(more, list, count * size);
	return more;
}

/* ---- feeds ---- */

#define FEED_COLUMNS                                                                         \
	"id, url, first_at, address, gone_at, ignore_ids, ignore_links, new_ids, new_links," \
	" move_target, move_times, move_first, move_last"

static void read_feed(sqlite3_stmt *st, struct arena *a, struct store_feed *f)
{
	*f = (struct store_feed){
		.id = sqlite3_column_int64(st, 0),
		.url = arena_dup(a, column_span(st, 1)),
		.first_at = sqlite3_column_int64(st, 2),
		.address = arena_dup(a, column_span(st, 3)),
		.gone_at = sqlite3_column_int64(st, 4),
		.ignore_ids = sqlite3_column_int(st, 5) != 0,
		.ignore_links = sqlite3_column_int(st, 6) != 0,
		.new_ids = (unsigned)sqlite3_column_int64(st, 7),
		.new_links = (unsigned)sqlite3_column_int64(st, 8),
		.move_target = (uint64_t)sqlite3_column_int64(st, 9),
		.move_times = (unsigned)sqlite3_column_int64(st, 10),
		.move_first = sqlite3_column_int64(st, 11),
		.move_last = sqlite3_column_int64(st, 12),
	};
}

struct get_feeds {
	struct request r;
	store_feeds_fn *fn;
	void *arg;
	struct store_feed *feeds;
	size_t count;
};

static enum err feeds_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_feeds *g = CONTAINER_OF(r, struct get_feeds, r);
	size_t room = 0;
	sqlite3_stmt *st;
	bool row = true;
	enum err result = database_statement(d, SQL_FEED_LIST,
					     "SELECT " FEED_COLUMNS " FROM feed ORDER BY url", &st, e);

	g->count = 0;
	g->feeds = NULL;
	while (!result && g->count < FEEDS_MAX) {
		result = database_row(d, st, &row, e);
		if (result || !row)
			break;
		g->feeds = grown(answers, g->feeds, g->count, &room, sizeof(*g->feeds));
		if (g->feeds)
			read_feed(st, answers, &g->feeds[g->count++]);
		result = no_room(answers, e);
	}
	(void)sqlite3_reset(st);
	if (result)
		g->count = 0;
	return result;
}

static void feeds_done(struct request *r)
{
	const struct get_feeds *g = CONTAINER_OF(r, struct get_feeds, r);

	g->fn(g->arg, g->feeds, g->count);
}

enum err store_get_feeds(struct store *s, store_feeds_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, false, feeds_run, feeds_done};
	struct get_feeds *g;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*g), 0, &r);

	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_feeds, r);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}

/* ---- one feed with its entries ---- */

struct get_feed {
	struct request r;
	struct span url;
	store_feed_fn *fn;
	void *arg;
	bool known;
	struct store_feed feed;
	struct store_item *items;
	size_t count;
};

static enum err find_feed(struct database *d, struct span url, struct arena *a, struct store_feed *ret,
			  bool *found, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(d, SQL_FEED_FIND, "SELECT " FEED_COLUMNS " FROM feed WHERE url = ?1",
					&st, e);

	*found = false;
	if (r)
		return r;
	bind_text(st, 1, url);
	r = database_row(d, st, found, e);
	if (r || !*found)
		return r;
	read_feed(st, a, ret);
	(void)sqlite3_reset(st);
	return no_room(a, e);
}

static void read_item(sqlite3_stmt *st, struct store_item *i)
{
	*i = (struct store_item){
		.row = sqlite3_column_int64(st, 0),
		.id = (uint64_t)sqlite3_column_int64(st, 1),
		.link = (uint64_t)sqlite3_column_int64(st, 2),
		.bare = (uint64_t)sqlite3_column_int64(st, 3),
		.title = (uint64_t)sqlite3_column_int64(st, 4),
		.date = sqlite3_column_int64(st, 5),
		.shallow = sqlite3_column_int(st, 6) != 0,
		.generic = sqlite3_column_int(st, 7) != 0,
		.first_at = sqlite3_column_int64(st, 8),
		.seen_at = sqlite3_column_int64(st, 9),
		.fate = fate_by_name(column_span(st, 10)),
		.document = sqlite3_column_int64(st, 11),
	};
}

static enum err read_items(struct database *d, struct get_feed *g, struct arena *answers, struct error *e)
{
	size_t room = 0;
	sqlite3_stmt *st;
	bool row = true;
	enum err r = database_statement(
		d, SQL_FEED_ITEMS,
		"SELECT row, id, link, bare, title, date, shallow, generic, first_at, seen_at,"
		" fate, document FROM feed_item WHERE feed = ?1 ORDER BY row",
		&st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, g->feed.id);
	while (!r && g->count < ITEMS_MAX) {
		r = database_row(d, st, &row, e);
		if (r || !row)
			break;
		g->items = grown(answers, g->items, g->count, &room, sizeof(*g->items));
		if (g->items)
			read_item(st, &g->items[g->count++]);
		r = no_room(answers, e);
	}
	(void)sqlite3_reset(st);
	return r;
}

static enum err feed_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_feed *g = CONTAINER_OF(r, struct get_feed, r);
	enum err result;

	g->count = 0;
	g->items = NULL;
	result = find_feed(d, g->url, answers, &g->feed, &g->known, e);
	if (!result && g->known)
		result = read_items(d, g, answers, e);
	return result;
}

static void feed_done(struct request *r)
{
	const struct get_feed *g = CONTAINER_OF(r, struct get_feed, r);

	if (r->result)
		g->fn(g->arg, true, NULL, NULL, 0);
	else
		g->fn(g->arg, false, g->known ? &g->feed : NULL, g->items, g->count);
}

enum err store_get_feed(struct store *s, struct span url, store_feed_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, true, feed_run, feed_done};
	struct get_feed *g;
	struct request *r;
	enum err result;

	if (!url.len)
		return ERR_INVALID;
	if (url.len > REQUEST_BYTES / 2)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*g), url.len, &r);
	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_feed, r);
	g->url = request_text(r, url);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}

/* ---- a round ---- */

struct put_round {
	struct request r;
	struct store_round round;
	store_ids_fn *fn;
	void *arg;
	int64_t first_id;
};

static enum err put_feed(struct database *d, const struct store_feed *f, int64_t *id, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(
		d, SQL_FEED_PUT,
		"INSERT INTO feed (url, first_at, address, gone_at, ignore_ids, ignore_links, new_ids, "
		"new_links,"
		" move_target, move_times, move_first, move_last)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (url) DO UPDATE SET"
		" address = excluded.address, gone_at = excluded.gone_at, ignore_ids = excluded.ignore_ids,"
		" ignore_links = excluded.ignore_links, new_ids = excluded.new_ids, new_links = "
		"excluded.new_links,"
		" move_target = excluded.move_target, move_times = excluded.move_times,"
		" move_first = excluded.move_first, move_last = excluded.move_last RETURNING id",
		&st, e);

	if (r)
		return r;
	bind_text(st, 1, f->url);
	(void)sqlite3_bind_int64(st, 2, f->first_at);
	bind_text(st, 3, f->address);
	(void)sqlite3_bind_int64(st, 4, f->gone_at);
	(void)sqlite3_bind_int(st, 5, f->ignore_ids);
	(void)sqlite3_bind_int(st, 6, f->ignore_links);
	(void)sqlite3_bind_int64(st, 7, f->new_ids);
	(void)sqlite3_bind_int64(st, 8, f->new_links);
	(void)sqlite3_bind_int64(st, 9, (int64_t)f->move_target);
	(void)sqlite3_bind_int64(st, 10, f->move_times);
	(void)sqlite3_bind_int64(st, 11, f->move_first);
	(void)sqlite3_bind_int64(st, 12, f->move_last);
	r = database_row(d, st, &row, e);
	if (!r && !row)
		r = err_set(e, ERR_BUG, "a feed's row has no number");
	if (!r) {
		*id = sqlite3_column_int64(st, 0);
		r = database_row(d, st, &row, e); /* to its end, which is what writes */
	}
	return r;
}

static enum err add_drafts(struct database *d, struct put_round *p, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = ERR_OK;

	for (size_t i = 0; i < p->round.draft_count && !r; i++) {
		const struct store_draft *draft = &p->round.drafts[i];

		r = database_statement(d, SQL_FEED_DOCUMENT_ADD,
				       "INSERT INTO feed_document (link, root, made_at, deadline, draft)"
				       " VALUES (?1, ?2, 0, ?3, ?4)",
				       &st, e);
		if (r)
			return r;
		(void)sqlite3_bind_int64(st, 1, (int64_t)draft->link);
		bind_text(st, 2, draft->root);
		(void)sqlite3_bind_int64(st, 3, draft->deadline);
		bind_text(st, 4, draft->draft);
		r = database_run(d, st, e);
		if (!r && !i)
			p->first_id = sqlite3_last_insert_rowid(d->db);
	}
	return r;
}

static enum err put_item(struct database *d, const struct put_round *p, int64_t feed,
			 const struct store_item *i, struct error *e)
{
	int64_t document = i->document < 0 ? p->first_id - i->document - 1 : i->document;
	sqlite3_stmt *st;
	enum err r;

	if (i->row)
		r = database_statement(
			d, SQL_FEED_ITEM_CHANGE,
			"UPDATE feed_item SET id = ?2, link = ?3, bare = ?4, title = ?5, date = ?6,"
			" shallow = ?7, generic = ?8, seen_at = ?10, fate = ?11, document = ?12"
			" WHERE row = ?13 AND feed = ?1 AND first_at = ?9",
			&st, e);
	else
		r = database_statement(
			d, SQL_FEED_ITEM_ADD,
			"INSERT INTO feed_item (feed, id, link, bare, title, date, shallow, generic,"
			" first_at, seen_at, fate, document)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
			&st, e);
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, feed);
	(void)sqlite3_bind_int64(st, 2, (int64_t)i->id);
	(void)sqlite3_bind_int64(st, 3, (int64_t)i->link);
	(void)sqlite3_bind_int64(st, 4, (int64_t)i->bare);
	(void)sqlite3_bind_int64(st, 5, (int64_t)i->title);
	(void)sqlite3_bind_int64(st, 6, i->date);
	(void)sqlite3_bind_int(st, 7, i->shallow);
	(void)sqlite3_bind_int(st, 8, i->generic);
	(void)sqlite3_bind_int64(st, 9, i->first_at);
	(void)sqlite3_bind_int64(st, 10, i->seen_at);
	bind_text(st, 11, span_str(fates[i->fate]));
	(void)sqlite3_bind_int64(st, 12, document);
	if (i->row)
		(void)sqlite3_bind_int64(st, 13, i->row);
	return database_run(d, st, e);
}

static enum err note_seen(struct database *d, int64_t row, int64_t now, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(d, SQL_FEED_ITEM_SEEN,
					"UPDATE feed_item SET seen_at = ?2 WHERE row = ?1", &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, row);
	(void)sqlite3_bind_int64(st, 2, now);
	return database_run(d, st, e);
}

static enum err round_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct put_round *p = CONTAINER_OF(r, struct put_round, r);
	int64_t feed = 0;
	enum err result = put_feed(d, &p->round.feed, &feed, e);

	(void)answers;
	p->first_id = 0;
	if (!result)
		result = add_drafts(d, p, e);
	for (size_t i = 0; i < p->round.item_count && !result; i++)
		result = put_item(d, p, feed, &p->round.items[i], e);
	for (size_t i = 0; i < p->round.seen_count && !result; i++)
		result = note_seen(d, p->round.seen[i], p->round.now, e);
	return result;
}

static void round_done(struct request *r)
{
	const struct put_round *p = CONTAINER_OF(r, struct put_round, r);

	p->fn(p->arg, r->result, r->result ? 0 : p->first_id, r->result ? 0 : p->round.draft_count);
}

/* Bytes behind the request; false: too many. */
static bool round_size(const struct store_round *round, size_t *ret)
{
	size_t bytes = round->feed.url.len + round->feed.address.len;

	if (round->item_count > REQUEST_BYTES / 2 / sizeof(struct store_item) ||
	    round->seen_count > REQUEST_BYTES / 8 / sizeof(int64_t) ||
	    round->draft_count > REQUEST_BYTES / 8 / sizeof(struct store_draft))
		return false;
	bytes += round->item_count * sizeof(struct store_item) + round->seen_count * sizeof(int64_t) +
		 round->draft_count * sizeof(struct store_draft) + 64;
	for (size_t i = 0; i < round->draft_count; i++) {
		if (round->drafts[i].draft.len + round->drafts[i].root.len > REQUEST_BYTES - bytes)
			return false;
		bytes += round->drafts[i].draft.len + round->drafts[i].root.len;
	}
	*ret = bytes;
	return bytes <= REQUEST_BYTES;
}

enum err store_put_round(struct store *s, const struct store_round *round, store_ids_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, true, true, round_run, round_done};
	struct store_item *items;
	struct store_draft *drafts;
	int64_t *seen;
	struct put_round *p;
	struct request *r;
	size_t bytes;
	enum err result;

	if (!round->feed.url.len)
		return ERR_INVALID;
	for (size_t i = 0; i < round->item_count; i++)
		if ((unsigned)round->items[i].fate >= STORE_FATE_COUNT)
			return ERR_INVALID;
	if (!round_size(round, &bytes))
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*p), bytes, &r);
	if (result)
		return result;
	p = CONTAINER_OF(r, struct put_round, r);
	p->round = *round;
	p->fn = fn;
	p->arg = arg;
	items = request_array(r, sizeof(*items), round->item_count);
	if (round->item_count)
		memcpy(items, round->items, round->item_count * sizeof(*items));
	drafts = request_array(r, sizeof(*drafts), round->draft_count);
	if (round->draft_count)
		memcpy(drafts, round->drafts, round->draft_count * sizeof(*drafts));
	seen = request_array(r, sizeof(*seen), round->seen_count);
	if (round->seen_count)
		memcpy(seen, round->seen, round->seen_count * sizeof(*seen));
	for (size_t i = 0; i < round->draft_count; i++) {
		drafts[i].root = request_text(r, drafts[i].root);
		drafts[i].draft = request_text(r, drafts[i].draft);
	}
	p->round.items = items;
	p->round.drafts = drafts;
	p->round.seen = seen;
	p->round.feed.url = request_text(r, round->feed.url);
	p->round.feed.address = request_text(r, round->feed.address);
	return request_send(s, r);
}
