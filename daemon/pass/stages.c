/* SPDX-License-Identifier: MIT */
#include "feed/move.h"
#include "fresh.h"
#include "pass_inner.h"

enum { DEFERRED_SECONDS = 30, SIMILAR_SECONDS = 7 * 24 * 3600 };

static void problem(struct task *t, unsigned line, unsigned col, struct span url, const char *text)
{
	const struct ticket_problem p = {
		.root = span_str(t->root->path),
		.path = span_str(t->path),
		.url = url,
		.line = line,
		.col = col,
		.text = text,
	};

	report_problem(task_report(t), p.root, p.path, line, col, url, text);
	tickets_problem(t->tickets, &p);
}

static void enter_recalled(void *arg, const struct store_provenance *rows, size_t count);

static void refuse(struct task *t);

/* Without it what a person took back would be written again. */
static void enter_recalling(struct task *t)
{
	if (t->fresh) { /* nothing was ever written of it */
		task_go(t, t->state == TASK_RECALLING ? TASK_READING : TASK_MERGING);
		return;
	}
	t->result = store_get_provenance(t->pass->o.store,
					 span_str(t->was_root ? t->was_root->path : t->root->path),
					 span_str(t->was_path ? t->was_path : t->path), enter_recalled, t);
	if (!t->result)
		return;
	(void)err_set(&t->error, t->result, "put off: the state cannot say what was written: %s",
		      err_text(t->result));
	refuse(t);
	task_go(t, TASK_DONE);
}

static void enter_recalled(void *arg, const struct store_provenance *rows, size_t count)
{
	struct task *t = arg;

	if (task_recall(t, rows, count)) {
		pass_out_of_memory(t->pass);
		task_go(t, TASK_DONE);
		return;
	}
	sites_gather(t);
}

void sites_gathered(struct task *t)
{
	task_go(t, t->state == TASK_RECALLING ? TASK_READING : TASK_MERGING);
}

/* Puts down what it was found to be, and that there is nothing to do before `due` while the file stays as it
 * is. */
static void remember(struct task *t, int64_t due, enum store_state state)
{
	struct pass *p = t->pass;
	const struct store_document row = {span_str(t->path), t->key, t->content, p->fingerprint, due};

	struct store_status status;
	struct task_reason reason;

	t->due = due;
	if (t->options->dry_run || t->partial)
		return;
	task_status(t, state, &reason, &status);
	if (store_put_document(p->o.store, span_str(t->root->path), &row, &status))
		return; /* looked at again next time, no worse */
}

/* A full disk is one trouble, however many documents it hits: the run ends with one line for all. */
static void no_space(struct task *t)
{
	struct pass_result *result = &t->pass->result;

	if (!result->unwritten++)
		(void)err_set(&result->full, ERR_FULL, "%s", t->error.text);
	report_event(task_report(t), span_str(t->root->path), span_str(t->path), t->error.text);
}

/* It stays a draft, and is tried again; who is killed at the wrong moment may have to. */
static void refuse_fresh(struct task *t)
{
	struct pass *p = t->pass;

	if (t->result == ERR_NOMEM)
		pass_out_of_memory(p);
	else if (t->result == ERR_FULL)
		no_space(t);
	else if (t->result != ERR_CHANGED) /* somebody has just made a file of that name */
		problem(t, 0, 0, t->fresh->draft.url, t->error.text);
	fresh_end(t, FRESH_LATER, 0);
}

/* What went wrong with a document is told once; it counts as known until its file changes. */
static void refuse(struct task *t)
{
	struct pass *p = t->pass;

	if (t->fresh) {
		refuse_fresh(t);
		return;
	}

	if (t->result == ERR_NOMEM) {
		pass_out_of_memory(p);
		return;
	}
	report_looked_at(task_report(t), span_str(t->root->path), span_str(t->path));
	if (t->result == ERR_NOTFOUND)
		(void)err_set(&t->error, ERR_CHANGED, "it vanished during the run");
	if (t->result == ERR_NOTFOUND || t->result == ERR_CHANGED || t->result == ERR_BUSY) {
		report_counts(task_report(t))->dropped++;
		if (!p->o.stays)
			problem(t, 0, 0, SPAN_NONE, t->error.text);
		again_try(t);
		return;
	}
	report_counts(task_report(t))->refused++;
	if (t->result == ERR_FULL) {
		no_space(t);
		again_try(t);
		return;
	}
	again_done(t);
	problem(t, t->error.line, t->error.col, SPAN_NONE, t->error.text);
	if (t->result == ERR_SYNTAX || t->result == ERR_UNSAFE || t->result == ERR_TOOBIG ||
	    t->result == ERR_TOODEEP)
		remember(t, INT64_MAX, STORE_STATE_REFUSED);
}

void task_put_off(struct task *t, const char *text)
{
	t->result = err_set(&t->error, ERR_BUSY, "%s", text);
	refuse(t);
	task_go(t, TASK_DONE);
}

void task_hold(struct task *t)
{
	t->pending++;
}

void task_release(struct task *t)
{
	if (--t->pending)
		return;
	if (t->superseded) {
		task_go(t, TASK_DONE);
		return;
	}
	if (!sites_hold(t))
		queue_add(&t->pass->ready, t);
	pass_advance(t->pass);
}

static void url_ready(void *arg)
{
	task_release(arg);
}

static bool want_urls(struct task *t)
{
	t->pending = 1; /* until all are asked for */
	t->urls = t->want_count ? calloc(t->want_count, sizeof(struct url_state *)) : NULL;
	if (t->want_count && !t->urls)
		return false;
	for (size_t i = 0; i < t->want_count; i++) {
		const struct urls_wish wish = {t->priority <= PASS_CHANGED, t->since, t->whole};

		if (urls_want(t->pass->urls, t->want_urls[i], t->want_titles[i], url_ready, t, &wish,
			      &t->urls[i]))
			return false;
		t->url_count++;
		t->pending += !t->urls[i]->ready;
	}
	return true;
}

void task_read_to_end(struct task *t)
{
	struct pass *p = t->pass;

	p->reading--;
	for (size_t i = 0; i < t->problem_count; i++)
		problem(t, t->problems[i].error.line, 0, t->problems[i].url, t->problems[i].error.text);
	if (t->result) {
		refuse(t);
		task_go(t, TASK_DONE);
	} else if (t->fresh) {
		task_go(t, TASK_WAITING);
	} else if (!t->wanting || (t->partial && !t->want_count)) {
		enum store_state state = t->ignored                         ? STORE_STATE_IGNORED
					 : (t->problem_count || t->wanting) ? STORE_STATE_OPEN
									    : STORE_STATE_COMPLETE;

		if (t->ignored)
			report_counts(task_report(t))->ignored++;
		else if (state == STORE_STATE_OPEN)
			report_counts(task_report(t))->open++;
		else
			report_counts(task_report(t))->complete++;
		remember(t, INT64_MAX, state);
		if (!t->partial)
			report_looked_at(task_report(t), span_str(t->root->path), span_str(t->path));
		task_go(t, TASK_DONE);
	} else {
		task_go(t, TASK_WAITING);
	}
	pass_advance(p);
}

static void read_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (task_may_adopt(t))
		task_go(t, TASK_ADOPTING);
	else
		task_read_to_end(t);
}

static void enter_reading(struct task *t)
{
	lane_submit(&t->pass->read_lane, &t->job, task_read, read_done);
}

static void enter_waiting(struct task *t)
{
	struct pass *p = t->pass;
	bool asked;

	if (again_give_way(t)) {
		task_go(t, TASK_DONE);
		return;
	}
	asked = want_urls(t);
	task_slim(t);
	if (!asked)
		pass_out_of_memory(p);
	task_release(t);
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
			/* what the server cannot give just now is not written either */
			results[i].outcome == OUTCOME_PAGE ? arena_dup(&t->arena, results[i].page)
							   : SPAN_NONE,
			move_is_settled(&(struct move_evidence){results[i].move_target, results[i].move_times,
								results[i].move_first, results[i].move_last}),
		};
	if (!task_take_probes(t))
		pass_out_of_memory(t->pass);
	enter_recalling(t);
}

static void enter_gathering(struct task *t)
{
	struct span *keys = ARENA_NEW_ARRAY(&t->arena, struct span, t->url_count + 1);

	for (size_t i = 0; i < t->url_count && keys; i++) {
		const struct url_state *url = t->urls[i];

		keys[i] = span_str(url->key);
		if (url->error && !url->deferred && !t->probe_rounds)
			problem(t, 0, 0, keys[i], url->error);
	}
	if (!t->url_count || !keys || store_get_results(t->pass->o.store, keys, t->url_count, gathered, t))
		gathered(t, NULL, 0);
}

/* When the document is worth looking at again: when its first URL may be asked again. */
static int64_t due_at(const struct task *t, bool *deferred, bool *in_doubt)
{
	int64_t due = INT64_MAX;

	*deferred = *in_doubt = false;
	for (size_t i = 0; i < t->url_count; i++) {
		*deferred |= t->urls[i]->deferred;
		*in_doubt |= t->urls[i]->in_doubt;
		due = MIN(due, t->urls[i]->expires_at);
	}
	return MIN(t->renewed ? INT64_MAX : due, task_probes_due(t, deferred));
}

/* The service looks again when what was put off may be asked for; --once in its next run. */
static void settle(struct task *t)
{
	struct report_counts *counts = report_counts(task_report(t));
	bool deferred, in_doubt;
	int64_t due = due_at(t, &deferred, &in_doubt);

	if (t->open)
		counts->open++;
	else
		counts->complete++;
	if (deferred || t->partial || t->lost || task_is_cut_short(t)) {
		uint64_t key = report_document_key(span_str(t->root->path), span_str(t->path));

		report_not_looked_at(task_report(t), &key, 1);
		if (t->lost || in_doubt)
			again_try(t);
		t->put_off = true;
		t->due = MAX(due, t->now + DEFERRED_SECONDS);
		/* --once, or stopped: known to be due, which is as if nothing were known */
		if (!t->lost && !in_doubt)
			remember(t, t->pass->o.stays && !t->pass->stopped ? t->due : 0,
				 t->missing ? STORE_STATE_WAITING : STORE_STATE_COMPLETE);
		return;
	}
	again_done(t);
	remember(t, due, t->missing ? STORE_STATE_OPEN : STORE_STATE_COMPLETE);
	report_looked_at(task_report(t), span_str(t->root->path), span_str(t->path));
}

static void tell_changes(struct task *t)
{
	t->written_fields = t->patch->change_count; /* or would be */
	report_document(task_report(t), span_str(t->root->path), span_str(t->path), t->changes,
			t->patch->change_count, strbuf_span(&t->diff));
}

static void attach_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (t->result) { /* it was renamed, opted out, is open somewhere: then a document of its own */
		task_go(t, t->patch->change_count ? TASK_RECORDING : TASK_WRITING);
		return;
	}
	report_event(task_report(t), span_str(t->fresh->similar_root->path), span_str(t->fresh->similar),
		     "a similar article of a feed was put into its related list");
	fresh_end(t, FRESH_ATTACHED, 0);
	task_go(t, TASK_DONE);
}

static void similar_found(void *arg, bool failed, const struct store_made *made, size_t count)
{
	struct task *t = arg;
	const struct roots *roots = t->pass->o.roots;

	for (size_t i = 0; i < roots->count && !failed && count && made->path.ptr; i++)
		if (span_eq_str(made->root, roots->at[i].path))
			t->fresh->similar_root = &roots->at[i];
	if (!failed && count && made->id && t->fresh->similar_root && made->path.ptr)
		t->fresh->similar = strndup(made->path.ptr, made->path.len);
	if (t->fresh->similar)
		lane_submit(&t->pass->write_lane, &t->job, fresh_attach, attach_done);
	else
		task_go(t, t->patch->change_count ? TASK_RECORDING : TASK_WRITING);
}

/* A new document is whole, named and not written yet. */
static void merged_fresh(struct task *t)
{
	int64_t retry_at;

	if (task_is_cut_short(t)) {
		fresh_end(t, FRESH_LATER, 0);
	} else if (fresh_waits(t, &retry_at)) {
		fresh_end(t, FRESH_LATER, retry_at);
	} else if (t->pass->o.dry_run) {
		tell_changes(t);
		fresh_end(t, FRESH_SHOWN, 0);
	} else if (t->fresh->existed) {
		fresh_end(t, FRESH_MADE, 0);
	} else if (t->fresh->draft.attach &&
		   !store_find_similar(t->pass->o.store, &t->fresh->like, t->now - SIMILAR_SECONDS,
				       similar_found, t)) {
		return;
	} else {
		task_go(t, t->patch->change_count ? TASK_RECORDING : TASK_WRITING);
		return;
	}
	task_go(t, TASK_DONE);
}

static void merge_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (!t->result && task_wants_probes(t)) {
		task_go(t, TASK_PROBING);
		return;
	}
	if (!t->result && t->fresh) {
		merged_fresh(t);
		return;
	}
	if (t->result) {
		refuse(t);
		task_go(t, TASK_DONE);
	} else if (task_is_cut_short(t) || !t->patch->change_count) {
		settle(t);
		task_go(t, TASK_DONE);
	} else if (t->options->dry_run) {
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
	/* not t->now: it may have waited for hours since */
	const int64_t now = t->pass->o.now();

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
			.time = now,
			.score = t->changes[i].score,
		};
	if (!rows || store_put_provenance(t->pass->o.store, span_str(t->root->path), rows, n, recorded, t))
		recorded(t, ERR_NOMEM, 0, 0);
}

static void write_done(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);

	if (t->result) {
		/* a failure to drop is harmless: the rows' values do not stand in the document */
		if (t->patch->change_count &&
		    store_drop_provenance(t->pass->o.store, t->provenance, t->patch->change_count))
			pass_out_of_memory(t->pass);
		refuse(t);
	} else {
		tell_changes(t);
		settle(t);
		if (t->fresh)
			fresh_end(t, FRESH_MADE, 0);
	}
	task_go(t, TASK_DONE);
}

void pass_write_fresh(struct pass *p)
{
	struct task *list = p->unwritten, *next;

	p->unwritten = NULL;
	for (struct task *t = list; t; t = next) {
		next = t->next;
		lane_submit(&p->write_lane, &t->job, task_write, write_done);
	}
}

static void enter_writing(struct task *t)
{
	/* the first walk takes what a killed run left, and could not tell it from ours */
	if (t->fresh && !t->pass->walked && t->pass->whole) {
		t->next = t->pass->unwritten;
		t->pass->unwritten = t;
		return;
	}
	lane_submit(&t->pass->write_lane, &t->job, task_write, write_done);
}

static void enter_done(struct task *t)
{
	struct pass *p = t->pass;

	p->tasks--;
	report_took(p->o.report, uv_now(p->o.loop) - t->taken_at);
	if (t->fresh)
		fresh_end(t, FRESH_LATER, 0);
	again_leave(t);
	task_free(t);
	pass_make_room(p);
	pass_advance(p);
}

#define BIT(n) (1u << (n))
static const struct {
	unsigned next; /* states that may follow; any may go to DONE */
	void (*enter)(struct task *);
} states[TASK_STATES] = {
	[TASK_FOUND] = {BIT(TASK_RECALLING), NULL},
	[TASK_RECALLING] = {BIT(TASK_READING), enter_recalling},
	[TASK_READING] = {BIT(TASK_WAITING) | BIT(TASK_ADOPTING), enter_reading},
	[TASK_ADOPTING] = {BIT(TASK_RECALLING) | BIT(TASK_WAITING), task_enter_adopting},
	[TASK_WAITING] = {BIT(TASK_GATHERING), enter_waiting},
	[TASK_GATHERING] = {BIT(TASK_MERGING), enter_gathering},
	[TASK_MERGING] = {BIT(TASK_RECORDING) | BIT(TASK_WRITING) | BIT(TASK_PROBING), enter_merging},
	[TASK_PROBING] = {BIT(TASK_GATHERING), task_enter_probing},
	[TASK_RECORDING] = {BIT(TASK_WRITING), enter_recording},
	[TASK_WRITING] = {0, enter_writing},
	[TASK_DONE] = {0, enter_done},
};

/* enter() may free the task, so it comes last. */
void task_go(struct task *t, enum task_state to)
{
	assert(to == TASK_DONE || (states[t->state].next & BIT(to)));
	if ((to == TASK_DONE && t->state >= TASK_GATHERING) || to == TASK_PROBING)
		t->pass->ready.active--;
	if (to == TASK_DONE && t->state == TASK_RECALLING)
		t->pass->reading--;
	t->state = to;
	states[to].enter(t);
}
