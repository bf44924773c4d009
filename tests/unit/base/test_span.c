/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/span.h"

static const struct row {
	const char *name, *in;
	uint64_t max;
	bool ok;
	uint64_t want;
} rows[] = {
	{"zero", "0", 10, true, 0},
	{"at the maximum", "255", 255, true, 255},
	{"over the maximum", "256", 255, false, 0},
	{"one digit over a small maximum", "9", 5, false, 0},
	{"largest", "18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	{"wraps", "18446744073709551616", UINT64_MAX, false, 0},
	{"empty", "", 10, false, 0},
	{"sign", "+1", 10, false, 0},
	{"trailing space", "1 ", 10, false, 0},
};

static void to_uint(void **state)
{
	const struct row *row = *state;
	uint64_t got = 0;

	assert_int_equal(span_to_uint(span_str(row->in), row->max, &got), row->ok);
	assert_int_equal(got, row->want);
}

static void splits_and_finds(void **state)
{
	(void)state;
	struct span rest = SPAN("a,,b");

	assert_true(span_eq(span_split(&rest, ','), SPAN("a")));
	assert_true(span_eq(span_split(&rest, ','), SPAN("")));
	assert_true(span_eq(span_split(&rest, ','), SPAN("b")));
	assert_null(span_split(&rest, ',').ptr);
	assert_int_equal(span_find_nocase(SPAN("xxTitle"), SPAN("tITLE")), 2);
	assert_int_equal(span_find_nocase(SPAN("xx1a"), SPAN("1A")), 2);
	assert_int_equal(span_find_nocase(SPAN("tTitlt"), SPAN("TIT")), 1);
	assert_int_equal(span_find_nocase(SPAN("@a"), SPAN("`A")), -1);
	assert_int_equal(span_find_nocase(SPAN("ab"), SPAN("abc")), -1);
	assert_int_equal(span_find_nocase(SPAN(""), SPAN("")), 0);
	assert_int_equal(span_find(SPAN("abc"), SPAN("abcd")), -1);
	assert_true(span_eq(span_trim(SPAN(" \t a b\r\n")), SPAN("a b")));
	assert_true(span_ends_nocase(SPAN("X.MD"), SPAN(".md")));
	assert_true(span_cmp(SPAN("ab"), SPAN("abc")) < 0);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(splits_and_finds)};

	return RUN_ROWS("span/to_uint", rows, to_uint) +
	       cmocka_run_group_tests_name("span", more, NULL, NULL);
}
