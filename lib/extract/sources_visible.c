/* SPDX-License-Identifier: MIT */
/* What a reader sees: headings, bylines, dates, pictures. The main heading is the anchor: what stands near it
 * is likely the page's, what stands in sidebars, comments and teasers is not. */
#include "base/text.h"
#include "extract/find_date.h"
#include "extract/slug.h"
#include "extract/sources_inner.h"

enum {
	NEAR = 6000,      /* bytes of the page after the main heading in which its byline stands */
	BEFORE = 2500,    /* and before it */
	DATES_MAX = 48,   /* visible dates taken */
	DATED_MAX = 1000, /* elements that may have one, looked into: menus have hundreds that do not */
	IMAGES_MAX = 24,
	DATE_TEXT_MAX = 160, /* bytes of a text that is a date and little else */
	PICTURE_MIN = 100,   /* declared pixels of a picture worth naming */
};

/* 0 far away .. 20 right at the main heading */
int gather_nearness(const struct gather *g, const struct node *n)
{
	long d;

	if (!g->title)
		return 6;
	d = (long)n->offset - (long)g->title->offset;
	if (d >= 0)
		return d < NEAR ? 20 - (int)(d * 12 / NEAR) : 0;
	return -d < BEFORE ? 14 - (int)(-d * 10 / BEFORE) : 0;
}

/* Whether a heading is another wording of what the head says: half of its longer words are there too, and it
 * is not the same with a kicker before it or a date after it. */
static bool is_rewording(struct gather *g, struct span heading)
{
	struct span head = g->head_title, rest = text_fold(heading, g->c->arena), word;
	unsigned words = 0, shared = 0;

	if (head.len < 8 || !g->page_title.len || span_find_nocase(rest, head) >= 0)
		return false;
	while ((word = span_split(&rest, ' ')).ptr)
		if (word.len > 3) {
			words++;
			shared += span_find_nocase(head, word) >= 0;
		}
	if (shared < 2 || shared * 2 < words || text_alike(heading, head, g->c->arena))
		return false;
	for (size_t i = 0; i < g->c->count; i++)
		if (span_eq(g->c->list[i].source, SPAN("json-ld headline")) &&
		    text_alike(g->c->list[i].value, head, g->c->arena))
			return false;
	return true;
}

/* Whether the address was made of this heading, and not of what the head says now. */
static bool is_in_address(struct gather *g, struct span heading)
{
	struct span slug = slug_of(g->c->base.path);
	unsigned words, here;

	if (!slug.len || !g->page_title.len)
		return false;
	here = slug_words_in(slug, heading, &words);
	return words >= 4 && here * 4 >= words * 3 && here >= slug_words_in(slug, g->head_title, &words) + 2;
}

/* What the head says, with something before it. */
static bool has_kicker(const struct gather *g, struct span heading)
{
	return g->head_title.len > 12 && g->page_title.len &&
	       span_find_nocase(text_fold(heading, g->c->arena), g->head_title) > 0;
}

/* A heading that links to the front page is the site's name. */
static bool links_home(struct gather *g, const struct node *heading)
{
	unsigned seen = 0;

	if (g->c->base.path.len <= 1)
		return false;
	for (const struct node *n = heading; n && seen < 16; n = node_next(n, heading), seen++) {
		struct span href = n->tag == TAG_A ? span_trim(node_attr(n, ATTR_HREF)) : SPAN_NONE;
		ptrdiff_t host = span_find(href, SPAN("://"));

		if (host >= 0 && span_find_nocase(href, g->c->base.host) != host + 3)
			continue;
		if (host >= 0)
			href = span_sub(href, (size_t)host + 3 + g->c->base.host.len, href.len);
		if (n->tag == TAG_A && (node_attr_has_word(n, ATTR_REL, SPAN("home")) ||
					span_eq(href, SPAN("/")) || (host >= 0 && !href.len)))
			return true;
	}
	return false;
}

/* A heading of several elements one of which is named as the headline: the others are a kicker above it, a
 * line below it. NULL where there is none such or more than one. */
static const struct node *headline_within(const struct node *heading)
{
	const struct node *found = NULL;

	for (const struct node *n = heading->child; n; n = n->next) {
		if (node_is_text(n) || !(words_of_node(n) & WORD_TITLE))
			continue;
		if (found)
			return NULL;
		found = n;
	}
	return found;
}

void gather_heading(struct gather *g)
{
	const struct node *first = NULL, *alike = NULL;
	unsigned n = 0, in_text = 0, good = 0;
	size_t headline = SIZE_MAX;
	bool reworded = false; /* the first good one */

	for (const struct node *h = g->tree->first[TAG_H1]; h && n < 24; h = h->same, n++) {
		struct span t = node_text(h, 500, g->c->arena);
		const struct node *part;
		unsigned around;
		int score = g->head_title.len ? 56 : 64;
		bool same;

		if (!span_trim(t).len)
			continue;
		around = words_around(&g->words, h);
		if (links_home(g, h))
			around |= WORD_LOGO;
		same = !(around & WORD_LOGO) && g->head_title.len &&
		       (text_alike(t, g->head_title, g->c->arena) ||
			(t.len > 12 &&
			 span_find_nocase(g->head_title, span_sub(t, 0, MIN(t.len, (size_t)60))) >= 0));
		if (!same && (part = headline_within(h))) {
			struct span own = span_trim(node_text(part, 500, g->c->arena));

			t = own.len >= 20 && own.len * 2 > t.len ? own : t;
		}
		if (same)
			score += 22;
		else if (t.len > 20 && g->page_title.len > t.len - 8 && !good &&
			 (text_alike(t, g->page_title, g->c->arena) ||
			  span_find_nocase(g->page_title, span_trim(text_fold(t, g->c->arena))) >= 0))
			score += 34; /* what is said for sharing names a section, or is of another wording */
		if (around & (WORD_ASIDE | WORD_COMMENT | WORD_LOGO | WORD_AD))
			score -= 30;
		if (around & WORD_ARTICLE)
			score += 6;
		if (around & WORD_TITLE)
			score += 2;
		if (in_text++)
			score -= 10;
		if (!(around & (WORD_ASIDE | WORD_COMMENT | WORD_AD | WORD_LOGO)) && good++ == 0 &&
		    t.len >= 20) {
			reworded = is_rewording(g, t) || is_in_address(g, t);
			if (reworded ||
			    ((around & WORD_TITLE) && (around & WORD_ARTICLE) && !has_kicker(g, t)))
				headline = g->c->count;
		}
		collect(g->c, FIELD_TITLE, NORMAL_TEXT, t, "<h1>", score, gather_at(h));
		if (same && !alike)
			alike = h;
		if (!first || links_home(g, first) ||
		    ((around & WORD_ARTICLE) && !(words_around(&g->words, first) & WORD_ARTICLE)))
			first = h;
	}
	/* the only one, marked as the headline: what readers are shown, whatever is said for sharing */
	if ((good == 1 || reworded) && headline < g->c->count)
		g->c->list[headline].score += 46;
	n = 0;
	for (const struct node *h = g->tree->first[TAG_H2]; h && n < 12 && !alike; h = h->same, n++) {
		struct span t = node_text(h, 500, g->c->arena);

		if (t.len > 12 && g->head_title.len && text_alike(t, g->head_title, g->c->arena))
			alike = h;
		if (!first && t.len > 20 && n < 3 &&
		    !(words_around(&g->words, h) & (WORD_ASIDE | WORD_COMMENT)))
			collect(g->c, FIELD_TITLE, NORMAL_TEXT, t, "<h2>", 40 - (int)n * 3, gather_at(h));
	}
	g->title = alike ? alike : first;
	words_set_heading(&g->words, g->title);
}

/* Something beside the article, or what somebody else said. */
static bool bad_place(unsigned around, const struct node *n)
{
	return around & (WORD_ASIDE | WORD_COMMENT | WORD_AD | WORD_EVENT) || node_up(n, TAG_BLOCKQUOTE);
}

static void add_date(struct gather *g, const struct node *n, const struct date *d, const char *source,
		     int score)
{
	char buf[32];

	g->dates++;
	if (d->has_time && !d->has_zone)
		score -= 2;
	collect_ready(g->c, FIELD_DATE, arena_dup(g->c->arena, span_str(date_format_stated(d, buf))), source,
		      score, gather_at(n));
}

/* Words before a date that say which one it is. */
static bool says_modified(struct span s)
{
	static const char *const words[] = {
		"updat",       "modif",     "aktualis",   "geändert",    "bearbeitet", "mis à jour",
		"mise à jour", "actualiz",  "aggiornat",  "atualiz",     "bijgewerkt", "gewijzigd",
		"aktualiz",    "обновл",    "изменен",    "güncelle",    "更新",       "수정",
		"oppdatert",   "opdateret", "uppdaterad", "last edited", "revised",    "stand:"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_find_nocase(s, span_str(words[i])) >= 0)
			return true;
	return false;
}

static bool says_published(struct span s)
{
	static const char *const words[] = {
		"publi",        "posted",     "veröffentlicht", "erstellt",    "created", "geplaatst",
		"gepubliceerd", "publik",     "опубликован",    "yayın",       "発表",    "公開",
		"发布",         "發布",       "发表",           "등록",        "입력",    "julkaistu",
		"added",        "written on", "vom ",           "mis en ligne"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_find_nocase(s, span_str(words[i])) >= 0)
			return true;
	return false;
}

static void gather_time(struct gather *g, const struct node *n)
{
	struct span when = span_trim(node_attr(n, ATTR_DATETIME)), text;
	unsigned around, own;
	struct date d;
	int score = 44;

	if (g->dates > DATES_MAX || g->dated++ > DATED_MAX)
		return;
	if (!when.len)
		when = node_attr(n, ATTR_CONTENT);
	text = node_text(n, DATE_TEXT_MAX, g->c->arena);
	if (!when.len || !date_parse(when, &d)) {
		if (!find_date(when.len ? when : text, g->lang, &d))
			return;
	} else if (!d.has_time) {
		struct date seen;

		/* the reader is told the time too */
		if (find_date(text, g->lang, &seen) && seen.has_time &&
		    seen.seconds / 86400 == d.seconds / 86400)
			d = seen;
	}
	own = words_of_node(n) | (n->parent ? words_of_node(n->parent) : 0);
	around = words_around(&g->words, n);
	score += gather_nearness(g, n);
	if (node_attr(n, ATTR_PUBDATE).ptr)
		score += 16;
	if (own & WORD_PUBLISHED)
		score += 8;
	if (around & WORD_ARTICLE)
		score += 4;
	if (own & WORD_MODIFIED || says_modified(text) ||
	    (n->parent && n->parent->child && node_is_text(n->parent->child) &&
	     says_modified(span_sub(node_text_raw(n->parent->child), 0, 80))))
		score = 26;
	if (bad_place(around, n))
		score -= 30;
	add_date(g, n, &d, "<time>", score);
}

/* An element whose class speaks of a date. */
static void gather_date_class(struct gather *g, const struct node *n, unsigned own)
{
	static const enum attr_id by[] = {ATTR_DATETIME,       ATTR_DATA_DATETIME, ATTR_DATA_DATE,
					  ATTR_DATA_TIMESTAMP, ATTR_DATA_TIME,     ATTR_CONTENT,
					  ATTR_TITLE};
	struct span text;
	struct date d;
	bool found = false;
	int score = 38;
	unsigned around;

	if (g->dates > DATES_MAX || g->dated++ > DATED_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(by) && !found; i++) {
		struct span v = node_attr(n, by[i]);

		found = v.len > 7 && v.len < 60 && date_parse(v, &d);
	}
	text = node_text(n, DATE_TEXT_MAX + 40, g->c->arena);
	if (!found && (text.len < 8 || text.len > DATE_TEXT_MAX || !find_date(text, g->lang, &d)))
		return;
	around = words_around(&g->words, n);
	score += gather_nearness(g, n);
	if (own & WORD_PUBLISHED || says_published(text))
		score += 6;
	else if (own & WORD_MODIFIED || says_modified(text))
		score = 24;
	if (around & WORD_ARTICLE)
		score += 4;
	if (bad_place(around, n))
		score -= 26;
	add_date(g, n, &d, "dated element", score);
}

static void gather_picture(struct gather *g, const struct node *n)
{
	struct span src = n->tag == TAG_VIDEO ? node_attr(n, ATTR_POSTER) : gather_image(n);
	struct candidate *k;
	uint64_t w = 0, h = 0;
	unsigned around;
	int score = 34;

	if (!src.len || g->images > IMAGES_MAX)
		return;
	if ((span_to_uint(node_attr(n, ATTR_WIDTH), 99999, &w) && w < PICTURE_MIN) ||
	    (span_to_uint(node_attr(n, ATTR_HEIGHT), 99999, &h) && h < PICTURE_MIN))
		return;
	around = words_around(&g->words, n) | words_of(node_attr(n, ATTR_ALT));
	if (around & WORD_LOGO && !g->named)
		gather_logo(g, n);
	if (around & (WORD_COMMENT | WORD_LOGO | WORD_AVATAR | WORD_AD))
		return;
	score += gather_nearness(g, n) / 2;
	if (g->title && n->offset + BEFORE < g->title->offset)
		score -= 14;
	if (around & WORD_ASIDE)
		score -= 22;
	if (around & WORD_ARTICLE)
		score += 4;
	if (node_up(n, TAG_FIGURE))
		score += 5;
	if (w >= 400)
		score += 4;
	score -= (int)MIN(g->images, 10u);
	k = collect(g->c, FIELD_IMAGE, NORMAL_IMAGE, src, "<img>", score, gather_at(n));
	if (k) {
		k->width = (unsigned)w;
		k->height = (unsigned)h;
		g->images++;
	}
}

void gather_visible(struct gather *g, const struct node *n)
{
	unsigned own = 0;
	bool rel = false;

	switch (n->tag) {
	case TAG_TIME: gather_time(g, n); return;
	case TAG_IMG:
	case TAG_AMP_IMG:
	case TAG_VIDEO:
		gather_portrait(g, n);
		gather_picture(g, n);
		return;
	case TAG_BODY:
	case TAG_ARTICLE:
	case TAG_MAIN:
	case TAG_SCRIPT:
	case TAG_FORM:
	case TAG_INPUT: return;
	case TAG_A:
		rel = node_attr_has_word(n, ATTR_REL, SPAN("author"));
		if (!rel && gather_nearness(g, n) >= 8 && gather_links_author(n))
			gather_byline(g, n, 0, false);
		break;
	default: break;
	}
	if (n->size && !n->child)
		gather_person_icon(g, n);
	if (!n->size || !n->child)
		return;
	own = words_of_node(n);
	if (rel || own & WORD_AUTHOR)
		gather_byline(g, n, own, rel);
	if (own & WORD_SUMMARY)
		gather_standfirst(g, n, own);
	if (own & (WORD_DATE | WORD_PUBLISHED | WORD_MODIFIED | WORD_META))
		gather_date_class(g, n, own);
}

/* A quick look for a year, so that most texts are not read twice. */
static bool has_year(struct span s)
{
	for (size_t i = 1; s.len <= 60 && i + 3 < s.len; i++) /* 26.08.21 */
		if (s.ptr[i] == '.' && byte_is_digit(s.ptr[i - 1]) && byte_is_digit(s.ptr[i + 1]) &&
		    (s.ptr[i + 2] == '.' || s.ptr[i + 3] == '.'))
			return true;
	for (size_t i = 0; i + 4 <= s.len; i++)
		if ((s.ptr[i] == '2' && s.ptr[i + 1] == '0') || (s.ptr[i] == '1' && s.ptr[i + 1] == '9'))
			if (byte_is_digit(s.ptr[i + 2]) && byte_is_digit(s.ptr[i + 3]) &&
			    (i + 4 == s.len || !byte_is_digit(s.ptr[i + 4])))
				return true;
	return false;
}

/* "Last updated: 1/23/21", "Stand: 1.4.18": a year of two digits is believed behind such a word and at the
 * text's end only, else it is a version's. */
static bool labelled_day(struct gather *g, struct span s, struct date *ret)
{
	char full[16];
	size_t i = s.len, n = 0, parts[3] = {0};
	unsigned k = 3;
	char sep = 0;

	if (s.len < 10 || s.len > 60 || !byte_is_digit(s.ptr[s.len - 1]))
		return false;
	while (i && k && n < 8 &&
	       (byte_is_digit(s.ptr[i - 1]) || s.ptr[i - 1] == '.' || s.ptr[i - 1] == '/')) {
		char c = s.ptr[--i];

		n++;
		if (byte_is_digit(c)) {
			parts[k - 1]++;
			continue;
		}
		if (sep && c != sep)
			return false;
		sep = c;
		k--;
	}
	if (k != 1 || parts[2] != 2 || !parts[1] || parts[1] > 2 || !parts[0] || parts[0] > 2 || !i ||
	    s.ptr[i - 1] != ' ' || !(says_modified(s) || says_published(s)))
		return false;
	memcpy(full, s.ptr + i, n - 2);
	memcpy(full + n - 2, "20", 2);
	memcpy(full + n, s.ptr + s.len - 2, 2);
	return find_date(span_of(full, n + 2), g->lang, ret);
}

void gather_text(struct gather *g, const struct node *n)
{
	struct span s = node_text_raw(n);
	struct date d;
	int score;

	if (s.len < 2 || n->parent->tag == TAG_SCRIPT || n->parent->tag == TAG_TIME)
		return;
	if (!g->named)
		gather_copyright(g, n, span_trim(s));
	if (s.len > DATE_TEXT_MAX) {
		/* "26.08.2021 - The text": a paragraph may begin with its day */
		s = span_sub(s, 0, 28);
		if (!byte_is_digit(s.ptr[0]) || gather_nearness(g, n) < 8)
			return;
	}
	gather_text_byline(g, n, span_trim(s));
	if (g->dates > DATES_MAX ||
	    !((has_year(s) && find_date(s, g->lang, &d)) || labelled_day(g, span_trim(s), &d)))
		return;
	score = 14 + gather_nearness(g, n);
	if (says_published(s))
		score += 12;
	else if (says_modified(s))
		score -= 2;
	if (s.len > 80)
		score -= 8; /* a sentence that speaks of a day */
	if (n->parent->tag == TAG_A)
		score -= 6;
	if (bad_place(words_around(&g->words, n->parent), n->parent))
		score -= 16;
	if (span_find(s, SPAN("©")) >= 0 || span_find_nocase(s, SPAN("copyright")) >= 0)
		return;
	add_date(g, n, &d, "date in text", MAX(score, 1));
}
