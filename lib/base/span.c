/* SPDX-License-Identifier: MIT */
#include "base/span.h"

int span_cmp(struct span a, struct span b)
{
	size_t n = MIN(a.len, b.len);
	int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

bool span_eq_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (byte_lower(a.ptr[i]) != byte_lower(b.ptr[i]))
			return false;
	return true;
}

bool span_starts(struct span s, struct span prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
	return s.len >= prefix.len && span_eq_nocase(span_sub(s, 0, prefix.len), prefix);
}

bool span_ends(struct span s, struct span suffix)
{
	return s.len >= suffix.len && span_eq(span_sub(s, s.len - suffix.len, s.len), suffix);
}

bool span_ends_nocase(struct span s, struct span suffix)
{
	return s.len >= suffix.len && span_eq_nocase(span_sub(s, s.len - suffix.len, s.len), suffix);
}

ptrdiff_t span_find(struct span s, struct span needle)
{
	const char *at;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	at = memmem(s.ptr, s.len, needle.ptr, needle.len);
	return at ? at - s.ptr : -1;
}

ptrdiff_t span_find_nocase(struct span s, struct span needle)
{
	char low, up;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	low = byte_lower(needle.ptr[0]);
	up = low >= 'a' && low <= 'z' ? (char)(low - 32) : low;
	/* few bytes begin a match: the rest is compared only there */
	for (size_t i = 0, last = s.len - needle.len; i <= last; i++) {
		if (s.ptr[i] != low && s.ptr[i] != up)
			continue;
		if (span_eq_nocase(span_of(s.ptr + i, needle.len), needle))
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t span_find_byte(struct span s, char c)
{
	const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return at ? at - s.ptr : -1;
}

struct span span_sub(struct span s, size_t begin, size_t end)
{
	end = MIN(end, s.len);
	begin = MIN(begin, end);
	return s.ptr ? span_of(s.ptr + begin, end - begin) : s;
}

struct span span_trim(struct span s)
{
	while (s.len && byte_is_space(s.ptr[0]))
		s.ptr++, s.len--;
	while (s.len && byte_is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct span span_split(struct span *rest, char sep)
{
	struct span all = *rest;
	ptrdiff_t at = span_find_byte(all, sep);

	if (at < 0) {
		*rest = SPAN_NONE;
		return all;
	}
	*rest = span_sub(all, (size_t)at + 1, all.len);
	return span_sub(all, 0, (size_t)at);
}

bool span_to_uint(struct span s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t d = (uint64_t)(s.ptr[i] - '0');

		if (!byte_is_digit(s.ptr[i]) || v > (max - d) / 10 || d > max)
			return false;
		v = v * 10 + d;
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

int byte_hex(char c)
{
	if (byte_is_digit(c))
		return c - '0';
	c = byte_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
