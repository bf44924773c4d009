/* SPDX-License-Identifier: MIT */
/* What pages of one host share: counted, taken back, bounded, upgraded to. */
#include "harness.h"

#include "store/database.h"

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

#define HOST SPAN("news.example")

struct answer {
	struct harness *h;
	uint64_t values[1024];
	size_t count;
	unsigned changes;
};

static void told(void *arg, struct span host, bool changed)
{
	struct answer *a = arg;

	assert_true(span_eq(host, HOST));
	a->changes += changed;
}

/* values: of marks that need `need`, ended by 0. */
static void put(struct answer *a, uint64_t page, uint64_t title, unsigned need, const uint64_t *values)
{
	struct store_mark marks[STORE_MARKS_MAX];
	struct store_site_page p = {.host = HOST, .page = page, .title = title, .marks = marks};

	while (values[p.count]) {
		marks[p.count] = (struct store_mark){values[p.count], need};
		p.count++;
	}
	assert_int_equal(store_put_site_page(a->h->s, &p, told, a), ERR_OK);
}
#define PUT(a, page, title, need, ...) put((a), (page), (title), (need), (const uint64_t[]){__VA_ARGS__, 0})

static void got(void *arg, const struct store_site *sites, size_t count)
{
	struct answer *a = arg;

	assert_int_equal(count, 2);
	assert_true(span_eq(sites[0].host, HOST));
	assert_int_equal(sites[1].count, 0);
	a->count = sites[0].count;
	assert_in_range(a->count, 0, ARRAY_SIZE(a->values));
	if (a->count)
		memcpy(a->values, sites[0].values, a->count * sizeof(a->values[0]));
}

static void want(struct answer *a, const uint64_t *values)
{
	const struct span hosts[] = {HOST, SPAN("other.example")};
	size_t n = 0;

	assert_int_equal(store_get_sites(a->h->s, hosts, 2, got, a), ERR_OK);
	harness_wait(a->h);
	while (values[n])
		n++;
	assert_int_equal(a->count, n);
	if (n)
		assert_memory_equal(a->values, values, n * sizeof(*values));
}
#define WANT(a, ...) want((a), (const uint64_t[]){__VA_ARGS__})

static void shared(struct harness *h)
{
	struct answer a = {.h = h};

	PUT(&a, 1, 101, 2, 7, 8);
	WANT(&a, 0);
	assert_int_equal(a.changes, 0);
	PUT(&a, 2, 102, 2, 7, 9);
	WANT(&a, 7, 0);
	assert_int_equal(a.changes, 1);
	PUT(&a, 3, 103, 2, 7, UINT64_C(0x7fffffffffffffff));
	PUT(&a, 4, 104, 2, UINT64_C(0x7fffffffffffffff));
	WANT(&a, 7, UINT64_C(0x7fffffffffffffff), 0);
	assert_int_equal(a.changes, 2);
	harness_reopen(h);
	WANT(&a, 7, UINT64_C(0x7fffffffffffffff), 0);
}

static void same_title(struct harness *h)
{
	struct answer a = {.h = h};

	for (uint64_t page = 1; page <= 3; page++) {
		PUT(&a, page, 101, 2, 7);
		WANT(&a, 0);
	}
	PUT(&a, 4, 101, 2, 7);
	WANT(&a, 7, 0);
}

static void greatest_need(struct harness *h)
{
	struct answer a = {.h = h};

	PUT(&a, 1, 101, 2, 7);
	PUT(&a, 2, 102, 4, 7);
	PUT(&a, 3, 103, 2, 7);
	WANT(&a, 0);
	PUT(&a, 4, 104, 2, 7);
	WANT(&a, 7, 0);
}

static void same_page(struct harness *h)
{
	struct answer a = {.h = h};

	for (unsigned i = 0; i < 9; i++)
		PUT(&a, 1, 101 + i, 2, 7);
	WANT(&a, 0);
}

static void taken_back(struct harness *h)
{
	struct answer a = {.h = h};

	PUT(&a, 1, 101, 2, 7);
	PUT(&a, 2, 102, 2, 7);
	WANT(&a, 7, 0);
	PUT(&a, 2, 102, 2, 8);
	WANT(&a, 0);
	assert_int_equal(a.changes, 2);
}

/* More bear it than are counted: whoever leaves, it stays shared. */
static void many(struct harness *h)
{
	struct answer a = {.h = h};

	for (uint64_t page = 1; page <= 40; page++)
		PUT(&a, page, 100 + page, 2, 7);
	for (uint64_t page = 41; page <= 80; page++)
		PUT(&a, page, 100 + page, 2, 7, 1000 + page);
	WANT(&a, 7, 0);
	assert_int_equal(a.changes, 1);
}

static unsigned rows_of(struct harness *h, const char *table)
{
	char sql[128], path[256];
	sqlite3 *db;
	sqlite3_stmt *st;
	unsigned n;

	harness_path(h, "cache.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = (unsigned)sqlite3_column_int(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

static void bounded(struct harness *h)
{
	struct answer a = {.h = h};

	PUT(&a, 1, 1, 2, 7);
	PUT(&a, 2, 2, 2, 7);
	for (uint64_t page = 3; page < 2 * STORE_SITE_PAGES_MAX; page++) {
		PUT(&a, page, page, 2, 100000 + page);
		if (page % 1000 == 0)
			harness_wait(h);
	}
	WANT(&a, 0);
	harness_close(h);
	assert_in_range(rows_of(h, "site_page"), STORE_SITE_PAGES_MAX, STORE_SITE_PAGES_MAX + 64);
	assert_in_range(rows_of(h, "site_mark"), STORE_SITE_PAGES_MAX, STORE_SITE_PAGES_MAX + 64);
}

/* Whatever comes first. */
static void any_order(struct harness *h)
{
	static const uint64_t pages[5][3] = {{7, 8, 0}, {7, 9, 0}, {8, 10, 0}, {9, 10, 0}, {11, 7, 0}};
	struct answer a = {.h = h};

	for (unsigned turn = 0; turn < 5; turn++) {
		for (unsigned i = 0; i < 5; i++) {
			unsigned n = (i * 3 + turn) % 5;

			put(&a, 50 + n, 100 + n, 2, pages[n]);
		}
		WANT(&a, 7, 8, 9, 10, 0);
		harness_close(h);
		harness_empty(h, false);
		assert_int_equal(harness_open(h), ERR_OK);
	}
}

static void refused(struct harness *h)
{
	static const struct store_mark marks[STORE_MARKS_MAX + 1];
	const struct store_site_page nameless = {.host = SPAN(""), .page = 1},
				     big = {.host = HOST, .marks = marks, .count = STORE_MARKS_MAX + 1};

	assert_int_equal(store_put_site_page(h->s, &nameless, NULL, NULL), ERR_INVALID);
	assert_int_equal(store_put_site_page(h->s, &big, NULL, NULL), ERR_INVALID);
}

static void got_forgotten(void *arg, int64_t count)
{
	struct answer *a = arg;

	a->h->answers++;
	a->h->count = (size_t)count;
}

static void forgotten(struct harness *h)
{
	struct answer a = {.h = h};
	char www[300];

	PUT(&a, 1, 101, 2, 7);
	PUT(&a, 2, 102, 2, 7);
	WANT(&a, 7, 0);
	assert_int_equal(store_forget(h->s, STORE_FORGET_HOST, SPAN("another.example"), got_forgotten, &a),
			 ERR_OK);
	WANT(&a, 7, 0);
	(void)snprintf(www, sizeof(www), "www.%.*s", SPAN_ARG(HOST));
	assert_int_equal(store_forget(h->s, STORE_FORGET_HOST, span_str(www), got_forgotten, &a), ERR_OK);
	WANT(&a, 0);
	/* it is learnt anew, from the first page on */
	PUT(&a, 3, 103, 2, 7);
	WANT(&a, 0);
	PUT(&a, 4, 104, 2, 7);
	WANT(&a, 7, 0);
}

static void upgraded(struct harness *h)
{
	struct schema before = schema_cache;
	struct answer a = {.h = h};
	struct database d = {0};
	struct error e;

	harness_close(h);
	harness_empty(h, false);
	before.step_count = 1;
	assert_int_equal(database_open(&d, &before, h->folder, true, &e), ERR_OK);
	assert_int_equal(database_exec(&d, "INSERT INTO complaint VALUES (12)", &e), ERR_OK);
	database_close(&d);
	assert_int_equal(harness_open(h), ERR_OK);
	PUT(&a, 1, 101, 2, 7);
	PUT(&a, 2, 102, 2, 7);
	WANT(&a, 7, 0);
	assert_int_equal(store_get_complaints(h->s, harness_got_complaints, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 1);
	assert_int_equal(h->keys[0], 12);
}

/* ---- documents ---- */

static void write_row(struct harness *h, int64_t run, const char *path, enum field field, const char *from)
{
	const struct store_provenance p = {.run = run,
					   .path = span_str(path),
					   .related = -1,
					   .url = SPAN("https://t.example/"),
					   .field = field,
					   .after = SPAN("x"),
					   .from = from ? span_str(from) : SPAN_NONE};

	assert_int_equal(store_put_provenance(h->s, ROOT, &p, 1, harness_got_ids, h), ERR_OK);
	harness_wait(h);
}

static char found[512];

static void got_documents(void *arg, const struct span *roots, const struct span *paths, size_t count)
{
	(void)arg;
	found[0] = 0;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(found);

		assert_true(span_eq(roots[i], ROOT));
		(void)snprintf(found + n, sizeof(found) - n, "%.*s;", SPAN_ARG(paths[i]));
	}
}

static void concerned(struct harness *h)
{
	const struct store_changed_site sites[] = {{HOST, false}, {SPAN("late.example"), true}};
	int64_t first = harness_begin_run(h), second = harness_begin_run(h);

	write_row(h, first, "b.md", FIELD_EXCERPT, "https://news.example/1");
	write_row(h, first, "b.md", FIELD_IMAGE, "https://www.news.example:8080/1");
	write_row(h, first, "a.md", FIELD_IMAGE, "https://www.news.example/2");
	write_row(h, first, "c.md", FIELD_DATE, "https://news.example/3");
	write_row(h, first, "d.md", FIELD_EXCERPT, "https://else.example/3");
	write_row(h, first, "e.md", FIELD_EXCERPT, NULL);
	write_row(h, second, "f.md", FIELD_EXCERPT, "https://news.example/4");
	write_row(h, second, "g.md", FIELD_TITLE, "https://late.example/5");
	assert_int_equal(store_find_site_documents(h->s, sites, 2, second, got_documents, NULL), ERR_OK);
	harness_wait(h);
	assert_string_equal(found, "a.md;b.md;g.md;");
}

static const struct row rows[] = {
	{"two pages with two titles", shared},
	{"of one title it takes twice as many", same_title},
	{"the greatest need counts", greatest_need},
	{"a page counts once", same_page},
	{"a page takes its word back", taken_back},
	{"more than are counted", many},
	{"a host's pages are bounded", bounded},
	{"the order does not matter", any_order},
	{"what is not valid is refused", refused},
	{"a host is forgotten", forgotten},
	{"an older cache.db gets the tables", upgraded},
	{"documents that a changed host concerns", concerned},
};

static void test(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();

	row->run(h);
	assert_int_equal(h->complaints, 0);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("store/sites", rows, test);
}
