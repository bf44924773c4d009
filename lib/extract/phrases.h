/* SPDX-License-Identifier: MIT */
/* phrases.h - what pages that are no articles say, in the languages of the web.
 *
 * Rows of a table: a new language or a new kind of page is a row, not code. Phrases are lower case without
 * apostrophes and other punctuation, as squash.h compares them. */
#ifndef INGESTD_EXTRACT_PHRASES_H
#define INGESTD_EXTRACT_PHRASES_H

#include "extract/extract.h"

enum phrase_where {
	IN_TITLE = 1, /* a title or main heading that is little more than this */
	IN_TEXT = 2,  /* anywhere in a page of few words */
};

struct phrase {
	enum verdict verdict;
	unsigned where;
	int weight; /* 1: a hint, 2: a sign, 3: hardly anything else says so */
	const char *text;
};

extern const struct phrase phrases[];
extern const size_t phrase_count;

/* Bytes in a page's source or headers that belong to systems which stand between a reader and the page. */
struct marker {
	enum verdict verdict;
	int weight;
	const char *bytes, *what;
};

extern const struct marker markers[];
extern const size_t marker_count;

#endif
