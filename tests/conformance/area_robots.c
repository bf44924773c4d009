/* SPDX-License-Identifier: MIT */
/* robots: {"robots_file", "agent", "url"} gives {"allowed"}. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "base/url.h"
#include "http/robots.h"

static bool read_file(struct span path, struct strbuf *out)
{
	char name[1024], piece[65536];
	FILE *f;
	bool ok;

	if (path.len >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(path));
	f = fopen(name, "rb");
	ok = f;
	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

static json_t *robots(const json_t *in)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(64 << 20);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct robots robots;
	struct url url;

	if (!read_file(json_text(in, "robots_file"), &b) ||
	    robots_parse(strbuf_span(&b), json_text(in, "agent"), &arena, &robots) ||
	    url_parse(json_text(in, "url"), NULL, &arena, &url, NULL))
		return json_pack("{sn}", "allowed");
	return json_pack("{sb}", "allowed", robots_allow(&robots, url.path, url.query, &arena));
}

const struct area areas_robots[] = {{.name = "robots", .line = robots}, {.name = NULL}};
