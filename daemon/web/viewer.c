/* SPDX-License-Identifier: MIT */
#include "viewer.h"

#include <stdlib.h>
#include <string.h>

struct viewer {
	uv_async_t wake;
	uv_thread_t thread;
	bool started; /* the loop's own */
	char *folder;
	uv_mutex_t mutex; /* for all below */
	uv_cond_t work;
	struct viewer_job *queue, **queue_end, *done, **done_end;
	size_t waiting; /* not yet told done */
	bool stopped;
};

static void give_back(struct viewer *v)
{
	struct viewer_job *list;

	uv_mutex_lock(&v->mutex);
	list = v->done;
	v->done = NULL;
	v->done_end = &v->done;
	uv_mutex_unlock(&v->mutex);
	while (list) {
		struct viewer_job *next = list->next;

		v->waiting--;
		list->done(list);
		list = next;
	}
	/* who only waits for questions keeps no loop alive */
	if (!v->waiting)
		uv_unref((uv_handle_t *)&v->wake);
}

static void on_wake(uv_async_t *h)
{
	give_back(CONTAINER_OF(h, struct viewer, wake));
}

static struct viewer_job *take(struct viewer *v)
{
	struct viewer_job *job;

	uv_mutex_lock(&v->mutex);
	while (!v->queue && !v->stopped)
		uv_cond_wait(&v->work, &v->mutex);
	job = v->stopped ? NULL : v->queue;
	if (job) {
		v->queue = job->next;
		if (!v->queue)
			v->queue_end = &v->queue;
	}
	uv_mutex_unlock(&v->mutex);
	return job;
}

static void thread_main(void *arg)
{
	struct viewer *v = arg;
	struct look *look = NULL;
	struct viewer_job *job;

	while ((job = take(v))) {
		/* a state that was not there may be there by now */
		if (!look && look_open(v->folder, &look, NULL))
			look = NULL;
		if (look)
			look_within(look, VIEWER_MS);
		job->ran = true;
		job->run(job, look);
		uv_mutex_lock(&v->mutex);
		job->next = NULL;
		*v->done_end = job;
		v->done_end = &job->next;
		uv_mutex_unlock(&v->mutex);
		uv_async_send(&v->wake);
	}
	look_close(look);
}

enum err viewer_new(uv_loop_t *loop, const char *folder, struct viewer **ret, struct error *e)
{
	struct viewer *v = calloc(1, sizeof(*v));

	if (v)
		v->folder = strdup(folder);
	if (!v || !v->folder) {
		free(v);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	v->queue_end = &v->queue;
	v->done_end = &v->done;
	uv_mutex_init(&v->mutex);
	uv_cond_init(&v->work);
	uv_async_init(loop, &v->wake, on_wake);
	uv_unref((uv_handle_t *)&v->wake);
	*ret = v;
	return ERR_OK;
}

enum err viewer_ask(struct viewer *v, struct viewer_job *job)
{
	if (v->stopped)
		return ERR_CANCELLED;
	if (v->waiting >= VIEWER_JOBS)
		return ERR_BUSY;
	if (!v->started && uv_thread_create(&v->thread, thread_main, v))
		return ERR_NOMEM;
	v->started = true;
	job->ran = false;
	job->next = NULL;
	v->waiting++;
	uv_ref((uv_handle_t *)&v->wake);
	uv_mutex_lock(&v->mutex);
	*v->queue_end = job;
	v->queue_end = &job->next;
	uv_cond_signal(&v->work);
	uv_mutex_unlock(&v->mutex);
	return ERR_OK;
}

void viewer_stop(struct viewer *v)
{
	if (!v || v->stopped)
		return;
	uv_mutex_lock(&v->mutex);
	v->stopped = true;
	uv_cond_signal(&v->work);
	uv_mutex_unlock(&v->mutex);
	if (v->started)
		uv_thread_join(&v->thread);
	*v->done_end = v->queue; /* which nobody will carry out */
	v->done_end = v->queue ? v->queue_end : v->done_end;
	v->queue = NULL;
	give_back(v);
	uv_close((uv_handle_t *)&v->wake, NULL);
}

struct viewer *viewer_free(struct viewer *v)
{
	if (!v)
		return NULL;
	uv_mutex_destroy(&v->mutex);
	uv_cond_destroy(&v->work);
	free(v->folder);
	free(v);
	return NULL;
}
