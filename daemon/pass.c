/* SPDX-License-Identifier: MIT */
#include "pass_inner.h"

#include <unistd.h>

#include "base/hash.h"

enum {
	ACTIVE_MAX = 64, /* documents between RECALLING and READING */
	MERGE_MAX = 64,  /* between GATHERING and WRITING: these hold their texts */
	WRITE_MAX = 16,  /* syncs that wait together share the journal's commits (hazards, part 6) */
};

void queue_add(struct queue *q, struct task *t)
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

void pass_out_of_memory(struct pass *p)
{
	p->result.failed = err_set(&p->result.error, ERR_NOMEM, "out of memory");
}

static void on_wake(uv_async_t *h)
{
	struct pass *p = CONTAINER_OF(h, struct pass, wake);

	for (size_t i = 0; i < p->o.roots->count; i++)
		sweep_take(p, &p->scans[i]);
	pass_advance(p);
}

static void end(struct pass *p)
{
	p->ended = true;
	urls_settle(p->urls);
	p->result.network_down = urls_network_down(p->urls);
	uv_close((uv_handle_t *)&p->wake, NULL);
	p->o.done(p->o.done_arg);
}

/* Documents that nothing has been begun for, or that only wait: they hold nothing that needs an orderly end.
 */
static void drop(struct pass *p, struct queue *q)
{
	while (q->first) {
		task_free(dequeue(q));
		p->tasks--;
	}
}

void pass_stop(struct pass *p, bool at_once)
{
	p->stopped = true;
	p->at_once |= at_once;
	pass_advance(p);
}

/* A document that ends at once comes back here: the outermost call goes on, or a hundred thousand of them
 * would go as deep. */
void pass_advance(struct pass *p)
{
	if (p->advancing)
		return;
	p->advancing = true;
	if (p->stopped)
		drop(p, &p->found);
	if (p->at_once)
		drop(p, &p->ready);
	while (p->found.first && p->found.active < ACTIVE_MAX) {
		p->found.active++;
		task_go(dequeue(&p->found), TASK_RECALLING);
	}
	while (p->ready.first && p->ready.active < MERGE_MAX) {
		p->ready.active++;
		task_go(dequeue(&p->ready), TASK_GATHERING);
	}
	p->advancing = false;
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
	pass_advance(arg);
}

static void run_begun(void *arg, int64_t run)
{
	struct pass *p = arg;

	p->result.run = report_counts(p->o.report)->run = run;
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

	p->task_options.folders = folders_new(p->o.shape);
	if (!r && !p->task_options.folders)
		r = err_set(e, ERR_NOMEM, "out of memory");
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
		sweep_start(s);
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
	*queued = c.queued; /* those behind a gap are among them */
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
	folders_free(p->task_options.folders);
	free(p->scans);
	free(p);
	return NULL;
}
