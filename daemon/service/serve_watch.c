/* SPDX-License-Identifier: MIT */
#include "confine/confine.h"
#include "pass/repository.h"
#include "serve_inner.h"

enum {
	POLL_MS = 60 * 1000, /* where not all is watched; a walk over 100,000 documents takes half a second */
	GONE_MS = 5000,
};

static void changed(void *arg, const struct root *root, struct span path, bool fresh)
{
	struct serve *s = arg;

	if (pass_add(s->pass, root, path, fresh ? PASS_NOW : PASS_CHANGED))
		pass_sweep(s->pass);
}

static void on_back(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, back);
	bool all = true;

	for (size_t i = 0; i < s->roots->count; i++) {
		if (s->roots->at[i].gone && confine_lost(s->roots->at[i].path)) {
			s->code =
				fail(EXIT_TRY_AGAIN,
				     "content folder '%s' is another one now, which is closed to a confined "
				     "process: this ends, to be started anew",
				     s->roots->at[i].path);
			serve_stop(s);
			return;
		}
		all &= !s->roots->at[i].gone || root_is_back(&s->roots->at[i]);
	}
	if (all && s->state == SERVE_READY)
		serve_restart(s);
}

static void moved(void *arg, const struct root *root)
{
	struct serve *s = arg;
	struct root *r = &s->roots->at[root - s->roots->at];

	if (r->gone)
		return;
	r->gone = true;
	(void)fail(0, "content folder '%s' is gone; its documents wait until it is back", r->path);
	uv_timer_start(&s->back, on_back, GONE_MS, GONE_MS);
}

static void ready(void *arg, const char *partly)
{
	struct serve *s = arg;
	uint64_t every = partly ? MIN(s->config->rescan_ms, (unsigned)POLL_MS) : s->config->rescan_ms;

	if (partly && strcmp(partly, s->partly) != 0)
		(void)fail(0, "%s", partly);
	(void)snprintf(s->partly, sizeof(s->partly), "%s", partly ? partly : "");
	uv_timer_start(&s->rescan, serve_rescan, every, 0);
	pass_sweep(s->pass);
	serve_due_rewind(s);
	serve_is_ready(s);
}

void serve_rescan(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, rescan);

	for (size_t i = 0; i < s->roots->count; i++)
		if (!root_in_place(&s->roots->at[i]))
			moved(s, &s->roots->at[i]);
	watch_refresh(s->watch);
}

enum err serve_start_watch(struct serve *s, struct error *e)
{
	static const struct watch_calls calls = {changed, moved, ready};

	/* no thread looks at them now */
	for (size_t i = 0; i < s->roots->count; i++) {
		repository_find(&s->roots->at[i]);
		if (s->roots->at[i].gone && !root_reopen(&s->roots->at[i]))
			uv_timer_start(&s->back, on_back, GONE_MS, GONE_MS);
	}
	return watch_new(s->session.loop, s->config, s->roots, &calls, s, &s->watch, e);
}
