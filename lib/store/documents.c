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
	struct store_status status;
};

/* What a row counts as; absent: as nothing. */
struct counted {
	bool there;
	enum store_state state;
	int64_t missing;
};

static enum err counted_as(struct database *d, int64_t root, struct span path, struct counted *ret,
			   struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(
		d, SQL_TALLY_OF, "SELECT state, missing FROM document WHERE root = ?1 AND path = ?2", &st, e);

	*ret = (struct counted){.there = false};
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, path);
	r = database_row(d, st, &ret->there, e);
	if (!r && ret->there) {
		if (!store_state_by_name(column_span(st, 0), &ret->state))
			ret->state = STORE_STATE_UNKNOWN;
		ret->missing = sqlite3_column_int64(st, 1);
		(void)sqlite3_reset(st);
	}
	return r;
}

static enum err tally(struct database *d, int64_t root, const struct counted *c, bool more, struct error *e)
{
	sqlite3_stmt *st;
	enum err r;

	if (!c->there)
		return ERR_OK;
	if (more)
		r = database_statement(
			d, SQL_TALLY_MORE,
			"INSERT INTO tally (root, state, missing, count) VALUES (?1, ?2, ?3, 1)"
			" ON CONFLICT (root, state, missing) DO UPDATE SET count = count + 1",
			&st, e);
	else
		r = database_statement(d, SQL_TALLY_LESS,
				       "UPDATE tally SET count = count - 1"
				       " WHERE root = ?1 AND state = ?2 AND missing = ?3",
				       &st, e);
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, span_str(store_state_name(c->state)));
	(void)sqlite3_bind_int64(st, 3, c->missing);
	return database_run(d, st, e);
}

/* One row becomes another, and the tally with it. */
static enum err recount(struct database *d, int64_t root, struct span path, const struct counted *now,
			struct error *e)
{
	struct counted before;
	enum err r = counted_as(d, root, path, &before, e);

	if (!r && before.there && now->there && before.state == now->state && before.missing == now->missing)
		return ERR_OK;
	if (!r)
		r = tally(d, root, &before, false, e);
	return r ? r : tally(d, root, now, true, e);
}

static void bind_document(sqlite3_stmt *st, const struct store_document *doc)
{
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
}

static void bind_status(sqlite3_stmt *st, const struct store_status *s)
{
	bind_text(st, 12, span_str(store_state_name(s->state)));
	(void)sqlite3_bind_int64(st, 13, s->missing);
	(void)sqlite3_bind_int64(st, 14, s->gaps);
	bind_text(st, 15, s->title);
	bind_text(st, 16, s->reason);
	bind_text(st, 17, s->url);
	bind_text(st, 18, s->verdict);
	(void)sqlite3_bind_int64(st, 19, s->line);
	(void)sqlite3_bind_int64(st, 20, s->col);
	(void)sqlite3_bind_int64(st, 21, s->looked_at);
}

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct put_document *p = CONTAINER_OF(r, struct put_document, r);
	const struct counted now = {true, p->status.state, p->status.missing};
	sqlite3_stmt *st;
	int64_t root;
	enum err result = root_id(d, p->root, true, &root, e);

	(void)answers;
	if (!result)
		result = recount(d, root, p->document.path, &now, e);
	if (!result)
		result = database_statement(
			d, SQL_DOCUMENT_PUT,
			"REPLACE INTO document (root, path, dev, ino, size, mtime_ns, ctime_ns,"
			" content_hi, content_lo, fingerprint, due_at,"
			" state, missing, gaps, title, reason, blamed, verdict, line, col, looked_at)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
			" ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
			&st, e);
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_document(st, &p->document);
	bind_status(st, &p->status);
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
		result = recount(d, root, p->document.path, &(struct counted){.there = false}, e);
	if (!result)
		result = database_statement(d, SQL_DOCUMENT_DROP,
					    "DELETE FROM document WHERE root = ?1 AND path = ?2", &st, e);
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, root);
	bind_text(st, 2, p->document.path);
	return database_run(d, st, e);
}

static struct span cut(struct span s, size_t max)
{
	size_t n = MIN(s.len, max);

	while (n < s.len && n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	return span_of(s.ptr, n);
}

static enum err send(struct store *s, const struct request_kind *kind, struct span root,
		     const struct store_document *document, const struct store_status *status)
{
	struct store_status now = status ? *status : (struct store_status){.state = STORE_STATE_UNKNOWN};
	struct put_document *p;
	struct request *r;
	enum err result;

	if (!root.len || !document->path.len)
		return ERR_INVALID;
	if (root.len > REQUEST_BYTES / 2 || document->path.len > REQUEST_BYTES / 2)
		return ERR_TOOBIG;
	now.title = cut(now.title, STORE_TITLE_MAX);
	now.reason = cut(now.reason, STORE_REASON_MAX);
	now.url = cut(now.url, STORE_BLAMED_MAX);
	now.verdict = cut(now.verdict, STORE_REASON_MAX);
	result = request_new(kind, sizeof(*p),
			     root.len + document->path.len + now.title.len + now.reason.len + now.url.len +
				     now.verdict.len,
			     &r);
	if (result)
		return result;
	p = CONTAINER_OF(r, struct put_document, r);
	p->document = *document;
	p->root = request_text(r, root);
	p->document.path = request_text(r, document->path);
	p->status = now;
	p->status.title = request_text(r, now.title);
	p->status.reason = request_text(r, now.reason);
	p->status.url = request_text(r, now.url);
	p->status.verdict = request_text(r, now.verdict);
	return request_send(s, r);
}

enum err store_put_document(struct store *s, struct span root, const struct store_document *document,
			    const struct store_status *status)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, NULL};

	return send(s, &kind, root, document, status);
}

enum err store_forget_document(struct store *s, struct span root, struct span path)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, forget_run, NULL};

	return send(s, &kind, root, &(struct store_document){.path = path}, NULL);
}
