/* SPDX-License-Identifier: MIT */
/* feed_json.h - a feed as JSON: what `ingestd feed` prints. */
#ifndef INGESTD_FEED_FEED_JSON_H
#define INGESTD_FEED_FEED_JSON_H

#include "base/strbuf.h"
#include "feed/feed.h"

/* Appends one object without line ends, or with them (`indent`):
 *     {"format", "version", "feed": {...}, "entries": [{...}], "warnings": [{"line", "column", "text"}],
 * "cut"} Absent values are left out. `flush` takes what is ready, entry by entry, so that a large feed needs
 * no second copy of itself; NULL: all stays in out. ERR_TOOBIG past the buffer's ceiling, and what flush
 * gives. */
CHECKED enum err feed_to_json(const struct feed *f, struct span id, bool indent, struct strbuf *out,
			      enum err (*flush)(struct strbuf *out, void *arg), void *arg);

#endif
