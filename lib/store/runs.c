/* SPDX-License-Identifier: MIT */
/* runs.c - runs, complaints that were told, and flushes. */
#include "store/internal.h"

/* ---- runs ---- */

struct run_request {
	struct request r;
	int64_t now, run;
	struct span summary;
	store_run_fn *fn;
	void *arg;
};

static enum err begin_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct run_request *q = CONTAINER_OF(r, struct run_request, r);
	sqlite3_stmt *st;
	enum err result =
		database_statement(d, SQL_RUN_BEGIN, "INSERT INTO run (begun_at) VALUES (?1)", &st, e);

	(void)answers;
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, q->now);
	result = database_run(d, st, e);
	if (!result)
		q->run = sqlite3_last_insert_rowid(d->db);
	return result;
}

static void begin_done(struct request *r)
{
	const struct run_request *q = CONTAINER_OF(r, struct run_request, r);

	q->fn(q->arg, r->result ? 0 : q->run);
}

static enum err end_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct run_request *q = CONTAINER_OF(r, struct run_request, r);
	sqlite3_stmt *st;
	enum err result = database_statement(
		d, SQL_RUN_END, "UPDATE run SET ended_at = ?2, summary = ?3 WHERE id = ?1", &st, e);

	(void)answers;
	if (result)
		return result;
	(void)sqlite3_bind_int64(st, 1, q->run);
	(void)sqlite3_bind_int64(st, 2, q->now);
	bind_text(st, 3, q->summary);
	return database_run(d, st, e);
}

static enum err send_run(struct store *s, const struct request_kind *kind, struct run_request from)
{
	struct run_request *q;
	struct request *r;
	enum err result = request_new(kind, sizeof(*q), from.summary.len, &r);

	if (result)
		return result;
	q = CONTAINER_OF(r, struct run_request, r);
	q->now = from.now;
	q->run = from.run;
	q->fn = from.fn;
	q->arg = from.arg;
	q->summary = request_text(r, from.summary);
	return request_send(s, r);
}

enum err store_begin_run(struct store *s, int64_t now, store_run_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_MEMORY, true, false, begin_run, begin_done};

	return send_run(s, &kind, (struct run_request){.now = now, .fn = fn, .arg = arg});
}

enum err store_end_run(struct store *s, int64_t run, int64_t now, struct span summary_json)
{
	static const struct request_kind kind = {FILE_MEMORY, true, false, end_run, NULL};

	return send_run(s, &kind, (struct run_request){.now = now, .run = run, .summary = summary_json});
}

/* ---- complaints ---- */

struct complaints {
	struct request r;
	uint64_t *keys;
	size_t count;
	store_complaints_fn *fn;
	void *arg;
};

static enum err count_complaints(struct database *d, size_t *ret, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_COMPLAINT_COUNT, "SELECT count(*) FROM complaint", &st, e);

	*ret = 0;
	if (!r)
		r = database_row(d, st, &row, e);
	if (!r && row) {
		*ret = (size_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
	}
	return r;
}

static enum err get_complaints(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct complaints *c = CONTAINER_OF(r, struct complaints, r);
	sqlite3_stmt *st;
	bool row = true;
	size_t max;
	enum err result = count_complaints(d, &max, e);

	c->count = 0;
	if (result || !max)
		return result;
	c->keys = ARENA_NEW_ARRAY(answers, uint64_t, max);
	if (!c->keys)
		return err_set(e, ERR_NOMEM, "too many complaints to remember at once");
	result = database_statement(d, SQL_COMPLAINT_GET, "SELECT key FROM complaint ORDER BY key", &st, e);
	if (result)
		return result;
	while (!result && row && c->count < max) {
		result = database_row(d, st, &row, e);
		if (!result && row)
			c->keys[c->count++] = (uint64_t)sqlite3_column_int64(st, 0);
	}
	(void)sqlite3_reset(st);
	if (result)
		c->count = 0;
	return result;
}

static void complaints_done(struct request *r)
{
	const struct complaints *c = CONTAINER_OF(r, struct complaints, r);

	c->fn(c->arg, c->keys, c->count);
}

static enum err put_complaints(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct complaints *c = CONTAINER_OF(r, struct complaints, r);
	sqlite3_stmt *st;
	enum err result = database_statement(d, SQL_COMPLAINT_CLEAR, "DELETE FROM complaint", &st, e);

	(void)answers;
	if (!result)
		result = database_run(d, st, e);
	if (!result)
		result = database_statement(d, SQL_COMPLAINT_PUT,
					    "INSERT OR IGNORE INTO complaint (key) VALUES (?1)", &st, e);
	for (size_t i = 0; i < c->count && !result; i++) {
		(void)sqlite3_bind_int64(st, 1, (int64_t)c->keys[i]);
		result = database_run(d, st, e);
	}
	return result;
}

enum err store_get_complaints(struct store *s, store_complaints_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, get_complaints, complaints_done};
	struct complaints *c;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*c), 0, &r);

	if (result)
		return result;
	c = CONTAINER_OF(r, struct complaints, r);
	c->fn = fn;
	c->arg = arg;
	return request_send(s, r);
}

enum err store_put_complaints(struct store *s, const uint64_t *keys, size_t count)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_complaints, NULL};
	struct complaints *c;
	struct request *r;
	enum err result;

	if (count > REQUEST_BYTES / sizeof(*keys))
		return ERR_TOOBIG;
	result = request_new(&kind, sizeof(*c), count * sizeof(*keys), &r);
	if (result)
		return result;
	c = CONTAINER_OF(r, struct complaints, r);
	c->count = count;
	c->keys = request_array(r, sizeof(*keys), count);
	if (count)
		memcpy(c->keys, keys, count * sizeof(*keys));
	return request_send(s, r);
}

/* ---- flush ---- */

struct flush {
	struct request r;
	store_flush_fn *fn;
	void *arg;
};

static void flush_done(struct request *r)
{
	const struct flush *f = CONTAINER_OF(r, struct flush, r);

	f->fn(f->arg, r->result, r->result ? r->why->text : err_text(ERR_OK));
}

enum err store_flush(struct store *s, store_flush_fn *fn, void *arg)
{
	/* the thread answers these itself, after the batch's commits */
	static const struct request_kind kind = {FILE_NONE, false, true, NULL, flush_done};
	struct flush *f;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*f), 0, &r);

	if (result)
		return result;
	f = CONTAINER_OF(r, struct flush, r);
	f->fn = fn;
	f->arg = arg;
	return request_send(s, r);
}

/* ---- a sign of life ---- */

struct ping {
	struct request r;
	void (*fn)(void *arg);
	void *arg;
};

static void ping_done(struct request *r)
{
	const struct ping *p = CONTAINER_OF(r, struct ping, r);

	p->fn(p->arg);
}

enum err store_ping(struct store *s, void (*fn)(void *arg), void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, NULL, ping_done};
	struct ping *p;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*p), 0, &r);

	if (result)
		return result;
	p = CONTAINER_OF(r, struct ping, r);
	p->fn = fn;
	p->arg = arg;
	return request_send(s, r);
}
