/* SPDX-License-Identifier: MIT */
/* The two forms that nearly all dates of feeds have, at a twentieth of the cost: RFC 3339, and RFC 5322 with
 * a numeric zone or GMT. Anything else, out of range or odd, is left to date_parse()'s careful reading; what
 * is read here it would read alike. */
#include "base/date.h"
#include "base/date_scan.h"

struct quick {
	unsigned year, month, day, hour, minute, second;
	int offset;
};

/* Exactly n digits. */
static bool digits(struct span *s, unsigned n, unsigned *ret)
{
	unsigned v = 0;

	if (s->len < n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!byte_is_digit(s->ptr[i]))
			return false;
		v = v * 10 + (unsigned)(s->ptr[i] - '0');
	}
	*s = span_of(s->ptr + n, s->len - n);
	*ret = v;
	return true;
}

static bool sign(struct span *s, char c)
{
	if (!s->len || s->ptr[0] != c)
		return false;
	*s = span_of(s->ptr + 1, s->len - 1);
	return true;
}

/* "+0200", "+02:00", "Z", "GMT", to the end. */
static bool zone(struct span s, bool colon, int *ret)
{
	bool east = s.len && s.ptr[0] == '+';
	unsigned hours, minutes;

	if (span_eq(s, SPAN("Z")) || (!colon && (span_eq(s, SPAN("GMT")) || span_eq(s, SPAN("UTC"))))) {
		*ret = 0;
		return true;
	}
	if (!s.len || (s.ptr[0] != '+' && s.ptr[0] != '-'))
		return false;
	s = span_of(s.ptr + 1, s.len - 1);
	if (!digits(&s, 2, &hours) || (colon && !sign(&s, ':')) || !digits(&s, 2, &minutes) || s.len ||
	    hours > 14 || minutes > 59)
		return false;
	*ret = (int)(hours * 60 + minutes) * (east ? 1 : -1);
	return true;
}

static bool clock_time(struct span *s, struct quick *q)
{
	return digits(s, 2, &q->hour) && sign(s, ':') && digits(s, 2, &q->minute) && sign(s, ':') &&
	       digits(s, 2, &q->second);
}

static bool rfc3339(struct span s, struct quick *q)
{
	if (!digits(&s, 4, &q->year) || !sign(&s, '-') || !digits(&s, 2, &q->month) || !sign(&s, '-') ||
	    !digits(&s, 2, &q->day) || !sign(&s, 'T') || !clock_time(&s, q))
		return false;
	if (sign(&s, '.')) {
		size_t n = 0;

		while (n < s.len && byte_is_digit(s.ptr[n]))
			n++;
		if (n == 0 || n > 9)
			return false;
		s = span_of(s.ptr + n, s.len - n);
	}
	return zone(s, true, &q->offset);
}

/* The day's name is looked at no closer than date_parse() would. */
static bool rfc5322(struct span s, struct quick *q)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char days[] = "SunMonTueWedThuFriSat";
	unsigned day = 0;

	if (s.len < 25)
		return false;
	while (day < 7 && memcmp(s.ptr, days + 3 * (size_t)day, 3) != 0)
		day++;
	if (day == 7 || s.ptr[3] != ',' || s.ptr[4] != ' ')
		return false;
	s = span_of(s.ptr + 5, s.len - 5);
	if (!digits(&s, 2, &q->day) || !sign(&s, ' ') || s.len < 4)
		return false;
	for (q->month = 0; q->month < 12 && memcmp(s.ptr, names + 3 * (size_t)q->month, 3) != 0;)
		q->month++;
	q->month++;
	s = span_of(s.ptr + 3, s.len - 3);
	return q->month <= 12 && sign(&s, ' ') && digits(&s, 4, &q->year) && sign(&s, ' ') &&
	       clock_time(&s, q) && sign(&s, ' ') && zone(s, false, &q->offset);
}

bool date_quick(struct span s, struct date *ret)
{
	static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct quick q;

	if (s.len < 20 || s.len > 40)
		return false;
	if (!(byte_is_digit(s.ptr[0]) ? rfc3339(s, &q) : rfc5322(s, &q)))
		return false;
	if (q.year < 2 || q.year > 9998 || !q.month || q.month > 12 || !q.day ||
	    q.day > lengths[q.month - 1] || q.hour > 23 || q.minute > 59 || q.second > 59)
		return false;
	*ret = (struct date){date_from_civil(q.year, q.month, q.day) * 86400 + q.hour * 3600 + q.minute * 60 +
				     q.second - (int64_t)q.offset * 60,
			     true, true, q.offset};
	return true;
}
