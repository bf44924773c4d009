/* SPDX-License-Identifier: MIT */
/* lane.h - work for the thread pool, so many at once of each kind.
 *
 * libuv's pool serves strangers' pages, documents and syncs alike; a lane keeps one kind from taking it all,
 * and bounds the memory that this kind needs. All calls are made on the loop's thread. */
#ifndef INGESTD_DAEMON_LANE_H
#define INGESTD_DAEMON_LANE_H

#include <uv.h>

#include "base/base.h"

struct lane;

/* Part of whatever the work is about; one job at a time per struct. */
struct job {
	uv_work_t work;
	struct lane *lane;
	struct job *next;
	void (*run)(struct job *);  /* on a pool thread */
	void (*done)(struct job *); /* on the loop's thread; may submit the job again, or free it, the last
				       one with the lane */
};

struct lane {
	uv_loop_t *loop;
	unsigned limit, running;
	struct job *first, **last; /* waiting, in order */
	size_t waiting;
};

/* Once, before there is any thread: how many the pool has, and how it holds memory. */
void lane_pool(void);
void lane_init(struct lane *lane, uv_loop_t *loop, unsigned limit);
void lane_submit(struct lane *lane, struct job *job, void (*run)(struct job *), void (*done)(struct job *));

#endif
