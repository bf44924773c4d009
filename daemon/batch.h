/* SPDX-License-Identifier: MIT */
/* batch.h - `extract --batch`: JSON Lines in, JSON Lines out, in the same order, on all cores. */
#ifndef INGESTD_DAEMON_BATCH_H
#define INGESTD_DAEMON_BATCH_H

#include "base/strbuf.h"
#include "config/config.h"
#include "options.h"

/* Characters of an excerpt that `extract` prints: what the page says, not what would be written of it; the
 * configured lengths are for documents. */
enum { EXTRACT_EXCERPT_MAX = 5000 };

/* Reads standard input to its end. Returns an exit code. */
int batch_run(const struct options *options, const struct config *config);

/* The whole of a regular file, up to the buffer's ceiling; what lies past it is left out, as of a page from
 * the network. */
CHECKED enum err batch_read_file(const char *path, struct strbuf *out, struct error *e);

#endif
