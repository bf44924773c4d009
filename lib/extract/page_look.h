/* SPDX-License-Identifier: MIT */
/* page_look.h - what can be counted on a page, for the verdict. */
#ifndef INGESTD_EXTRACT_PAGE_LOOK_H
#define INGESTD_EXTRACT_PAGE_LOOK_H

#include "extract/verdict.h"

enum known { KNOWN_NOTHING, KNOWN_SAME, KNOWN_LIKE, KNOWN_OTHER };

enum { LOOK_TITLES_MAX = 24, LOOK_TEXT_MAX = 12000, LOOK_TEXT_BARE = 6000 };

struct page_look {
	struct span titles[LOOK_TITLES_MAX]; /* squashed: titles, headings, and the parts of both */
	bool heading_from[LOOK_TITLES_MAX];  /* said by a heading, not by <title> or metadata */
	uint8_t rest_from[LOOK_TITLES_MAX]; /* the part that a headline goes on with after this one; 0 none */
	size_t title_count;
	struct span site;    /* its name as metadata say it, squashed; SPAN_NONE */
	struct span host;    /* of the final address; SPAN_NONE */
	struct span text;    /* squashed visible text of a page that has less than LOOK_TEXT_BARE bytes of it;
				else empty */
	struct span heading; /* squashed: what follows the first headings, on pages with more text */
	size_t visible;      /* bytes of text a reader sees */
	size_t link_bytes;   /* of it, in links */
	size_t prose;        /* in paragraphs of 80 bytes and more that are no links */
	size_t mass;         /* of it, the most under one parent: an article's paragraphs are siblings */
	size_t main_text;    /* of the article text */
	unsigned spread;     /* parents of such paragraphs: each teaser has its own */
	unsigned items;      /* rows of lists and tables that hold text, not links alone */
	unsigned together;   /* the most of them under one parent */
	unsigned headlines;  /* headings that are links or hold one */
	unsigned articles;   /* <article> elements */
	bool headed;         /* there is an <h1> or <h2> */
	bool headed_article; /* an <h1> stands in one */
	unsigned links, teasers, passwords, pictures, dir_rows;
	unsigned buttons, boxes; /* boxes to tick */
	unsigned posts;          /* texts under headings that lead elsewhere: page_rows.h */
	size_t teaser_bytes;     /* links that are headlines */
	bool refresh;            /* meta refresh that leads elsewhere */
	bool app_root;           /* an empty element that scripts fill */

	bool type_article, thing, has_author, title_agrees, deep_address;
	bool site_titled;   /* calls itself by its site's name, and has another heading */
	bool title_refuses; /* set by the verdict: its title is what pages say that have nothing */
	bool named;         /* a title or heading has the words of the address that was asked for */
	bool echoed;        /* it shows its own address, with few words behind that */
	bool hinted;        /* one has those of its last part, be it a single word */
	bool misnamed;      /* nothing on the page has them */
	int date_score;     /* of what the page says; its address says it to any page */
	enum known known;

	bool section_address; /* /topic/..., /category/..., /page/2 */
	bool redirected, final_home, requested_home, other_host, other_site, site_address;
	struct span final_tail; /* host's first labels, path and query of the final address, lower case as it
				   came */
};

/* Its text alone: the numbers from `text` to `app_root`. For page_look(). */
void page_look_text(struct page_look *ret, const struct tree *tree, struct arena *arena);

void page_look(const struct verdict_input *in, struct arena *arena, struct page_look *ret);

#endif
