/* SPDX-License-Identifier: MIT */
#include "store/internal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#define X(name, text) [OUTCOME_##name] = text,
static const char *const outcomes[OUTCOME_COUNT] = {OUTCOME_MAP(X)};
#undef X

const char *outcome_name(enum outcome o)
{
	return outcomes[o];
}

#define X(name, text) [STORE_STATE_##name] = text,
static const char *const states[STORE_STATE_COUNT] = {STORE_STATE_MAP(X)};
#undef X

const char *store_state_name(enum store_state state)
{
	return states[state];
}

bool store_state_by_name(struct span name, enum store_state *ret)
{
	for (enum store_state i = 0; i < STORE_STATE_COUNT; i++) {
		if (!span_eq_str(name, states[i]))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* ---- requests ---- */

enum { ALIGN = 16 };

enum err request_new(const struct request_kind *kind, size_t size, size_t extra, struct request **ret)
{
	struct request *r;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (extra > REQUEST_BYTES - size)
		return ERR_TOOBIG;
	r = calloc(1, size + extra);
	if (!r)
		return ERR_NOMEM;
	r->kind = kind;
	r->size = size + extra;
	r->free = (char *)r + size;
	*ret = r;
	return ERR_OK;
}

void *request_array(struct request *r, size_t size, size_t count)
{
	void *p = r->free;

	r->free += size * count;
	assert(r->free <= (char *)r + r->size);
	return p;
}

struct span request_text(struct request *r, struct span s)
{
	char *p = r->free;

	if (!s.ptr)
		return SPAN_NONE;
	r->free += s.len;
	assert(r->free <= (char *)r + r->size);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	return span_of(p, s.len);
}

enum err request_send(struct store *s, struct request *r)
{
	enum err result = ERR_OK;

	(void)pthread_mutex_lock(&s->mutex);
	if (s->stopping)
		result = ERR_CANCELLED;
	else if (s->queued >= QUEUE_MAX || s->queued_bytes > QUEUE_BYTES - r->size || s->pending >= QUEUE_MAX)
		result = ERR_BUSY;
	if (result == ERR_BUSY)
		s->starved = true;
	if (!result) {
		*s->queue_end = r;
		s->queue_end = &r->next;
		s->queued++;
		s->queued_bytes += r->size;
		s->pending += r->kind->done != NULL;
		(void)pthread_cond_signal(&s->work);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	if (result)
		free(r);
	return result;
}

/* ---- complaints of the store itself ---- */

struct say {
	struct request r;
	struct store *s;
	char text[sizeof(((struct error *)0)->text) + 160];
};

static void say_done(struct request *r)
{
	const struct say *say = CONTAINER_OF(r, struct say, r);

	if (say->s->options.complain)
		say->s->options.complain(say->s->options.complain_arg, say->text);
}

static const struct request_kind say_kind = {FILE_NONE, false, true, NULL, say_done};

void store_say(struct store *s, const char *fmt, ...)
{
	struct batch *b = calloc(1, sizeof(*b));
	struct request *r = NULL;
	struct say *say;
	va_list ap;

	if (!b || request_new(&say_kind, sizeof(*say), 0, &r)) {
		free(b); /* a word lost, when memory is */
		return;
	}
	say = CONTAINER_OF(r, struct say, r);
	say->s = s;
	va_start(ap, fmt);
	(void)vsnprintf(say->text, sizeof(say->text), fmt, ap);
	va_end(ap);
	b->first = r;
	(void)pthread_mutex_lock(&s->mutex);
	*s->done_end = b;
	s->done_end = &b->next;
	(void)pthread_mutex_unlock(&s->mutex);
}

/* ---- the caller's side ---- */

void store_dispatch(struct store *s)
{
	struct batch *b;
	bool room;

	(void)pthread_mutex_lock(&s->mutex);
	b = s->done;
	s->done = NULL;
	s->done_end = &s->done;
	room = s->room;
	s->room = false;
	(void)pthread_mutex_unlock(&s->mutex);
	while (b) {
		struct batch *next = b->next;

		if (s->options.took)
			s->options.took(s->options.took_arg, b->us);
		for (struct request *r = b->first; r;) {
			struct request *after = r->next;

			if (r->kind->done) {
				if (r->kind != &say_kind)
					s->pending--;
				r->kind->done(r);
			}
			free(r);
			r = after;
		}
		arena_release(&b->answers);
		free(b);
		b = next;
	}
	if (room && s->options.room)
		s->options.room(s->options.room_arg);
}

size_t store_pending(const struct store *s)
{
	return s->pending;
}

static enum err start_thread(struct store *s, struct error *e)
{
	sigset_t all, old;
	int errnum;

	/* signals are the loop's business */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	errnum = pthread_create(&s->thread, NULL, thread_main, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return errnum ? err_set_errno(e, errnum, "cannot start the database thread") : ERR_OK;
}

/* memory.db first: when it is of a newer version nothing else is touched. */
static enum err open_files(struct store *s, struct error *e)
{
	int64_t copied;
	enum err r = source_open(s, FILE_MEMORY, e);

	if (!r)
		r = source_open(s, FILE_CACHE, e);
	if (r)
		return r;
	s->uncopied = s->uncopied || !place_is_as_left(&s->place, schema_memory.file);
	s->copied = rescue_copied_at(&s->place, schema_memory.file, &copied);
	if (s->copied)
		s->copy_at = copied + COPY_SECONDS;
	else
		s->uncopied = true;
	s->place.note[0] = 0; /* from here on it vouches for nothing */
	return ERR_OK;
}

enum err store_open(const struct store_options *options, struct store **ret, struct error *e)
{
	struct store *s = calloc(1, sizeof(*s));
	pthread_condattr_t attr;
	enum err r;

	if (!s)
		return err_set(e, ERR_NOMEM, "out of memory");
	s->options = *options;
	s->options.folder = NULL;
	s->queue_end = &s->queue;
	s->done_end = &s->done;
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->work, &attr);
	(void)pthread_condattr_destroy(&attr);
	r = place_enter(options->folder, &s->place, e);
	if (!r) {
		r = open_files(s, e);
		store_dispatch(s); /* complaints */
		if (!r)
			r = start_thread(s, e);
		if (r) {
			for (size_t i = 0; i < FILE_COUNT; i++)
				database_close(&s->files[i].d);
			place_leave(&s->place, false);
		}
	}
	if (r) {
		(void)pthread_cond_destroy(&s->work);
		(void)pthread_mutex_destroy(&s->mutex);
		free(s);
		return r;
	}
	*ret = s;
	return ERR_OK;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	(void)pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	(void)pthread_cond_signal(&s->work);
	(void)pthread_mutex_unlock(&s->mutex);
	(void)pthread_join(s->thread, NULL);
	s->room = false;
	store_dispatch(s);
	place_leave(&s->place, true);
	(void)pthread_cond_destroy(&s->work);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s);
	return NULL;
}
