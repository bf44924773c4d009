/* SPDX-License-Identifier: MIT */
/* feeds.h - the feeds that the configuration names: asked when they are due, and what is new in them made
 * into documents by a pass.
 *
 *     due -> fetch -> parse, match, rules (pool) -> which are new? (state) -> round put down (state)
 *                                                                               -> drafts -> pass (fresh.h)
 *
 * What a feed has brought is put down, with the drafts of its documents, before any document is written and
 * before its validators are kept: killed anywhere, the next run either asks again or finds the drafts.
 *
 * `--once`: feeds_start() with a pass that ends; the pass is held until every feed that is due has been dealt
 * with. The service: the same with `stays`; feeds are asked by a timer. */
#ifndef INGESTD_DAEMON_FEEDS_H
#define INGESTD_DAEMON_FEEDS_H

#include "pass/pass.h"

struct feeds;

struct feeds_options {
	uv_loop_t *loop;
	const struct config *config; /* all of these outlive it */
	const struct shape *shape;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	struct pass *pass;
	const struct roots *roots;
	bool dry_run, force; /* force: feeds that are not due too, which --once --force asks for */
	bool stays;
	const char *only; /* a URL of a feed, as configured: only it, due or not; NULL: all */
	int64_t (*now)(void);
};

/* Patterns, templates and file names of the configuration, which lib/config cannot check. e->text names the
 * key. */
CHECKED enum err feeds_check(const struct config *config, const struct shape *shape, struct error *e);

/* ERR_OK with *ret NULL: the configuration has no feeds. */
CHECKED enum err feeds_start(const struct feeds_options *options, struct feeds **ret, struct error *e);
/* Nothing new from here on; the fetcher is stopped before or after. What is under way comes to its end. */
void feeds_stop(struct feeds *f);
/* When the next feed is due, in seconds since 1970; INT64_MAX: none. */
int64_t feeds_next_due(const struct feeds *f);
/* After the loop has run dry, or has turned since feeds_stop() and the pass has ended. Accepts NULL, returns
 * NULL. */
struct feeds *feeds_free(struct feeds *f);

#endif
