/* SPDX-License-Identifier: MIT */
/* slug.h - the part of an address that was made of a title.
 *
 * Most systems make an article's address of its first headline and keep it when that is reworded, for search
 * engines or for sharing: a witness that no other source copies from. Inside the room only. */
#ifndef INGESTD_EXTRACT_SLUG_H
#define INGESTD_EXTRACT_SLUG_H

#include "base/span.h"

enum { SLUG_MAX = 300 }; /* bytes of one that are read */

/* The segment of a path with the most hyphens or underscores, two at least; SPAN_NONE. Borrowed from path. */
struct span slug_of(struct span path);

/* How many words of a slug, of three bytes and more and not of digits alone, a text holds, without regard to
 * case; *words gets how many there are. Letters beyond ASCII agree only where the address has them too. */
unsigned slug_words_in(struct span slug, struct span text, unsigned *words);

/* The same of words of four letters and more, by their first five: endings, accents and how those are written
 * out differ. Words with digits are numbers' or keys'. */
unsigned slug_stems_in(struct span slug, struct span text, unsigned *words);

#endif
