/* SPDX-License-Identifier: MIT */
/* labels: threads */
/* What people look at, beside the store that writes it. */
#include "harness.h"

#include "store/database.h"
#include "store/look.h"

struct row {
	const char *name;
	void (*run)(struct harness *h, struct look *l);
};

#define OTHER SPAN("/srv/other")

static void put(struct harness *h, struct span root, const char *path, enum store_state state,
		unsigned missing, const char *title)
{
	const struct store_document d = {.path = span_str(path), .key = {1, 2, 3, 4, 5}, .due_at = 6};
	const struct store_status s = {
		.state = state,
		.missing = missing,
		.gaps = missing != 0,
		.title = span_str(title),
		.reason = missing ? SPAN("it does not say") : SPAN_NONE,
		.url = missing ? SPAN("https://a.example/1") : SPAN_NONE,
		.verdict = state == STORE_STATE_OPEN ? SPAN("challenge") : SPAN_NONE,
		.line = 3,
		.looked_at = 1700000000,
	};

	assert_int_equal(store_put_document(h->s, root, &d, &s), ERR_OK);
}

/* "root state missing=count" of each. */
static void tallies(struct harness *h, struct look *l, const char *want)
{
	struct look_tally *rows;
	char text[1024] = "";
	size_t count;

	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(look_tallies(l, &h->memory, &rows, &count, &h->e), ERR_OK);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s %s %u=%lld;",
			       SPAN_ARG(rows[i].root), store_state_name(rows[i].state), rows[i].missing,
			       (long long)rows[i].count);
	assert_string_equal(text, want);
}

static void counts_follow(struct harness *h, struct look *l)
{
	tallies(h, l, "");
	put(h, ROOT, "a.md", STORE_STATE_OPEN, 3, "a");
	put(h, ROOT, "b.md", STORE_STATE_OPEN, 3, "b");
	put(h, ROOT, "c.md", STORE_STATE_COMPLETE, 0, "c");
	tallies(h, l, "/srv/content complete 0=1;/srv/content open 3=2;");
	put(h, ROOT, "a.md", STORE_STATE_OPEN, 1, "a");
	put(h, ROOT, "b.md", STORE_STATE_COMPLETE, 0, "b");
	put(h, ROOT, "b.md", STORE_STATE_COMPLETE, 0, "b");
	tallies(h, l, "/srv/content complete 0=2;/srv/content open 1=1;");
	assert_int_equal(store_forget_document(h->s, ROOT, SPAN("c.md")), ERR_OK);
	assert_int_equal(store_forget_document(h->s, ROOT, SPAN("never.md")), ERR_OK);
	assert_int_equal(store_forget_document(h->s, OTHER, SPAN("a.md")), ERR_OK);
	put(h, OTHER, "a.md", STORE_STATE_REFUSED, 0, "a");
	tallies(h, l, "/srv/content complete 0=1;/srv/content open 1=1;/srv/other refused 0=1;");
}

static void forgot(void *arg, int64_t count)
{
	struct harness *h = arg;

	h->id = count;
}

static void counts_follow_a_person(struct harness *h, struct look *l)
{
	put(h, ROOT, "a.md", STORE_STATE_OPEN, 3, "a");
	put(h, ROOT, "b.md", STORE_STATE_OPEN, 3, "b");
	put(h, OTHER, "b.md", STORE_STATE_WAITING, 1, "b");
	assert_int_equal(store_forget(h->s, STORE_FORGET_DOCUMENT, SPAN("/srv/content/b.md"), forgot, h),
			 ERR_OK);
	tallies(h, l, "/srv/content open 3=1;/srv/other waiting 1=1;");
	assert_int_equal(h->id, 1);
}

static struct look_documents found(struct harness *h, struct look *l, const struct look_filter *filter,
				   const char *want)
{
	struct look_documents got;
	char text[1024] = "";

	assert_int_equal(look_documents(l, filter, &h->memory, &got, &h->e), ERR_OK);
	for (size_t i = 0; i < got.count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s/%.*s ",
			       SPAN_ARG(got.rows[i].root), SPAN_ARG(got.rows[i].document.path));
	assert_string_equal(text, want);
	return got;
}

#define A "/srv/content/a.md "
#define B "/srv/content/b.md "
#define C "/srv/content/news/c.md "
#define D "/srv/content/news/d.md "
#define E "/srv/other/a.md "

static void five(struct harness *h)
{
	put(h, ROOT, "news/d.md", STORE_STATE_COMPLETE, 0, "Sturm an der K\xc3\xbcste");
	put(h, ROOT, "a.md", STORE_STATE_OPEN, 1u << FIELD_EXCERPT, "A Storm in a tea cup");
	put(h, ROOT, "b.md", STORE_STATE_OPEN, 1u << FIELD_IMAGE, "Nothing of the kind");
	put(h, ROOT, "news/c.md", STORE_STATE_REFUSED, 0, "Storm warning");
	put(h, OTHER, "a.md", STORE_STATE_OPEN, 1u << FIELD_EXCERPT | 1u << FIELD_TITLE, "");
	assert_int_equal(harness_flush(h), ERR_OK);
}

static const struct filter_row {
	const char *what;
	struct look_filter filter;
	const char *want;
} filters[] = {
	{"all", {.state = -1}, A B C D E},
	{"of a root", {.state = -1, .root = {"/srv/content", 12}}, A B C D},
	{"of a root that is not known", {.state = -1, .root = {"/srv", 4}}, ""},
	{"open", {.state = STORE_STATE_OPEN}, A B E},
	{"complete", {.state = STORE_STATE_COMPLETE}, D},
	{"refused, of a root", {.state = STORE_STATE_REFUSED, .root = {"/srv/content", 12}}, C},
	{"lacking an excerpt", {.state = -1, .missing = 1u << FIELD_EXCERPT}, A E},
	{"lacking either",
	 {.state = STORE_STATE_OPEN, .missing = 1u << FIELD_IMAGE | 1u << FIELD_TITLE},
	 B E},
	{"a word of the title", {.state = -1, .words = {"STORM", 5}}, A C},
	{"of the path", {.state = -1, .words = {"news/", 5}}, C D},
	{"two words, in either", {.state = -1, .words = {" storm  news ", 13}}, C},
	{"a word that is nowhere", {.state = -1, .words = {"snow", 4}}, ""},
	{"bytes beyond ASCII as they are", {.state = -1, .words = {"K\xc3\xbcste", 6}}, D},
	{"behind another", {.state = -1, .after_root = {"/srv/content", 12}, .after = {"b.md", 4}}, C D E},
	{"behind the last of a root",
	 {.state = -1, .after_root = {"/srv/content", 12}, .after = {"news/d.md", 9}},
	 E},
	{"of a root, behind another",
	 {.state = -1,
	  .root = {"/srv/content", 12},
	  .after_root = {"/srv/content", 12},
	  .after = {"b.md", 4}},
	 C D},
	{"of a root, behind one of another",
	 {.state = -1, .root = {"/srv/other", 10}, .after_root = {"/srv/content", 12}, .after = {"b.md", 4}},
	 E},
	{"of a root, behind all of it",
	 {.state = -1, .root = {"/srv/content", 12}, .after_root = {"/srv/other", 10}, .after = {"a.md", 4}},
	 ""},
	{"open, behind another",
	 {.state = STORE_STATE_OPEN, .after_root = {"/srv/content", 12}, .after = {"a.md", 4}},
	 B E},
};

static void filters_apply(struct harness *h, struct look *l)
{
	five(h);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct look_filter filter = filters[i].filter;
		struct look_documents got;

		filter.limit = 10;
		got = found(h, l, &filter, filters[i].want);
		assert_false(got.more);
		assert_false(got.cut_short);
	}
}

static void pages_follow(struct harness *h, struct look *l)
{
	struct look_filter filter = {.state = -1, .limit = 2};
	struct look_documents got;

	five(h);
	got = found(h, l, &filter, A B);
	assert_true(got.more);
	filter.after_root = got.end_root;
	filter.after = got.end;
	got = found(h, l, &filter, C D);
	assert_true(got.more);
	filter.after_root = got.end_root;
	filter.after = got.end;
	got = found(h, l, &filter, E);
	assert_false(got.more);
}

static void one_has_all(struct harness *h, struct look *l)
{
	struct look_document d;
	char text[256];

	five(h);
	assert_int_equal(look_document(l, ROOT, SPAN("a.md"), &h->memory, &d, &h->e), ERR_OK);
	(void)snprintf(text, sizeof(text), "%s|%u|%u|%.*s|%.*s|%.*s|%.*s|%u|%lld|%lld",
		       store_state_name(d.status.state), d.status.missing, d.status.gaps,
		       SPAN_ARG(d.status.title), SPAN_ARG(d.status.reason), SPAN_ARG(d.status.url),
		       SPAN_ARG(d.status.verdict), d.status.line, (long long)d.status.looked_at,
		       (long long)d.document.due_at);
	assert_string_equal(text,
			    "open|2|1|A Storm in a tea cup|it does not say|https://a.example/1|challenge"
			    "|3|1700000000|6");
	assert_int_equal(look_document(l, ROOT, SPAN("x.md"), &h->memory, &d, &h->e), ERR_NOTFOUND);
	assert_int_equal(look_document(l, SPAN("/etc"), SPAN("a.md"), &h->memory, &d, &h->e), ERR_NOTFOUND);
}

/* Characters stay whole. */
static void long_texts_are_cut(struct harness *h, struct look *l)
{
	char title[STORE_TITLE_MAX + 3];
	struct look_document d;

	(void)memset(title, 'x', sizeof(title));
	(void)snprintf(title + STORE_TITLE_MAX - 1, 4, "\xc3\xbc"); /* half of it is within */
	put(h, ROOT, "a.md", STORE_STATE_OPEN, 1, title);
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(look_document(l, ROOT, SPAN("a.md"), &h->memory, &d, &h->e), ERR_OK);
	assert_int_equal(d.status.title.len, STORE_TITLE_MAX - 1);
}

static void ends_in_time(struct harness *h, struct look *l)
{
	struct look_filter filter = {.state = -1, .limit = 1000, .words = {"nowhere", 7}};
	struct look_documents got;
	struct look_written *rows;
	struct timespec while_ago = {.tv_nsec = 3000000};
	size_t count;

	five(h);
	for (unsigned n = 0; n < 5; n++)
		harness_put_provenance(h, n);
	assert_int_equal(harness_flush(h), ERR_OK);
	look_within(l, 1);
	(void)nanosleep(&while_ago, NULL);
	got = found(h, l, &filter, "");
	assert_true(got.cut_short || !got.count);
	assert_int_equal(look_written(l, SPAN_NONE, SPAN_NONE, 0, 10, &h->memory, &rows, &count, &h->e),
			 ERR_OK);
	assert_int_equal(count, 0);
	look_within(l, 0);
	filter.words = SPAN_NONE;
	(void)found(h, l, &filter, A B C D E);
}

static void written_newest_first(struct harness *h, struct look *l)
{
	struct look_written *rows;
	size_t count;

	for (unsigned n = 0; n < 5; n++)
		harness_put_provenance(h, n);
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(look_written(l, SPAN_NONE, SPAN_NONE, 0, 2, &h->memory, &rows, &count, &h->e),
			 ERR_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].row.path.ptr, "2026/00000004.md");
	assert_string_equal(rows[0].root.ptr, "/srv/content");
	assert_int_equal(
		look_written(l, SPAN_NONE, SPAN_NONE, rows[1].row.id, 9, &h->memory, &rows, &count, &h->e),
		ERR_OK);
	assert_int_equal(count, 3);
	assert_int_equal(
		look_written(l, ROOT, SPAN("2026/00000003.md"), 0, 9, &h->memory, &rows, &count, &h->e),
		ERR_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].row.source.ptr, "og:description");
	assert_int_equal(look_written(l, OTHER, SPAN("x.md"), 0, 9, &h->memory, &rows, &count, &h->e),
			 ERR_OK);
	assert_int_equal(count, 0);
}

static void failing_first(struct harness *h, struct look *l)
{
	struct store_result *rows, one = {.url = SPAN("https://b.example/")};
	size_t count;

	for (unsigned n = 0; n < 4; n++) {
		const char *urls[] = {"https://a.example/", "https://b.example/", "https://c.example/",
				      "https://d.example/"};
		const struct store_result r = {.url = span_str(urls[n]),
					       .outcome = n ? OUTCOME_TIMEOUT : OUTCOME_PAGE,
					       .failures = n,
					       .error = n ? SPAN("timed out") : SPAN_NONE};

		assert_int_equal(store_put_result(h->s, &r), ERR_OK);
	}
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(look_failing(l, 2, &h->memory, &rows, &count, &h->e), ERR_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].url.ptr, "https://d.example/");
	assert_string_equal(rows[1].url.ptr, "https://c.example/");
	assert_string_equal(rows[1].error.ptr, "timed out");
	assert_int_equal(look_result(l, &h->memory, &one, &h->e), ERR_OK);
	assert_int_equal(one.outcome, OUTCOME_TIMEOUT);
}

static void runs_newest_first(struct harness *h, struct look *l)
{
	int64_t run = harness_begin_run(h), next;
	struct look_run *rows;
	size_t count;

	assert_int_equal(store_end_run(h->s, run, 1700000009, SPAN("{}")), ERR_OK);
	next = harness_begin_run(h);
	assert_int_equal(harness_flush(h), ERR_OK);
	assert_int_equal(look_runs(l, 5, &h->memory, &rows, &count, &h->e), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].id, next);
	assert_int_equal(rows[0].ended_at, 0);
	assert_int_equal(rows[1].ended_at, 1700000009);
	assert_string_equal(rows[1].summary.ptr, "{}");
}

/* The file that was open is not the one that is there now. */
static void sees_a_new_file(struct harness *h, struct look *l)
{
	five(h);
	(void)found(h, l, &(struct look_filter){.state = -1, .limit = 1}, A);
	harness_close(h);
	harness_empty(h, false);
	assert_int_equal(harness_open(h), ERR_OK);
	put(h, ROOT, "new.md", STORE_STATE_OPEN, 1, "");
	assert_int_equal(harness_flush(h), ERR_OK);
	look_within(l, 0);
	(void)found(h, l, &(struct look_filter){.state = -1, .limit = 9}, "/srv/content/new.md ");
}

static void step(struct harness *h, const struct schema *schema, size_t steps)
{
	char path[256], numbers[96];
	sqlite3 *db;

	harness_path(h, schema->file, path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < steps; i++)
		assert_int_equal(sqlite3_exec(db, schema->steps[i], NULL, NULL, NULL), SQLITE_OK);
	(void)snprintf(numbers, sizeof(numbers), "PRAGMA application_id=%u; PRAGMA user_version=%zu",
		       schema->application_id, steps);
	assert_int_equal(sqlite3_exec(db, numbers, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "INSERT INTO root VALUES (1, '/srv/content');"
				      "INSERT INTO document VALUES (1, 'a.md', 1, 2, 3, 4, 5, 6, 7, 8, 9)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* One that knew nothing of all this: its documents count as unknown until they are looked at. */
static void an_older_state(struct harness *h, struct look *l)
{
	harness_close(h);
	harness_empty(h, false);
	step(h, &schema_cache, 7);
	look_within(l, 0);
	(void)found(h, l, &(struct look_filter){.state = -1, .limit = 9}, ""); /* not understood */
	assert_int_equal(harness_open(h), ERR_OK);
	look_within(l, 0);
	tallies(h, l, "/srv/content unknown 0=1;");
	(void)found(h, l, &(struct look_filter){.state = STORE_STATE_UNKNOWN, .limit = 9}, A);
	put(h, ROOT, "a.md", STORE_STATE_COMPLETE, 0, "");
	tallies(h, l, "/srv/content complete 0=1;");
}

static void nothing_there(struct harness *h, struct look *l)
{
	struct look *none;
	size_t count;
	struct store_poll *polls;

	harness_close(h);
	harness_empty(h, false);
	look_within(l, 0);
	(void)found(h, l, &(struct look_filter){.state = -1, .limit = 9}, "");
	assert_int_equal(look_polls(l, 5, &h->memory, &polls, &count, &h->e), ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(look_open("/nonexistent/state", &none, &h->e), ERR_NOTFOUND);
	assert_int_equal(harness_open(h), ERR_OK);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct harness *h = harness_opened();
	struct look *l = NULL;

	assert_int_equal(look_open(h->folder, &l, &h->e), ERR_OK);
	row->run(h, l);
	look_close(l);
	harness_free(h);
}

int main(void)
{
	static const struct row rows[] = {
		{"counts follow what is put and forgotten", counts_follow},
		{"counts follow what a person forgets", counts_follow_a_person},
		{"filters", filters_apply},
		{"pages", pages_follow},
		{"one document", one_has_all},
		{"long texts are cut", long_texts_are_cut},
		{"ends in time", ends_in_time},
		{"written, newest first", written_newest_first},
		{"failing first", failing_first},
		{"runs", runs_newest_first},
		{"a file that was begun anew", sees_a_new_file},
		{"a state of an older version", an_older_state},
		{"no state at all", nothing_there},
	};

	return RUN_ROWS("store/look", rows, run_row);
}
