/* SPDX-License-Identifier: MIT */
/* feeds_drafts.c - documents that are still to be written, and those that were: memory.db. */
#include "store/feeds.h"
#include "store/internal.h"

enum { DRAFTS_MAX = 100000 };

/* ---- drafts ---- */

struct get_drafts {
	struct request r;
	store_drafts_fn *fn;
	void *arg;
	struct store_draft *drafts;
	size_t count;
};

static enum err count_drafts(struct database *d, size_t *ret, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_FEED_DRAFT_COUNT,
					"SELECT count(*) FROM feed_document WHERE draft IS NOT NULL", &st, e);

	*ret = 0;
	if (!r)
		r = database_row(d, st, &row, e);
	if (!r && row) {
		*ret = (size_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
	}
	return r;
}

static enum err drafts_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_drafts *g = CONTAINER_OF(r, struct get_drafts, r);
	sqlite3_stmt *st;
	size_t max;
	bool row = true;
	enum err result = count_drafts(d, &max, e);

	g->count = 0;
	max = MIN(max, (size_t)DRAFTS_MAX);
	if (result || !max)
		return result;
	g->drafts = ARENA_NEW_ARRAY(answers, struct store_draft, max);
	if (g->drafts)
		result = database_statement(d, SQL_FEED_DRAFTS,
					    "SELECT id, link, root, deadline, draft FROM feed_document"
					    " WHERE draft IS NOT NULL ORDER BY id",
					    &st, e);
	while (!result && g->drafts && g->count < max) {
		result = database_row(d, st, &row, e);
		if (result || !row)
			break;
		g->drafts[g->count++] = (struct store_draft){
			.id = sqlite3_column_int64(st, 0),
			.link = (uint64_t)sqlite3_column_int64(st, 1),
			.root = arena_dup(answers, column_span(st, 2)),
			.deadline = sqlite3_column_int64(st, 3),
			.draft = arena_dup(answers, column_span(st, 4)),
		};
	}
	if (g->drafts && !result)
		(void)sqlite3_reset(st);
	if (!result && arena_failed(answers))
		result = err_set(e, arena_failed(answers), "%s", err_text(arena_failed(answers)));
	if (result)
		g->count = 0;
	return result;
}

static void drafts_done(struct request *r)
{
	const struct get_drafts *g = CONTAINER_OF(r, struct get_drafts, r);

	g->fn(g->arg, g->drafts, g->count);
}

enum err store_get_drafts(struct store *s, store_drafts_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, false, drafts_run, drafts_done};
	struct get_drafts *g;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*g), 0, &r);

	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_drafts, r);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}

/* ---- made ---- */

struct draft_made {
	struct request r;
	int64_t id, now;
	struct span path;
	struct store_likeness like;
};

static enum err made_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct draft_made *m = CONTAINER_OF(r, struct draft_made, r);
	sqlite3_stmt *st;
	enum err result = database_statement(
		d, SQL_FEED_DOCUMENT_MADE,
		"UPDATE feed_document SET path = ?2, made_at = ?3, canonical = ?4, words = ?5, draft = NULL"
		" WHERE id = ?1",
		&st, e);

	(void)answers;
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, m->id);
	bind_text(st, 2, m->path);
	(void)sqlite3_bind_int64(st, 3, m->now);
	(void)sqlite3_bind_int64(st, 4, (int64_t)m->like.canonical);
	(void)sqlite3_bind_int64(st, 5, (int64_t)m->like.words);
	return database_run(d, st, e);
}

enum err store_draft_made(struct store *s, int64_t id, struct span path, const struct store_likeness *like,
			  int64_t now)
{
	static const struct request_kind kind = {FILE_MEMORY, true, false, made_run, NULL};
	struct draft_made *m;
	struct request *r;
	enum err result;

	if (path.len > REQUEST_BYTES / 2)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*m), path.len, &r);
	if (result)
		return result;
	m = CONTAINER_OF(r, struct draft_made, r);
	m->id = id;
	m->now = now;
	if (like)
		m->like = *like;
	m->path = request_text(r, path);
	return request_send(s, r);
}

/* ---- find ---- */

struct find_made {
	struct request r;
	store_made_fn *fn;
	void *arg;
	const uint64_t *links;
	size_t count;
	struct store_made *made;
};

static enum err find_one(struct database *d, uint64_t link, struct arena *a, struct store_made *ret,
			 struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(
		d, SQL_FEED_DOCUMENT_FIND,
		"SELECT id, root, path FROM feed_document WHERE link = ?1 ORDER BY id LIMIT 1", &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, (int64_t)link);
	r = database_row(d, st, &row, e);
	if (r || !row)
		return r;
	*ret = (struct store_made){sqlite3_column_int64(st, 0), arena_dup(a, column_span(st, 1)),
				   arena_dup(a, column_span(st, 2))};
	(void)sqlite3_reset(st);
	return arena_failed(a) ? err_set(e, arena_failed(a), "%s", err_text(arena_failed(a))) : ERR_OK;
}

static enum err find_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct find_made *f = CONTAINER_OF(r, struct find_made, r);
	enum err result = ERR_OK;

	memset(f->made, 0, f->count * sizeof(*f->made));
	for (size_t i = 0; i < f->count && !result; i++)
		if (f->links[i])
			result = find_one(d, f->links[i], answers, &f->made[i], e);
	return result;
}

static void find_done(struct request *r)
{
	const struct find_made *f = CONTAINER_OF(r, struct find_made, r);

	f->fn(f->arg, r->result != ERR_OK, f->made, r->result ? 0 : f->count);
}

enum err store_find_made(struct store *s, const uint64_t *links, size_t count, store_made_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, true, find_run, find_done};
	struct find_made *f;
	struct request *r;
	uint64_t *keys;
	enum err result;

	if (count > REQUEST_BYTES / 2 / (sizeof(*links) + sizeof(*f->made)))
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*f), count * (sizeof(*links) + sizeof(*f->made)), &r);
	if (result)
		return result;
	f = CONTAINER_OF(r, struct find_made, r);
	f->fn = fn;
	f->arg = arg;
	f->count = count;
	f->made = request_array(r, sizeof(*f->made), count);
	keys = request_array(r, sizeof(*keys), count);
	if (count)
		memcpy(keys, links, count * sizeof(*keys));
	f->links = keys;
	return request_send(s, r);
}

/* ---- alike ---- */

struct find_similar {
	struct request r;
	store_made_fn *fn;
	void *arg;
	struct store_likeness like;
	int64_t since;
	struct store_made made;
};

static enum err similar_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct find_similar *f = CONTAINER_OF(r, struct find_similar, r);
	sqlite3_stmt *st;
	bool row;
	enum err result = database_statement(d, SQL_FEED_SIMILAR,
					     "SELECT id, root, path FROM feed_document WHERE path IS NOT "
					     "NULL AND ((?1 <> 0 AND canonical = ?1)"
					     " OR (?1 <> 0 AND link = ?1) OR (?2 <> 0 AND words = ?2 AND "
					     "made_at >= ?3)) ORDER BY id LIMIT 1",
					     &st, e);

	f->made = (struct store_made){0, SPAN_NONE, SPAN_NONE};
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, (int64_t)f->like.canonical);
	(void)sqlite3_bind_int64(st, 2, (int64_t)f->like.words);
	(void)sqlite3_bind_int64(st, 3, f->since);
	result = database_row(d, st, &row, e);
	if (result || !row)
		return result;
	f->made = (struct store_made){sqlite3_column_int64(st, 0), arena_dup(answers, column_span(st, 1)),
				      arena_dup(answers, column_span(st, 2))};
	(void)sqlite3_reset(st);
	if (!arena_failed(answers))
		return ERR_OK;
	f->made.id = 0;
	return err_set(e, arena_failed(answers), "%s", err_text(arena_failed(answers)));
}

static void similar_done(struct request *r)
{
	const struct find_similar *f = CONTAINER_OF(r, struct find_similar, r);

	f->fn(f->arg, r->result != ERR_OK, &f->made, 1);
}

enum err store_find_similar(struct store *s, const struct store_likeness *like, int64_t since,
			    store_made_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, true, similar_run, similar_done};
	struct find_similar *f;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*f), 0, &r);

	if (result)
		return result;
	f = CONTAINER_OF(r, struct find_similar, r);
	f->fn = fn;
	f->arg = arg;
	f->like = *like;
	f->since = since;
	return request_send(s, r);
}
