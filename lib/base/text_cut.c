/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "base/text_entities.h"

#include <unictype.h>
#include <unigbrk.h>

static bool is_closer(uint32_t c)
{
	switch (c) {
	case '"':
	case '\'':
	case ')':
	case ']':
	case '}':
	case 0xbb:
	case 0x2019:
	case 0x201d:
	case 0x203a:
	case 0x201c: /* the last one closes in German */
	case 0x3009:
	case 0x300b:
	case 0x300d:
	case 0x300f:
	case 0x3011:
	case 0x3015:
	case 0x301e:
	case 0xff02:
	case 0xff09:
	case 0xff3d:
	case 0xff5d:
	case 0xff63: return true;
	default: return false;
	}
}

/* Ends a sentence only before white space. */
static bool is_end_spaced(uint32_t c)
{
	switch (c) {
	case '.':
	case '!':
	case '?':
	case 0x203c:
	case 0x203d:
	case 0x2047:
	case 0x2048:
	case 0x2049: /* ‼ ‽ ⁇ ⁈ ⁉ */
	case 0x061f:
	case 0x06d4:
	case 0x0964:
	case 0x0965:
	case 0x0589:
	case 0x1362: return true;
	default: return false;
	}
}

/* CJK: ends it whatever follows. */
static bool is_end_wide(uint32_t c)
{
	return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff0e || c == 0xff61;
}

static uint32_t last_char(struct span s, size_t *at)
{
	unsigned size;
	size_t i = s.len;

	do
		i--;
	while (i > 0 && ((unsigned char)s.ptr[i] & 0xc0) == 0x80);
	*at = i;
	return text_utf8_get(span_sub(s, i, s.len), &size);
}

static struct span trim_end(struct span s)
{
	size_t at;

	while (s.len && uc_is_property_white_space(last_char(s, &at)))
		s.len = at;
	return s;
}

bool text_ends_closed(struct span s)
{
	size_t at;
	uint32_t c;

	s = trim_end(s);
	while (s.len && is_closer(last_char(s, &at)))
		s.len = at;
	if (!s.len)
		return false;
	c = last_char(s, &at);
	if (c == '.')
		return !(at > 0 && s.ptr[at - 1] == '.');
	return is_end_spaced(c) || is_end_wide(c);
}

static bool is_abbreviation(struct span word)
{
	static const char *const list[] = {
		"mr",   "mrs",  "ms",  "dr",  "prof", "st",   "jr",    "sr",  "vs",   "etc",  "inc", "ltd",
		"co",   "corp", "no",  "nos", "nr",   "bzw",  "ca",    "cf",  "abs",  "art",  "gen", "col",
		"sen",  "rep",  "gov", "lt",  "sgt",  "capt", "cmdr",  "maj", "jan",  "feb",  "mar", "apr",
		"jun",  "jul",  "aug", "sep", "sept", "oct",  "nov",   "dec", "fig",  "figs", "vol", "approx",
		"dept", "est",  "mt",  "hon", "rev",  "ave",  "blvd",  "pp",  "ed",   "eds",  "al",  "ff",
		"mme",  "mlle", "sra", "dra", "hr",   "fr",   "vgl",   "usw", "evtl", "inkl", "ggf", "zzgl",
		"str",  "tel",  "min", "max", "bros", "univ", "messrs"};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (span_eq_nocase(word, span_str(list[i])))
			return true;
	return false;
}

/* Does the full stop that follows `before` end a sentence? */
static bool stop_ends(struct span before)
{
	size_t begin = before.len, letters, digits = 0;
	struct span word;
	unsigned size;

	if (before.len && before.ptr[before.len - 1] == '.')
		return false;
	while (begin > 0 && !byte_is_space(before.ptr[begin - 1]) && !strchr("([\"'", before.ptr[begin - 1]))
		begin--;
	word = span_sub(before, begin, before.len);
	letters = text_length(word);
	for (size_t i = 0; i < word.len; i++)
		digits += byte_is_digit(word.ptr[i]);
	if (digits == word.len)
		return digits > 2; /* "1. September", not "in 1999." */
	if ((letters == 1 && uc_is_property_alphabetic(text_utf8_get(word, &size))) || is_abbreviation(word))
		return false;
	/* "U.S.", "e.g.", "z.B."; a file name or domain has more than a letter behind its dot */
	if (word.len >= 3 && word.ptr[word.len - 2] == '.')
		return false;
	return true;
}

/* Does a sentence end after the character c that ends at `at`? *end gets the place behind its closers. */
static bool sentence_ends(struct span s, size_t begin, size_t at, uint32_t c, size_t *end)
{
	unsigned size = 0;
	uint32_t next = 0;
	bool wide = is_end_wide(c);

	if (!wide && !is_end_spaced(c))
		return false;
	for (; at < s.len; at += size) {
		next = text_utf8_get(span_sub(s, at, s.len), &size);
		if (!is_closer(next) && next != 0xfe0f)
			break;
	}
	*end = at;
	if (at == s.len)
		return wide || c != '.' || stop_ends(span_sub(s, 0, begin));
	if (is_end_wide(next) || is_end_spaced(next) || next == 0x2026)
		return false; /* "?!": the last one counts */
	if (wide)
		return true;
	if (!uc_is_property_white_space(next))
		return false;
	at += size;
	if (at < s.len && uc_is_property_lowercase(text_utf8_get(span_sub(s, at, s.len), &size)))
		return false; /* "Yahoo! is", "approx. three" */
	return c != '.' || stop_ends(span_sub(s, 0, begin));
}

static bool is_cjk(uint32_t c)
{
	return (c >= 0x3041 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff) || (c >= 0x3001 && c <= 0x3011) || (c >= 0xff01 && c <= 0xff60);
}

/* What no text ends with before an ellipsis. */
static bool is_dangling(uint32_t c)
{
	if (is_closer(c) && c != 0x201c && c != '"' && c != '\'')
		return false;
	return uc_is_property_white_space(c) || is_end_spaced(c) || is_end_wide(c) ||
	       (c != '%' && c != 0x2030 &&
		uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P & ~(uint32_t)UC_CATEGORY_MASK_Pe));
}

static struct span with_ellipsis(struct span s, struct arena *arena)
{
	static const struct span ellipsis = {"\xe2\x80\xa6", 3};
	size_t at;
	char *out;

	while (s.len && is_dangling(last_char(s, &at)))
		s.len = at;
	out = arena_alloc(arena, s.len + ellipsis.len + 1);
	if (!out)
		return SPAN_NONE;
	if (s.len)
		memcpy(out, s.ptr, s.len);
	memcpy(out + s.len, ellipsis.ptr, ellipsis.len + 1);
	return span_of(out, s.len + ellipsis.len);
}

struct span text_cut(struct span s, unsigned min, unsigned max, struct arena *arena)
{
	size_t i = 0, end, sentence = 0, word = 0, whole = 0;
	unsigned n = 0, size;
	uint32_t c = 0, prev = 0;
	const uint8_t *next = (const uint8_t *)s.ptr;

	if (text_length(s) <= max)
		return s;
	if (max == 0)
		return span_sub(s, 0, 0);
	/* n characters end at i; word and whole leave room for the ellipsis */
	for (; n <= max && i < s.len; i += size, n++, prev = c) {
		c = text_utf8_get(span_sub(s, i, s.len), &size);
		if (next && (const char *)next == s.ptr + i) {
			if (n < max) {
				whole = i;
				if (i && (uc_is_property_white_space(c) || is_cjk(c) || is_cjk(prev)))
					word = i;
			}
			next = u8_grapheme_next(next, (const uint8_t *)s.ptr + s.len);
		}
		if (n < max && sentence_ends(s, i, i + size, c, &end)) {
			size_t count = n + 1 + text_length(span_sub(s, i + size, end));

			if (count >= min && count <= max)
				sentence = end;
		}
	}
	if (sentence)
		return span_sub(s, 0, sentence);
	return with_ellipsis(span_sub(s, 0, word ? word : whole), arena);
}
