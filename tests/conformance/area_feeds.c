/* SPDX-License-Identifier: MIT */
/* feeds: a file call; prints what `ingestd feed FILE` prints. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "extract/extract.h"
#include "feed/feed_json.h"

static int feeds(const struct file_call *call)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(FEED_BODY_MAX), out = STRBUF_INIT(1 << 30);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(FEED_ARENA_MAX);
	struct feed_input in = {.content_type = span_str(call->content_type),
				.base = span_str(call->base),
				.text_only = true};
	FILE *f = fopen(call->path, "rb");
	char piece[65536];
	struct feed *feed;
	struct error e;

	if (!f)
		return 66;
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		if (strbuf_add(&body, piece, n))
			return 70;
	fclose(f);
	extract_init();
	in.body = strbuf_span(&body);
	if (feed_parse(&in, &arena, &feed, &e)) {
		fprintf(stderr, "%u:%u: %s\n", e.line, e.col, e.text);
		return 65;
	}
	if (feed_to_json(feed, SPAN_NONE, false, &out, NULL, NULL))
		return 70;
	puts(strbuf_cstr(&out));
	return fflush(stdout) ? 74 : 0;
}

const struct area areas_feeds[] = {{.name = "feeds", .file = feeds}, {.name = NULL}};
