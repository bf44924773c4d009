/* SPDX-License-Identifier: MIT */
#include "base/url.h"
#include "store/internal.h"

/* A link's host, for undo by host; NULL for what is no URL. */
static struct span host_of(struct span text, struct arena *a)
{
	struct url url;

	return text.ptr && !url_parse(text, NULL, a, &url, NULL) ? url.host : SPAN_NONE;
}

/* ---- get, find ---- */

struct get_provenance {
	struct request r;
	struct span root, path;
	store_provenance_fn *fn;
	void *arg;
	struct store_provenance *rows;
	size_t count;
};

enum ask { ASK_ROOT, ASK_DOCUMENT };

static enum ask ask_of(const struct get_provenance *g)
{
	return g->path.ptr ? ASK_DOCUMENT : ASK_ROOT;
}

/* Apart, so that one document's rows are found by the index. */
#define FROM_ROOT " FROM provenance JOIN root ON root.id = provenance.root WHERE root.path = ?1"
#define FROM_DOCUMENT FROM_ROOT " AND provenance.path = ?2"
#define COUNT "SELECT count(*)"
#define ROWS "SELECT " PROVENANCE_COLUMNS
#define NEWEST_FIRST " ORDER BY provenance.id DESC"

static const char *const count_sql[] = {
	[ASK_ROOT] = COUNT FROM_ROOT,
	[ASK_DOCUMENT] = COUNT FROM_DOCUMENT,
};
static const char *const rows_sql[] = {
	[ASK_ROOT] = ROWS FROM_ROOT NEWEST_FIRST,
	[ASK_DOCUMENT] = ROWS FROM_DOCUMENT NEWEST_FIRST,
};

bool provenance_row(sqlite3_stmt *st, struct arena *a, struct store_provenance *p)
{
	/* a field of a later version: this one cannot refresh or undo it */
	if (!field_by_name(column_span(st, 5), &p->field))
		return false;
	p->id = sqlite3_column_int64(st, 0);
	p->run = sqlite3_column_int64(st, 1);
	p->path = arena_dup(a, column_span(st, 2));
	p->related = sqlite3_column_int(st, 3);
	p->url = arena_dup(a, column_span(st, 4));
	p->was_absent = sqlite3_column_int(st, 6) != 0;
	p->before = arena_dup(a, column_span(st, 7));
	p->after = arena_dup(a, column_span(st, 8));
	p->source = arena_dup(a, column_span(st, 9));
	p->from = arena_dup(a, column_span(st, 10));
	p->time = sqlite3_column_int64(st, 11);
	p->score = sqlite3_column_int(st, 13);
	return true;
}

static enum err read_row(sqlite3_stmt *st, struct get_provenance *g, struct arena *a, struct error *e)
{
	if (!provenance_row(st, a, &g->rows[g->count]))
		return ERR_OK;
	g->count++;
	return arena_failed(a) ? err_set(e, arena_failed(a), "too much provenance to remember at once")
			       : ERR_OK;
}

static void bind(sqlite3_stmt *st, const struct get_provenance *g, enum ask ask)
{
	bind_text(st, 1, g->root);
	if (ask == ASK_DOCUMENT)
		bind_text(st, 2, g->path);
}

static enum err count_rows(struct database *d, const struct get_provenance *g, size_t *ret, struct error *e)
{
	enum ask ask = ask_of(g);
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_PROVENANCE_COUNT + ask, count_sql[ask], &st, e);

	*ret = 0;
	if (r)
		return r;
	bind(st, g, ask);
	r = database_row(d, st, &row, e);
	if (!r && row) {
		*ret = (size_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
	}
	return r;
}

static enum err get_rows(struct database *d, struct get_provenance *g, size_t max, struct arena *a,
			 struct error *e)
{
	enum ask ask = ask_of(g);
	sqlite3_stmt *st;
	bool row = true;
	enum err r = database_statement(d, SQL_PROVENANCE_GET + ask, rows_sql[ask], &st, e);

	if (r)
		return r;
	bind(st, g, ask);
	while (!r && row && g->count < max) {
		r = database_row(d, st, &row, e);
		if (!r && row)
			r = read_row(st, g, a, e);
	}
	(void)sqlite3_reset(st);
	return r;
}

static enum err get_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_provenance *g = CONTAINER_OF(r, struct get_provenance, r);
	size_t max;
	enum err result = count_rows(d, g, &max, e);

	g->count = 0;
	if (result || !max)
		return result;
	g->rows = ARENA_NEW_ARRAY(answers, struct store_provenance, max);
	if (arena_failed(answers))
		return err_set(e, arena_failed(answers), "too much provenance to remember at once");
	result = get_rows(d, g, max, answers, e);
	if (result)
		g->count = 0;
	return result;
}

static void get_done(struct request *r)
{
	const struct get_provenance *g = CONTAINER_OF(r, struct get_provenance, r);

	g->fn(g->arg, g->rows, g->count);
}

enum err store_get_provenance(struct store *s, struct span root, struct span path, store_provenance_fn *fn,
			      void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, false, get_run, get_done};
	struct get_provenance *g;
	struct request *r;
	enum err result;

	if (!root.len)
		return ERR_INVALID;
	if (MAX(root.len, path.len) > REQUEST_BYTES / 4)
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*g), root.len + path.len, &r);
	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_provenance, r);
	g->root = request_text(r, root);
	g->path = request_text(r, path);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}

/* ---- put ---- */

struct put_provenance {
	struct request r;
	struct span root;
	struct store_provenance *rows;
	size_t count;
	int64_t first_id;
	store_ids_fn *fn;
	void *arg;
};

static enum err put_row(struct database *d, int64_t root, const struct store_provenance *p, struct arena *a,
			struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(
		d, SQL_PROVENANCE_PUT,
		"INSERT INTO provenance (run, root, path, related, url, host, field, was_absent, before, "
		"after, source,"
		" origin, time, score) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
		&st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, p->run);
	(void)sqlite3_bind_int64(st, 2, root);
	bind_text(st, 3, p->path);
	(void)sqlite3_bind_int(st, 4, p->related);
	bind_text(st, 5, p->url);
	bind_text(st, 6, host_of(p->url, a));
	bind_text(st, 7, span_str(field_name(p->field)));
	(void)sqlite3_bind_int(st, 8, p->was_absent);
	bind_bytes(st, 9, p->before);
	bind_bytes(st, 10, p->after);
	bind_text(st, 11, p->source);
	bind_text(st, 12, p->from);
	(void)sqlite3_bind_int64(st, 13, p->time);
	(void)sqlite3_bind_int(st, 14, p->score);
	return database_run(d, st, e);
}

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct put_provenance *p = CONTAINER_OF(r, struct put_provenance, r);
	int64_t root;
	enum err result = root_id(d, p->root, true, &root, e);

	p->first_id = 0;
	for (size_t i = 0; i < p->count && !result; i++) {
		result = put_row(d, root, &p->rows[i], answers, e);
		if (!result && !i)
			p->first_id = sqlite3_last_insert_rowid(d->db);
	}
	return result;
}

static void put_done(struct request *r)
{
	const struct put_provenance *p = CONTAINER_OF(r, struct put_provenance, r);

	if (p->fn)
		p->fn(p->arg, r->result, r->result ? 0 : p->first_id, p->count);
}

static enum err measure(const struct store_provenance *rows, size_t count, size_t *bytes)
{
	for (size_t i = 0; i < count; i++) {
		const struct span texts[] = {rows[i].path,  rows[i].url,    rows[i].before,
					     rows[i].after, rows[i].source, rows[i].from};

		if (!rows[i].path.len || (unsigned)rows[i].field >= FIELD_COUNT)
			return ERR_INVALID;
		for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
			if (texts[j].len > REQUEST_BYTES - *bytes)
				return ERR_TOOBIG;
			*bytes += texts[j].len;
		}
	}
	return ERR_OK;
}

enum err store_put_provenance(struct store *s, struct span root, const struct store_provenance *rows,
			      size_t count, store_ids_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, true, true, put_run, put_done};
	struct put_provenance *p;
	struct request *r;
	size_t bytes = root.len;
	enum err result;

	if (!root.len)
		return ERR_INVALID;
	if (root.len > REQUEST_BYTES || count > REQUEST_BYTES / sizeof(*rows))
		return ERR_TOOBIG;
	result = measure(rows, count, &bytes);
	if (!result)
		result = request_new(&kind, sizeof(*p), bytes + count * sizeof(*rows), &r);
	if (result)
		return result;
	p = CONTAINER_OF(r, struct put_provenance, r);
	p->fn = fn;
	p->arg = arg;
	p->count = count;
	p->rows = request_array(r, sizeof(*rows), count);
	p->root = request_text(r, root);
	for (size_t i = 0; i < count; i++) {
		struct store_provenance *to = &p->rows[i];

		*to = rows[i];
		to->path = request_text(r, rows[i].path);
		to->url = request_text(r, rows[i].url);
		to->before = request_text(r, rows[i].before);
		to->after = request_text(r, rows[i].after);
		to->source = request_text(r, rows[i].source);
		to->from = request_text(r, rows[i].from);
	}
	return request_send(s, r);
}

/* ---- drop ---- */

struct drop_provenance {
	struct request r;
	int64_t first, last;
};

static enum err drop_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct drop_provenance *p = CONTAINER_OF(r, struct drop_provenance, r);
	sqlite3_stmt *st;
	enum err result = database_statement(d, SQL_PROVENANCE_DROP,
					     "DELETE FROM provenance WHERE id BETWEEN ?1 AND ?2", &st, e);

	(void)answers;
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, p->first);
	(void)sqlite3_bind_int64(st, 2, p->last);
	return database_run(d, st, e);
}

enum err store_drop_provenance(struct store *s, int64_t first_id, size_t count)
{
	static const struct request_kind kind = {FILE_MEMORY, true, false, drop_run, NULL};
	struct drop_provenance *p;
	struct request *r;
	enum err result;

	if (first_id <= 0 || !count || count > (uint64_t)(INT64_MAX - first_id))
		return ERR_INVALID;
	result = request_new(&kind, sizeof(*p), 0, &r);
	if (result)
		return result;
	p = CONTAINER_OF(r, struct drop_provenance, r);
	p->first = first_id;
	p->last = first_id + (int64_t)count - 1;
	return request_send(s, r);
}
