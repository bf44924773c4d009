/* SPDX-License-Identifier: MIT */
/* freshness.h - how long an answer holds, and how to ask whether it still does (RFC 9111, RFC 9110).
 *
 * The rules of a private cache. Pure; times are seconds since 1970. */
#ifndef INGESTD_HTTP_FRESHNESS_H
#define INGESTD_HTTP_FRESHNESS_H

#include "base/error.h"
#include "base/span.h"

enum {
	FRESHNESS_HEURISTIC_MAX =
		24 * 3600,              /* of an answer that says nothing but when it was last modified */
	FRESHNESS_VALIDATOR_MAX = 4096, /* bytes; a longer validator is none */
};

struct freshness_field {
	struct span name, value;
};

struct freshness {
	/* As said by Cache-Control or Expires, less the Age; may lie in the past. 0: nothing was said, or
	 * nothing that can be read. */
	int64_t fresh_until;
	int64_t heuristic_until; /* when nothing was said: by Last-Modified. 0: none */
	/* To be sent back byte for byte as If-None-Match and If-Modified-Since; SPAN_NONE: none. Into the
	 * fields. */
	struct span etag, last_modified;
	bool no_store, no_cache;
};

enum freshness_action {
	FRESHNESS_REUSE,    /* need not be asked for */
	FRESHNESS_VALIDATE, /* ask with the validators */
	FRESHNESS_FETCH,    /* ask without */
};

/* Of the answer with this status and these fields, received then. Of fields that should be there once the
 * first counts. */
void freshness_read(unsigned status, const struct freshness_field *fields, size_t count, int64_t received,
		    struct freshness *ret);
enum freshness_action freshness_decide(const struct freshness *f, int64_t now);

#endif
