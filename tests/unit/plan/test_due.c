/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "plan/due.h"

#define H (INT64_C(3600))
#define D (24 * H)
#define NOW (INT64_C(1800000000))

/* Within an eighth of the interval either way, for every seed. */
static const struct row {
	const char *name;
	int64_t age; /* -1: unknown */
	int64_t fresh;
	unsigned unchanged;
	int64_t want, low, high; /* interval; bounds when they are no eighth of it */
} rows[] = {
	{"of today", 2 * H, 0, 0, 6 * H},
	{"of the future", -5 * D, 0, 0, 6 * H},
	{"four days old", 4 * D, 0, 0, D},
	{"four days old, unchanged once", 4 * D, 0, 1, 2 * D},
	{"unchanged five times", 4 * D, 0, 5, 32 * D},
	{"unchanged a thousand times", 4 * D, 0, 1000, 32 * D},
	{"two years old", 730 * D, 0, 0, 730 * D / 4},
	{"two years old, unchanged", 730 * D, 0, 3, 365 * D},
	{"a hundred years old", 36500 * D, 0, 9, 365 * D},
	{"no date", -1, 0, 0, 15 * D},
	{"no date, unchanged twice", -1, 0, 2, 60 * D},
	{"promised for longer", 2 * H, 3 * D, 0, 3 * D, 3 * D, 3 * D + 3 * D / 4},
	{"promised for ever", 2 * H, 36500 * D, 0, 90 * D, 90 * D, 90 * D + 90 * D / 4},
	{"promised for less", 40 * D, D, 0, 10 * D},
	{"a promise that is over", 4 * D, -D, 0, D},
};

static void when(void **state)
{
	const struct row *row = *state;
	int64_t least = INT64_MAX, most = 0;

	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct due_facts f = {.now = NOW,
				      .published = row->age == -1 ? 0 : NOW - row->age,
				      .fresh_until = row->fresh ? NOW + row->fresh : 0,
				      .unchanged = row->unchanged,
				      .seed = seed * UINT64_C(0x9e3779b97f4a7c15)};
		int64_t in = due_page(&f) - NOW;

		least = MIN(least, in);
		most = MAX(most, in);
	}
	assert_in_range(least, row->low ? row->low : row->want - row->want / 8, row->want);
	assert_in_range(most, row->want, row->high ? row->high : row->want + row->want / 8);
	assert_true(most - least > row->want / 8); /* spread */
}

static void budget(void **state)
{
	struct due_budget b;
	size_t hour = 0, most = 0;

	(void)state;
	due_budget_init(&b, 600, 5000);
	assert_int_equal(due_budget_left(&b, 5000), 0);
	assert_int_equal(due_budget_wait(&b, 1, 5000), 6000);
	assert_int_equal(due_budget_left(&b, 11000), 1);
	/* a year unused is a minute's worth */
	assert_int_equal(due_budget_left(&b, INT64_C(31536000000)), 10);
	/* a clock that runs backward gives nothing */
	due_budget_take(&b, 10);
	assert_int_equal(due_budget_left(&b, 5000), 0);
	assert_int_equal(due_budget_wait(&b, 1000000, INT64_C(31536000000)), 60000);
	for (int64_t ms = 0; ms < 3600 * 1000; ms += 250) {
		size_t n = due_budget_left(&b, INT64_C(31536000000) + ms);

		due_budget_take(&b, n);
		hour += n;
		most = MAX(most, n);
	}
	assert_in_range(hour, 599, 601);
	assert_int_equal(most, 1);
	due_budget_init(&b, 0, 0);
	assert_int_equal(due_budget_left(&b, INT64_MAX), 0);
	assert_true(due_budget_wait(&b, 1, 0) == INT64_MAX);
	/* fewer than one a minute still come */
	due_budget_init(&b, 1, 0);
	assert_int_equal(due_budget_left(&b, 3600 * 1000), 1);
	due_budget_init(&b, 1000000, 0);
	assert_int_equal(due_budget_left(&b, INT64_MAX), 16666);
}

static void clocks(void **state)
{
	(void)state;
	assert_true(due_clock_is_wrong(0));
	assert_true(due_clock_is_wrong(-1));
	assert_false(due_clock_is_wrong(NOW));
	assert_false(due_clock_is_wrong(INT64_C(4102444800))); /* 2100 cannot be known to be wrong */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(budget), cmocka_unit_test(clocks)};

	return RUN_ROWS("due/page", rows, when) + cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
