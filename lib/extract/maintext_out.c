/* SPDX-License-Identifier: MIT */
/* What stands beside the article: containers go whole. */
#include "extract/maintext_inner.h"

static bool is_list(enum tag tag)
{
	return tag == TAG_UL || tag == TAG_OL || tag == TAG_DL || tag == TAG_TABLE || tag == TAG_MENU;
}

static bool reads_as_text(const struct container *c)
{
	return c->good >= (c->node->tag == TAG_P ? 60 : 250) && c->link_size < c->size * 0.25f;
}

/* Whether a container is something beside the article; `total`: the page's good text; `main`: that of the
 * largest <article> or <main> which the container is no part of and holds no part of. */
static bool is_out(const struct container *c, float total, float main, enum effort effort, bool holds)
{
	enum tag tag = (enum tag)c->node->tag;
	float share = total > 0 ? c->good / total : 0;

	if (effort == LENIENT)
		return (tag == TAG_NAV || tag == TAG_FOOTER || c->words & WORD_COMMENT) && share < 0.5f;
	/* <article class=has-comments>: no single comment is most of the page */
	if (c->words & WORD_COMMENT &&
	    (share < 0.5f || (total - c->good > ELSEWHERE && tag != TAG_ARTICLE && tag != TAG_MAIN)))
		return true;
	if (c->aside && share < (tag == TAG_FORM ? 0.3f : 0.6f))
		return true;
	/* a consent layer may be longer than the article */
	if (c->aside && tag != TAG_FORM && tag != TAG_FIGURE && share < 0.9f && total - c->good > ELSEWHERE)
		return true;
	/* so may what a script shows later: a copy for machines, the text of every button */
	if ((c->words & WORD_OUT || c->hidden) && share < 0.9f && main > ELSEWHERE)
		return true;
	/* a paragraph says more for itself than its name against it */
	if (c->words & WORD_OUT && share < 0.5f && !holds && (tag != TAG_P || c->size < 150))
		return true;
	if ((c->words & (WORD_WEAK | WORD_PART) || c->hidden) && share < 0.5f && !reads_as_text(c))
		return true;
	if (c->words & WORD_META && c->size < (c->words & WORD_AUTHOR ? 1000 : 300) && share < 0.2f)
		return true;
	if (c->size > 0 && c->link_size > c->size * (is_list(tag) ? 0.6f : 0.75f) && c->last - c->first > 2 &&
	    (is_list(tag) || c->good < 30))
		return true;
	return false;
}

enum { CARD_MAX = 350 };
enum { NEAR_TITLE = 4 }; /* blocks: byline and date may stand between */

/* What stands right below the page's title, in sentences and without a link, introduces the article, though
 * it be named a teaser: in lists of articles the same box shows it alone. */
static bool introduces(const struct blocks *b, const struct container *c)
{
	bool titled = false;

	if (c->words & (WORD_OUT | WORD_COMMENT) || c->aside || c->hidden || c->link_size > 0 ||
	    c->size < 60 || c->last - c->first > 3 || !b->blocks[c->first].sentences)
		return false;
	for (uint32_t i = c->first, n = 0; i-- > 0 && n < NEAR_TITLE && !titled; n++)
		titled = b->blocks[i].level == 1 && !b->blocks[i].link_size;
	return titled;
}

/* A picture and little else: what words there are tell of the picture. */
static bool shows_picture(const struct container *c)
{
	unsigned count = 0;

	if (c->size > 400)
		return false;
	for (const struct node *n = c->node; n && count < 48; n = node_next(n, c->node), count++)
		if (n->tag == TAG_IMG || n->tag == TAG_PICTURE)
			return true;
	return false;
}

/* The box of a picture and of what is said of it. One with a heading is a part of the article. */
static bool is_pictures(const struct blocks *b, const struct container *c, float total)
{
	if (!(c->words & WORD_PICTURE) || c->good > total * 0.2f || !shows_picture(c))
		return false;
	for (uint32_t i = c->first; i < c->last; i++)
		if (b->blocks[i].level)
			return false;
	return true;
}

/* Page builders name every part of a page so, the article's too: then the name says nothing. */
static void disbelieve_parts(struct blocks *b)
{
	float sum = 0;

	for (uint32_t i = 1; i < b->container_count;) {
		const struct container *c = &b->containers[i];
		bool part = c->words & WORD_PART && !(c->words & (WORD_OUT | WORD_COMMENT));

		sum += part ? c->good : 0;
		i = part ? c->end : i + 1;
	}
	if (sum > b->containers[0].good * 0.5f)
		for (size_t i = 1; i < b->container_count; i++)
			if (b->containers[i].words & WORD_PART && !shows_picture(&b->containers[i]))
				b->containers[i].words &= ~(unsigned)WORD_PART;
}

/* A list that the paragraph before it announces: "Many patches were sent:". */
static bool is_announced(const struct blocks *b, const struct container *c)
{
	const struct block *before;

	if (!c->first || !is_list((enum tag)c->node->tag))
		return false;
	before = &b->blocks[c->first - 1];
	return before->kind == BLOCK_PARAGRAPH && before->size >= 20 &&
	       before->text.ptr[before->text.len - 1] == ':' && !(c->words & (WORD_OUT | WORD_COMMENT)) &&
	       !vocabulary_heads_other(before->text) && !vocabulary_points_elsewhere(before->text);
}

static bool is_main(const struct container *c)
{
	return c->node->tag == TAG_ARTICLE || c->node->tag == TAG_MAIN || c->words & WORD_BODY;
}

enum { MAINS_MAX = 8 };

struct mains {
	uint32_t at[MAINS_MAX]; /* the page's first <article> and <main> elements with text enough */
	size_t n;
};

static void find_mains(const struct blocks *b, struct mains *m)
{
	m->n = 0;
	for (uint32_t i = 1; i < b->container_count && m->n < MAINS_MAX; i++)
		if (is_main(&b->containers[i]) && b->containers[i].good > ELSEWHERE)
			m->at[m->n++] = i;
}

/* Whether one of them, or the box that is named as the text, lies in a container. */
static bool holds_main(const struct mains *m, uint32_t at, uint32_t end)
{
	for (size_t k = 0; k < m->n; k++)
		if (m->at[k] > at && m->at[k] < end)
			return true;
	return false;
}

/* The good text of the largest of them beside a container. */
static float main_beside(const struct blocks *b, const struct mains *m, uint32_t at)
{
	float most = 0;

	for (size_t k = 0; k < m->n; k++) {
		uint32_t i = m->at[k];

		if ((i >= b->containers[at].end || b->containers[i].end <= at) &&
		    b->containers[i].good > most)
			most = b->containers[i].good;
	}
	return most;
}

/* Several articles in one box. */
static bool is_series(const struct blocks *b, uint32_t at)
{
	unsigned n = 0;

	for (uint32_t i = at + 1; i < b->containers[at].end;) {
		bool article = b->containers[i].node->tag == TAG_ARTICLE;

		n += article;
		i = article ? b->containers[i].end : i + 1;
	}
	return n > 1;
}

/* A card that leads to another article: <article><h3><a href>Its title</a></h3>A line of it</article>. */
static bool is_card(const struct blocks *b, const struct container *c)
{
	if (c->node->tag != TAG_ARTICLE || c->size > CARD_MAX)
		return false;
	for (uint32_t i = c->first; i < c->last; i++)
		if (b->blocks[i].level)
			return b->blocks[i].level > 1 && b->blocks[i].link_size == b->blocks[i].size;
	return false;
}

void blocks_leave_out(struct blocks *b, enum effort effort)
{
	float total = b->containers[0].good;
	struct mains mains;

	disbelieve_parts(b);
	find_mains(b, &mains);
	/* what readers wrote is no measure of the article */
	for (uint32_t i = 1; i < b->container_count && effort == STRICT;) {
		const struct container *c = &b->containers[i];
		bool comments = c->words & WORD_COMMENT && is_out(c, b->containers[0].good, 0, effort, false);

		total -= comments ? c->good : 0;
		b->containers[i].out = comments;
		i = comments ? c->end : i + 1;
	}
	for (size_t i = 1; i < b->container_count; i++) {
		struct container *c = &b->containers[i];

		c->announced = b->containers[c->parent].announced || is_announced(b, c);
		if (c->announced) {
			c->out |= b->containers[c->parent].out;
			continue;
		}
		/* "related": other articles, though they say more of themselves than this one does */
		if (effort == STRICT && c->words & WORD_OUT && !b->containers[c->parent].out &&
		    c->good >= total * 0.5f && total - c->good > ELSEWHERE && is_series(b, (uint32_t)i))
			c->out = true;
		if (c->words & WORD_WEAK && c->last > c->first && introduces(b, c))
			c->words &= ~(unsigned)WORD_WEAK;
		c->out |= b->containers[c->parent].out ||
			  (effort == STRICT && (is_pictures(b, c, total) || is_card(b, c))) ||
			  is_out(c, total,
				 (c->words & WORD_OUT || c->hidden) && c->good >= total * 0.3f
					 ? main_beside(b, &mains, (uint32_t)i)
					 : 0,
				 effort, holds_main(&mains, (uint32_t)i, c->end));
	}
}
