/* SPDX-License-Identifier: MIT */
/* due.c - documents by name, and by when they are due. */
#include "store/internal.h"

/* ---- some, by path ---- */

struct some_documents {
	struct request r;
	struct span root, *paths;
	size_t path_count;
	struct store_document *documents;
	size_t count;
	store_documents_fn *fn;
	void *arg;
};

static enum err some_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct some_documents *q = CONTAINER_OF(r, struct some_documents, r);
	sqlite3_stmt *st;
	int64_t root;
	enum err result = root_id(d, q->root, false, &root, e);

	q->count = 0;
	if (result || !root)
		return result;
	q->documents = ARENA_NEW_ARRAY(answers, struct store_document, q->path_count);
	if (!q->documents)
		return err_set(e, ERR_NOMEM, "out of memory");
	result = database_statement(d, SQL_DOCUMENT_ONE,
				    "SELECT " DOCUMENT_COLUMNS " FROM document WHERE root = ?1 AND path = ?2",
				    &st, e);
	for (size_t i = 0; i < q->path_count && !result; i++) {
		bool row;

		(void)sqlite3_bind_int64(st, 1, root);
		bind_text(st, 2, q->paths[i]);
		result = database_row(d, st, &row, e);
		if (!result && row)
			document_row(st, &q->documents[q->count++], answers);
		(void)sqlite3_reset(st);
	}
	if (!result && arena_failed(answers))
		result = err_set(e, arena_failed(answers), "too many documents to remember at once");
	if (result)
		q->count = 0;
	return result;
}

static void some_done(struct request *r)
{
	const struct some_documents *q = CONTAINER_OF(r, struct some_documents, r);

	q->fn(q->arg, q->documents, q->count);
}

enum err store_get_some_documents(struct store *s, struct span root, const char *const *paths, size_t count,
				  store_documents_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, some_run, some_done};
	size_t room = root.len + count * sizeof(struct span);
	struct some_documents *q;
	struct request *r;
	enum err result;

	if (!root.len)
		return ERR_INVALID;
	if (count > REQUEST_BYTES / sizeof(struct span))
		return ERR_TOOBIG;
	for (size_t i = 0; i < count; i++)
		room += strlen(paths[i]);
	result = request_new(&kind, sizeof(*q), room, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct some_documents, r);
	q->fn = fn;
	q->arg = arg;
	q->paths = request_array(r, sizeof(*q->paths), count);
	q->path_count = count;
	q->root = request_text(r, root);
	for (size_t i = 0; i < count; i++)
		q->paths[i] = request_text(r, span_str(paths[i]));
	return request_send(s, r);
}

/* ---- all, in pages ---- */

struct page_documents {
	struct request r;
	struct span root, after;
	size_t limit, count;
	struct store_document *documents;
	store_documents_fn *fn;
	void *arg;
};

static enum err page_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct page_documents *q = CONTAINER_OF(r, struct page_documents, r);
	sqlite3_stmt *st;
	int64_t root;
	bool row = true;
	enum err result = root_id(d, q->root, false, &root, e);

	q->count = 0;
	if (result || !root)
		return result;
	q->documents = ARENA_NEW_ARRAY(answers, struct store_document, q->limit);
	if (!q->documents)
		return err_set(e, ERR_NOMEM, "out of memory");
	result = database_statement(d, SQL_DOCUMENT_PAGE,
				    "SELECT " DOCUMENT_COLUMNS
				    " FROM document WHERE root = ?1 AND path > ?2 ORDER BY path LIMIT ?3",
				    &st, e);
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, q->after.ptr ? q->after : SPAN(""));
	(void)sqlite3_bind_int64(st, 3, (int64_t)q->limit);
	while (!result && row && q->count < q->limit) {
		result = database_row(d, st, &row, e);
		if (!result && row)
			document_row(st, &q->documents[q->count++], answers);
	}
	(void)sqlite3_reset(st);
	if (!result && arena_failed(answers))
		result = err_set(e, arena_failed(answers), "too many documents to remember at once");
	if (result)
		q->count = 0;
	return result;
}

static void page_done(struct request *r)
{
	const struct page_documents *q = CONTAINER_OF(r, struct page_documents, r);

	q->fn(q->arg, q->documents, q->count);
}

enum err store_get_documents_after(struct store *s, struct span root, struct span after, size_t limit,
				   store_documents_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, page_run, page_done};
	struct page_documents *q;
	struct request *r;
	enum err result;

	if (!root.len || !limit)
		return ERR_INVALID;
	if (root.len + after.len > REQUEST_BYTES / 2 || limit > QUEUE_MAX)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*q), root.len + after.len, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct page_documents, r);
	q->limit = limit;
	q->fn = fn;
	q->arg = arg;
	q->root = request_text(r, root);
	q->after = request_text(r, after);
	return request_send(s, r);
}

/* ---- those that are due ---- */

struct due_documents {
	struct request r;
	struct span root;
	struct store_due after, *rows;
	int64_t until, next;
	size_t limit, count;
	store_due_fn *fn;
	void *arg;
};

/* One more than the limit, for its time. */
static enum err due_rows(struct database *d, struct due_documents *q, int64_t root, struct arena *a,
			 struct error *e)
{
	sqlite3_stmt *st;
	bool row = true;
	enum err r = database_statement(
		d, SQL_DOCUMENT_DUE,
		"SELECT due_at, path FROM document"
		" WHERE root = ?1 AND due_at < 9223372036854775807 AND (due_at, path) > (?2, ?3)"
		" ORDER BY due_at, path LIMIT ?4",
		&st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, root);
	(void)sqlite3_bind_int64(st, 2, q->after.due_at);
	bind_text(st, 3, q->after.path.ptr ? q->after.path : SPAN(""));
	(void)sqlite3_bind_int64(st, 4, (int64_t)q->limit + 1);
	while (!r && row) {
		int64_t due_at;

		r = database_row(d, st, &row, e);
		if (r || !row)
			break;
		due_at = sqlite3_column_int64(st, 0);
		if (due_at > q->until || q->count == q->limit) {
			q->next = due_at;
			break;
		}
		q->rows[q->count++] = (struct store_due){due_at, arena_dup(a, column_span(st, 1))};
	}
	(void)sqlite3_reset(st);
	if (!r && arena_failed(a))
		r = err_set(e, arena_failed(a), "too many documents are due at once");
	return r;
}

static enum err due_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct due_documents *q = CONTAINER_OF(r, struct due_documents, r);
	int64_t root;
	enum err result = root_id(d, q->root, false, &root, e);

	q->count = 0;
	q->next = INT64_MAX;
	if (result || !root)
		return result;
	q->rows = ARENA_NEW_ARRAY(answers, struct store_due, q->limit + 1);
	result = q->rows ? due_rows(d, q, root, answers, e) : err_set(e, ERR_NOMEM, "out of memory");
	if (result)
		q->count = 0;
	return result;
}

static void due_done(struct request *r)
{
	const struct due_documents *q = CONTAINER_OF(r, struct due_documents, r);

	q->fn(q->arg, q->rows, q->count, q->next);
}

enum err store_get_due(struct store *s, struct span root, const struct store_due *after, int64_t until,
		       size_t limit, store_due_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, due_run, due_done};
	struct due_documents *q;
	struct request *r;
	enum err result;

	if (!root.len)
		return ERR_INVALID;
	if (root.len + after->path.len > REQUEST_BYTES / 2 || limit > QUEUE_MAX)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*q), root.len + after->path.len, &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct due_documents, r);
	q->until = until;
	q->limit = limit;
	q->next = INT64_MAX;
	q->fn = fn;
	q->arg = arg;
	q->after.due_at = after->due_at;
	q->root = request_text(r, root);
	q->after.path = request_text(r, after->path);
	return request_send(s, r);
}

/* ---- a clock that was wrong ---- */

struct correct_times {
	struct request r;
	int64_t now, horizon;
	uint64_t changed;
	store_corrected_fn *fn;
	void *arg;
};

/* Spread over the horizon by what the rows are, so that they do not come all at once. */
static enum err correct_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	static const char *const sql[] = {
		"UPDATE document SET due_at = ?1 + (content_lo & 9223372036854775807) % ?2"
		" WHERE due_at > ?1 + ?2 AND due_at < 9223372036854775807",
		"UPDATE url SET expires_at = ?1 + id % ?2 WHERE expires_at > ?1 + ?2",
	};
	struct correct_times *q = CONTAINER_OF(r, struct correct_times, r);
	enum err result = ERR_OK;

	(void)answers;
	q->changed = 0;
	for (size_t i = 0; i < ARRAY_SIZE(sql) && !result; i++) {
		sqlite3_stmt *st;

		result = database_statement(d, SQL_CORRECT + i, sql[i], &st, e);
		if (result)
			break;
		(void)sqlite3_bind_int64(st, 1, q->now);
		(void)sqlite3_bind_int64(st, 2, MAX(q->horizon, 1));
		result = database_run(d, st, e);
		if (!result)
			q->changed += (uint64_t)sqlite3_changes64(d->db);
	}
	return result;
}

static void correct_done(struct request *r)
{
	const struct correct_times *q = CONTAINER_OF(r, struct correct_times, r);

	if (q->fn)
		q->fn(q->arg, r->result ? 0 : q->changed);
}

enum err store_correct_times(struct store *s, int64_t now, int64_t horizon, store_corrected_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, correct_run, correct_done};
	struct correct_times *q;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*q), 0, &r);

	if (result)
		return result;
	q = CONTAINER_OF(r, struct correct_times, r);
	q->now = now;
	q->horizon = horizon;
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}
