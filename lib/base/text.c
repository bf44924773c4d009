/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "base/text_entities.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

enum { DECODE_PASSES = 3 };

enum kind {
	KIND_TEXT,
	KIND_SPACE,
	KIND_DROPPED, /* controls, and what has no width and no say in what is shown */
	KIND_JOINER,  /* shapes its neighbours, so it goes where it has none */
};

static enum kind kind_of(uint32_t c)
{
	if (c < 0xa0) {
		if (c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85)
			return KIND_SPACE;
		return c < 0x20 || c >= 0x7f ? KIND_DROPPED : KIND_TEXT;
	}
	if (c < 0x1680)
		return c == 0xa0 ? KIND_SPACE : c == 0xad ? KIND_DROPPED : KIND_TEXT;
	if (c == 0x1680 || c == 0x3000 || c == 0x202f || c == 0x205f || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029)
		return KIND_SPACE;
	if (c == 0x200c || c == 0x200d)
		return KIND_JOINER;
	if (c == 0x200b || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	    (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
		return KIND_DROPPED;
	return KIND_TEXT;
}

/* True only for what NFC leaves alone whatever stands beside it; the rest goes through libunistring. */
static bool is_inert(uint32_t c)
{
	if (c < 0x300)
		return true;
	if (c < 0x2000)
		return (c >= 0x400 && c <= 0x482) || (c >= 0x38e && c <= 0x3ff) ||
		       (c >= 0x5d0 && c <= 0x5ea) || (c >= 0x621 && c <= 0x64a) || (c >= 0xe01 && c <= 0xe30);
	if (c < 0x3000)
		return (c >= 0x200c && c <= 0x205e) || (c >= 0x20a0 && c <= 0x20bf) || c == 0x2122;
	return (c >= 0x3001 && c <= 0x3029) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||
	       (c >= 0xff01 && c <= 0xff60) || c == 0xfe0f || c == 0xfffd || (c >= 0x1f300 && c <= 0x1faff);
}

/* Single spaces between printable ASCII and no '&': nothing to do. */
static bool is_plain(struct span s)
{
	bool space = true;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == ' ') {
			if (space)
				return false;
			space = true;
		} else {
			if (c < 0x20 || c >= 0x7f || c == '&')
				return false;
			space = false;
		}
	}
	return !space || s.len == 0;
}

struct folded {
	struct span text;
	bool inert;
};

/* `full`: drop and repair what text_normal() does, not only spaces. s is valid UTF-8. */
static struct folded fold(struct span s, bool full, struct arena *arena)
{
	/* a windows-1252 repair makes three bytes of two */
	char *out = arena_alloc(arena, s.len + s.len / 2 + 8);
	struct folded ret = {SPAN_NONE, true};
	size_t n = 0;
	uint32_t joiner = 0;
	bool space = false;

	if (!out)
		return ret;
	while (s.len) {
		unsigned size;
		uint32_t c = text_utf8_get(s, &size);
		enum kind kind;

		s = span_sub(s, size, s.len);
		if (full && c >= 0x80 && c < 0xa0)
			c = text_windows_1252(c);
		kind = kind_of(c);
		if (!full && kind != KIND_SPACE)
			kind = KIND_TEXT;
		switch (kind) {
		case KIND_DROPPED: break;
		case KIND_SPACE:
			space = n > 0;
			joiner = 0;
			break;
		case KIND_JOINER: joiner = n > 0 && !space ? c : 0; break;
		case KIND_TEXT:
			if (space)
				out[n++] = ' ';
			if (joiner)
				n += text_utf8_put(joiner, out + n);
			space = false;
			joiner = 0;
			n += text_utf8_put(c, out + n);
			ret.inert = ret.inert && is_inert(c);
			break;
		}
	}
	out[n] = 0;
	ret.text = span_of(out, n);
	return ret;
}

struct span text_fold(struct span s, struct arena *arena)
{
	if (!s.ptr)
		return SPAN_NONE;
	if (text_utf8_valid(s) == s.len)
		return fold(s, false, arena).text;
	return arena_dup(arena, span_trim(s)); /* not text: at least the ends */
}

static bool is_quote(struct span before, struct span after)
{
	static const char *const pairs[][2] = {{"\"", "\""},
					       {"'", "'"},
					       {"`", "`"},
					       {"(", ")"},
					       {"\xe2\x80\x9c", "\xe2\x80\x9d"},
					       {"\xe2\x80\x98", "\xe2\x80\x99"},
					       {"\xe2\x80\x9e", "\xe2\x80\x9c"},
					       {"\xc2\xab", "\xc2\xbb"}};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (span_ends(before, span_str(pairs[i][0])) && span_starts(after, span_str(pairs[i][1])))
			return true;
	return false;
}

/* Text that speaks of references means what it shows: one stands alone in quotes, or the word is there. */
static bool is_about_references(struct span s)
{
	static const char *const words[] = {"entity", "entities", "ampersand", "escape sequence"};
	struct text_reference found;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_find_nocase(s, span_str(words[i])) >= 0)
			return true;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '&' && text_reference_read(span_sub(s, i, s.len), &found) &&
		    found.semicolon && is_quote(span_sub(s, 0, i), span_sub(s, i + found.len, s.len)))
			return true;
	return false;
}

static size_t count_byte(struct span s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

/* Length of the tag or comment at s, which begins with '<'; 0 when it is none. *none: no '>' is left at all.
 */
static size_t tag_length(struct span s, bool *none)
{
	enum { QUOTED_MAX = 512 }; /* how far an attribute value may hide a '>', to stay linear */
	char quote = 0;
	ptrdiff_t end;

	if (s.len < 3 || !(byte_is_alpha(s.ptr[1]) || s.ptr[1] == '/' || s.ptr[1] == '!'))
		return 0;
	for (size_t i = 1; i < MIN(s.len, QUOTED_MAX); i++) {
		char c = s.ptr[i];

		if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '>')
			return i + 1;
		else if ((c == '"' || c == '\'') && s.ptr[i - 1] == '=')
			quote = c;
	}
	end = span_find_byte(s, '>');
	*none = end < 0;
	return end < 0 ? 0 : (size_t)end + 1;
}

static bool tag_is_inline(struct span tag)
{
	static const char *const names[] = {"a",    "abbr",   "b",   "bdi",  "bdo", "cite", "code", "em",
					    "font", "i",      "kbd", "mark", "q",   "s",    "samp", "small",
					    "span", "strong", "sub", "sup",  "tt",  "u",    "var",  "wbr"};
	size_t begin = tag.ptr[1] == '/' ? 2 : 1, end = begin;

	while (end < tag.len && byte_is_alnum(tag.ptr[end]))
		end++;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_eq_nocase(span_sub(tag, begin, end), span_str(names[i])))
			return true;
	return false;
}

/* In place: text, in the arena, is ours. */
static struct span strip_tags(struct span s)
{
	char *out = (char *)(uintptr_t)s.ptr;
	size_t n = 0;
	bool none = false;

	for (size_t i = 0; i < s.len;) {
		struct span here = span_sub(s, i, s.len);
		size_t len = here.ptr[0] == '<' && !none ? tag_length(here, &none) : 0;

		if (len == 0) {
			out[n++] = s.ptr[i++];
			continue;
		}
		if (!tag_is_inline(span_sub(here, 0, len)))
			out[n++] = ' ';
		i += len;
	}
	return span_of(s.ptr, n);
}

/* Markup that somebody pasted, as opposed to text about markup: it is opened at the very start, has
 * attributes or is closed. */
static bool holds_markup(struct span s)
{
	ptrdiff_t at;

	if (s.len > 3 && s.ptr[0] == '<' && byte_is_alpha(s.ptr[1]) && !tag_is_inline(s) &&
	    span_find_byte(span_sub(s, 0, 12), '>') > 0)
		return true;
	for (size_t i = 0; (at = span_find_byte(span_sub(s, i, s.len), '<')) >= 0; i += (size_t)at + 1) {
		struct span tag = span_sub(s, i + (size_t)at, s.len);
		ptrdiff_t end = span_find_byte(span_sub(tag, 0, 400), '>');

		if (end > 2 && tag.len > 2 &&
		    ((tag.ptr[1] == '/' && byte_is_alpha(tag.ptr[2])) ||
		     (byte_is_alpha(tag.ptr[1]) &&
		      (span_find(span_sub(tag, 0, (size_t)end), SPAN("=\"")) > 0 ||
		       tag.ptr[end - 1] == '/'))))
			return true;
	}
	return false;
}

struct span text_without_tags(struct span s, struct arena *arena)
{
	if (span_find_byte(s, '<') < 0 || !holds_markup(span_trim(s)))
		return s;
	s = arena_dup(arena, s);
	return s.ptr ? strip_tags(s) : s;
}

static struct span decode_again(struct span s, struct arena *arena)
{
	if (span_find_byte(s, '&') < 0 || is_about_references(s))
		return s;
	for (int pass = 0; pass < DECODE_PASSES; pass++) {
		struct span decoded = text_references_decode(s, true, arena);

		if (!decoded.ptr || decoded.ptr == s.ptr)
			return decoded;
		if (count_byte(decoded, '<') > count_byte(s, '<'))
			decoded = strip_tags(decoded);
		s = decoded;
	}
	return s;
}

static struct span repair(struct span s, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(s.len * 3);

	if (text_utf8_valid(s) == s.len)
		return s;
	return text_utf8_repair(s, &out) ? SPAN_NONE : arena_dup(arena, strbuf_span(&out));
}

struct span text_normal(struct span s, struct arena *arena)
{
	struct folded folded;
	struct span ret;
	uint8_t *nfc;
	size_t len;

	if (!s.ptr || is_plain(s))
		return arena_dup(arena, s);
	s = repair(s, arena);
	s = decode_again(s, arena);
	if (!s.ptr)
		return SPAN_NONE;
	folded = fold(s, true, arena);
	if (folded.inert || !folded.text.ptr)
		return folded.text;
	nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)folded.text.ptr, folded.text.len, NULL, &len);
	if (!nfc)
		return SPAN_NONE;
	ret = arena_dup(arena, span_of((const char *)nfc, len));
	free(nfc);
	return ret;
}

static bool is_left_out(uint32_t c)
{
	return kind_of(c) != KIND_TEXT || c == '`' || c == 0xb4 ||
	       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Z |
							   UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf);
}

/* What text_alike() compares. */
static struct span canon(struct span s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.len * 3 + 1);
	uint8_t *cased = NULL;
	size_t n = 0, len;
	struct span rest;

	s = repair(s, arena);
	if (!out || !s.ptr)
		return SPAN_NONE;
	for (size_t i = 0; i < s.len && (unsigned char)s.ptr[i] < 0x80; i++)
		n = i + 1;
	if (n < s.len) {
		cased = u8_casefold((const uint8_t *)s.ptr, s.len, NULL, UNINORM_NFD, NULL, &len);
		if (!cased)
			return SPAN_NONE;
		out = arena_alloc(arena, len + 1);
		s = span_of((const char *)cased, len);
	}
	n = 0;
	for (rest = s; out && rest.len;) {
		unsigned size;
		uint32_t c = text_utf8_get(rest, &size);

		rest = span_sub(rest, size, rest.len);
		if (!is_left_out(c))
			n += text_utf8_put(c < 0x80 ? (uint32_t)byte_lower((char)c) : c, out + n);
	}
	free(cased);
	return out ? span_of(out, n) : SPAN_NONE;
}

bool text_alike(struct span a, struct span b, struct arena *arena)
{
	a = a.ptr ? canon(a, arena) : a;
	b = b.ptr ? canon(b, arena) : b;
	return a.ptr && b.ptr && span_eq(a, b);
}
