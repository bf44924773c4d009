/* SPDX-License-Identifier: MIT */
/* gather.h - the text of all metrics: numbers of this process, and those that the state has (documents by
 * state and field, feeds), which are read beside its writer (store/look.h).
 *
 * Also the file for node_exporter (metrics-file): it is replaced whole, and read at the start, so that
 * counters go on from run to run and a run that fails leaves the time of the last success as it was. */
#ifndef INGESTD_DAEMON_GATHER_H
#define INGESTD_DAEMON_GATHER_H

#include <uv.h>

#include "pass/roots.h"
#include "status/metrics.h"

/* Blocks. What the state does not tell stays as it is. folder: of the state. */
void gather_state(struct metrics *m, const char *folder, const struct roots *roots);
/* Blocks. metrics_init() when there is no such file. */
void gather_read(struct metrics *m, const char *path);
/* Blocks. */
CHECKED enum err gather_write(const struct metrics *m, const char *path, struct error *e);

/* The same in the pool. */
struct gather;
struct gather_options {
	const struct metrics *metrics; /* copied */
	const char *folder;            /* copied */
	const struct roots *roots;     /* outlive the loop */
	const char *path;              /* copied; NULL: a text for done() */
	/* On the loop's thread, unless gather_forget() was called. r: what came of it; text may be moved out.
	 */
	void (*done)(void *arg, enum err r, const char *why, struct strbuf *text);
	void *arg;
};
/* NULL: out of memory. */
struct gather *gather_start(uv_loop_t *loop, const struct gather_options *options);
void gather_forget(struct gather *g);

#endif
