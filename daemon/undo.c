/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "commands.h"
#include "document/diff.h"
#include "document/document.h"
#include "document/read.h"
#include "document/replace.h"
#include "document/shape.h"
#include "plan/plan.h"
#include "report.h"
#include "roots.h"

enum { UNDO_ARENA_MAX = 1024 * 1024 * 1024, DOCUMENT_ARENA_MAX = 256 * 1024 * 1024 };

/* `ingestd undo`: puts back what stood there before ingestd wrote, where nobody has changed it since. What is
 * undone is recorded as provenance too (PLAN_UNDONE), so that the next run does not write it again. A command
 * for a person who waits: documents are worked on one by one, on the loop's thread. */
struct undo {
	struct session session;
	const struct options *options;
	const struct config *config;
	const struct shape *shape;
	struct report *report;
	struct roots roots; /* those named on the command line */
	struct arena arena;
	struct row {
		struct span root;
		struct store_provenance p;
	} * rows; /* by root, path, newest first */
	size_t row_count, room, at;
	size_t waiting; /* answers of the store */
	int64_t run;
	unsigned kept; /* values that somebody has changed since */
	uint64_t started;
	enum err flushed, failed;
	struct error error;

	/* the document in hand */
	struct arena doc_arena;
	struct strbuf old_text, new_text;
	struct document *doc;
	struct change *changes;
	struct report_change *told;
	struct store_provenance *records;
	size_t change_count;
	size_t next; /* row of the next document */
	int root_fd;
};

static void next_document(struct undo *u);

static void give_up(struct undo *u, enum err code, const char *what)
{
	u->failed = err_set(&u->error, code, "%s: %s", what, err_text(code));
}

static void copy_row(struct undo *u, struct span root, const struct store_provenance *p)
{
	struct row *row;

	if (u->row_count == u->room) {
		size_t room = MAX(2 * u->room, 256);

		row = realloc(u->rows, room * sizeof(*row));
		if (!row) {
			give_up(u, ERR_NOMEM, "undo");
			return;
		}
		u->rows = row;
		u->room = room;
	}
	row = &u->rows[u->row_count++];
	*row = (struct row){arena_dup(&u->arena, root), *p};
	row->p.path = arena_dup(&u->arena, p->path);
	row->p.url = arena_dup(&u->arena, p->url);
	row->p.before = arena_dup(&u->arena, p->before);
	row->p.after = arena_dup(&u->arena, p->after);
	row->p.source = arena_dup(&u->arena, p->source);
	row->p.from = arena_dup(&u->arena, p->from);
}

static int row_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = span_cmp(x->root, y->root);

	if (!r)
		r = span_cmp(x->p.path, y->p.path);
	return r ? r : (x->p.id < y->p.id) - (x->p.id > y->p.id);
}

/* ---- one document ---- */

static const struct link *link_of(const struct document *doc, const struct store_provenance *p)
{
	for (size_t i = 0; i < doc->link_count; i++)
		if ((doc->links[i].related < 0) == (p->related < 0) && span_eq(doc->links[i].url, p->url))
			return &doc->links[i];
	return NULL;
}

static bool same_place(const struct store_provenance *a, const struct store_provenance *b)
{
	return a->field == b->field && (a->related < 0) == (b->related < 0) && span_eq(a->url, b->url);
}

/* Goes back through the rows of one field, from what stands there now, as far as each wrote what the one
 * after it (or the document) still has. */
static void go_back(struct undo *u, size_t first)
{
	const struct store_provenance *newest = &u->rows[first].p;
	const struct link *link = link_of(u->doc, newest);
	struct span current, raw;
	bool absent = false, changed = false;

	if (!link)
		return;
	current = raw = link->fields[newest->field].raw;
	for (size_t i = first; i < u->next; i++) {
		const struct store_provenance *p = &u->rows[i].p;

		if (!same_place(p, newest))
			continue;
		/* one that an undo left which was killed before it wrote has no effect */
		if (span_eq_str(p->source, PLAN_UNDONE)) {
			if (absent || (raw.ptr ? span_eq(p->after, raw) : !p->after.len))
				break;
			continue;
		}
		if (absent || !raw.ptr || !span_eq(p->after, raw))
			continue;
		raw = p->before;
		absent = p->was_absent;
		changed = true;
	}
	if (!changed) {
		u->kept += current.ptr && !span_eq_str(newest->source, PLAN_UNDONE);
		return;
	}
	u->changes[u->change_count] = (struct change){
		.kind = absent ? CHANGE_REMOVE : CHANGE_RAW,
		.related = link->related,
		.field = newest->field,
		.value = raw,
	};
	u->told[u->change_count] = (struct report_change){link->related,     newest->field, current, raw,
							  SPAN(PLAN_UNDONE), newest->from,  0};
	u->records[u->change_count++] = (struct store_provenance){
		.run = u->run,
		.path = newest->path,
		.related = link->related,
		.url = link->url,
		.field = newest->field,
		.before = current,
		.after = absent ? SPAN("") : raw,
		.source = SPAN(PLAN_UNDONE),
		.from = newest->from,
		.time = clock_now(),
	};
}

static bool write_document(struct undo *u)
{
	const struct row *row = &u->rows[u->at];
	const struct replace_options options = {.foreign = u->config->foreign_documents};
	struct error e;
	enum err r = replace_document(u->root_fd, row->p.path.ptr, strbuf_span(&u->old_text),
				      strbuf_span(&u->new_text), &options, NULL, NULL, &e);

	if (r) {
		report_problem(u->report, row->root, row->p.path, 0, 0, SPAN_NONE, e.text);
		if (r == ERR_FULL)
			u->failed = err_set(&u->error, r, "%s", e.text);
		return false;
	}
	report_document(u->report, row->root, row->p.path, u->told, u->change_count, SPAN_NONE);
	if (store_forget_document(u->session.store, row->root, row->p.path))
		return true; /* looked at again when it changes */
	return true;
}

static void recorded(void *arg, enum err result, int64_t first_id, size_t count)
{
	struct undo *u = arg;

	if (result)
		give_up(u, result, "the state cannot record it");
	else if (!write_document(u)) /* or the next `undo` would take it for done */
		result = store_drop_provenance(u->session.store, first_id, count);
	if (result && !u->failed)
		give_up(u, result, "the state");
	u->at = u->next;
	next_document(u);
}

static void show_diff(struct undo *u, const struct row *row)
{
	CLEANUP(strbuf_release) struct strbuf diff = STRBUF_INIT(2 * DOCUMENT_MAX);

	if (!report_wants_diff(u->report) ||
	    diff_unified(row->p.path, strbuf_span(&u->old_text), strbuf_span(&u->new_text),
			 report_is_coloured(u->report), &diff))
		strbuf_truncate(&diff, 0);
	report_document(u->report, row->root, row->p.path, u->told, u->change_count, strbuf_span(&diff));
}

/* Fills new_text and changes for the rows from `at` to `next`. */
static enum err take_back(struct undo *u, const struct row *row, struct error *e)
{
	size_t n = u->next - u->at;
	enum err r = document_read(u->root_fd, row->p.path.ptr, &u->old_text, NULL, e);

	if (!r)
		r = document_parse(strbuf_span(&u->old_text), u->shape, &u->doc_arena, &u->doc, e);
	if (r)
		return r;
	u->changes = ARENA_NEW_ARRAY(&u->doc_arena, struct change, n);
	u->told = ARENA_NEW_ARRAY(&u->doc_arena, struct report_change, n);
	u->records = ARENA_NEW_ARRAY(&u->doc_arena, struct store_provenance, n);
	if (arena_failed(&u->doc_arena))
		return err_set(e, arena_failed(&u->doc_arena), "out of memory");
	for (size_t i = u->at; i < u->next; i++) {
		bool first = true;

		for (size_t k = u->at; k < i; k++)
			first &= !same_place(&u->rows[k].p, &u->rows[i].p);
		if (first)
			go_back(u, i);
	}
	return u->change_count ? document_apply(u->doc, u->changes, u->change_count, &u->new_text, e)
			       : ERR_OK;
}

static int root_fd(struct undo *u, struct span path)
{
	for (size_t i = 0; i < u->roots.count; i++)
		if (span_eq_str(path, u->roots.at[i].path))
			return u->roots.at[i].fd;
	return -1;
}

static bool selected(const struct undo *u, const struct row *row)
{
	for (size_t i = 0; i < u->roots.count; i++) {
		const struct root *root = &u->roots.at[i];
		size_t skip = strlen(root->path) + (strcmp(root->path, "/") != 0);

		if (!span_eq_str(row->root, root->path))
			continue;
		if (root->whole)
			return true;
		for (size_t k = 0; k < root->part_count; k++) {
			struct span part = span_str(root->parts[k] + skip);

			if (span_starts(row->p.path, part) &&
			    (row->p.path.len == part.len || row->p.path.ptr[part.len] == '/'))
				return true;
		}
	}
	return false;
}

static void finish(struct undo *u)
{
	CLEANUP(strbuf_release) struct strbuf summary = STRBUF_INIT(64 * 1024);
	char kept[80] = "";

	if (u->kept)
		(void)snprintf(kept, sizeof(kept), "%u values were changed since and stay", u->kept);
	report_counts(u->report)->found = report_counts(u->report)->changed;
	if (report_finish(u->report, uv_now(u->session.loop) - u->started, u->kept ? kept : NULL, &summary,
			  &u->error) &&
	    !u->failed)
		u->failed = ERR_IO;
	if (u->run && store_end_run(u->session.store, u->run, clock_now(), strbuf_span(&summary)))
		give_up(u, ERR_BUSY, "the state");
	session_end(&u->session, &u->flushed);
}

static void next_document(struct undo *u)
{
	while (u->at < u->row_count && !u->failed) {
		const struct row *row = &u->rows[u->at];
		struct error e;
		enum err r;

		u->next = u->at;
		while (u->next < u->row_count && span_eq(u->rows[u->next].root, row->root) &&
		       span_eq(u->rows[u->next].p.path, row->p.path))
			u->next++;
		arena_reset(&u->doc_arena);
		strbuf_truncate(&u->old_text, 0);
		strbuf_truncate(&u->new_text, 0);
		u->change_count = 0;
		u->root_fd = root_fd(u, row->root);
		if (u->root_fd < 0 || !selected(u, row)) {
			u->at = u->next;
			continue;
		}
		r = take_back(u, row, &e);
		if (r)
			report_problem(u->report, row->root, row->p.path, e.line, e.col, SPAN_NONE, e.text);
		if (!r && u->change_count && u->options->dry_run) {
			show_diff(u, row);
		} else if (!r && u->change_count) {
			r = store_put_provenance(u->session.store, row->root, u->records, u->change_count,
						 recorded, u);
			if (!r)
				return; /* goes on in recorded() */
			give_up(u, r, "the state cannot record it");
		}
		u->at = u->next;
	}
	finish(u);
}

/* ---- all of them ---- */

/* Without paths, the roots are those that the rows name. */
static void open_roots(struct undo *u)
{
	for (size_t i = 0; i < u->row_count; i++) {
		struct error e;
		char *path = (char *)(uintptr_t)u->rows[i].root.ptr;
		struct roots one;

		if (root_fd(u, u->rows[i].root) >= 0)
			continue;
		if (i && span_eq(u->rows[i].root, u->rows[i - 1].root))
			continue; /* could not be opened: told already */
		if (roots_open(u->config, &path, 1, &one, &e)) {
			report_problem(u->report, u->rows[i].root, SPAN_NONE, 0, 0, SPAN_NONE, e.text);
			continue;
		}
		struct root *at = realloc(u->roots.at, (u->roots.count + 1) * sizeof(*at));
		if (!at) {
			roots_release(&one);
			give_up(u, ERR_NOMEM, "undo");
			return;
		}
		u->roots.at = at;
		at[u->roots.count++] = one.at[0];
		free(one.at);
	}
}

static void rows_there(struct undo *u)
{
	if (--u->waiting)
		return;
	if (arena_failed(&u->arena))
		give_up(u, arena_failed(&u->arena), "undo");
	if (u->row_count)
		qsort(u->rows, u->row_count, sizeof(*u->rows), row_order);
	if (!u->options->arg_count)
		open_roots(u);
	next_document(u);
}

static void found(void *arg, const struct span *roots, const struct store_provenance *rows, size_t count)
{
	struct undo *u = arg;

	int64_t run = u->options->run;

	/* newest first: without a choice it is the last run that wrote something which was not undone since
	 */
	if (!run && !u->options->host && !u->options->arg_count) {
		for (size_t i = 0; i < count && !run; i++)
			if (!span_eq_str(rows[i].source, PLAN_UNDONE))
				run = rows[i].run;
	}
	for (size_t i = 0; i < count && !u->failed; i++)
		if (!run || rows[i].run == run)
			copy_row(u, roots[i], &rows[i]);
	rows_there(u);
}

static void run_begun(void *arg, int64_t run)
{
	struct undo *u = arg;

	u->run = report_counts(u->report)->run = run;
}

static enum err ask(struct undo *u)
{
	struct span host = span_str(u->options->host);
	enum err r =
		u->options->dry_run ? ERR_OK : store_begin_run(u->session.store, clock_now(), run_begun, u);

	u->waiting = 1;
	return r ? r : store_find_provenance(u->session.store, u->options->run, host, found, u);
}

static int run(struct undo *u)
{
	int code = session_open(&u->session, uv_default_loop(), u->options, u->config);
	enum err r;

	if (code)
		return code;
	u->started = uv_now(u->session.loop);
	r = ask(u);
	if (r) {
		code = fail(EXIT_BUG, "%s", err_text(r));
		session_end(&u->session, &u->flushed);
	}
	uv_run(u->session.loop, UV_RUN_DEFAULT);
	session_close(&u->session);
	if (!code && u->failed)
		code = fail(u->failed == ERR_NOMEM ? EXIT_BUG : EXIT_NO_WRITE, "%s", u->error.text);
	return !code && u->flushed ? EXIT_NO_WRITE : code;
}

int command_undo(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct undo u = {.options = options,
			 .config = config,
			 .shape = shape,
			 .arena = ARENA_INIT(UNDO_ARENA_MAX),
			 .doc_arena = ARENA_INIT(DOCUMENT_ARENA_MAX),
			 .old_text = STRBUF_INIT(DOCUMENT_MAX),
			 .new_text = STRBUF_INIT(DOCUMENT_MAX)};
	struct error e;
	int code;

	if (options->arg_count && roots_open(config, options->args, options->arg_count, &u.roots, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (report_new(options, &u.report, &e))
		code = fail(EXIT_NO_CREATE, "%s", e.text);
	else
		code = run(&u);
	report_free(u.report);
	roots_release(&u.roots);
	free(u.rows);
	arena_release(&u.arena);
	arena_release(&u.doc_arena);
	strbuf_release(&u.old_text);
	strbuf_release(&u.new_text);
	return code;
}
