/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "daemon/report/journal.h"

static const struct row {
	const char *name;
	int64_t each;        /* seconds between two entries */
	unsigned count, may; /* of so many so many go */
} rows[] = {
	{"few", 0, JOURNAL_BURST, JOURNAL_BURST},
	{"a burst is cut", 0, 10 * JOURNAL_BURST, JOURNAL_BURST},
	{"slowly without end", 1, 1000, 1000},
};

static void limit(void **state)
{
	const struct row *row = *state;
	struct journal_limit l = {0, 0, 0};
	unsigned went = 0, held;

	for (unsigned i = 0; i < row->count; i++)
		went += journal_may(&l, 100 + row->each * i, &held);
	assert_int_equal(went, row->may);
	/* what was held is told with the first of the next span */
	assert_true(journal_may(&l, 100 + row->each * row->count + JOURNAL_SPAN, &held));
	assert_int_equal(held, row->count - row->may);
	assert_true(journal_may(&l, 100 + row->each * row->count + JOURNAL_SPAN, &held));
	assert_int_equal(held, 0);
}

static void elsewhere(void **state)
{
	(void)state;
	/* under a test runner standard error is not the journal's, whatever a variable says */
	assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0);
	assert_false(journal_listens());
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(elsewhere)};

	return RUN_ROWS("journal", rows, limit) + cmocka_run_group_tests(more, NULL, NULL);
}
