/* SPDX-License-Identifier: MIT */
#include "pass.h"

#include <fnmatch.h>
#include <unistd.h>

#include "base/hash.h"
#include "document/recover.h"
#include "document/scan.h"
#include "task.h"

enum {
	ACTIVE_MAX = 64, /* documents between RECALLING and READING */
	MERGE_MAX = 64,  /* between GATHERING and WRITING: these hold their texts */
	WRITE_MAX = 16,  /* syncs that wait together share the journal's commits (hazards, part 6) */
};

/* What the scan found, handed from the pool to the loop in batches. */
struct found {
	struct found *next;
	enum scan_kind kind;
	struct file_key key;
	struct error error;
	char path[];
};

struct root_scan {
	struct job job;
	struct pass *pass;
	const struct root *root;
	struct store_document *known; /* sorted by path; paths lie in `paths` */
	size_t known_count;
	struct strbuf paths;
	struct found *first, **last; /* under pass->lock */
	uint64_t unchanged;
	uint64_t *unchanged_keys; /* report_document_key() of each */
	size_t unchanged_room;
	enum err result;
	struct error error;
};

struct queue {
	struct task *first, **last;
	size_t waiting, active;
};

struct pass {
	struct pass_options o;
	struct task_options task_options;
	const char *only_path;
	uint64_t fingerprint;
	struct urls *urls;
	struct lane scan_lane, read_lane, merge_lane, write_lane;
	uv_async_t wake;
	uv_mutex_t lock;
	struct root_scan *scans;
	size_t scanning;
	struct queue found, ready; /* wait for RECALLING, for GATHERING */
	size_t tasks;              /* not yet DONE */
	bool ended;
	struct pass_result result;
};

static void task_go(struct task *t, enum task_state to);
static void advance(struct pass *p);

/* ---- scanning ---- */

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
	s->unchanged_keys[s->unchanged++] = report_document_key(path);
	return true;
}

/* Pool thread. */
static bool on_entry(void *arg, const struct scan_entry *entry)
{
	struct root_scan *s = arg;
	struct pass *p = s->pass;
	struct found *f;

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

static void enqueue(struct queue *q, struct task *t)
{
	t->next = NULL;
	*q->last = t;
	q->last = &t->next;
	q->waiting++;
}

static struct task *dequeue(struct queue *q)
{
	struct task *t = q->first;

	q->first = t->next;
	if (!q->first)
		q->last = &q->first;
	q->waiting--;
	return t;
}

static void out_of_memory(struct pass *p)
{
	p->result.failed = err_set(&p->result.error, ERR_NOMEM, "out of memory");
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

static void take_found(struct pass *p, struct root_scan *s)
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
				out_of_memory(p);
		}
		if (t) {
			p->tasks++;
			enqueue(&p->found, t);
		}
		free(f);
	}
}

static void on_wake(uv_async_t *h)
{
	struct pass *p = CONTAINER_OF(h, struct pass, wake);

	for (size_t i = 0; i < p->o.roots->count; i++)
		take_found(p, &p->scans[i]);
	advance(p);
}

static void scan_done(struct job *job)
{
	struct root_scan *s = CONTAINER_OF(job, struct root_scan, job);
	struct pass *p = s->pass;
	struct report_counts *counts = report_counts(p->o.report);

	take_found(p, s);
	counts->found += s->unchanged;
	counts->unchanged += s->unchanged;
	report_not_looked_at(p->o.report, s->unchanged_keys, s->unchanged);
	if (s->result == ERR_NOMEM || s->result == ERR_CANCELLED)
		out_of_memory(p);
	else if (s->result)
		report_problem(p->o.report, span_str(s->root->path), span_str(s->root->path), 0, 0, SPAN_NONE,
			       s->error.text);
	p->scanning--;
	advance(p);
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

/* ---- documents: one door for every change of state ---- */

static void problem(struct task *t, unsigned line, unsigned col, struct span url, const char *text)
{
	report_problem(t->pass->o.report, span_str(t->root->path), span_str(t->path), line, col, url, text);
}

static void enter_recalled(void *arg, const struct store_provenance *rows, size_t count);

static void enter_recalling(struct task *t)
{
	if (store_get_provenance(t->pass->o.store, span_str(t->root->path), span_str(t->path), enter_recalled,
				 t))
		enter_recalled(t, NULL, 0);
}

static void enter_recalled(void *arg, const struct store_provenance *rows, size_t count)
{
	struct task *t = arg;

	if (task_recall(t, rows, count)) {
		out_of_memory(t->pass);
		task_go(t, TASK_DONE);
		return;
	}
	task_go(t, t->state == TASK_RECALLING ? TASK_READING : TASK_MERGING);
}

/* Puts down that there is nothing to do before `due` while the file stays as it is. */
static void remember(struct task *t, int64_t due)
{
	struct pass *p = t->pass;
	const struct store_document row = {span_str(t->path), t->key, t->content, p->fingerprint, due};

	if (p->o.dry_run || t->partial)
		return;
	if (store_put_document(p->o.store, span_str(t->root->path), &row))
		return; /* looked at again next time, no worse */
}

/* A full disk is one trouble, however many documents it hits: the run ends with one line for all. */
static void no_space(struct task *t)
{
	struct pass_result *result = &t->pass->result;

	if (!result->unwritten++)
		(void)err_set(&result->full, ERR_FULL, "%s", t->error.text);
	report_event(t->pass->o.report, span_str(t->root->path), span_str(t->path), t->error.text);
}

/* What went wrong with a document is told once; it counts as known until its file changes. */
static void refuse(struct task *t)
{
	struct pass *p = t->pass;

	if (t->result == ERR_NOMEM) {
		out_of_memory(p);
		return;
	}
	report_looked_at(p->o.report, span_str(t->path));
	if (t->result == ERR_NOTFOUND)
		(void)err_set(&t->error, ERR_CHANGED, "it vanished during the run");
	if (t->result == ERR_NOTFOUND || t->result == ERR_CHANGED || t->result == ERR_BUSY) {
		report_counts(p->o.report)->dropped++;
		problem(t, 0, 0, SPAN_NONE, t->error.text);
		return;
	}
	report_counts(p->o.report)->refused++;
	if (t->result == ERR_FULL) {
		no_space(t);
		return;
	}
	problem(t, t->error.line, t->error.col, SPAN_NONE, t->error.text);
	if (t->result == ERR_SYNTAX || t->result == ERR_UNSAFE || t->result == ERR_TOOBIG ||
	    t->result == ERR_TOODEEP)
		remember(t, INT64_MAX);
}

static void url_ready(void *arg)
{
	struct task *t = arg;

	if (--t->pending)
		return;
	enqueue(&t->pass->ready, t);
	advance(t->pass);
}

static bool want_urls(struct task *t)
{
	t->urls = t->want_count ? calloc(t->want_count, sizeof(struct url_state *)) : NULL;
	if (t->want_count && !t->urls)
		return false;
	t->pending = 1; /* until all are asked for */
	for (size_t i = 0; i < t->want_count; i++) {
		if (urls_want(t->pass->urls, t->want_urls[i], t->want_titles[i], url_ready, t, &t->urls[i]))
			return false;
		t->url_count++;
		t->pending += !t->urls[i]->ready;
	}
	return true;
}

static void read_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);
	struct pass *p = t->pass;

	p->found.active--;
	for (size_t i = 0; i < t->problem_count; i++)
		problem(t, t->problems[i].error.line, 0, t->problems[i].url, t->problems[i].error.text);
	if (t->result) {
		refuse(t);
		task_go(t, TASK_DONE);
	} else if (!t->wanting || (t->partial && !t->want_count)) {
		if (t->ignored)
			report_counts(p->o.report)->ignored++;
		else if (t->problem_count)
			report_counts(p->o.report)->open++;
		else
			report_counts(p->o.report)->complete++;
		remember(t, INT64_MAX);
		if (!t->partial)
			report_looked_at(p->o.report, span_str(t->path));
		task_go(t, TASK_DONE);
	} else {
		task_go(t, TASK_WAITING);
	}
	advance(p);
}

static void enter_reading(struct task *t)
{
	lane_submit(&t->pass->read_lane, &t->job, task_read, read_done);
}

static void enter_waiting(struct task *t)
{
	struct pass *p = t->pass;
	bool asked = want_urls(t);

	task_slim(t);
	if (!asked)
		out_of_memory(p);
	url_ready(t);
}

static void gathered(void *arg, const struct store_result *results, size_t count)
{
	struct task *t = arg;

	for (size_t i = 0; i < t->url_count; i++)
		t->lost |= t->urls[i]->outcome == OUTCOME_PAGE && !t->urls[i]->deferred &&
			   (i >= count || !results[i].page.ptr);
	t->known = ARENA_NEW_ARRAY(&t->arena, struct task_known, count + 1);
	for (size_t i = 0; i < count && t->known; i++)
		t->known[t->known_count++] = (struct task_known){
			arena_dup(&t->arena, results[i].url),
			arena_dup(&t->arena, results[i].final_url),
			arena_dup(&t->arena, results[i].page),
		};
	enter_recalling(t);
}

static void enter_gathering(struct task *t)
{
	struct span *keys = ARENA_NEW_ARRAY(&t->arena, struct span, t->url_count + 1);

	for (size_t i = 0; i < t->url_count && keys; i++) {
		const struct url_state *url = t->urls[i];

		keys[i] = span_str(url->key);
		if (url->error && !url->deferred)
			problem(t, 0, 0, keys[i], url->error);
	}
	if (!t->url_count || !keys || store_get_results(t->pass->o.store, keys, t->url_count, gathered, t))
		gathered(t, NULL, 0);
}

/* When the document is worth looking at again: when its first URL may be asked again. */
static int64_t due_at(const struct task *t, bool *deferred)
{
	int64_t due = INT64_MAX;

	*deferred = false;
	for (size_t i = 0; i < t->url_count; i++) {
		*deferred |= t->urls[i]->deferred;
		due = MIN(due, t->urls[i]->expires_at);
	}
	return due;
}

static void settle(struct task *t)
{
	struct report_counts *counts = report_counts(t->pass->o.report);
	bool deferred;
	int64_t due = due_at(t, &deferred);

	if (t->open)
		counts->open++;
	else
		counts->complete++;
	if (deferred || t->partial || t->lost) {
		uint64_t key = report_document_key(span_str(t->path));

		report_not_looked_at(t->pass->o.report, &key, 1);
		return;
	}
	remember(t, due);
	report_looked_at(t->pass->o.report, span_str(t->path));
}

static void tell_changes(struct task *t)
{
	report_document(t->pass->o.report, span_str(t->root->path), span_str(t->path), t->changes,
			t->patch->change_count, strbuf_span(&t->diff));
}

static void merge_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (t->result) {
		refuse(t);
		task_go(t, TASK_DONE);
	} else if (!t->patch->change_count) {
		settle(t);
		task_go(t, TASK_DONE);
	} else if (t->pass->o.dry_run) {
		tell_changes(t);
		settle(t);
		task_go(t, TASK_DONE);
	} else {
		task_go(t, TASK_RECORDING);
	}
}

static void enter_merging(struct task *t)
{
	lane_submit(&t->pass->merge_lane, &t->job, task_merge, merge_done);
}

static void recorded(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct task *t = arg;

	(void)count;
	t->provenance = first_id;
	if (!result) {
		task_go(t, TASK_WRITING);
		return;
	}
	/* without a record of what was there, nothing is written */
	t->result =
		err_set(&t->error, result, "not written: the state cannot record it: %s", err_text(result));
	refuse(t);
	task_go(t, TASK_DONE);
}

static void enter_recording(struct task *t)
{
	size_t n = t->patch->change_count;
	struct store_provenance *rows = ARENA_NEW_ARRAY(&t->arena, struct store_provenance, n);

	for (size_t i = 0; i < n && rows; i++)
		rows[i] = (struct store_provenance){
			.run = t->pass->result.run,
			.path = span_str(t->path),
			.related = t->changes[i].related,
			.url = t->change_urls[i],
			.field = t->changes[i].field,
			.was_absent = !t->changes[i].before.ptr,
			.before = t->changes[i].before,
			.after = t->changes[i].after,
			.source = t->changes[i].source,
			.from = t->changes[i].from,
			.time = t->options->now,
		};
	if (!rows || store_put_provenance(t->pass->o.store, span_str(t->root->path), rows, n, recorded, t))
		recorded(t, ERR_NOMEM, 0, 0);
}

static void write_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (t->result) {
		/* a failure to drop is harmless: the rows' values do not stand in the document */
		if (store_drop_provenance(t->pass->o.store, t->provenance, t->patch->change_count))
			out_of_memory(t->pass);
		refuse(t);
	} else {
		tell_changes(t);
		settle(t);
	}
	task_go(t, TASK_DONE);
}

static void enter_writing(struct task *t)
{
	lane_submit(&t->pass->write_lane, &t->job, task_write, write_done);
}

static void enter_done(struct task *t)
{
	struct pass *p = t->pass;

	p->tasks--;
	task_free(t);
	advance(p);
}

#define BIT(n) (1u << (n))
static const struct {
	unsigned next; /* states that may follow; any may go to DONE */
	void (*enter)(struct task *);
} states[TASK_STATES] = {
	[TASK_FOUND] = {BIT(TASK_RECALLING), NULL},
	[TASK_RECALLING] = {BIT(TASK_READING), enter_recalling},
	[TASK_READING] = {BIT(TASK_WAITING), enter_reading},
	[TASK_WAITING] = {BIT(TASK_GATHERING), enter_waiting},
	[TASK_GATHERING] = {BIT(TASK_MERGING), enter_gathering},
	[TASK_MERGING] = {BIT(TASK_RECORDING), enter_merging},
	[TASK_RECORDING] = {BIT(TASK_WRITING), enter_recording},
	[TASK_WRITING] = {0, enter_writing},
	[TASK_DONE] = {0, enter_done},
};

/* The one place where a document changes state. enter() may free the task, so it comes last. */
static void task_go(struct task *t, enum task_state to)
{
	assert(to == TASK_DONE || (states[t->state].next & BIT(to)));
	if (to == TASK_DONE && t->state >= TASK_GATHERING)
		t->pass->ready.active--;
	if (to == TASK_DONE && t->state == TASK_RECALLING)
		t->pass->found.active--;
	t->state = to;
	states[to].enter(t);
}

/* ---- the pass ---- */

static void end(struct pass *p)
{
	p->ended = true;
	urls_settle(p->urls);
	p->result.network_down = urls_network_down(p->urls);
	uv_close((uv_handle_t *)&p->wake, NULL);
	p->o.done(p->o.done_arg);
}

/* Lets as many documents go on as may; ends the pass when none is left. */
static void advance(struct pass *p)
{
	while (p->found.first && p->found.active < ACTIVE_MAX) {
		p->found.active++;
		task_go(dequeue(&p->found), TASK_RECALLING);
	}
	while (p->ready.first && p->ready.active < MERGE_MAX) {
		p->ready.active++;
		task_go(dequeue(&p->ready), TASK_GATHERING);
	}
	if (!p->scanning && !p->found.first && !p->found.active)
		urls_judge(p->urls);
	if (!p->ended && !p->scanning && !p->tasks)
		end(p);
}

/* A host has no slash, no wildcard and no Markdown suffix. */
static bool is_path(const char *only)
{
	return strpbrk(only, "/*?[") || span_ends_nocase(span_str(only), SPAN(".md")) ||
	       span_ends_nocase(span_str(only), SPAN(".markdown"));
}

static void in_doubt(void *arg)
{
	advance(arg);
}

static void run_begun(void *arg, int64_t run)
{
	((struct pass *)arg)->result.run = run;
}

static enum err start(struct pass *p, struct error *e)
{
	const struct urls_options urls = {
		.loop = p->o.loop,
		.config = p->o.config,
		.store = p->o.store,
		.fetcher = p->o.fetcher,
		.report = p->o.report,
		.force = p->o.force,
		.extractors = (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN)),
		.now = p->o.now,
		.in_doubt = in_doubt,
		.in_doubt_arg = p,
	};
	enum err r = urls_new(&urls, &p->urls, e);
	if (!r)
		r = store_begin_run(p->o.store, p->task_options.now, run_begun, p);
	if (r)
		return r;
	lane_init(&p->scan_lane, p->o.loop, 2);
	lane_init(&p->read_lane, p->o.loop, urls.extractors);
	lane_init(&p->merge_lane, p->o.loop, urls.extractors);
	lane_init(&p->write_lane, p->o.loop, WRITE_MAX);
	uv_async_init(p->o.loop, &p->wake, on_wake);
	uv_mutex_init(&p->lock);
	p->scanning = p->o.roots->count;
	for (size_t i = 0; i < p->o.roots->count; i++) {
		struct root_scan *s = &p->scans[i];

		*s = (struct root_scan){.pass = p, .root = &p->o.roots->at[i]};
		s->last = &s->first;
		if (store_get_documents(p->o.store, span_str(s->root->path), documents_known, s))
			documents_known(s, NULL, 0);
	}
	return ERR_OK;
}

enum err pass_start(const struct pass_options *options, struct pass **ret, struct error *e)
{
	struct pass *p = calloc(1, sizeof(*p));
	uint64_t versions[] = {options->config->fingerprint, PLAN_VERSION, EXTRACT_VERSION};
	enum err r;

	if (p)
		p->scans = calloc(options->roots->count, sizeof(*p->scans));
	if (!p || !p->scans) {
		free(p);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	p->o = *options;
	p->found.last = &p->found.first;
	p->ready.last = &p->ready.first;
	p->fingerprint = hash64(span_of((const char *)versions, sizeof(versions))) >> 1;
	p->task_options = (struct task_options){
		.config = options->config,
		.shape = options->shape,
		.dry_run = options->dry_run,
		.want_diff = report_wants_diff(options->report),
		.colour = report_is_coloured(options->report),
		.now = options->now(),
	};
	if (options->only && is_path(options->only))
		p->only_path = options->only;
	else
		p->task_options.only_host = options->only;
	r = start(p, e);
	if (r) {
		pass_free(p);
		return r;
	}
	*ret = p;
	return ERR_OK;
}

void pass_progress(const struct pass *p, uint64_t *running, uint64_t *queued, uint64_t *to_do)
{
	struct fetcher_counts c = fetcher_counts(p->o.fetcher);

	*running = c.running;
	*queued = c.queued + c.waiting;
	*to_do = p->tasks;
}

const struct pass_result *pass_result(const struct pass *p)
{
	return &p->result;
}

struct pass *pass_free(struct pass *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < p->o.roots->count; i++) {
		free(p->scans[i].known);
		free(p->scans[i].unchanged_keys);
		strbuf_release(&p->scans[i].paths);
	}
	urls_free(p->urls);
	free(p->scans);
	free(p);
	return NULL;
}
