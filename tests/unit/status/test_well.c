/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "status/well.h"

/* Minutes; it is minute 1000. A pass is due every 60, and nothing may happen for 15. */
static const struct row {
	const char *name, *failed;
	int64_t started, last_pass, moved;
	bool down, busy;
	const char *want; /* NULL: well */
} rows[] = {
	{"begins", NULL, 1000, 0, 1000, false, false, NULL},
	{"the first pass takes hours, and moves", NULL, 400, 0, 999, false, true, NULL},
	{"the first pass stands still", NULL, 400, 0, 984, false, true,
	 "there is work, and nothing has happened for 16 minutes"},
	{"just not long enough", NULL, 400, 0, 985, false, true, NULL},
	{"quiet", NULL, 1, 950, 950, false, false, NULL},
	{"quiet for long, which is no harm", NULL, 1, 950, 900, false, false, NULL},
	{"no pass has come", NULL, 1, 800, 800, false, false, "no pass has ended for 200 minutes"},
	{"nor a first one", NULL, 1, 0, 1, false, false, "no pass has ended for 999 minutes"},
	{"a pass is late, and work is going on", NULL, 1, 800, 999, false, true, NULL},
	{"the last pass failed", "no space left", 1, 990, 990, false, false,
	 "the last pass failed: no space left"},
	{"though work goes on", "no space left", 1, 990, 1000, false, true,
	 "the last pass failed: no space left"},
	{"no network", NULL, 1, 990, 1000, true, true, "no host answers: is there a network?"},
};

static void well(void **state)
{
	const struct row *row = *state;
	const struct well_facts f = {
		.now = 60000,
		.started = row->started * 60,
		.last_pass = row->last_pass * 60,
		.failed = row->failed,
		.network_down = row->down,
		.busy = row->busy,
		.moved = row->moved * 60,
		.still_s = 15 * 60,
		.between_s = 3600,
	};
	char why[WELL_WHY_MAX];

	assert_int_equal(well_is(&f, why), !row->want);
	if (row->want)
		assert_string_equal(why, row->want);
	else
		assert_int_equal(strncmp(why, "well: ", 6), 0);
}

int main(void)
{
	return RUN_ROWS("well", rows, well);
}
