/* SPDX-License-Identifier: MIT */
/* verdicts: {"input" (path), "status", "headers", "url", "requested_url", "known_title"} gives {"verdict",
 * "write", "evidence"}. date-pages: {"html", "url"} gives {"date"}. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "base/date.h"
#include "base/strbuf.h"
#include "extract/extract.h"

enum { HEADERS_MAX = 64, FAR_FUTURE_YEAR = 2100 };

static struct page *page_of(const struct page_response *response, struct arena *arena)
{
	struct page *page = NULL;

	extract_init();
	return extract_page(response, arena, &page, NULL) ? NULL : page;
}

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

static json_t *verdicts(const json_t *in)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(64 << 20);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	struct page_header headers[HEADERS_MAX];
	struct page_response r = {.headers = headers};
	const json_t *list = json_object_get(in, "headers"), *one;
	json_t *evidence = json_array();
	struct page *page;
	size_t i;

	if (!read_file(json_text(in, "input"), &body))
		return json_pack("{}");
	r.body = strbuf_span(&body);
	r.final_url = json_text(in, "url");
	r.requested_url = json_text(in, "requested_url");
	r.known_title = json_text(in, "known_title");
	r.status = (unsigned)json_integer_value(json_object_get(in, "status"));
	json_array_foreach(list, i, one)
	{
		const json_t *name = json_array_get(one, 0), *value = json_array_get(one, 1);

		if (r.header_count == HEADERS_MAX || !json_is_string(name) || !json_is_string(value))
			continue;
		headers[r.header_count] = (struct page_header){span_str(json_string_value(name)),
							       span_str(json_string_value(value))};
		if (span_eq_nocase(headers[r.header_count].name, SPAN("content-type")))
			r.content_type = headers[r.header_count].value;
		r.header_count++;
	}
	page = page_of(&r, &arena);
	if (!page)
		return json_pack("{so}", "evidence", evidence);
	for (i = 0; i < page->evidence_count; i++)
		json_array_append_new(evidence, json_from_span(page->evidence[i]));
	return json_pack("{ss sb so}", "verdict", verdict_name(page->verdict), "write",
			 page->verdict == VERDICT_ARTICLE, "evidence", evidence);
}

static json_t *date_pages(const json_t *in)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	struct page_response r = {.body = json_text(in, "html"), .final_url = json_text(in, "url")};
	struct choose_options options = {120, 300, date_from_civil(FAR_FUTURE_YEAR, 1, 1) * 86400};
	struct page *page = page_of(&r, &arena);
	struct metadata m;

	if (!page || extract_choose(page, &options, true, &arena, &m) || !m.chosen[FIELD_DATE])
		return json_pack("{sn}", "date");
	return json_pack("{so}", "date", json_from_span(m.chosen[FIELD_DATE]->value));
}

const struct area areas_verdicts[] = {
	{.name = "verdicts", .line = verdicts}, {.name = "date-pages", .line = date_pages}, {.name = NULL}};
