/* SPDX-License-Identifier: MIT */
#include "base/date_scan.h"
#include "base/date_words.h"
#include "base/text.h"

enum { LEADING_MAX = 3, TRAILING_MAX = 2 };

static char peek(const struct date_scan *c, size_t n)
{
	return c->i + n < c->s.len ? c->s.ptr[c->i + n] : 0;
}

static bool has_date(const struct date_scan *c)
{
	return c->n == 3 || (c->month && c->n == 2) || (c->marked_year && c->marked_month && c->marked_day);
}

static bool has_any(const struct date_scan *c)
{
	return c->n || c->month || c->has_time || c->marked_year || c->marked_month;
}

/* Digits at the cursor, at most 14; *digits 0 when there are more. */
static uint64_t take_number(struct date_scan *c, unsigned *digits)
{
	uint64_t v = 0;
	size_t start = c->i;

	while (byte_is_digit(peek(c, 0)) && c->i - start < 15)
		v = v * 10 + (uint64_t)(c->s.ptr[c->i++] - '0');
	*digits = c->i - start > 14 ? 0 : (unsigned)(c->i - start);
	return v;
}

static bool set_time(struct date_scan *c, unsigned hour, unsigned minute, unsigned second)
{
	/* some write a time of nothing and then the true one */
	if (c->has_time && (c->hour || c->minute || c->second))
		return false;
	if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute || second)))
		return false;
	c->has_time = true;
	c->hour = hour;
	c->minute = minute;
	c->second = second;
	c->prev = PREV_TIME;
	return true;
}

static void skip_fraction(struct date_scan *c)
{
	if ((peek(c, 0) != '.' && peek(c, 0) != ',') || !byte_is_digit(peek(c, 1)))
		return;
	do
		c->i++;
	while (byte_is_digit(peek(c, 0)));
}

/* "hh" is behind us, ':' at the cursor. */
static bool clock_rest(struct date_scan *c, uint64_t hour)
{
	unsigned n, minute, second = 0;

	c->i++;
	minute = (unsigned)take_number(c, &n);
	if (n < 1 || n > 2)
		return false;
	if (peek(c, 0) == ':') {
		c->i++;
		second = (unsigned)take_number(c, &n);
		if (n < 1 || n > 2)
			return false;
	}
	skip_fraction(c);
	/* "15:04:05:+01:00" and "15:04:05:00" come from layouts with a colon too many */
	if (peek(c, 0) == ':' && (peek(c, 1) == '+' || peek(c, 1) == '-'))
		c->i++;
	else if (peek(c, 0) == ':' && peek(c, 1) == '0' && peek(c, 2) == '0' && c->i + 3 == c->s.len)
		c->i += 3;
	return peek(c, 0) != ':' && set_time(c, (unsigned)hour, minute, second);
}

/* At '+' or '-': hh, hhmm, hh:mm or hh:mm:ss. */
static bool offset(struct date_scan *c)
{
	int sign = peek(c, 0) == '-' ? -1 : 1;
	unsigned n, minutes = 0, seconds = 0, v;

	c->i++;
	v = (unsigned)take_number(c, &n);
	if (n == 3 || n == 4) {
		minutes = v % 100;
		v /= 100;
	} else if (n != 1 && n != 2) {
		return false;
	} else if (peek(c, 0) == ':') {
		c->i++;
		minutes = (unsigned)take_number(c, &n);
		if (n != 2)
			return false;
		if (peek(c, 0) == ':') {
			c->i++;
			seconds = (unsigned)take_number(c, &n);
			if (n != 2)
				return false;
		}
	}
	if (v > 18 || minutes > 59 || seconds > 59 || peek(c, 0) == ':')
		return false;
	c->offset = sign * (int)(v * 60 + minutes);
	c->offset_seconds = sign * (int)seconds;
	c->has_zone = true;
	c->place = SPAN_NONE;
	c->prev = PREV_ZONE;
	return true;
}

static bool take_sign(struct date_scan *c, const char *text)
{
	struct span rest = span_sub(c->s, c->i, c->s.len);

	if (!span_starts(rest, span_str(text)))
		return false;
	c->i += strlen(text);
	return true;
}

/* The signs that Chinese, Japanese and Korean put behind each number. */
static int unit_behind(struct date_scan *c)
{
	static const struct {
		const char *text;
		char unit;
	} units[] = {{"年", 'y'}, {"년", 'Y'}, {"月", 'm'}, {"월", 'm'}, {"日", 'd'},
		     {"일", 'd'}, {"号", 'd'}, {"时", 'h'}, {"時", 'h'}, {"点", 'h'},
		     {"시", 'h'}, {"分", 'i'}, {"분", 'i'}, {"秒", 's'}, {"초", 's'}};
	size_t start = c->i;

	while (peek(c, 0) == ' ')
		c->i++;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (take_sign(c, units[i].text))
			return units[i].unit;
	c->i = start;
	return 0;
}

static bool marked(struct date_scan *c, int unit, unsigned v, unsigned digits)
{
	c->prev = PREV_NUMBER;
	switch (unit) {
	case 'Y': c->korean = true; /* fall through */
	case 'y': c->marked_year = digits == 2 ? 2000 + v : v; return digits == 2 || digits == 4;
	case 'm': c->marked_month = v; return v >= 1 && v <= 12;
	case 'd': c->marked_day = v; return v >= 1 && v <= 31;
	case 'h': return set_time(c, v, 0, 0);
	case 'i':
		c->minute = v;
		c->prev = PREV_TIME;
		return c->has_time && v < 60;
	default:
		c->second = v;
		c->prev = PREV_TIME;
		return c->has_time && v <= 60;
	}
}

bool date_scan_add(struct date_scan *c, uint64_t v, unsigned digits)
{
	if (c->n == DATE_NUMBERS_MAX)
		return false;
	c->numbers[c->n++] =
		(struct date_number){(unsigned)v, digits, c->prev == PREV_NUMBER && c->sign ? c->sign : ' '};
	c->prev = PREV_NUMBER;
	c->sign = 0;
	return true;
}

/* The hour alone stands before "pm" or a zone. */
static bool is_hour_alone(const struct date_scan *c)
{
	size_t i = c->i;
	struct span rest;

	while (i < c->s.len && c->s.ptr[i] == ' ')
		i++;
	rest = span_sub(c->s, i, c->s.len);
	if (rest.len >= 2 && (byte_lower(rest.ptr[0]) == 'a' || byte_lower(rest.ptr[0]) == 'p')) {
		size_t m = rest.ptr[1] == '.' ? 2 : 1;

		return m < rest.len && byte_lower(rest.ptr[m]) == 'm' &&
		       (m + 1 == rest.len || !byte_is_alpha(rest.ptr[m + 1]));
	}
	return has_date(c) && !c->has_time && rest.len > 2 && (rest.ptr[0] == '+' || rest.ptr[0] == '-') &&
	       byte_is_digit(rest.ptr[1]);
}

static bool number(struct date_scan *c)
{
	unsigned digits;
	uint64_t v = take_number(c, &digits);
	int unit;

	if (digits == 0)
		return false;
	if (digits <= 2 && peek(c, 0) == ':' && byte_is_digit(peek(c, 1)))
		return clock_rest(c, v);
	if (c->prev == PREV_T) {
		bool ok = digits == 6   ? set_time(c, (unsigned)(v / 10000), (unsigned)(v / 100 % 100),
						   (unsigned)(v % 100))
			  : digits == 4 ? set_time(c, (unsigned)(v / 100), (unsigned)(v % 100), 0)
			  : digits == 2 ? set_time(c, (unsigned)v, 0, 0)
					: false;

		skip_fraction(c);
		return ok;
	}
	if (digits <= 2 && is_hour_alone(c))
		return set_time(c, (unsigned)v, 0, 0);
	if (digits <= 2 && byte_lower(peek(c, 0)) == 'h' && !byte_is_alpha(peek(c, 1))) {
		unsigned minute = 0, n = 2;

		c->i++;
		if (byte_is_digit(peek(c, 0)))
			minute = (unsigned)take_number(c, &n);
		return n == 2 && set_time(c, (unsigned)v, minute, 0);
	}
	if (has_date(c) && !c->has_time && digits <= 2 && peek(c, 0) == '.' && byte_is_digit(peek(c, 1)) &&
	    byte_is_digit(peek(c, 2)) && !byte_is_digit(peek(c, 3))) { /* "kl. 18.07" */
		unsigned minute = (unsigned)((peek(c, 1) - '0') * 10 + (peek(c, 2) - '0'));

		c->i += 3;
		return set_time(c, (unsigned)v, minute, 0);
	}
	unit = digits <= 4 ? unit_behind(c) : 0;
	if (unit)
		return marked(c, unit, (unsigned)v, digits);
	switch (digits) {
	case 14:
	case 12:
		if (c->n || c->has_time)
			return false;
		if (digits == 12)
			v *= 100;
		(void)set_time(c, 0, 0, 0);
		if (!set_time(c, (unsigned)(v / 10000 % 100), (unsigned)(v / 100 % 100), (unsigned)(v % 100)))
			return false;
		v /= 1000000;
		/* fall through */
	case 8:
		if (c->n)
			return false;
		(void)date_scan_add(c, v / 10000, 4);
		c->sign = '-';
		(void)date_scan_add(c, v / 100 % 100, 2);
		c->sign = '-';
		(void)date_scan_add(c, v % 100, 2);
		c->prev = digits == 8 ? PREV_NUMBER : PREV_TIME;
		return true;
	case 7: /* ordinal */
		if (c->n)
			return false;
		(void)date_scan_add(c, v / 1000, 4);
		c->sign = '-';
		return date_scan_add(c, v % 1000, 3);
	case 3:
		return c->n == 1 && c->numbers[0].digits == 4 && c->sign == '-' &&
		       date_scan_add(c, v, digits);
	case 4:
	case 2:
	case 1: return date_scan_add(c, v, digits);
	default: return false;
	}
}

/* Letters from the cursor on; punctuation beyond ASCII is none. */
static struct span take_letters(struct date_scan *c)
{
	size_t start = c->i;

	while (c->i < c->s.len) {
		struct span rest = span_sub(c->s, c->i, c->s.len);
		unsigned size;
		uint32_t u = text_utf8_get(rest, &size);

		if (u < 0x80 ? !byte_is_alpha((char)u)
			     : (u < 0xc0 && u != 0xaa && u != 0xba) || (u >= 0x2000 && u < 0x2070) ||
				       (u >= 0x3000 && u < 0x3040) || (u >= 0xff00 && u < 0xff21))
			break;
		c->i += size;
	}
	return span_sub(c->s, start, c->i);
}

static bool unknown_word(struct date_scan *c, struct span word, bool attached)
{
	if (attached || word.len > 40)
		return false;
	if (!has_any(c))
		return ++c->leading <= LEADING_MAX;
	return ++c->trailing <= TRAILING_MAX;
}

static bool is_ordinal_suffix(struct span word)
{
	static const char *const list[] = {"st", "nd", "rd", "th",       "er",
					   "e",  "re", "o",  "\xc2\xba", "\xc2\xaa"};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (span_eq_nocase(word, span_str(list[i])))
			return true;
	return false;
}

static bool half(struct date_scan *c, unsigned value)
{
	c->korean = c->korean || (value & DATE_WORD_KOREAN);
	value &= 1;
	if (!c->has_time)
		return false;
	if (c->hour == 12 && !value)
		c->hour = 0;
	else if (c->hour < 12 && value)
		c->hour += 12;
	c->prev = PREV_TIME;
	return true;
}

/* The time that follows "下午" is read here, so that half() can change it. */
static bool half_first(struct date_scan *c, unsigned value)
{
	while (peek(c, 0) == ' ')
		c->i++;
	return byte_is_digit(peek(c, 0)) && number(c) && half(c, value);
}

static bool is_capital(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] < 'A' || word.ptr[i] > 'Z')
			return false;
	return word.len >= 2;
}

static bool zone_word(struct date_scan *c, struct span word)
{
	size_t start = c->i;

	if (peek(c, 0) == '/' && byte_is_alpha(peek(c, 1))) {
		while (byte_is_alnum(peek(c, 0)) || (peek(c, 0) && strchr("/_-+", peek(c, 0))))
			c->i++;
		c->place = span_of(word.ptr, (size_t)(c->s.ptr + c->i - word.ptr));
		c->prev = PREV_ZONE;
		return true;
	}
	c->i = start;
	if (!c->has_time || !(is_capital(word) || c->prev == PREV_TIME || c->prev == PREV_ZONE) ||
	    !date_zone_by_name(word, &c->offset))
		return false;
	c->offset_seconds = 0;
	c->has_zone = true;
	c->place = SPAN_NONE;
	c->prev = PREV_ZONE;
	return true;
}

static bool set_month(struct date_scan *c, unsigned month, bool doubtful)
{
	if (c->month && !c->month_doubtful)
		return doubtful; /* a weekday after all */
	if (c->month && doubtful)
		return false;
	c->month = month;
	c->month_doubtful = doubtful;
	c->prev = PREV_WORD;
	return true;
}

static bool word(struct date_scan *c)
{
	bool attached =
		c->i > 0 && (byte_is_alnum(c->s.ptr[c->i - 1]) || (unsigned char)c->s.ptr[c->i - 1] >= 0x80);
	struct span w = take_letters(c);
	unsigned value = 0;
	bool doubtful;
	enum date_word kind;

	if (w.len == 1 && byte_lower(w.ptr[0]) == 't' && byte_is_digit(peek(c, 0)) &&
	    c->prev == PREV_NUMBER) {
		c->prev = PREV_T;
		return true;
	}
	if (attached && c->prev == PREV_NUMBER && is_ordinal_suffix(w))
		return true;
	/* "p.m." */
	if (w.len == 1 && (byte_lower(w.ptr[0]) == 'p' || byte_lower(w.ptr[0]) == 'a') && peek(c, 0) == '.' &&
	    byte_lower(peek(c, 1)) == 'm' && !byte_is_alpha(peek(c, 2)) && c->prev == PREV_TIME) {
		c->i += 2;
		return half(c, byte_lower(w.ptr[0]) == 'p');
	}
	kind = date_word_find(w, &value, &doubtful);
	if (kind == DATE_WORD_HALF && c->prev == PREV_TIME)
		return half(c, value);
	if (kind == DATE_WORD_HALF && (unsigned char)w.ptr[0] >= 0x80)
		return half_first(c, value);
	if (kind == DATE_WORD_HALF)
		return !attached;
	if (zone_word(c, w))
		return true;
	switch (kind) {
	case DATE_WORD_MONTH: return set_month(c, value, doubtful);
	case DATE_WORD_WEEKDAY: c->weekday = (int)value; return !attached;
	case DATE_WORD_NOISE: return !attached;
	default: return unknown_word(c, w, attached);
	}
}

static bool sign(struct date_scan *c)
{
	char s = peek(c, 0);

	if (s == '(' && c->has_time) { /* the zone, or a remark, as JavaScript makes */
		struct span rest = span_sub(c->s, c->i + 1, c->s.len), remark = span_split(&rest, ')');

		if (!c->has_zone && date_zone_by_name(span_trim(remark), &c->offset)) {
			c->has_zone = true;
			c->prev = PREV_ZONE;
		}
		c->i = MIN(c->i + remark.len + 2, c->s.len);
		return true;
	}
	if ((s == '+' || s == '-') && byte_is_digit(peek(c, 1)) &&
	    (c->prev == PREV_TIME || c->prev == PREV_ZONE ||
	     (c->prev == PREV_NUMBER && has_date(c) &&
	      (s == '+' || (c->has_time && c->s.ptr[c->i - 1] == ' ')))))
		return offset(c);
	if ((unsigned char)s >= 0x80) {
		unsigned size;

		(void)text_utf8_get(span_sub(c->s, c->i, c->s.len), &size);
		c->i += size;
		return true;
	}
	if (!s || !strchr(" \t\r\n\f,.-/|()[];:'_~", s))
		return false;
	if (s == ':' && has_any(c))
		return false;
	if (!c->sign || c->sign == ' ' || c->sign == '.' || c->sign == ',')
		c->sign = s;
	c->i++;
	return true;
}

bool date_scan(struct date_scan *c)
{
	while (c->i < c->s.len) {
		char b = peek(c, 0);
		size_t start = c->i;
		bool ok = byte_is_digit(b)                               ? number(c)
			  : byte_is_alpha(b) || (unsigned char)b >= 0x80 ? word(c)
									 : sign(c);

		if (ok && c->i == start) /* a mark beyond ASCII, which word() takes for none */
			ok = sign(c);
		if (!ok)
			return false;
	}
	return true;
}
