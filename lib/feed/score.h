/* SPDX-License-Identifier: MIT */
/* score.h - `quality` and `heat` of a new document, where the configuration asks for them.
 *
 * quality, 0 to 100, is how complete the document is:
 *     30  the excerpt: all of it from 200 characters on, in proportion below
 *     25  the image: 10 for having one, 15 more when its size is known and at least 400 x 200
 *     20  the text that the feed gave: all from 2,000 characters on, in proportion below
 *     15  a date
 *     10  an author, named by the feed
 * heat is the quality of a document that is a day old or younger, and half as much for each week beyond; of
 * one without a date, the quality. Pure. */
#ifndef INGESTD_FEED_SCORE_H
#define INGESTD_FEED_SCORE_H

#include "base/strbuf.h"
#include "document/shape.h"
#include "feed/draft.h"

struct score_facts {
	size_t excerpt, text; /* characters */
	bool image, author, dated;
	unsigned width, height; /* of the image; 0 not known */
	int64_t age;            /* seconds; below 0: of the future, as good as new */
};

unsigned score_quality(const struct score_facts *f);
unsigned score_heat(const struct score_facts *f);

/* Appends text, the document that d has become, with the numbers where d.text has its marks for them. Without
 * marks the text is appended as it is. What document_parse() gives; ERR_NOMEM. */
CHECKED enum err score_fill(const struct draft *d, struct span text, const struct shape *shape, int64_t now,
			    struct strbuf *out, struct error *e);

#endif
