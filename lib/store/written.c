/* SPDX-License-Identifier: MIT */
/* written.c - which documents were written, and in which run: for who takes it back. Rare, so its statements
 * are not kept. */
#include "store/internal.h"

struct find_written {
	struct request r;
	int64_t run, after_root;
	struct span host, after_path;
	size_t limit, count;
	struct store_written *rows;
	store_written_fn *fn;
	void *arg;
};

static enum err find_rows(struct database *d, struct find_written *q, sqlite3_stmt *st, struct arena *a,
			  struct error *e)
{
	bool row = true;
	enum err r = ERR_OK;

	while (!r && row && q->count < q->limit) {
		r = database_row(d, st, &row, e);
		if (r || !row)
			continue;
		q->rows[q->count++] = (struct store_written){
			.root_id = sqlite3_column_int64(st, 0),
			.root = arena_dup(a, column_span(st, 1)),
			.path = arena_dup(a, column_span(st, 2)),
		};
	}
	if (!r && arena_failed(a))
		r = err_set(e, arena_failed(a), "%s", err_text(arena_failed(a)));
	return r;
}

static enum err find_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	/* the index on (root, path) gives the order, so that all pages together read the table once */
	static const char sql[] =
		"SELECT DISTINCT p.root, root.path, p.path FROM provenance p JOIN root ON root.id = p.root"
		" WHERE (p.root, p.path) > (?1, ?2) AND (?3 = 0 OR p.run = ?3) AND (?4 IS NULL OR p.host = "
		"?4)"
		" ORDER BY p.root, p.path LIMIT ?5";
	struct find_written *q = CONTAINER_OF(request, struct find_written, r);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db, sql, -1, &st, NULL);
	enum err r = rc ? database_error(d, rc, e) : ERR_OK;

	q->count = 0;
	q->rows = r ? NULL : ARENA_NEW_ARRAY(answers, struct store_written, q->limit);
	if (!r && !q->rows)
		r = err_set(e, ERR_NOMEM, "out of memory");
	if (!r) {
		(void)sqlite3_bind_int64(st, 1, q->after_root);
		bind_text(st, 2, q->after_path.ptr ? q->after_path : SPAN(""));
		(void)sqlite3_bind_int64(st, 3, q->run);
		bind_text(st, 4, q->host);
		(void)sqlite3_bind_int64(st, 5, (int64_t)q->limit);
		r = find_rows(d, q, st, answers, e);
	}
	(void)sqlite3_finalize(st);
	if (r)
		q->count = 0;
	return r;
}

static void find_done(struct request *r)
{
	const struct find_written *q = CONTAINER_OF(r, struct find_written, r);

	q->fn(q->arg, r->result, q->rows, q->count);
}

enum err store_find_written(struct store *s, int64_t run, struct span host, const struct store_written *after,
			    size_t limit, store_written_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, true, find_run, find_done};
	struct find_written *q;
	struct request *r;
	enum err result;

	if (MAX(host.len, after->path.len) > REQUEST_BYTES / 4 || limit > REQUEST_BYTES / sizeof(*after))
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*q), host.len + after->path.len, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct find_written, r);
	q->run = run;
	q->limit = limit;
	q->after_root = after->root_id;
	q->host = request_text(r, host);
	q->after_path = request_text(r, after->path);
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}

/* ---- the last run ---- */

struct last_run {
	struct request r;
	int64_t run;
	struct span source;
	store_run_fn *fn;
	void *arg;
};

static enum err last_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	struct last_run *q = CONTAINER_OF(request, struct last_run, r);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db,
				    "SELECT run FROM provenance WHERE source IS NOT ?1"
				    " ORDER BY id DESC LIMIT 1",
				    -1, &st, NULL);

	(void)answers;
	q->run = 0;
	if (!rc) {
		bind_text(st, 1, q->source);
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			q->run = sqlite3_column_int64(st, 0);
		rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	enum err r = rc ? database_error(d, rc, e) : ERR_OK;
	(void)sqlite3_finalize(st);
	return r;
}

static void last_done(struct request *r)
{
	const struct last_run *q = CONTAINER_OF(r, struct last_run, r);

	q->fn(q->arg, r->result ? 0 : q->run);
}

enum err store_last_run(struct store *s, struct span but, store_run_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, false, last_run, last_done};
	struct last_run *q;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*q), but.len, &r);

	if (result)
		return result;
	q = CONTAINER_OF(r, struct last_run, r);
	q->source = request_text(r, but);
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}
