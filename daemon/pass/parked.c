/* SPDX-License-Identifier: MIT */
/* parked.c - documents whose pages are there, and that wait for git to be done with their folder. */
#include "pass_inner.h"

#include "repository.h"

enum {
	LOOK_MS = 250,
	FRESH_MS = 50,           /* what was seen holds so long */
	ONCE_MS = 30 * 1000,     /* --once leaves them to the next run then */
	SAY_MS = 10 * 60 * 1000, /* a lock that somebody forgot */
};

static bool busy(struct pass *p, const struct root *root)
{
	struct root_watch *w = &p->repositories[root - p->o.roots->at];
	uint64_t now = uv_now(p->o.loop);

	if (w->looked && now - w->looked < FRESH_MS)
		return w->why != NULL;
	w->looked = MAX(now, (uint64_t)1);
	w->why = repository_busy(root);
	if (!w->why)
		w->since = 0;
	else if (!w->since)
		w->since = w->looked;
	return w->why != NULL;
}

static void complain(struct pass *p, const struct root *root)
{
	struct root_watch *w = &p->repositories[root - p->o.roots->at];
	char text[200];

	if (!w->since || w->said == w->since || uv_now(p->o.loop) - w->since < SAY_MS)
		return;
	w->said = w->since;
	(void)snprintf(text, sizeof(text),
		       "documents wait to be written: '%s' of its repository has been there for %d "
		       "minutes",
		       w->why, SAY_MS / 60000);
	report_problem(p->o.report, span_str(root->path), span_str(root->path), 0, 0, SPAN_NONE, text);
}

static void on_look(uv_timer_t *h)
{
	struct pass *p = CONTAINER_OF(h, struct pass, look);
	struct queue parked = p->parked;

	if (!parked.first)
		return;
	p->parked = (struct queue){.first = NULL};
	p->parked.last = &p->parked.first;
	for (struct task *t = parked.first, *next; t; t = next) {
		next = t->next;
		complain(p, t->root);
		if (!busy(p, t->root))
			queue_add(&p->ready, t);
		else if (!p->o.stays && uv_now(p->o.loop) - t->parked_at > ONCE_MS)
			task_put_off(t, "git is at work in its repository; left for the next run");
		else
			queue_add(&p->parked, t);
	}
	if (!p->parked.first)
		uv_timer_stop(&p->look);
	pass_advance(p);
}

bool parked(struct task *t)
{
	struct pass *p = t->pass;

	if (t->options->dry_run || !busy(p, t->root))
		return false;
	t->parked_at = uv_now(p->o.loop);
	queue_add(&p->parked, t);
	if (!uv_is_active((uv_handle_t *)&p->look))
		uv_timer_start(&p->look, on_look, LOOK_MS, LOOK_MS);
	return true;
}
