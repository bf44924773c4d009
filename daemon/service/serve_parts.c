/* SPDX-License-Identifier: MIT */
#include "feeds/feeds.h"
#include "serve.h"
#include "web/web.h"

static enum err start_feeds(const struct serve_context *c, void **part, struct error *e)
{
	const struct feeds_options options = {
		.loop = c->loop,
		.config = c->config,
		.shape = c->shape,
		.store = c->store,
		.fetcher = c->fetcher,
		.report = c->report,
		.pass = c->pass,
		.roots = c->roots,
		.dry_run = c->options->dry_run,
		.stays = true,
		.now = clock_now,
	};
	struct feeds *feeds = NULL;
	enum err r = c->options->arg_count || c->options->only ? ERR_OK : feeds_start(&options, &feeds, e);

	*part = feeds;
	return r;
}

static void stop_feeds(void *part)
{
	feeds_stop(part);
}

static void free_feeds(void *part)
{
	(void)feeds_free(part);
}

static enum err start_web(const struct serve_context *c, void **part, struct error *e)
{
	struct web *web = NULL;
	enum err r = web_start(c, &web, e);

	*part = web;
	return r;
}

static void stop_web(void *part)
{
	web_stop(part);
}

static void free_web(void *part)
{
	web_free(part);
}

const struct serve_part serve_parts[] = {
	{"feeds", start_feeds, stop_feeds, free_feeds},
	{"status", start_web, stop_web, free_web}, /* last: it looks at the others */
	{NULL, NULL, NULL, NULL},
};
