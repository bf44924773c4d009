/* SPDX-License-Identifier: MIT */
/* squash.h - texts made comparable at little cost.
 *
 * text_alike() of lib/base is the exact comparison (Unicode case folding, NFC); this one serves where
 * hundreds of pairs are compared: letters and digits only, case folded for the Latin, Greek and Cyrillic
 * letters of two bytes, punctuation of ASCII, Latin-1 and U+2000..206F gone. */
#ifndef INGESTD_EXTRACT_SQUASH_H
#define INGESTD_EXTRACT_SQUASH_H

#include "base/arena.h"

/* In the arena; SPAN_NONE without memory. */
struct span squash(struct span s, struct arena *arena);

/* Where `phrase` (as people write it, in lower case) stands in a squashed text, or -1; *end (may be NULL)
 * gets where it ends. */
ptrdiff_t squash_find(struct span squashed, const char *phrase, size_t *end);

/* Which pairs of bytes a text holds, so that most of many phrases need no search. */
struct pairs {
	unsigned char bits[65536 / 8];
};
void pairs_add(struct pairs *p, struct span squashed);
/* False: the phrase is in none of the texts that were added. */
bool pairs_may_hold(const struct pairs *p, const char *phrase);

#endif
