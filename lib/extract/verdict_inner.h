/* SPDX-License-Identifier: MIT */
/* verdict_inner.h - the signs for and against each verdict, as the parts of the verdict gather them. */
#ifndef INGESTD_EXTRACT_VERDICT_INNER_H
#define INGESTD_EXTRACT_VERDICT_INNER_H

#include "extract/page_look.h"
#include "extract/verdict.h"

enum {
	SIGNS_MAX = 24,
	KINDS_MAX = 32,    /* bits of enum kind, and of the article's signs */
	MESSAGE_MAX = 500, /* bytes of main text that a message is not longer than */
	BARE = 1500,       /* bytes of visible text under which a page is of few words */
};

struct sign {
	enum verdict verdict;
	int weight;
	const char *text;
	struct span subject; /* shown after the text; SPAN_NONE */
};

struct court {
	const struct verdict_input *in;
	struct arena *arena;
	struct page_look look;
	struct sign signs[SIGNS_MAX];
	size_t n;
	int sum[VERDICT_COUNT];
	unsigned kinds[VERDICT_COUNT];           /* bits of the kinds of signs, for independence */
	int strongest[VERDICT_COUNT][KINDS_MAX]; /* weight of the strongest sign of each kind */
};

/* Signs of one kind count as one: two phrases are not two witnesses. */
enum kind {
	OF_STATUS = 1,
	OF_HEADERS = 2,
	OF_TITLE = 4,
	OF_TEXT = 8,
	OF_MARKUP = 16,
	OF_SCRIPT = 32,
	OF_ADDRESS = 64,
	OF_KNOWN = 128
};

void sign(struct court *c, enum verdict v, enum kind kind, int weight, const char *text, struct span subject);

/* Several paragraphs that belong together, under a heading that is the page's title: something is told here.
 */
bool is_told(const struct page_look *l);

/* No refusal is as long as this; its title only sounds like one. */
bool is_long(const struct page_look *l);

/* What the page says: phrases of its titles and text, sentences that refuse, prices. Sets look.title_refuses.
 */
void judge_words(struct court *c);

#endif
