/* SPDX-License-Identifier: MIT */
/* feeds_poll.c - how feeds were asked, and what a dry run left unread: cache.db. */
#include "store/feeds.h"
#include "store/internal.h"

enum { POLLS_MAX = 1000000 };

/* ---- all of them ---- */

struct get_polls {
	struct request r;
	store_polls_fn *fn;
	void *arg;
	struct store_poll *polls;
	size_t count;
};

static unsigned column_unsigned(sqlite3_stmt *st, int at)
{
	int64_t n = sqlite3_column_int64(st, at);

	return (unsigned)MIN(MAX(n, 0), (int64_t)UINT32_MAX);
}

void poll_row(sqlite3_stmt *st, struct arena *a, struct store_poll *p)
{
	*p = (struct store_poll){
		.url = arena_dup(a, column_span(st, 0)),
		.final_url = arena_dup(a, column_span(st, 1)),
		.etag = arena_dup(a, column_span(st, 2)),
		.last_modified = arena_dup(a, column_span(st, 3)),
		.polled_at = sqlite3_column_int64(st, 4),
		.next_at = sqlite3_column_int64(st, 5),
		.failing_at = sqlite3_column_int64(st, 6),
		.failures = column_unsigned(st, 7),
		.status = column_unsigned(st, 8),
		.reason = arena_dup(a, column_span(st, 9)),
		.error = arena_dup(a, column_span(st, 10)),
		.title = arena_dup(a, column_span(st, 11)),
		.gap = column_unsigned(st, 12),
		.newest_at = sqlite3_column_int64(st, 13),
		.ttl_minutes = column_unsigned(st, 14),
		.period_seconds = column_unsigned(st, 15),
		.skip_hours = column_unsigned(st, 16),
		.skip_days = (uint8_t)sqlite3_column_int(st, 17),
		.unread = sqlite3_column_int(st, 18) != 0,
	};
}

/* Grows by doubling within the arena: what is left behind goes with the batch. */
static enum err polls_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_polls *g = CONTAINER_OF(r, struct get_polls, r);
	size_t room = 0;
	sqlite3_stmt *st;
	bool row = true;
	enum err result = database_statement(d, SQL_FEED_POLLS,
					     "SELECT " POLL_COLUMNS " FROM feed_poll p ORDER BY url", &st, e);

	g->count = 0;
	g->polls = NULL;
	while (!result && row && g->count < POLLS_MAX) {
		result = database_row(d, st, &row, e);
		if (result || !row)
			break;
		if (g->count == room) {
			struct store_poll *more;

			room = MAX(2 * room, 64);
			more = ARENA_NEW_ARRAY(answers, struct store_poll, room);
			if (more && g->count)
				memcpy(more, g->polls, g->count * sizeof(*more));
			g->polls = more;
		}
		if (g->polls)
			poll_row(st, answers, &g->polls[g->count++]);
		result = arena_failed(answers);
		if (result)
			(void)err_set(e, result, "%s", err_text(result));
	}
	(void)sqlite3_reset(st);
	if (result)
		g->count = 0;
	return result;
}

static void polls_done(struct request *r)
{
	const struct get_polls *g = CONTAINER_OF(r, struct get_polls, r);

	g->fn(g->arg, g->polls, g->count);
}

enum err store_get_polls(struct store *s, store_polls_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, polls_run, polls_done};
	struct get_polls *g;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*g), 0, &r);

	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_polls, r);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}

/* ---- one ---- */

struct put_poll {
	struct request r;
	struct store_poll poll;
};

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct store_poll *p = &CONTAINER_OF(r, struct put_poll, r)->poll;
	sqlite3_stmt *st;
	enum err result = database_statement(
		d, SQL_FEED_POLL_PUT,
		"REPLACE INTO feed_poll (url, final_url, etag, last_modified, polled_at, next_at, failing_at,"
		" failures, status, reason, error, title, gap, newest_at, ttl, period, skip_hours, skip_days)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
		&st, e);

	(void)answers;
	if (result)
		return result;
	bind_text(st, 1, p->url);
	bind_text(st, 2, p->final_url);
	bind_bytes(st, 3, p->etag);
	bind_bytes(st, 4, p->last_modified);
	(void)sqlite3_bind_int64(st, 5, p->polled_at);
	(void)sqlite3_bind_int64(st, 6, p->next_at);
	(void)sqlite3_bind_int64(st, 7, p->failing_at);
	(void)sqlite3_bind_int64(st, 8, p->failures);
	(void)sqlite3_bind_int64(st, 9, p->status);
	bind_text(st, 10, p->reason);
	bind_text(st, 11, p->error);
	bind_text(st, 12, p->title);
	(void)sqlite3_bind_int64(st, 13, p->gap);
	(void)sqlite3_bind_int64(st, 14, p->newest_at);
	(void)sqlite3_bind_int64(st, 15, p->ttl_minutes);
	(void)sqlite3_bind_int64(st, 16, p->period_seconds);
	(void)sqlite3_bind_int64(st, 17, p->skip_hours);
	(void)sqlite3_bind_int64(st, 18, p->skip_days);
	return database_run(d, st, e);
}

enum err store_put_poll(struct store *s, const struct store_poll *poll)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, NULL};
	const struct span texts[] = {poll->url,    poll->final_url, poll->etag, poll->last_modified,
				     poll->reason, poll->error,     poll->title};
	struct store_poll *p;
	struct request *r;
	size_t bytes = 0;
	enum err result;

	if (!poll->url.len)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += texts[i].len;
	}
	result = request_new(&kind, sizeof(struct put_poll), bytes, &r);
	if (result)
		return result;
	p = &CONTAINER_OF(r, struct put_poll, r)->poll;
	*p = *poll;
	p->url = request_text(r, poll->url);
	p->final_url = request_text(r, poll->final_url);
	p->etag = request_text(r, poll->etag);
	p->last_modified = request_text(r, poll->last_modified);
	p->reason = request_text(r, poll->reason);
	p->error = request_text(r, poll->error);
	p->title = request_text(r, poll->title);
	return request_send(s, r);
}

/* ---- unread ---- */

struct unread_request {
	struct request r;
	struct span url;
	struct store_unread unread;
	store_unread_fn *fn;
	void *arg;
};

static enum err unread_get_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct unread_request *q = CONTAINER_OF(r, struct unread_request, r);
	sqlite3_stmt *st;
	bool row;
	enum err result =
		database_statement(d, SQL_FEED_UNREAD_GET,
				   "SELECT final_url, type, body FROM feed_unread WHERE url = ?1", &st, e);

	q->unread = (struct store_unread){SPAN_NONE, SPAN_NONE, SPAN_NONE};
	if (result)
		return result;
	bind_text(st, 1, q->url);
	result = database_row(d, st, &row, e);
	if (result || !row)
		return result;
	q->unread = (struct store_unread){arena_dup(answers, column_span(st, 0)),
					  arena_dup(answers, column_span(st, 1)),
					  arena_dup(answers, column_span(st, 2))};
	(void)sqlite3_reset(st);
	result = arena_failed(answers);
	if (result)
		q->unread.body = SPAN_NONE;
	return result ? err_set(e, result, "%s", err_text(result)) : ERR_OK;
}

static void unread_got(struct request *r)
{
	const struct unread_request *q = CONTAINER_OF(r, struct unread_request, r);

	q->fn(q->arg, &q->unread);
}

static enum err unread_put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct unread_request *q = CONTAINER_OF(r, struct unread_request, r);
	bool drop = !q->unread.body.ptr;
	sqlite3_stmt *st;
	enum err result = drop ? database_statement(d, SQL_FEED_UNREAD_DROP,
						    "DELETE FROM feed_unread WHERE url = ?1", &st, e)
			       : database_statement(d, SQL_FEED_UNREAD_PUT,
						    "REPLACE INTO feed_unread (url, final_url, type, body) "
						    "VALUES (?1, ?2, ?3, ?4)",
						    &st, e);

	(void)answers;
	if (result)
		return result;
	bind_text(st, 1, q->url);
	if (!drop) {
		bind_text(st, 2, q->unread.final_url);
		bind_text(st, 3, q->unread.type);
		bind_bytes(st, 4, q->unread.body);
	}
	return database_run(d, st, e);
}

static enum err send_unread(struct store *s, const struct request_kind *kind,
			    const struct unread_request *from)
{
	struct unread_request *q;
	struct request *r;
	const struct store_unread *u = &from->unread;
	enum err result;

	if (!from->url.len)
		return ERR_INVALID;
	if (u->body.len > REQUEST_BYTES / 2 ||
	    from->url.len + u->final_url.len + u->type.len > REQUEST_BYTES / 4)
		return ERR_TOOBIG;
	result = request_new(kind, sizeof(*q), from->url.len + u->final_url.len + u->type.len + u->body.len,
			     &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct unread_request, r);
	q->fn = from->fn;
	q->arg = from->arg;
	q->url = request_text(r, from->url);
	q->unread.final_url = request_text(r, u->final_url);
	q->unread.type = request_text(r, u->type);
	q->unread.body = request_text(r, u->body);
	return request_send(s, r);
}

enum err store_get_unread(struct store *s, struct span url, store_unread_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, unread_get_run, unread_got};

	return send_unread(s, &kind, &(struct unread_request){.url = url, .fn = fn, .arg = arg});
}

enum err store_put_unread(struct store *s, struct span url, const struct store_unread *unread)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, unread_put_run, NULL};
	struct unread_request q = {.url = url};

	if (unread)
		q.unread = *unread;
	return send_unread(s, &kind, &q);
}
