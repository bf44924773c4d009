/* SPDX-License-Identifier: MIT */
#include "store/images.h"

#include "store/internal.h"

#define COLUMNS                                                                                           \
	"url, final_url, outcome, status, fetched_at, expires_at, failures, error, etag, last_modified, " \
	"type,"                                                                                           \
	" width, height, bytes, forbidden, referer, file, copied_at, copy_error, used_at"

static enum err read_row(sqlite3_stmt *st, struct arena *a, struct store_image *ret)
{
	struct span outcome = column_span(st, 2);

	*ret = (struct store_image){
		.url = arena_dup(a, column_span(st, 0)),
		.final_url = arena_dup(a, column_span(st, 1)),
		.status = (unsigned)sqlite3_column_int(st, 3),
		.fetched_at = sqlite3_column_int64(st, 4),
		.expires_at = sqlite3_column_int64(st, 5),
		.failures = (unsigned)sqlite3_column_int(st, 6),
		.error = arena_dup(a, column_span(st, 7)),
		.etag = arena_dup(a, column_span(st, 8)),
		.last_modified = arena_dup(a, column_span(st, 9)),
		.type = arena_dup(a, column_span(st, 10)),
		.width = (unsigned)sqlite3_column_int64(st, 11),
		.height = (unsigned)sqlite3_column_int64(st, 12),
		.bytes = (uint64_t)sqlite3_column_int64(st, 13),
		.forbidden = sqlite3_column_int(st, 14) != 0,
		.referer = sqlite3_column_int(st, 15) != 0,
		.file = arena_dup(a, column_span(st, 16)),
		.copied_at = sqlite3_column_int64(st, 17),
		.copy_error = arena_dup(a, column_span(st, 18)),
		.used_at = sqlite3_column_int64(st, 19),
	};
	for (enum outcome o = 0; o < OUTCOME_COUNT; o++)
		if (span_eq_str(outcome, outcome_name(o)))
			ret->outcome = o;
	return arena_failed(a);
}

/* ---- one ---- */

struct get_image {
	struct request r;
	store_image_fn *fn;
	void *arg;
	struct span url;
	struct store_image image;
};

enum err image_read(struct database *d, struct store_image *image, struct arena *a, struct error *e)
{
	const struct store_image unknown = {.url = image->url};
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_IMAGE_GET,
					"SELECT " COLUMNS " FROM image WHERE id = ?1 AND url = ?2", &st, e);

	*image = unknown;
	if (r)
		return r;
	(void)sqlite3_bind_int64(st, 1, url_id(unknown.url));
	bind_text(st, 2, unknown.url);
	r = database_row(d, st, &row, e);
	if (!r && row) {
		r = read_row(st, a, image);
		(void)sqlite3_reset(st);
	}
	if (r)
		*image = unknown;
	return r;
}

static enum err get_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct get_image *g = CONTAINER_OF(r, struct get_image, r);

	g->image = (struct store_image){.url = g->url};
	return image_read(d, &g->image, answers, e);
}

static void get_done(struct request *r)
{
	const struct get_image *g = CONTAINER_OF(r, struct get_image, r);

	g->fn(g->arg, &g->image);
}

enum err store_get_image(struct store *s, struct span url, store_image_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, get_run, get_done};
	struct get_image *g;
	struct request *r;
	enum err result = url.len ? request_new(&kind, sizeof(*g), url.len, &r) : ERR_INVALID;

	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_image, r);
	g->fn = fn;
	g->arg = arg;
	g->url = request_text(r, url);
	return request_send(s, r);
}

/* ---- put ---- */

struct put_image {
	struct request r;
	struct store_image image;
};

static enum err put_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct store_image *p = &CONTAINER_OF(r, struct put_image, r)->image;
	sqlite3_stmt *st;
	enum err result = database_statement(d, SQL_IMAGE_PUT,
					     "INSERT OR REPLACE INTO image (id, " COLUMNS ") VALUES"
					     " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
					     "?15, ?16, ?17, ?18, ?19, ?20, ?21)",
					     &st, e);

	(void)answers;
	if (result)
		return result;
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
	bind_text(st, 12, p->type);
	(void)sqlite3_bind_int64(st, 13, p->width);
	(void)sqlite3_bind_int64(st, 14, p->height);
	(void)sqlite3_bind_int64(st, 15, (int64_t)MIN(p->bytes, (uint64_t)INT64_MAX));
	(void)sqlite3_bind_int(st, 16, p->forbidden);
	(void)sqlite3_bind_int(st, 17, p->referer);
	bind_text(st, 18, p->file);
	(void)sqlite3_bind_int64(st, 19, p->copied_at);
	bind_text(st, 20, p->copy_error);
	(void)sqlite3_bind_int64(st, 21, p->used_at);
	return database_run(d, st, e);
}

enum err store_put_image(struct store *s, const struct store_image *image)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, put_run, NULL};
	struct store_image copy = *image;
	struct span *const texts[] = {&copy.url,           &copy.final_url, &copy.error, &copy.etag,
				      &copy.last_modified, &copy.type,      &copy.file,  &copy.copy_error};
	struct request *r;
	size_t bytes = 0;
	enum err result;

	if (!image->url.len || (unsigned)image->outcome >= OUTCOME_COUNT)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i]->len > REQUEST_BYTES - bytes)
			return ERR_TOOBIG;
		bytes += texts[i]->len;
	}
	result = request_new(&kind, sizeof(struct put_image), bytes, &r);
	if (result)
		return result;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = request_text(r, *texts[i]);
	CONTAINER_OF(r, struct put_image, r)->image = copy;
	return request_send(s, r);
}

/* ---- all ---- */

struct list_images {
	struct request r;
	store_images_fn *fn;
	void *arg;
	bool copies_only;
	struct store_image *images;
	size_t count;
};

static enum err count_rows(struct database *d, size_t *ret, struct error *e)
{
	sqlite3_stmt *st;
	bool row;
	enum err r = database_statement(d, SQL_IMAGE_COUNT, "SELECT count(*) FROM image", &st, e);

	*ret = 0;
	if (!r)
		r = database_row(d, st, &row, e);
	if (!r && row) {
		*ret = (size_t)sqlite3_column_int64(st, 0);
		(void)sqlite3_reset(st);
	}
	return r;
}

static enum err list_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	struct list_images *l = CONTAINER_OF(r, struct list_images, r);
	sqlite3_stmt *st;
	size_t room;
	bool row;
	enum err result;

	l->count = 0;
	result = count_rows(d, &room, e);
	l->images = ARENA_NEW_ARRAY(answers, struct store_image, room + 1);
	if (!result)
		result = arena_failed(answers);
	if (!result)
		result = database_statement(d, SQL_IMAGE_LIST, "SELECT " COLUMNS " FROM image ORDER BY url",
					    &st, e);
	for (; !result; l->count++) {
		result = database_row(d, st, &row, e);
		if (result || !row)
			break;
		if (l->count == room || (l->copies_only && sqlite3_column_type(st, 16) == SQLITE_NULL)) {
			l->count--;
			continue;
		}
		result = read_row(st, answers, &l->images[l->count]);
		if (result)
			(void)sqlite3_reset(st);
	}
	if (result)
		l->count = 0;
	return result;
}

static void list_done(struct request *r)
{
	const struct list_images *l = CONTAINER_OF(r, struct list_images, r);

	l->fn(l->arg, l->images, l->count);
}

enum err store_list_images(struct store *s, bool copies_only, store_images_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, list_run, list_done};
	struct list_images *l;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*l), 0, &r);

	if (result)
		return result;
	l = CONTAINER_OF(r, struct list_images, r);
	l->fn = fn;
	l->arg = arg;
	l->copies_only = copies_only;
	return request_send(s, r);
}

/* ---- copies ---- */

struct copy_change {
	struct request r;
	struct span file;
	int64_t now; /* 0: it is gone */
};

static enum err change_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	const struct copy_change *c = CONTAINER_OF(r, struct copy_change, r);
	sqlite3_stmt *st;
	enum err result =
		c->now ? database_statement(d, SQL_IMAGE_USE, "UPDATE image SET used_at = ?2 WHERE file = ?1",
					    &st, e)
		       : database_statement(d, SQL_IMAGE_FORGET,
					    "UPDATE image SET file = NULL, copied_at = 0 WHERE file = ?1",
					    &st, e);

	(void)answers;
	if (result)
		return result;
	bind_text(st, 1, c->file);
	if (c->now)
		(void)sqlite3_bind_int64(st, 2, c->now);
	return database_run(d, st, e);
}

static enum err send_change(struct store *s, struct span file, int64_t now)
{
	static const struct request_kind kind = {FILE_CACHE, true, false, change_run, NULL};
	struct copy_change *c;
	struct request *r;
	enum err result = file.len ? request_new(&kind, sizeof(*c), file.len, &r) : ERR_INVALID;

	if (result)
		return result;
	c = CONTAINER_OF(r, struct copy_change, r);
	c->file = request_text(r, file);
	c->now = now;
	return request_send(s, r);
}

enum err store_forget_copy(struct store *s, struct span file)
{
	return send_change(s, file, 0);
}

enum err store_use_copy(struct store *s, struct span file, int64_t now)
{
	return send_change(s, file, MAX(now, 1));
}

/* ---- roots ---- */

struct get_roots {
	struct request r;
	store_roots_fn *fn;
	void *arg;
	struct span *roots;
	size_t count;
};

static enum err roots_run(struct database *d, struct request *r, struct arena *answers, struct error *e)
{
	enum { ROOTS_MAX = 10000 };
	struct get_roots *g = CONTAINER_OF(r, struct get_roots, r);
	sqlite3_stmt *st;
	bool row = true;
	enum err result = database_statement(d, SQL_ROOT_LIST,
					     "SELECT path FROM root ORDER BY path LIMIT 10000", &st, e);

	g->count = 0;
	g->roots = ARENA_NEW_ARRAY(answers, struct span, ROOTS_MAX);
	while (!result && g->roots && row) {
		result = database_row(d, st, &row, e);
		if (!result && row)
			g->roots[g->count++] = arena_dup(answers, column_span(st, 0));
	}
	if (!result)
		result = arena_failed(answers);
	if (result)
		g->count = 0;
	return result;
}

static void roots_done(struct request *r)
{
	const struct get_roots *g = CONTAINER_OF(r, struct get_roots, r);

	g->fn(g->arg, g->roots, g->count);
}

enum err store_get_roots(struct store *s, store_roots_fn *fn, void *arg)
{
	static const struct request_kind kind = {FILE_CACHE, false, false, roots_run, roots_done};
	struct get_roots *g;
	struct request *r;
	enum err result = request_new(&kind, sizeof(*g), 0, &r);

	if (result)
		return result;
	g = CONTAINER_OF(r, struct get_roots, r);
	g->fn = fn;
	g->arg = arg;
	return request_send(s, r);
}
