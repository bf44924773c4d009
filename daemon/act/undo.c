/* SPDX-License-Identifier: MIT */
#include "undo.h"

#include "base/url.h"
#include "document/diff.h"
#include "document/document.h"
#include "document/read.h"
#include "document/replace.h"
#include "merge/undo.h"
#include "pass/lane.h"
#include "pass/repository.h"
#include "plan/plan.h"

enum {
	DOCUMENT_ARENA_MAX = 256 * 1024 * 1024,
	DIFF_MAX = 2 * DOCUMENT_MAX,
	LIST_MAX = 256, /* documents that are listed at a time */
	AT_ONCE = 8,    /* whose syncs wait together */
	BUSY_TRIES = 5,
	BUSY_MS = 10,
};

struct listed {
	struct listed *next;
	const struct root *root;
	char path[];
};

struct undo {
	struct undo_options o;
	struct undo_calls calls;
	void *arg;
	char *host;
	struct undo_place *places;
	struct lane lane;
	struct listed *first, **last;
	struct store_written after;
	char *after_path;
	bool asking, listed_all, stopped, advancing;
	size_t active;
	struct undo_counts counts;
	struct error error;
	bool failed; /* error says how */
};

/* One document in hand. */
struct doc {
	struct job job;
	struct undo *undo;
	struct listed *listed; /* owned */
	struct pass_claim claim;
	bool claimed;
	struct arena arena;
	struct strbuf old_text, new_text, diff;
	struct undo_row *rows;
	size_t row_count;
	struct undo_change *changes;
	size_t change_count, kept;
	struct report_change *told;
	int64_t first_id;
	enum err result;
	struct error error;
};

static void advance(struct undo *u);

static void give_up(struct undo *u, enum err code, const char *what)
{
	if (!u->failed)
		(void)err_set(&u->error, code, "%s: %s", what, err_text(code));
	u->failed = true;
}

static void undo_free(struct undo *u)
{
	for (struct listed *l = u->first, *next; l; l = next) {
		next = l->next;
		free(l);
	}
	for (size_t i = 0; i < u->o.place_count && u->places; i++)
		free((char *)(uintptr_t)u->places[i].path);
	free(u->places);
	free(u->host);
	free(u->after_path);
	free(u);
}

/* ---- one document ---- */

static void end_doc(struct doc *d)
{
	struct undo *u = d->undo;

	if (d->claimed)
		pass_unclaim(u->o.pass, &d->claim);
	arena_release(&d->arena);
	strbuf_release(&d->old_text);
	strbuf_release(&d->new_text);
	strbuf_release(&d->diff);
	free(d->listed);
	free(d);
	u->active--;
	advance(u);
}

static void tell(struct doc *d, bool good)
{
	struct undo *u = d->undo;
	const struct undo_document told = {
		.root = span_str(d->listed->root->path),
		.path = span_str(d->listed->path),
		.changes = d->told,
		.count = good ? d->change_count : 0,
		.diff = good ? strbuf_span(&d->diff) : SPAN_NONE,
		.error = good ? NULL : &d->error,
	};

	u->counts.documents += good;
	u->counts.fields += told.count;
	u->counts.refused += !good;
	u->calls.document(u->arg, &told);
}

static void refuse(struct doc *d, enum err code, const char *text)
{
	d->result = err_set(&d->error, code, "%s", text);
	tell(d, false);
	end_doc(d);
}

static void write_run(struct job *job)
{
	struct doc *d = CONTAINER_OF(job, struct doc, job);
	const struct replace_options options = {.foreign = d->undo->o.config->foreign_documents};

	/* an editor, an indexer or a backup looks into it for a moment */
	for (unsigned n = 0; n < BUSY_TRIES; n++) {
		if (n)
			uv_sleep(BUSY_MS << n);
		d->result = replace_document(d->listed->root->fd, d->listed->path, strbuf_span(&d->old_text),
					     strbuf_span(&d->new_text), &options, NULL, NULL, &d->error);
		if (d->result != ERR_BUSY)
			break;
	}
}

static void write_done(struct job *job)
{
	struct doc *d = CONTAINER_OF(job, struct doc, job);
	struct undo *u = d->undo;
	struct store *store = u->o.store;

	if (d->result) {
		/* or the next undo would take it for done */
		if (store_drop_provenance(store, d->first_id, d->change_count))
			give_up(u, ERR_BUSY, "the state");
		if (d->result == ERR_FULL && !u->failed) {
			u->failed = true;
			u->error = d->error;
		}
	} else if (store_forget_document(store, span_str(d->listed->root->path), span_str(d->listed->path))) {
		/* looked at again when it changes, which it has */
	}
	tell(d, !d->result);
	end_doc(d);
}

static void recorded(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct doc *d = arg;

	(void)count;
	d->first_id = first_id;
	if (result) {
		give_up(d->undo, result, "the state cannot record it");
		end_doc(d);
		return;
	}
	lane_submit(&d->undo->lane, &d->job, write_run, write_done);
}

static enum err record(struct doc *d)
{
	struct undo *u = d->undo;
	struct store_provenance *records =
		ARENA_NEW_ARRAY(&d->arena, struct store_provenance, d->change_count);

	for (size_t i = 0; i < d->change_count && records; i++) {
		const struct undo_change *c = &d->changes[i];

		records[i] = (struct store_provenance){
			.run = u->counts.run,
			.path = span_str(d->listed->path),
			.related = c->change.related,
			.url = c->url,
			.field = c->change.field,
			.before = c->current,
			.after = c->value.ptr ? c->value : SPAN(""),
			.source = SPAN(PLAN_UNDONE),
			.from = c->from,
			.time = clock_now(),
		};
	}
	return records ? store_put_provenance(u->o.store, span_str(d->listed->root->path), records,
					      d->change_count, recorded, d)
		       : ERR_NOMEM;
}

static void look_run(struct job *job)
{
	struct doc *d = CONTAINER_OF(job, struct doc, job);
	const struct undo_options *o = &d->undo->o;
	struct change *changes = NULL;
	struct document *doc;

	d->result = document_read(d->listed->root->fd, d->listed->path, &d->old_text, NULL, &d->error);
	if (!d->result)
		d->result = document_parse(strbuf_span(&d->old_text), o->shape, &d->arena, &doc, &d->error);
	if (d->result)
		return;
	d->result =
		undo_changes(doc, d->rows, d->row_count, &d->arena, &d->changes, &d->change_count, &d->kept);
	if (!d->result) {
		d->told = ARENA_NEW_ARRAY(&d->arena, struct report_change, d->change_count + 1);
		changes = ARENA_NEW_ARRAY(&d->arena, struct change, d->change_count + 1);
		d->result = arena_failed(&d->arena);
	}
	if (d->result) {
		(void)err_set(&d->error, d->result, "%s", err_text(d->result));
		return;
	}
	for (size_t i = 0; i < d->change_count; i++) {
		const struct undo_change *c = &d->changes[i];

		changes[i] = c->change;
		d->told[i] = (struct report_change){
			.related = c->change.related,
			.field = c->change.field,
			.before = c->current,
			.after = c->value,
			.source = SPAN(PLAN_UNDONE),
			.from = c->from,
		};
	}
	if (d->change_count)
		d->result = document_apply(doc, changes, d->change_count, &d->new_text, &d->error);
	if (!d->result && d->change_count && o->want_diff &&
	    diff_unified(span_str(d->listed->path), strbuf_span(&d->old_text), strbuf_span(&d->new_text),
			 o->colour, &d->diff))
		strbuf_truncate(&d->diff, 0);
}

static void look_done(struct job *job)
{
	struct doc *d = CONTAINER_OF(job, struct doc, job);
	struct undo *u = d->undo;

	u->counts.kept += d->result ? 0 : d->kept;
	if (d->result) {
		tell(d, false);
	} else if (d->change_count && u->o.dry_run) {
		tell(d, true);
	} else if (d->change_count && !u->failed) {
		enum err r = record(d);

		if (!r)
			return; /* goes on in recorded() */
		give_up(u, r, "the state cannot record it");
	}
	end_doc(d);
}

static bool is_wanted(const struct undo *u, const struct store_provenance *p, struct arena *scratch)
{
	struct url url;

	if (u->o.run && p->run != u->o.run)
		return false;
	return !u->host || (!url_parse(p->url, NULL, scratch, &url, NULL) && span_eq_str(url.host, u->host));
}

static void recalled(void *arg, const struct store_provenance *rows, size_t count)
{
	struct doc *d = arg;
	struct undo *u = d->undo;
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(4 * URL_MAX);

	d->rows = ARENA_NEW_ARRAY(&d->arena, struct undo_row, count + 1);
	for (size_t i = 0; i < count && d->rows; i++) {
		const struct store_provenance *p = &rows[i];

		arena_reset(&scratch);
		if (!is_wanted(u, p, &scratch))
			continue;
		d->rows[d->row_count++] = (struct undo_row){
			.article = p->related < 0,
			.url = arena_dup(&d->arena, p->url),
			.field = p->field,
			.was_absent = p->was_absent,
			.before = arena_dup(&d->arena, p->before),
			.after = arena_dup(&d->arena, p->after),
			.undone = span_eq_str(p->source, PLAN_UNDONE),
			.from = arena_dup(&d->arena, p->from),
		};
	}
	if (arena_failed(&d->arena)) {
		give_up(u, arena_failed(&d->arena), "undo");
		end_doc(d);
		return;
	}
	lane_submit(&u->lane, &d->job, look_run, look_done);
}

static void granted(void *arg)
{
	struct doc *d = arg;
	struct undo *u = d->undo;
	const struct root *root = d->listed->root;
	const char *busy = u->o.pass && !u->o.dry_run && !root->gone ? repository_busy(root) : NULL;
	char text[160];

	d->claimed = u->o.pass != NULL;
	if (u->stopped || u->failed) {
		end_doc(d);
	} else if (root->gone) {
		refuse(d, ERR_NOTFOUND, "its content folder is gone");
	} else if (busy) {
		(void)snprintf(text, sizeof(text), "git is at work in its repository ('%s')", busy);
		refuse(d, ERR_BUSY, text);
	} else {
		enum err r = store_get_provenance(u->o.store, span_str(root->path), span_str(d->listed->path),
						  recalled, d);

		if (!r)
			return;
		give_up(u, r, "the state");
		end_doc(d);
	}
}

static void begin(struct undo *u, struct listed *listed)
{
	struct doc *d = calloc(1, sizeof(*d));

	if (!d) {
		free(listed);
		give_up(u, ERR_NOMEM, "undo");
		return;
	}
	d->undo = u;
	d->listed = listed;
	d->arena = ARENA_INIT(DOCUMENT_ARENA_MAX);
	d->old_text = STRBUF_INIT(DOCUMENT_MAX);
	d->new_text = STRBUF_INIT(DOCUMENT_MAX);
	d->diff = STRBUF_INIT(DIFF_MAX);
	u->active++;
	d->claim = (struct pass_claim){.fn = granted, .arg = d};
	if (!u->o.pass)
		granted(d);
	else if (pass_claim(u->o.pass, listed->root, listed->path, &d->claim))
		refuse(d, ERR_NOMEM, "out of memory");
}

/* ---- all of them ---- */

/* Whether the place named is the document, or a folder that it is in. */
static bool holds(const struct undo_place *place, const struct root *root, struct span path)
{
	struct span part = span_str(place->path);

	return place->root == root &&
	       (!part.len || span_eq(part, path) ||
		(span_starts(path, part) && path.len > part.len && path.ptr[part.len] == '/'));
}

static bool selected(const struct undo *u, const struct root *root, struct span path)
{
	bool in = !u->o.place_count;

	for (size_t i = 0; i < u->o.place_count && !in; i++)
		in = holds(&u->places[i], root, path);
	return in;
}

static void list(struct undo *u, struct span root_path, struct span path)
{
	const struct root *root = u->calls.root(u->arg, root_path);
	struct listed *l;

	if (!root || !selected(u, root, path))
		return;
	l = calloc(1, sizeof(*l) + path.len + 1);
	if (!l) {
		give_up(u, ERR_NOMEM, "undo");
		return;
	}
	l->root = root;
	memcpy(l->path, path.ptr, path.len);
	*u->last = l;
	u->last = &l->next;
}

static void found(void *arg, enum err result, const struct store_written *rows, size_t count)
{
	struct undo *u = arg;

	u->asking = false;
	if (result)
		give_up(u, result, "the state cannot say what was written");
	u->listed_all = result || count < LIST_MAX;
	for (size_t i = 0; i < count && !u->failed; i++)
		list(u, rows[i].root, rows[i].path);
	if (count && !u->listed_all) {
		free(u->after_path);
		u->after_path = strndup(rows[count - 1].path.ptr, rows[count - 1].path.len);
		u->after =
			(struct store_written){rows[count - 1].root_id, SPAN_NONE, span_str(u->after_path)};
		if (!u->after_path)
			give_up(u, ERR_NOMEM, "undo");
	}
	advance(u);
}

static void ask(struct undo *u)
{
	enum err r =
		store_find_written(u->o.store, u->o.run, span_str(u->host), &u->after, LIST_MAX, found, u);

	u->asking = !r;
	if (r)
		give_up(u, r, "the state");
}

/* A document that ends at once comes back here: the outermost call goes on. */
static void advance(struct undo *u)
{
	/* one after the other where somebody reads what would be */
	size_t at_once = u->o.dry_run ? 1 : AT_ONCE;

	if (u->advancing)
		return;
	u->advancing = true;
	while (u->first && u->active < at_once && !u->stopped && !u->failed) {
		struct listed *l = u->first;

		u->first = l->next;
		if (!u->first)
			u->last = &u->first;
		begin(u, l);
	}
	if (!u->first && !u->asking && !u->listed_all && !u->stopped && !u->failed)
		ask(u);
	u->advancing = false;
	if (u->active || u->asking || (u->first && !u->stopped && !u->failed))
		return;
	if (u->stopped && !u->failed && (u->first || !u->listed_all)) {
		u->failed = true;
		(void)err_set(&u->error, ERR_CANCELLED, "stopped before all was taken back");
	}
	u->calls.done(u->arg, &u->counts, u->failed ? &u->error : NULL);
	if (u->o.pass)
		pass_let(u->o.pass);
	undo_free(u);
}

static void last_run(void *arg, int64_t run)
{
	struct undo *u = arg;

	u->asking = false;
	u->o.run = run;
	u->listed_all = !run; /* nothing was written */
	advance(u);
}

/* What is to be taken back is asked for before there is anything of this run. */
static enum err choose(struct undo *u)
{
	enum err r;

	if (!u->o.run && !u->host && !u->o.place_count)
		r = store_last_run(u->o.store, SPAN(PLAN_UNDONE), last_run, u);
	else
		r = store_find_written(u->o.store, u->o.run, span_str(u->host), &u->after, LIST_MAX, found,
				       u);
	u->asking = !r;
	return r;
}

static void run_begun(void *arg, int64_t run)
{
	struct undo *u = arg;
	enum err r;

	u->counts.run = run;
	r = choose(u);
	if (!r)
		return;
	give_up(u, r, "the state");
	advance(u);
}

static bool copy(struct undo *u, const struct undo_options *o)
{
	u->host = o->host ? strdup(o->host) : NULL;
	u->places = o->place_count ? calloc(o->place_count, sizeof(*u->places)) : NULL;
	if ((o->host && !u->host) || (o->place_count && !u->places))
		return false;
	for (size_t i = 0; i < o->place_count; i++) {
		u->places[i] = (struct undo_place){o->places[i].root, strdup(o->places[i].path)};
		if (!u->places[i].path)
			return false;
	}
	return true;
}

enum err undo_start(const struct undo_options *options, const struct undo_calls *calls, void *arg,
		    struct undo **ret)
{
	struct undo *u = calloc(1, sizeof(*u));
	enum err r = ERR_OK;

	if (!u)
		return ERR_NOMEM;
	u->o = *options;
	u->calls = *calls;
	u->arg = arg;
	u->last = &u->first;
	lane_init(&u->lane, options->loop, AT_ONCE);
	if (!copy(u, options))
		r = ERR_NOMEM;
	if (!r)
		r = u->o.dry_run ? choose(u) : store_begin_run(u->o.store, clock_now(), run_begun, u);
	if (r) {
		undo_free(u);
		return r;
	}
	u->asking = true;
	if (u->o.pass)
		pass_keep(u->o.pass);
	*ret = u;
	return ERR_OK;
}

void undo_stop(struct undo *u)
{
	u->stopped = true;
}
