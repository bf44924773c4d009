/* SPDX-License-Identifier: MIT */
/* date.h - instants and the many ways to write them.
 *
 * Pure: no clock, no locale, no TZ. */
#ifndef INGESTD_BASE_DATE_H
#define INGESTD_BASE_DATE_H

#include "base/arena.h"

struct date {
	int64_t seconds;    /* since 1970-01-01T00:00:00Z */
	bool has_time;      /* false: a day only, seconds is its midnight UTC */
	bool has_zone;      /* false: read as UTC for want of one */
	int offset_minutes; /* of the zone as written, east positive */
};

/* RFC 3339, ISO 8601 (basic, week and ordinal forms), RFC 5322/9110/850 and asctime dates, seconds or
 * milliseconds since 1970 (10 or 13 digits), and the usual mistakes of feeds and pages: two-digit years (69
 * and later are 19xx), missing commas, wrong day names, a word or two around the date, common zone names
 * (IANA ones by the table in date_zones.c; what it lacks is read as UTC, has_zone false), month names of some
 * twenty European languages, Turkish, Indonesian, and CJK signs. 3/4/2021 is March unless the weekday says
 * otherwise, 3.4.2021 and 3-4-2021 April. A month or year alone is its first day. Korean words without a zone
 * mean KST. The whole of s, white space around it aside. False: not a date, *ret untouched; never "now",
 * never 1970 for want of better. */
CHECKED bool date_parse(struct span s, struct date *ret);
/* Only RFC 9110's HTTP-date, in its three forms. */
CHECKED bool date_parse_http(struct span s, int64_t *ret);

/* "2021-08-26T00:34:00Z", or "2021-08-26" where has_time is false; buf holds at least 32 bytes. Returns buf.
 */
char *date_format(const struct date *d, char buf[32]);
/* With the zone as it was written: "2021-08-26T02:34:00+02:00" (Z for no offset); day-only as above. */
char *date_format_zoned(const struct date *d, char buf[32]);

/* The same, but with no zone where none was written ("2021-08-26T02:34:00"): date_parse() gives *d back. */
char *date_format_stated(const struct date *d, char buf[32]);

int64_t date_from_civil(int64_t year, unsigned month,
			unsigned day); /* days since 1970-01-01, proleptic Gregorian */

#endif
