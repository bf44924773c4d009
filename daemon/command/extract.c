/* SPDX-License-Identifier: MIT */
#include "extract/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/url.h"
#include "batch.h"
#include "commands.h"
#include "extract/answer.h"
#include "fetch/fetch.h"

/* `ingestd extract FILE|URL`: what the extractor sees, as JSON. */

enum { ANSWER_MAX = 64 * 1024 * 1024 };

struct one {
	const struct options *options;
	const struct config *config;
	struct fetcher *fetcher;
	struct arena arena;
	unsigned parts; /* PART_BIT */
	int code;
};

static int print_answer(struct one *x, const struct page_response *response)
{
	const struct choose_options choose = {.excerpt_min = x->config->excerpt_min,
					      .excerpt_max = EXTRACT_EXCERPT_MAX,
					      .now = clock_now(),
					      .tracking = &x->config->tracking};
	struct metadata md;
	struct page *page = NULL;
	struct error e;
	CLEANUP(strbuf_release) struct strbuf line = STRBUF_INIT(ANSWER_MAX);
	json_t *answer;
	enum err r = extract_parts(response, x->options->explain ? PARTS_ALL : x->parts, &choose, &x->arena,
				   &page, &md, &e);

	if (!r && x->options->explain) {
		explain_page(page);
		return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
	}
	if (!r)
		r = page_answer_parts(SPAN_NONE, x->parts, page, &md, &line);
	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	answer = json_loadb(line.ptr, line.len, 0, NULL);
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(answer);
	return fflush(stdout) ? EXIT_NO_WRITE : EXIT_DONE;
}

static int extract_file(struct one *x, const char *path)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(x->config->page_bytes);
	struct page_response response = {.content_type = span_str(x->options->content_type),
					 .requested_url = span_str(x->options->url),
					 .final_url = span_str(x->options->url)};
	struct error e;

	if (batch_read_file(path, &body, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	response.body = strbuf_span(&body);
	return print_answer(x, &response);
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct one *x = arg;
	struct page_header *headers = ARENA_NEW_ARRAY(&x->arena, struct page_header, reply->header_count + 1);

	for (size_t i = 0; i < reply->header_count && headers; i++)
		headers[i] = (struct page_header){span_str(reply->headers[i].name),
						  span_str(reply->headers[i].value)};
	if (reply->outcome != OUTCOME_PAGE && reply->outcome != OUTCOME_NOT_HTML) {
		x->code = fail(EXIT_TRY_AGAIN, "%s: %s", outcome_name(reply->outcome),
			       reply->error ? reply->error : "failed");
	} else {
		const struct page_response response = {
			.body = strbuf_span(&reply->body),
			.content_type = span_str(reply->content_type),
			.requested_url = span_str(x->options->args[0]),
			.final_url = span_str(reply->final_url),
			.status = reply->status,
			.headers = headers,
			.header_count = headers ? reply->header_count : 0,
		};
		x->code = print_answer(x, &response);
	}
	fetcher_stop(x->fetcher);
}

static int extract_url(struct one *x, const struct url *url)
{
	const struct fetcher_options options = {
		.config = x->config, .wait_max_ms = 60 * 1000, .version = INGESTD_VERSION};
	struct error e;
	enum err r = fetcher_new(uv_default_loop(), &options, &x->fetcher, &e);

	if (!r)
		r = fetch_start(x->fetcher, url_key(url), 0, fetched, x);
	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	fetcher_free(x->fetcher);
	return x->code;
}

int command_extract(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct one x = {.options = options,
			.config = config,
			.arena = ARENA_INIT(PAGE_ARENA_MAX),
			.parts = PARTS_ALL};
	struct error e;
	struct url url;
	struct stat st;
	int code;

	(void)shape; /* a page has none */
	if (options->fields && parts_parse(span_str(options->fields), &x.parts, &e))
		return fail(EXIT_USAGE, "--fields: %s", e.text);
	if (options->batch)
		return options->arg_count ? fail(EXIT_USAGE, "extract --batch reads standard input")
					  : batch_run(options, config, &batch_pages);
	if (options->arg_count != 1)
		return fail(EXIT_USAGE, "extract takes one FILE or URL");
	if (stat(options->args[0], &st) && !url_parse(span_str(options->args[0]), NULL, &x.arena, &url, NULL))
		code = extract_url(&x, &url);
	else
		code = extract_file(&x, options->args[0]);
	arena_release(&x.arena);
	return code;
}
