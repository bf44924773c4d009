/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "pass/lane.h"

struct part {
	struct job job;
	struct lanes *of;
};

/* Who has a lane; it ends with its last job. */
struct lanes {
	struct lane lane;
	struct part parts[5], late;
	unsigned done, most, runs, again;
};

static void run(struct job *job)
{
	(void)job;
}

static void done(struct job *job)
{
	struct lanes *l = CONTAINER_OF(job, struct part, job)->of;

	l->most = MAX(l->most, l->lane.running);
	l->done++;
	if (l->again) {
		l->again--;
		lane_submit(&l->lane, job, run, done);
	}
}

static void submit(struct lanes *l, unsigned limit)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	lane_init(&l->lane, &loop, limit);
	for (size_t i = 0; i < ARRAY_SIZE(l->parts); i++) {
		l->parts[i].of = l;
		lane_submit(&l->lane, &l->parts[i].job, run, done);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void so_many_at_once(void **state)
{
	for (unsigned limit = 1; limit <= 6; limit++) {
		struct lanes l = {.again = 3};

		(void)state;
		submit(&l, limit);
		assert_int_equal(l.done, 8);
		assert_true(l.most <= limit);
		assert_int_equal(l.lane.running, 0);
		assert_int_equal(l.lane.waiting, 0);
	}
}

static void run_late(struct job *job)
{
	(void)job;
}

static void done_late(struct job *job)
{
	CONTAINER_OF(job, struct part, job)->of->runs++;
}

/* The memory has another use from here on: what stands there is no lane. */
static void let_go(struct job *job)
{
	struct lanes *l = CONTAINER_OF(job, struct part, job)->of;

	l->late = (struct part){.job = {.lane = &l->lane, .run = run_late, .done = done_late}, .of = l};
	l->lane.first = &l->late.job;
	l->lane.limit = 100;
}

static void owner_ends_with_its_last_job(void **state)
{
	struct lanes l = {.runs = 0};
	uv_loop_t loop;

	(void)state;
	uv_loop_init(&loop);
	lane_init(&l.lane, &loop, 1);
	l.parts[0].of = &l;
	lane_submit(&l.lane, &l.parts[0].job, run, let_go);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(l.runs, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_once),
		cmocka_unit_test(owner_ends_with_its_last_job),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
