/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "extract/phrases.h"
#include "extract/refusals.h"
#include "extract/squash.h"
#include "extract/verdict_inner.h"

/* 2: the title is the phrase; 1: it is little more, the phrase begins or ends it and fills most; 0: no. */
static int is_title(struct span title, const char *phrase)
{
	size_t end, len = 0;
	ptrdiff_t at;

	for (const char *p = phrase; *p; p++)
		len += *p != ' ';
	if (title.len < len || title.len > len * 6 + 24)
		return 0;
	at = squash_find(title, phrase, &end);
	if (at < 0)
		return 0;
	if (title.len == len)
		return 2;
	/* "404" or "stop" amid other letters and digits is another word */
	if (len < 5)
		return 0;
	if (len < 8)
		return title.len <= len + 16 && (at == 0 || end == title.len);
	return title.len <= len * 3 + 8 && (at == 0 || end == title.len || title.len <= len * 2);
}

/* Whether a part of a title says by itself that there is nothing. */
static bool part_refuses(struct span part)
{
	size_t which;

	for (size_t i = 0; i < phrase_count; i++)
		if (phrases[i].weight > 1 && part.len <= 2 * strlen(phrases[i].text) &&
		    is_title(part, phrases[i].text))
			return true;
	return refusal_in(&part, 1, &which).len > 0;
}

enum { REST_MIN = 20 }; /* squashed bytes of a headline's second half in which a refusal is an aside */

/* A headline goes on behind a refusal: "Page not found: a short history of errors". What refuses goes on with
 * another refusal at most: "404: page not found". */
static bool goes_on(const struct court *c, size_t t, size_t end)
{
	const struct page_look *l = &c->look;

	for (size_t u = 0; u < l->title_count; u++)
		if (l->rest_from[u] == t && l->titles[t].len > REST_MIN && !part_refuses(l->titles[t]))
			return true;
	for (size_t u = 0; u < l->title_count; u++) {
		struct span rest = l->titles[l->rest_from[u]];

		if (l->rest_from[u] && end <= l->titles[u].len && span_starts(l->titles[t], l->titles[u]) &&
		    !span_eq(rest, l->site) && !part_refuses(rest))
			return true;
	}
	return false;
}

bool is_long(const struct page_look *l)
{
	return l->mass >= BARE && l->together >= 4 && (l->mass * 2 > l->prose || l->main_text >= 4 * BARE);
}

enum { HIT_HEADING = -1 };

/* On a page of many words a heading may be a box's; its <title> is the page's. */
static int title_hit(const struct court *c, size_t t, const char *phrase)
{
	int hit = is_title(c->look.titles[t], phrase);
	size_t end;

	if (!hit)
		return 0;
	if ((c->look.heading_from[t] && c->look.visible > 2 * BARE) ||
	    (squash_find(c->look.titles[t], phrase, &end) >= 0 && goes_on(c, t, end)))
		return HIT_HEADING;
	return hit;
}

bool is_told(const struct page_look *l)
{
	return l->together >= 3 && l->mass >= 300 && l->title_agrees;
}

static void judge_phrases(struct court *c)
{
	bool bare = c->look.visible < BARE;
	bool told = is_told(&c->look); /* of refusals too, maybe */
	bool long_text = is_long(&c->look);
	struct span text = bare ? c->look.text : c->look.heading;
	struct pairs in_titles = {{0}}, in_text = {{0}};

	for (size_t t = 0; t < c->look.title_count; t++)
		pairs_add(&in_titles, c->look.titles[t]);
	pairs_add(&in_text, text);
	for (size_t i = 0; i < phrase_count; i++) {
		const struct phrase *p = &phrases[i];
		int hit = 0, one;

		if (p->where & IN_TITLE && (!long_text || p->verdict == VERDICT_LISTING) &&
		    pairs_may_hold(&in_titles, p->text))
			for (size_t t = 0; t < c->look.title_count; t++)
				if ((one = title_hit(c, t, p->text)) && (one > hit || !hit))
					hit = one;
		if (hit == HIT_HEADING)
			sign(c, p->verdict, OF_TITLE, 1, "a heading says", span_str(p->text));
		else if (hit) {
			c->look.title_refuses |=
				hit > 1 && p->weight > 2 && bare && p->verdict != VERDICT_LISTING;
			sign(c, p->verdict, OF_TITLE, p->weight + 2 * (hit > 1), "title or heading says",
			     span_str(p->text));
		} else if (p->where & IN_TEXT && (bare || strlen(p->text) > 12) &&
			   pairs_may_hold(&in_text, p->text) && squash_find(text, p->text, NULL) >= 0)
			sign(c, p->verdict, OF_TEXT, told ? 1 : p->weight,
			     bare ? "few words, among them" : "first words of the text", span_str(p->text));
	}
}

static void judge_refusals(struct court *c)
{
	const struct page_look *l = &c->look;
	struct span text = l->visible < BARE ? l->text : l->heading;
	size_t which;
	struct span found = refusal_in(l->titles, l->title_count, &which);

	/* most of the title, or of the part of it */
	if (found.len * 5 >= (found.len ? l->titles[which].len * 2 : 1))
		sign(c, VERDICT_SOFT_404, OF_TITLE,
		     (l->heading_from[which] && l->visible > 2 * BARE) ||
				     goes_on(c, which, (size_t)(found.ptr + found.len - l->titles[which].ptr))
			     ? 1
			     : 3,
		     "title or heading refuses", found);
	if (l->main_text > MESSAGE_MAX || is_told(l) || (l->visible >= BARE && text.len > MESSAGE_MAX / 2))
		return;
	found = refusal_in(&text, 1, &which);
	if (found.len)
		sign(c, VERDICT_SOFT_404, OF_TEXT, 3, "a short text that refuses", found);
}

void judge_words(struct court *c)
{
	judge_phrases(c);
	judge_refusals(c);
}
