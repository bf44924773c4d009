/* SPDX-License-Identifier: MIT */
#include "store/internal.h"

enum outcome outcome_by_name(struct span name)
{
	for (enum outcome o = 0; o < OUTCOME_COUNT; o++)
		if (span_eq_str(name, outcome_name(o)))
			return o;
	return OUTCOME_NONE;
}

/* ---- get ---- */

struct get_results {
	struct request r;
	store_results_fn *fn;
	void *arg;
	size_t count;
	struct store_result *results; /* urls are the question */
};

static void forget(struct get_results *g)
{
	for (size_t i = 0; i < g->count; i++)
		g->results[i] = (struct store_result){.url = g->results[i].url};
}

enum err result_read(struct database *d, struct store_result *ret, struct arena *a, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(
		d, SQL_RESULT_GET,
		"SELECT outcome, status, fetched_at, expires_at, failures, final_url, error,"
		" etag, last_modified, text, unchanged, published_at, move_target, move_times, move_first,"
		" move_last FROM url LEFT JOIN page ON page.id = "
		"url.id"
		" WHERE url.id = ?1 AND url = ?2",
		&st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, url_id(ret->url));
	bind_text(st, 2, ret->url);
	r = database_row(d, st, &row, e);
	if (r || !row)
		return r;
	ret->outcome = outcome_by_name(column_span(st, 0));
	if (ret->outcome != OUTCOME_NONE) {
		ret->status = (unsigned)sqlite3_column_int(st, 1);
		ret->fetched_at = sqlite3_column_int64(st, 2);
		ret->expires_at = sqlite3_column_int64(st, 3);
		ret->failures = (unsigned)sqlite3_column_int(st, 4);
		ret->final_url = arena_dup(a, column_span(st, 5));
		ret->error = arena_dup(a, column_span(st, 6));
		ret->etag = arena_dup(a, column_span(st, 7));
		ret->last_modified = arena_dup(a, column_span(st, 8));
		ret->page = arena_dup(a, column_span(st, 9));
		ret->move_target = (uint64_t)sqlite3_column_int64(st, 12);
		ret->move_times = (unsigned)sqlite3_column_int(st, 13);
		ret->move_first = sqlite3_column_int64(st, 14);
		ret->move_last = sqlite3_column_int64(st, 15);
		ret->unchanged = (unsigned)sqlite3_column_int(st, 10);
		ret->published_at = sqlite3_column_int64(st, 11);
	}
	(void)sqlite3_reset(st);
	return arena_failed(a);
}

static enum err get_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_results *g = CONTAINER_OF(r, struct get_results, r);
	enum err result = ERR_OK;

	forget(g);
	for (size_t i = 0; i < g->count && !result; i++)
		result = result_read(d, &g->results[i], answers, e);
	if (result && arena_failed(answers))
		(void)err_set(e, result, "%s", err_text(result));
	if (result)
		forget(g);
	return result;
}

static void get_done(struct request *r)
{
	const struct get_results *g = CONTAINER_OF(r, struct get_results, r);

	g->fn(g->arg, g->results, g->count);
}

enum err store_get_results(struct store *s, const struct span *urls, size_t count, store_results_fn *fn,
			   void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, get_run, get_done};
	struct get_results *g;
	struct request *r;
	size_t bytes = 0;
	enum err result;

	if (count > REQUEST_BYTES / sizeof(struct store_result))
		return ERR_TOOBIG;
	for (size_t i = 0; i < count; i++) {
		if (!urls[i].len)
			return ERR_INVALID;
		if (urls[i].len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += urls[i].len;
	}
	result = request_new(&kind, sizeof(*g), bytes + count * sizeof(struct store_result), &r);
	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_results, r);
	g->fn = fn;
	g->arg = arg;
	g->count = count;
	g->results = request_array(r, sizeof(*g->results), count);
	for (size_t i = 0; i < count; i++)
		g->results[i].url = request_text(r, urls[i]);
	return request_send(s, r);
}

/* ---- put ---- */

struct put_result {
	struct request r;
	struct store_result result;
};

static enum err put_page(struct database *d, int64_t id, struct span page, struct error *e)
{
	sqlite3_stmt *st;
	enum err r;

	if (!page.ptr)
		r = database_statement(d, SQL_PAGE_DROP, "DELETE FROM page WHERE id = ?1", &st, e);
	else /* the same page again, which is what most refreshes bring, is not written again */
		r = database_statement(
			d, SQL_PAGE_PUT,
			"INSERT INTO page (id, text) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE"
			" SET text = excluded.text WHERE text <> excluded.text",
			&st, e);
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, id);
	if (page.ptr)
		bind_bytes(st, 2, page);
	return database_run(d, st, e);
}

static void bind_result(sqlite3_stmt *st, const struct store_result *p)
{
	(void)sqlite3_bind_int64(st, 1, url_id(p->url));
	bind_text(st, 2, p->url);
	bind_text(st, 3, p->final_url);
	bind_text(st, 4, span_str(outcome_name(p->outcome)));
	(void)sqlite3_bind_int64(st, 5, p->status);
	(void)sqlite3_bind_int64(st, 6, p->fetched_at);
	(void)sqlite3_bind_int64(st, 7, p->expires_at);
	(void)sqlite3_bind_int64(st, 8, p->failures);
	bind_text(st, 9, p->error);
	bind_bytes(st, 10, p->etag);
	bind_bytes(st, 11, p->last_modified);
	(void)sqlite3_bind_int64(st, 12, MIN(p->unchanged, 1000u));
	(void)sqlite3_bind_int64(st, 13, p->published_at);
	(void)sqlite3_bind_int64(st, 14, (int64_t)(p->move_target & INT64_MAX));
	(void)sqlite3_bind_int64(st, 15, MIN(p->move_times, 1000u));
	(void)sqlite3_bind_int64(st, 16, p->move_first);
	(void)sqlite3_bind_int64(st, 17, p->move_last);
}

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct store_result *p = &CONTAINER_OF(r, struct put_result, r)->result;
	int64_t id = url_id(p->url);
	sqlite3_stmt *st;
	enum err result = database_statement(
		d, SQL_RESULT_PUT,
		"INSERT INTO url (id, url, final_url, outcome, status, fetched_at, expires_at, failures, "
		"error, etag,"
		" last_modified, unchanged, published_at, move_target, move_times, move_first, move_last)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON "
		"CONFLICT (id) DO "
		"UPDATE SET"
		" url = excluded.url, final_url = excluded.final_url, outcome = excluded.outcome,"
		" status = excluded.status, fetched_at = excluded.fetched_at, expires_at = "
		"excluded.expires_at,"
		" failures = excluded.failures, error = excluded.error, etag = excluded.etag,"
		" last_modified = excluded.last_modified, unchanged = excluded.unchanged,"
		" published_at = excluded.published_at, move_target = excluded.move_target,"
		" move_times = excluded.move_times, move_first = excluded.move_first,"
		" move_last = excluded.move_last",
		&st, e);

	(void)answers;
	if (result)
		return result;
	bind_result(st, p);
	result = database_run(d, st, e);
	return result ? result : put_page(d, id, p->page, e);
}

static enum err renew_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	sqlite3_stmt *st;
	enum err result = database_statement(
		d, SQL_RESULT_RENEW,
		"UPDATE url SET final_url = ?3, outcome = ?4, status = ?5, fetched_at = ?6, expires_at = ?7,"
		" failures = ?8, error = ?9, etag = ?10, last_modified = ?11, unchanged = ?12,"
		" published_at = ?13, move_target = ?14, move_times = ?15, move_first = ?16, move_last = ?17 "
		"WHERE id = ?1 AND url = ?2",
		&st, e);

	(void)answers;
	if (result)
		return result;
	bind_result(st, &CONTAINER_OF(r, struct put_result, r)->result);
	return database_run(d, st, e);
}

static enum err send_result(struct store *s, const struct request_kind *kind,
			    const struct store_result *result)
{
	const struct span texts[] = {result->url,  result->final_url,     result->error,
				     result->etag, result->last_modified, result->page};
	struct store_result *p;
	struct request *r;
	size_t bytes = 0;
	enum err made;

	if (!result->url.len || (unsigned)result->outcome >= OUTCOME_COUNT)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += texts[i].len;
	}
	made = request_new(kind, sizeof(struct put_result), bytes, &r);
	if (made)
		return made;
	p = &CONTAINER_OF(r, struct put_result, r)->result;
	*p = *result;
	p->url = request_text(r, result->url);
	p->final_url = request_text(r, result->final_url);
	p->error = request_text(r, result->error);
	p->etag = request_text(r, result->etag);
	p->last_modified = request_text(r, result->last_modified);
	p->page = request_text(r, result->page);
	return request_send(s, r);
}

enum err store_put_result(struct store *s, const struct store_result *result)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, NULL};

	return send_result(s, &kind, result);
}

enum err store_renew_result(struct store *s, const struct store_result *result)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, renew_run, NULL};
	struct store_result pageless = *result;

	pageless.page = SPAN_NONE;
	return send_result(s, &kind, &pageless);
}
