/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "extract/choose_inner.h"
#include "extract/collect.h"

static const char lost_site[] = "the site's name", lost_title[] = "the title";
enum { AUTHORS_MAX = 16, SOURCES_MAX = 24 };
enum { DECLARED = 76 };    /* score of what is declared, or linked as the author right at the headline */
enum { BYLINE_SURE = 66 }; /* score of one that stands right at the headline */

/* All names from one source (and of one score) are one answer; the answers are weighed against each other. */
struct answer {
	struct span source;
	int score;
	unsigned family;
	size_t first, names;
};

static bool same_name(struct span a, struct span b)
{
	if (span_eq(a, b))
		return true;
	/* "J. Smith" and "Smith" of "John Smith": one holds the other */
	return a.len >= 5 && b.len >= 5 && (span_find(a, b) >= 0 || span_find(b, a) >= 0);
}

/* A newspaper, a team: no person, however its name looks. */
static bool is_organisation(struct span name)
{
	static const char *const words[] = {
		"Times",       "News",       "Books",       "Post",        "Team",    "Staff",
		"Magazine",    "Magazin",    "Journal",     "Daily",       "Online",  "Media",
		"Medien",      "Group",      "Institute",   "Institut",    "Society", "Foundation",
		"Stiftung",    "University", "Universität", "Blog",        "Review",  "Today",
		"Network",     "Press",      "Gazette",     "Chronicle",   "Tribune", "Herald",
		"Guardian",    "Radio",      "TV",          "Zeitung",     "Verlag",  "Redaktion",
		"Agency",      "Inc",        "LLC",         "GmbH",        "Ltd",     "Editors",
		"Editorial",   "Community",  "Club",        "Company",     "Center",  "Centre",
		"Association", "Observer",   "Standard",    "Mail",        "Weekly",  "World",
		"Digital",     "Studio",     "Studios",     "Labs",        "Agency",  "Services",
		"Solutions",   "Software",   "Systems",     "Technologies"};

	for (struct span rest = name, w; (w = span_split(&rest, ' ')).ptr;)
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (span_eq_nocase(w, span_str(words[i])))
				return true;
	return false;
}

/* The same name as somebody wrote it with a space, where this is a login. */
static struct span written_out(const struct chooser *c, const struct weighed *w)
{
	if (span_find_byte(w->value, ' ') < 0)
		for (size_t i = 0; i < c->n; i++)
			if (span_find_byte(c->w[i].value, ' ') > 0 && span_eq(c->w[i].key, w->key))
				return c->w[i].value;
	return w->value;
}

/* "annlee", "AnnL": one word in letters that have capitals. "AFP" is an agency; elsewhere names are written
 * without a space. */
static bool is_login(struct span name)
{
	bool small = false;

	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == ' ' || (unsigned char)name.ptr[i] >= 0x80)
			return false;
		else
			small |= name.ptr[i] >= 'a' && name.ptr[i] <= 'z';
	return small;
}

/* The byline right at the headline, in two words or more. */
static bool is_byline(const struct chooser *c, const struct answer *a)
{
	const struct weighed *w = &c->w[a->first];

	return (span_eq(a->source, SPAN("byline")) || span_eq(a->source, SPAN("rel=author"))) &&
	       w->score >= BYLINE_SURE && span_find_byte(w->value, ' ') > 0 && !is_organisation(w->value);
}

static bool is_of(const struct chooser *c, size_t i, const struct answer *a)
{
	return c->w[i].score == c->w[a->first].score && span_eq(c->w[i].from->source, a->source);
}

static bool has_name(const struct chooser *c, const struct answer *a, struct span key)
{
	for (size_t i = a->first; i < c->n; i++)
		if (is_of(c, i, a) && same_name(c->w[i].key, key))
			return true;
	return false;
}

/* A person whom two kinds of sources name. */
static bool is_named_twice(const struct chooser *c, const struct weighed *w)
{
	if (span_find_byte(w->value, ' ') < 1 || is_organisation(w->value) || w->from->lost == lost_site)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->w[i].score > 0 && span_eq(c->w[i].key, w->key) &&
		    !span_eq(c->w[i].from->source, w->from->source))
			return true;
	return false;
}

/* Whether an answer names all of another's authors and further ones: systems with one user for each page
 * know one of those who sign it. */
static bool names_more(const struct chooser *c, const struct answer *a, const struct answer *less)
{
	bool more = false;

	for (size_t i = less->first; i < c->n; i++)
		if (is_of(c, i, less) && !has_name(c, a, c->w[i].key))
			return false;
	for (size_t i = a->first; i < c->n; i++)
		if (is_of(c, i, a) && !has_name(c, less, c->w[i].key)) {
			if (!is_named_twice(c, &c->w[i]))
				return false;
			more = true;
		}
	return more;
}

void choose_authors(struct chooser *c)
{
	struct answer answers[SOURCES_MAX];
	size_t n = 0;
	struct answer *best = NULL;
	struct span title = SPAN_NONE;

	if (c->ret->chosen[FIELD_TITLE])
		title = squash(c->ret->chosen[FIELD_TITLE]->value, c->arena);
	weigh(c, FIELD_AUTHOR);
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];
		size_t a = 0;

		if (is_site_name(c, w->value)) {
			bool name =
				span_find_byte(w->value, ' ') > 0 && collect_looks_like_name(w->value, false);

			/* a site may bear its author's name */
			w->score -= !name ? 45 : is_organisation(w->value) ? w->score : 25;
			w->from->lost = lost_site;
		} else if (title.len && w->key.len > 6 && span_find(title, w->key) >= 0 && w->score < 60) {
			w->score -= 20;
			w->from->lost = lost_title;
		}
		if (w->score <= 0)
			continue;
		while (a < n &&
		       (!span_eq(answers[a].source, w->from->source) || answers[a].score != w->score))
			a++;
		if (a == SOURCES_MAX)
			continue;
		if (a == n)
			answers[n++] = (struct answer){w->from->source, w->score, w->family, i, 0};
		answers[a].names++;
	}
	for (size_t a = 0; a < n; a++) {
		int support = 0;
		unsigned families = answers[a].family;

		for (size_t i = 0; i < c->n; i++) {
			if (c->w[i].score <= 0 || families & c->w[i].family)
				continue;
			if (same_name(c->w[i].key, c->w[answers[a].first].key)) {
				families |= c->w[i].family;
				support += 8;
			}
		}
		answers[a].score += support;
		if (!best || answers[a].score > best->score)
			best = &answers[a];
	}
	if (!best)
		return;
	/* who put the page into the system, by a login, is not who signs it */
	if (best->names == 1 && is_login(c->w[best->first].value))
		for (size_t a = 0; a < n; a++)
			if (is_byline(c, &answers[a]) &&
			    (!is_byline(c, best) || answers[a].score > best->score))
				best = &answers[a];
	for (size_t a = 0; a < n; a++)
		if (c->w[answers[a].first].score >= DECLARED && names_more(c, &answers[a], best))
			best = &answers[a];
	c->ret->authors = ARENA_NEW_ARRAY(c->arena, struct span, AUTHORS_MAX);
	if (!c->ret->authors)
		return;

	int score = c->w[best->first].score;

	for (size_t i = best->first; i < c->n && c->ret->author_count < AUTHORS_MAX; i++) {
		bool known = false;

		if (!span_eq(c->w[i].from->source, best->source) || c->w[i].score != score)
			continue;
		for (size_t k = 0; k < c->ret->author_count; k++)
			known |= span_eq(squash(c->ret->authors[k], c->arena), c->w[i].key);
		if (known)
			continue;
		c->ret->authors[c->ret->author_count++] = written_out(c, &c->w[i]);
		c->w[i].from->lost = NULL;
	}
	c->ret->chosen[FIELD_AUTHOR] = c->w[best->first].from;
}
