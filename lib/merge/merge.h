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
#include "image/size.h"
#include "merge/logos.h"
#include "merge/organizations.h"
#include "plan/plan.h"

/* What is known of a want's URL. */
struct known {
	struct page *page; /* NULL: no page (a failure, or not tried); choosing writes into its candidates */
	struct span final_url;            /* where it came from */
	bool moved;                       /* there for good, as there is evidence */
	const struct site_defaults *site; /* what pages of that host share; NULL: nothing */
};

/* What is known of an image by its URL, from its own bytes. */
struct merge_image {
	struct span url; /* url_key() */
	enum merge_image_state {
		MERGE_IMAGE_GOOD,      /* type and size are known */
		MERGE_IMAGE_NONE,      /* there is no image, now and for long */
		MERGE_IMAGE_LATER,     /* cannot be told now: perhaps the next time */
		MERGE_IMAGE_FORBIDDEN, /* the site does not let it be asked for */
	} state;
	enum image_type type;
	unsigned width, height;
	bool copy_tried; /* a copy was asked for: what is not there now will not come in this run */
	struct span
		copy; /* URL of the local copy; empty: the cache has no URL; SPAN_NONE: there is no copy */
};

struct merge_options {
	unsigned excerpt_min, excerpt_max; /* characters */
	int64_t now;
	const struct tracking *tracking; /* the operator's rules (base/tracking.h); NULL: none */
	bool moves;       /* a webUrl that ingestd wrote follows a page that has moved for good */
	bool site_images; /* a picture that is the host's is better than none */
	/* Pictures are measured before they are written: false leaves it at what pages declare. */
	bool measure;
	bool copies, copies_local;        /* keep local copies; write their URLs */
	unsigned images_max;              /* of one link where its shape has a list; 0 is 1 */
	const struct merge_image *images; /* in any order */
	size_t image_count;
	const struct organizations *organizations; /* names and pictures of sites; NULL: none */
	const struct logos *logos; /* how the folder's documents show those pictures; NULL: not known */
};

/* An image that has to be measured, or copied, before the document can be merged. */
struct merge_image_want {
	struct span url;     /* url_key() */
	struct span referer; /* the article's URL; SPAN_NONE */
	bool copy;
};

struct merge_change {
	struct change change;
	struct span source; /* "og:description"; "tidy" */
	struct span from;   /* URL of the page; SPAN_NONE for tidy */
	size_t link;
	int score; /* of the candidate; 0: it was none */
};

struct patch {
	struct merge_change *changes;
	size_t change_count;
	unsigned unfilled;    /* gaps of kind GAP_FILL that stay open */
	unsigned missing;     /* their fields, as bits of enum field */
	size_t unfilled_want; /* the first of the plan that has one, where there are any */
	/* Not empty: the changes are not all; merge again when these are known. At most two for each want. */
	struct merge_image_want *image_wants;
	size_t image_want_count;
	unsigned images_later; /* pictures that were left out because nothing could be told of them now */
};

/* known: one per want of the plan, in order. All in the arena or borrowed. */
CHECKED enum err merge_document(const struct document *doc, const struct plan *plan, struct known *known,
				const struct merge_options *options, struct arena *arena, struct patch **ret,
				struct error *e);

/* One more picture, for who has it from elsewhere (a feed): ret->url in, measured out. False: it is none, or
 * not known yet; then the patch may want it (room for one is there). */
CHECKED bool merge_measure_image(const struct merge_options *options, struct patch *patch,
				 struct arena *arena, struct span referer, struct image *ret);

#endif
