/* SPDX-License-Identifier: MIT */
/* verdict.h - what a fetched page is, and why.
 *
 * No single sign decides against an article that is plainly there, and no single sign makes one: signs are
 * counted for and against each verdict, each with a short text as evidence. A lie (an article's verdict for
 * what is none) is worse than a loss, so where too little speaks for an article the page is none. */
#ifndef INGESTD_EXTRACT_VERDICT_H
#define INGESTD_EXTRACT_VERDICT_H

#include "extract/jsonld.h"
#include "extract/tree.h"

struct verdict_input {
	const struct page_response *response;
	const struct tree *tree; /* NULL: no HTML */
	const struct jsonld_facts *jsonld;
	const struct candidate *candidates;
	size_t candidate_count;
	struct span lead, text; /* main text, as extract.h has it */
};

/* Sets page->verdict, evidence and evidence_count. */
void verdict_decide(const struct verdict_input *in, struct arena *arena, struct page *page);

#endif
