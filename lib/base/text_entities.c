/* SPDX-License-Identifier: MIT */
#include "base/text_entities.h"
#include "base/text.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "base/entities.inc"
#pragma GCC diagnostic pop

enum { NAME_MAX_LEN = 31, BARE_MIN_LEN = 2, BARE_MAX_LEN = 6 };

size_t text_utf8_put(uint32_t c, char *to)
{
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

uint32_t text_windows_1252(uint32_t c)
{
	static const uint16_t table[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
					   0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
					   0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
					   0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

	return c >= 0x80 && c < 0xa0 ? table[c - 0x80] : c;
}

/* The value of a name, or NULL. */
static const char *find_name(struct span name, const uint16_t *table, size_t n)
{
	size_t low = 0;

	while (n) {
		const char *at = pool + table[low + n / 2];
		int order = strncmp(name.ptr, at, name.len);

		if (order == 0 && at[name.len] == 0)
			return at + name.len + 1;
		if (order > 0) {
			low += n / 2 + 1;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}

static bool read_named(struct span s, struct text_reference *ret)
{
	size_t n = 0;
	const char *value = NULL;

	while (n < s.len - 1 && n <= NAME_MAX_LEN && byte_is_alnum(s.ptr[n + 1]))
		n++;
	ret->semicolon = n + 1 < s.len && s.ptr[n + 1] == ';';
	if (ret->semicolon && n)
		value = find_name(span_of(s.ptr + 1, n), all_names, ARRAY_SIZE(all_names));
	if (!value) {
		ret->semicolon = false;
		for (n = MIN(n, BARE_MAX_LEN); n >= BARE_MIN_LEN && !value; n--)
			value = find_name(span_of(s.ptr + 1, n), bare_names, ARRAY_SIZE(bare_names));
		n++; /* the loop took one off after it had found */
	}
	if (!value)
		return false;
	ret->len = 1 + n + ret->semicolon;
	ret->size = strlen(value);
	memcpy(ret->value, value, ret->size);
	return true;
}

static bool read_numeric(struct span s, struct text_reference *ret)
{
	bool hex = s.len > 2 && byte_lower(s.ptr[2]) == 'x';
	size_t start = hex ? 3 : 2, i = start;
	uint32_t c = 0;

	for (; i < s.len && byte_hex(s.ptr[i]) >= 0 && (hex || byte_is_digit(s.ptr[i])); i++)
		c = MIN(c * (hex ? 16 : 10) + (uint32_t)byte_hex(s.ptr[i]), 0x110000);
	if (i == start)
		return false;
	if (c == 0)
		c = 0xfffd;
	if (text_windows_1252(c))
		c = text_windows_1252(c);
	ret->semicolon = i < s.len && s.ptr[i] == ';';
	ret->len = i + ret->semicolon;
	ret->size = text_utf8_put(c, ret->value);
	return true;
}

bool text_reference_read(struct span s, struct text_reference *ret)
{
	if (s.len < 3)
		return false;
	return s.ptr[1] == '#' ? read_numeric(s, ret) : read_named(s, ret);
}

enum rules { ALL, ENDED, IN_ATTRIBUTE };

/* `at` of s is where the reference that was read begins. */
static bool counts(const struct text_reference *r, struct span s, size_t at, enum rules rules)
{
	size_t next = at + r->len;

	if (r->semicolon || rules == ALL)
		return true;
	/* "?a=1&copy=2" is a query, not a sign */
	return rules == IN_ATTRIBUTE &&
	       (s.ptr[at + 1] == '#' || next >= s.len || !(s.ptr[next] == '=' || byte_is_alnum(s.ptr[next])));
}

static struct span decode(struct span s, enum rules rules, struct arena *arena)
{
	char *out = NULL;
	size_t n = 0;
	struct span rest = s;

	for (;;) {
		ptrdiff_t at = span_find_byte(rest, '&');
		size_t skip = at < 0 ? rest.len : (size_t)at;
		struct text_reference found = {.len = 1, .value = "&", .size = 1};
		struct text_reference read;

		if (at >= 0 && text_reference_read(span_sub(rest, skip, rest.len), &read) &&
		    counts(&read, rest, skip, rules)) {
			found = read;
			if (!out) {
				/* "&nLt;" gives six bytes for five, nothing grows more */
				out = arena_alloc(arena, s.len + s.len / 5 + 2);
				if (!out)
					return SPAN_NONE;
				n = (size_t)(rest.ptr - s.ptr);
				memcpy(out, s.ptr, n);
			}
		}
		if (out) {
			memcpy(out + n, rest.ptr, skip);
			n += skip;
		}
		if (at < 0)
			break;
		if (out) {
			memcpy(out + n, found.value, found.size);
			n += found.size;
		}
		rest = span_sub(rest, skip + found.len, rest.len);
	}
	if (!out)
		return s;
	out[n] = 0;
	return span_of(out, n);
}

struct span text_references_decode(struct span s, bool strict, struct arena *arena)
{
	return decode(s, strict ? ENDED : ALL, arena);
}

struct span text_decode_entities(struct span s, struct arena *arena)
{
	return decode(s, ALL, arena);
}

struct span text_decode_attribute(struct span s, struct arena *arena)
{
	return decode(s, IN_ATTRIBUTE, arena);
}
