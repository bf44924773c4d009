/* SPDX-License-Identifier: MIT */
/* sources_inner.h - what the files of sources share. */
#ifndef INGESTD_EXTRACT_SOURCES_INNER_H
#define INGESTD_EXTRACT_SOURCES_INNER_H

#include "extract/sources.h"
#include "extract/words.h"

struct gather {
	struct collector *c;
	const struct tree *tree;
	struct collector collector; /* c */
	struct jsonld_facts facts;
	struct jsonld_block blocks[JSONLD_BLOCKS_MAX];
	size_t block_count;
	struct gather_seen {
		const struct node *html, *meta, *link, *title, *base; /* the last ones */
		uint32_t html_size;
	} seen;                   /* by collect_head() */
	struct span lang;         /* <html lang>, for dates in figures */
	const struct node *title; /* the main heading; NULL */
	unsigned images;          /* of the text, so far */
	unsigned dates;           /* visible ones, so far */
	unsigned dated;           /* elements looked into for one */
	unsigned bylines;
	unsigned standfirsts;
	bool named;     /* the page states its site's name */
	unsigned slips; /* names of the site let slip, so far */
	char label;     /* the digit of the twitter:label that speaks of an author */
	struct words_cache words;
	struct span head_title; /* og:title or <title>, to know the main heading by */
	struct span page_title; /* <title> where there is an og:title too */
};

/* One name under which a page or a response states a field; a table of them is a kind of source. */
struct meta_row {
	const char *name;
	enum field field;
	enum normal normal;
	int score;
};
/* Without regard to case; "dc:" and "dcterms:" as "dc." and "dcterms.". NULL: none. */
const struct meta_row *gather_row(const struct meta_row *rows, size_t n, struct span name);
/* <meta> and <link> elements, and <title> (sources_head.c). */
void gather_meta(struct gather *g, const struct node *n);
/* Whether gather_meta() takes nothing from it, whatever it says: it is microdata of the body. */
bool gather_skips_meta(const struct node *n);
void gather_link(struct gather *g, const struct node *n);
void gather_title(struct gather *g);

/* Where the candidate stood; becomes its line when all are there. */
static inline unsigned gather_at(const struct node *n)
{
	return n->offset + 1;
}

/* Microdata, RDFa and h-entry on one element (sources_props.c). */
void gather_props(struct gather *g, const struct node *n);
/* Headings, <time>, bylines, dates and pictures that a reader sees (sources_visible.c). */
void gather_heading(struct gather *g);
void gather_visible(struct gather *g, const struct node *n);
void gather_text(struct gather *g, const struct node *n);
/* How near to the main heading: 0 far away .. 20 right at it. */
int gather_nearness(const struct gather *g, const struct node *n);
/* Bylines (sources_byline.c). own: words_of_node(n). rel: the link says rel=author. */
void gather_byline(struct gather *g, const struct node *n, unsigned own, bool rel);
bool gather_links_author(const struct node *n);
/* Of a bare text n; s: what it says, trimmed. */
void gather_text_byline(struct gather *g, const struct node *n, struct span s);
/* A name behind an icon of a person, beside a portrait. */
void gather_person_icon(struct gather *g, const struct node *n);
void gather_portrait(struct gather *g, const struct node *n);
/* What is named as the article's summary (sources_standfirst.c). own: words_of_node(n). */
void gather_standfirst(struct gather *g, const struct node *n, unsigned own);
/* The site's name, let slip (sources_site.c): by a <link> to a feed, an <img>, a text. */
void gather_feed_title(struct gather *g, const struct node *n);
void gather_logo(struct gather *g, const struct node *n);
void gather_copyright(struct gather *g, const struct node *n, struct span s);
/* Text of an element or its `content`, `datetime`, `title`: what microdata takes as its value. */
struct span gather_value(struct gather *g, const struct node *n, size_t max);
/* The best address of a picture (sources_images.c): lazy ones, then src, unless that only stands in for one;
 * then the widest of srcset, its own or the picture's. SPAN_NONE. */
struct span gather_image(const struct node *n);

#endif
