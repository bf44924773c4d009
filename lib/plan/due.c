/* SPDX-License-Identifier: MIT */
#include "plan/due.h"

enum { ONE = 3600 * 1000 }; /* of the budget's unit */

#define CLOCK_MIN INT64_C(1767225600) /* 2026-01-01 */

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return MIN(MAX(v, low), high);
}

int64_t due_page(const struct due_facts *f)
{
	int64_t age = f->published > 0 ? f->now - f->published : DUE_AGE_UNKNOWN;
	int64_t interval = clamp(age / 4, DUE_MIN, DUE_MAX), promised, jitter;

	for (unsigned i = 0; i < MIN(f->unchanged, (unsigned)DUE_DOUBLINGS); i++)
		interval = MIN(2 * interval, (int64_t)DUE_MAX);
	promised = clamp(f->fresh_until - f->now, 0, DUE_FRESH_MAX);
	interval = MAX(interval, promised);
	/* later than promised rather than sooner */
	jitter = (int64_t)(f->seed % (uint64_t)MAX(interval / 4, (int64_t)1)) -
		 (promised < interval ? interval / 8 : 0);
	return f->now + interval + jitter;
}

bool due_clock_is_wrong(int64_t now)
{
	return now < CLOCK_MIN;
}

/* ---- the budget ---- */

static uint64_t ceiling(const struct due_budget *b)
{
	return MAX(b->per_hour * ONE / 60, (uint64_t)ONE);
}

void due_budget_init(struct due_budget *b, unsigned per_hour, int64_t now_ms)
{
	*b = (struct due_budget){.per_hour = per_hour, .at = now_ms};
}

static void fill(struct due_budget *b, int64_t now_ms)
{
	uint64_t passed = now_ms > b->at ? (uint64_t)(now_ms - b->at) : 0;

	b->at = MAX(now_ms, b->at);
	b->level = MIN(b->level + MIN(passed, (uint64_t)ONE) * b->per_hour, ceiling(b));
}

size_t due_budget_left(struct due_budget *b, int64_t now_ms)
{
	fill(b, now_ms);
	return (size_t)(b->level / ONE);
}

void due_budget_take(struct due_budget *b, size_t count)
{
	b->level -= MIN(b->level, (uint64_t)count * ONE);
}

int64_t due_budget_wait(struct due_budget *b, size_t count, int64_t now_ms)
{
	uint64_t need = MIN((uint64_t)count * ONE, ceiling(b));

	fill(b, now_ms);
	if (b->level >= need)
		return 0;
	if (!b->per_hour)
		return INT64_MAX;
	return (int64_t)((need - b->level + b->per_hour - 1) / b->per_hour);
}
