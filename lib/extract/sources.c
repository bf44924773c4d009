/* SPDX-License-Identifier: MIT */
#include "extract/sources.h"

#include "base/text.h"
#include "extract/find_date.h"
#include "extract/sources_inner.h"
#include "extract/verdict.h"

/* clang-format off */
/* Response headers. */
static const struct meta_row headers[] = {
	{"content-language", FIELD_LANG, NORMAL_LANG, 40},
	{"last-modified", FIELD_DATE, NORMAL_DATE, 6},
};
/* clang-format on */

/* RFC 8288: <target>; rel="canonical" */
static void gather_link_header(struct collector *c, struct span value)
{
	while (value.len) {
		ptrdiff_t open = span_find_byte(value, '<'), close = span_find_byte(value, '>');
		ptrdiff_t next;
		struct span target, rest;

		if (open < 0 || close < open)
			return;
		target = span_sub(value, (size_t)open + 1, (size_t)close);
		rest = span_sub(value, (size_t)close + 1, value.len);
		next = span_find(rest, SPAN("<"));
		value = next < 0 ? SPAN_NONE : span_sub(rest, (size_t)next, rest.len);
		if (next >= 0)
			rest = span_sub(rest, 0, (size_t)next);
		if (span_find_nocase(rest, SPAN("rel=\"canonical\"")) >= 0 ||
		    span_find_nocase(rest, SPAN("rel=canonical")) >= 0)
			collect(c, FIELD_WEBURL, NORMAL_URL, target, "Link header canonical", 78, 0);
	}
}

static void gather_headers(struct collector *c, const struct page_response *response)
{
	for (size_t i = 0; i < response->header_count; i++) {
		const struct page_header *h = &response->headers[i];
		const struct meta_row *row =
			h->name.len ? gather_row(headers, ARRAY_SIZE(headers), h->name) : NULL;

		if (row)
			collect(c, row->field, row->normal, h->value, row->name, row->score, 0);
		if (span_eq_nocase(h->name, SPAN("link")))
			gather_link_header(c, h->value);
	}
}

static void gather_path_date(struct collector *c, const struct url *u, const char *source, int score)
{
	struct date d;
	bool day;
	char buf[32];

	if (find_date_in_path(u->path, &d, &day) && day)
		collect_ready(c, FIELD_DATE, arena_dup(c->arena, span_str(date_format(&d, buf))), source,
			      score, 0);
}

static void gather_url(struct collector *c, const struct page_response *response)
{
	struct span said = response->final_url.len ? response->final_url : response->requested_url;
	struct url u;

	if (!said.len || url_parse(said, NULL, c->arena, &u, NULL))
		return;
	collect_ready(c, FIELD_WEBURL, url_key(&u), "address", 30, 0);
	collect_ready(c, FIELD_PROVIDER_DOMAIN, url_registrable(u.host), "address", 50, 0);
	gather_path_date(c, &u, "address", 56);
}

/* Dates that pages hand to their scripts: "datePublished":"2021-08-26...", quoted or escaped. The scripts are
 * not in the tree, so the source is searched, and only where nothing else states a date. */
static void gather_script_dates(struct gather *g)
{
	static const char *const keys[] = {"datePublished",   "publishDate",  "published_at",
					   "publishedAt",     "publish_date", "publishedDate",
					   "publicationDate", "PublishDate",  "w-published-date"};
	struct span text = g->tree->source;

	for (size_t i = 0; i < g->c->count; i++)
		if (g->c->list[i].field == FIELD_DATE && g->c->list[i].score > 58)
			return;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		struct span key = span_str(keys[k]), found = SPAN_NONE;
		size_t from = 0;
		bool several = false;

		for (unsigned n = 0; n < 8 && !several; n++) {
			ptrdiff_t at = span_find(span_sub(text, from, text.len), key);
			size_t b, e;

			if (at < 0)
				break;
			b = from + (size_t)at + key.len;
			from = b;
			for (e = b; e < text.len && e < b + 24 && !byte_is_digit(text.ptr[e]);)
				e++;
			b = e;
			while (e < text.len && e < b + 30 &&
			       (byte_is_digit(text.ptr[e]) || strchr("-:T+.Z", text.ptr[e])) && text.ptr[e])
				e++;
			if (e - b < 8)
				continue;
			several = found.len &&
				  !span_eq(span_sub(found, 0, 10), span_sub(text, b, MIN(e, b + 10)));
			if (!found.len)
				found = span_sub(text, b, e);
		}
		/* several days are a list's */
		if (found.len && !several) {
			collect(g->c, FIELD_DATE, NORMAL_DATE, found, "script data", 52,
				(unsigned)(found.ptr - text.ptr) + 1);
			return;
		}
	}
}

static void gather_jsonld(struct gather *g, struct jsonld_facts *facts)
{
	struct jsonld_block blocks[JSONLD_BLOCKS_MAX];
	size_t n = 0;

	for (const struct node *s = g->tree->first[TAG_SCRIPT]; s && n < ARRAY_SIZE(blocks); s = s->same)
		if (s->child && node_is_text(s->child) &&
		    span_find_nocase(node_attr(s, ATTR_TYPE), SPAN("ld+json")) >= 0)
			blocks[n++] = (struct jsonld_block){node_text_raw(s->child), gather_at(s)};
	jsonld_collect(g->c, blocks, n, facts);
}

/* Offsets become lines, in one walk over the text. */
static void number_lines(struct collector *c, const struct tree *tree)
{
	size_t at = 0;
	unsigned line = 1;

	for (size_t i = 0; i < c->count; i++) {
		size_t to = c->list[i].line ? c->list[i].line - 1 : 0;

		if (!c->list[i].line)
			continue;
		to = MIN(to, tree->source.len);
		while (at < to) {
			const char *nl = memchr(tree->source.ptr + at, '\n', to - at);

			if (!nl)
				break;
			line++;
			at = (size_t)(nl - tree->source.ptr) + 1;
		}
		c->list[i].line = line;
	}
}

/* Stable: authors keep their order. */
static void sort_by_place(struct collector *c)
{
	for (size_t i = 1; i < c->count; i++) {
		struct candidate k = c->list[i];
		size_t at = i;

		/* nearly sorted: insertion is linear but for the few that come late, and stable */
		for (; at && c->list[at - 1].line > k.line; at--)
			c->list[at] = c->list[at - 1];
		c->list[at] = k;
	}
}

static void collect_head(struct gather *g, const struct page_response *response, struct jsonld_facts *facts)
{
	struct collector *c = g->c;
	const struct tree *tree = g->tree;

	*facts = (struct jsonld_facts){0};
	gather_headers(c, response);
	gather_url(c, response);
	if (!tree)
		return;
	if (tree->html) {
		g->lang = node_attr(tree->html, ATTR_LANG);
		if (!g->lang.len)
			g->lang = node_attr(tree->html, ATTR_XML_LANG);
		collect(c, FIELD_LANG, NORMAL_LANG, g->lang, "<html lang>", 80, gather_at(tree->html));
	}
	for (const struct node *n = tree->first[TAG_META]; n; n = n->same)
		gather_meta(g, n);
	for (const struct node *n = tree->first[TAG_LINK]; n; n = n->same)
		gather_link(g, n);
	for (size_t i = 0; i < c->count && !c->taken[FIELD_PROVIDER_DOMAIN]; i++) {
		struct url u;

		/* where the page came from is not known: its own word for it */
		if (c->list[i].field == FIELD_WEBURL && c->list[i].score >= 70 &&
		    !url_parse(c->list[i].value, NULL, c->arena, &u, NULL)) {
			gather_path_date(c, &u, "stated address", 52);
			break;
		}
	}
	gather_title(g);
	gather_jsonld(g, facts);
}

void sources_collect_head(struct collector *c, const struct tree *tree, const struct page_response *response,
			  struct jsonld_facts *facts)
{
	struct gather g = {.c = c, .tree = tree};

	collect_head(&g, response, facts);
	sort_by_place(c);
	number_lines(c, tree);
}

void sources_collect(struct collector *c, const struct tree *tree, const struct page_response *response,
		     struct jsonld_facts *facts)
{
	struct gather g = {.c = c, .tree = tree};

	collect_head(&g, response, facts);
	if (!tree)
		return;
	for (size_t i = 0; i < c->count; i++)
		g.named |= c->list[i].field == FIELD_PROVIDER_NAME && c->list[i].score >= 60;
	gather_heading(&g);
	gather_script_dates(&g);
	for (const struct node *n = tree->body ? tree->body : tree->root; n; n = node_next(n, tree->root)) {
		if (node_is_text(n)) {
			gather_text(&g, n);
			continue;
		}
		gather_props(&g, n);
		gather_visible(&g, n);
	}
	sort_by_place(c);
	number_lines(c, tree);
}

enum err sources_fill(const struct tree *tree, const struct page_response *response, const struct url *base,
		      struct arena *arena, struct page *page)
{
	struct collector c = {.arena = arena};
	struct jsonld_facts facts;

	if (base)
		c.base = *base;
	sources_collect(&c, tree, response, &facts);
	page->candidates = c.list;
	page->candidate_count = c.count;
	verdict_decide(&(struct verdict_input){.response = response,
					       .tree = tree,
					       .jsonld = &facts,
					       .candidates = c.list,
					       .candidate_count = c.count,
					       .lead = page->lead,
					       .text = page->text},
		       arena, page);
	return arena_failed(arena);
}
