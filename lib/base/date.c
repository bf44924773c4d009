/* SPDX-License-Identifier: MIT */
#include "base/date.h"

#include <stdio.h>

/* Days from civil and back: eras of 400 years that begin in March, so that the leap day comes last. */
int64_t date_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int64_t)day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void to_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

static char *format(int64_t seconds, bool has_time, const char *zone, char buf[32])
{
	int64_t days = seconds / 86400, rest = seconds % 86400, year;
	unsigned month, day, s;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	s = (unsigned)rest;
	to_civil(days, &year, &month, &day);
	/* what date_parse() gives lies in 0..9999; others must still fit */
	year = MAX(MIN(year, 99999), -9999);
	if (has_time)
		(void)snprintf(buf, 32, "%04d-%02u-%02uT%02u:%02u:%02u%s", (int)year, month, day, s / 3600,
			       s / 60 % 60, s % 60, zone);
	else
		(void)snprintf(buf, 32, "%04d-%02u-%02u", (int)year, month, day);
	return buf;
}

/* Keeps the year inside what its four digits can show, so that no sum below overflows. */
static int64_t clamp(int64_t seconds)
{
	return MAX(MIN(seconds, INT64_C(3000000000000)), -INT64_C(400000000000));
}

char *date_format(const struct date *d, char buf[32])
{
	return format(clamp(d->seconds), d->has_time, "Z", buf);
}

char *date_format_zoned(const struct date *d, char buf[32])
{
	char zone[16] = "Z";
	int offset = d->has_zone ? d->offset_minutes : 0;

	if (offset <= -1440 || offset >= 1440)
		offset = 0;
	if (offset)
		(void)snprintf(zone, sizeof(zone), "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
			       abs(offset) % 60);
	return format(clamp(d->seconds) + (d->has_time ? offset * 60 : 0), d->has_time, zone, buf);
}

char *date_format_stated(const struct date *d, char buf[32])
{
	return d->has_zone ? date_format_zoned(d, buf) : format(clamp(d->seconds), d->has_time, "", buf);
}

/* --- HTTP-date --- */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
				   "Thursday", "Friday", "Saturday"};

static bool fixed(struct span *s, const char *text)
{
	if (!span_starts(*s, span_str(text)))
		return false;
	*s = span_sub(*s, strlen(text), s->len);
	return true;
}

/* Compared without case by what others do. */
static bool zone_gmt(struct span *s)
{
	if (!span_starts_nocase(*s, SPAN(" GMT")))
		return false;
	*s = span_sub(*s, 4, s->len);
	return true;
}

static bool digits(struct span *s, size_t n, unsigned *ret)
{
	uint64_t v;

	if (s->len < n || !span_to_uint(span_sub(*s, 0, n), 9999, &v))
		return false;
	*ret = (unsigned)v;
	*s = span_sub(*s, n, s->len);
	return true;
}

static bool month_name(struct span *s, unsigned *ret)
{
	for (unsigned i = 0; i < 12; i++)
		if (span_starts(*s, span_of(months + 3 * (size_t)i, 3))) {
			*s = span_sub(*s, 3, s->len);
			*ret = i + 1;
			return true;
		}
	return false;
}

static bool time_of_day(struct span *s, unsigned *seconds)
{
	unsigned h, m, sec;

	if (!digits(s, 2, &h) || !fixed(s, ":") || !digits(s, 2, &m) || !fixed(s, ":") ||
	    !digits(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*seconds = h * 3600 + m * 60 + sec;
	return true;
}

static unsigned month_days(unsigned year, unsigned month)
{
	return (unsigned)(date_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1) -
			  date_from_civil(year, month, 1));
}

bool date_parse_http(struct span s, int64_t *ret)
{
	unsigned year, month, day, seconds, n;
	bool ok = false;

	s = span_trim(s);
	for (n = 0; n < 7 && !span_starts(s, span_of(days[n], 3)); n++)
		;
	if (n == 7)
		return false;
	if (fixed(&s, days[n])) { /* rfc850-date */
		ok = fixed(&s, ", ") && digits(&s, 2, &day) && fixed(&s, "-") && month_name(&s, &month) &&
		     fixed(&s, "-") && digits(&s, 2, &year) && fixed(&s, " ") && time_of_day(&s, &seconds) &&
		     zone_gmt(&s);
		if (ok) /* without a clock: POSIX's century */
			year += year < 69 ? 2000 : 1900;
	} else {
		s = span_sub(s, 3, s.len);
		if (fixed(&s, ", "))
			ok = digits(&s, 2, &day) && fixed(&s, " ") && month_name(&s, &month) &&
			     fixed(&s, " ") && digits(&s, 4, &year) && fixed(&s, " ") &&
			     time_of_day(&s, &seconds) && zone_gmt(&s);
		else
			ok = fixed(&s, " ") && month_name(&s, &month) && fixed(&s, " ") &&
			     (fixed(&s, " ") ? digits(&s, 1, &day) : digits(&s, 2, &day)) && fixed(&s, " ") &&
			     time_of_day(&s, &seconds) && fixed(&s, " ") && digits(&s, 4, &year);
	}
	if (!ok || s.len || day < 1 || day > month_days(year, month))
		return false;
	*ret = date_from_civil(year, month, day) * 86400 + seconds;
	return true;
}
