/* SPDX-License-Identifier: MIT */
#include "turns.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static uint64_t used_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Once a turn, before it waits. */
static void on_turn(uv_prepare_t *h)
{
	struct turns *t = CONTAINER_OF(h, struct turns, prepare);
	uint64_t used = used_us(), us = used - t->used;
	size_t i = 0;

	while (i + 1 < TURNS_BUCKETS && us >> i)
		i++;
	t->count[i]++;
	t->total++;
	t->sum += us;
	t->longest = MAX(t->longest, us);
	t->used = used;
}

void turns_open(struct turns *t, uv_loop_t *loop)
{
	*t = (struct turns){.used = used_us()};
	uv_prepare_init(loop, &t->prepare);
	uv_prepare_start(&t->prepare, on_turn);
	uv_unref((uv_handle_t *)&t->prepare);
}

void turns_close(struct turns *t)
{
	uv_close((uv_handle_t *)&t->prepare, NULL);
}

void turns_text(const struct turns *t, char text[160])
{
	uint64_t most = t->total - t->total / 1000, sum = 0, over = 0;
	size_t at = 0;

	while (at + 1 < TURNS_BUCKETS && sum + t->count[at] < most)
		sum += t->count[at++];
	/* from 4.1 ms: a bucket's bound is what is known */
	for (size_t i = 13; i < TURNS_BUCKETS; i++)
		over += t->count[i];
	(void)snprintf(text, 160,
		       "%" PRIu64
		       " turns of the loop, the longest %.1f ms of work; 99.9 %% under %.2f ms; %" PRIu64
		       " over 4 ms",
		       t->total, (double)t->longest / 1000, (double)(UINT64_C(1) << at) / 1000, over);
}
