/* SPDX-License-Identifier: MIT */
#include "store/internal.h"

enum err root_id(struct database *d, struct span root, bool make, int64_t *ret, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_ROOT_FIND, "SELECT id FROM root WHERE path = ?1", &st, e);

	*ret = 0;
	if (r)
		return r;
	bind_text(st, 1, root);
	r = database_row(d, st, &row, e);
	if (r)
		return r;
	if (row) {
		*ret = sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
		return ERR_OK;
	}
	if (!make)
		return ERR_OK;
	r = database_statement(d, SQL_ROOT_ADD, "INSERT INTO root (path) VALUES (?1)", &st, e);
	if (r)
		return r;
	bind_text(st, 1, root);
	r = database_run(d, st, e);
	if (!r)
		*ret = sqlite3_last_insert_rowid(d->db);
	return r;
}

/* ---- get ---- */

struct get_documents {
	struct request r;
	struct span root;
	store_documents_fn *fn;
	void *arg;
	struct store_document *documents;
	size_t count;
};

/* One number: how many there are, so that the array can be had in one piece. */
static enum err count_of(struct database *d, int64_t root, size_t *ret, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_DOCUMENT_COUNT,
					"SELECT count(*) FROM document WHERE root = ?1", &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, root);
	r = database_row(d, st, &row, e);
	*ret = 0;
	if (!r && row) {
		*ret = (size_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
	}
	return r;
}

void document_row(sqlite3_stmt *st, struct store_document *ret, struct arena *a)
{
	*ret = (struct store_document){
		.path = arena_dup(a, column_span(st, 0)),
		.key = {(uint64_t)sqlite3_column_int64(st, 1), (uint64_t)sqlite3_column_int64(st, 2),
			(uint64_t)sqlite3_column_int64(st, 3), sqlite3_column_int64(st, 4),
			sqlite3_column_int64(st, 5)},
		.content = {(uint64_t)sqlite3_column_int64(st, 6), (uint64_t)sqlite3_column_int64(st, 7)},
		.fingerprint = (uint64_t)sqlite3_column_int64(st, 8),
		.due_at = sqlite3_column_int64(st, 9),
	};
}

static enum err get_rows(struct database *d, struct get_documents *g, size_t max, int64_t root,
			 struct arena *a, struct error *e)
{
	sqlite3_stmt *st;
	bool row = true;
	enum err r = database_statement(
		d, SQL_DOCUMENT_GET,
		"SELECT " DOCUMENT_COLUMNS " FROM document WHERE root = ?1 ORDER BY path", &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, root);
	while (!r && row && g->count < max) {
		r = database_row(d, st, &row, e);
		if (!r && row)
			document_row(st, &g->documents[g->count++], a);
	}
	(void)sqlite3_reset(st);
	if (!r && arena_failed(a))
		r = err_set(e, arena_failed(a), "too many documents to remember at once");
	return r;
}

static enum err get_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_documents *g = CONTAINER_OF(r, struct get_documents, r);
	size_t max = 0;
	int64_t root;
	enum err result = root_id(d, g->root, false, &root, e);

	g->count = 0;
	if (!result && root)
		result = count_of(d, root, &max, e);
	if (result || !max)
		return result;
	g->documents = ARENA_NEW_ARRAY(answers, struct store_document, max);
	if (!g->documents)
		return err_set(e, ERR_NOMEM, "too many documents to remember at once");
	result = get_rows(d, g, max, root, answers, e);
	if (result)
		g->count = 0;
	return result;
}

static void get_done(struct request *r)
{
	const struct get_documents *g = CONTAINER_OF(r, struct get_documents, r);

	g->fn(g->arg, g->documents, g->count);
}

enum err store_get_documents(struct store *s, struct span root, store_documents_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, get_run, get_done};
	struct get_documents *g;
	struct request *r;
	enum err result;

	if (!root.len)
		return ERR_INVALID;
	result = request_new(&kind, sizeof(*g), root.len, &r);
	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_documents, r);
	g->fn = fn;
	g->arg = arg;
	g->root = request_text(r, root);
	return request_send(s, r);
}

/* ---- put, forget ---- */

struct put_document {
	struct request r;
	struct span root;
	struct store_document document;
};

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct put_document *p = CONTAINER_OF(r, struct put_document, r);
	const struct store_document *doc = &p->document;
	sqlite3_stmt *st;
	int64_t root;
	enum err result = root_id(d, p->root, true, &root, e);

	(void)answers;
	if (!result)
		result = database_statement(
			d, SQL_DOCUMENT_PUT,
			"REPLACE INTO document (root, path, dev, ino, size, mtime_ns, ctime_ns,"
			" content_hi, content_lo, fingerprint, due_at)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
			&st, e);
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, doc->path);
	(void)sqlite3_bind_int64(st, 3, (int64_t)doc->key.dev);
	(void)sqlite3_bind_int64(st, 4, (int64_t)doc->key.ino);
	(void)sqlite3_bind_int64(st, 5, (int64_t)doc->key.size);
	(void)sqlite3_bind_int64(st, 6, doc->key.mtime_ns);
	(void)sqlite3_bind_int64(st, 7, doc->key.ctime_ns);
	(void)sqlite3_bind_int64(st, 8, (int64_t)doc->content.hi);
	(void)sqlite3_bind_int64(st, 9, (int64_t)doc->content.lo);
	(void)sqlite3_bind_int64(st, 10, (int64_t)doc->fingerprint);
	(void)sqlite3_bind_int64(st, 11, doc->due_at);
	return database_run(d, st, e);
}

static enum err forget_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct put_document *p = CONTAINER_OF(r, struct put_document, r);
	sqlite3_stmt *st;
	int64_t root;
	enum err result = root_id(d, p->root, false, &root, e);

	(void)answers;
	if (!result)
		result = database_statement(d, SQL_DOCUMENT_DROP,
					    "DELETE FROM document WHERE root = ?1 AND path = ?2", &st, e);
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, p->document.path);
	return database_run(d, st, e);
}

static enum err send(struct store *s, const struct request_kind *kind, struct span root,
		     const struct store_document *document)
{
	struct put_document *p;
	struct request *r;
	enum err result;

	if (!root.len || !document->path.len)
		return ERR_INVALID;
	if (root.len > REQUEST_BYTES / 2 || document->path.len > REQUEST_BYTES / 2)
		return ERR_TOOBIG;
	result = request_new(kind, sizeof(*p), root.len + document->path.len, &r);
	if (result)
		return result;
	p = CONTAINER_OF(r, struct put_document, r);
	p->document = *document;
	p->root = request_text(r, root);
	p->document.path = request_text(r, document->path);
	return request_send(s, r);
}

enum err store_put_document(struct store *s, struct span root, const struct store_document *document)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, NULL};

	return send(s, &kind, root, document);
}

enum err store_forget_document(struct store *s, struct span root, struct span path)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, forget_run, NULL};

	return send(s, &kind, root, &(struct store_document){.path = path});
}
