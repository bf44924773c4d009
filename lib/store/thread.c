/* SPDX-License-Identifier: MIT */
/* thread.c - the database thread: takes what is queued, carries it out as one transaction, hands it back. */
#include "store/internal.h"

#include <stdio.h>
#include <time.h>

static const struct schema *const schemas[FILE_COUNT] = {
	[FILE_CACHE] = &schema_cache,
	[FILE_MEMORY] = &schema_memory,
};

/* ---- files, and what to do about damaged ones ---- */

static enum err set_aside(struct store *s, enum file f, const char *reason, struct error *e)
{
	const char *file = schemas[f]->file;
	char name[RESCUE_NAME];
	enum err r = rescue_set_aside(&s->place, file, f == FILE_CACHE ? DAMAGED_KEPT : 0, name, e);

	if (!r && name[0])
		store_say(s, "%s; it is kept as '%s'", reason, name);
	return r;
}

/* From the copy if there is a good one. Without any the file is begun anew by whoever opens it next. */
static enum err restore(struct store *s, enum file f, struct error *e)
{
	const char *file = schemas[f]->file;
	char copy[64], name[RESCUE_NAME], stamp[32] = "?";
	struct error why;
	struct tm tm;
	int64_t when = 0;
	enum err r = rescue_restore(&s->place, schemas[f], &when, &why);
	time_t at = (time_t)when;

	switch (r) {
	case ERR_OK:
		if (gmtime_r(&at, &tm))
			(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
		store_say(s,
			  "'%s': restored from its copy of %s; what ingestd wrote since then counts as "
			  "written by a person",
			  file, stamp);
		return ERR_OK;
	case ERR_NOTFOUND:
		store_say(s,
			  "'%s': begun anew, there was no copy of it; what ingestd wrote counts as written "
			  "by a person",
			  file);
		return ERR_OK;
	case ERR_DAMAGED:
		(void)snprintf(copy, sizeof(copy), "%s.copy", file);
		r = rescue_set_aside(&s->place, copy, 0, name, e);
		if (!r)
			store_say(s, "%s; it is kept as '%s', and '%s' is begun anew", why.text, name, file);
		return r;
	default:
		if (e)
			*e = why;
		return r;
	}
}

/* Numbers that the lost file may have given since are not given to other rows. */
static enum err skip_numbers(struct database *d, struct error *e)
{
	return database_exec(d,
			     "DELETE FROM sqlite_sequence WHERE name='provenance';"
			     "INSERT INTO sqlite_sequence (name, seq)"
			     " SELECT 'provenance', ifnull(max(id), 0) + 1000000 FROM provenance",
			     e);
}

/* The damaged file goes aside, what there is of it from a copy takes its place. */
static enum err begin_anew(struct store *s, enum file f, const char *reason, struct error *e)
{
	struct source *src = &s->files[f];
	enum err r = set_aside(s, f, reason, e);

	if (!r && f == FILE_MEMORY)
		r = restore(s, f, e);
	if (!r)
		r = database_open(&src->d, schemas[f], s->place.path, false, e);
	if (!r && f == FILE_MEMORY) {
		s->uncopied = true;
		r = skip_numbers(&src->d, e);
	}
	return r;
}

enum err source_open(struct store *s, enum file f, struct error *e)
{
	struct source *src = &s->files[f];
	bool lost = f == FILE_MEMORY && rescue_is_lost(&s->place, schemas[f]->file);
	struct error why;
	enum err r;

	if (lost)
		r = err_set(&why, ERR_DAMAGED, "'%s': is missing or empty", schemas[f]->file);
	else
		r = database_open(&src->d, schemas[f], s->place.path,
				  !place_is_as_left(&s->place, schemas[f]->file), &why);
	if (r != ERR_DAMAGED && !(r == ERR_UNSUPPORTED && f == FILE_CACHE)) {
		if (r && e)
			*e = why;
		return r;
	}
	return begin_anew(s, f, why.text, e);
}

/* Damage that was found while the file was in use. */
static enum err replace(struct store *s, enum file f, const struct error *found, struct error *e)
{
	struct source *src = &s->files[f];

	database_close(&src->d);
	src->recovered = true;
	return begin_anew(s, f, found->text, e);
}

/* ---- a batch ---- */

static enum err carry_out(struct store *s, struct batch *b, struct request *r, struct error *e)
{
	struct database *d = &s->files[r->kind->file].d;
	enum err result = ERR_OK;

	if (!d->db)
		return err_set(e, ERR_IO, "'%s' is closed", schemas[r->kind->file]->file);
	if (r->kind->writes)
		result = database_begin(d, e);
	if (!result)
		result = r->kind->run(d, r, &b->answers, e);
	/* some failures end the transaction on their own, a reader's too */
	if (result && d->begun && sqlite3_get_autocommit(d->db))
		d->begun = false;
	return result;
}

/* The batch's writes of this file never were. */
static void give_up(struct source *src, enum err code, const struct error *why)
{
	database_rollback(&src->d);
	src->failed = code;
	src->reason = *why;
}

static void note_lost(struct store *s, const struct error *why)
{
	s->lost++;
	s->lost_why = *why;
}

/* In a new file: all writes of the batch before `end`, and end itself. */
static enum err again(struct store *s, struct batch *b, enum file f, const struct request *end,
		      struct error *e)
{
	enum err result = ERR_OK;

	for (struct request *r = b->first; r && !result; r = r->next) {
		if (r->kind->file == f && r->kind->run && (r->kind->writes || r == end))
			result = carry_out(s, b, r, e);
		if (r == end)
			break;
	}
	return result;
}

/* end: the request at which it showed, NULL: at the commit. */
static enum err recover(struct store *s, struct batch *b, enum file f, const struct request *end,
			struct error *e)
{
	struct error found = *e;
	enum err r = replace(s, f, &found, e);

	return r ? r : again(s, b, f, end, e);
}

static void carry_out_one(struct store *s, struct batch *b, struct request *r)
{
	struct source *src = &s->files[r->kind->file];
	struct error why;
	bool begun = src->d.begun, recovered = false;

	if (r->kind->writes && src->failed)
		return;
	r->result = carry_out(s, b, r, &why);
	if (r->result == ERR_DAMAGED && !src->recovered) {
		recovered = true;
		r->result = recover(s, b, r->kind->file, r, &why);
	}
	if (!r->result)
		return;
	/* a replaced file that cannot be written, and a reader's failure that ended the transaction */
	if (r->kind->writes || recovered || (begun && !src->d.begun))
		give_up(src, r->result, &why);
	if (!r->kind->writes && !r->kind->tells)
		note_lost(s, &why);
}

static void commit(struct store *s, struct batch *b, enum file f)
{
	struct source *src = &s->files[f];
	struct error why;
	enum err r = ERR_OK;

	if (!src->failed) {
		r = database_commit(&src->d, &why);
		if (r == ERR_DAMAGED && !src->recovered) {
			r = recover(s, b, f, NULL, &why);
			if (!r)
				r = database_commit(&src->d, &why);
		}
	}
	if (r)
		give_up(src, r, &why);
	if (f == FILE_MEMORY && !src->failed)
		for (const struct request *q = b->first; q && !s->uncopied; q = q->next)
			s->uncopied = q->kind->writes && q->kind->file == f;
	if (!src->failed)
		return;
	for (struct request *q = b->first; q; q = q->next)
		if (q->kind->writes && q->kind->file == f) {
			q->result = src->failed;
			if (!q->kind->tells)
				note_lost(s, &src->reason);
		}
}

/* Flushes of a batch, which are those of FILE_NONE. */
static void answer_flushes(struct store *s, struct batch *b)
{
	struct error why;
	bool any = false;
	enum err r;

	for (const struct request *q = b->first; q && !any; q = q->next)
		any = q->kind->file == FILE_NONE;
	if (!any)
		return;
	for (enum file f = 0; f < FILE_COUNT; f++) {
		r = s->files[f].d.db ? database_sync(&s->files[f].d, &why) : ERR_OK;
		if (r)
			note_lost(s, &why);
	}
	if (s->lost)
		(void)err_set(&b->lost, s->lost_why.code, "%zu requests to the state failed: %s", s->lost,
			      s->lost_why.text);
	s->lost = 0;
	for (struct request *q = b->first; q; q = q->next)
		if (q->kind->file == FILE_NONE) {
			q->result = b->lost.code;
			q->why = &b->lost;
		}
}

/* ---- the queue ---- */

/* Until there is work, the store stops, or something is due on its own: caches let go after a quiet moment,
 * the copy. With the lock held. */
static void wait_for_work(struct store *s)
{
	struct timespec until;
	int timeout = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += s->warm ? IDLE_SECONDS : COPY_FIRST_SECONDS;
	while (!s->backlog && !s->queue && !s->stopping && !timeout)
		timeout = s->warm || s->uncopied ? pthread_cond_timedwait(&s->work, &s->mutex, &until)
						 : pthread_cond_wait(&s->work, &s->mutex);
}

/* NULL when nothing came, or no memory is left. The lock is held for a moment only: the loop waits for it. */
static struct batch *take(struct store *s, bool *stopping)
{
	static const struct timespec a_while = {.tv_nsec = 10 * 1000 * 1000};
	struct batch *b = calloc(1, sizeof(*b));
	struct request **end;
	size_t n = 0;

	(void)pthread_mutex_lock(&s->mutex);
	wait_for_work(s);
	if (!s->backlog) {
		s->backlog = s->queue;
		s->queue = NULL;
		s->queue_end = &s->queue;
	}
	*stopping = s->stopping && !s->backlog;
	(void)pthread_mutex_unlock(&s->mutex);
	if (!b)
		(void)nanosleep(&a_while, NULL); /* no memory: perhaps later */
	if (!s->backlog || !b) {
		free(b);
		return NULL;
	}
	b->answers = ARENA_INIT(ANSWER_BYTES);
	b->first = s->backlog;
	for (end = &b->first; *end && n < BATCH_MAX; n++)
		end = &(*end)->next;
	s->backlog = *end;
	*end = NULL;
	return b;
}

/* The rest of a batch whose answers have grown large goes back to where it came from. */
static void put_back(struct store *s, struct request *last)
{
	struct request **end = &last->next;

	while (*end)
		end = &(*end)->next;
	*end = s->backlog;
	s->backlog = last->next;
	last->next = NULL;
}

static uint64_t clock_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void batch_run(struct store *s, struct batch *b)
{
	uint64_t began = clock_us();
	struct error why;

	for (enum file f = 0; f < FILE_COUNT; f++) {
		s->files[f].failed = ERR_OK;
		s->files[f].recovered = false;
		/* it was damaged and could not be replaced then: the disk may have room by now */
		if (!s->files[f].d.db && !source_open(s, f, &why))
			s->files[f].recovered = true;
	}
	for (struct request *r = b->first; r; r = r->next) {
		if (r->kind->run)
			carry_out_one(s, b, r);
		if (b->answers.used > BATCH_BYTES && r->next)
			put_back(s, r);
	}
	/* what cannot be rebuilt comes first */
	commit(s, b, FILE_MEMORY);
	commit(s, b, FILE_CACHE);
	answer_flushes(s, b);
	b->us = clock_us() - began;
}

/* What nobody waits for ends here, off the loop's time. */
static void free_unwaited(struct batch *b, size_t *count, size_t *bytes)
{
	for (struct request **at = &b->first, *r; (r = *at);) {
		++*count;
		*bytes += r->size;
		if (r->kind->done) {
			at = &r->next;
		} else {
			*at = r->next;
			free(r);
		}
	}
}

/* b may be NULL: then only a complaint may wait. */
static void hand_back(struct store *s, struct batch *b)
{
	size_t count = 0, bytes = 0;
	bool wake;

	if (b)
		free_unwaited(b, &count, &bytes);
	if (b && !b->first) {
		arena_release(&b->answers);
		free(b);
		b = NULL;
	}
	(void)pthread_mutex_lock(&s->mutex);
	s->queued -= count;
	s->queued_bytes -= bytes;
	if (s->starved && s->queued <= QUEUE_MAX / 2 && s->queued_bytes <= QUEUE_BYTES / 2) {
		s->starved = false;
		s->room = true;
	}
	if (b) {
		*s->done_end = b;
		s->done_end = &b->next;
	}
	wake = s->room || s->done;
	(void)pthread_mutex_unlock(&s->mutex);
	if (wake && s->options.wake)
		s->options.wake(s->options.wake_arg);
}

static void copy_if_due(struct store *s, bool closing)
{
	int64_t now = (int64_t)time(NULL);
	struct error why;
	enum err r;

	if (!s->uncopied || !s->files[FILE_MEMORY].d.db)
		return;
	/* a clock that was set to 2100 and back again must not end copying */
	if (s->copy_at > now + COPY_SECONDS)
		s->copy_at = now;
	/* the first one is made soon, and not of a first row */
	if (!s->copy_at && !closing)
		s->copy_at = now + COPY_FIRST_SECONDS;
	if (s->copy_at > now && !(closing && !s->copied))
		return;
	r = rescue_copy(&s->place, &s->files[FILE_MEMORY].d, &why);
	s->uncopied = r != ERR_OK;
	s->copied = s->copied || !r;
	s->copy_at = now + (r ? COPY_FIRST_SECONDS : COPY_SECONDS);
	if (r && !s->copy_failed)
		store_say(s, "cannot make the daily copy: %s", why.text);
	s->copy_failed = r != ERR_OK;
}

/* A service that waits for hours needs no caches. */
static void let_go(struct store *s)
{
	for (enum file f = 0; f < FILE_COUNT; f++)
		if (s->warm && s->files[f].d.db)
			(void)sqlite3_db_release_memory(s->files[f].d.db);
	s->warm = false;
}

void *thread_main(void *store)
{
	struct store *s = store;
	bool stopping = false;

	while (!stopping) {
		struct batch *b = take(s, &stopping);

		if (b) {
			batch_run(s, b);
			s->warm = true;
		} else {
			let_go(s);
		}
		copy_if_due(s, stopping);
		hand_back(s, b);
	}
	if (s->lost)
		store_say(s, "%zu requests to the state failed: %s", s->lost, s->lost_why.text);
	for (enum file f = 0; f < FILE_COUNT; f++)
		database_close(&s->files[f].d);
	return NULL;
}
