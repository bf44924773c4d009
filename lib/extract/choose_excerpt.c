/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "extract/choose_inner.h"
#include "extract/site_inner.h"

static const char lost_title[] = "the title again", lost_site[] = "says the site's name only",
		  lost_short[] = "too short", lost_boiler[] = "boilerplate",
		  lost_cut[] = "cut off, another goes on",
		  lost_shared[] = "other pages of the host say the same";

enum { CUT_LESS = 6 };
enum { BEGINNING_MAX = 3000 }; /* bytes of the text; fewer than are kept of a page */
enum { STANDFIRST_MAX = 300 }; /* characters: what is longer is the article itself */

/* Text that systems and themes put where a description should be. */
static const char *const boilerplate[] = {
	"just another wordpress", /* the system's default tagline, and its translations */
	"ein weiterer wordpress",
	"eine weitere wordpress",
	"un site utilisant wordpress",
	"otro sitio realizado con wordpress",
	"un nuovo sito targato wordpress",
	"mais um site wordpress",
	"een nieuwe wordpress",
	"this is an example page",
	"lorem ipsum",
	"enter your description",
	"meta description",
	"default description",
	"page description",
	"we would like to show you a description here",
	"visit the post for more",
	"written by ",
	"posted by ",
};

/* What is said to visitors, before a text too. */
static const char *const notices[] = {
	"javascript is disabled",
	"please enable javascript",
	"enable cookies",
	"we use cookies",
	"wir verwenden cookies",
	"nous utilisons des cookies",
	"your browser is not supported",
	"by continuing to use",
	"all rights reserved",
	"non-commercial use only",
};

static bool says_any(struct span s, const char *const *phrases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_find_nocase(span_sub(s, 0, 200), span_str(phrases[i])) >= 0)
			return true;
	return false;
}

static bool is_notice(struct span s)
{
	return says_any(s, notices, ARRAY_SIZE(notices));
}

static bool is_boilerplate(struct span s)
{
	return is_notice(s) || says_any(s, boilerplate, ARRAY_SIZE(boilerplate));
}

/* Without the marks of a cut at its end. */
static struct span without_ellipsis(struct span s)
{
	static const char *const marks[] = {"...",   "…",  "[...]",     "[…]", "[&hellip;]",
					    "(...)", "..", "read more", "»",   "Continue reading"};

	for (bool again = true; again;) {
		again = false;
		s = span_trim(s);
		for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
			if (s.len > strlen(marks[i]) && span_ends_nocase(s, span_str(marks[i]))) {
				s.len -= strlen(marks[i]);
				again = true;
			}
	}
	return s;
}

static bool has_ellipsis(struct span s)
{
	s = span_trim(s);
	return without_ellipsis(s).len < s.len;
}

/* Where `part` (white space folded) goes on in `whole`: the rest from part's start, else SPAN_NONE. Case and
 * punctuation must agree; the last word of part may be half a word. */
static struct span goes_on(struct span part, struct span whole)
{
	ptrdiff_t at;

	part = without_ellipsis(part);
	if (part.len < 24)
		return SPAN_NONE;
	at = span_find(whole, part);
	if (at < 0) {
		/* CMSes strip markup with its spaces or swap quotes: a long enough beginning will do */
		size_t cut = part.len * 2 / 3;

		while (cut && ((unsigned char)part.ptr[cut] & 0xc0) == 0x80)
			cut--;
		if (cut < 48)
			return SPAN_NONE;
		at = span_find(whole, span_sub(part, 0, cut));
		if (at < 0 || whole.len - (size_t)at <= part.len)
			return SPAN_NONE;
		/* and the end must be near where it would be */
		struct span end = span_sub(part, part.len - MIN(part.len, (size_t)12), part.len);

		while (end.len && ((unsigned char)end.ptr[0] & 0xc0) == 0x80)
			end = span_sub(end, 1, end.len);
		if (span_find(span_sub(whole, (size_t)at, (size_t)at + part.len + 24), end) < 0)
			return SPAN_NONE;
	}
	/* at the start of the text, of a paragraph or of a sentence */
	if (at > 0 && whole.ptr[at - 1] == ' ' && at > 1) {
		char end = whole.ptr[at - 2];

		if ((unsigned char)end < 0x80 && !strchr(".!?:\")", end))
			return SPAN_NONE;
	} else if (at > 0 && whole.ptr[at - 1] != '\n' && (unsigned char)whole.ptr[at - 1] < 0x80) {
		return SPAN_NONE;
	}
	return span_sub(whole, (size_t)at, whole.len);
}

/* The paragraph that begins at s.ptr, and the next one too where the first is short. */
static struct span to_paragraph_end(struct span s, size_t least)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\n' && i >= least)
			return span_sub(s, 0, i);
	return s;
}

/* Whether the character at `at`, or the one that ends there, is of a script that writes without spaces: from
 * U+3000 to U+9FFF, and the full-width forms. */
static bool is_spaceless(struct span s, size_t at, bool before)
{
	size_t i = before ? at - 3 : at;
	unsigned char lead;

	if ((before && at < 3) || i + 3 > s.len)
		return false;
	lead = (unsigned char)s.ptr[i];
	return (lead >= 0xe3 && lead <= 0xe9) || lead == 0xef;
}

/* Paragraphs as one text. */
static struct span join(struct span s, struct arena *arena)
{
	char *p = arena_alloc(arena, s.len + 1);
	size_t n = 0;

	if (!p)
		return SPAN_NONE;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != '\n' || !is_spaceless(s, i, true) || !is_spaceless(s, i + 1, false))
			p[n++] = s.ptr[i];
	return text_fold(span_of(p, n), arena);
}

struct span extract_complete(const struct page *page, struct span text, const struct choose_options *options,
			     struct arena *arena)
{
	struct span cut = text_normal(text, arena), best = SPAN_NONE, on;

	if (!cut.len || text_ends_closed(cut))
		return SPAN_NONE;
	for (size_t i = 0; i < page->candidate_count; i++) {
		const struct candidate *k = &page->candidates[i];

		if (k->field != FIELD_EXCERPT || has_ellipsis(k->value))
			continue;
		on = goes_on(cut, k->value);
		/* a description that ends in the same place was cut there too */
		if (on.len > without_ellipsis(cut).len && text_ends_closed(on) &&
		    (!best.len || k->score > 20)) {
			best = on;
			break;
		}
		if (on.len > without_ellipsis(cut).len + 8 && on.len > best.len)
			best = on;
	}
	if (!best.len || !text_ends_closed(best)) {
		on = goes_on(cut, page->text);
		if (!on.len)
			on = goes_on(cut, page->lead);
		if (on.len > MAX(best.len, without_ellipsis(cut).len))
			best = to_paragraph_end(on, without_ellipsis(cut).len);
	}
	if (best.len <= without_ellipsis(cut).len)
		return SPAN_NONE;
	best = text_cut(join(best, arena), options->excerpt_min, options->excerpt_max, arena);
	/* a full stop alone, or less than there was, is no completion */
	if (best.len < without_ellipsis(cut).len + 4 ||
	    !span_starts(best, span_sub(without_ellipsis(cut), 0, 24)))
		return SPAN_NONE;
	return best;
}

/* Cut by a CMS: it says so itself, or it ends amid a word or a sentence at a length that no writer stops at.
 */
static bool is_cut(struct span s)
{
	return has_ellipsis(s) || (!text_ends_closed(s) && text_length(s) > 90);
}

/* What the page's text says in its beginning, squashed. */
struct beginning {
	struct span text, first, standfirst; /* first: its first paragraph */
	bool long_first;                     /* too long for a standfirst */
};

/* What stands amid the article's text, or begins it and breaks off: a machine put it there, and what somebody
 * wrote about the page says more. A standfirst may be the text's first paragraph. */
static bool is_copied(struct span key, const struct beginning *b)
{
	ptrdiff_t at;

	if (key.len < 40)
		return false;
	at = span_find(b->text, span_sub(key, 0, MIN(key.len, (size_t)100)));
	if (at < 0 || (size_t)at >= b->first.len)
		return at > 0;
	if (b->long_first || (at == 0 && key.len + 4 < b->first.len))
		return true;
	return b->standfirst.len && span_find(b->first, b->standfirst) < 0 &&
	       span_find(b->standfirst, key) < 0;
}

/* Takes memory of the field's candidates in the balance. */
static struct beginning begin_of(struct chooser *c)
{
	struct span text = span_sub(c->page->text, 0, BEGINNING_MAX), first = text;
	struct beginning b = {.standfirst = SPAN_NONE};

	first = span_split(&first, '\n');
	b.long_first = text_length(first) > STANDFIRST_MAX;
	b.first = squash(first, c->arena);
	b.text = squash(text, c->arena);
	for (size_t i = 0; i < c->n && !b.standfirst.len; i++)
		if (span_eq(c->w[i].from->source, SPAN("standfirst")))
			b.standfirst = c->w[i].key;
	return b;
}

/* "12.05.2021, 10:15 : The text", "TitleThe text": without what a system put before a description. */
static struct span without_preface(struct span s, struct span title)
{
	static const char *const marks[] = {" : ", ": ", " - ", " – ", " | "};
	size_t i = 0;
	unsigned parts = 0; /* marks within a date and a time */

	/* a capital behind a small letter: no longer word of the title's last */
	if (title.len >= 8 && s.len > title.len + 40 && span_starts(s, title) && s.ptr[title.len] >= 'A' &&
	    s.ptr[title.len] <= 'Z' && s.ptr[title.len - 1] >= 'a' && s.ptr[title.len - 1] <= 'z')
		return span_sub(s, title.len, s.len);
	for (; i < s.len && i < 24 && (byte_is_digit(s.ptr[i]) || memchr(".,/: -", s.ptr[i], 6)); i++)
		parts += i && i + 1 < s.len && memchr("./-", s.ptr[i], 3) && byte_is_digit(s.ptr[i - 1]) &&
			 byte_is_digit(s.ptr[i + 1]);
	if (parts < 2)
		return s;
	if (span_starts_nocase(span_sub(s, i, s.len), SPAN("uhr")))
		i += 3;
	for (size_t k = 0; k < ARRAY_SIZE(marks); k++)
		for (size_t at = i < 3 ? 0 : i - 3; at <= i; at++)
			if (span_starts(span_sub(s, at, s.len), span_str(marks[k])) && s.len > at + 43)
				return span_trim(span_sub(s, at + strlen(marks[k]), s.len));
	return s;
}

/* Too little to be a description where another says the same and more. */
static bool is_stub(struct span s)
{
	return !text_ends_closed(s) && text_length(s) < 40;
}

static void reject(struct weighed *w, const char *why)
{
	w->score = 0;
	w->from->lost = why;
}

/* The page's first good paragraph that is no legal notice and the like; a short one where there is no other.
 */
static struct span first_paragraph(const struct page *page)
{
	struct span rest = page->text, one, brief = SPAN_NONE;

	if (page->lead.len && !is_notice(page->lead))
		return page->lead;
	while ((one = span_split(&rest, '\n')).ptr) {
		if (is_notice(one) || !text_ends_closed(one))
			continue;
		if (text_length(one) >= 80)
			return one;
		if (!brief.len && text_length(one) >= 40)
			brief = one;
	}
	return page->lead.len ? SPAN_NONE : brief;
}

void choose_excerpt(struct chooser *c)
{
	struct span title = SPAN_NONE, value;
	struct span lead;
	struct beginning beginning;
	struct weighed *best;

	if (c->ret->chosen[FIELD_TITLE])
		title = squash(c->ret->chosen[FIELD_TITLE]->value, c->arena);
	weigh(c, FIELD_EXCERPT);
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];
		struct span bare = without_preface(w->value, c->ret->chosen[FIELD_TITLE]
								     ? c->ret->chosen[FIELD_TITLE]->value
								     : SPAN_NONE);

		if (bare.len < w->value.len) {
			w->value = bare;
			w->key = squash(span_sub(bare, 0, 600), c->arena);
		}

		size_t length = text_length(w->value);
		bool wide = w->key.len > length; /* East Asian and the like: more in fewer characters */

		if (w->from->score < 20) /* a body is for completing only */
			reject(w, lost_score);
		else if (title.len &&
			 (span_eq(w->key, title) || (w->key.len < title.len && span_starts(title, w->key))))
			reject(w, lost_title);
		else if (title.len > 8 && span_starts(w->key, title) && w->key.len < title.len + 30 &&
			 is_site_name(c, span_sub(w->value,
						  MIN(w->value.len, c->ret->chosen[FIELD_TITLE]->value.len),
						  w->value.len)))
			reject(w, lost_title);
		else if (is_site_name(c, w->value) && length < 40)
			reject(w, lost_site);
		else if (is_boilerplate(w->value))
			reject(w, lost_boiler);
		else if (mark_is_shared(c->options->site, MARK_EXCERPT, w->key))
			reject(w, lost_shared);
		else if (length < (wide ? 8u : 20u))
			reject(w, lost_short);
	}
	/* one that another begins with and goes on from has been cut */
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->n; k++)
			if (k != i && c->w[i].score > 0 && c->w[k].score > 0 &&
			    (is_cut(c->w[i].value) || is_stub(c->w[i].value)) &&
			    c->w[k].value.len > c->w[i].value.len + 3 && !has_ellipsis(c->w[k].value) &&
			    goes_on(c->w[i].value, c->w[k].value).ptr == c->w[k].value.ptr) {
				c->w[i].score -= 20;
				c->w[i].from->lost = lost_cut;
			}
	/* what a machine cut off weighs less than what somebody wrote to its end */
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && has_ellipsis(c->w[i].value))
			c->w[i].score -= CUT_LESS;
	beginning = begin_of(c);
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > COPY_LESS && is_copied(c->w[i].key, &beginning))
			c->w[i].score -= COPY_LESS;
	weigh_support(c, 5);
	best = weigh_best(c);
	if (!best) {
		lead = first_paragraph(c->page);
		if (lead.len)
			c->ret->chosen[FIELD_EXCERPT] =
				choose_made(c, FIELD_EXCERPT,
					    text_cut(text_fold(lead, c->arena), c->options->excerpt_min,
						     c->options->excerpt_max, c->arena),
					    "first paragraph", 30);
		return;
	}
	value = SPAN_NONE;
	if (is_cut(best->value)) {
		/* the page's own words, to the end of the sentence that was cut: not a second excerpt after
		 * it */
		struct choose_options whole = *c->options;
		unsigned length = (unsigned)text_length(best->value);
		unsigned most = MIN(c->options->excerpt_max, length * 3 / 2 + 40);

		whole.excerpt_min = MIN(length, most);
		for (whole.excerpt_max = MIN(length + 24, most);;
		     whole.excerpt_max = MIN(whole.excerpt_max + 24, most)) {
			value = extract_complete(c->page, best->value, &whole, c->arena);
			if (whole.excerpt_max == most || (value.len && text_ends_closed(value)))
				break;
		}
	}
	best->value =
		value.len ? value
			  : text_cut(best->value, c->options->excerpt_min, c->options->excerpt_max, c->arena);
	choose(c, FIELD_EXCERPT, best);
}
