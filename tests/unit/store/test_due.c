/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* Documents by name and by time, and times that a wrong clock left. */
#include "harness.h"

struct row {
	const char *name;
	void (*run)(struct harness *h);
};

struct got {
	char text[4096];
	int64_t next;
	size_t count;
};
static struct got got;

static void note(struct span path, int64_t at)
{
	size_t n = strlen(got.text);

	(void)snprintf(got.text + n, sizeof(got.text) - n, "%.*s@%lld ", SPAN_ARG(path), (long long)at);
	got.count++;
}

static void got_due(void *arg, const struct store_due *rows, size_t count, int64_t next)
{
	(void)arg;
	got = (struct got){.next = next};
	for (size_t i = 0; i < count; i++)
		note(rows[i].path, rows[i].due_at);
}

static void got_documents(void *arg, const struct store_document *rows, size_t count)
{
	(void)arg;
	got = (struct got){.next = 0};
	for (size_t i = 0; i < count; i++)
		note(rows[i].path, rows[i].due_at);
}

static void put(struct harness *h, struct span root, const char *path, int64_t due)
{
	const struct store_document d = {
		.path = span_str(path), .key = {1, 2, 3, 4, 5}, .content = {7, strlen(path)}, .due_at = due};

	assert_int_equal(store_put_document(h->s, root, &d, NULL), ERR_OK);
}

static void due(struct harness *h, struct span root, int64_t after_at, const char *after, int64_t until,
		size_t limit, const char *want, int64_t next)
{
	const struct store_due from = {after_at, span_str(after)};

	assert_int_equal(store_get_due(h->s, root, &from, until, limit, got_due, NULL), ERR_OK);
	harness_wait(h);
	assert_string_equal(got.text, want);
	assert_true(got.next == next);
}

static void in_order(struct harness *h)
{
	put(h, ROOT, "c.md", 10);
	put(h, ROOT, "a.md", 30);
	put(h, ROOT, "b.md", 10);
	put(h, ROOT, "never.md", INT64_MAX);
	put(h, ROOT, "d.md", 20);
	put(h, SPAN("/srv/b"), "x.md", 5);
	due(h, ROOT, 0, NULL, 9, 10, "", 10);
	due(h, ROOT, 0, NULL, 10, 10, "b.md@10 c.md@10 ", 20);
	due(h, ROOT, 0, NULL, 100, 10, "b.md@10 c.md@10 d.md@20 a.md@30 ", INT64_MAX);
	/* a page of them, and from there on, also between two of one time */
	due(h, ROOT, 0, NULL, 100, 1, "b.md@10 ", 10);
	due(h, ROOT, 10, "b.md", 100, 2, "c.md@10 d.md@20 ", 30);
	due(h, ROOT, 30, "a.md", 100, 10, "", INT64_MAX);
	due(h, ROOT, 0, NULL, 100, 0, "", 10);
	due(h, SPAN("/srv/b"), 0, NULL, 100, 10, "x.md@5 ", INT64_MAX);
	due(h, SPAN("/srv/none"), 0, NULL, 100, 10, "", INT64_MAX);
	/* one that was worked on goes to its new place */
	put(h, ROOT, "b.md", 90);
	harness_reopen(h);
	due(h, ROOT, 0, NULL, 100, 10, "c.md@10 d.md@20 a.md@30 b.md@90 ", INT64_MAX);
}

static void by_name(struct harness *h)
{
	const char *const paths[] = {"a.md", "b.md", "zz.md", "c/d.md"};

	put(h, ROOT, "a.md", 1);
	put(h, ROOT, "c/d.md", 2);
	put(h, SPAN("/srv/b"), "b.md", 3);
	assert_int_equal(store_get_some_documents(h->s, ROOT, paths, 4, got_documents, NULL), ERR_OK);
	harness_wait(h);
	assert_string_equal(got.text, "a.md@1 c/d.md@2 ");
	assert_int_equal(store_get_some_documents(h->s, SPAN("/none"), paths, 4, got_documents, NULL),
			 ERR_OK);
	harness_wait(h);
	assert_int_equal(got.count, 0);
	assert_int_equal(store_get_some_documents(h->s, ROOT, paths, 0, got_documents, NULL), ERR_OK);
	harness_wait(h);
	assert_int_equal(got.count, 0);
}

static void got_corrected(void *arg, uint64_t changed)
{
	*(uint64_t *)arg = changed;
}

/* Written while the clock said 2100. */
static void corrected(struct harness *h)
{
	const int64_t now = 1800000000, month = 30 * 24 * 3600, future = 4102444800;
	struct store_result r = {.url = SPAN("https://a.example/"),
				 .outcome = OUTCOME_PAGE,
				 .fetched_at = future,
				 .expires_at = future + 5,
				 .unchanged = 3,
				 .published_at = -77};
	const struct store_result *known;
	uint64_t changed = 0;

	assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	put(h, ROOT, "a.md", future);
	put(h, ROOT, "b.md", now + month);
	put(h, ROOT, "never.md", INT64_MAX);
	assert_int_equal(store_correct_times(h->s, now, month, got_corrected, &changed), ERR_OK);
	harness_wait(h);
	assert_int_equal(changed, 2);
	known = harness_result(h, r.url);
	assert_true(known->expires_at >= now && known->expires_at < now + month);
	assert_int_equal(known->unchanged, 3);
	assert_true(known->published_at == -77);
	due(h, ROOT, 0, NULL, now + month, 10, "a.md@1800000004 b.md@1802592000 ", INT64_MAX);
}

static const struct row rows[] = {
	{"due, in order", in_order},
	{"some, by name", by_name},
	{"a clock that was wrong", corrected},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();

	row->run(h);
	harness_free(h);
}

int main(void)
{
	return RUN_ROWS("store/due", rows, run_row);
}
