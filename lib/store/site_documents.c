/* SPDX-License-Identifier: MIT */
/* site_documents.c - hosts whose pages share another set than before, and the documents that concerns. */
#include "base/url.h"
#include "store/internal.h"

enum { CHANGED_MAX = 4096 }; /* hosts at a time: the others come next time */

/* ---- the hosts ---- */

struct changed_sites {
	struct request r;
	struct store_site *sites;
	size_t count;
	store_sites_fn *fn;
	void *arg;
};

static enum err changed_run(struct database *d, struct request *request, struct arena *answers,
			    struct error *e)
{
	struct changed_sites *q = CONTAINER_OF(request, struct changed_sites, r);
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_SITE_CHANGED,
					"SELECT host FROM site_changed ORDER BY host LIMIT ?1", &st, e);

	q->count = 0;
	if (r)
		return r;
	(void)sqlite3_bind_int(st, 1, CHANGED_MAX);
	r = database_row(d, st, &row, e);
	if (!r && row)
		q->sites = ARENA_NEW_ARRAY(answers, struct store_site, CHANGED_MAX);
	while (!r && row && q->sites) {
		q->sites[q->count++] = (struct store_site){.host = arena_dup(answers, column_span(st, 0))};
		r = database_row(d, st, &row, e);
	}
	(void)sqlite3_reset(st);
	if (!r && arena_failed(answers))
		r = err_set(e, arena_failed(answers), "%s", err_text(arena_failed(answers)));
	if (r)
		q->count = 0;
	return r;
}

static void changed_done(struct request *request)
{
	const struct changed_sites *q = CONTAINER_OF(request, struct changed_sites, r);

	q->fn(q->arg, q->sites, q->count);
}

enum err store_get_changed_sites(struct store *s, store_sites_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, changed_run, changed_done};
	struct changed_sites *q;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*q), 0, &r);

	if (result)
		return result;
	q = CONTAINER_OF(r, struct changed_sites, r);
	q->fn = fn;
	q->arg = arg;
	return request_send(s, r);
}

static enum err clear_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	sqlite3_stmt *st;
	enum err r =
		database_statement(d, SQL_SITE_CLEAR,
				   "DELETE FROM site_changed WHERE host IN (SELECT host FROM site_changed"
				   " ORDER BY host LIMIT ?1)",
				   &st, e);

	(void)request;
	(void)answers;
	if (r)
		return r;
	(void)sqlite3_bind_int(st, 1, CHANGED_MAX);
	return database_run(d, st, e);
}

enum err store_clear_changed_sites(struct store *s)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, clear_run, NULL};
	struct request *r;
	enum err result = request_new(&kind, sizeof(*r), 0, &r);

	return result ? result : request_send(s, r);
}

/* ---- the documents concerned ---- */

struct site_documents {
	struct request r;
	struct store_changed_site *sites;
	size_t count;
	int64_t run;
	struct span *roots, *paths;
	size_t found, room;
	store_site_documents_fn *fn;
	void *arg;
};

static bool is_concerned(const struct site_documents *q, struct span origin, int64_t run,
			 struct arena *scratch)
{
	struct url u;

	arena_reset(scratch);
	if (url_parse(origin, NULL, scratch, &u, NULL))
		return false;
	if (span_starts(u.host, SPAN("www.")))
		u.host = span_sub(u.host, 4, u.host.len);
	for (size_t i = 0; i < q->count; i++)
		if (span_eq(q->sites[i].host, u.host))
			return q->sites[i].late || run != q->run;
	return false;
}

/* Rows come by document: one document's follow each other. */
static enum err note_document(struct site_documents *q, struct span root, struct span path, struct arena *a)
{
	if (q->found && span_eq(q->paths[q->found - 1], path) && span_eq(q->roots[q->found - 1], root))
		return ERR_OK;
	if (q->found == q->room) {
		size_t room = q->room ? 2 * q->room : 64;
		struct span *roots = ARENA_NEW_ARRAY(a, struct span, room);
		struct span *paths = ARENA_NEW_ARRAY(a, struct span, room);

		if (!roots || !paths)
			return arena_failed(a);
		if (q->found) {
			memcpy(roots, q->roots, q->found * sizeof(*roots));
			memcpy(paths, q->paths, q->found * sizeof(*paths));
		}
		q->roots = roots;
		q->paths = paths;
		q->room = room;
	}
	q->roots[q->found] = arena_dup(a, root);
	q->paths[q->found] = arena_dup(a, path);
	q->found += !arena_failed(a);
	return arena_failed(a);
}

static enum err documents_run(struct database *d, struct request *request, struct arena *answers,
			      struct error *e)
{
	struct site_documents *q = CONTAINER_OF(request, struct site_documents, r);
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(1024 * 1024);
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(
		d, SQL_SITE_DOCUMENTS,
		"SELECT root.path, provenance.path, origin, run FROM provenance JOIN root ON"
		" root.id = root WHERE field IN (?1, ?2, ?3) AND origin IS NOT NULL"
		" ORDER BY root, provenance.path",
		&st, e);

	q->found = q->room = 0;
	if (r)
		return r;
	bind_text(st, 1, span_str(field_name(FIELD_TITLE)));
	bind_text(st, 2, span_str(field_name(FIELD_EXCERPT)));
	bind_text(st, 3, span_str(field_name(FIELD_IMAGE)));
	r = database_row(d, st, &row, e);
	while (!r && row) {
		if (is_concerned(q, column_span(st, 2), sqlite3_column_int64(st, 3), &scratch))
			r = note_document(q, column_span(st, 0), column_span(st, 1), answers);
		if (!r)
			r = database_row(d, st, &row, e);
	}
	(void)sqlite3_reset(st);
	if (r && arena_failed(answers))
		(void)err_set(e, r, "%s", err_text(r));
	if (r)
		q->found = 0;
	return r;
}

static void documents_done(struct request *request)
{
	const struct site_documents *q = CONTAINER_OF(request, struct site_documents, r);

	q->fn(q->arg, q->roots, q->paths, q->found);
}

enum err store_find_site_documents(struct store *s, const struct store_changed_site *sites, size_t count,
				   int64_t run, store_site_documents_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, false, false, documents_run, documents_done};
	struct site_documents *q;
	struct request *r;
	size_t bytes = 0;
	enum err result;

	if (count > REQUEST_BYTES / sizeof(*sites))
		return ERR_TOOBIG;
	for (size_t i = 0; i < count; i++) {
		if (sites[i].host.len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += sites[i].host.len;
	}
	result = request_new(&kind, sizeof(*q), bytes + count * sizeof(*sites), &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct site_documents, r);
	q->run = run;
	q->fn = fn;
	q->arg = arg;
	q->count = count;
	q->sites = request_array(r, sizeof(*sites), count);
	for (size_t i = 0; i < count; i++)
		q->sites[i] = (struct store_changed_site){request_text(r, sites[i].host), sites[i].late};
	return request_send(s, r);
}
