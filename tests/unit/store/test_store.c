/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* What is put comes back, in order, also after closing. */
#include "harness.h"

#include <sqlite3.h>

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

#define LONG SPAN("caf\xe9\0after a NUL")

static void assert_span(struct span have, struct span want)
{
	assert_int_equal(have.ptr != NULL, want.ptr != NULL);
	assert_int_equal(have.len, want.len);
	if (want.ptr && have.ptr)
		assert_memory_equal(have.ptr, want.ptr, want.len);
}

static void result_whole(struct harness *h)
{
	struct store_result r = {
		.url = SPAN("https://a.example/1?q"),
		.final_url = SPAN("https://a.example/2"),
		.outcome = OUTCOME_PAGE,
		.status = 200,
		.fetched_at = -5,
		.expires_at = INT64_MAX,
		.failures = 0,
		.etag = LONG,
		.last_modified = SPAN(""),
		.page = SPAN("{}"),
	};
	const struct store_result *got;

	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	for (int i = 0; i < 2; i++) {
		got = harness_result(h, r.url);
		assert_span(got->url, r.url);
		assert_span(got->final_url, r.final_url);
		assert_int_equal(got->outcome, OUTCOME_PAGE);
		assert_int_equal(got->status, 200);
		assert_int_equal(got->fetched_at, -5);
		assert_int_equal(got->expires_at, INT64_MAX);
		assert_span(got->error, SPAN_NONE);
		assert_span(got->etag, LONG);
		assert_span(got->last_modified, SPAN(""));
		assert_span(got->page, SPAN("{}"));
		harness_reopen(h);
	}
}

static void result_replaced(struct harness *h)
{
	struct store_result r = {.url = SPAN("https://a.example/"),
				 .outcome = OUTCOME_PAGE,
				 .status = 200,
				 .etag = SPAN("e"),
				 .page = SPAN("one")};
	const struct store_result *got;

	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	r.page = SPAN("two");
	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	got = harness_result(h, r.url);
	assert_span(got->page, SPAN("two"));
	assert_int_equal(store_put_result(h->s, &r), ERR_OK); /* the same page again */
	got = harness_result(h, r.url);
	assert_span(got->page, SPAN("two"));
	r = (struct store_result){
		.url = r.url, .outcome = OUTCOME_TIMEOUT, .failures = 3, .error = SPAN("took too long")};
	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	got = harness_result(h, r.url);
	assert_int_equal(got->outcome, OUTCOME_TIMEOUT);
	assert_int_equal(got->status, 0);
	assert_int_equal(got->failures, 3);
	assert_span(got->error, SPAN("took too long"));
	assert_span(got->etag, SPAN_NONE);
	assert_span(got->page, SPAN_NONE);
}

static void result_renewed(struct harness *h)
{
	struct store_result r = {.url = SPAN("https://a.example/"),
				 .outcome = OUTCOME_PAGE,
				 .status = 200,
				 .expires_at = 1,
				 .etag = SPAN("e"),
				 .page = SPAN("one")};
	const struct store_result *got;

	assert_int_equal(store_renew_result(h->s, &r), ERR_OK); /* nothing is known */
	assert_int_equal(harness_result(h, r.url)->outcome, OUTCOME_NONE);
	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	r.expires_at = 2;
	r.etag = SPAN("f");
	r.page = SPAN("two");
	assert_int_equal(store_renew_result(h->s, &r), ERR_OK);
	got = harness_result(h, r.url);
	assert_int_equal(got->expires_at, 2);
	assert_span(got->etag, SPAN("f"));
	assert_span(got->page, SPAN("one"));
}

static void result_unknown(struct harness *h)
{
	struct span urls[] = {SPAN("https://a.example/0"), SPAN("https://news.example/articles/7"),
			      SPAN("https://a.example/2")};

	harness_put_url(h, 7, 3);
	assert_int_equal(store_get_results(h->s, urls, ARRAY_SIZE(urls), harness_got_results, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_span(h->results[i].url, urls[i]);
		assert_int_equal(h->results[i].outcome, i == 1 ? OUTCOME_PAGE : OUTCOME_NONE);
		assert_span(h->results[i].page, i == 1 ? SPAN("hhh") : SPAN_NONE);
	}
	assert_int_equal(store_get_results(h->s, NULL, 0, harness_got_results, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 0);
}

/* Made by hand, since nobody has two such URLs at hand: the row of one holds another. */
static void one_hash(struct harness *h)
{
	const struct store_result *got;
	struct span url = SPAN("https://news.example/articles/7");
	char path[256];
	sqlite3 *db;

	harness_put_url(h, 7, 3);
	assert_int_equal(harness_flush(h), ERR_OK);
	harness_path(h, "cache.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE url SET url = 'https://other.example/'", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	got = harness_result(h, url);
	assert_int_equal(got->outcome, OUTCOME_NONE);
	assert_span(got->page, SPAN_NONE);
	harness_put_url(h, 7, 3);
	got = harness_result(h, url);
	assert_int_equal(got->outcome, OUTCOME_PAGE);
	assert_span(got->page, SPAN("hhh"));
}

static void outcomes(struct harness *h)
{
	for (enum outcome o = 0; o < OUTCOME_COUNT; o++) {
		struct store_result r = {.url = SPAN("https://a.example/"), .outcome = o};

		assert_int_equal(store_put_result(h->s, &r), ERR_OK);
		assert_int_equal(harness_result(h, r.url)->outcome, o);
		assert_non_null(outcome_name(o));
	}
}

static void documents(struct harness *h)
{
	struct store_document other = {.path = SPAN("x.md")};

	harness_put_document(h, 3);
	harness_put_document(h, 1);
	harness_put_document(h, 2);
	harness_put_document(h, 3);
	assert_int_equal(store_put_document(h->s, SPAN("/another"), &other, NULL), ERR_OK);
	harness_get_documents(h);
	assert_int_equal(h->count, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct store_document *d = &h->documents[i];

		assert_int_equal(d->key.ino, i + 1);
		assert_int_equal(d->key.dev, 1);
		assert_int_equal(d->key.size, 4096);
		assert_int_equal(d->key.mtime_ns, 1700000000LL * 1000000000 + i + 1);
		assert_int_equal(d->key.ctime_ns, 5);
		assert_true(d->content.hi == i + 1 && d->content.lo == UINT64_MAX - i - 1);
		assert_true(d->fingerprint == UINT64_MAX);
		assert_int_equal(d->due_at, i + 1);
	}
	assert_int_equal(store_forget_document(h->s, ROOT, SPAN("2026/00000002.md")), ERR_OK);
	assert_int_equal(store_forget_document(h->s, ROOT, SPAN("never there")), ERR_OK);
	assert_int_equal(store_forget_document(h->s, SPAN("/no root"), SPAN("x")), ERR_OK);
	harness_reopen(h);
	harness_get_documents(h);
	assert_int_equal(h->count, 2);
	assert_span(h->documents[1].path, SPAN("2026/00000003.md"));
}

/* By bytes: upper case first, a shorter path before what it begins, bytes over 0x7f last. */
static void documents_ordered(struct harness *h)
{
	const struct span want[] = {SPAN("Z.md"),   SPAN("a.md"),        SPAN("a.md2"),
				    SPAN("a/b.md"), SPAN("\xc3\xa9.md"), SPAN("\xff.md")};

	for (size_t i = ARRAY_SIZE(want); i-- > 0;) {
		struct store_document d = {.path = want[i]};

		assert_int_equal(store_put_document(h->s, ROOT, &d, NULL), ERR_OK);
	}
	harness_get_documents(h);
	assert_int_equal(h->count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_span(h->documents[i].path, want[i]);
}

static void provenance_whole(struct harness *h)
{
	struct store_provenance p[2] = {
		{.run = 7,
		 .path = SPAN("a.md"),
		 .related = -1,
		 .url = SPAN("https://www.a.example:8443/x"),
		 .field = FIELD_EXCERPT,
		 .before = LONG,
		 .after = SPAN(""),
		 .source = SPAN("og:description"),
		 .from = SPAN("https://a.example/y"),
		 .time = 1700000001,
		 .score = 95},
		{.run = 7, .path = SPAN("b.md"), .related = 3, .field = FIELD_IMAGE, .was_absent = true},
	};
	int64_t first;

	assert_int_equal(store_put_provenance(h->s, ROOT, p, 2, harness_got_ids, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->result, ERR_OK);
	assert_int_equal(h->count, 2);
	first = h->id;
	assert_true(first > 0);
	harness_reopen(h);
	harness_get_provenance(h, SPAN_NONE);
	assert_int_equal(h->count, 2);
	assert_int_equal(h->rows[0].id, first + 1); /* newest first */
	assert_int_equal(h->rows[0].related, 3);
	assert_int_equal(h->rows[0].field, FIELD_IMAGE);
	assert_true(h->rows[0].was_absent);
	assert_span(h->rows[0].url, SPAN_NONE);
	assert_span(h->rows[0].before, SPAN_NONE);
	harness_get_provenance(h, SPAN("a.md"));
	assert_int_equal(h->count, 1);
	assert_int_equal(h->rows[0].id, first);
	assert_int_equal(h->rows[0].run, 7);
	assert_int_equal(h->rows[0].related, -1);
	assert_false(h->rows[0].was_absent);
	assert_span(h->rows[0].before, LONG);
	assert_span(h->rows[0].after, SPAN(""));
	assert_span(h->rows[0].source, p[0].source);
	assert_span(h->rows[0].from, p[0].from);
	assert_int_equal(h->rows[0].time, 1700000001);
	assert_int_equal(h->rows[0].score, 95);
	harness_get_provenance(h, SPAN("c.md"));
	assert_int_equal(h->count, 0);
	assert_int_equal(store_drop_provenance(h->s, first, 2), ERR_OK);
	harness_get_provenance(h, SPAN_NONE);
	assert_int_equal(h->count, 0);
	/* a number is never given twice */
	harness_put_provenance(h, 1);
	harness_wait(h);
	assert_int_equal(h->id, first + 2);
}

struct written_list {
	struct harness *h;
	char text[400]; /* "ROOT/PATH " of each */
	size_t count, last;
	char path[16];
	struct store_written after;
};

static void got_written(void *arg, enum err result, const struct store_written *rows, size_t count)
{
	struct written_list *list = arg;

	list->h->answers++;
	assert_int_equal(result, ERR_OK);
	list->last = count;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(list->text);

		list->count++;
		(void)snprintf(list->text + n, sizeof(list->text) - n, "%.*s/%.*s ", SPAN_ARG(rows[i].root),
			       SPAN_ARG(rows[i].path));
		(void)snprintf(list->path, sizeof(list->path), "%.*s", SPAN_ARG(rows[i].path));
		list->after = (struct store_written){rows[i].root_id, SPAN_NONE, span_str(list->path)};
	}
}

/* All of them, page by page. */
static void find(struct harness *h, int64_t run, struct span host, size_t limit, const char *want)
{
	struct written_list list = {.h = h, .last = limit};

	while (list.last == limit) {
		assert_int_equal(store_find_written(h->s, run, host, &list.after, limit, got_written, &list),
				 ERR_OK);
		harness_wait(h);
	}
	assert_string_equal(list.text, want);
}

static void got_run(void *arg, int64_t run)
{
	struct harness *h = arg;

	h->answers++;
	h->id = run;
}

static void written_found(struct harness *h)
{
	static const char *const urls[] = {"https://www.a.example:8443/x",    "https://www.a.example/?u=b@c",
					   "http://[2001:db8::1]:80/",        "http://www.a.example#x",
					   "https://a.example/www.a.example", "https://u:p@WWW.a.example/"};
	static const char *const paths[] = {"b.md", "a.md", "b.md", "c.md", "c.md", "a.md"};
	struct store_provenance p = {.field = FIELD_TITLE, .source = SPAN("og:title")};

	for (unsigned i = 0; i < ARRAY_SIZE(urls); i++) {
		p.path = span_str(paths[i]);
		p.url = span_str(urls[i]);
		p.run = 1 + i % 2;
		if (i == 5)
			p.source = SPAN("undo");
		assert_int_equal(
			store_put_provenance(h->s, i < 3 ? SPAN("/z") : SPAN("/b"), &p, 1, NULL, NULL),
			ERR_OK);
	}
	/* in the order in which the roots were met */
	for (size_t limit = 1; limit < 6; limit++) {
		find(h, 0, SPAN_NONE, limit, "/z/a.md /z/b.md /b/a.md /b/c.md ");
		find(h, 1, SPAN_NONE, limit, "/z/b.md /b/c.md ");
		find(h, 0, SPAN("www.a.example"), limit, "/z/a.md /z/b.md /b/a.md /b/c.md ");
		find(h, 2, SPAN("www.a.example"), limit, "/z/a.md /b/a.md /b/c.md ");
		find(h, 0, SPAN("[2001:db8::1]"), limit, "/z/b.md ");
		find(h, 0, SPAN("a.example"), limit, "/b/c.md ");
		find(h, 3, SPAN_NONE, limit, "");
	}
	assert_int_equal(store_last_run(h->s, SPAN("undo"), got_run, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->id, 1);
	assert_int_equal(store_last_run(h->s, SPAN("og:title"), got_run, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->id, 2);
}

static void moved(void *arg, enum err result)
{
	struct harness *h = arg;

	h->answers++;
	assert_int_equal(result, ERR_OK);
}

static void who_was_it(struct harness *h, const char *path, const char *url, const char *want)
{
	struct written_list list = {.h = h};

	assert_int_equal(store_find_moved(h->s, ROOT, span_str(path), span_str(url), got_written, &list),
			 ERR_OK);
	harness_wait(h);
	assert_string_equal(list.text, want);
}

static void renamed(struct harness *h)
{
	static const struct {
		const char *path, *url;
		int related;
	} rows[] = {{"a.md", "https://a.example/1", -1},
		    {"a.md", "https://b.example/2", 0},
		    {"b.md", "https://a.example/1", -1},
		    {"c.md", "https://z.example/1", -1},
		    {"c.md", "http://a.example/1", -1}};
	const struct store_written from = {0, ROOT, SPAN("a.md")};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct store_provenance p = {.run = 1,
						   .path = span_str(rows[i].path),
						   .related = rows[i].related,
						   .url = span_str(rows[i].url),
						   .field = FIELD_TITLE};

		assert_int_equal(store_put_provenance(h->s, ROOT, &p, 1, NULL, NULL), ERR_OK);
	}
	who_was_it(h, "x.md", "https://a.example/1", "/srv/content/b.md /srv/content/a.md ");
	who_was_it(h, "a.md", "https://a.example/1", "/srv/content/b.md ");
	who_was_it(h, "x.md", "https://b.example/2", "");
	who_was_it(h, "x.md", "https://a.example/12", "");
	assert_int_equal(store_move_document(h->s, &from, SPAN("/other"), SPAN("new.md"), moved, h), ERR_OK);
	who_was_it(h, "x.md", "https://a.example/1", "/srv/content/b.md /other/new.md ");
	find(h, 0, SPAN_NONE, 9, "/srv/content/b.md /srv/content/c.md /other/new.md ");
}

static void runs(struct harness *h)
{
	assert_int_equal(harness_begin_run(h), 1);
	assert_int_equal(store_end_run(h->s, 1, 1700000100, SPAN("{\"written\":3}")), ERR_OK);
	harness_reopen(h);
	assert_int_equal(harness_begin_run(h), 2);
	assert_int_equal(harness_begin_run(h), 3);
}

static void complaints(struct harness *h)
{
	uint64_t keys[] = {UINT64_MAX, 0, 7, 7};

	assert_int_equal(store_put_complaints(h->s, keys, 4), ERR_OK);
	harness_reopen(h);
	assert_int_equal(store_get_complaints(h->s, harness_got_complaints, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 3);
	assert_true(h->keys[0] == UINT64_MAX && h->keys[1] == 0 && h->keys[2] == 7); /* signed in the table */
	assert_int_equal(store_put_complaints(h->s, NULL, 0), ERR_OK);
	assert_int_equal(store_get_complaints(h->s, harness_got_complaints, h), ERR_OK);
	harness_wait(h);
	assert_int_equal(h->count, 0);
}

static void invalid(struct harness *h)
{
	struct store_result r = {.url = SPAN("")};
	struct store_document d = {.path = SPAN_NONE};
	struct store_provenance p = {.path = SPAN("x"), .field = FIELD_COUNT};

	assert_int_equal(store_put_result(h->s, &r), ERR_INVALID);
	r = (struct store_result){.url = SPAN("u"), .outcome = OUTCOME_COUNT};
	assert_int_equal(store_put_result(h->s, &r), ERR_INVALID);
	assert_int_equal(store_get_results(h->s, &(struct span){0}, 1, harness_got_results, h), ERR_INVALID);
	assert_int_equal(store_put_document(h->s, ROOT, &d, NULL), ERR_INVALID);
	assert_int_equal(store_get_documents(h->s, SPAN(""), harness_got_documents, h), ERR_INVALID);
	assert_int_equal(store_put_provenance(h->s, ROOT, &p, 1, NULL, NULL), ERR_INVALID);
	assert_int_equal(store_drop_provenance(h->s, 0, 1), ERR_INVALID);
	r = (struct store_result){.url = {"u", 1}, .page = {"", (size_t)1 << 40}};
	assert_int_equal(store_put_result(h->s, &r), ERR_TOOBIG);
	assert_int_equal(store_pending(h->s), 0);
	assert_int_equal(harness_flush(h), ERR_OK);
}

struct order {
	struct harness *h;
	unsigned next;
};

static void in_order(void *arg, const struct store_result *results, size_t count)
{
	struct order *o = arg;

	assert_int_equal(count, 1);
	assert_int_equal(results->fetched_at, 1700000000 + o->next);
	o->next++;
}

/* Each get sees the put before it and not the one after, over many batches. */
static void order(struct harness *h)
{
	struct order o = {h, 0};
	struct span url = SPAN("https://a.example/");

	for (unsigned i = 0; i < 20000; i++) {
		struct store_result r = {.url = url, .outcome = OUTCOME_PAGE, .fetched_at = 1700000000 + i};

		assert_int_equal(store_put_result(h->s, &r), ERR_OK);
		assert_int_equal(store_get_results(h->s, &url, 1, in_order, &o), ERR_OK);
	}
	harness_wait(h);
	assert_int_equal(o.next, 20000);
}

/* close() carries out what is queued and runs its callbacks; those are refused more. */
static void after_close(void *arg, enum err result, const char *text)
{
	struct harness *h = arg;

	harness_flushed(arg, result, text);
	assert_int_equal(store_forget_document(h->s, ROOT, SPAN("x")), ERR_CANCELLED);
}

static void closing(struct harness *h)
{
	for (unsigned i = 0; i < 1000; i++)
		harness_put_document(h, i);
	assert_int_equal(store_flush(h->s, after_close, h), ERR_OK);
	harness_close(h);
	assert_int_equal(h->answers, 1);
	assert_int_equal(harness_open(h), ERR_OK);
	harness_get_documents(h);
	assert_int_equal(h->count, 1000);
}

static void modes(struct harness *h)
{
	static const char *const files[] = {"cache.db", "memory.db", "lock", "cache.db-wal",
					    "memory.db.copy"};
	struct stat st;
	char path[256];
	size_t n;

	harness_put_provenance(h, 1);
	harness_reopen(h); /* makes the first copy */
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		harness_path(h, files[i], path);
		if (stat(path, &st))
			fail_msg("no '%s'", path);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	harness_close(h);
	harness_empty(h, true);
	n = strlen(h->folder);
	(void)snprintf(h->folder + n, sizeof(h->folder) - n, "/deep/er");
	assert_int_equal(harness_open(h), ERR_OK);
	assert_int_equal(stat(h->folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	harness_close(h);
	harness_empty(h, true);
	h->folder[n + strlen("/deep")] = 0;
	(void)rmdir(h->folder);
	h->folder[n] = 0;
}

static const struct row rows[] = {
	{"a result comes back whole", result_whole},
	{"a result is replaced, its page too", result_replaced},
	{"a result is renewed, its page stays", result_renewed},
	{"an unknown URL", result_unknown},
	{"two URLs of one hash", one_hash},
	{"every outcome by its name", outcomes},
	{"documents", documents},
	{"documents by bytes", documents_ordered},
	{"provenance comes back whole", provenance_whole},
	{"provenance by run and host", written_found},
	{"a document under another name", renamed},
	{"runs count up", runs},
	{"complaints", complaints},
	{"what is not valid is refused", invalid},
	{"order of requests", order},
	{"closing finishes", closing},
	{"only the owner reads", modes},
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
	return RUN_ROWS("store", rows, test);
}
