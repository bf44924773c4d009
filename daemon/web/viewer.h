/* SPDX-License-Identifier: MIT */
/* viewer.h - the thread that reads the state for people (store/look.h), beside the loop and the state's own.
 *
 * The pool's threads may all be busy with pages for seconds, and the database thread with a batch: who asks
 * for a page is answered all the same. Jobs are carried out one after the other; a queue of VIEWER_JOBS is
 * full. */
#ifndef INGESTD_DAEMON_VIEWER_H
#define INGESTD_DAEMON_VIEWER_H

#include <uv.h>

#include "store/look.h"

enum { VIEWER_JOBS = 64, VIEWER_MS = 40 }; /* ms: of reading, for one job; then it shows what it has */

struct viewer;

/* Lies in what the caller owns; zeroed but for the calls. */
struct viewer_job {
	void (*run)(struct viewer_job *job, struct look *l); /* on the thread; l NULL: there is no state */
	void (*done)(struct viewer_job *job); /* on the loop's thread; ran tells whether run() was called */
	bool ran;
	struct viewer_job *next; /* private */
};

/* The thread is begun by the first job. folder: the state's; copied. */
CHECKED enum err viewer_new(uv_loop_t *loop, const char *folder, struct viewer **ret, struct error *e);
/* ERR_BUSY: too many are waiting. ERR_CANCELLED after viewer_stop(). */
CHECKED enum err viewer_ask(struct viewer *v, struct viewer_job *job);
/* Waits for the one that is being carried out, calls done() of all, and closes its handle: the loop turns
 * before viewer_free(). */
void viewer_stop(struct viewer *v);
/* Accepts NULL, returns NULL. */
struct viewer *viewer_free(struct viewer *v);

#endif
