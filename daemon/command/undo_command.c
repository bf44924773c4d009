/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "act/undo.h"
#include "service/handover.h"

/* `ingestd undo`. */
struct undoing {
	struct session session;
	const struct options *options;
	const struct config *config;
	struct report *report;
	struct roots named; /* on the command line */
	struct roots *met;  /* of one root each; without a choice those that were written in */
	size_t met_count;
	struct undo_place *places;
	size_t place_count;
	uint64_t started;
	enum err flushed;
	bool failed;
	struct error error;
};

static void told(void *arg, const struct undo_document *d)
{
	struct undoing *c = arg;

	if (d->error)
		report_problem(c->report, d->root, d->path, d->error->line, d->error->col, SPAN_NONE,
			       d->error->text);
	else
		report_document(c->report, d->root, d->path, d->changes, d->count, d->diff);
}

static void done(void *arg, const struct undo_counts *counts, const struct error *failed)
{
	struct undoing *c = arg;
	CLEANUP(strbuf_release) struct strbuf summary = STRBUF_INIT(64 * 1024);
	struct report_counts *n = report_counts(c->report);
	char kept[80] = "";

	if (counts->kept)
		(void)snprintf(kept, sizeof(kept), "%" PRIu64 " values were changed since and stay",
			       counts->kept);
	n->run = counts->run;
	n->found = n->changed;
	c->failed = failed != NULL;
	if (failed)
		c->error = *failed;
	uv_update_time(c->session.loop);
	if (report_finish(c->report, uv_now(c->session.loop) - c->started, counts->kept ? kept : NULL,
			  &summary, failed ? &(struct error){0} : &c->error))
		c->failed = true;
	if (counts->run && store_end_run(c->session.store, counts->run, clock_now(), strbuf_span(&summary)) &&
	    !c->failed) {
		c->failed = true;
		(void)err_set(&c->error, ERR_BUSY, "the state: %s", err_text(ERR_BUSY));
	}
	session_end(&c->session, &c->flushed);
}

static const struct root *root_among(const struct roots *roots, size_t count, struct span path)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < roots[i].count; k++)
			if (span_eq_str(path, roots[i].at[k].path))
				return &roots[i].at[k];
	return NULL;
}

static const struct root *root(void *arg, struct span path)
{
	struct undoing *c = arg;
	const struct root *there = root_among(&c->named, 1, path);
	struct roots *met, one = {NULL, 0};
	struct error e;
	char *name;

	if (there || c->options->arg_count)
		return there;
	there = root_among(c->met, c->met_count, path);
	if (there)
		return there->gone ? NULL : there; /* told already */
	name = strndup(path.ptr, path.len);
	met = name ? realloc(c->met, (c->met_count + 1) * sizeof(*met)) : NULL;
	if (!met) {
		free(name);
		return NULL;
	}
	c->met = met;
	if (roots_open(c->config, &name, 1, &one, &e)) {
		report_problem(c->report, path, SPAN_NONE, 0, 0, SPAN_NONE, e.text);
		one = (struct roots){calloc(1, sizeof(*one.at)), 1};
		if (!one.at) {
			free(name);
			return NULL;
		}
		*one.at = (struct root){.path = name, .fd = -1, .gone = true};
		c->met[c->met_count++] = one;
		return NULL;
	}
	free(name);
	c->met[c->met_count++] = one;
	return &one.at[0];
}

/* As struct undo has them. */
static bool choose(struct undoing *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->named.count; i++)
		count += c->named.at[i].whole ? 1 : c->named.at[i].part_count;
	c->places = count ? calloc(count, sizeof(*c->places)) : NULL;
	for (size_t i = 0; i < c->named.count && c->places; i++) {
		const struct root *r = &c->named.at[i];
		size_t skip = strlen(r->path) + (strcmp(r->path, "/") != 0);

		if (r->whole)
			c->places[c->place_count++] = (struct undo_place){r, ""};
		for (size_t k = 0; k < r->part_count && !r->whole; k++)
			c->places[c->place_count++] = (struct undo_place){r, r->parts[k] + skip};
	}
	return !count || c->places;
}

static int run(struct undoing *c, const struct shape *shape)
{
	static const struct undo_calls calls = {told, done, root};
	const struct handover_request request = {
		"undo", c->options->args, c->options->arg_count, c->report, 0, NULL};
	int code;

	if (handover_or_open(&c->session, c->options, c->config, &request, &code))
		return code;
	const struct undo_options options = {
		.loop = c->session.loop,
		.store = c->session.store,
		.config = c->config,
		.shape = shape,
		.run = c->options->run,
		.host = c->options->host,
		.places = c->places,
		.place_count = c->place_count,
		.dry_run = c->options->dry_run,
		.want_diff = report_wants_diff(c->report),
		.colour = report_is_coloured(c->report),
	};
	struct undo *undo;
	enum err r;

	c->started = uv_now(c->session.loop);
	r = undo_start(&options, &calls, c, &undo);
	if (r) {
		code = fail(EXIT_BUG, "%s", err_text(r));
		session_end(&c->session, &c->flushed);
	}
	uv_run(c->session.loop, UV_RUN_DEFAULT);
	session_close(&c->session);
	if (!code && c->failed)
		code = fail(EXIT_NO_WRITE, "%s", c->error.text);
	return !code && c->flushed ? EXIT_NO_WRITE : code;
}

int command_undo(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct undoing c = {.options = options, .config = config};
	struct error e;
	int code;

	if (options->arg_count && roots_open(config, options->args, options->arg_count, &c.named, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (!choose(&c))
		code = fail(EXIT_BUG, "%s", err_text(ERR_NOMEM));
	else if (report_new(options, &c.report, &e))
		code = fail(EXIT_NO_CREATE, "%s", e.text);
	else
		code = run(&c, shape);
	report_free(c.report);
	roots_release(&c.named);
	for (size_t i = 0; i < c.met_count; i++)
		roots_release(&c.met[i]);
	free(c.met);
	free(c.places);
	return code;
}
