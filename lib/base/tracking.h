/* SPDX-License-Identifier: MIT */
/* tracking.h - query parameters that only say where a reader came from: which go, which stay.
 *
 * The rules are data: tracking.rules, whose head says how they are written and where they come from. Those of
 * an operator go before them. */
#ifndef INGESTD_BASE_TRACKING_H
#define INGESTD_BASE_TRACKING_H

#include "base/arena.h"

struct tracking_rule {
	const char *scope; /* "*", "example.org", "shop.*", "example.org/path*" */
	const char *names; /* words between spaces */
};

struct tracking {
	const struct tracking_rule *rules;
	size_t count;
};

enum { TRACKING_WORD_MAX = 200 }; /* bytes of a scope or a name */

/* The URL without tracking parameters; every other byte stays, and the whole URL when there is nothing to
 * remove. more: the operator's rules, NULL for none. Borrowed from href when nothing is removed, and when the
 * arena is full. */
struct span url_clean(struct span href, const struct tracking *more, struct arena *arena);

/* May s stand as a scope, or as a name, perhaps behind a `-`? */
bool tracking_is_scope(struct span s);
bool tracking_is_name(struct span s);

#endif
