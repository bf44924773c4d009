/* SPDX-License-Identifier: MIT */
#include "pass_inner.h"

#include <fnmatch.h>

#include "document/recover.h"

/* What the scan found, handed from the pool to the loop in batches. */
struct found {
	struct found *next;
	enum scan_kind kind;
	struct file_key key;
	struct error error;
	char path[];
};

static int document_order(const void *key, const void *row)
{
	return span_cmp(*(const struct span *)key, ((const struct store_document *)row)->path);
}

static bool nothing_due(const struct root_scan *s, const struct scan_entry *entry)
{
	const struct pass *p = s->pass;
	const struct store_document *d;

	if (!s->known_count || p->o.force)
		return false;
	d = bsearch(&entry->path, s->known, s->known_count, sizeof(*s->known), document_order);
	return d && d->fingerprint == p->fingerprint && d->due_at > p->task_options.now &&
	       file_key_eq(d->key, entry->key);
}

static bool note_unchanged(struct root_scan *s, struct span path)
{
	if (s->unchanged == s->unchanged_room) {
		size_t room = MAX(2 * s->unchanged_room, 1024);
		uint64_t *keys = realloc(s->unchanged_keys, room * sizeof(*keys));

		if (!keys)
			return false;
		s->unchanged_keys = keys;
		s->unchanged_room = room;
	}
	s->unchanged_keys[s->unchanged++] = report_document_key(span_str(s->root->path), path);
	return true;
}

/* Pool thread. */
static bool on_entry(void *arg, const struct scan_entry *entry)
{
	struct root_scan *s = arg;
	struct pass *p = s->pass;
	struct found *f;

	if (p->stopped)
		return false;
	if (p->only_path && fnmatch(p->only_path, entry->path.ptr, FNM_PERIOD) != 0)
		return true;
	if (entry->kind == SCAN_DOCUMENT && nothing_due(s, entry))
		return note_unchanged(s, entry->path);
	f = calloc(1, sizeof(*f) + entry->path.len + 1);
	if (!f)
		return false;
	f->kind = entry->kind;
	f->key = entry->key;
	if (entry->error)
		f->error = *entry->error;
	memcpy(f->path, entry->path.ptr, entry->path.len);
	uv_mutex_lock(&p->lock);
	*s->last = f;
	s->last = &f->next;
	uv_mutex_unlock(&p->lock);
	uv_async_send(&p->wake);
	return true;
}

static void scan_run(struct job *job)
{
	struct root_scan *s = CONTAINER_OF(job, struct root_scan, job);
	const struct config *config = s->pass->o.config;
	const struct scan_options options = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.all = !config->exclude_usual,
	};

	if (s->root->whole)
		s->result = scan_folder(s->root->fd, &options, on_entry, s, &s->error);
	for (size_t i = 0; i < s->root->part_count && !s->root->whole && !s->result; i++)
		s->result = scan_path(s->root->fd, s->root->parts[i], &options, on_entry, s, &s->error);
}

/* What an interrupted run left is put right before its document is read: it sorts before it. */
static void put_right(struct pass *p, const struct root_scan *s, const struct found *f)
{
	static const char *const words[] = {
		[RECOVER_REMOVED] = NULL, /* nothing of a person's was in it */
		[RECOVER_RESTORED] = "an edit that an interrupted run had displaced was put back to",
		[RECOVER_KEPT] = "a text that an interrupted run had displaced is kept in",
		[RECOVER_LEFT] = "left by an interrupted run and in use by somebody; for the next run:",
	};
	struct recovery done;
	struct error e;
	char text[4600];
	enum err r;

	if (p->o.dry_run)
		return;
	r = recover_leftover(s->root->fd, f->path, &done, &e);
	if (r == ERR_NOTFOUND || (!r && !words[done.what]))
		return;
	(void)snprintf(text, sizeof(text), "%s %s", r ? e.text : words[done.what], r ? "" : done.path);
	report_problem(p->o.report, span_str(s->root->path), span_str(f->path), 0, 0, SPAN_NONE, text);
}

void sweep_take(struct pass *p, struct root_scan *s)
{
	struct found *list, *next;

	uv_mutex_lock(&p->lock);
	list = s->first;
	s->first = NULL;
	s->last = &s->first;
	uv_mutex_unlock(&p->lock);
	for (struct found *f = list; f; f = next) {
		struct task *t = NULL;

		next = f->next;
		if (f->kind == SCAN_LEFTOVER) {
			put_right(p, s, f);
		} else if (f->kind == SCAN_COMPLAINT) {
			report_counts(p->o.report)->refused++;
			report_problem(p->o.report, span_str(s->root->path), span_str(f->path), 0, 0,
				       SPAN_NONE, f->error.text);
		} else {
			report_counts(p->o.report)->found++;
			t = task_new(p, &p->task_options, s->root, span_str(f->path), &f->key);
			if (!t)
				pass_out_of_memory(p);
		}
		if (t) {
			p->tasks++;
			queue_add(&p->found, t);
		}
		free(f);
	}
}

static void scan_done(struct job *job)
{
	struct root_scan *s = CONTAINER_OF(job, struct root_scan, job);
	struct pass *p = s->pass;
	struct report_counts *counts = report_counts(p->o.report);

	sweep_take(p, s);
	counts->found += s->unchanged;
	counts->unchanged += s->unchanged;
	report_not_looked_at(p->o.report, s->unchanged_keys, s->unchanged);
	if (s->result == ERR_CANCELLED && p->stopped)
		s->result = ERR_OK;
	if (s->result == ERR_NOMEM || s->result == ERR_CANCELLED)
		pass_out_of_memory(p);
	else if (s->result)
		report_problem(p->o.report, span_str(s->root->path), span_str(s->root->path), 0, 0, SPAN_NONE,
			       s->error.text);
	p->scanning--;
	pass_advance(p);
}

/* The state's rows of one root, copied for the scanning thread. */
static void documents_known(void *arg, const struct store_document *rows, size_t count)
{
	struct root_scan *s = arg;
	size_t room = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		room += rows[i].path.len;
	s->paths = STRBUF_INIT(room);
	s->known = count ? calloc(count, sizeof(*s->known)) : NULL;
	/* without memory for it everything is looked at again, no worse */
	if (s->known && !strbuf_reserve(&s->paths, room)) {
		for (size_t i = 0; i < count; i++) {
			s->known[i] = rows[i];
			if (strbuf_add_span(&s->paths, rows[i].path))
				break;
			s->known[i].path = span_of(s->paths.ptr + at, rows[i].path.len);
			at += rows[i].path.len;
			s->known_count++;
		}
	}
	lane_submit(&s->pass->scan_lane, &s->job, scan_run, scan_done);
}

void sweep_start(struct root_scan *s)
{
	if (store_get_documents(s->pass->o.store, span_str(s->root->path), documents_known, s))
		documents_known(s, NULL, 0);
}
