/* SPDX-License-Identifier: MIT */
#include "pass_inner.h"

#include <fnmatch.h>

#include "document/recover.h"

enum { KNOWN_PAGE = 2048, KNOWN_BYTES = 1024 * 1024 * 1024, TAKE_MAX = 256 };

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

static bool nothing_due(struct sweep *s, const struct scan_entry *entry)
{
	const struct pass *p = s->pass;
	const struct store_document *d;

	const struct errand *errand = s->ticket ? ticket_errand(s->ticket) : NULL;

	if (!s->known_count || p->o.force || (errand && errand->since))
		return false;
	d = bsearch(&entry->path, s->known, s->known_count, sizeof(*s->known), document_order);
	if (d && s->seen)
		s->seen[d - s->known] = true;
	/* in the service who is due comes by himself */
	return d && d->fingerprint == p->fingerprint && (p->o.stays || d->due_at > s->now) &&
	       file_key_eq(d->key, entry->key);
}

static bool note_unchanged(struct sweep *s, struct span path)
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
	struct sweep *s = arg;
	struct pass *p = s->pass;
	struct found *f;

	if (p->stopped)
		return false;
	if (p->only_path && fnmatch(p->only_path, entry->path.ptr, FNM_PERIOD) != 0)
		return true;
	if (s->glob && fnmatch(s->glob, entry->path.ptr, FNM_PERIOD) != 0)
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
	while (!s->paths && p->crowded)
		uv_cond_wait(&p->room, &p->lock);
	*s->last = f;
	s->last = &f->next;
	uv_mutex_unlock(&p->lock);
	uv_async_send(&p->wake);
	return true;
}

static void point_to_paths(struct sweep *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->known_count; i++) {
		s->known[i].path.ptr = s->known_paths.ptr + at;
		at += s->known[i].path.len;
	}
}

static bool tell_gone(struct sweep *s, struct span path)
{
	const struct scan_entry gone = {.kind = SCAN_GONE, .path = path};

	return on_entry(s, &gone);
}

/* A million of them take long to give back: not on the loop. */
static void free_known(struct sweep *s)
{
	free(s->known);
	free(s->seen);
	strbuf_release(&s->known_paths);
	s->known = NULL;
	s->seen = NULL;
	s->known_count = s->known_room = 0;
}

static void scan_run(struct job *job)
{
	struct sweep *s = CONTAINER_OF(job, struct sweep, job);
	const struct config *config = s->pass->o.config;
	const struct scan_options options = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.all = !config->exclude_usual,
	};

	point_to_paths(s);
	if (s->paths)
		s->result = scan_some(s->root->fd, (const char *const *)s->paths, s->path_count, &options,
				      on_entry, s, &s->error);
	else if (s->root->whole)
		s->result = scan_folder(s->root->fd, &options, on_entry, s, &s->error);
	/* what the state knows and the walk has not met is gone, if not the folder itself is */
	bool whole = s->seen && !s->result && root_in_place(s->root);
	for (size_t i = 0; i < s->known_count && whole && !s->result; i++)
		if (!s->seen[i] && !tell_gone(s, s->known[i].path))
			s->result = ERR_CANCELLED;
	for (size_t i = 0; i < s->root->part_count && !s->paths && !s->root->whole && !s->result; i++)
		s->result = scan_path(s->root->fd, s->root->parts[i], &options, on_entry, s, &s->error);
	free_known(s);
}

/* What an interrupted run left is put right before its document is read: it sorts before it. */
static void put_right(struct pass *p, const struct sweep *s, const struct found *f)
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

	if (p->o.dry_run || p->walked) /* ours, and being written */
		return;
	r = recover_leftover(s->root->fd, f->path, &done, &e);
	if (r == ERR_NOTFOUND || (!r && !words[done.what]))
		return;
	(void)snprintf(text, sizeof(text), "%s %s", r ? e.text : words[done.what], r ? "" : done.path);
	report_problem(p->o.report, span_str(s->root->path), span_str(f->path), 0, 0, SPAN_NONE, text);
}

static struct report *sweep_report(const struct sweep *s)
{
	const struct errand *errand = s->ticket ? ticket_errand(s->ticket) : NULL;

	return errand && errand->dry_run ? s->pass->silent : s->pass->o.report;
}

/* Of a path of the sweep, or of its root. */
static void complain(const struct sweep *s, struct span path, const char *text)
{
	const struct ticket_problem problem = {.root = span_str(s->root->path), .path = path, .text = text};

	report_problem(sweep_report(s), problem.root, path, 0, 0, SPAN_NONE, text);
	if (s->ticket)
		ticket_problem(s->ticket, &problem);
}

static struct task *new_task(struct pass *p, const struct sweep *s, const struct found *f)
{
	struct errand *errand = s->ticket ? ticket_errand(s->ticket) : NULL;
	struct task *t = task_new(p, errand && errand->dry_run ? &p->dry_options : &p->task_options, s->root,
				  span_str(f->path), &f->key);

	if (t && s->ticket)
		tickets_add(&t->tickets, s->ticket);
	if (!t || !errand)
		return t;
	t->since = errand->since;
	t->whole = errand->whole;
	if (errand->dry_run || errand->host || errand->url || errand->since)
		t->errand = errand_hold(errand);
	return t;
}

static void take(struct pass *p, const struct sweep *s, const struct found *f)
{
	struct task *t;

	switch (f->kind) {
	case SCAN_LEFTOVER: put_right(p, s, f); break;
	case SCAN_COMPLAINT:
		report_counts(sweep_report(s))->refused++;
		complain(s, span_str(f->path), f->error.text);
		break;
	case SCAN_GONE:
		/* else it would be due for ever; that it is not told costs nothing */
		if (!p->o.dry_run &&
		    store_forget_document(p->o.store, span_str(s->root->path), span_str(f->path)))
			break;
		report_looked_at(p->o.report, span_str(s->root->path), span_str(f->path));
		break;
	case SCAN_DOCUMENT:
		report_counts(sweep_report(s))->found += s->priority != PASS_AGAIN;
		t = new_task(p, s, f);
		if (t)
			pass_take(p, t, s->priority);
		else
			pass_out_of_memory(p);
		pass_make_room(p);
		break;
	}
}

/* Whether that is all of it: a walk is quicker than the loop, which has others to serve. */
static bool take_some(struct sweep *s)
{
	struct pass *p = s->pass;
	struct found *list, *next, **end;
	bool all;

	uv_mutex_lock(&p->lock);
	list = s->first;
	end = &list;
	for (size_t n = 0; *end && n < TAKE_MAX; n++)
		end = &(*end)->next;
	s->first = *end;
	all = !s->first;
	if (all)
		s->last = &s->first;
	uv_mutex_unlock(&p->lock);
	*end = NULL;
	for (struct found *f = list; f; f = next) {
		next = f->next;
		take(p, s, f);
		free(f);
	}
	return all;
}

struct sweep *sweep_new(struct pass *p, const struct root *root, enum pass_priority priority)
{
	struct sweep *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->pass = p;
	s->root = root;
	s->priority = priority;
	s->last = &s->first;
	s->known_paths = STRBUF_INIT(KNOWN_BYTES);
	return s;
}

bool sweep_add(struct sweep *s, struct span path)
{
	char *copy;

	if (s->path_count == s->path_room) {
		size_t room = MAX(2 * s->path_room, 16);
		char **paths = realloc(s->paths, room * sizeof(*paths));

		if (!paths)
			return false;
		s->paths = paths;
		s->path_room = room;
	}
	copy = strndup(path.ptr, path.len);
	if (!copy || !s->paths) {
		free(copy);
		return false;
	}
	s->paths[s->path_count++] = copy;
	return true;
}

void sweep_free(struct sweep *s)
{
	for (size_t i = 0; i < s->path_count && s->paths; i++)
		free(s->paths[i]);
	free(s->paths);
	if (s->ticket)
		ticket_release(s->ticket);
	free_known(s);
	free(s->unchanged_keys);
	free(s);
}

static void end(struct sweep *s)
{
	struct pass *p = s->pass;
	struct sweep **at = &p->running;

	while (*at != s)
		at = &(*at)->running_next;
	*at = s->running_next;
	p->whole -= s->paths == NULL;
	if (!p->whole && !p->walked) {
		p->walked = true;
		uv_async_send(&p->wake);
		pass_write_fresh(p);
	}
	sweep_free(s);
	if (p->sweep_again && !p->whole) {
		p->sweep_again = false;
		pass_sweep(p);
	}
	pass_advance(p);
}

static void finish(struct sweep *s)
{
	struct pass *p = s->pass;
	struct report_counts *counts = report_counts(sweep_report(s));

	counts->found += s->unchanged;
	counts->unchanged += s->unchanged;
	if (s->ticket)
		ticket_unchanged(s->ticket, s->unchanged);
	report_not_looked_at(sweep_report(s), s->unchanged_keys, s->unchanged);
	if (s->result == ERR_CANCELLED && p->stopped)
		s->result = ERR_OK;
	if (s->result == ERR_NOMEM || s->result == ERR_CANCELLED)
		pass_out_of_memory(p);
	else if (s->result)
		complain(s, span_str(s->root->path), s->error.text);
	if (s->result || p->stopped)
		p->swept = false; /* not all of it */
	end(s);
}

void sweep_take(struct sweep *s)
{
	if (!take_some(s))
		uv_async_send(&s->pass->wake);
	else if (s->walked)
		finish(s);
}

static void scan_done(struct job *job)
{
	struct sweep *s = CONTAINER_OF(job, struct sweep, job);

	s->walked = true;
	sweep_take(s);
}

/* Their paths lie one behind the other; where, is told when all are there. */
static bool keep_known(struct sweep *s, const struct store_document *rows, size_t count)
{
	if (s->known_count + count > s->known_room) {
		size_t room = MAX(2 * s->known_room, s->known_count + count);
		struct store_document *known = realloc(s->known, room * sizeof(*known));

		if (!known)
			return false;
		s->known = known;
		s->known_room = room;
	}
	for (size_t i = 0; i < count; i++) {
		if (strbuf_add_span(&s->known_paths, rows[i].path))
			return false;
		s->known[s->known_count++] = rows[i];
	}
	return true;
}

static void begin_walk(struct sweep *s)
{
	if (!s->paths && s->root->whole && !s->pass->only_path && !s->pass->o.dry_run && s->known_count)
		s->seen = calloc(s->known_count, sizeof(*s->seen));
	lane_submit(s->paths ? &s->pass->add_lane : &s->pass->scan_lane, &s->job, scan_run, scan_done);
}

/* The state's rows, copied for the walking thread: of a whole root page by page, since the loop has more to
 * do. */
static void documents_known(void *arg, const struct store_document *rows, size_t count)
{
	struct sweep *s = arg;
	bool more = count == KNOWN_PAGE && (!s->paths || s->ticket);

	/* without memory for it everything is looked at again, no worse */
	if (!keep_known(s, rows, count)) {
		s->known_count = 0;
		more = false;
	}
	if (more && !s->pass->stopped &&
	    !store_get_documents_after(s->pass->o.store, span_str(s->root->path), rows[count - 1].path,
				       KNOWN_PAGE, documents_known, s))
		return;
	if (more) /* what is not known is no reason to forget it */
		s->known_count = 0;
	begin_walk(s);
}

static int path_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* False: nothing is, or there is no need to know. */
static bool ask_what_is_known(struct sweep *s)
{
	struct store *store = s->pass->o.store;
	struct span root = span_str(s->root->path);

	/* a person may have named a folder */
	if (!s->paths || s->ticket)
		return !store_get_documents_after(store, root, SPAN_NONE, KNOWN_PAGE, documents_known, s);
	if (s->priority == PASS_DUE || s->priority == PASS_AGAIN)
		return false;
	qsort(s->paths, s->path_count, sizeof(*s->paths), path_order);
	return !store_get_some_documents(store, root, (const char *const *)s->paths, s->path_count,
					 documents_known, s);
}

void sweep_start(struct sweep *s)
{
	struct pass *p = s->pass;

	s->running_next = p->running;
	p->running = s;
	s->now = p->o.stays ? p->o.now() : p->now;
	p->whole += s->paths == NULL;
	if (!ask_what_is_known(s))
		documents_known(s, NULL, 0);
}
