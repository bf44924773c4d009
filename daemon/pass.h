/* SPDX-License-Identifier: MIT */
/* pass.h - one pass over content folders: scan, and every document through its states (task.h). */
#ifndef INGESTD_DAEMON_PASS_H
#define INGESTD_DAEMON_PASS_H

#include "fetch.h"
#include "report.h"
#include "roots.h"
#include "urls.h"

struct pass;

struct pass_options {
	uv_loop_t *loop;
	const struct config *config;
	const struct shape *shape;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	const struct roots *roots;
	bool dry_run, force;
	const char *only;     /* GLOB over paths, or HOST; NULL */
	int64_t (*now)(void); /* seconds since 1970 */
	void (*done)(void *); /* on the loop's thread, when nothing is left to do */
	void *done_arg;
};

struct pass_result {
	int64_t run;
	uint64_t unwritten; /* documents that there was no space for */
	struct error full;  /* what was said of the first of them */
	bool network_down;  /* no host answered, and there were several */
	enum err failed;    /* the pass itself: out of memory, state unusable */
	struct error error;
};

CHECKED enum err pass_start(const struct pass_options *options, struct pass **ret, struct error *e);
/* No further document is begun, and (at_once) none of those whose pages are there: only what is being worked
 * on right now comes to its end. Stop the fetcher too. */
void pass_stop(struct pass *p, bool at_once);
/* For the live line. */
void pass_progress(const struct pass *p, uint64_t *running, uint64_t *queued, uint64_t *to_do);
/* After done(). */
const struct pass_result *pass_result(const struct pass *p);
/* After the loop has run dry. Accepts NULL, returns NULL. */
struct pass *pass_free(struct pass *p);

#endif
