/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/date.h"

static const struct row {
	const char *name, *in, *want; /* with its zone; NULL: not a date */
} rows[] = {
	{"RFC 3339", "2021-08-26T02:34:00+02:00", "2021-08-26T02:34:00+02:00"},
	{"RFC 3339, Z and fraction", "2021-08-26T02:34:00.123456789Z", "2021-08-26T02:34:00Z"},
	{"day", " 2021-08-26\n", "2021-08-26"},
	{"month", "2021-08", "2021-08-01"},
	{"year", "2021", "2021-01-01"},
	{"basic", "20210826T023400Z", "2021-08-26T02:34:00Z"},
	{"basic without seconds", "20210826T0234", "2021-08-26T02:34:00Z"},
	{"hour only", "2021-08-26T02Z", "2021-08-26T02:00:00Z"},
	{"week", "2009-W01-1", "2008-12-29"},
	{"week 53", "2009W537", "2010-01-03"},
	{"no week 53", "2021-W53-1", NULL},
	{"week with a time", "2009-W53-7T10:00:00Z", "2010-01-03T10:00:00Z"},
	{"ordinal", "2020-366", "2020-12-31"},
	{"ordinal, basic, time", "2021001T10:00", "2021-01-01T10:00:00Z"},
	{"ordinal too late", "2021-366", NULL},
	{"24 o'clock", "2021-12-31T24:00:00Z", "2022-01-01T00:00:00Z"},
	{"past 24", "2021-12-31T24:00:01Z", NULL},
	{"25 o'clock", "2021-12-31T25:00:00Z", NULL},
	{"leap second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
	{"29 February", "2021-02-29", NULL},
	{"29 February of 1900", "1900-02-29", NULL},
	{"29 February of 2000", "2000-02-29", "2000-02-29"},
	{"offset too far", "2021-01-01T00:00:00+19:00", NULL},
	{"RFC 5322", "Thu, 26 Aug 2021 02:34:00 +0530", "2021-08-26T02:34:00+05:30"},
	{"RFC 5322, two-digit year", "26 Aug 99 02:34 EST", "1999-08-26T02:34:00-05:00"},
	{"wrong day name", "Mon, 26 Aug 2021 02:34:00 GMT", "2021-08-26T02:34:00Z"},
	{"asctime", "Thu Aug  6 02:34:00 2021", "2021-08-06T02:34:00Z"},
	{"noon", "Aug 26, 2021 12:05 am", "2021-08-26T00:05:00Z"},
	{"midnight", "Aug 26, 2021 12:05 PM", "2021-08-26T12:05:00Z"},
	{"hour and half", "Aug 26, 2021 at 3 p.m.", "2021-08-26T15:00:00Z"},
	{"JavaScript", "Thu Aug 26 2021 02:34:00 GMT-0700 (Pacific Daylight Time)",
	 "2021-08-26T02:34:00-07:00"},
	{"German", "Donnerstag, 26. M\u00e4rz 2020, 14:05 Uhr", "2020-03-26T14:05:00Z"},
	{"French", "le mardi 3 ao\u00fbt 2021 \u00e0 14h05", "2021-08-03T14:05:00Z"},
	{"French, mar. is Tuesday", "mar. 3 ao\u00fbt 2021", "2021-08-03"},
	{"mar is March", "3 mar 2021", "2021-03-03"},
	{"Spanish", "26 de agosto de 2021", "2021-08-26"},
	{"Polish", "26 wrze\u015bnia 2021", "2021-09-26"},
	{"Russian", "26 \u0430\u0432\u0433\u0443\u0441\u0442\u0430 2021 \u0433.", "2021-08-26"},
	{"Chinese", "2021\u5e748\u670826\u65e5 \u4e0b\u53483:04", "2021-08-26T15:04:00Z"},
	{"Japanese", "2021\u5e748\u670826\u65e514\u664205\u5206", "2021-08-26T14:05:00Z"},
	{"Korean", "2021\ub144 8\uc6d4 26\uc77c \uc624\ud6c4 3:04", "2021-08-26T15:04:00+09:00"},
	{"day first by dots", "3.4.2021", "2021-04-03"},
	{"month first by slashes", "3/4/2021", "2021-03-04"},
	{"slashes, told by the weekday", "Sat, 3/4/2021", "2021-04-03"},
	{"slashes, only one way", "26/8/2021", "2021-08-26"},
	{"neither day nor month", "13/13/2021", NULL},
	{"dots, two-digit year", "3.4.21", "2021-04-03"},
	{"ISO, two-digit year", "21-08-26", "2021-08-26"},
	{"summer in New York", "1 Jul 2021 12:00 America/New_York", "2021-07-01T12:00:00-04:00"},
	{"winter in Berlin", "1 Jan 2021 12:00 Europe/Berlin", "2021-01-01T12:00:00+01:00"},
	{"Berlin, a minute before summer", "28 Mar 2021 01:59 Europe/Berlin", "2021-03-28T01:59:00+01:00"},
	{"Berlin, summer begins", "28 Mar 2021 03:00 Europe/Berlin", "2021-03-28T03:00:00+02:00"},
	{"Berlin, winter begins", "31 Oct 2021 03:00 Europe/Berlin", "2021-10-31T03:00:00+01:00"},
	{"New York in 2006", "20 Mar 2006 12:00 America/New_York", "2006-03-20T12:00:00-05:00"},
	{"summer in Sydney", "1 Jan 2021 12:00 Australia/Sydney", "2021-01-01T12:00:00+11:00"},
	{"unknown place", "1 Jan 2021 12:00 Moon/Tycho", "2021-01-01T12:00:00Z"},
	{"words around", "Posted on August 26, 2021 by Somebody", "2021-08-26"},
	{"seconds since 1970", "1629945240", "2021-08-26T02:34:00Z"},
	{"milliseconds since 1970", "1629945240123", "2021-08-26T02:34:00Z"},
	{"empty", "", NULL},
	{"now", "now", NULL},
	{"a while ago", "3 hours ago", NULL},
	{"no year", "26 August", NULL},
	{"time only", "14:05", NULL},
	{"two dates", "2021-08-26 2021-08-27", NULL},
	{"two times", "2021-08-26 10:00 11:00", NULL},
	{"range", "24-26 August 2021", NULL},
	{"two months", "26 August September 2021", NULL},
	{"a year in a text", "Copyright 2021 Example", NULL},
	{"template", "{{ date }}", NULL},
	{"zero", "0000-00-00T00:00:00Z", NULL},
	{"year 0", "0000-01-01", NULL},
	{"number", "12345", NULL},
	{"long number", "123456789012345678901234567890", NULL},
	{"junk behind", "2021-08-26T02:34:00Zulu", NULL},
	{"broken UTF-8", "26 August 2021 \xe2\x80", NULL},
	{"too long",
	 "2021-08-26                                                                                "
	 "                                                                               10:00",
	 NULL},
	{"Hungarian", "2004-j\u00falius-13T9:15-05:00", "2004-07-13T09:15:00-05:00"},
	{"a colon too many", "2021-08-26T02:34:00:+02:00", "2021-08-26T02:34:00+02:00"},
	{"Spanish, short", "mi\u00e9., 26 ago. 2021", "2021-08-26"},
	{"Etc", "26 Aug 2021 02:34 Etc/GMT", "2021-08-26T02:34:00Z"},
	{"Go", "2021-08-26 02:34:00 +0200 CEST", "2021-08-26T02:34:00+02:00"},
	{"time first, zone last", "02:34 26.08.2021 -0700", "2021-08-26T02:34:00-07:00"},
	{"zone in brackets", "26 Aug 2021 6:07 PM (EST)", "2021-08-26T18:07:00-05:00"},
	{"time by a full stop", "26. aug. 2021 kl. 18.07", "2021-08-26T18:07:00Z"},
	{"out of the years by its zone", "9999-12-31T23:59:59-12:00", NULL},
	{"time with four parts", "2021-08-26 1:2:3:4", NULL},
};

static void parses(void **state)
{
	const struct row *row = *state;
	struct date d = {42, false, false, 0};
	char buf[32];

	assert_int_equal(date_parse(span_str(row->in), &d), row->want != NULL);
	if (row->want)
		assert_string_equal(date_format_zoned(&d, buf), row->want);
	else
		assert_int_equal(d.seconds, 42);
}

static void http(void **state)
{
	(void)state;
	static const char *const yes[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
					  "Sun Nov  6 08:49:37 1994"};
	static const char *const no[] = {"",
					 "Sun, 06 Nov 1994 08:49:37 UTC",
					 "Sun, 6 Nov 1994 08:49:37 GMT",
					 "Sun, 31 Nov 1994 08:49:37 GMT",
					 "06 Nov 1994 08:49:37 GMT",
					 "Sun, 06 Nov 1994 24:49:37 GMT",
					 "Sun, 06 Nov 1994 08:49:37 GMT x",
					 "1994-11-06T08:49:37Z"};
	int64_t t = 0;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		assert_true(date_parse_http(span_str(yes[i]), &t));
		assert_int_equal(t, 784111777);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(date_parse_http(span_str(no[i]), &t));
}

static void formats(void **state)
{
	(void)state;
	struct date d = {1629945240, true, true, 120};
	char buf[32];

	assert_string_equal(date_format(&d, buf), "2021-08-26T02:34:00Z");
	assert_string_equal(date_format_zoned(&d, buf), "2021-08-26T04:34:00+02:00");
	assert_string_equal(date_format_stated(&d, buf), "2021-08-26T04:34:00+02:00");
	d.has_zone = false;
	assert_string_equal(date_format_stated(&d, buf), "2021-08-26T02:34:00");
	d.has_zone = true;
	d.offset_minutes = -90;
	assert_string_equal(date_format_zoned(&d, buf), "2021-08-26T01:04:00-01:30");
	d = (struct date){-1, true, false, 0};
	assert_string_equal(date_format(&d, buf), "1969-12-31T23:59:59Z");
	d = (struct date){-86400, false, false, 0};
	assert_string_equal(date_format(&d, buf), "1969-12-31");
	d = (struct date){INT64_MAX, true, true, 1439};
	assert_true(strlen(date_format_zoned(&d, buf)) < sizeof(buf));
	d.seconds = INT64_MIN;
	assert_true(strlen(date_format_zoned(&d, buf)) < sizeof(buf));
}

/* Every day of 1200 years goes out and comes back. */
static void every_day(void **state)
{
	(void)state;
	int64_t first = date_from_civil(1000, 1, 1), last = date_from_civil(2200, 1, 1);

	assert_int_equal(date_from_civil(1970, 1, 1), 0);
	for (int64_t day = first; day < last; day++) {
		struct date d = {day * 86400, false, false, 0}, back;
		char buf[32];

		assert_true(date_parse(span_str(date_format(&d, buf)), &back));
		assert_int_equal(back.seconds, d.seconds);
	}
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(http), cmocka_unit_test(formats),
						 cmocka_unit_test(every_day)};

	return RUN_ROWS("date/parse", rows, parses) + cmocka_run_group_tests_name("date", more, NULL, NULL);
}
