/* SPDX-License-Identifier: MIT */
/* The standfirst: what editors write between the headline and the text to say what the article is about. It
 * is known by its place and by the name that its element has in the trade. */
#include "base/text.h"
#include "extract/sources_inner.h"

enum {
	STANDFIRST_MIN = 25,  /* characters */
	STANDFIRST_MAX = 500, /* the text itself from there on */
	STANDFIRSTS = 2,
	NEAR_ENOUGH = 10, /* of gather_nearness */
	NODES_MAX = 200,  /* within one, looked at */
};

/* The first paragraph within; n itself where there is none. */
static const struct node *first_paragraph(const struct node *n)
{
	unsigned seen = 0;

	for (const struct node *k = n; k && seen < NODES_MAX; k = node_next(k, n), seen++)
		if (k->tag == TAG_P)
			return k;
	return n;
}

static bool is_mostly_links(struct gather *g, const struct node *n, size_t len)
{
	size_t links = 0;
	unsigned seen = 0;

	for (const struct node *k = n; k && seen < NODES_MAX; k = node_next(k, n), seen++)
		if (k->tag == TAG_A)
			links += node_text(k, STANDFIRST_MAX, g->c->arena).len;
	return links * 2 > len;
}

void gather_standfirst(struct gather *g, const struct node *n, unsigned own)
{
	struct span text;

	if (!g->title || g->standfirsts >= STANDFIRSTS || n->offset < g->title->offset ||
	    own & (WORD_AUTHOR | WORD_DATE | WORD_META) || gather_nearness(g, n) < NEAR_ENOUGH ||
	    words_around(&g->words, n) & (WORD_ASIDE | WORD_COMMENT | WORD_AD | WORD_BIO) ||
	    node_up(n, TAG_FIGURE))
		return;
	n = first_paragraph(n);
	text = text_fold(node_text(n, 4 * STANDFIRST_MAX, g->c->arena), g->c->arena);
	if (text_length(text) < STANDFIRST_MIN || text_length(text) > STANDFIRST_MAX ||
	    is_mostly_links(g, n, text.len))
		return;
	g->standfirsts++;
	collect(g->c, FIELD_EXCERPT, NORMAL_TEXT, text, "standfirst", 64, gather_at(n));
}
