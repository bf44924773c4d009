/* SPDX-License-Identifier: MIT */
/* page_rows.h - what repeats on a page, for the verdict. Inside the room only. */
#ifndef INGESTD_EXTRACT_PAGE_ROWS_H
#define INGESTD_EXTRACT_PAGE_ROWS_H

#include "extract/tree.h"

/* Texts of some length, each under a linked heading that is not the page's own; 0 where fewer than three, or
 * where one of them, or text under no such heading, is most of the page's. `host`: the page's; links to other
 * sites are a text's own. `own`: the page's titles, squashed: a
 * heading that says one of them is the page's own although it is a link. */
unsigned page_posts(const struct tree *tree, struct span host, const struct span *own, size_t own_count,
		    struct arena *arena);

/* The most siblings with one tag and class that each hold a link and some text, menus aside. */
unsigned page_rows(const struct tree *tree);

#endif
