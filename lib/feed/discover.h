/* SPDX-License-Identifier: MIT */
/* discover.h - which feeds a site offers: what its pages say, and where feeds usually lie. */
#ifndef INGESTD_FEED_DISCOVER_H
#define INGESTD_FEED_DISCOVER_H

#include "base/arena.h"

enum { DISCOVER_MAX = 32, DISCOVER_USUAL_MAX = 16 };

struct feed_offer {
	struct span url;   /* absolute, http or https; parse before you fetch */
	struct span type;  /* as declared; SPAN_NONE */
	struct span title; /* plain text; SPAN_NONE */
	bool comments;     /* of comments, by its name: nobody's first choice */
	bool guessed;      /* by a link's look or by custom only: may be no feed */
};

struct feed_offers {
	struct feed_offer *offers; /* declared ones first, in the page's order, comments behind them */
	size_t count;
};

/* From <link rel="alternate"> (also rel="feed") with a feed's type; where there is none, from <a href> that
 * look like feeds. html: as it came; base: the page's URL. In the arena, which html must outlive. ERR_NOMEM,
 * ERR_TOOBIG. */
CHECKED enum err feed_discover(struct span html, struct span content_type, struct span base,
			       struct arena *arena, struct feed_offers *ret);

/* Where feeds usually lie on the site of `url` (any page of it), the likeliest first: all guesses. */
CHECKED enum err feed_usual_places(struct span url, struct arena *arena, struct feed_offers *ret);

#endif
