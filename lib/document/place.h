/* SPDX-License-Identifier: MIT */
/* place.h - where in the text a key is put, and what its removal takes along. Inside lib/document. */
#ifndef INGESTD_DOCUMENT_PLACE_H
#define INGESTD_DOCUMENT_PLACE_H

#include "document/frontmatter.h"

/* A new member of a mapping: at becomes before + "key: value" + after. */
struct place {
	size_t at, col; /* col: of the key, from 0 */
	bool flow;
	struct strbuf before, after;
};

#define PLACE_INIT ((struct place){0, 0, false, STRBUF_INIT(FRONTMATTER_MAX), STRBUF_INIT(FRONTMATTER_MAX)})
void place_release(struct place *p);

/* map NULL: the root, where there is none yet. block: the value takes lines of its own. */
CHECKED enum err place_find(const struct frontmatter *fm, const struct node *map, struct span key, bool block,
			    const struct key_order *order, struct place *ret);

/* Where the line of `at` begins; where the one after it does. Not outside the fences. */
size_t place_line(const struct frontmatter *fm, size_t at);
size_t place_next_line(const struct frontmatter *fm, size_t at);
bool place_is_blank_line(const struct frontmatter *fm, size_t begin);
/* n or one around it is written between brackets. */
bool place_in_flow(const struct node *n);

#endif
