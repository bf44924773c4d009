/* SPDX-License-Identifier: MIT */
/* commands.h - what main() chooses among; each returns an exit code of options.h. */
#ifndef INGESTD_DAEMON_COMMANDS_H
#define INGESTD_DAEMON_COMMANDS_H

#include <uv.h>

#include "config/config.h"
#include "document/shape.h"
#include "extract/extract.h"
#include "options.h"
#include "pass/roots.h"
#include "store/store.h"

int command_once(const struct options *options, const struct config *config, const struct shape *shape);
int command_serve(const struct options *options, const struct config *config, const struct shape *shape);
int command_extract(const struct options *options, const struct config *config, const struct shape *shape);
int command_explain(const struct options *options, const struct config *config, const struct shape *shape);
int command_check_config(const struct options *options, const struct config *config);
int command_images(const struct options *options, const struct config *config);
int command_state(const struct options *options, const struct config *config);
int command_status(const struct options *options, const struct config *config, const struct shape *shape);
int command_feeds(const struct options *options, const struct config *config, const struct shape *shape);
int command_feed_why(const struct options *options, const struct config *config, const struct shape *shape);
int command_feed(const struct options *options, const struct config *config, const struct shape *shape);
int command_undo(const struct options *options, const struct config *config, const struct shape *shape);

/* Seconds since 1970. */
int64_t clock_now(void);

/* Every candidate of every field, its source, score and why it lost, on standard output; after
 * extract_choose(). */
void explain_page(const struct page *page);

/* ---- what commands that use the state share ---- */

/* confine.h for what these work on, if the configuration says so. Before there is a thread; what else has to
 * be opened is open. 0, or the exit code to end with, which has been told. */
CHECKED int confine_command(const struct options *options, const struct config *config,
			    const struct roots *roots);

struct metrics;

/* The state on a loop: opened, its callbacks run as they come. */
struct session {
	uv_loop_t *loop;
	struct store *store;
	uv_async_t wake;
	const struct options *options;
	bool full;               /* no space for the state, which has been told */
	struct metrics *metrics; /* gets the time of transactions, when set after opening */
};

/* 0, or the exit code to end with; then the reason has been told. The async handle keeps the loop alive until
 * session_end(). */
CHECKED int session_open(struct session *s, uv_loop_t *loop, const struct options *options,
			 const struct config *config);
/* The same, but that another process holds the state is not told: *held gets why. */
CHECKED int session_try(struct session *s, uv_loop_t *loop, const struct options *options,
			const struct config *config, struct error *held);
/* Queues what ends the session: flushes, then lets the loop run dry. *result gets how the last write went. */
void session_end(struct session *s, enum err *result);
/* After the loop has run dry. */
void session_close(struct session *s);

/* "ingestd: TEXT" on standard error; returns code. */
int fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
