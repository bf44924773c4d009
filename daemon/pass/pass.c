/* SPDX-License-Identifier: MIT */
#include "pass_inner.h"

#include <unistd.h>

#include "base/hash.h"
#include "fresh.h"

enum {
	ACTIVE_MAX = 64,   /* documents between RECALLING and READING */
	MERGE_MAX = 64,    /* between GATHERING and WRITING: these hold their texts */
	TASKS_MAX = 30000, /* past it walks wait; a task that waits for its pages takes 1 KB */
	WRITE_MAX = 16,    /* syncs that wait together share the journal's commits (hazards, part 6) */
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
	struct sweep *adding = NULL, *next;

	/* the first walk puts right what a killed run left; nothing may be written into a folder before */
	if (p->walked || !p->whole) {
		adding = p->adding;
		p->adding = NULL;
	}
	for (struct sweep *s = adding; s; s = next) {
		next = s->next;
		sweep_start(s);
	}
	for (struct sweep *s = p->running; s; s = next) {
		next = s->running_next;
		sweep_take(s);
	}
	pass_advance(p);
}

static void end(struct pass *p)
{
	p->ended = true;
	urls_settle(p->urls);
	sites_end(p);
	images_settle(p->images);
	p->result.network_down = urls_network_down(p->urls);
	uv_close((uv_handle_t *)&p->wake, NULL);
	uv_close((uv_handle_t *)&p->retry, NULL);
	uv_close((uv_handle_t *)&p->look, NULL);
	p->o.done(p->o.done_arg);
}

/* Documents that nothing has been begun for, or that only wait: they hold nothing that needs an orderly end.
 */
static void drop(struct pass *p, struct queue *q)
{
	while (q->first) {
		struct task *t = dequeue(q);

		t->again = false;
		t->put_off = true;
		again_leave(t);
		if (t->fresh)
			fresh_end(t, FRESH_LATER, 0);
		task_free(t);
		p->tasks--;
	}
}

void pass_stop(struct pass *p, bool at_once)
{
	p->stopped = true;
	p->at_once |= at_once;
	p->sweep_again = false;
	pass_make_room(p);
	pass_advance(p);
}

static void drop_adding(struct pass *p)
{
	for (struct sweep *s = p->adding, *next; s; s = next) {
		next = s->next;
		sweep_free(s);
	}
	p->adding = NULL;
}

bool pass_is_idle(const struct pass *p)
{
	return !p->tasks && !p->running && !p->adding && !p->holds && !p->claimed && !p->sites.asking;
}

bool pass_round(const struct pass *p, int64_t *run)
{
	*run = p->result.run;
	return p->swept;
}

/* What was said to nobody. */
static void forget_silent(struct pass *p)
{
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(64 * 1024);
	size_t count;

	if (!p->silent)
		return;
	(void)report_told(p->silent, true, &count); /* of a round that was about all: nothing is kept */
	if (report_next_round(p->silent, 0, &json))
		return; /* which only fails to make the text */
}

/* Nothing is left to do. The order of a folder's keys is learnt anew: its documents may be others. */
static void end_round(struct pass *p)
{
	struct folders *fresh = folders_new(p->o.shape, p->task_options.organizations);

	p->round = false;
	sites_forget(p);
	images_settle(p->images);
	images_forget(p->images);
	p->result.network_down = urls_network_down(p->urls);
	if (fresh) {
		folders_free(p->task_options.folders);
		p->task_options.folders = p->dry_options.folders = fresh;
	}
	p->o.idle(p->o.done_arg);
	forget_silent(p);
	p->swept = p->run_begun = false;
	p->result = (struct pass_result){.run = 0};
}

struct report *task_report(const struct task *t)
{
	const struct pass *p = t->pass;

	return t->options == &p->dry_options ? p->silent : p->o.report;
}

static struct queue *next_found(struct pass *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->found); i++)
		if (p->found[i].first)
			return &p->found[i];
	return NULL;
}

/* A document that ends at once comes back here: the outermost call goes on, or a hundred thousand of them
 * would go as deep. */
void pass_advance(struct pass *p)
{
	struct queue *found;

	if (p->advancing)
		return;
	p->advancing = true;
	if (p->stopped) {
		for (size_t i = 0; i < ARRAY_SIZE(p->found); i++)
			drop(p, &p->found[i]);
		drop_adding(p);
	}
	if (p->stopped)
		drop(p, &p->parked);
	if (p->at_once)
		drop(p, &p->ready);
	while (p->reading < ACTIVE_MAX && (found = next_found(p))) {
		struct task *t = dequeue(found);

		if (t->superseded) {
			task_go(t, TASK_DONE);
			continue;
		}
		p->reading++;
		task_go(t, TASK_RECALLING);
	}
	do {
		while (p->ready.first && p->ready.active < MERGE_MAX) {
			struct task *t = dequeue(&p->ready);

			if (t->superseded) { /* since it was ready */
				task_go(t, TASK_DONE);
				continue;
			}
			if (parked(t))
				continue;
			p->ready.active++;
			task_go(t, TASK_GATHERING);
		}
		if (next_found(p) || p->reading || p->holds)
			continue;
		if (!p->running && !p->adding) {
			urls_judge(p->urls); /* which may make more of them ready */
			sites_all_wanted(p);
		} else if (p->crowded) {
			sites_all_wanted(p); /* the walk waits for room, and so for them */
		}
	} while (p->ready.first && p->ready.active < MERGE_MAX);
	p->advancing = false;
	if (p->ended || !pass_is_idle(p) || sites_look_again(p))
		return;
	if (p->round && p->o.stays)
		end_round(p);
	if (!p->o.stays || (p->stopped && pass_is_idle(p)))
		end(p);
}

/* ---- what comes in ---- */

enum err pass_add(struct pass *p, const struct root *root, struct span path, enum pass_priority priority)
{
	struct sweep *s = p->adding;

	if (p->stopped || root->gone)
		return ERR_OK; /* the next sweep finds it */
	while (s && (s->root != root || s->priority != priority || s->ticket))
		s = s->next;
	if (!s) {
		s = sweep_new(p, root, priority);
		if (!s)
			return ERR_NOMEM;
		s->next = p->adding;
		p->adding = s;
		p->round = true;
		uv_async_send(&p->wake);
	}
	return sweep_add(s, path) ? ERR_OK : ERR_NOMEM;
}

enum err pass_add_for(struct pass *p, const struct root *root, struct span path, struct ticket *t)
{
	struct sweep *s;

	if (p->stopped || root->gone)
		return ERR_CANCELLED;
	s = sweep_new(p, root, PASS_NOW);
	if (!s || !sweep_add(s, path)) {
		if (s)
			sweep_free(s);
		return ERR_NOMEM;
	}
	s->ticket = t;
	s->glob = ticket_errand(t) ? ticket_errand(t)->glob : NULL;
	ticket_hold(t);
	s->next = p->adding;
	p->adding = s;
	p->round = true;
	uv_async_send(&p->wake);
	return ERR_OK;
}

void pass_sweep(struct pass *p)
{
	if (p->stopped)
		return;
	p->sweep_again = p->whole > 0;
	if (p->whole)
		return;
	p->round = p->swept = true;
	for (size_t i = 0; i < p->o.roots->count; i++) {
		struct sweep *s;

		if (p->o.roots->at[i].gone)
			continue;
		s = sweep_new(p, &p->o.roots->at[i], PASS_SWEEP);
		if (s)
			sweep_start(s);
		else
			pass_out_of_memory(p);
	}
}

void pass_make_room(struct pass *p)
{
	bool crowded = p->tasks >= TASKS_MAX && !p->stopped;

	if (crowded == p->crowded) /* written on this thread alone */
		return;
	uv_mutex_lock(&p->lock);
	p->crowded = crowded;
	if (!crowded)
		uv_cond_broadcast(&p->room);
	uv_mutex_unlock(&p->lock);
}

/* A host has no slash, no wildcard and no Markdown suffix. */
bool pass_only_is_path(const char *only)
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

/* Its number is there before any answer to what is asked of the state later. */
static bool begin_run(struct pass *p)
{
	p->run_begun = !store_begin_run(p->o.store, p->o.now(), run_begun, p);
	return p->run_begun;
}

void pass_take(struct pass *p, struct task *t, enum pass_priority priority)
{
	if (!p->run_begun && !begin_run(p))
		pass_out_of_memory(p);
	enum again again = AGAIN_ENTERED;

	t->now = p->o.stays ? p->o.now() : p->now;
	t->taken_at = uv_now(p->o.loop);
	t->priority = priority;
	if (!t->fresh)
		again = again_enter(p, t);
	if (again == AGAIN_KNOWN) {
		task_free(t);
		return;
	}
	p->round = true;
	p->tasks++;
	if (again == AGAIN_ENTERED)
		queue_add(&p->found[priority], t);
}

static enum err start(struct pass *p, struct error *e)
{
	static const struct options nobody = {.quiet = true, .dry_run = true};
	const struct urls_options urls = {
		.loop = p->o.loop,
		.config = p->o.config,
		.store = p->o.store,
		.fetcher = p->o.fetcher,
		.report = p->o.report,
		.stays = p->o.stays,
		.force = p->o.force,
		.extractors = (unsigned)MAX(1, sysconf(_SC_NPROCESSORS_ONLN)),
		.now = p->o.now,
		.in_doubt = in_doubt,
		.in_doubt_arg = p,
		.site_told = sites_told,
		.site_told_arg = p,
	};
	const struct images_options images = {
		.loop = p->o.loop,
		.config = p->o.config,
		.store = p->o.store,
		.fetcher = p->o.fetcher,
		.report = p->o.report,
		.roots = p->o.roots,
		.force = p->o.force,
		.dry_run = p->o.dry_run,
		.now = p->o.now,
	};
	enum err r = urls_new(&urls, &p->urls, e);

	if (!r)
		r = images_new(&images, &p->images, e);

	p->task_options.folders = folders_new(p->o.shape, p->task_options.organizations);
	p->dry_options = p->task_options;
	p->dry_options.dry_run = true;
	if (!r && p->o.stays && !p->o.dry_run)
		r = report_new(&nobody, &p->silent, e);
	p->names = fresh_names_new();
	if (!r && (!p->task_options.folders || !p->names))
		r = err_set(e, ERR_NOMEM, "out of memory");
	if (!r && !p->o.stays && !begin_run(p))
		r = err_set(e, ERR_NOMEM, "out of memory");
	if (r)
		return r;
	lane_init(&p->scan_lane, p->o.loop, 2);
	lane_init(&p->add_lane, p->o.loop, 2);
	lane_init(&p->read_lane, p->o.loop, urls.extractors);
	lane_init(&p->merge_lane, p->o.loop, urls.extractors);
	lane_init(&p->write_lane, p->o.loop, WRITE_MAX);
	uv_async_init(p->o.loop, &p->wake, on_wake);
	uv_timer_init(p->o.loop, &p->retry);
	uv_unref((uv_handle_t *)&p->retry);
	uv_timer_init(p->o.loop, &p->look);
	uv_mutex_init(&p->lock);
	uv_cond_init(&p->room);
	sites_begin(p);
	if (!p->o.stays)
		pass_sweep(p);
	return ERR_OK;
}

enum err pass_start(const struct pass_options *options, struct pass **ret, struct error *e)
{
	struct pass *p = calloc(1, sizeof(*p));
	uint64_t versions[] = {options->config->fingerprint, PLAN_VERSION, EXTRACT_VERSION, 0};
	struct organizations *organizations;
	enum err r;

	if (p)
		p->repositories = calloc(options->roots->count, sizeof(*p->repositories));
	if (!p || !p->repositories) {
		free(p);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	r = organizations_read(options->config->organizations, &organizations, e);
	if (r) {
		free(p->repositories);
		free(p);
		return r;
	}
	/* what the table says now may be better than what was known when a document was looked at */
	if (organizations)
		versions[3] = organizations_hash(organizations);
	p->o = *options;
	p->now = options->now();
	for (size_t i = 0; i < ARRAY_SIZE(p->found); i++)
		p->found[i].last = &p->found[i].first;
	p->ready.last = &p->ready.first;
	p->parked.last = &p->parked.first;
	p->fingerprint =
		hash64(span_of((const char *)versions, sizeof(*versions) * (organizations ? 4 : 3))) >> 1;
	p->task_options = (struct task_options){
		.config = options->config,
		.shape = options->shape,
		.organizations = organizations,
		.dry_run = options->dry_run,
		.want_diff = report_wants_diff(options->report),
		.colour = report_is_coloured(options->report),
	};
	if (options->only && pass_only_is_path(options->only))
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
	sites_forget(p);
	urls_free(p->urls);
	images_free(p->images);
	folders_free(p->task_options.folders);
	organizations_free(p->task_options.organizations);
	again_free(p);
	fresh_names_free(p->names);
	report_free(p->silent);
	free(p->repositories);
	free(p);
	return NULL;
}
