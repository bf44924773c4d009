/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "feed/cadence.h"

enum { HOUR = 3600, DAY = 24 * HOUR };
#define NOW INT64_C(1700000000) /* Tuesday 2023-11-14 22:13:20 */
#define COMMON .now = NOW, .floor = HOUR, .ceiling = DAY, .validators = true

/* The wait lies from min to max seconds. */
static const struct row {
	const char *name;
	struct cadence_input in;
	int64_t min, max;
	const char *reason;
} rows[] = {
	{"rhythm not known", {COMMON}, HOUR, HOUR * 9 / 8, "shortest"},
	{"a busy feed", {COMMON, .rhythm = {600, NOW - 600}}, HOUR, HOUR * 9 / 8, "busy"},
	{"half its gap", {COMMON, .rhythm = {8 * HOUR, NOW - HOUR}}, 4 * HOUR, 4 * HOUR * 9 / 8, "rhythm"},
	{"a quiet feed", {COMMON, .rhythm = {30 * DAY, NOW - DAY}}, DAY, DAY * 9 / 8, "longest"},
	{"fallen silent", {COMMON, .rhythm = {HOUR, NOW - 5 * DAY}}, 10 * HOUR, 10 * HOUR * 9 / 8, "silent"},
	{"a floor over the hour",
	 {.now = NOW, .floor = 3 * HOUR, .ceiling = DAY, .validators = true},
	 3 * HOUR,
	 3 * HOUR * 9 / 8,
	 "shortest"},
	{"no validators", {.now = NOW, .floor = HOUR, .ceiling = DAY}, DAY, DAY * 9 / 8, "ETag"},
	{"ttl lengthens", {COMMON, .ttl_minutes = 180}, 3 * HOUR, 3 * HOUR * 9 / 8, "ttl"},
	{"ttl never shortens", {COMMON, .ttl_minutes = 5}, HOUR, HOUR * 9 / 8, "shortest"},
	{"ttl has a ceiling", {COMMON, .ttl_minutes = 4000000000u}, 7 * DAY, 7 * DAY * 9 / 8, "ttl"},
	{"sy lengthens", {COMMON, .period_seconds = 12 * HOUR}, 12 * HOUR, 12 * HOUR * 9 / 8, "sy:"},
	{"Cache-Control lengthens",
	 {COMMON, .fresh_until = NOW + 5 * HOUR},
	 5 * HOUR,
	 5 * HOUR * 9 / 8,
	 "Cache-Control"},
	{"Cache-Control of the past",
	 {COMMON, .fresh_until = NOW - 5 * HOUR},
	 HOUR,
	 HOUR * 9 / 8,
	 "shortest"},
	{"first failure",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 1, .status = 500},
	 HOUR,
	 HOUR * 9 / 8,
	 "failed 1 time in"},
	{"third failure",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 3},
	 4 * HOUR,
	 4 * HOUR * 9 / 8,
	 "failed 3 times"},
	{"many failures: a day",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 20, .status = 404},
	 DAY,
	 DAY * 9 / 8,
	 "failed"},
	{"failing for weeks: it fades",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 4000000000u},
	 7 * DAY,
	 7 * DAY * 9 / 8,
	 "failed"},
	{"forbidden backs off as 429 does",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 1, .status = 403},
	 4 * HOUR,
	 4 * HOUR * 9 / 8,
	 "failed"},
	{"Retry-After",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 1, .status = 429, .retry_at = NOW + 9 * HOUR},
	 9 * HOUR,
	 9 * HOUR * 9 / 8,
	 "Retry-After"},
	{"Retry-After has a ceiling",
	 {COMMON, .answer = CADENCE_FAILED, .failures = 1, .status = 503, .retry_at = INT64_MAX},
	 7 * DAY,
	 7 * DAY * 9 / 8,
	 "Retry-After"},
	/* it is 22:13; 23 h is skipped, and so are 0 and 1 */
	{"skipHours",
	 {COMMON, .skip_hours = 1u << 23 | 1u << 0 | 1u << 1},
	 HOUR * 2 + 2400 + HOUR,
	 HOUR * 2 + 2800 + HOUR,
	 "skipHours"},
	{"all hours skipped is none", {COMMON, .skip_hours = 0xffffff}, HOUR, HOUR * 9 / 8, "shortest"},
	/* Wednesday and Thursday skipped; a wait of three hours ends on Wednesday: Friday at 0:00 */
	{"skipDays",
	 {COMMON, .ttl_minutes = 180, .skip_days = 1u << 3 | 1u << 4},
	 2 * DAY,
	 2 * DAY + 2 * HOUR,
	 "skipDays"},
	{"all days skipped is none", {COMMON, .skip_days = 0x7f}, HOUR, HOUR * 9 / 8, "shortest"},
};

static void waits(void **state)
{
	const struct row *row = *state;

	for (uint64_t seed = 0; seed < 50; seed++) {
		struct cadence_input in = row->in;
		struct cadence c;

		in.seed = seed * UINT64_C(0x9e3779b97f4a7c15);
		c = cadence_next(&in);
		assert_true(c.at - NOW >= row->min);
		assert_true(c.at - NOW <= row->max);
		assert_non_null(strstr(c.reason, row->reason));
	}
}

static void gone(void **state)
{
	struct cadence_input in = {COMMON, .answer = CADENCE_GONE, .status = 410};

	(void)state;
	assert_int_equal(cadence_next(&in).at, CADENCE_NEVER);
	in.status = 200;
	assert_non_null(strstr(cadence_next(&in).reason, "ended"));
}

static void spreads(void **state)
{
	unsigned minutes[8] = {0};

	(void)state;
	for (uint64_t seed = 0; seed < 8000; seed++) {
		struct cadence_input in = {COMMON, .seed = seed * UINT64_C(0x9e3779b97f4a7c15)};

		minutes[(cadence_next(&in).at - NOW - HOUR) / 60]++;
	}
	for (size_t i = 0; i < 7; i++)
		assert_in_range(minutes[i], 800, 1300);
}

static void learns(void **state)
{
	struct feed_entry entries[40] = {{.line = 0}};
	struct feed feed = {.entries = entries, .entry_count = 40};
	struct cadence_rhythm r = {0};

	(void)state;
	/* an item every two hours, in no order, one of them ahead of its time and one without a date */
	for (unsigned i = 0; i < 40; i++)
		entries[i].published = (struct feed_date){true, {.seconds = NOW - (i * 7 % 40) * 2 * HOUR}};
	entries[3].published.date.seconds = NOW + DAY;
	entries[5].published.there = false;
	cadence_learn(&r, &feed, NOW);
	assert_int_equal(r.gap, 2 * HOUR);
	assert_int_equal(r.newest_at, NOW);
	feed.entry_count = 0;
	cadence_learn(&r, &feed, NOW);
	assert_int_equal(r.gap, 2 * HOUR);
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"gone"}}, two[] = {{"spreads"}}, three[] = {{"learns"}};

	return RUN_ROWS("cadence", rows, waits) + RUN_ROWS("cadence/gone", one, gone) +
	       RUN_ROWS("cadence/spread", two, spreads) + RUN_ROWS("cadence/learn", three, learns);
}
