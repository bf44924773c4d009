/* SPDX-License-Identifier: MIT */
#include "extract/page_rows.h"

#include "base/url.h"
#include "extract/squash.h"

enum {
	POST_MIN = 120,     /* bytes of text that make more than a teaser */
	OWN_TEXT = 1000,    /* text of the page's own that is more than an introduction */
	PARAGRAPH_MIN = 50, /* shorter ones are bylines and buttons */
	ROW_MIN = 20,       /* bytes of a row's text */
	ROWS_SCAN = 400,    /* siblings that are compared */
	HEADINGS_MAX = 400, /* that are looked at: more make no other page */
	ROW_SCAN = 64,      /* nodes of each that are looked at */
};

static bool is_heading(const struct node *n)
{
	return n->tag >= TAG_H1 && n->tag <= TAG_H4;
}

static bool is_menu(const struct node *n)
{
	switch (n->tag) {
	case TAG_NAV:
	case TAG_HEADER:
	case TAG_FOOTER:
	case TAG_ASIDE:
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_NOSCRIPT:
	case TAG_SELECT: return true;
	default: return false;
	}
}

static const struct node *link_of(const struct node *heading)
{
	const struct node *link = node_up(heading, TAG_A);

	for (const struct node *n = heading; n && !link; n = node_next(n, heading))
		if (n->tag == TAG_A)
			link = n;
	return link;
}

struct page {
	struct span host;
	const struct span *own;
	size_t own_count;
	struct arena *arena;
};

/* A heading leads elsewhere when its link does, and not to a place on this page. */
static bool leads_elsewhere(const struct node *heading, const struct page *page)
{
	const struct node *link = link_of(heading);
	struct span href, key;
	struct url to;

	if (!link)
		return false;
	href = node_attr(link, ATTR_HREF);
	if (!href.len || span_find_byte(href, '#') >= 0)
		return false;
	if (span_find(href, SPAN("://")) >= 0 &&
	    (url_parse(href, NULL, page->arena, &to, NULL) || !url_same_site(to.host, page->host)))
		return false;
	key = squash(node_text(heading, 300, page->arena), page->arena);
	for (size_t i = 0; i < page->own_count; i++)
		if (key.len > 8 && span_find(key, page->own[i]) >= 0 && page->own[i].len * 2 > key.len)
			return false;
	return key.len > 0;
}

struct count {
	const struct node *post; /* the linked heading that the text stands under */
	size_t bytes, posts_bytes, largest, own;
	unsigned posts, headings;
};

static void end_post(struct count *c)
{
	if (c->post && c->bytes >= POST_MIN) {
		c->posts++;
		c->posts_bytes += c->bytes;
		c->largest = MAX(c->largest, c->bytes);
	}
	c->post = NULL;
	c->bytes = 0;
}

static unsigned count_posts(const struct node *top, const struct page *page)
{
	struct count c = {.post = NULL};

	for (const struct node *n = top; n && c.headings < HEADINGS_MAX;) {
		struct span text = node_text_raw(n);

		/* a post's own <header> holds its heading */
		if (is_menu(n) && n->tag != TAG_HEADER) {
			n = node_next_skip(n, top);
			continue;
		}
		if (is_heading(n)) {
			c.headings++;
			bool elsewhere = leads_elsewhere(n, page);

			if (elsewhere || !c.post || n->tag <= c.post->tag)
				end_post(&c);
			if (elsewhere)
				c.post = n;
			n = node_next_skip(n, top);
			continue;
		}
		if (text.len >= PARAGRAPH_MIN && !node_up(n, TAG_A)) {
			if (c.post)
				c.bytes += text.len;
			else
				c.own += text.len;
		}
		n = node_next(n, top);
	}
	end_post(&c);
	if (c.posts < 3 || c.largest * 10 > c.posts_bytes * 7 || c.own * 2 > c.posts_bytes ||
	    (c.own >= OWN_TEXT && c.own > c.largest * 4))
		return 0;
	return c.posts;
}

static bool has_link_and_text(const struct node *row)
{
	size_t text = 0;
	unsigned seen = 0;
	bool link = false;

	for (const struct node *n = row; n && (!link || text < ROW_MIN) && seen < ROW_SCAN;
	     n = node_next(n, row), seen++) {
		link |= n->tag == TAG_A;
		text += node_text_raw(n).len;
	}
	return link && text >= ROW_MIN;
}

static unsigned count_rows(const struct node *top)
{
	unsigned most = 0;

	for (const struct node *n = top; n;) {
		const struct node *first = NULL;
		unsigned rows = 0, seen = 0;

		if (is_menu(n)) {
			n = node_next_skip(n, top);
			continue;
		}
		for (const struct node *k = n->child; k && seen < ROWS_SCAN; k = k->next) {
			if (node_is_text(k) || is_menu(k) || !tag_is_block((enum tag)k->tag) ||
			    !has_link_and_text(k))
				continue;
			seen++;
			if (!first)
				first = k;
			rows += k->tag == first->tag &&
				span_eq(node_attr(k, ATTR_CLASS), node_attr(first, ATTR_CLASS));
		}
		most = MAX(most, rows);
		n = node_next(n, top);
	}
	return most;
}

unsigned page_posts(const struct tree *tree, struct span host, const struct span *own, size_t own_count,
		    struct arena *arena)
{
	return count_posts(tree->body ? tree->body : tree->root, &(struct page){host, own, own_count, arena});
}

unsigned page_rows(const struct tree *tree)
{
	return count_rows(tree->body ? tree->body : tree->root);
}
