/* SPDX-License-Identifier: MIT */
/* merge.h - which candidate goes into which field, and when not to.
 *
 * Pure: (document, plan, what is known of its URLs) in, a patch out. Invariants 4 and 5 of DESIGN are kept
 * here: only an article changes a document; a value that a person wrote is never changed, save that a cut-off
 * excerpt may be lengthened when it begins the new one; what a page does not offer empties nothing. */
#ifndef INGESTD_MERGE_MERGE_H
#define INGESTD_MERGE_MERGE_H

#include "document/document.h"
#include "extract/extract.h"
#include "plan/plan.h"

/* What is known of a want's URL. */
struct known {
	struct page *page; /* NULL: no page (a failure, or not tried); choosing writes into its candidates */
	struct span final_url;            /* where it came from */
	bool moved;                       /* there for good, as there is evidence */
	const struct site_defaults *site; /* what pages of that host share; NULL: nothing */
};

struct merge_options {
	unsigned excerpt_min, excerpt_max; /* characters */
	int64_t now;
	const struct tracking *tracking; /* the operator's rules (base/tracking.h); NULL: none */
	bool moves;       /* a webUrl that ingestd wrote follows a page that has moved for good */
	bool site_images; /* a picture that is the host's is better than none */
};

struct merge_change {
	struct change change;
	struct span source; /* "og:description"; "tidy" */
	struct span from;   /* URL of the page; SPAN_NONE for tidy */
	size_t link;
};

struct patch {
	struct merge_change *changes;
	size_t change_count;
	unsigned unfilled; /* gaps of kind GAP_FILL that stay open */
};

/* known: one per want of the plan, in order. All in the arena or borrowed. */
CHECKED enum err merge_document(const struct document *doc, const struct plan *plan, struct known *known,
				const struct merge_options *options, struct arena *arena, struct patch **ret,
				struct error *e);

#endif
