/* SPDX-License-Identifier: MIT */
#include <libxml/parser.h>

#include "base/url.h"
#include "extract/charset.h"
#include "extract/extract.h"
#include "extract/maintext.h"
#include "extract/page_inner.h"
#include "extract/sources.h"
#include "extract/xml_memory.h"

void extract_init(void)
{
	/* refused only when libxml2 runs already: then its memory is the system's, as ever */
	if (xml_memory_init())
		xmlInitParser();
}

enum { SNIFFED = 1024 }; /* bytes that tell what a body is */

/* The byte can stand in no text; of the MIME Sniffing Standard's binary data bytes. */
static bool is_binary_byte(unsigned char c)
{
	return c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r' && c != 0x1b;
}

/* A body that no server's word makes a page: other magic, or too much that is no text. */
static bool is_binary(struct span body)
{
	static const struct span magic[] = {
		{"%PDF-", 5},  {"GIF8", 4},         {"\x89PNG", 4}, {"\xff\xd8\xff", 3},
		{"PK\3\4", 4}, {"\x1f\x8b\x08", 3}, {"RIFF", 4},
	};
	struct span head = span_sub(body, 0, SNIFFED);
	size_t odd = 0;

	for (size_t i = 0; i < ARRAY_SIZE(magic); i++)
		if (span_starts(head, magic[i]))
			return true;
	if (span_starts(head, SPAN("\xfe\xff")) || span_starts(head, SPAN("\xff\xfe")))
		return false; /* UTF-16 */
	for (size_t i = 0; i < head.len; i++)
		odd += is_binary_byte((unsigned char)head.ptr[i]);
	return odd > head.len / 16;
}

static bool looks_like_html(struct span body)
{
	struct span head = span_sub(body, 0, SNIFFED);

	return span_find_nocase(head, SPAN("<!doctype html")) >= 0 ||
	       span_find_nocase(head, SPAN("<html")) >= 0 || span_find_nocase(head, SPAN("<head")) >= 0 ||
	       span_find_nocase(head, SPAN("<body")) >= 0;
}

bool page_is_html(const struct page_response *response)
{
	struct span type = response->content_type, name = span_trim(span_split(&type, ';'));

	if (is_binary(response->body))
		return false;
	/* a file from disk: markup, but no feed */
	if (!name.len)
		return looks_like_html(response->body) ||
		       (span_find_byte(span_sub(response->body, 0, SNIFFED), '<') >= 0 &&
			!span_starts(response->body, SPAN("<?xml")));
	if (span_eq_nocase(name, SPAN("text/html")) || span_eq_nocase(name, SPAN("application/xhtml+xml")) ||
	    span_eq_nocase(name, SPAN("application/vnd.wap.xhtml+xml")))
		return true;
	/* said to be text or XML, and a page all the same */
	return (span_starts_nocase(name, SPAN("text/")) || span_eq_nocase(name, SPAN("application/xml")) ||
		span_eq_nocase(name, SPAN("application/octet-stream"))) &&
	       looks_like_html(response->body);
}

bool page_base(const struct page_response *response, const struct tree *tree, struct arena *arena,
	       struct url *base)
{
	struct span from = response->final_url.len ? response->final_url : response->requested_url;
	bool known = from.len && url_parse(from, NULL, arena, base, NULL) == ERR_OK;
	struct url stated;

	for (const struct node *n = tree ? tree->first[TAG_BASE] : NULL; n; n = n->same) {
		struct span href = node_attr(n, ATTR_HREF);

		if (!href.ptr)
			continue;
		if (url_parse(href, known ? base : NULL, arena, &stated, NULL) == ERR_OK) {
			*base = stated;
			known = true;
		}
		break; /* the first one counts */
	}
	return known;
}

struct told {
	struct page_watch *watch;
	const struct page_response *response;
	bool enough;
};

static bool tell(void *user, const struct tree *tree, const struct repaired *r)
{
	struct told *t = user;

	t->enough = t->watch->head_read(t->watch, t->response, tree, r);
	return t->enough;
}

enum err page_read(const struct page_response *response, struct page_watch *watch, struct arena *arena,
		   struct page **ret, struct error *e)
{
	struct page *page = ARENA_NEW(arena, struct page);
	struct page_response cut = *response;
	struct tree *tree = NULL;
	struct maintext main = {SPAN_NONE, SPAN_NONE};
	struct told told = {watch, &cut, false};
	struct span text;
	struct url base;
	enum err err = page ? ERR_OK : arena_failed(arena);

	cut.body = span_sub(cut.body, 0, PAGE_BODY_MAX);
	if (!err && cut.body.len && page_is_html(&cut)) {
		err = charset_to_utf8(cut.body, cut.content_type, arena, &text);
		if (!err)
			err = tree_parse_watched(text, watch ? &(struct tree_watch){tell, &told} : NULL,
						 arena, &tree, e);
		if (!err && !told.enough)
			err = maintext_find(tree, arena, &main);
	}
	if (!err && !told.enough) {
		bool known = page_base(&cut, tree, arena, &base);

		page->text = main.text;
		page->lead = main.lead;
		page->url = known ? base.href : SPAN_NONE;
		err = sources_fill(tree, &cut, known ? &base : NULL, watch ? watch->begun : NULL, arena,
				   page);
	}
	if (err)
		return err_set(e, err, "a page: %s", err_text(err));
	*ret = told.enough ? NULL : page;
	return ERR_OK;
}

enum err extract_page(const struct page_response *response, struct arena *arena, struct page **ret,
		      struct error *e)
{
	return page_read(response, NULL, arena, ret, e);
}
