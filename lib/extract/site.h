/* SPDX-License-Identifier: MIT */
/* site.h - what a host puts on all its pages: a description, a picture, the end of every title. Said by
 * several different pages of one host it is the host's, not the page's, and names alone do not tell.
 *
 * Each page leaves marks: hashes of what may turn out to be the host's. Whoever keeps them over many pages
 * (the state: store/sites.h) counts by how many different pages each is shared, and gives those that are
 * shared back to the choice. A mark is the host's when at least `need` pages with as many different titles
 * bear it, or twice as many pages whatever their titles: one article under two addresses makes none. */
#ifndef INGESTD_EXTRACT_SITE_H
#define INGESTD_EXTRACT_SITE_H

#include "extract/extract.h"

enum {
	SITE_MARKS_MAX = 32, /* of one page */
	SITE_NEED_MAX = 4,
};

struct site_mark {
	uint64_t value; /* 63 bits of a hash of the field and what it says */
	unsigned need;  /* 2 to SITE_NEED_MAX */
};

/* One article's marks. */
struct site_view {
	struct span host; /* lower case, without "www."; of the final URL */
	uint64_t page,
		title; /* which page it is (its canonical address), and what it calls itself; 63 bits */
	struct site_mark marks[SITE_MARKS_MAX]; /* no value twice */
	size_t count;
};

/* The host whose defaults count for a page from this URL; SPAN_NONE for what is no URL. In the arena. */
struct span site_host(struct span url, struct arena *arena);

/* Works for pages whose verdict is article; any other has no marks. Writes `lost` into the page's candidates,
 * as extract_choose() does. ERR_NOMEM, ERR_TOOBIG: the arena. */
CHECKED enum err site_view(struct page *page, struct span final_url, struct arena *arena,
			   struct site_view *ret);

/* What a host's pages share: choose_options.site. */
struct site_defaults {
	uint64_t *values; /* sorted */
	size_t count;
};

/* Whether a value that stands in a document is one that the host's pages share, also where it was cut. The
 * arena is for what is compared. */
bool site_is_default(const struct site_defaults *d, enum field field, struct span value, struct arena *arena);

#endif
