/* SPDX-License-Identifier: MIT */
#include "act_inner.h"

#include <inttypes.h>
#include <unistd.h>

struct acts *acts_new(const struct acts_options *options)
{
	struct acts *a = calloc(1, sizeof(*a));

	if (a)
		a->o = *options;
	return a;
}

void acts_stop(struct acts *a)
{
	a->stopped = true;
	for (struct act *act = a->first; act; act = act->next)
		if (act->undo)
			undo_stop(act->undo);
}

struct acts *acts_free(struct acts *a)
{
	assert(!a || !a->first);
	free(a);
	return NULL;
}

enum err act_new(struct acts *a, struct act **handle, struct act **ret, struct error *e)
{
	struct act *act;

	if (a->stopped || a->count >= ACTS_MAX)
		return err_set(e, ERR_BUSY,
			       a->stopped ? "the service is starting, reloading or stopping"
					  : "the service is asked for too much at once; try again later");
	act = calloc(1, sizeof(*act));
	if (!act)
		return err_set(e, ERR_NOMEM, "the service is out of memory");
	act->acts = a;
	act->next = a->first;
	if (act->next)
		act->next->prev = act;
	a->first = act;
	a->count++;
	act->handle = handle;
	if (handle)
		*handle = act;
	*ret = act;
	return ERR_OK;
}

void act_end(struct act *act)
{
	struct acts *a = act->acts;

	*(act->prev ? &act->prev->next : &a->first) = act->next;
	if (act->next)
		act->next->prev = act->prev;
	a->count--;
	if (act->handle)
		*act->handle = NULL;
	free(act);
}

void act_leave(struct act *act)
{
	act->left = true;
	act->handle = NULL;
}

const struct root *acts_root(const struct acts *a, const char *path, const char **relative)
{
	const struct root *best = NULL;

	for (size_t i = 0; i < a->o.roots->count; i++) {
		const struct root *root = &a->o.roots->at[i];
		size_t n = strlen(root->path);

		if (strncmp(path, root->path, n) != 0 || (path[n] && path[n] != '/'))
			continue;
		if (best && strlen(best->path) > n)
			continue;
		best = root;
		*relative = path[n] ? path + n + 1 : path + n;
	}
	return best;
}

static enum err check_paths(const struct acts *a, const char *const *paths, size_t count, struct error *e)
{
	const char *relative;

	for (size_t i = 0; i < count; i++)
		if (!acts_root(a, paths[i], &relative))
			return err_set(
				e, ERR_NOTFOUND,
				"the state is in use by a service, process %ld, which does not look after "
				"'%.400s'",
				(long)getpid(), paths[i]);
	return ERR_OK;
}

/* ---- looking, asking again ---- */

static void tell_document(void *arg, const struct ticket_document *d)
{
	const struct act *act = arg;

	if (!act->left && act->once.document)
		act->once.document(act->arg, d);
}

static void tell_problem(void *arg, const struct ticket_problem *p)
{
	const struct act *act = arg;

	if (!act->left && act->once.problem)
		act->once.problem(act->arg, p);
}

static void once_done(void *arg, const struct ticket_counts *counts)
{
	struct act *act = arg;

	if (!act->left && act->once.done)
		act->once.done(act->arg, counts);
	act_end(act);
}

static bool add(struct acts *a, const char *path, struct ticket *t)
{
	const char *relative = "";
	const struct root *root = acts_root(a, path, &relative);

	return root && !pass_add_for(a->o.pass, root, span_str(*relative ? relative : "."), t);
}

static struct errand *errand_of(const struct act_once *what)
{
	char *only = (char *)(uintptr_t)what->only;
	bool glob = only && pass_only_is_path(only);

	return errand_new(&(struct errand){
		.dry_run = what->dry_run,
		.want_diff = what->want_diff,
		.colour = what->colour,
		.since = what->again ? clock_now() : 0,
		.whole = what->whole,
		.glob = glob ? only : NULL,
		.host = !only || glob ? (char *)(uintptr_t)what->host : only,
		.url = (char *)(uintptr_t)what->url,
	});
}

enum err act_once(struct acts *a, const struct act_once *what, const struct act_calls *calls, void *arg,
		  struct act **ret, struct error *e)
{
	static const struct ticket_calls told = {tell_document, tell_problem, once_done};
	struct errand *errand = NULL;
	struct ticket *t = NULL;
	struct act *act;
	enum err r = check_paths(a, what->paths, what->path_count, e);

	if (!r)
		r = act_new(a, ret, &act, e);
	if (r)
		return r;
	act->once = *calls;
	act->arg = arg;
	errand = errand_of(what);
	if (errand)
		t = ticket_new(&told, act, errand);
	errand_release(errand);
	if (!t) {
		act_end(act);
		return err_set(e, ERR_NOMEM, "the service is out of memory");
	}
	/* what cannot be added for want of memory is not told of */
	for (size_t i = 0; i < what->path_count && add(a, what->paths[i], t); i++)
		;
	for (size_t i = 0; i < a->o.roots->count && !what->path_count; i++)
		if (!add(a, a->o.roots->at[i].path, t) && !a->o.roots->at[i].gone)
			break;
	ticket_release(t);
	return ERR_OK;
}

/* ---- taking back ---- */

static void undone(void *arg, const struct undo_document *d)
{
	struct act *act = arg;
	struct report *report = act->acts->o.report;
	const struct report_counts before = *report_counts(report);

	if (!d->error && !act->dry_run) {
		report_document(report, d->root, d->path, d->changes, d->count, SPAN_NONE);
		*report_counts(report) = before; /* the round's are others */
	}
	if (!act->left && act->undone.document)
		act->undone.document(act->arg, d);
}

static void undo_done(void *arg, const struct undo_counts *counts, const struct error *failed)
{
	struct act *act = arg;
	struct acts *a = act->acts;
	char summary[300];

	(void)snprintf(summary, sizeof(summary),
		       "{\"event\":\"summary\",\"run\":%" PRId64 ",\"undo\":true,\"documents\":%" PRIu64
		       ",\"changed\":%" PRIu64 ",\"fields\":%" PRIu64 ",\"refused\":%" PRIu64
		       ",\"kept\":%" PRIu64 "}",
		       counts->run, counts->documents, counts->documents, counts->fields, counts->refused,
		       counts->kept);
	if (failed && failed->code != ERR_CANCELLED)
		(void)fail(0, "undo: %s", failed->text);
	if (counts->run && store_end_run(a->o.store, counts->run, clock_now(), span_str(summary)))
		(void)fail(0, "undo: the state: %s", err_text(ERR_BUSY));
	if (!act->left && act->undone.done)
		act->undone.done(act->arg, counts, failed);
	act_end(act);
}

static const struct root *root_named(void *arg, struct span path)
{
	const struct roots *roots = ((const struct act *)arg)->acts->o.roots;

	for (size_t i = 0; i < roots->count; i++)
		if (span_eq_str(path, roots->at[i].path))
			return &roots->at[i];
	return NULL;
}

enum err act_undo(struct acts *a, const struct act_undo *what, const struct undo_calls *calls, void *arg,
		  struct act **ret, struct error *e)
{
	static const struct undo_calls told = {undone, undo_done, root_named};
	struct undo_options options = {
		.loop = a->o.loop,
		.store = a->o.store,
		.config = a->o.config,
		.shape = a->o.shape,
		.pass = a->o.pass,
		.run = what->run,
		.host = what->host,
		.place_count = what->path_count,
		.dry_run = what->dry_run,
		.want_diff = what->want_diff,
		.colour = what->colour,
	};
	struct undo_place *places;
	struct act *act;
	enum err r = check_paths(a, what->paths, what->path_count, e);

	if (!r)
		r = act_new(a, ret, &act, e);
	if (r)
		return r;
	act->undone = *calls;
	act->arg = arg;
	act->dry_run = what->dry_run;
	places = calloc(what->path_count + 1, sizeof(*places));
	for (size_t i = 0; i < what->path_count && places; i++)
		places[i].root = acts_root(a, what->paths[i], &places[i].path);
	options.places = places;
	r = places ? undo_start(&options, &told, act, &act->undo) : ERR_NOMEM;
	free(places);
	if (r) {
		act_end(act);
		return err_set(e, r, "the service cannot begin it: %s", err_text(r));
	}
	return ERR_OK;
}
