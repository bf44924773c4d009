/* SPDX-License-Identifier: MIT */
#include "lane.h"

#include <malloc.h>

/* The pool serves pages (as many as there are cores) and syncs, which wait together (hazards, part 6). */
#define POOL_THREADS "24"

static void pump(struct lane *lane);

static void work(uv_work_t *w)
{
	struct job *job = CONTAINER_OF(w, struct job, work);

	job->run(job);
}

static void after(uv_work_t *w, int status)
{
	struct job *job = CONTAINER_OF(w, struct job, work);
	struct lane *lane = job->lane;

	(void)status; /* nothing is ever cancelled */
	lane->running--;
	pump(lane);
	job->done(job); /* which may end who has the lane */
}

static void pump(struct lane *lane)
{
	while (lane->running < lane->limit && lane->first) {
		struct job *job = lane->first;

		lane->first = job->next;
		if (!lane->first)
			lane->last = &lane->first;
		lane->waiting--;
		lane->running++;
		uv_queue_work(lane->loop, &job->work, work, after);
	}
}

void lane_pool(void)
{
	(void)setenv("UV_THREADPOOL_SIZE", POOL_THREADS, 0);
	/* the pool's threads would each keep a heap of their own that a page has once filled */
	(void)mallopt(M_ARENA_MAX, 2);
	(void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	/* a page's memory serves the next one: if given back it is faulted in anew, and two threads that do
	 * so wait for each other in the kernel */
	(void)mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}

void lane_init(struct lane *lane, uv_loop_t *loop, unsigned limit)
{
	*lane = (struct lane){.loop = loop, .limit = limit};
	lane->last = &lane->first;
}

void lane_submit(struct lane *lane, struct job *job, void (*run)(struct job *), void (*done)(struct job *))
{
	job->lane = lane;
	job->next = NULL;
	job->run = run;
	job->done = done;
	*lane->last = job;
	lane->last = &job->next;
	lane->waiting++;
	pump(lane);
}
