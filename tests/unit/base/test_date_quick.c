/* SPDX-License-Identifier: MIT */
/* What date_quick() reads, date_parse()'s careful way reads alike: a second space sends the same date there.
 */
#include "base/date.h"
#include "base/date_scan.h"
#include "unit/rows.h"

#include <stdio.h>

static void same_both_ways(void **state)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	unsigned seed = 1, quick = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		unsigned r[8];
		char a[64], b[64];
		const char *at;
		struct date one = {0}, two = {0};
		bool got_one, got_two;

		for (size_t k = 0; k < ARRAY_SIZE(r); k++) {
			seed = seed * 1103515245 + 12345;
			r[k] = seed >> 16;
		}
		if (i % 2) {
			const char *zone = r[6] % 3 == 0 ? "GMT" : r[6] % 3 == 1 ? "+0530" : "-0800";

			snprintf(a, sizeof(a), "%s, %02u %s %04u %02u:%02u:%02u %s", days[r[7] % 7],
				 r[0] % 33, months[r[1] % 12], 1 + r[2] % 2100, r[3] % 25, r[4] % 61,
				 r[5] % 62, zone);
			at = strchr(a, ' ');
		} else {
			const char *zone = r[6] % 3 == 0 ? "Z" : r[6] % 3 == 1 ? "+05:30" : "-08:00";

			snprintf(a, sizeof(a), "%04u-%02u-%02uT%02u:%02u:%02u%s%s", 1900 + r[2] % 200,
				 r[1] % 13, r[0] % 33, r[3] % 25, r[4] % 61, r[5] % 62, r[7] % 2 ? ".25" : "",
				 zone);
			at = strchr(a, 'T');
		}
		snprintf(b, sizeof(b), "%.*s %s", (int)(at - a), a, *at == ' ' ? at : at + 1);
		quick += date_quick(span_str(a), &one);
		got_one = date_parse(span_str(a), &one);
		got_two = date_parse(span_str(b), &two);
		if (got_one != got_two || one.seconds != two.seconds || one.has_time != two.has_time ||
		    one.has_zone != two.has_zone || one.offset_minutes != two.offset_minutes)
			fail_msg("'%s' and '%s' differ: %d %lld, %d %lld", a, b, got_one,
				 (long long)one.seconds, got_two, (long long)two.seconds);
	}
	assert_true(quick > 2000); /* or nothing was compared */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(same_both_ways)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
