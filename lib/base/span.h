/* SPDX-License-Identifier: MIT */
/* span.h - a run of bytes that somebody else owns.
 *
 * Not terminated, may hold NUL. ptr NULL means "not there" and goes with len 0; an empty span
 * that is there has a ptr. */
#ifndef INGESTD_BASE_SPAN_H
#define INGESTD_BASE_SPAN_H

#include "base/base.h"

struct span {
	const char *ptr;
	size_t len;
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_NONE ((struct span){NULL, 0})
/* For printf's %.*s; texts over INT_MAX bytes do not get this far. */
#define SPAN_ARG(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

static inline struct span span_of(const char *ptr, size_t len)
{
	return (struct span){ptr, len};
}

/* NULL gives SPAN_NONE. */
static inline struct span span_str(const char *str)
{
	return str ? (struct span){str, strlen(str)} : SPAN_NONE;
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool span_eq_str(struct span a, const char *b)
{
	return span_eq(a, span_str(b));
}

/* Orders by bytes, shorter first where one begins the other. */
int span_cmp(struct span a, struct span b);

/* ASCII letters compare without case, all else by byte. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_starts_nocase(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);
bool span_ends_nocase(struct span s, struct span suffix);

/* Index of the first occurrence, or -1. An empty needle is found at 0. */
ptrdiff_t span_find(struct span s, struct span needle);
ptrdiff_t span_find_nocase(struct span s, struct span needle);
ptrdiff_t span_find_byte(struct span s, char c);

/* From begin (clipped to len) to end (clipped, never before begin). */
struct span span_sub(struct span s, size_t begin, size_t end);

/* Without ASCII white space (TAB LF FF CR SPACE) at both ends. */
struct span span_trim(struct span s);

/* Takes the part before the first `sep` off *rest and returns it; without one, all of *rest.
 * When nothing is left returns SPAN_NONE. "a,,b" gives "a", "", "b". */
struct span span_split(struct span *rest, char sep);

/* Decimal digits only, the whole span, at most max; false otherwise, *ret untouched. */
CHECKED bool span_to_uint(struct span s, uint64_t max, uint64_t *ret);

static inline bool byte_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}
static inline bool byte_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool byte_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool byte_is_alnum(char c)
{
	return byte_is_alpha(c) || byte_is_digit(c);
}
static inline char byte_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
/* -1 when c is no hexadecimal digit. */
int byte_hex(char c);

#endif
