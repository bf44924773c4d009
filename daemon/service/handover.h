/* SPDX-License-Identifier: MIT */
/* handover.h - a command beside a running service with the same state: the service does it.
 *
 * A Unix socket in the state folder, "service.sock". The client sends one line of JSON:
 *
 *     {"do": "once" | "undo" | "forget", "what": [...], "dry_run", "force", "diff", "colour": true | false,
 *      "only", "host": TEXT | null, "run": N}
 *
 * what: absolute paths inside the service's content, none for all of it; to forget, names as act.h takes
 * them. The service answers with a line for each document as it is done with it, {"event": "document",
 * "root", "path", "changes", "diff", "put_off", "next", "error", ...}, one for each {"event": "problem", ...}
 * as reports have them, and at the end {"event": "done", "documents", "changed", ...}; or with {"event":
 * "refused", "text"}. The client tells it as if it had done the work itself. Only the user that the service
 * runs as, and root, are heard. A service that does not know what it is asked for refuses: it never does
 * something else. {"do": "status", "what": [], "json": true | false} is answered by {"event": "status",
 * "status": TEXT} alone (status_command.h). */
#ifndef INGESTD_DAEMON_HANDOVER_H
#define INGESTD_DAEMON_HANDOVER_H

#include "commands.h"
#include "report/report.h"

enum {
	HANDOVER_LINE_MAX = 4 * 1024 * 1024,    /* bytes of a request */
	HANDOVER_ANSWER_MAX = 64 * 1024 * 1024, /* of a line of the answer, which may hold a diff */
};

#define HANDOVER_SOCKET "service.sock"

/* A name for bind(2) and connect(2) however long the folder's is: through dir, open on it. buf: at least 64
 * bytes. */
const char *handover_address(int dir, char buf[64]);
/* A blocking socket to the service of the state in that folder, to be closed by the caller; -1 when none
 * listens. */
int handover_connect(const char *folder);

struct handover_request {
	const char *what;  /* "once", "undo", "forget" */
	char *const *args; /* paths or names as typed, which are made absolute where there is such a file */
	size_t arg_count;
	struct report
		*report;  /* told of documents and problems, and finished; NULL: nothing but counts come */
	unsigned wait_ms; /* for another run to end */
	bool *held;       /* gets whether somebody else has the state; NULL: nobody asks */
};

/* As session_open(); or, when a service has the state, lets it do the work. True: *code is what to exit with,
 * and there is no session. */
bool handover_or_open(struct session *session, const struct options *options, const struct config *config,
		      const struct handover_request *request, int *code);

#endif
