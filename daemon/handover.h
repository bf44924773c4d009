/* SPDX-License-Identifier: MIT */
/* handover.h - `--once` beside a running service with the same state: the service does it.
 *
 * A Unix socket in the state folder, "service.sock". The client sends one line of JSON, {"paths": [...]},
 * absolute paths inside the service's content, none for all of it. The service answers with a line for each
 * document as it is done with it, {"event": "document", "root", "path", "fields", "open", "put_off", "error",
 * "url", "url_error"}, and at the end {"event": "done", "documents", "changed", ...}; or with {"event":
 * "refused", "text"}. Only the user that the service runs as, and root, are heard. */
#ifndef INGESTD_DAEMON_HANDOVER_H
#define INGESTD_DAEMON_HANDOVER_H

#include "config/config.h"
#include "options.h"

enum { HANDOVER_LINE_MAX = 4 * 1024 * 1024 }; /* bytes of a request */

#define HANDOVER_SOCKET "service.sock"

/* A name for bind(2) and connect(2) however long the folder's is: through dir, open on it. buf: at least 64
 * bytes. */
const char *handover_address(int dir, char buf[64]);

/* Asks the service that has its state in `folder`, and tells what it did. False: nobody answers there.
 * Otherwise *code is what to exit with. */
bool handover_try(const struct options *options, const char *folder, int *code);

#endif
