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
#include "fetch/gate.h"
#include "pass/roots.h"
#include "plan/plan.h"
#include "report/say.h"
#include "status/explain.h"

enum { EXPLAIN_ARENA_MAX = 256 * 1024 * 1024 };

/* `ingestd explain`: nothing is fetched and nothing is changed; the state says what is known. */
struct explain {
	struct session session;
	const struct options *options;
	const struct config *config;
	const struct shape *shape;
	struct arena arena;
	struct span *urls;
	size_t url_count;
	struct store_result *results;
	size_t result_count;
	struct strbuf text; /* of the document */
	struct document *doc;
	struct plan *plan;
	int64_t now;
	enum err flushed;
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

static void explain_stored(struct explain *x, const struct store_result *r, const struct site_defaults *site)
{
	struct explained e;

	if (explain_page_of(r, site, x->config, x->now, &x->arena, &e))
		return;
	if (e.outdated)
		printf("  the stored page is of an older kind: it will be asked for again\n");
	else if (e.page)
		explain_page(e.page);
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

static void explain_result(struct explain *x, const struct store_result *r, const struct site_defaults *site)
{
	char buf[32];

	show_line("", r->url, "");
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
	if (r->page.ptr)
		explain_stored(x, r, site);
}

/* With what the pages of their hosts share; sites may be NULL. */
static void explain_all(struct explain *x, const struct store_site *sites)
{
	for (size_t i = 0; i < x->result_count; i++) {
		const struct site_defaults site = {sites ? sites[i].values : NULL,
						   sites ? sites[i].count : 0};

		if (i)
			putchar('\n');
		explain_result(x, &x->results[i], &site);
		explain_block(x, &x->results[x->result_count + i]);
	}
	session_end(&x->session, &x->flushed);
}

static void got_sites(void *arg, const struct store_site *sites, size_t count)
{
	struct explain *x = arg;

	explain_all(x, count == x->result_count ? sites : NULL);
}

static void explain_results(void *arg, const struct store_result *results, size_t count)
{
	struct explain *x = arg;
	struct span *hosts = ARENA_NEW_ARRAY(&x->arena, struct span, count + 1);

	x->results = ARENA_NEW_ARRAY(&x->arena, struct store_result, count + 1);
	for (size_t i = 0; i < count && hosts && x->results; i++) {
		struct store_result *r = &x->results[i];

		*r = results[i];
		r->url = arena_dup(&x->arena, r->url);
		r->final_url = arena_dup(&x->arena, r->final_url);
		r->error = arena_dup(&x->arena, r->error);
		r->page = arena_dup(&x->arena, r->page);
		hosts[i] = site_host(r->final_url, &x->arena);
	}
	x->result_count = hosts && x->results ? count / 2 : 0; /* the other half is of their sites */
	if (!hosts || store_get_sites(x->session.store, hosts, x->result_count, got_sites, x))
		explain_all(x, NULL);
}

/* Each URL, and then the site of each. */
static enum err ask(struct explain *x)
{
	struct span *keys = ARENA_NEW_ARRAY(&x->arena, struct span, 2 * x->url_count);
	char buf[GATE_SITE_KEY_MAX];
	struct url url;

	if (!keys)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->url_count; i++) {
		keys[i] = x->urls[i];
		keys[x->url_count + i] = SPAN(STORE_SITE_PREFIX);
		if (!url_parse(x->urls[i], NULL, &x->arena, &url, NULL))
			keys[x->url_count + i] =
				arena_dup(&x->arena, gate_site_key(buf, url_registrable(url.host)));
		if (!keys[x->url_count + i].len)
			return ERR_NOMEM;
	}
	return store_get_results(x->session.store, keys, 2 * x->url_count, explain_results, x);
}

static void explain_document(struct explain *x, const char *path)
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
	for (size_t i = 0; i < x->plan->want_count; i++) {
		const struct want *want = &x->plan->wants[i];
		const struct link *link = &x->doc->links[want->link];

		if (link->related < 0)
			printf("  the article, line %u\n", link->line);
		else
			printf("  related[%d], line %u\n", link->related, link->line);
		for (int f = 0; f < FIELD_LINK_COUNT; f++)
			if (want->gaps[f])
				printf("    %-18s %s\n", field_name((enum field)f),
				       explain_gap(want->gaps[f]));
		if (want->url.ptr)
			x->urls[x->url_count++] = want->url;
	}
	if (x->doc->link_count && !x->doc->opted_out && !x->plan->want_count && !x->plan->problem_count)
		printf("  complete\n");
	putchar('\n');
}

static void recalled(void *arg, const struct store_provenance *rows, size_t count)
{
	struct explain *x = arg;
	struct written *written = ARENA_NEW_ARRAY(&x->arena, struct written, count + 1);
	struct error e;

	for (size_t i = 0; i < count && written; i++)
		written[i] = (struct written){.article = rows[i].related < 0,
					      .url = arena_dup(&x->arena, rows[i].url),
					      .field = rows[i].field,
					      .after = arena_dup(&x->arena, rows[i].after),
					      .undone = span_eq_str(rows[i].source, PLAN_UNDONE),
					      .from = arena_dup(&x->arena, rows[i].from)};
	if (written && !plan_document(x->doc, x->config->policy, written, count, &x->arena, &x->plan, &e)) {
		x->urls = ARENA_NEW_ARRAY(&x->arena, struct span, x->plan->want_count + 1);
		if (x->urls)
			explain_document(x, x->options->args[0]);
	}
	if (!x->url_count || ask(x))
		session_end(&x->session, &x->flushed);
}

static int with_session(struct explain *x, const struct roots *roots, const char *path)
{
	int code = session_open(&x->session, uv_default_loop(), x->options, x->config);
	enum err r;

	if (code)
		return code;
	if (path)
		r = store_get_provenance(x->session.store, span_str(roots->at[0].path), span_str(path),
					 recalled, x);
	else
		r = ask(x);
	if (r) {
		code = fail(EXIT_BUG, "%s", err_text(r));
		session_end(&x->session, &x->flushed);
	}
	uv_run(x->session.loop, UV_RUN_DEFAULT);
	session_close(&x->session);
	return code;
}

static int explain_path(struct explain *x)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct error e;
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
	}
	return r ? EXIT_DONE : with_session(x, &roots, path);
}

static int explain_address(struct explain *x, const struct url *url)
{
	struct span key = url_key(url);

	x->urls = &key;
	x->url_count = 1;
	return with_session(x, NULL, NULL);
}

int command_explain(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct explain x = {.options = options,
			    .config = config,
			    .shape = shape,
			    .arena = ARENA_INIT(EXPLAIN_ARENA_MAX),
			    .text = STRBUF_INIT(DOCUMENT_MAX),
			    .now = clock_now()};
	struct url url;
	int code;

	if (options->arg_count != 1)
		return fail(EXIT_USAGE, "explain takes one PATH or URL");
	if (span_starts_nocase(span_str(options->args[0]), SPAN("http")) &&
	    !url_parse(span_str(options->args[0]), NULL, &x.arena, &url, NULL))
		code = explain_address(&x, &url);
	else
		code = explain_path(&x);
	arena_release(&x.arena);
	strbuf_release(&x.text);
	return code;
}
