/* SPDX-License-Identifier: MIT */
/* sites.c - what pages of one host share.
 *
 * site_page has each page's marks, so that a page that says something else now takes its old word back;
 * site_mark has who bears a mark, at most BEARERS_MAX of them, which is as far as anybody counts; site_shared
 * has what comes out of the count, so that asking is one look at few rows. */
#include "base/hash.h"
#include "store/internal.h"

enum {
	BEARERS_MAX = 2 * STORE_NEED_MAX,
	ENCODED = 9,      /* bytes of a mark in site_page.marks: value, need */
	SWEEP_EVERY = 32, /* pages that are new between two looks at how many a host has */
	SHARED_MAX = 512, /* marks of one host that are given back */
};

static int64_t host_id(struct span host)
{
	return (int64_t)(hash64(host) >> 1);
}

static void encode(const struct store_mark *m, unsigned char to[ENCODED])
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (unsigned char)(m->value >> (8 * i));
	to[8] = (unsigned char)m->need;
}

static struct store_mark decode(const unsigned char *from)
{
	struct store_mark m = {0, from[8]};

	for (unsigned i = 0; i < 8; i++)
		m.value |= (uint64_t)from[i] << (8 * i);
	return m;
}

static enum err statement_of(struct database *d, enum statement slot, const char *sql, int64_t host,
			     uint64_t second, sqlite3_stmt **st, struct error *e)
{
	enum err r = database_statement(d, slot, sql, st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(*st, 1, host);
	(void)sqlite3_bind_int64(*st, 2, (int64_t)second);
	return ERR_OK;
}

/* ---- put ---- */

struct put_site {
	struct request r;
	struct store_site_page page;
	store_site_fn *fn;
	void *arg;
	bool changed;
};

/* Counts the bearers of a mark and puts down what that makes of it. */
static enum err count(struct database *d, int64_t host, uint64_t value, bool *changed, struct error *e)
{
	sqlite3_stmt *st;
	bool row, shared = false, was = false;
	enum err r = statement_of(
		d, SQL_SITE_COUNT,
		"SELECT count(*), count(DISTINCT title), max(need), (SELECT count(*) FROM site_shared"
		" WHERE host = ?1 AND value = ?2) FROM site_mark WHERE host = ?1 AND value = ?2",
		host, value, &st, e);

	if (!r)
		r = database_row(d, st, &row, e);
	if (r)
		return r;
	if (row) {
		int pages = sqlite3_column_int(st, 0), titles = sqlite3_column_int(st, 1);
		int need = sqlite3_column_int(st, 2);

		shared = pages > 0 && pages >= need && (titles >= need || pages >= 2 * need);
		was = sqlite3_column_int(st, 3) > 0;
		(void)sqlite3_reset(st);
	}
	if (shared == was)
		return ERR_OK;
	*changed = true; /* put_run() notes it with the host's name */
	r = shared ? statement_of(d, SQL_SITE_SHARE,
				  "INSERT OR IGNORE INTO site_shared (host, value) VALUES (?1, ?2)", host,
				  value, &st, e)
		   : statement_of(d, SQL_SITE_UNSHARE,
				  "DELETE FROM site_shared WHERE host = ?1 AND value = ?2", host, value, &st,
				  e);
	return r ? r : database_run(d, st, e);
}

static enum err bear(struct database *d, int64_t host, const struct store_site_page *p,
		     const struct store_mark *m, bool *changed, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = statement_of(
		d, SQL_SITE_BEAR,
		"INSERT INTO site_mark (host, value, page, title, need) SELECT ?1, ?2, ?3, ?4, ?5"
		" WHERE (SELECT count(*) FROM site_mark WHERE host = ?1 AND value = ?2) < ?6"
		" ON CONFLICT (host, value, page) DO UPDATE SET title = excluded.title, need = excluded.need",
		host, m->value, &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 3, (int64_t)p->page);
	(void)sqlite3_bind_int64(st, 4, (int64_t)p->title);
	(void)sqlite3_bind_int(st, 5, (int)m->need);
	(void)sqlite3_bind_int(st, 6, BEARERS_MAX);
	r = database_run(d, st, e);
	return r ? r : count(d, host, m->value, changed, e);
}

/* One of so many that bear it already: its place goes to whoever comes next. */
static enum err unbear(struct database *d, int64_t host, uint64_t page, struct span marks, bool *changed,
		       struct error *e)
{
	enum err r = ERR_OK;

	for (size_t i = 0; i + ENCODED <= marks.len && !r; i += ENCODED) {
		struct store_mark m = decode((const unsigned char *)marks.ptr + i);
		sqlite3_stmt *st;

		r = statement_of(d, SQL_SITE_UNBEAR,
				 "DELETE FROM site_mark WHERE host = ?1 AND value = ?2 AND page = ?3", host,
				 m.value, &st, e);
		if (r)
			break;
		(void)sqlite3_bind_int64(st, 3, (int64_t)page);
		r = database_run(d, st, e);
		if (!r)
			r = count(d, host, m.value, changed, e);
	}
	return r;
}

/* The pages that a host has over its ceiling, the oldest: they are forgotten. */
static enum err sweep(struct database *d, int64_t host, struct arena *a, bool *changed, struct error *e)
{
	for (unsigned i = 0; i < 2 * SWEEP_EVERY; i++) {
		sqlite3_stmt *st;
		struct span marks;
		int64_t id;
		uint64_t page;
		bool row;
		enum err r =
			statement_of(d, SQL_SITE_OLDEST,
				     "SELECT id, page, marks FROM site_page WHERE host = ?1 ORDER BY id DESC"
				     " LIMIT 1 OFFSET ?2",
				     host, STORE_SITE_PAGES_MAX, &st, e);

		if (!r)
			r = database_row(d, st, &row, e);
		if (r || !row)
			return r;
		id = sqlite3_column_int64(st, 0);
		page = (uint64_t)sqlite3_column_int64(st, 1);
		marks = arena_dup(a, column_span(st, 2));
		(void)sqlite3_reset(st);
		r = arena_failed(a);
		if (!r)
			r = unbear(d, host, page, marks, changed, e);
		if (!r)
			r = statement_of(d, SQL_SITE_FORGET,
					 "DELETE FROM site_page WHERE host = ?1 AND id = ?2", host,
					 (uint64_t)id, &st, e);
		if (!r)
			r = database_run(d, st, e);
		if (r)
			return r;
	}
	return ERR_OK;
}

static enum err keep_page(struct database *d, int64_t host, const struct store_site_page *p,
			  struct span marks, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = statement_of(
		d, SQL_SITE_PUT,
		"INSERT OR REPLACE INTO site_page (host, page, title, marks) VALUES (?1, ?2, ?3, ?4)", host,
		p->page, &st, e);

	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 3, (int64_t)p->title);
	bind_bytes(st, 4, marks);
	return database_run(d, st, e);
}

static enum err note_change(struct database *d, struct span host, struct error *e)
{
	sqlite3_stmt *st;
	enum err r = database_statement(d, SQL_SITE_CHANGE,
					"INSERT OR IGNORE INTO site_changed (host) VALUES (?1)", &st, e);

	if (r)
		return r;
	bind_text(st, 1, host);
	return database_run(d, st, e);
}

static enum err put_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	struct put_site *q = CONTAINER_OF(request, struct put_site, r);
	const struct store_site_page *p = &q->page;
	int64_t host = host_id(p->host);
	unsigned char *encoded = arena_alloc(answers, p->count * ENCODED + 1);
	struct span before, after;
	uint64_t title = 0;
	sqlite3_stmt *st;
	bool row;
	enum err r = arena_failed(answers);

	q->changed = false;
	if (r)
		return err_set(e, r, "%s", err_text(r));
	for (size_t i = 0; i < p->count; i++)
		encode(&p->marks[i], encoded + i * ENCODED);
	after = span_of((const char *)encoded, p->count * ENCODED);
	r = statement_of(d, SQL_SITE_GET, "SELECT title, marks FROM site_page WHERE host = ?1 AND page = ?2",
			 host, p->page, &st, e);
	if (!r)
		r = database_row(d, st, &row, e);
	if (r)
		return r;
	if (row) {
		title = (uint64_t)sqlite3_column_int64(st, 0);
		before = arena_dup(answers, column_span(st, 1));
		(void)sqlite3_reset(st);
		if (arena_failed(answers))
			return err_set(e, arena_failed(answers), "%s", err_text(arena_failed(answers)));
		if (title == p->title && span_eq(before, after))
			return ERR_OK;
		r = unbear(d, host, p->page, before, &q->changed, e);
	}
	for (size_t i = 0; i < p->count && !r; i++)
		r = bear(d, host, p, &p->marks[i], &q->changed, e);
	if (!r)
		r = keep_page(d, host, p, after, e);
	if (!r && sqlite3_last_insert_rowid(d->db) % SWEEP_EVERY == 0)
		r = sweep(d, host, answers, &q->changed, e);
	if (!r && q->changed)
		r = note_change(d, p->host, e);
	return r;
}

static void put_done(struct request *request)
{
	const struct put_site *q = CONTAINER_OF(request, struct put_site, r);

	if (q->fn)
		q->fn(q->arg, q->page.host, !q->r.result && q->changed);
}

enum err store_put_site_page(struct store *s, const struct store_site_page *page, store_site_fn *fn,
			     void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, put_done};
	struct store_mark *marks;
	struct put_site *q;
	struct request *r;
	enum err result;

	if (!page->host.len || page->count > STORE_MARKS_MAX)
		return ERR_INVALID;
	result = request_new(&kind, sizeof(*q), page->host.len + page->count * sizeof(*marks), &r);
	if (result)
		return result;
	q = CONTAINER_OF(r, struct put_site, r);
	q->page = *page;
	q->fn = fn;
	q->arg = arg;
	marks = request_array(r, sizeof(*marks), page->count);
	for (size_t i = 0; i < page->count; i++)
		marks[i] = (struct store_mark){page->marks[i].value,
					       MIN(page->marks[i].need, (unsigned)STORE_NEED_MAX)};
	q->page.marks = marks;
	q->page.host = request_text(r, page->host);
	return request_send(s, r);
}

/* ---- get ---- */

struct get_sites {
	struct request r;
	struct store_site *sites;
	size_t count;
	store_sites_fn *fn;
	void *arg;
};

enum err site_read(struct database *d, struct store_site *site, struct arena *a, struct error *e)
{
	sqlite3_stmt *st;
	bool row = true;
	enum err r = statement_of(d, SQL_SITE_SHARED,
				  "SELECT value FROM site_shared WHERE host = ?1 ORDER BY value LIMIT ?2",
				  host_id(site->host), SHARED_MAX, &st, e);

	if (r)
		return r;
	r = database_row(d, st, &row, e);
	if (!r && row)
		site->values = ARENA_NEW_ARRAY(a, uint64_t, SHARED_MAX);
	while (!r && row && site->values) {
		site->values[site->count++] = (uint64_t)sqlite3_column_int64(st, 0);
		r = database_row(d, st, &row, e);
	}
	(void)sqlite3_reset(st);
	return r ? r : arena_failed(a);
}

static enum err get_run(struct database *d, struct request *request, struct arena *answers, struct error *e)
{
	struct get_sites *g = CONTAINER_OF(request, struct get_sites, r);
	enum err r = ERR_OK;

	for (size_t i = 0; i < g->count; i++)
		g->sites[i] = (struct store_site){.host = g->sites[i].host};
	for (size_t i = 0; i < g->count && !r; i++)
		r = site_read(d, &g->sites[i], answers, e);
	if (r && arena_failed(answers))
		(void)err_set(e, r, "%s", err_text(r));
	for (size_t i = 0; i < g->count && r; i++)
		g->sites[i] = (struct store_site){.host = g->sites[i].host};
	return r;
}

static void get_done(struct request *request)
{
	const struct get_sites *g = CONTAINER_OF(request, struct get_sites, r);

	g->fn(g->arg, g->sites, g->count);
}

enum err store_get_sites(struct store *s, const struct span *hosts, size_t count, store_sites_fn *fn,
			 void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, get_run, get_done};
	struct get_sites *g;
	struct request *r;
	size_t bytes = 0;
	enum err result;

	if (count > REQUEST_BYTES / sizeof(struct store_site))
		return ERR_TOOBIG;
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += hosts[i].len;
	}
	result = request_new(&kind, sizeof(*g), bytes + count * sizeof(struct store_site), &r);
	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_sites, r);
	g->fn = fn;
	g->arg = arg;
	g->count = count;
	g->sites = request_array(r, sizeof(*g->sites), count);
	for (size_t i = 0; i < count; i++)
		g->sites[i].host = request_text(r, hosts[i]);
	return request_send(s, r);
}
