/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/url.h"
#include "commands.h"
#include "document/document.h"
#include "document/read.h"
#include "document/shape.h"
#include "extract/extract.h"
#include "extract/site.h"
#include "pass/folders.h"
#include "pass/organizations.h"
#include "plan/plan.h"
#include "report/say.h"
#include "status/explain.h"

enum { EXPLAIN_ARENA_MAX = 256 * 1024 * 1024, WRITTEN_MAX = 100 * 1000 };

/* `ingestd explain`: nothing is fetched and nothing is changed; what the state knows is read from outside, so
 * that a service may go on with it. */
struct explain {
	const struct options *options;
	const struct config *config;
	const struct shape *shape;
	struct look *look; /* NULL: there is no state yet */
	struct arena arena;
	struct strbuf text; /* of the document */
	struct document *doc;
	struct plan *plan;
	struct organizations *organizations;
	const struct logos *logos; /* NULL: the table has no pictures */
	int64_t now;
};

static const char *time_text(int64_t at, char buf[32])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (at == INT64_MAX || !gmtime_r(&t, &tm) || !strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return "never";
	return buf;
}

/* One line, whatever a stranger put in it. */
static void show(struct span s, size_t max)
{
	size_t n = MIN(s.len, max);

	while (n < s.len && n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	say(stdout, span_sub(s, 0, n));
	if (n < s.len)
		fputs(" [...]", stdout);
}

static void show_line(const char *before, struct span s, const char *after)
{
	fputs(before, stdout);
	say(stdout, s);
	puts(after);
}

static void explain_field(const struct page *page, enum field field)
{
	const struct candidate *c;
	size_t at = 0;

	for (bool any = false; (c = explain_next(page, field, &at)); any = true) {
		if (!any)
			printf("  %s\n", field_name(field));
		printf("    %c %4d  ", c->lost ? ' ' : '*', c->score);
		show(c->value, 100);
		if (c->width || c->height)
			printf(" (%ux%u)", c->width, c->height);
		fputs("\n           from ", stdout);
		say(stdout, c->source);
		if (c->line)
			printf(", line %u", c->line);
		printf("%s%s\n", c->lost ? "; lost: " : "", c->lost ? c->lost : "");
	}
}

void explain_page(const struct page *page)
{
	printf("  verdict: %s\n", verdict_name(page->verdict));
	for (size_t i = 0; i < page->evidence_count; i++)
		show_line("    ", page->evidence[i], "");
	for (int f = 0; f < FIELD_COUNT; f++)
		explain_field(page, (enum field)f);
}

/* What was said of all of a site, in answer to whichever URL. */
static void explain_block(const struct explain *x, const struct store_result *r)
{
	char since[32], until[32];

	if (r->outcome != OUTCOME_STATUS || r->expires_at <= x->now)
		return;
	printf("  its site, %.*s, answered %u at %s: nothing of it is asked for before %s\n",
	       SPAN_ARG(span_sub(r->url, strlen(STORE_SITE_PREFIX), r->url.len)), r->status,
	       time_text(r->fetched_at, since), time_text(r->expires_at, until));
}

static void explain_result(const struct explain *x, const struct explained *e)
{
	const struct store_result *r = &e->result;
	char buf[32];

	show_line("", e->url, "");
	if (r->outcome == OUTCOME_NONE) {
		printf("  nothing is known of it; it has not been asked for, or the state was begun anew\n");
		return;
	}
	printf("  %s", outcome_name(r->outcome));
	if (r->status)
		printf(", HTTP status %u", r->status);
	printf(", asked at %s\n", time_text(r->fetched_at, buf));
	if (r->final_url.len && !span_eq(r->final_url, r->url))
		show_line("  answered by ", r->final_url, "");
	if (r->move_target)
		printf("  led there by permanent redirects, seen %u times since %s\n", r->move_times,
		       time_text(r->move_first, buf));
	if (r->error.len)
		show_line("  ", r->error, r->failures > 1 ? " (not for the first time)" : "");
	printf("  not asked again before %s%s\n", time_text(r->expires_at, buf),
	       r->expires_at <= x->now ? ", which is past: it is due" : "");
	if (r->page.ptr && r->outcome != OUTCOME_PAGE)
		printf("  known from before, and asked for by its validators then:\n");
	if (e->outdated)
		printf("  the stored page is of an older kind: it will be asked for again\n");
	else if (e->page)
		explain_page(e->page);
}

static enum err ask(struct explain *x, struct span url, struct explained *ret, struct error *e)
{
	*ret = (struct explained){.url = url};
	return x->look ? explain_url(x->look, x->config, x->now, url, &x->arena, ret, e) : ERR_OK;
}

/* What would be written from the table; known: of the link's URL. */
static void explain_logo(struct explain *x, const struct link *link, const struct explained *known)
{
	bool read = known->page && known->page->verdict == VERDICT_ARTICLE;
	struct image image = logos_picture(x->organizations, x->logos, link,
					   read ? known->result.final_url : SPAN_NONE, &x->arena);

	if (!image.url.ptr) {
		puts("      the table of organizations has none for this site");
		return;
	}
	fputs("      * ", stdout);
	show(image.url, 100);
	if (image.width || image.height)
		printf(" (%ux%u)", image.width, image.height);
	puts("\n           from the table of organizations");
}

static void explain_want(struct explain *x, const struct want *want, const struct explained *known)
{
	const struct link *link = &x->doc->links[want->link];

	if (link->related < 0)
		printf("  the article, line %u\n", link->line);
	else
		printf("  related[%d], line %u\n", link->related, link->line);
	for (int f = 0; f < FIELD_LINK_COUNT; f++) {
		if (want->gaps[f])
			printf("    %-18s %s\n", field_name((enum field)f), explain_gap(want->gaps[f]));
		if (want->gaps[f] == GAP_LOGO)
			explain_logo(x, link, known);
	}
}

/* known: for each want. */
static void explain_document(struct explain *x, const char *path, const struct explained *known)
{
	show_line("", span_str(path), "");
	if (x->doc->opted_out)
		printf("  left alone: it says 'ingestd: false'\n");
	else if (!x->doc->link_count)
		printf("  left alone: it has no link\n");
	for (size_t i = 0; i < x->plan->problem_count; i++) {
		printf("  line %u: ", x->plan->problems[i].error.line);
		show_line("", span_str(x->plan->problems[i].error.text), "");
	}
	for (size_t i = 0; i < x->plan->want_count; i++)
		explain_want(x, &x->plan->wants[i], &known[i]);
	if (x->doc->link_count && !x->doc->opted_out && !x->plan->want_count && !x->plan->problem_count)
		printf("  complete\n");
	putchar('\n');
}

static enum err make_plan(struct explain *x, const char *root, const char *path, struct error *e)
{
	struct look_written *rows = NULL;
	size_t count = 0;
	struct written *written;
	enum err r = !x->look ? ERR_OK
			      : look_written(x->look, span_str(root), span_str(path), 0, WRITTEN_MAX,
					     &x->arena, &rows, &count, e);

	written = ARENA_NEW_ARRAY(&x->arena, struct written, count + 1);
	if (r || !written)
		return r ? r : arena_failed(&x->arena);
	for (size_t i = 0; i < count; i++) {
		const struct store_provenance *row = &rows[i].row;

		written[i] = (struct written){.article = row->related < 0,
					      .url = row->url,
					      .field = row->field,
					      .after = row->after,
					      .undone = span_eq_str(row->source, PLAN_UNDONE),
					      .from = row->from};
	}
	return plan_document(x->doc, x->config->policy, written, count, &x->arena, &x->plan, e);
}

static enum err explain_planned(struct explain *x, struct error *e)
{
	size_t n = x->plan->want_count;
	struct explained *known = ARENA_NEW_ARRAY(&x->arena, struct explained, n + 1);
	enum err r = known ? ERR_OK : arena_failed(&x->arena);
	bool more = false;

	for (size_t i = 0; i < n && !r; i++)
		if (x->plan->wants[i].url.ptr)
			r = ask(x, x->plan->wants[i].url, &known[i], e);
	if (r)
		return r;
	explain_document(x, x->options->args[0], known);
	for (size_t i = 0; i < n; i++) {
		if (!known[i].url.ptr)
			continue;
		if (more)
			putchar('\n');
		more = true;
		explain_result(x, &known[i]);
		explain_block(x, &known[i].block);
	}
	return ERR_OK;
}

/* What the document's folder and the table of organizations have to do with it. */
static enum err learn(struct explain *x, struct folders **folders, const struct root *root, const char *path,
		      struct error *e)
{
	enum err r = organizations_read(x->config->organizations, &x->organizations, e);

	if (r || !organizations_have_images(x->organizations))
		return r;
	*folders = folders_new(x->shape, x->organizations);
	if (!*folders)
		return err_set(e, ERR_NOMEM, "out of memory");
	x->logos = folders_logos(*folders, root, path);
	x->doc->logos = x->logos->used ? LOGOS_USED : LOGOS_EMPTY;
	return ERR_OK;
}

static int failed(enum err r, const struct error *e)
{
	return fail(EXIT_BUG, "%s", e->text[0] ? e->text : err_text(r));
}

static int explain_path(struct explain *x)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct folders *folders = NULL;
	struct error e = {.text = ""};
	enum err r = roots_open(x->config, x->options->args, 1, &roots, &e);
	const char *path;

	if (r)
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (roots.at[0].whole)
		return fail(EXIT_USAGE, "'%s' is a folder; name a document or a URL", x->options->args[0]);
	path = roots.at[0].parts[0] + strlen(roots.at[0].path);
	path += *path == '/';
	r = document_read(roots.at[0].fd, path, &x->text, NULL, &e);
	if (!r)
		r = document_parse(strbuf_span(&x->text), x->shape, &x->arena, &x->doc, &e);
	if (r) {
		say(stdout, span_str(path));
		if (e.line)
			printf(":%u:%u", e.line, e.col);
		show_line(": ", span_str(e.text), "");
		return EXIT_DONE;
	}
	r = learn(x, &folders, &roots.at[0], path, &e);
	if (!r)
		r = make_plan(x, roots.at[0].path, path, &e);
	if (!r)
		r = explain_planned(x, &e);
	folders_free(folders);
	organizations_free(x->organizations);
	return r ? failed(r, &e) : EXIT_DONE;
}

static int explain_address(struct explain *x, const struct url *url)
{
	struct explained known;
	struct error e = {.text = ""};
	enum err r = ask(x, url_key(url), &known, &e);

	if (r)
		return failed(r, &e);
	explain_result(x, &known);
	explain_block(x, &known.block);
	return EXIT_DONE;
}

int command_explain(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct explain x = {.options = options,
			    .config = config,
			    .shape = shape,
			    .arena = ARENA_INIT(EXPLAIN_ARENA_MAX),
			    .text = STRBUF_INIT(DOCUMENT_MAX),
			    .now = clock_now()};
	const char *folder = options->state ? options->state : config->state;
	struct error e;
	struct url url;
	enum err r;
	int code;

	if (options->arg_count != 1)
		return fail(EXIT_USAGE, "explain takes one PATH or URL");
	if (!folder)
		return fail(EXIT_NO_FOLDER, "there is no state: neither HOME nor XDG_STATE_HOME is set");
	r = look_open(folder, &x.look, &e);
	if (r && r != ERR_NOTFOUND)
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	if (span_starts_nocase(span_str(options->args[0]), SPAN("http")) &&
	    !url_parse(span_str(options->args[0]), NULL, &x.arena, &url, NULL))
		code = explain_address(&x, &url);
	else
		code = explain_path(&x);
	look_close(x.look);
	arena_release(&x.arena);
	strbuf_release(&x.text);
	return fflush(stdout) ? EXIT_NO_WRITE : code;
}
