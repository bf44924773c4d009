/* SPDX-License-Identifier: MIT */
/* serve.h - `ingestd serve`: one pass that stays, and what feeds it.
 *
 *     STARTING --> READY <--> RELOADING
 *                    |            |
 *                    +-> STOPPING <-+
 *
 * A reload ends the pass in good order (what is fetched is written, what is not begun is found again) and
 * begins another with the new configuration; the state, the loop and what watches stay. Whatever else the
 * service does beside the pass is a part: a row in serve_parts.c. */
#ifndef INGESTD_DAEMON_SERVE_H
#define INGESTD_DAEMON_SERVE_H

#include "commands.h"
#include "pass/pass.h"

struct acts;
struct serve;

/* What a part may use: borrowed, valid from start() to stop(). */
struct serve_context {
	uv_loop_t *loop;
	const struct options *options;
	const struct config *config;
	const struct shape *shape;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	struct pass *pass; /* pass_add() and pass_sweep() */
	struct acts *acts; /* act.h */
	const struct roots *roots;
	struct measure *measure;
	const struct web_sockets *sockets; /* of the status server */
	struct viewer *viewer;             /* who reads the state for people (view_ask.h) */
};

/* All calls are made on the loop's thread. */
struct serve_part {
	const char *name; /* for people */
	/* Begins, at the start and after each reload. *part may stay NULL: nothing to do. A failure is told,
	 * and the service goes on without. */
	enum err (*start)(const struct serve_context *context, void **part, struct error *e);
	/* Nothing new from here on. The fetcher is stopped (callbacks came, deferred) before. Handles are to
	 * be closed now: the loop turns before free(). */
	void (*stop)(void *part);
	void (*free)(void *part);
};

/* The table, in the order of starting; ends with a row without a name. */
extern const struct serve_part serve_parts[];

#endif
