/* SPDX-License-Identifier: MIT */
#include "lane.h"

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
	job->done(job);
	pump(lane);
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
