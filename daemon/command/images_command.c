/* SPDX-License-Identifier: MIT */
/* `ingestd images`: the local copies, for a person. Listing and verifying look from outside, also beside a
 * service; pruning takes the state's lock. */
#include <inttypes.h>
#include <jansson.h>

#include "commands.h"
#include "images/images_inner.h"
#include "report/say.h"
#include "store/inspect.h"

/* ---- what the state knows ---- */

struct row {
	struct span url, type, file;
	int64_t width, height;
	bool referer;
};

static struct row row_of(const struct inspect_value *values, size_t count)
{
	struct row row = {.url = SPAN_NONE};

	for (size_t i = 0; i < count; i++) {
		const struct inspect_value *v = &values[i];

		if (strcmp(v->column, "url") == 0)
			row.url = v->text;
		else if (strcmp(v->column, "type") == 0)
			row.type = v->text;
		else if (strcmp(v->column, "file") == 0)
			row.file = v->text;
		else if (strcmp(v->column, "width") == 0)
			row.width = v->number;
		else if (strcmp(v->column, "height") == 0)
			row.height = v->number;
		else if (strcmp(v->column, "referer") == 0)
			row.referer = v->number != 0;
	}
	return row;
}

static enum err each_row(const struct options *options, const struct config *config, inspect_row_fn *fn,
			 void *arg, struct error *e)
{
	const char *folder = options->state ? options->state : config->state;
	struct inspect *i;
	enum err r = folder ? inspect_open(folder, &i, e)
			    : err_set(e, ERR_NOTFOUND, "no state: neither --state nor HOME");

	if (r)
		return r;
	r = inspect_table(i, 0, "image", fn, arg, e);
	inspect_close(i);
	return r;
}

/* ---- list ---- */

struct listing {
	bool json;
	uint64_t images, copies;
};

static bool list_row(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	struct listing *l = arg;
	struct row row = row_of(values, count);
	json_t *line;

	(void)table;
	l->images++;
	l->copies += row.file.len > 0;
	if (l->json) {
		line = json_pack("{ss% ss%? ss%? sI sI sb}", "url", row.url.ptr, row.url.len, "file",
				 row.file.ptr, row.file.len, "type", row.type.ptr, row.type.len, "width",
				 (json_int_t)row.width, "height", (json_int_t)row.height, "referer",
				 row.referer);
		if (line && !json_dumpf(line, stdout, JSON_COMPACT))
			putchar('\n');
		json_decref(line);
		return true;
	}
	if (!row.type.len)
		return true;
	say(stdout, row.file.len ? row.file : SPAN("-"));
	printf("  %" PRId64 "x%" PRId64 "  ", row.width, row.height);
	say(stdout, row.type);
	fputs("  ", stdout);
	say(stdout, row.url);
	puts(row.referer ? "  (only with a Referer)" : "");
	return true;
}

static int list(const struct options *options, const struct config *config)
{
	struct listing l = {.json = options->json};
	struct error e;

	if (each_row(options, config, list_row, &l, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (!l.json && !options->quiet)
		printf("%" PRIu64 " images are known, %" PRIu64 " of them copied\n", l.images, l.copies);
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}

/* ---- verify ---- */

struct verifying {
	struct image_cache *cache;
	uint64_t good, bad, bytes;
};

static void print_bad(struct verifying *v, struct span name, const char *why)
{
	v->bad++;
	say(stdout, name);
	printf(": %s\n", why);
}

static bool verify_file(void *arg, const char *name, uint64_t bytes, int64_t mtime)
{
	struct verifying *v = arg;
	struct error e;

	(void)mtime;
	v->bytes += bytes;
	if (image_cache_verify(v->cache, name, &e))
		print_bad(v, span_str(name), e.text);
	else
		v->good++;
	return true;
}

static bool verify_row(void *arg, const char *table, const struct inspect_value *values, size_t count)
{
	struct verifying *v = arg;
	struct row row = row_of(values, count);
	char name[IMAGE_COPY_NAME];

	(void)table;
	if (!row.file.len || !image_copy_is_name(row.file))
		return true;
	(void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(row.file));
	if (!image_cache_has(v->cache, name))
		print_bad(v, row.file,
			  "is not there; the next run that looks at its document copies it again");
	return true;
}

static int verify(const struct options *options, const struct config *config)
{
	struct verifying v = {.good = 0};
	struct error e;
	enum err r = image_cache_open(config->image_cache, &v.cache, &e);

	if (r)
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	r = image_cache_list(v.cache, verify_file, &v, &e);
	if (!r)
		r = each_row(options, config, verify_row, &v, &e);
	image_cache_close(v.cache);
	if (r)
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (!options->quiet)
		printf("%" PRIu64 " copies are whole, %" PRIu64 " bad; %" PRIu64 " bytes\n", v.good, v.bad,
		       v.bytes);
	if (fflush(stdout))
		return EXIT_NO_WRITE;
	return v.bad ? EXIT_PENDING : EXIT_DONE;
}

/* ---- prune ---- */

struct pruning {
	struct session session;
	struct images *images;
	struct prune_result result;
	enum err flushed;
};

static void pruned(void *arg, const struct prune_result *result)
{
	struct pruning *p = arg;

	p->result = *result;
	images_reindex(p->images);
	session_end(&p->session, &p->flushed);
}

static int prune_with(struct pruning *p, const struct options *options, const struct config *config,
		      const struct roots *roots)
{
	const struct images_options images = {.loop = p->session.loop,
					      .config = config,
					      .store = p->session.store,
					      .roots = roots,
					      .now = clock_now};
	struct error e;
	enum err r = images_new(&images, &p->images, &e);

	if (!r && !images_has_cache(p->images))
		r = err_set(&e, ERR_NOTFOUND, "the image cache cannot be used");
	if (!r)
		r = prune_start(p->images, config->image_cache_bytes, options->dry_run, pruned, p);
	if (r) {
		p->result.result = r;
		p->result.error = e;
		session_end(&p->session, &p->flushed);
	}
	uv_run(p->session.loop, UV_RUN_DEFAULT);
	session_close(&p->session);
	images_free(p->images);
	if (p->result.result)
		return fail(EXIT_NO_WRITE, "nothing was removed: %s", p->result.error.text);
	if (!options->quiet)
		printf("%s%" PRIu64 " copies removed (%" PRIu64 " bytes), %" PRIu64 " kept (%" PRIu64
		       " bytes), %" PRIu64 " of them in use\n",
		       options->dry_run ? "would be: " : "", p->result.removed, p->result.removed_bytes,
		       p->result.kept, p->result.kept_bytes, p->result.in_use);
	return p->flushed ? EXIT_NO_WRITE : EXIT_DONE;
}

static int prune(const struct options *options, const struct config *config)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct pruning p = {.images = NULL};
	struct error e;
	int code;

	/* whoever is named is asked besides those that the configuration and the state know */
	if (options->arg_count > 1 &&
	    roots_open(config, options->args + 1, options->arg_count - 1, &roots, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	code = session_open(&p.session, uv_default_loop(), options, config);
	return code ? code : prune_with(&p, options, config, &roots);
}

int command_images(const struct options *options, const struct config *config)
{
	const char *what = options->arg_count ? options->args[0] : "list";

	if (strcmp(what, "list") == 0 && options->arg_count <= 1)
		return list(options, config);
	if (!config->image_cache)
		return fail(EXIT_USAGE, "no copies are kept: image-cache.folder is not set");
	if (strcmp(what, "verify") == 0 && options->arg_count == 1)
		return verify(options, config);
	if (strcmp(what, "prune") == 0)
		return prune(options, config);
	return fail(EXIT_USAGE, "images takes list, verify, or prune [FOLDER...]");
}
