/* SPDX-License-Identifier: MIT */
#include "feed/slug.h"

#include <stdio.h>
#include <time.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/hash.h"
#include "base/text.h"

enum { TITLE_BYTES = 1600 }; /* of a title that are looked at: many more than a slug can hold */

/* Letters that no decomposition makes ASCII. */
static const struct {
	uint32_t letter;
	const char *ascii;
} letters[] = {{0xdf, "ss"}, {0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"}, {0x111, "d"},
	       {0x127, "h"}, {0x131, "i"}, {0x138, "q"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"},
	       {0x167, "t"}, {0x180, "b"}, {0x19a, "l"}, {0x1e5, "g"}, {0x1b6, "z"}, {0x259, "e"}};

static const char *ascii_of(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].letter == c)
			return letters[i].ascii;
	return NULL;
}

static bool is_apostrophe(uint32_t c)
{
	return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x2bc || c == 0xb4 || c == '`';
}

static bool is_mark(uint32_t c)
{
	return uc_is_general_category(c, UC_CATEGORY_M);
}

static bool is_letter(uint32_t c)
{
	return uc_is_general_category(c, UC_CATEGORY_L) || uc_is_general_category(c, UC_CATEGORY_N);
}

/* Words joined by '-', as many as fit; a first word that is too long is cut between characters. */
struct words {
	char text[SLUG_BYTES + 1];
	size_t len, word; /* word: where the one that grows begins */
	bool full, gap;
};

static void add(struct words *w, const char *bytes, size_t n)
{
	if (w->full)
		return;
	if (w->gap && w->len) {
		if (w->len + 1 + n > SLUG_BYTES) {
			w->full = true;
			return;
		}
		w->text[w->len++] = '-';
		w->word = w->len;
	}
	w->gap = false;
	if (w->len + n > SLUG_BYTES) {
		if (w->word)
			w->len = w->word - 1;
		w->full = true;
		return;
	}
	memcpy(w->text + w->len, bytes, n);
	w->len += n;
}

/* *lost: letters that have no ASCII form; *kept: those that have. */
static void in_ascii(struct span s, struct words *w, size_t *kept, size_t *lost)
{
	while (s.len) {
		unsigned size;
		uint32_t c = text_utf8_get(s, &size);
		const char *ascii = c < 0x80 ? NULL : ascii_of(c);

		s = span_sub(s, size, s.len);
		if (c < 0x80 && byte_is_alnum((char)c)) {
			char low = byte_lower((char)c);

			add(w, &low, 1);
			++*kept;
		} else if (ascii) {
			add(w, ascii, strlen(ascii));
			++*kept;
		} else if (!is_mark(c) && !is_apostrophe(c)) {
			w->gap = true;
			*lost += is_letter(c);
		}
	}
}

static void as_it_is(struct span s, struct words *w)
{
	while (s.len) {
		unsigned size;
		uint32_t c = text_utf8_get(s, &size);

		if (is_letter(c) || (is_mark(c) && w->len && !w->gap))
			add(w, s.ptr, size);
		else if (!is_apostrophe(c))
			w->gap = true;
		s = span_sub(s, size, s.len);
	}
}

static enum err slug_of(struct span title, struct words *w)
{
	size_t low_len = 0, len = 0, kept = 0, lost = 0;
	CLEANUP_FREE uint8_t *low =
		u8_tolower((const uint8_t *)title.ptr, title.len, NULL, NULL, NULL, &low_len);
	CLEANUP_FREE uint8_t *apart = low ? u8_normalize(UNINORM_NFKD, low, low_len, NULL, &len) : NULL;
	CLEANUP_FREE uint8_t *whole = NULL;

	if (!apart)
		return ERR_NOMEM;
	in_ascii(span_of((const char *)apart, len), w, &kept, &lost);
	if (lost <= kept)
		return ERR_OK;
	*w = (struct words){.len = 0};
	whole = u8_normalize(UNINORM_NFKC, low, low_len, NULL, &len);
	if (!whole)
		return ERR_NOMEM;
	as_it_is(span_of((const char *)whole, len), w);
	return ERR_OK;
}

enum err slug_make(struct span title, struct span identity, struct strbuf *out)
{
	CLEANUP(strbuf_release) struct strbuf valid = STRBUF_INIT(3 * TITLE_BYTES + 16);
	struct words w = {.len = 0};
	enum err r = text_utf8_repair(span_sub(title, 0, TITLE_BYTES), &valid);

	if (!r && valid.len)
		r = slug_of(strbuf_span(&valid), &w);
	if (r)
		return r;
	if (!w.len)
		return strbuf_addf(out, "%016llx", (unsigned long long)hash64(identity));
	return strbuf_add(out, w.text, w.len);
}

/* ---- patterns ---- */

static enum err bad(struct error *e, struct span pattern, const char *why)
{
	return err_set(e, ERR_INVALID, "file name '%.*s': %s", (int)MIN(pattern.len, 100), pattern.ptr, why);
}

enum err file_pattern_check(struct span pattern, struct error *e)
{
	struct span rest = pattern, part;

	if (!pattern.len || pattern.len > FILE_PATTERN_BYTES)
		return err_set(e, ERR_INVALID, "a file name pattern has 1 to %d bytes", FILE_PATTERN_BYTES);
	for (size_t i = 0; i < pattern.len; i++)
		if ((unsigned char)pattern.ptr[i] < 0x20 || pattern.ptr[i] == 0x7f || pattern.ptr[i] == '\\')
			return bad(e, pattern, "a control character or backslash is not allowed");
	if (text_utf8_valid(pattern) != pattern.len)
		return bad(e, pattern, "it is not UTF-8");
	while ((part = span_split(&rest, '/')).ptr)
		if (!part.len || part.ptr[0] == '.')
			return bad(e, pattern,
				   "it has to be a path inside the folder, no part of it beginning with a "
				   "dot");
	if (!span_ends(pattern, SPAN(".md")) && !span_ends(pattern, SPAN(".markdown")))
		return bad(e, pattern, "it has to end in .md or .markdown");
	if (span_find(pattern, SPAN("slug")) < 0)
		return bad(e, pattern, "it has to hold the word slug, or all documents would share one name");
	return ERR_OK;
}

enum word { YEAR, MONTH, DAY, HOUR, TITLE_SLUG, FEED_SLUG, DOMAIN_SLUG };

static const char *const words[] = {
	[YEAR] = "YYYY",      [MONTH] = "MM",          [DAY] = "DD", [HOUR] = "HH", [TITLE_SLUG] = "slug",
	[FEED_SLUG] = "feed", [DOMAIN_SLUG] = "domain"};

static enum err add_word(enum word word, const struct file_name *from, unsigned copy, const struct tm *tm,
			 struct strbuf *out)
{
	enum err r = ERR_OK;

	switch (word) {
	case YEAR: return strbuf_addf(out, "%04d", tm->tm_year + 1900);
	case MONTH: return strbuf_addf(out, "%02d", tm->tm_mon + 1);
	case DAY: return strbuf_addf(out, "%02d", tm->tm_mday);
	case HOUR: return strbuf_addf(out, "%02d", tm->tm_hour);
	case TITLE_SLUG:
		r = slug_make(from->title, from->identity, out);
		if (!r && copy > 1)
			r = strbuf_addf(out, "-%u", copy);
		return r;
	case FEED_SLUG: return slug_make(from->feed, from->feed, out);
	case DOMAIN_SLUG: return slug_make(from->domain, from->domain, out);
	}
	return r;
}

enum err file_pattern_expand(struct span pattern, const struct file_name *from, unsigned copy,
			     struct strbuf *out)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(FILE_NAME_BYTES);
	/* four digits of a year, whatever a feed says */
	time_t at = (time_t)MIN(MAX(from->date, 0), INT64_C(253402300799));
	struct tm tm;
	enum err r = ERR_OK;

	if (!gmtime_r(&at, &tm))
		return ERR_INVALID;
	for (size_t i = 0; i < pattern.len && !r;) {
		struct span rest = span_sub(pattern, i, pattern.len);
		size_t w = 0;

		while (w < ARRAY_SIZE(words) && !span_starts(rest, span_str(words[w])))
			w++;
		if (w < ARRAY_SIZE(words)) {
			r = add_word((enum word)w, from, copy, &tm, &b);
			i += strlen(words[w]);
		} else {
			r = strbuf_add_byte(&b, pattern.ptr[i++]);
		}
	}
	return r ? r : strbuf_add_span(out, strbuf_span(&b));
}
