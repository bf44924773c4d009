/* SPDX-License-Identifier: MIT */
/* uses: base */
/* The first line is a base, the rest a reference: what comes out must be one URL, and stay it. */
#include "base/tracking.h"
#include "base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct url *u, struct arena *arena)
{
	struct url again;
	struct span clean, site;

	for (size_t i = 0; i < u->href.len; i++)
		assert(u->href.ptr[i] > 0x20 && u->href.ptr[i] < 0x7f);
	assert(u->href.len <= URL_MAX && u->href.ptr[u->href.len] == 0);
	assert(u->host.len && u->path.len && u->path.ptr[0] == '/' && u->port_number <= 65535);
	assert(!url_parse_whole(u->href, NULL, arena, &again, NULL));
	assert(span_eq(again.href, u->href) && span_eq(again.host, u->host) && span_eq(again.path, u->path));
	assert(again.ip == u->ip && span_eq(again.origin, u->origin));
	clean = url_clean(u->href, NULL, arena);
	assert(span_eq(url_clean(clean, NULL, arena), clean));
	assert(!url_parse_whole(clean, NULL, arena, &again, NULL));
	site = url_registrable(u->host);
	assert(site.ptr >= u->host.ptr && site.ptr + site.len <= u->host.ptr + u->host.len);
	assert(span_starts(u->href, url_key(u)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	struct span rest = span_of((const char *)data, size), first = span_split(&rest, '\n');
	struct url base, u;
	struct error e;
	bool has_base = !url_parse_whole(first, NULL, &arena, &base, &e);

	if (has_base)
		check(&base, &arena);
	if (!url_parse_whole(rest, has_base ? &base : NULL, &arena, &u, &e))
		check(&u, &arena);
	if (!url_parse(rest, has_base ? &base : NULL, &arena, &u, &e)) {
		check(&u, &arena);
		assert(u.host.ptr == u.href.ptr + u.scheme.len + 3); /* no user-info */
	}
	(void)url_clean(rest, NULL, &arena);
	(void)url_registrable(rest);
	return 0;
}
