/* SPDX-License-Identifier: MIT */
/* Bylines that a reader sees: elements that are named so, links to an author's page, and bare words before a
 * name. */
#include "base/text.h"
#include "extract/find_date.h"
#include "extract/sources_inner.h"

enum {
	BYLINES_MAX = 32,
	NEAR_ENOUGH = 9, /* of gather_nearness */
	BEHIND_MAX = 12, /* nodes */
};

void gather_byline(struct gather *g, const struct node *n, unsigned own, bool rel)
{
	struct span text;
	unsigned around;
	int score = rel ? 70 : 58;

	if (g->bylines++ > BYLINES_MAX)
		return;
	text = node_text(n, 240, g->c->arena);
	/* a name with a biography: the name is its link */
	if (text.len > 120)
		for (const struct node *k = n->child; k; k = node_next(k, n))
			if (k->tag == TAG_A && k->child) {
				text = node_text(k, 120, g->c->arena);
				break;
			}
	if (text.len < 3 || text.len > 120)
		return;
	around = words_around(&g->words, n);
	score += gather_nearness(g, n) / 2;
	if (around & WORD_COMMENT)
		return; /* nobody rather than a reader */
	if (around & (WORD_ASIDE | WORD_AD))
		score -= 34;
	if (around & WORD_BIO)
		score -= 6;
	if (own & (WORD_DATE | WORD_META | WORD_BIO | WORD_AVATAR))
		score -= 8;
	if (around & WORD_ARTICLE)
		score += 3;
	/* a date, or words about the author, are no name */
	struct date d;

	if (find_date(text, g->lang, &d))
		score -= 12;
	collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, text, rel ? "rel=author" : "byline", score, gather_at(n));
}

/* A link to somebody's page: the path says so. */
bool gather_links_author(const struct node *n)
{
	static const char *const parts[] = {
		"/author/",      "/authors/",      "/autor/",      "/autoren/",     "/auteur/",
		"/auteurs/",     "/autore/",       "/autori/",     "/editors/",     "/writers/",
		"/contributor/", "/contributors/", "/journalist/", "/journalists/", "/reporter/",
		"/reporters/",   "/columnist/",    "/by/",         "/bio/",         "/redakteur/",
		"/staff/"};
	struct span href = node_attr(n, ATTR_HREF);

	if (href.len < 6 || href.len > 300)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (span_find(href, span_str(parts[i])) >= 0)
			return true;
	return false;
}

/* Whether a text ends with a word that a name follows: "By", "Gespeichert von", "Autor:". */
static bool announces_name(struct span s)
{
	static const char *const words[] = {
		"by",      "von",    "par",     "por",   "di",        "door",        "av",       "af",
		"przez",   "by:",    "von:",    "par:",  "por:",      "autor:",      "autorin:", "author:",
		"auteur:", "auteur", "autore:", "text:", "texte:",    "texto:",      "tekst:",   "автор:",
		"作者：",  "作者:",  "撰文：",  "記者",  "auteur(s)", "auteur(s) :", "autoren:"};
	/* a heading above the name */
	static const char *const whole[] = {"author",   "autor", "autorin", "autore",
					    "autor:in", "автор", "yazar",   "著者"};
	size_t i = s.len;

	for (size_t k = 0; k < ARRAY_SIZE(whole); k++)
		if (span_eq_nocase(s, span_str(whole[k])))
			return true;
	while (i && s.ptr[i - 1] != ' ')
		i--;
	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		if (span_eq_nocase(span_sub(s, i, s.len), span_str(words[k])))
			return true;
	return false;
}

/* "Ann Lee | 27.01.2022 - 12:45", "11.12.2019 - Ann Lee": a name and a day and nothing else. SPAN_NONE else.
 */
static struct span name_beside_day(struct gather *g, struct span s)
{
	static const char *const marks[] = {" | ", " - ", " – ", " — ", " • ", " · ", "| ", " |"};
	struct date d;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		struct span mark = span_str(marks[i]), sides[2], name;
		ptrdiff_t at = span_find(s, mark);

		if (at < 0)
			continue;
		sides[0] = span_trim(span_sub(s, 0, (size_t)at));
		sides[1] = span_trim(span_sub(s, (size_t)at + mark.len, s.len));
		for (unsigned k = 0; k < 2; k++) {
			unsigned spaces = 0;

			name = sides[k];
			for (size_t b = 0; b < name.len; b++)
				spaces += name.ptr[b] == ' ';
			if (name.len >= 5 && name.len <= 40 && spaces && spaces < 4 && sides[!k].len <= 30 &&
			    collect_looks_like_name(name, false) && !find_date(name, g->lang, &d) &&
			    find_date(sides[!k], g->lang, &d))
				return name;
		}
		return SPAN_NONE;
	}
	return SPAN_NONE;
}

/* "Ann Lee on August 3, 2019": the name; SPAN_NONE where no day follows. */
static struct span before_day(struct gather *g, struct span s)
{
	static const char *const words[] = {" on ", " am ", " le ", " el ", " il ", " op ", " em ", ", "};
	struct date d;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		ptrdiff_t at = span_find(s, span_str(words[i]));

		if (at > 1 && find_date(span_sub(s, (size_t)at, s.len), g->lang, &d))
			return span_sub(s, 0, (size_t)at);
	}
	return SPAN_NONE;
}

void gather_text_byline(struct gather *g, const struct node *n, struct span s)
{
	static const char *const begins[] = {"By ",   "by ",   "BY ",  "Von ", "VON ",        "von ",
					     "Par ",  "par ",  "Por ", "por ", "Di ",         "di ",
					     "Door ", "door ", "Av ",  "av ",  "Written by ", "Posted by "};
	int near = gather_nearness(g, n);
	struct span name = SPAN_NONE;

	if (s.len > 80 || g->bylines > BYLINES_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(begins) && near >= 9 && !name.len; i++)
		if (s.len > 6 && span_starts(s, span_str(begins[i])))
			name = span_sub(s, strlen(begins[i]), s.len);
	/* two words with capitals at least */
	if (name.len && !(name.ptr[0] >= 'a' && name.ptr[0] <= 'z') && span_find_byte(name, ' ') > 0) {
		g->bylines++;
		collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, s, "byline text", 46 + near / 2, gather_at(n));
		return;
	}
	if (name.len && before_day(g, name).len) {
		g->bylines++;
		collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, before_day(g, name), "byline text", 46 + near / 2,
			gather_at(n));
		return;
	}
	name = near >= 9 && s.len >= 14 && !(words_around(&g->words, n) & (WORD_COMMENT | WORD_ASIDE))
		       ? name_beside_day(g, s)
		       : SPAN_NONE;
	if (name.len) {
		g->bylines++;
		collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, name, "byline text", 44 + near / 2, gather_at(n));
		return;
	}
	/* the name is the next element's, or the text after this one */
	if (s.len > 1 && s.len <= 30 && (near > 0 || s.len <= 20 || s.ptr[s.len - 1] == ':') &&
	    announces_name(s)) {
		const struct node *next = node_next(n, g->tree->root);

		if (!next || next->depth + 3 < n->depth)
			return;
		name = node_is_text(next) ? node_text_raw(next) : node_text(next, 120, g->c->arena);
		name = span_trim(name);
		if (name.len < 3 || name.len > 90 || !collect_looks_like_name(span_sub(name, 0, 24), false))
			return;
		if (words_around(&g->words, n) & (WORD_COMMENT | WORD_ASIDE))
			return;
		g->bylines++;
		collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, name, "byline text", 42 + near / 2, gather_at(n));
	}
}

/* A text right behind an element, in the same box or the next one. SPAN_NONE. */
static struct span text_behind(struct gather *g, const struct node *n, const struct node **ret)
{
	unsigned seen = 0;

	for (const struct node *k = node_next_skip(n, g->tree->root); k && seen < BEHIND_MAX;
	     k = node_next(k, g->tree->root), seen++) {
		struct span s;

		if (k->depth + 2 < n->depth)
			return SPAN_NONE;
		s = node_is_text(k) ? span_trim(node_text_raw(k)) : SPAN_NONE;
		if (s.len) {
			*ret = k;
			return s;
		}
	}
	return SPAN_NONE;
}

static bool is_beside(struct gather *g, const struct node *n)
{
	return words_around(&g->words, n) & (WORD_COMMENT | WORD_ASIDE | WORD_AD);
}

/* An icon of a person below the headline: the name stands behind it. */
void gather_person_icon(struct gather *g, const struct node *n)
{
	static const char *const parts[] = {"-user", "-person", "user-icon", "person-icon"};
	struct span names = node_attr(n, ATTR_CLASS), name;
	const struct node *at;
	int near;
	bool found = false;

	if (names.len < 5 || names.len > 120 || !g->title || n->offset < g->title->offset ||
	    g->bylines > BYLINES_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		found |= span_find(names, span_str(parts[i])) >= 0;
	near = gather_nearness(g, n);
	if (!found || near < NEAR_ENOUGH || is_beside(g, n))
		return;
	name = text_behind(g, n, &at);
	if (name.len < 3 || name.len > 60 || !collect_looks_like_name(name, false))
		return;
	g->bylines++;
	collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, name, "byline text", 46 + near / 2, gather_at(at));
}

/* A portrait below the headline whose alternative text is the name that stands beside it, though no class
 * says what it is. */
void gather_portrait(struct gather *g, const struct node *n)
{
	struct span alt = span_trim(node_attr(n, ATTR_ALT)), name;
	const struct node *at;
	int near;

	if (alt.len < 5 || alt.len > 80 || !g->title || n->offset < g->title->offset ||
	    g->bylines > BYLINES_MAX)
		return;
	near = gather_nearness(g, n);
	if (near < NEAR_ENOUGH || is_beside(g, n))
		return;
	name = text_behind(g, n, &at);
	if (name.len < 5 || name.len > 40 || span_find_byte(name, ' ') < 1 || !span_starts(alt, name) ||
	    (alt.len > name.len && byte_is_alnum(alt.ptr[name.len])) || !collect_looks_like_name(name, false))
		return;
	g->bylines++;
	collect(g->c, FIELD_AUTHOR, NORMAL_BYLINE, name, "byline text", 46 + near / 2, gather_at(at));
}
