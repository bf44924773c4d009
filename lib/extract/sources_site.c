/* SPDX-License-Identifier: MIT */
/* What a page lets slip of its site's name where it never states it: the title of its feed, the line with its
 * copyright, the text of its logo. All weak; the choice wants them borne out by the address. */
#include "base/text.h"
#include "extract/sources_inner.h"

enum { SLIPS_MAX = 6, SLIP_LEN_MAX = 120 };

static void slip(struct gather *g, struct span name, const char *source, int score, const struct node *n)
{
	name = span_trim(name);
	if (name.len >= 2 && name.len <= 60 && g->slips++ < SLIPS_MAX)
		collect(g->c, FIELD_PROVIDER_NAME, NORMAL_TEXT, name, source, score, gather_at(n));
}

/* Without one of the words at its end, or at its beginning. */
static struct span without_words(struct span s, const char *const *words, size_t n)
{
	static const char marks[] = " \t\n-|:»«›·.,";

	for (bool again = true; again;) {
		again = false;
		while (s.len && strchr(marks, s.ptr[0]))
			s = span_sub(s, 1, s.len);
		while (s.len && strchr(marks, s.ptr[s.len - 1]))
			s.len--;
		for (size_t i = 0; i < n && !again; i++) {
			struct span w = span_str(words[i]);

			if (span_ends_nocase(s, w) &&
			    (s.len == w.len || !byte_is_alnum(s.ptr[s.len - w.len - 1]))) {
				s.len -= w.len;
				again = true;
			} else if (span_starts_nocase(s, w) &&
				   (s.len == w.len || !byte_is_alnum(s.ptr[w.len]))) {
				s = span_sub(s, w.len, s.len);
				again = true;
			}
		}
	}
	return s;
}

void gather_feed_title(struct gather *g, const struct node *n)
{
	static const char *const words[] = {"rss",       "rss 2.0",     "rss2",    "feed",  "feeds",
					    "atom",      "atom 1.0",    "news",    "posts", "all",
					    "blog feed", "latest news", "&raquo;", "»"};
	struct span type = node_attr(n, ATTR_TYPE), title = node_attr(n, ATTR_TITLE);

	if ((!span_ends_nocase(type, SPAN("rss+xml")) && !span_ends_nocase(type, SPAN("atom+xml"))) ||
	    title.len > SLIP_LEN_MAX || span_find_nocase(title, SPAN("comment")) >= 0)
		return;
	slip(g, without_words(title, words, ARRAY_SIZE(words)), "feed title", 28, n);
}

void gather_logo(struct gather *g, const struct node *n)
{
	static const char *const words[] = {"logo", "logo:", "home", "homepage", "the", "to", "go", "page"};
	struct span alt = node_attr(n, ATTR_ALT);

	if (alt.len > 4 && alt.len <= 60 && span_find_nocase(alt, SPAN("logo")) >= 0)
		slip(g, without_words(alt, words, ARRAY_SIZE(words)), "logo", 24, n);
}

/* The first letter or digit after a run of years, dashes and white space. */
static struct span after_years(struct span s)
{
	while (s.len && (byte_is_digit(s.ptr[0]) || byte_is_space(s.ptr[0]) || strchr("-,.|/", s.ptr[0]) ||
			 span_starts(s, SPAN("–")) || span_starts(s, SPAN("\xc2\xa0"))))
		s = span_sub(s,
			     span_starts(s, SPAN("–"))          ? 3
			     : span_starts(s, SPAN("\xc2\xa0")) ? 2
								: 1,
			     s.len);
	if (span_starts_nocase(s, SPAN("by ")))
		s = span_sub(s, 3, s.len);
	return s;
}

void gather_copyright(struct gather *g, const struct node *n, struct span s)
{
	static const char *const ends[] = {". ",    " - ",    " – ",    " | ",     ", ",      " All ",
					   " all ", " Alle ", " Tous ", " Todos ", " Tutti ", " ©"};
	ptrdiff_t at = span_find(span_sub(s, 0, SLIP_LEN_MAX / 2), SPAN("©"));
	struct span name;

	if (at < 0)
		return;
	s = span_sub(s, 0, SLIP_LEN_MAX);
	name = after_years(span_sub(s, (size_t)at + 2, s.len));
	if (span_starts_nocase(name, SPAN("copyright")))
		name = after_years(span_sub(name, 9, name.len));
	if (name.len < 2 && at > 2) /* "The Gazette © 2021" */
		name = span_sub(s, 0, (size_t)at);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		ptrdiff_t end = span_find(name, span_str(ends[i]));

		if (end > 0)
			name = span_sub(name, 0, (size_t)end);
	}
	while (name.len && (name.ptr[name.len - 1] == '.' || byte_is_space(name.ptr[name.len - 1])))
		name.len--;
	slip(g, name, "copyright", 22, n);
}
