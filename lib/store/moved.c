/* SPDX-License-Identifier: MIT */
/* moved.c - a document under a new name keeps what is known of what was written into it. */
#include "store/internal.h"

/* ---- who was it? ---- */

struct find_moved {
	struct request r;
	struct span root, path, url;
	struct store_written rows[STORE_MOVED_MAX];
	size_t count;
	store_written_fn *fn;
	void *arg;
};

static enum err find_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	struct find_moved *q = CONTAINER_OF(request, struct find_moved, r);
	sqlite3_stmt *st;
	bool row = true;
	/* the end of the URL is what the index has */
	enum err r = database_statement(
		d, SQL_MOVED_FIND,
		"SELECT p.root, root.path, p.path FROM provenance p JOIN root ON root.id = p.root"
		" WHERE p.related < 0 AND substr(p.url, -20) = substr(?1, -20) AND p.url = ?1"
		" AND NOT (root.path = ?2 AND p.path = ?3)"
		" GROUP BY p.root, p.path ORDER BY max(p.id) DESC LIMIT ?4",
		&st, e);

	q->count = 0;
	if (r)
		return r;
	bind_text(st, 1, q->url);
	bind_text(st, 2, q->root);
	bind_text(st, 3, q->path);
	(void)sqlite3_bind_int(st, 4, STORE_MOVED_MAX);
	while (!r && row && q->count < STORE_MOVED_MAX) {
		r = database_row(d, st, &row, e);
		if (r || !row)
			continue;
		q->rows[q->count++] = (struct store_written){
			.root_id = sqlite3_column_int64(st, 0),
			.root = arena_dup(answers, column_span(st, 1)),
			.path = arena_dup(answers, column_span(st, 2)),
		};
	}
	(void)sqlite3_reset(st);
	if (!r && arena_failed(answers))
		r = err_set(e, arena_failed(answers), "%s", err_text(arena_failed(answers)));
	if (r)
		q->count = 0;
	return r;
}

static void find_done(struct request *r)
{
	const struct find_moved *q = CONTAINER_OF(r, struct find_moved, r);

	q->fn(q->arg, r->result, q->rows, q->count);
}

enum err store_find_moved(struct store *s, struct span root, struct span path, struct span url,
			  store_written_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, true, find_run, find_done};
	struct find_moved *q;
	struct request *r;
	enum err result;

	if (!root.len || !path.len || !url.len)
		return ERR_INVALID;
	if (MAX(url.len, MAX(root.len, path.len)) > REQUEST_BYTES / 4)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*q), root.len + path.len + url.len, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct find_moved, r);
	q->root = request_text(r, root);
	q->path = request_text(r, path);
	q->url = request_text(r, url);
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}

/* ---- it has another name now ---- */

struct move_document {
	struct request r;
	struct span from_root, from_path, to_root, to_path;
	void (*fn)(void *arg, enum err result);
	void *arg;
};

static enum err move_one(struct database *d, enum statement slot, const char *sql,
			 const struct move_document *q, int64_t from, int64_t to, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(d, slot, sql, &st, e);

	if (r)
		return r;
	bind_text(st, 1, q->from_path);
	bind_text(st, 2, q->to_path);
	if (slot == SQL_MOVED_MADE) { /* which has its root by name */
		bind_text(st, 3, q->from_root);
		bind_text(st, 4, q->to_root);
	} else {
		(void)sqlite3_bind_int64(st, 3, from);
		(void)sqlite3_bind_int64(st, 4, to);
	}
	return database_run(d, st, e);
}

static enum err move_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	const struct move_document *q = CONTAINER_OF(request, struct move_document, r);
	int64_t from, to;
	enum err r = root_id(d, q->from_root, false, &from, e);

	(void)answers;
	if (!r)
		r = root_id(d, q->to_root, true, &to, e);
	if (r || !from)
		return r;
	r = move_one(d, SQL_MOVED_WRITTEN,
		     "UPDATE provenance SET root = ?4, path = ?2 WHERE root = ?3 AND path = ?1", q, from, to,
		     e);
	/* one that a feed began */
	if (!r)
		r = move_one(d, SQL_MOVED_MADE,
			     "UPDATE feed_document SET root = ?4, path = ?2 WHERE path = ?1 AND root = ?3", q,
			     from, to, e);
	return r;
}

static void move_done(struct request *r)
{
	const struct move_document *q = CONTAINER_OF(r, struct move_document, r);

	q->fn(q->arg, r->result);
}

enum err store_move_document(struct store *s, const struct store_written *from, struct span root,
			     struct span path, void (*fn)(void *arg, enum err result), void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, true, true, move_run, move_done};
	struct move_document *q;
	struct request *r;
	enum err result;

	if (!from->root.len || !from->path.len || !root.len || !path.len)
		return ERR_INVALID;
	if (MAX(MAX(from->root.len, from->path.len), MAX(root.len, path.len)) > REQUEST_BYTES / 4)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*q), from->root.len + from->path.len + root.len + path.len, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct move_document, r);
	q->from_root = request_text(r, from->root);
	q->from_path = request_text(r, from->path);
	q->to_root = request_text(r, root);
	q->to_path = request_text(r, path);
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}
