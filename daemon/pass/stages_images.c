/* SPDX-License-Identifier: MIT */
/* stages_images.c - a document that waits for its images to be measured, or copied. It holds no text then,
 * and no place among those that merge: a slow image host keeps nobody else waiting. */
#include "pass_inner.h"

enum { ROUNDS_MAX = 24 }; /* merges of one document that may ask for more */

bool task_wants_probes(const struct task *t)
{
	return t->patch->image_want_count && t->probe_rounds < ROUNDS_MAX && !t->pass->stopped;
}

bool task_is_cut_short(const struct task *t)
{
	return t->patch && t->pass->stopped && (t->patch->image_want_count || t->patch->images_later);
}

static void probed(void *arg)
{
	task_release(arg);
}

/* Each URL once: what was wanted to be measured may be wanted as a copy, too. */
static bool want(struct task *t, const struct merge_image_want *w)
{
	const struct image_state **probes = NULL, *state;
	size_t i = 0;

	while (i < t->probe_count && !span_eq_str(w->url, t->probes[i]->url))
		i++;
	if (i == t->probe_count) {
		probes = realloc(t->probes, (i + 1) * sizeof(*probes));
		if (!probes)
			return false;
		t->probes = probes;
	}
	if (images_want(t->pass->images, w->url, w->referer, w->copy, probed, t, &state))
		return false;
	t->probes[i] = state;
	t->probe_count = MAX(t->probe_count, i + 1);
	t->pending += !state->ready;
	return true;
}

void task_enter_probing(struct task *t)
{
	bool ok = true;

	t->pending = 1; /* until all are asked for */
	t->probe_rounds++;
	for (size_t i = 0; i < t->patch->image_want_count && ok; i++)
		ok = want(t, &t->patch->image_wants[i]);
	task_slim(t);
	if (!ok) {
		t->probe_rounds = ROUNDS_MAX;
		pass_out_of_memory(t->pass);
	}
	task_release(t);
}

bool task_take_probes(struct task *t)
{
	t->images = ARENA_NEW_ARRAY(&t->arena, struct merge_image, t->probe_count + 1);
	t->image_count = 0;
	for (size_t i = 0; i < t->probe_count && t->images; i++, t->image_count++)
		if (images_fact(t->pass->images, t->probes[i], &t->arena, &t->images[i]))
			return false;
	return t->images != NULL;
}

int64_t task_probes_due(const struct task *t, bool *deferred)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < t->probe_count; i++) {
		*deferred |= t->probes[i]->deferred;
		if (t->probes[i]->known != MERGE_IMAGE_GOOD)
			due = MIN(due, t->probes[i]->expires_at);
	}
	/* what could not be asked for is asked for next time */
	*deferred |= t->patch && t->patch->image_want_count > 0;
	return due;
}
