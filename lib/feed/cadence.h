/* SPDX-License-Identifier: MIT */
/* cadence.h - when a feed is asked again, and why then.
 *
 * The feed's own rhythm decides, between a floor and a ceiling; what the feed or its server say of their
 * wishes only lengthens the wait. A point up to an eighth later, derived from the address, spreads the feeds
 * over the hour; nothing ever comes early. Pure; times are seconds since 1970. */
#ifndef INGESTD_FEED_CADENCE_H
#define INGESTD_FEED_CADENCE_H

#include "feed/feed.h"

#define CADENCE_NEVER INT64_MAX
enum {
	CADENCE_HINT_MAX = 7 * 24 * 3600,  /* hints, freshness and Retry-After are cut to this */
	CADENCE_NO_VALIDATORS = 24 * 3600, /* the least wait for a server that cannot say "unchanged" */
	CADENCE_REFUSED = 4 * 3600,        /* the least wait after 401, 403, 429 and 503 */
	CADENCE_FADED = 7 * 24 * 3600,     /* the longest wait of a feed that keeps failing */
};

/* What a feed has shown of its rhythm; kept with its state, for a 304 shows nothing. */
struct cadence_rhythm {
	unsigned gap;      /* seconds between its items, the median of the newest; 0 not known */
	int64_t newest_at; /* of the newest item that is not ahead of its time; 0 not known */
};

/* From the dates of its items, in any order. Fewer than two dates: *r stays but for newest_at. */
void cadence_learn(struct cadence_rhythm *r, const struct feed *feed, int64_t now);

enum cadence_answer {
	CADENCE_ANSWERED, /* 200 or 304 */
	CADENCE_FAILED,   /* no feed came */
	CADENCE_GONE,     /* 410, or the feed says that it has expired */
};

struct cadence_input {
	int64_t now;
	uint64_t seed;           /* hash of the address */
	unsigned floor, ceiling; /* seconds */
	enum cadence_answer answer;
	unsigned status;   /* of a failure; 0: no answer at all */
	unsigned failures; /* in a row, this one included */
	bool validators;   /* the server gave some */
	struct cadence_rhythm rhythm;
	int64_t fresh_until; /* Cache-Control or Expires; 0 not said */
	int64_t retry_at;    /* Retry-After; 0 not said */
	unsigned ttl_minutes, period_seconds;
	uint32_t skip_hours;
	uint8_t skip_days;
};

struct cadence {
	int64_t at; /* CADENCE_NEVER: not again */
	char reason[120];
};

struct cadence cadence_next(const struct cadence_input *in);

#endif
