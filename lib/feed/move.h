/* SPDX-License-Identifier: MIT */
/* move.h - has a feed, or a page, moved for good?
 *
 * A permanent redirect is a claim: captive portals and maintenance pages make it too. It is believed when it
 * was seen MOVE_TIMES times over MOVE_SECONDS at least, always to the same address, and each time that
 * address gave a feed with entries in common with what is known, or an article. Pure; times are seconds since
 * 1970. */
#ifndef INGESTD_FEED_MOVE_H
#define INGESTD_FEED_MOVE_H

#include "base/span.h"

enum { MOVE_TIMES = 3, MOVE_SECONDS = 3 * 24 * 3600 };

struct move_evidence {
	uint64_t target; /* hash of the address; 0: no claim */
	unsigned times;
	int64_t first_at, last_at;
};

struct move_seen {
	uint64_t target; /* of the answering address; 0: the feed's own address answered */
	bool permanent;  /* every hop said so (301, 308) */
	bool overlaps;   /* a feed came, or a 304 for what is known, and has entries in common with it */
	int64_t now;
};

/* After an answer that was a feed or unchanged; failures are not told. True: adopt the address. */
bool move_observe(struct move_evidence *m, const struct move_seen *seen);
/* There is enough of it. */
bool move_is_settled(const struct move_evidence *m);

#endif
