/* SPDX-License-Identifier: MIT */
/* look_rows.c - what was written, what answered, feeds, runs. */
#include "store/look_inner.h"

/* Takes rows until there are no more, the array is full or the time is over. */
typedef bool take_fn(sqlite3_stmt *st, struct arena *a, void *row);

static enum err take_rows(struct look *l, struct database *d, sqlite3_stmt *st, take_fn *take,
			  struct look_array *ret, struct arena *a, struct error *e)
{
	bool row = true;
	enum err r = ERR_OK;

	while (!r && row && ret->count < ret->max) {
		void *one;

		r = look_row(l, d, st, &row, e);
		if (r || !row)
			break;
		one = look_add(ret, a);
		if (!one)
			break;
		if (!take(st, a, one))
			ret->count--;
	}
	(void)sqlite3_reset(st);
	return look_forgive(a, r, e);
}

/* ---- what was written ---- */

static bool take_written(sqlite3_stmt *st, struct arena *a, void *row)
{
	struct look_written *w = row;

	w->root = arena_dup(a, column_span(st, 12));
	return provenance_row(st, a, &w->row);
}

enum err look_written(struct look *l, struct span root, struct span path, int64_t before, size_t limit,
		      struct arena *a, struct look_written **ret, size_t *count, struct error *e)
{
#define FROM_WRITTEN                                                                                 \
	"SELECT " PROVENANCE_COLUMNS " FROM provenance CROSS JOIN root ON root.id = provenance.root" \
	" WHERE provenance.id < ?1"
	struct look_array rows = {.size = sizeof(struct look_written), .max = limit};
	struct database *d = look_at(l, FILE_MEMORY);
	sqlite3_stmt *st = NULL;
	int64_t id = 0;
	enum err r = d && path.ptr ? root_id(d, root, false, &id, e) : ERR_OK;

	*ret = NULL;
	*count = 0;
	if (r || !d || (path.ptr && !id))
		return r;
	if (path.ptr)
		r = database_statement(d, SQL_LOOK_WRITTEN_DOCUMENT,
				       FROM_WRITTEN " AND provenance.root = ?2 AND provenance.path = ?3"
						    " ORDER BY provenance.id DESC",
				       &st, e);
	else
		r = database_statement(d, SQL_LOOK_WRITTEN, FROM_WRITTEN " ORDER BY provenance.id DESC", &st,
				       e);
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, before ? before : INT64_MAX);
	if (path.ptr) {
		(void)sqlite3_bind_int64(st, 2, id);
		bind_text(st, 3, path);
	}
	r = take_rows(l, d, st, take_written, &rows, a, e);
	*ret = rows.rows;
	*count = rows.count;
	return r;
}

/* ---- what answered ---- */

enum err look_result(struct look *l, struct arena *a, struct store_result *result, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);

	*result = (struct store_result){.url = result->url};
	return d ? look_forgive(a, result_read(d, result, a, e), e) : ERR_OK;
}

enum err look_site(struct look *l, struct arena *a, struct store_site *site, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);

	*site = (struct store_site){.host = site->host};
	return d && site->host.len ? look_forgive(a, site_read(d, site, a, e), e) : ERR_OK;
}

enum err look_image(struct look *l, struct arena *a, struct store_image *image, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);

	*image = (struct store_image){.url = image->url};
	return d ? look_forgive(a, image_read(d, image, a, e), e) : ERR_OK;
}

static bool take_failing(sqlite3_stmt *st, struct arena *a, void *row)
{
	struct store_result *r = row;

	r->url = arena_dup(a, column_span(st, 0));
	r->final_url = arena_dup(a, column_span(st, 1));
	r->outcome = outcome_by_name(column_span(st, 2));
	r->status = (unsigned)sqlite3_column_int(st, 3);
	r->fetched_at = sqlite3_column_int64(st, 4);
	r->expires_at = sqlite3_column_int64(st, 5);
	r->failures = (unsigned)sqlite3_column_int(st, 6);
	r->error = arena_dup(a, column_span(st, 7));
	return true;
}

enum err look_failing(struct look *l, size_t limit, struct arena *a, struct store_result **ret, size_t *count,
		      struct error *e)
{
	struct look_array rows = {.size = sizeof(struct store_result), .max = limit};
	struct database *d = look_at(l, FILE_CACHE);
	sqlite3_stmt *st;
	enum err r = ERR_OK;

	if (d)
		r = database_statement(d, SQL_LOOK_FAILING,
				       "SELECT url, final_url, outcome, status, fetched_at, expires_at,"
				       " failures, error FROM url INDEXED BY url_failing WHERE failures > 0"
				       " ORDER BY failures DESC, id DESC",
				       &st, e);
	if (d && !r)
		r = take_rows(l, d, st, take_failing, &rows, a, e);
	*ret = rows.rows;
	*count = rows.count;
	return r;
}

/* ---- feeds, runs ---- */

static bool take_poll(sqlite3_stmt *st, struct arena *a, void *row)
{
	poll_row(st, a, row);
	return true;
}

enum err look_polls(struct look *l, size_t limit, struct arena *a, struct store_poll **ret, size_t *count,
		    struct error *e)
{
	struct look_array rows = {.size = sizeof(struct store_poll), .max = limit};
	struct database *d = look_at(l, FILE_CACHE);
	sqlite3_stmt *st;
	enum err r = ERR_OK;

	if (d)
		r = database_statement(d, SQL_LOOK_POLLS,
				       "SELECT " POLL_COLUMNS
				       " FROM feed_poll p ORDER BY failures DESC, next_at, url",
				       &st, e);
	if (d && !r)
		r = take_rows(l, d, st, take_poll, &rows, a, e);
	*ret = rows.rows;
	*count = rows.count;
	return r;
}

static bool take_run(sqlite3_stmt *st, struct arena *a, void *row)
{
	struct look_run *run = row;

	run->id = sqlite3_column_int64(st, 0);
	run->begun_at = sqlite3_column_int64(st, 1);
	run->ended_at = sqlite3_column_int64(st, 2);
	run->summary = arena_dup(a, column_span(st, 3));
	return true;
}

enum err look_runs(struct look *l, size_t limit, struct arena *a, struct look_run **ret, size_t *count,
		   struct error *e)
{
	struct look_array rows = {.size = sizeof(struct look_run), .max = limit};
	struct database *d = look_at(l, FILE_MEMORY);
	sqlite3_stmt *st;
	enum err r = ERR_OK;

	if (d)
		r = database_statement(d, SQL_LOOK_RUNS,
				       "SELECT id, begun_at, ended_at, summary FROM run ORDER BY id DESC",
				       &st, e);
	if (d && !r)
		r = take_rows(l, d, st, take_run, &rows, a, e);
	*ret = rows.rows;
	*count = rows.count;
	return r;
}
