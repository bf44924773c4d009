/* SPDX-License-Identifier: MIT */
/* serve_asked.c - what a client of handover.h asks for, and what it is told. */
#include "serve_inner.h"

#include <jansson.h>

#include "handover.h"
#include "report/json_text.h"

static json_t *changes_json(const struct report_change *changes, size_t count)
{
	return count && changes ? report_changes_json(changes, count) : json_array();
}

static void on_document(void *arg, const struct ticket_document *d)
{
	client_send(arg,
		    json_pack("{ss so so so so si sb sI so so so}", "event", "document", "root",
			      json_text_str(d->root->path), "path", json_text_str(d->path), "changes",
			      changes_json(d->changes, d->fields), "diff",
			      d->diff.len ? json_text(d->diff) : json_null(), "open", (int)d->open, "put_off",
			      d->put_off, "next", (json_int_t)d->next, "error", json_text_str(d->error),
			      "url", json_text_str(d->url), "url_error", json_text_str(d->url_error)),
		    false);
}

static void send_problem(struct client *c, const struct ticket_problem *p)
{
	client_send(c,
		    json_pack("{ss so so si si so so}", "event", "problem", "root", json_text(p->root),
			      "path", json_text(p->path), "line", (int)p->line, "column", (int)p->col, "url",
			      json_text(p->url), "text", json_text_str(p->text)),
		    false);
}

static void on_problem(void *arg, const struct ticket_problem *p)
{
	send_problem(arg, p);
}

static void on_done(void *arg, const struct ticket_counts *n)
{
	client_send(arg,
		    json_pack("{ss sI sI sI sI sI sI sI sI}", "event", "done", "documents",
			      (json_int_t)n->documents, "unchanged", (json_int_t)n->unchanged, "changed",
			      (json_int_t)n->changed, "fields", (json_int_t)n->fields, "complete",
			      (json_int_t)n->complete, "open", (json_int_t)n->open, "refused",
			      (json_int_t)n->failed, "put_off", (json_int_t)n->put_off),
		    true);
}

static void on_undone(void *arg, const struct undo_document *d)
{
	if (d->error) {
		send_problem(arg, &(struct ticket_problem){.root = d->root,
							   .path = d->path,
							   .line = d->error->line,
							   .col = d->error->col,
							   .text = d->error->text});
		return;
	}
	client_send(arg,
		    json_pack("{ss so so so so}", "event", "document", "root", json_text(d->root), "path",
			      json_text(d->path), "changes", changes_json(d->changes, d->count), "diff",
			      d->diff.len ? json_text(d->diff) : json_null()),
		    false);
}

static void on_undo_done(void *arg, const struct undo_counts *n, const struct error *failed)
{
	client_send(arg,
		    json_pack("{ss sI sI sI sI sI sI sb so}", "event", "done", "run", (json_int_t)n->run,
			      "documents", (json_int_t)n->documents, "changed", (json_int_t)n->documents,
			      "fields", (json_int_t)n->fields, "refused", (json_int_t)n->refused, "kept",
			      (json_int_t)n->kept, "again", failed && failed->code == ERR_CANCELLED, "failed",
			      failed ? json_text_str(failed->text) : json_null()),
		    true);
}

static void on_forgotten(void *arg, int64_t records)
{
	client_send(arg, json_pack("{ss sI}", "event", "done", "records", (json_int_t)records), true);
}

static bool is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static const char *text_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* Each a reason in *e, or begun. */

static enum err once(struct client *c, const json_t *o, const char *const *names, size_t count,
		     struct error *e)
{
	static const struct act_calls calls = {on_document, on_problem, on_done};
	const struct act_once what = {
		.paths = names,
		.path_count = count,
		.dry_run = is_true(o, "dry_run"),
		.want_diff = is_true(o, "diff"),
		.colour = is_true(o, "colour"),
		.again = is_true(o, "force"),
		.whole = is_true(o, "force"),
		.only = text_in(o, "only"),
	};

	return act_once(client_serve(c)->acts, &what, &calls, c, client_act(c), e);
}

static enum err undo(struct client *c, const json_t *o, const char *const *names, size_t count,
		     struct error *e)
{
	static const struct undo_calls calls = {on_undone, on_undo_done, NULL};
	const struct act_undo what = {
		.paths = names,
		.path_count = count,
		.run = json_integer_value(json_object_get(o, "run")),
		.host = text_in(o, "host"),
		.dry_run = is_true(o, "dry_run"),
		.want_diff = is_true(o, "diff"),
		.colour = is_true(o, "colour"),
	};

	return act_undo(client_serve(c)->acts, &what, &calls, c, client_act(c), e);
}

static enum err forget(struct client *c, const json_t *o, const char *const *names, size_t count,
		       struct error *e)
{
	(void)o;
	return act_forget(client_serve(c)->acts, names, count, on_forgotten, c, client_act(c), e);
}

static enum err status(struct client *c, const json_t *o, const char *const *names, size_t count,
		       struct error *e)
{
	(void)names;
	(void)count;
	return serve_tell_status(c, is_true(o, "json"), e);
}

static const struct {
	const char *word;
	enum err (*begin)(struct client *c, const json_t *o, const char *const *names, size_t count,
			  struct error *e);
} words[] = {{"once", once}, {"undo", undo}, {"forget", forget}, {"status", status}};

void serve_asked(struct client *c, struct span line)
{
	json_t *o = json_loadb(line.ptr, line.len, 0, NULL);
	const json_t *what = json_object_get(o, "what");
	const char *word = text_in(o, "do");
	size_t count = json_array_size(what), row = 0;
	const char **names = calloc(count + 1, sizeof(*names));
	struct error e = {.text = ""};
	bool good = names && word && json_is_array(what);

	for (size_t i = 0; i < count && good; i++) {
		names[i] = json_string_value(json_array_get(what, i));
		good = names[i] && *names[i];
	}
	while (good && row < ARRAY_SIZE(words) && strcmp(words[row].word, word) != 0)
		row++;
	if (!good || row == ARRAY_SIZE(words))
		client_refuse(c, "the service does not understand this; is it of another version?");
	else if (client_serve(c)->state != SERVE_READY)
		client_refuse(c, "the service is starting, reloading or stopping");
	else if (words[row].begin(c, o, names, count, &e))
		client_refuse(c, e.text);
	free(names);
	json_decref(o);
}
