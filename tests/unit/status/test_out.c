/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "status/out.h"

static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"plain", "A pier, 3 < 4 & \"so\"", "A pier, 3 < 4 & \"so\""},
	{"letters of the world stay",
	 "K\xc3\xbcste \xe6\xb0\xb4 \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xf0\x9f\x8c\x8a",
	 "K\xc3\xbcste \xe6\xb0\xb4 \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xf0\x9f\x8c\x8a"},
	{"line ends and tabs", "a\nb\tc\r\nd", "a b c  d"},
	{"an escape sequence", "\x1b[31mred", "<U+001B>[31mred"},
	{"C1 in UTF-8",
	 "a\xc2\x9b"
	 "31m",
	 "a<U+009B>31m"},
	{"C1 as a byte",
	 "a\x9b"
	 "31m",
	 "a\xef\xbf\xbd"
	 "31m"},
	{"delete",
	 "a\x7f"
	 "b",
	 "a<U+007F>b"},
	{"a right-to-left override",
	 "gpj\xe2\x80\xae"
	 "exe",
	 "gpj<U+202E>exe"},
	{"isolates", "\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>"},
	{"marks of direction", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "<U+200E><U+200F><U+061C>"},
	{"zero width", "pay\xe2\x80\x8bpal\xef\xbb\xbf", "pay<U+200B>pal<U+FEFF>"},
	{"joiners stay", "\xd9\x85\xe2\x80\x8c\xd9\x85\xe2\x80\x8d",
	 "\xd9\x85\xe2\x80\x8c\xd9\x85\xe2\x80\x8d"},
	{"line separator",
	 "a\xe2\x80\xa8"
	 "b",
	 "a<U+2028>b"},
	{"tags", "\xf3\xa0\x81\x81", "<U+E0041>"},
	{"malformed", "a\xc3(\xed\xa0\x80\xff",
	 "a\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"cut in the middle of a character", "a\xf0\x9f", "a\xef\xbf\xbd\xef\xbf\xbd"},
	{"empty", "", ""},
};

static void shows(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1000);
	struct out o = {&text, ERR_OK};

	out_visible(&o, span_str(row->in));
	assert_int_equal(o.failed, ERR_OK);
	assert_string_equal(strbuf_cstr(&text), row->want);
}

static const struct far_row {
	const char *name;
	int64_t at;
	const char *want;
} fars[] = {
	{"now", 1000000, "now"},
	{"a second", 1000001, "in 1 s"},
	{"ninety seconds ago", 999910, "90 s ago"},
	{"two minutes", 1000120, "in 2 min"},
	{"two hours ago", 992800, "2 h ago"},
	{"thirty-six hours", 1129600, "in 36 h"},
	{"days", 1000000 + 5 * 86400, "in 5 d"},
	{"never", INT64_MAX, "never"},
};

static void tells_distance(void **state)
{
	const struct far_row *row = *state;
	char buf[32];

	assert_string_equal(out_distance(row->at, 1000000, buf), row->want);
}

static const struct count_row {
	const char *name;
	int64_t n;
} counts[] = {{"0", 0}, {"12", 12}, {"999", 999}, {"1,000", 1000}, {"1,234,567", 1234567}, {"12,345", 12345}};

static void groups(void **state)
{
	const struct count_row *row = *state;
	char buf[32];

	assert_string_equal(out_count(row->n, buf), row->name);
}

/* The first failure stays, and nothing comes after it. */
static void keeps_a_failure(void **state)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(4);
	struct out o = {&text, ERR_OK};

	(void)state;
	out_text(&o, "abc");
	out_text(&o, "defgh");
	out_text(&o, "i");
	assert_int_equal(o.failed, ERR_TOOBIG);
	assert_string_equal(strbuf_cstr(&text), "abc");
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"keeps a failure"}};

	return RUN_ROWS("status/visible", rows, shows) + RUN_ROWS("status/distance", fars, tells_distance) +
	       RUN_ROWS("status/count", counts, groups) + RUN_ROWS("status/failure", one, keeps_a_failure);
}
