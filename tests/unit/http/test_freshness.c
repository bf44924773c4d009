/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "http/freshness.h"

enum { NOW = 1700000000, DAY = 86400 };
#define DATE "Date: Tue, 14 Nov 2023 22:13:20 GMT\n"
#define MODIFIED "Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\n"

/* header: lines; asked `after` seconds later. fresh_for: of fresh_until, 0 where nothing is said */
static const struct row {
	const char *name;
	unsigned status;
	const char *header;
	int64_t after;
	enum freshness_action want;
	int64_t fresh_for;
} rows[] = {
	{"nothing said", 200, DATE, 0, FRESHNESS_FETCH, 0},
	{"max-age", 200, DATE "Cache-Control: max-age=60\n", 59, FRESHNESS_REUSE, 60},
	{"max-age over", 200, DATE "Cache-Control: max-age=60\n", 60, FRESHNESS_FETCH, 60},
	{"max-age less Age", 200, DATE "Age: 50\nCache-Control: max-age=60\n", 10, FRESHNESS_FETCH, 10},
	{"max-age without Date", 200, "Cache-Control: max-age=60\n", 59, FRESHNESS_REUSE, 60},
	{"max-age of an old answer", 200, "Date: Tue, 14 Nov 2023 22:12:20 GMT\nCache-Control: max-age=70\n",
	 9, FRESHNESS_REUSE, 10},
	{"a Date to come", 200, "Date: Tue, 14 Nov 2023 23:12:20 GMT\nCache-Control: max-age=60\n", 59,
	 FRESHNESS_REUSE, 60},
	{"among others, any case", 200, "cache-control: public, MAX-age=\"60\" , x=\"a,max-age=1\"\n", 59,
	 FRESHNESS_REUSE, 60},
	{"on a second line", 200, "Cache-Control: public\nCache-Control: max-age=60\n", 59, FRESHNESS_REUSE,
	 60},
	{"the first counts", 200, "Cache-Control: max-age=60, max-age=6000\n", 60, FRESHNESS_FETCH, 60},
	{"unreadable is stale", 200, DATE MODIFIED "Cache-Control: max-age=6e9\n", 0, FRESHNESS_VALIDATE, 0},
	{"negative is stale", 200, DATE "Cache-Control: max-age=-1\n", 0, FRESHNESS_FETCH, 0},
	{"very long", 200, "Cache-Control: max-age=99999999999999999999999\n", 365 * DAY, FRESHNESS_REUSE,
	 INT32_MAX},
	{"very long age", 200, "Age: 99999999999999999999999\nCache-Control: max-age=60\n", 0,
	 FRESHNESS_FETCH, 60 - (int64_t)INT32_MAX},
	{"s-maxage is not for us", 200, "Cache-Control: s-maxage=60\n", 0, FRESHNESS_FETCH, 0},
	{"an open quote", 200, "Cache-Control: x=\"a, max-age=60\n", 0, FRESHNESS_FETCH, 0},
	{"a backslash at the end", 200, "Cache-Control: x=\"a\\\n", 0, FRESHNESS_FETCH, 0},
	{"no-store", 200, DATE MODIFIED "Cache-Control: no-store, max-age=60\n", 0, FRESHNESS_FETCH, 60},
	{"no-cache", 200, DATE MODIFIED "Cache-Control: no-cache, max-age=60\n", 0, FRESHNESS_VALIDATE, 60},
	{"no-cache with names", 200, DATE MODIFIED "Cache-Control: no-cache=\"set-cookie\", max-age=60\n", 0,
	 FRESHNESS_VALIDATE, 60},
	{"vary by everything", 200, DATE "Vary: *\nCache-Control: max-age=60\n", 0, FRESHNESS_FETCH, 60},

	{"expires", 200, DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 59, FRESHNESS_REUSE, 60},
	{"expires over", 200, DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 60, FRESHNESS_FETCH, 60},
	{"expires by their clock", 200,
	 "Date: Tue, 14 Nov 2023 23:13:20 GMT\nExpires: Tue, 14 Nov 2023 23:14:20 GMT\n", 59, FRESHNESS_REUSE,
	 60},
	{"max-age before expires", 200,
	 DATE "Expires: Tue, 14 Nov 2023 23:14:20 GMT\nCache-Control: max-age=60\n", 60, FRESHNESS_FETCH, 60},
	{"expires is nonsense", 200, DATE MODIFIED "Expires: 0\n", 0, FRESHNESS_VALIDATE, 0},

	{"heuristic", 200, DATE MODIFIED, 8639, FRESHNESS_REUSE, 0},
	{"heuristic over", 200, DATE MODIFIED, 8640, FRESHNESS_VALIDATE, 0},
	{"heuristic, capped", 200, DATE "Last-Modified: Mon, 13 Nov 2000 22:13:20 GMT\n", DAY,
	 FRESHNESS_VALIDATE, 0},
	{"heuristic of the future", 200, DATE "Last-Modified: Mon, 13 Nov 2040 22:13:20 GMT\n", 0,
	 FRESHNESS_VALIDATE, 0},
	{"no heuristic", 500, DATE MODIFIED, 0, FRESHNESS_VALIDATE, 0},
	{"heuristic by public", 500, DATE MODIFIED "Cache-Control: public\n", 0, FRESHNESS_REUSE, 0},
	{"partial", 206, DATE "Cache-Control: max-age=60\n", 0, FRESHNESS_FETCH, 60},
	{"news of another", 304, DATE "Cache-Control: max-age=60\n", 0, FRESHNESS_FETCH, 60},
};

static size_t read_header(const char *text, struct freshness_field *fields)
{
	struct span rest = span_str(text), line;
	size_t n = 0;

	while ((line = span_split(&rest, '\n')).len) {
		fields[n].name = span_split(&line, ':');
		fields[n++].value = span_trim(line);
	}
	return n;
}

static void decides(void **state)
{
	const struct row *row = *state;
	struct freshness_field fields[8];
	size_t n = read_header(row->header, fields);
	struct freshness f;

	freshness_read(row->status, fields, n, NOW, &f);
	assert_int_equal(freshness_decide(&f, NOW + row->after), row->want);
	assert_int_equal(f.fresh_until ? f.fresh_until - NOW : 0, row->fresh_for);
}

/* as they came, or "-" */
static const struct validator_row {
	const char *name, *header, *etag, *modified;
} validators[] = {
	{"none", DATE, "-", "-"},
	{"both", "ETag: W/\"a,\xc3\xa9\"\nLast-Modified: yesterday\n", "W/\"a,\xc3\xa9\"", "yesterday"},
	{"unquoted", "ETag: abc\n", "abc", "-"},
	{"empty", "ETag: \nLast-Modified:\n", "-", "-"},
	{"the first", "ETag: \"a\"\nETag: \"b\"\n", "\"a\"", "-"},
	{"a control", "ETag: \"a\rX: y\"\n", "-", "-"},
};

static void keeps_validators(void **state)
{
	const struct validator_row *row = *state;
	struct freshness_field fields[8];
	size_t n = read_header(row->header, fields);
	struct freshness f;

	freshness_read(200, fields, n, NOW, &f);
	assert_true(span_eq_str(f.etag.ptr ? f.etag : SPAN("-"), row->etag));
	assert_true(span_eq_str(f.last_modified.ptr ? f.last_modified : SPAN("-"), row->modified));
}

static void drops_long_validators(void **state)
{
	(void)state;
	static char text[FRESHNESS_VALIDATOR_MAX + 1];
	struct freshness_field field = {SPAN("etag"), {text, sizeof(text)}};
	struct freshness f;

	memset(text, 'a', sizeof(text));
	freshness_read(200, &field, 1, NOW, &f);
	assert_null(f.etag.ptr);
	field.value.len--;
	freshness_read(200, &field, 1, NOW, &f);
	assert_non_null(f.etag.ptr);
}

int main(void)
{
	static const struct CMUnitTest others[] = {cmocka_unit_test(drops_long_validators)};

	return RUN_ROWS("http/freshness", rows, decides) ||
	       RUN_ROWS("http/validators", validators, keeps_validators) ||
	       cmocka_run_group_tests_name("http/validators-long", others, NULL, NULL);
}
