/* SPDX-License-Identifier: MIT */
/* batch.h - `extract --batch`, `feed --batch`: JSON Lines in, JSON Lines out, in the same order, on all
 * cores.
 */
#ifndef INGESTD_DAEMON_BATCH_H
#define INGESTD_DAEMON_BATCH_H

#include <jansson.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "options.h"

/* Characters of an excerpt that `extract` prints: what the page says, not what would be written of it; the
 * configured lengths are for documents. */
enum { EXTRACT_EXCERPT_MAX = 5000 };

struct batch_context {
	const struct config *config;
	int64_t now;    /* seconds since 1970 */
	unsigned parts; /* what answers about pages hold (extract/head.h) */
};

/* What is done with each line. */
struct batch_kind {
	/* Appends the answer, one line without its end, to out. On failure e says why. On any thread. */
	enum err (*answer)(const struct batch_context *c, const json_t *request, struct arena *arena,
			   struct strbuf *body, struct strbuf *out, struct error *e);
	size_t body_max, arena_max, answer_max; /* bytes; 0: a page's */
};
/* Pages: what `extract` prints. */
extern const struct batch_kind batch_pages;

/* Reads standard input to its end. Returns an exit code. */
int batch_run(const struct options *options, const struct config *config, const struct batch_kind *kind);

/* The whole of a regular file, up to the buffer's ceiling; what lies past it is left out, as of a page from
 * the network. */
CHECKED enum err batch_read_file(const char *path, struct strbuf *out, struct error *e);

#endif
