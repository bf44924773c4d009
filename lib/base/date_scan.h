/* SPDX-License-Identifier: MIT */
/* date_scan.h - the parts of a written date, gathered from left to right; inside lib/base only. */
#ifndef INGESTD_BASE_DATE_SCAN_H
#define INGESTD_BASE_DATE_SCAN_H

#include "base/date.h"

enum { DATE_NUMBERS_MAX = 3 };

enum date_prev { PREV_NONE, PREV_NUMBER, PREV_WORD, PREV_T, PREV_TIME, PREV_ZONE };

struct date_number {
	unsigned value, digits;
	char before; /* the sign between it and the number before, ' ' for none */
};

struct date_scan {
	struct span s;
	size_t i;
	struct date_number numbers[DATE_NUMBERS_MAX];
	unsigned n;
	unsigned month; /* by name */
	bool month_doubtful;
	int weekday;                                    /* -1: none */
	unsigned marked_year, marked_month, marked_day; /* by a CJK sign behind it */
	bool has_time, has_zone, korean;
	unsigned hour, minute, second;
	int offset, offset_seconds; /* minutes, and seconds beside them */
	struct span place;          /* an IANA name */
	unsigned leading, trailing; /* words of no meaning */
	enum date_prev prev;
	char sign; /* the last one since the last number */
};

/* Reads all that is left of c->s, which is valid UTF-8. False: something in it belongs to no date. */
CHECKED bool date_scan(struct date_scan *c);
/* Notes a number that the caller has read, with the sign in c->sign before it. False: too many. */
bool date_scan_add(struct date_scan *c, uint64_t v, unsigned digits);

/* RFC 3339 and RFC 5322 as they should be; false: anything else, which may still be a date. */
CHECKED bool date_quick(struct span s, struct date *ret);

#endif
