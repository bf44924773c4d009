/* SPDX-License-Identifier: MIT */
/* opml.h - lists of feeds as other programs keep them: OPML 2.0, and 1.x as it is met.
 *
 * An outline with an xmlUrl is a feed, wherever it stands; outlines around it without one are its folders, in
 * "News/Technology" outermost first. No entity, DTD or include is followed. Pure. */
#ifndef INGESTD_FEED_OPML_H
#define INGESTD_FEED_OPML_H

#include "base/arena.h"
#include "base/strbuf.h"

enum {
	OPML_BYTES = 16 * 1024 * 1024,
	OPML_FEEDS = 100 * 1000,
	OPML_DEPTH = 64, /* outlines within outlines; deeper ones are left out */
};

struct opml_feed {
	struct span url;    /* normal form (url.h), http or https */
	struct span title;  /* plain text; SPAN_NONE when there is none */
	struct span folder; /* SPAN_NONE: at the top; without one, the first of its `category` attribute */
	struct span site;   /* htmlUrl; SPAN_NONE */
};

struct opml {
	struct opml_feed *feeds; /* each URL once, the first wins; in the file's order */
	size_t count;
	size_t skipped; /* outlines with an xmlUrl that cannot be used: no http, too long, twice */
	bool damaged;   /* not well formed: what could be read is there */
};

/* All in the arena. ERR_SYNTAX: no OPML (e has the place), ERR_TOOBIG, ERR_NOMEM. */
CHECKED enum err opml_read(struct span text, struct arena *arena, struct opml **ret, struct error *e);

/* Appends an OPML 2.0 document; feeds of one folder need not stand together. */
CHECKED enum err opml_write(const struct opml_feed *feeds, size_t count, struct strbuf *out);

#endif
