/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "daemon/report/health.h"

/* Each letter is a fetch a minute after the one before: x failed, . answered; upper case: of another host.
 * `said`: F fails, W well again, - nothing. */
static const struct row {
	const char *name, *fetches, *said;
	int64_t since; /* minute of the last word that was said */
} rows[] = {
	{"well", "....", "----", 0},
	{"a few failures are nothing", "xxxx.", "-----", 0},
	{"said once at the fifth", "xxxxxxxx", "----F---", 0},
	{"and once when it is well", ".xxxxxxx...", "-----F--W--", 1},
	{"again when it fails again", "xxxxx.xxxxx", "----FW----F", 6},
	{"an answer between begins anew", "xxxx.xxxx", "---------", 0},
	{"hosts are told apart", "xXxXxXxXxX", "--------FF", 1},
};

static void health(void **state)
{
	const struct row *row = *state;
	struct health *h = health_new();
	int64_t since, last = 0;

	assert_non_null(h);
	for (int64_t i = 0; row->fetches[i]; i++) {
		bool other = row->fetches[i] == 'X';
		enum health_word word = health_note(h, other ? SPAN("b.example") : SPAN("a.example"),
						    row->fetches[i] == '.', i, &since);

		assert_int_equal(row->said[i], word == HEALTH_FAILS ? 'F' : word == HEALTH_WELL ? 'W' : '-');
		if (word != HEALTH_SAME)
			last = since;
	}
	assert_int_equal(last, row->since);
	health_free(h);
}

/* Of a stranger's many hosts those heard of longest ago are forgotten. */
static void bounded(void **state)
{
	struct health *h = health_new();
	char name[32];
	int64_t since;

	(void)state;
	assert_non_null(h);
	for (int i = 0; i < HEALTH_FAILURES; i++)
		assert_true(health_note(h, SPAN("first.example"), false, i, &since) == HEALTH_SAME ||
			    i == HEALTH_FAILURES - 1);
	assert_true(health_fails(h, SPAN("first.example")));
	for (int i = 0; i < HEALTH_HOSTS; i++) {
		(void)snprintf(name, sizeof(name), "h%d.example", i);
		(void)health_note(h, span_str(name), false, 10, &since);
	}
	assert_false(health_fails(h, SPAN("first.example")));
	health_free(h);
}

int main(void)
{
	const struct CMUnitTest bounds[] = {cmocka_unit_test(bounded)};

	return RUN_ROWS("health", rows, health) + cmocka_run_group_tests(bounds, NULL, NULL);
}
