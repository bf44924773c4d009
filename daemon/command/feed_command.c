/* SPDX-License-Identifier: MIT */
#include "extract/extract.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/url.h"
#include "batch.h"
#include "commands.h"
#include "feed/discover.h"
#include "feed/feed_json.h"
#include "fetch/fetch.h"
#include "report/say.h"

/* `ingestd feed FILE|URL`: a feed as JSON, and what is wrong with it. A site's address finds its feeds. */

enum { OUT_MAX = 1024 * 1024 * 1024, OUT_PIECE = 64 * 1024 };

struct look {
	const struct options *options;
	const struct config *config;
	struct fetcher *fetcher;
	struct arena arena;        /* of the feed at hand */
	struct arena kept;         /* of what outlives it */
	struct feed_offers offers; /* to be tried, where nothing was declared */
	size_t tried;
	bool discovered; /* the page has been looked through */
	int code;
};

static enum err flush_out(struct strbuf *out, void *arg)
{
	const size_t *least = arg;

	if (out->len >= *least) {
		if (fwrite(out->ptr, 1, out->len, stdout) != out->len)
			return ERR_IO;
		strbuf_truncate(out, 0);
	}
	return ERR_OK;
}

static int print_feed(const struct look *x, const struct feed *feed, const char *name)
{
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(OUT_MAX);
	size_t least = OUT_PIECE;
	enum err r;

	for (size_t i = 0; i < feed->warning_count && !x->options->quiet; i++) {
		say(stderr, span_str(name));
		fprintf(stderr, ":%u:%u: ", feed->warnings[i].line, feed->warnings[i].col);
		say(stderr, span_str(feed->warnings[i].text));
		fputc('\n', stderr);
	}
	r = feed_to_json(feed, SPAN_NONE, true, &out, flush_out, &least);
	least = 0;
	if (!r)
		r = strbuf_add_byte(&out, '\n');
	if (!r)
		r = flush_out(&out, &least);
	if (r == ERR_IO || fflush(stdout))
		return EXIT_NO_WRITE;
	return r ? fail(EXIT_BUG, "%s", err_text(r)) : EXIT_DONE;
}

static int no_feed(const char *name, const struct error *e)
{
	fputs("ingestd: ", stderr);
	say(stderr, span_str(name));
	if (e->line)
		fprintf(stderr, ":%u:%u", e->line, e->col);
	fputs(": ", stderr);
	say(stderr, span_str(e->text));
	fputc('\n', stderr);
	return EXIT_DATA;
}

static void list_offers(const struct feed_offers *offers, const char *say_first)
{
	fprintf(stderr, "ingestd: %s\n", say_first);
	for (size_t i = 0; i < offers->count; i++) {
		say(stdout, offers->offers[i].url);
		if (offers->offers[i].title.ptr) {
			putchar('\t');
			say(stdout, offers->offers[i].title);
		}
		putchar('\n');
	}
	fflush(stdout);
}

static const struct {
	const char *one, *many;
} found_texts = {"the page names this feed:", "the page names several feeds; which one?"};

/* ---- a file ---- */

static int feed_file(struct look *x, const char *path)
{
	/* one byte more than is allowed tells that there are too many */
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(FEED_BODY_MAX + 1);
	struct feed_input in = {.content_type = span_str(x->options->content_type),
				.base = span_str(x->options->base),
				.text_only = true};
	struct feed_offers offers;
	struct feed *feed;
	struct error e;
	enum err r;

	if (batch_read_file(path, &body, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	in.body = strbuf_span(&body);
	r = feed_parse(&in, &x->arena, &feed, &e);
	if (!r)
		return print_feed(x, feed, path);
	if (r != ERR_SYNTAX)
		return fail(r == ERR_TOOBIG ? EXIT_DATA : EXIT_BUG, "%s: %s", path, e.text);
	(void)no_feed(path, &e);
	if (in.base.len && body.len <= x->config->page_bytes &&
	    !feed_discover(in.body, in.content_type, in.base, &x->arena, &offers) && offers.count)
		list_offers(&offers, offers.count > 1 ? found_texts.many : found_texts.one);
	return EXIT_DATA;
}

/* ---- an address ---- */

static void fetched(void *arg, struct fetch_reply *reply);

static bool fetch_next(struct look *x, struct span url)
{
	struct url parsed;

	return !url_parse(url, NULL, &x->kept, &parsed, NULL) &&
	       !fetch_start_feed(x->fetcher, url_key(&parsed), 0, NULL, fetched, x);
}

/* Guesses in turn. False: none is left. */
static bool try_next(struct look *x)
{
	while (x->tried < x->offers.count)
		if (fetch_next(x, x->offers.offers[x->tried++].url))
			return true;
	return false;
}

/* The page's own guesses, then the usual places. */
static bool guess(struct look *x, const struct feed_offers *on_page, struct span url)
{
	struct feed_offers usual = {NULL, 0};
	struct feed_offer *all;

	if (feed_usual_places(url, &x->kept, &usual))
		usual.count = 0;
	all = ARENA_NEW_ARRAY(&x->kept, struct feed_offer, on_page->count + usual.count + 1);
	for (size_t i = 0; all && i < on_page->count; i++)
		all[i].url = arena_dup(&x->kept, on_page->offers[i].url);
	for (size_t i = 0; all && i < usual.count; i++)
		all[on_page->count + i] = usual.offers[i];
	x->offers = (struct feed_offers){all, all ? on_page->count + usual.count : 0};
	return try_next(x);
}

/* A page came instead of a feed. True: something more is under way. */
static bool look_through(struct look *x, const struct fetch_reply *reply, struct span body)
{
	struct feed_offers offers;
	size_t first = 0;

	x->discovered = true;
	if (feed_discover(body, span_str(reply->content_type), span_str(reply->final_url), &x->arena,
			  &offers))
		return false;
	while (first < offers.count && !offers.offers[first].comments)
		first++;
	if (!offers.count || offers.offers[0].guessed)
		return guess(x, &offers, span_str(reply->final_url));
	if (first == 1 || offers.count == 1)
		return fetch_next(x, arena_dup(&x->kept, offers.offers[0].url));
	list_offers(&offers, found_texts.many);
	x->code = EXIT_DATA;
	return false;
}

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct look *x = arg;
	struct feed_input in = {.body = strbuf_span(&reply->body),
				.content_type = span_str(reply->content_type),
				.base = span_str(reply->final_url),
				.text_only = true};
	bool more = false;
	struct feed *feed;
	struct error e;
	enum err r;

	arena_reset(&x->arena);
	if (reply->outcome != OUTCOME_PAGE) {
		more = x->tried && try_next(x);
		if (!more && !x->tried)
			x->code = fail(EXIT_TRY_AGAIN, "%s: %s", outcome_name(reply->outcome),
				       reply->error ? reply->error : "failed");
	} else {
		r = feed_parse(&in, &x->arena, &feed, &e);
		if (!r)
			x->code = print_feed(x, feed, reply->final_url);
		else if (r != ERR_SYNTAX)
			x->code = fail(r == ERR_TOOBIG ? EXIT_DATA : EXIT_BUG, "%s", e.text);
		else if (x->tried)
			more = try_next(x);
		else if (x->discovered)
			x->code = no_feed(reply->final_url, &e);
		else
			more = look_through(x, reply, in.body);
	}
	if (more)
		return;
	if (x->code < 0)
		x->code = fail(EXIT_DATA, "no feed is named by that page, nor lies in the usual places");
	fetcher_stop(x->fetcher);
}

static int feed_url(struct look *x, const struct url *url)
{
	const struct fetcher_options options = {
		.config = x->config, .wait_max_ms = 60 * 1000, .version = INGESTD_VERSION};
	struct error e;
	enum err r = fetcher_new(uv_default_loop(), &options, &x->fetcher, &e);

	if (!r)
		r = fetch_start_feed(x->fetcher, url_key(url), 0, NULL, fetched, x);
	if (r)
		return fail(EXIT_BUG, "%s", err_text(r));
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	fetcher_free(x->fetcher);
	return x->code;
}

/* ---- many ---- */

static struct span text_of(const json_t *request, const char *key)
{
	const json_t *j = json_object_get(request, key);

	return json_is_string(j) ? span_of(json_string_value(j), json_string_length(j)) : SPAN_NONE;
}

/* {"id", "input": path, "base", "content_type"} */
static enum err batch_answer(const struct batch_context *c, const json_t *request, struct arena *arena,
			     struct strbuf *body, struct strbuf *out, struct error *e)
{
	struct feed_input in = {.content_type = text_of(request, "content_type"),
				.base = text_of(request, "base"),
				.text_only = true};
	struct span path = text_of(request, "input");
	struct feed *feed;
	enum err r = path.ptr ? batch_read_file(path.ptr, body, e)
			      : err_set(e, ERR_INVALID, "no 'input': the path of the feed");

	(void)c;
	in.body = strbuf_span(body);
	if (!r)
		r = feed_parse(&in, arena, &feed, e);
	return r ? r : feed_to_json(feed, text_of(request, "id"), false, out, NULL, NULL);
}

int command_feed(const struct options *options, const struct config *config, const struct shape *shape)
{
	static const struct batch_kind batch = {batch_answer, FEED_BODY_MAX + 1, FEED_ARENA_MAX, OUT_MAX};
	struct look x = {.options = options,
			 .config = config,
			 .arena = ARENA_INIT(FEED_ARENA_MAX),
			 .kept = ARENA_INIT(1024 * 1024),
			 .code = -1};
	struct url url;
	struct stat st;
	int code;

	(void)shape; /* a feed has none */
	if (options->batch)
		return options->arg_count ? fail(EXIT_USAGE, "feed --batch reads standard input")
					  : batch_run(options, config, &batch);
	if (options->arg_count != 1)
		return fail(EXIT_USAGE, "feed takes one FILE or URL");
	if (options->why)
		return command_feed_why(options, config, shape);
	if (stat(options->args[0], &st) && !url_parse(span_str(options->args[0]), NULL, &x.kept, &url, NULL))
		code = feed_url(&x, &url);
	else
		code = feed_file(&x, options->args[0]);
	arena_release(&x.arena);
	arena_release(&x.kept);
	return code;
}
