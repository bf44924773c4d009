/* SPDX-License-Identifier: MIT */
#include "view_ask.h"

#include "live.h"

struct view_ask *view_ask_free(struct view_ask *ask)
{
	if (!ask)
		return NULL;
	arena_release(&ask->arena);
	strbuf_release(&ask->out);
	free(ask);
	return NULL;
}

/* A root that is gone has no documents to be read. */
static bool take_folders(struct view_ask *ask, const struct roots *roots)
{
	struct span *folders = ARENA_NEW_ARRAY(&ask->arena, struct span, roots->count + 1);

	for (size_t i = 0; i < roots->count && folders; i++)
		if (!roots->at[i].gone)
			folders[ask->options.folder_count++] =
				arena_dup(&ask->arena, span_str(roots->at[i].path));
	ask->options.folders = folders;
	return !arena_failed(&ask->arena);
}

struct view_ask *view_ask_new(const struct serve_context *c, bool live)
{
	struct view_ask *ask = calloc(1, sizeof(*ask));

	if (!ask)
		return NULL;
	ask->arena = ARENA_INIT(VIEW_ARENA_MAX);
	ask->out = STRBUF_INIT(VIEW_OUT_MAX);
	ask->options = (struct view_options){.config = c->config, .shape = c->shape, .now = clock_now()};
	if (live)
		ask->options.live = live_take(c, &ask->arena);
	if ((live && !ask->options.live) || !take_folders(ask, c->roots))
		return view_ask_free(ask);
	return ask;
}

static void on_run(struct viewer_job *job, struct look *l)
{
	struct view_ask *ask = CONTAINER_OF(job, struct view_ask, job);

	ask->result = l ? ask->make(ask, l) : err_set(&ask->error, ERR_NOTFOUND, "there is no state");
}

static void on_done(struct viewer_job *job)
{
	struct view_ask *ask = CONTAINER_OF(job, struct view_ask, job);

	if (ask->told)
		ask->told(ask->arg, ask, job->ran ? ask->result : ERR_CANCELLED);
	view_ask_free(ask);
}

bool view_ask_send(struct viewer *v, struct view_ask *ask, view_make_fn *make, view_told_fn *told, void *arg)
{
	ask->job.run = on_run;
	ask->job.done = on_done;
	ask->make = make;
	ask->told = told;
	ask->arg = arg;
	if (!viewer_ask(v, &ask->job))
		return true;
	view_ask_free(ask);
	return false;
}

void view_ask_leave(struct view_ask *ask)
{
	ask->told = NULL;
}
