/* SPDX-License-Identifier: MIT */
/* urls: {"op": "resolve", "base", "url"} and {"op": "clean", "url"} give {"href"}. */
#include "conformance/conformance.h"

#include "base/tracking.h"
#include "base/url.h"

static json_t *urls(const json_t *in)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	struct span text = json_text(in, "url"), base_text = json_text(in, "base"), href = SPAN_NONE;
	struct url url, base;

	if (span_eq_str(json_text(in, "op"), "clean"))
		href = url_clean(text, NULL, &arena);
	else if (!base_text.ptr || !url_parse_whole(base_text, NULL, &arena, &base, NULL))
		if (!url_parse_whole(text, base_text.ptr ? &base : NULL, &arena, &url, NULL))
			href = url.href;
	return json_pack("{so}", "href", json_from_span(href));
}

const struct area areas_urls[] = {{.name = "urls", .line = urls}, {.name = NULL}};
