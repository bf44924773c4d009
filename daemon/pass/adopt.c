/* SPDX-License-Identifier: MIT */
/* adopt.c - a document that nothing was ever written into, as far as its name says, may be one that has
 * another name now: its article has the URL of one whose file is gone. Then what was written into that is
 * known of it: it can be refreshed and taken back as before. A copy, whose other file is there, stays one of
 * its own. */
#include "pass_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct adoption {
	struct job job;
	struct task *task;
	size_t count;
	struct {
		const struct root *root;
		char *path;
		bool gone;
	} at[STORE_MOVED_MAX];
};

static void end(struct adoption *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->at[i].path);
	free(a);
}

static void again(struct task *t)
{
	task_slim(t);
	task_go(t, TASK_RECALLING);
}

static void moved(void *arg, enum err result)
{
	struct task *t = arg;

	/* of a state that could not be written it is what it was: nothing is known of it */
	if (result)
		task_read_to_end(t);
	else
		again(t);
}

static void look(struct job *job)
{
	struct adoption *a = CONTAINER_OF(job, struct adoption, job);

	for (size_t i = 0; i < a->count; i++)
		a->at[i].gone = faccessat(a->at[i].root->fd, a->at[i].path, F_OK, AT_SYMLINK_NOFOLLOW) &&
				(errno == ENOENT || errno == ENOTDIR);
}

static void looked(struct job *job)
{
	struct adoption *a = CONTAINER_OF(job, struct adoption, job);
	struct task *t = a->task;
	size_t i = 0;

	while (i < a->count && !a->at[i].gone)
		i++;
	if (i == a->count) {
		end(a);
		task_read_to_end(t);
		return;
	}
	const struct store_written from = {0, span_str(a->at[i].root->path), span_str(a->at[i].path)};

	if (t->options->dry_run) { /* which only reads under the other name */
		t->was_root = a->at[i].root;
		t->was_path = a->at[i].path;
		a->at[i].path = NULL;
		end(a);
		again(t);
		return;
	}
	enum err r = store_move_document(t->pass->o.store, &from, span_str(t->root->path), span_str(t->path),
					 moved, t);
	end(a);
	if (r)
		task_read_to_end(t);
}

static const struct root *root_of(const struct pass *p, struct span path)
{
	for (size_t i = 0; i < p->o.roots->count; i++)
		if (span_eq_str(path, p->o.roots->at[i].path))
			return &p->o.roots->at[i];
	return NULL;
}

static void found(void *arg, enum err result, const struct store_written *rows, size_t count)
{
	struct task *t = arg;
	struct adoption *a = result || !count ? NULL : calloc(1, sizeof(*a));

	for (size_t i = 0; i < count && a; i++) {
		const struct root *root = root_of(t->pass, rows[i].root);

		if (!root || root->gone)
			continue; /* nobody can say whether it is there */
		a->at[a->count].root = root;
		a->at[a->count].path = strndup(rows[i].path.ptr, rows[i].path.len);
		a->count += a->at[a->count].path != NULL;
	}
	if (!a || !a->count) {
		free(a);
		task_read_to_end(t);
		return;
	}
	a->task = t;
	lane_submit(&t->pass->read_lane, &a->job, look, looked);
}

bool task_may_adopt(const struct task *t)
{
	return !t->result && !t->fresh && !t->adopted && !t->ignored && !t->written_count && t->article.len &&
	       !t->pass->stopped;
}

void task_enter_adopting(struct task *t)
{
	t->adopted = true;
	if (store_find_moved(t->pass->o.store, span_str(t->root->path), span_str(t->path), t->article, found,
			     t))
		task_read_to_end(t);
}
