/* SPDX-License-Identifier: MIT */
/* maintext.h - the article's own text.
 *
 * The page is read once into blocks (runs of text between block borders) within containers. Containers that
 * their tag, role or class names say to be something else (navigation, comments, teasers, share bars,
 * captions, consent layers, paywall prompts) go, unless most of the page's sentences stand in them. The
 * container that holds the sentences is found from the top down; of it and its surroundings the blocks stay
 * that read as text, from the title on. No rule knows a host or a publisher. */
#ifndef INGESTD_EXTRACT_MAINTEXT_H
#define INGESTD_EXTRACT_MAINTEXT_H

#include "extract/tree.h"

enum {
	LEAD_MIN = 80, /* characters of the first good paragraph */
};

struct maintext {
	struct span text; /* paragraphs parted by one LF, white space folded; empty when there is none */
	/* the first paragraph that has LEAD_MIN characters and ends a sentence, below a short standfirst
	 * where there is such a one; SPAN_NONE */
	struct span lead;
};

/* In the arena. ERR_NOMEM, ERR_TOOBIG: the arena's. */
CHECKED enum err maintext_find(const struct tree *tree, struct arena *arena, struct maintext *ret);

#endif
