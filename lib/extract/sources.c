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

/* Those of the tree; room for JSONLD_BLOCKS_MAX. */
static size_t jsonld_blocks(const struct tree *tree, struct jsonld_block *ret)
{
	size_t n = 0;

	for (const struct node *s = tree->first[TAG_SCRIPT]; s && n < JSONLD_BLOCKS_MAX; s = s->same)
		if (s->child && node_is_text(s->child) &&
		    span_find_nocase(node_attr(s, ATTR_TYPE), SPAN("ld+json")) >= 0)
			ret[n++] = (struct jsonld_block){node_text_raw(s->child), gather_at(s)};
	return n;
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

static struct gather_seen seen_in(const struct tree *tree)
{
	return (struct gather_seen){.html = tree->html,
				    .meta = tree->final[TAG_META],
				    .link = tree->final[TAG_LINK],
				    .title = tree->final[TAG_TITLE],
				    .base = tree->final[TAG_BASE],
				    .html_size = tree->html ? tree->html->size : 0};
}

static void collect_head(struct gather *g, const struct page_response *response)
{
	struct collector *c = g->c;
	const struct tree *tree = g->tree;

	gather_headers(c, response);
	gather_url(c, response);
	if (!tree)
		return;
	g->seen = seen_in(tree);
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
	jsonld_collect(c, g->blocks, g->block_count, &g->facts);
}

struct gather *sources_begin(const struct tree *tree, const struct page_response *response,
			     const struct url *base, const struct jsonld_block *later, size_t count,
			     struct arena *arena)
{
	struct gather *g = ARENA_NEW(arena, struct gather);

	if (!g)
		return NULL;
	g->c = &g->collector;
	g->tree = tree;
	g->collector.arena = arena;
	if (base)
		g->collector.base = *base;
	g->block_count = tree ? jsonld_blocks(tree, g->blocks) : 0;
	for (size_t i = 0; i < count && g->block_count < JSONLD_BLOCKS_MAX; i++)
		g->blocks[g->block_count++] = later[i];
	collect_head(g, response);
	return arena_failed(arena) ? NULL : g;
}

bool sources_so_far(const struct gather *g, struct page *page)
{
	struct collector c = *g->c;

	c.list = ARENA_NEW_ARRAY(c.arena, struct candidate, c.count + 1);
	if (!c.list)
		return false;
	if (c.count)
		memcpy(c.list, g->c->list, c.count * sizeof(*c.list));
	sort_by_place(&c);
	number_lines(&c, g->tree);
	page->candidates = c.list;
	page->candidate_count = c.count;
	return true;
}

/* Whether the whole tree would begin in the same way. */
static bool still_holds(const struct gather *g, const struct tree *tree)
{
	struct jsonld_block blocks[JSONLD_BLOCKS_MAX];
	struct gather_seen now = seen_in(tree);
	size_t n = jsonld_blocks(tree, blocks);

	if (g->tree != tree || now.html != g->seen.html || now.html_size != g->seen.html_size ||
	    now.title != g->seen.title || now.base != g->seen.base || n != g->block_count)
		return false;
	for (size_t i = 0; i < n; i++)
		if (blocks[i].line != g->blocks[i].line || blocks[i].text.ptr != g->blocks[i].text.ptr ||
		    blocks[i].text.len != g->blocks[i].text.len)
			return false;
	for (const struct node *m = g->seen.meta ? g->seen.meta->same : tree->first[TAG_META]; m; m = m->same)
		if (!gather_skips_meta(m))
			return false;
	for (const struct node *l = g->seen.link ? g->seen.link->same : tree->first[TAG_LINK]; l; l = l->same)
		if (sources_heed_link(node_attr(l, ATTR_REL)))
			return false;
	return true;
}

/* The rest. */
static void collect_body(struct gather *g)
{
	struct collector *c = g->c;
	const struct tree *tree = g->tree;

	for (size_t i = 0; i < c->count; i++)
		g->named |= c->list[i].field == FIELD_PROVIDER_NAME && c->list[i].score >= 60;
	gather_heading(g);
	gather_script_dates(g);
	for (const struct node *n = tree->body ? tree->body : tree->root; n; n = node_next(n, tree->root)) {
		if (node_is_text(n)) {
			gather_text(g, n);
			continue;
		}
		gather_props(g, n);
		gather_visible(g, n);
	}
	sort_by_place(c);
	number_lines(c, tree);
}

enum err sources_fill(const struct tree *tree, const struct page_response *response, const struct url *base,
		      struct gather *begun, struct arena *arena, struct page *page)
{
	struct gather *g = begun && still_holds(begun, tree)
				   ? begun
				   : sources_begin(tree, response, base, NULL, 0, arena);

	if (!g)
		return arena_failed(arena);
	if (tree)
		collect_body(g);
	page->candidates = g->c->list;
	page->candidate_count = g->c->count;
	verdict_decide(&(struct verdict_input){.response = response,
					       .tree = tree,
					       .jsonld = &g->facts,
					       .candidates = g->c->list,
					       .candidate_count = g->c->count,
					       .lead = page->lead,
					       .text = page->text},
		       arena, page);
	return arena_failed(arena);
}
