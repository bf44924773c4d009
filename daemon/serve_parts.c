/* SPDX-License-Identifier: MIT */
#include "feeds.h"
#include "serve.h"

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

const struct serve_part serve_parts[] = {
	{"feeds", start_feeds, stop_feeds, free_feeds},
	{NULL, NULL, NULL, NULL},
};
