/* SPDX-License-Identifier: MIT */
#include <libxml/parser.h>

#include "base/url.h"
#include "extract/charset.h"
#include "extract/extract.h"
#include "extract/sources.h"
#include "extract/tree.h"
#include "extract/xml_memory.h"

enum { SNIFF_MAX = 1024 };

void extract_init(void)
{
	/* refused only when libxml2 runs already: then its memory is the system's, as ever */
	if (xml_memory_init())
		xmlInitParser();
}

static bool type_is_html(struct span content_type)
{
	struct span rest = content_type, type = span_trim(span_split(&rest, ';'));

	return span_eq_nocase(type, SPAN("text/html")) || span_eq_nocase(type, SPAN("application/xhtml+xml"));
}

/* What has no type, or a file's name only, is HTML when markup stands at its beginning and nothing binary
 * does. */
static bool looks_like_html(struct span body)
{
	struct span start = span_sub(body, 0, SNIFF_MAX);

	if (span_find_byte(start, 0) >= 0 && !span_starts(start, SPAN("\xff\xfe")) &&
	    !span_starts(start, SPAN("\xfe\xff")))
		return false;
	return span_find_byte(start, '<') >= 0 && span_find(start, SPAN("<?xml")) != 0 &&
	       !span_starts(start, SPAN("%PDF"));
}

static bool is_html(const struct page_response *response)
{
	if (response->content_type.len)
		return type_is_html(response->content_type);
	return looks_like_html(response->body) ||
	       span_find_nocase(span_sub(response->body, 0, SNIFF_MAX), SPAN("<html")) >= 0;
}

/* Of relative references: the first <base href>, resolved against the address that answered. */
static const struct url *base_of(const struct tree *tree, const struct page_response *response,
				 struct arena *arena, struct url *url, struct url *base)
{
	const struct url *page = NULL;

	if (response->final_url.ptr && !url_parse(response->final_url, NULL, arena, url, NULL))
		page = url;
	for (const struct node *n = tree ? tree->first[TAG_BASE] : NULL; n; n = n->same) {
		struct span href = node_attr(n, ATTR_HREF);

		if (!href.ptr)
			continue;
		if (!url_parse(href, page, arena, base, NULL))
			page = base;
		break;
	}
	return page;
}

static enum err work_out(const struct page_response *response, struct arena *arena, struct page *page,
			 struct error *e)
{
	struct tree *tree = NULL;
	struct url url, base_url;
	const struct url *base;
	struct span text;
	enum err r = ERR_OK;

	if (is_html(response)) {
		r = charset_to_utf8(response->body, response->content_type, arena, &text);
		if (!r)
			r = tree_parse(text, arena, &tree, e);
	}
	if (r)
		return r;
	base = base_of(tree, response, arena, &url, &base_url);
	page->url = base ? base->href : SPAN_NONE;
	return sources_fill(tree, response, base, arena, page);
}

enum err extract_page(const struct page_response *response, struct arena *arena, struct page **ret,
		      struct error *e)
{
	struct page *page = ARENA_NEW(arena, struct page);
	enum err r = page ? work_out(response, arena, page, e) : arena_failed(arena);

	if (r)
		return err_set(e, r, "working out the page: %s", err_text(r));
	*ret = page;
	return ERR_OK;
}
