/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "extract/choose_inner.h"
#include "extract/collect.h"

static const char lost_site[] = "the site's name", lost_title[] = "the title";
enum { AUTHORS_MAX = 16, SOURCES_MAX = 24 };

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
			/* a site may bear its author's name */
			w->score -=
				span_find_byte(w->value, ' ') > 0 && collect_looks_like_name(w->value, false)
					? 25
					: 45;
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
		c->ret->authors[c->ret->author_count++] = c->w[i].value;
		c->w[i].from->lost = NULL;
	}
	c->ret->chosen[FIELD_AUTHOR] = c->w[best->first].from;
}
