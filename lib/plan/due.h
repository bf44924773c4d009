/* SPDX-License-Identifier: MIT */
/* due.h - when a page that is known is asked for again, and how many an hour.
 *
 * Pure: the clock is passed in; seconds since 1970 unless said otherwise. */
#ifndef INGESTD_PLAN_DUE_H
#define INGESTD_PLAN_DUE_H

#include "base/base.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DUE_MIN = 6 * 3600,
	DUE_MAX = 365 * 24 * 3600,
	DUE_FRESH_MAX = 90 * 24 * 3600, /* a server's promise counts as far as this */
	DUE_AGE_UNKNOWN = 60 * 24 * 3600,
	DUE_DOUBLINGS = 5,
};

struct due_facts {
	int64_t now;         /* it has just been fetched */
	int64_t published;   /* as the page says; 0: unknown */
	int64_t fresh_until; /* as its server says; may be 0 or past */
	unsigned unchanged;  /* times in a row, this one included, that it was what it had been */
	uint64_t seed;       /* of the URL: spreads those that came together */
};

/* When the page is asked for again:
 *
 *     a quarter of the article's age, at least 6 hours     (unknown: as if 60 days old; in the future: new)
 *     twice that for each time in a row it was unchanged, up to 32 times
 *     not before its server's promise ends, at most 90 days
 *     at most a year, and up to an eighth more or less by the seed
 *
 * An article of today that never changes is looked at seven times in its first year, one that changed when it
 * was last looked at again when it is a quarter older. */
int64_t due_page(const struct due_facts *f);

/* Never: nobody set the clock, and what is older than this program cannot be the time. */
bool due_clock_is_wrong(int64_t now);

/* So many an hour, evenly: what was not used is lost but for a minute's worth. It begins empty, so that
 * starting again and again brings nothing. Times are of a clock that only runs forward, in ms. */
struct due_budget {
	uint64_t per_hour;
	uint64_t level; /* in 1 / 3,600,000 */
	int64_t at;
};

void due_budget_init(struct due_budget *b, unsigned per_hour, int64_t now_ms);
/* How many may go now. */
size_t due_budget_left(struct due_budget *b, int64_t now_ms);
void due_budget_take(struct due_budget *b, size_t count);
/* Milliseconds from now until there are so many (at most a minute's worth). */
int64_t due_budget_wait(struct due_budget *b, size_t count, int64_t now_ms);

#endif
