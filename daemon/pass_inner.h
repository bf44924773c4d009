/* SPDX-License-Identifier: MIT */
/* pass_inner.h - what the files of a pass share: pass.c (begin, end, how many go at once), sweep.c (the scan)
 * and stages.c (a document's states). */
#ifndef INGESTD_DAEMON_PASS_INNER_H
#define INGESTD_DAEMON_PASS_INNER_H

#include <stdatomic.h>

#include "document/scan.h"
#include "pass.h"
#include "task.h"

struct found; /* what the scan hands from the pool to the loop */

struct root_scan {
	struct job job;
	struct pass *pass;
	const struct root *root;
	struct store_document *known; /* sorted by path; paths lie in `paths` */
	size_t known_count;
	struct strbuf paths;
	struct found *first, **last; /* under pass->lock */
	uint64_t unchanged;
	uint64_t *unchanged_keys; /* report_document_key() of each */
	size_t unchanged_room;
	enum err result;
	struct error error;
};

struct queue {
	struct task *first, **last;
	size_t waiting, active;
};

struct pass {
	struct pass_options o;
	struct task_options task_options;
	const char *only_path;
	uint64_t fingerprint;
	struct urls *urls;
	struct lane scan_lane, read_lane, merge_lane, write_lane;
	uv_async_t wake;
	uv_mutex_t lock;
	struct root_scan *scans;
	size_t scanning;
	struct queue found, ready; /* wait for RECALLING, for GATHERING */
	size_t tasks;              /* not yet DONE */
	bool ended, advancing;
	atomic_bool stopped; /* read by the sweeps */
	bool at_once;        /* what is ready waits for the next run too */
	struct pass_result result;
};

/* Lets as many documents go on as may; ends the pass when none is left. */
void pass_advance(struct pass *p);
void pass_out_of_memory(struct pass *p);
void queue_add(struct queue *q, struct task *t);

/* One root: what is known of it from the state, then the scan. */
void sweep_start(struct root_scan *s);
/* On the loop, woken by the scan. */
void sweep_take(struct pass *p, struct root_scan *s);

/* The one place where a document changes state; may free it. */
void task_go(struct task *t, enum task_state to);

#endif
