/* SPDX-License-Identifier: MIT */
/* Reads a date from its parts rather than by a list of layouts: numbers, words and signs are gathered from
 * left to right, then put together by what can only be so. ISO's own shorter forms come first. */
#include "base/date.h"
#include "base/date_scan.h"
#include "base/date_words.h"
#include "base/text.h"

enum { DATE_MAX_LEN = 160 };

/* --- putting it together --- */

struct civil {
	unsigned year, month, day;
	unsigned of_year; /* ordinal; 0: none */
};

static unsigned full_year(unsigned v, unsigned digits)
{
	return digits > 2 ? v : v < 69 ? 2000 + v : 1900 + v;
}

static bool is_valid(const struct civil *d)
{
	static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;

	return d->year >= 1 && d->year <= 9999 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	       d->day <= days[d->month - 1] && (d->month != 2 || d->day < 29 || leap);
}

static int weekday_of(const struct civil *d)
{
	return (int)((date_from_civil(d->year, d->month, d->day) % 7 + 11) % 7);
}

/* Day and month by number: which is which. */
static bool order_day(const struct date_scan *c, unsigned a, unsigned b, unsigned year, struct civil *d)
{
	struct civil dm = {year, b, a, 0}, md = {year, a, b, 0};

	if (!is_valid(&dm) && !is_valid(&md))
		return false;
	if (!is_valid(&md) || !is_valid(&dm)) {
		*d = is_valid(&dm) ? dm : md;
		return true;
	}
	if (c->weekday >= 0 && (weekday_of(&dm) == c->weekday) != (weekday_of(&md) == c->weekday))
		*d = weekday_of(&dm) == c->weekday ? dm : md;
	else
		*d = c->numbers[1].before == '/' ? md : dm;
	return true;
}

static bool from_three(const struct date_scan *c, struct civil *d)
{
	const struct date_number *n = c->numbers;

	if (n[0].digits == 4) {
		*d = (struct civil){n[0].value, n[1].value, n[2].value, 0};
		return n[1].digits <= 2 && n[2].digits <= 2;
	}
	if (n[1].digits > 2 || n[1].before != n[2].before)
		return false;
	if (n[2].digits == 4)
		return order_day(c, n[0].value, n[1].value, n[2].value, d);
	if (n[0].digits != 2 && n[2].digits != 2)
		return false;
	if (n[1].before == '-' && n[0].digits == 2) {
		*d = (struct civil){full_year(n[0].value, 2), n[1].value, n[2].value, 0};
		if (is_valid(d))
			return true;
	}
	return n[2].digits == 2 && n[1].before != ' ' && n[1].before != ',' &&
	       order_day(c, n[0].value, n[1].value, full_year(n[2].value, 2), d);
}

/* A date of fewer parts than three: only where nothing else stands beside it. */
static bool from_few(const struct date_scan *c, struct civil *d)
{
	const struct date_number *n = c->numbers;

	if (c->n == 2 && n[0].digits == 4 && n[1].digits == 3) {
		*d = (struct civil){n[0].value, 1, 1, n[1].value};
		return true;
	}
	if (c->has_time || c->leading || c->trailing)
		return false;
	if (c->month) {
		*d = (struct civil){n[0].value, c->month, 1, 0};
		return c->n == 1 && n[0].digits == 4;
	}
	if (c->marked_year && c->marked_month && c->n == 0) {
		*d = (struct civil){c->marked_year, c->marked_month, 1, 0};
		return true;
	}
	if (c->n == 1 && n[0].digits == 4 && c->s.len == 4) {
		*d = (struct civil){n[0].value, 1, 1, 0};
		return n[0].value >= 1900 && n[0].value < 2100;
	}
	if (c->n != 2 || n[1].before == ' ' || n[1].before == ',')
		return false;
	if (n[0].digits == 4)
		*d = (struct civil){n[0].value, n[1].value, 1, 0};
	else
		*d = (struct civil){n[1].value, n[0].value, 1, 0};
	return (n[0].digits == 4) != (n[1].digits == 4);
}

static bool from_parts(const struct date_scan *c, struct civil *d)
{
	const struct date_number *n = c->numbers;

	if (c->marked_day && c->marked_month && c->marked_year && c->n == 0 && !c->month) {
		*d = (struct civil){c->marked_year, c->marked_month, c->marked_day, 0};
		return true;
	}
	if (c->month && c->n == 2) {
		const struct date_number *year =
			n[0].digits == 4 || (n[1].digits < 4 && n[0].value > 31) ? &n[0] : &n[1];
		const struct date_number *day = year == n ? &n[1] : &n[0];

		*d = (struct civil){full_year(year->value, year->digits), c->month, day->value, 0};
		return day->digits <= 2 && (year->digits == 4 || year->digits == 2);
	}
	if (c->n == 3 && !c->month)
		return from_three(c, d);
	return from_few(c, d);
}

static bool finish(const struct date_scan *c, struct date *ret)
{
	struct civil d;
	struct date date = {0};
	int64_t day;
	int minutes = 0;

	if (!from_parts(c, &d) || !is_valid(&d))
		return false;
	day = date_from_civil(d.year, d.month, d.day);
	if (d.of_year) {
		day += (int64_t)d.of_year - 1;
		if (day >= date_from_civil(d.year + 1, 1, 1))
			return false;
	}
	date.seconds = day * 86400;
	date.has_time = c->has_time;
	if (c->has_time) {
		date.seconds += (int64_t)c->hour * 3600 + c->minute * 60 + c->second;
		date.has_zone = c->has_zone;
		minutes = c->has_zone ? c->offset : 0;
		if (c->place.ptr)
			date.has_zone =
				date_zone_by_place(c->place, day, (int)(c->hour * 60 + c->minute), &minutes);
		if (!date.has_zone && c->korean) { /* one country, one zone: its feeds do not write it */
			date.has_zone = true;
			minutes = 540;
		}
		date.offset_minutes = minutes;
		date.seconds -= (int64_t)minutes * 60 + (c->has_zone ? c->offset_seconds : 0);
	}
	/* the zone may lead out of the years 1 to 9999, and what is written back must have four digits */
	if (date.seconds < date_from_civil(1, 1, 1) * 86400 ||
	    date.seconds >= date_from_civil(10000, 1, 1) * 86400)
		return false;
	*ret = date;
	return true;
}

/* --- what only ISO 8601 and machines write --- */

/* Monday of week 1, which has the year's fourth of January. */
static int64_t week_one(unsigned year)
{
	int64_t fourth = date_from_civil(year, 1, 4);

	return fourth - ((fourth + 3) % 7 + 7) % 7;
}

/* "2004-W53-6", "2004W53": rewritten as the day, so that a time may follow. */
static bool week_date(struct date_scan *c)
{
	uint64_t year, week, day = 1;
	struct span s = c->s;
	size_t i = 4;
	int64_t days;

	if (s.len < 7 || !span_to_uint(span_sub(s, 0, 4), 9999, &year) || year == 0)
		return false;
	i += s.ptr[i] == '-';
	if (i + 3 > s.len || s.ptr[i] != 'W' || !span_to_uint(span_sub(s, i + 1, i + 3), 53, &week) ||
	    week == 0)
		return false;
	i += 3;
	if (i < s.len && s.ptr[i] == '-' && i + 1 < s.len)
		i++;
	if (i < s.len && byte_is_digit(s.ptr[i])) {
		day = (uint64_t)(s.ptr[i++] - '0');
		if (day < 1 || day > 7)
			return false;
	}
	days = week_one((unsigned)year) + (int64_t)(week - 1) * 7 + (int64_t)day - 1;
	if (week == 53 && days >= week_one((unsigned)year + 1))
		return false;
	/* as an ordinal date, which may run over into the neighbouring years */
	if (days < date_from_civil((int64_t)year, 1, 1))
		year--;
	else if (days >= date_from_civil((int64_t)year + 1, 1, 1))
		year++;
	c->i = i;
	(void)date_scan_add(c, year, 4);
	c->sign = '-';
	return date_scan_add(c, (uint64_t)(days - date_from_civil((int64_t)year, 1, 1) + 1), 3);
}

/* Seconds or milliseconds since 1970, as scripts write them, from 2001 on; and ISO's two-digit years. */
static bool digits_only(struct span s, struct date *ret)
{
	uint64_t v;

	if (!span_to_uint(s, UINT64_C(9999999999999), &v))
		return false;
	if ((s.len == 10 && v >= 1000000000) || (s.len == 13 && v >= UINT64_C(1000000000000))) {
		*ret = (struct date){(int64_t)(s.len == 13 ? v / 1000 : v), true, true, 0};
		return true;
	}
	if (s.len == 6) {
		struct civil d = {full_year((unsigned)(v / 10000), 2), (unsigned)(v / 100 % 100),
				  (unsigned)(v % 100), 0};

		if (!is_valid(&d))
			return false;
		*ret = (struct date){date_from_civil(d.year, d.month, d.day) * 86400, false, false, 0};
		return true;
	}
	return false;
}

bool date_parse(struct span s, struct date *ret)
{
	struct date_scan c = {.weekday = -1};
	uint64_t year, month;

	s = span_trim(s);
	if (date_quick(s, ret))
		return true;
	if (s.len < 4 || s.len > DATE_MAX_LEN || text_utf8_valid(s) != s.len)
		return false;
	if (digits_only(s, ret))
		return true;
	if (s.ptr[0] == '-') { /* "-03-12", "-0312": December of '03 */
		size_t at = s.len == 6 && s.ptr[3] == '-' ? 4 : 3;

		if (s.len != at + 2 || !span_to_uint(span_sub(s, 1, 3), 99, &year) ||
		    !span_to_uint(span_sub(s, at, at + 2), 12, &month) || month == 0)
			return false;
		*ret = (struct date){date_from_civil(full_year((unsigned)year, 2), (unsigned)month, 1) *
					     86400,
				     false, false, 0};
		return true;
	}
	c.s = s;
	(void)week_date(&c);
	return date_scan(&c) && finish(&c, ret);
}
