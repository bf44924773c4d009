/* SPDX-License-Identifier: MIT */
/* What a reader sees of a page: its text, and which of it stands together. */
#include "base/strbuf.h"
#include "extract/page_look.h"
#include "extract/squash.h"

/* `scripts`: as a browser shows it that runs them. */
static bool hides(const struct node *n, bool scripts)
{
	switch (n->tag) {
	case TAG_NOSCRIPT: return scripts;
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_SELECT:
	case TAG_DATALIST:
	case TAG_HEAD:
	case TAG_TITLE: return true;
	default: return false;
	}
}

enum {
	LAYERS_MAX = 8,
	FORMS_MAX = 32,
	ITEM_MIN = 12,      /* bytes of text beside its links */
	PRE_TEXT = 240,     /* bytes of a <pre> that are more than a line of code */
	EMPTY = 40,         /* bytes of text with which a page shows nothing */
	NOSCRIPT_MIN = 200, /* bytes of paragraphs that are more than a request to allow scripts */
};

/* Forms for a name and password that open when a reader asks for them: they are on every page of their site.
 */
struct layers {
	const struct node *at[LAYERS_MAX];
	size_t count;
};

static bool is_closed(const struct node *n)
{
	struct span style = span_sub(node_attr(n, ATTR_STYLE), 0, 200);

	for (uint32_t i = 0; i < n->size; i++)
		if (n->attrs[i].id == ATTR_HIDDEN)
			return true;
	return span_eq(node_attr(n, ATTR_ARIA_HIDDEN), SPAN("true")) ||
	       span_find(style, SPAN("display:none")) >= 0 || span_find(style, SPAN("display: none")) >= 0;
}

static bool is_layer(const struct layers *layers, const struct node *n)
{
	for (size_t i = 0; i < layers->count; i++)
		if (layers->at[i] == n)
			return true;
	return false;
}

static void find_layers(const struct tree *tree, const struct node *top, struct layers *ret)
{
	unsigned forms = 0;

	for (const struct node *n = tree->first[TAG_INPUT]; n && forms < FORMS_MAX; n = n->same) {
		const struct node *layer = NULL;

		if (!span_eq_nocase(node_attr(n, ATTR_TYPE), SPAN("password")))
			continue;
		forms++;
		for (const struct node *up = n->parent; up && up != top; up = up->parent)
			if (is_closed(up))
				layer = up;
		if (layer && ret->count < LAYERS_MAX && !is_layer(ret, layer))
			ret->at[ret->count++] = layer;
	}
}

/* A heading's link to its own place on the page: what posts of a thread have. */
static bool leads_here(const struct node *heading)
{
	for (const struct node *n = heading; n; n = node_next(n, heading))
		if (n->tag == TAG_A && span_find_byte(node_attr(n, ATTR_HREF), '#') >= 0)
			return true;
	return false;
}

static void look_at_element(struct page_look *l, const struct node *n)
{
	switch (n->tag) {
	case TAG_INPUT: {
		struct span type = node_attr(n, ATTR_TYPE);

		l->passwords += span_eq_nocase(type, SPAN("password"));
		l->boxes += span_eq_nocase(type, SPAN("checkbox"));
		l->buttons += span_eq_nocase(type, SPAN("submit")) || span_eq_nocase(type, SPAN("button"));
		break;
	}
	case TAG_BUTTON: l->buttons++; break;
	case TAG_IMG:
	case TAG_VIDEO:
	case TAG_PICTURE: l->pictures++; break;
	case TAG_ARTICLE: l->articles++; break;
	case TAG_H1:
		l->headed = true;
		l->headed_article |= node_up(n, TAG_ARTICLE) != NULL;
		break;
	case TAG_H2:
	case TAG_H3:
	case TAG_H4: {
		bool linked = node_up(n, TAG_A) != NULL;

		for (const struct node *k = n->child; k && !linked; k = k->next)
			linked = k->tag == TAG_A || (k->child && k->child->tag == TAG_A);
		l->headlines += linked && !leads_here(n);
		l->headed |= n->tag == TAG_H2 && !linked;
		break;
	}
	case TAG_A: {
		struct span t = n->child && node_is_text(n->child) ? node_text_raw(n->child) : SPAN_NONE;

		l->links++;
		/* "../" and names that end in a slash or a type, href and text alike */
		if (t.len && t.len < 80 && span_starts(node_attr(n, ATTR_HREF), t) &&
		    (span_ends(t, SPAN("/")) || span_find_byte(t, '.') > 0) && span_find(t, SPAN("//")) < 0)
			l->dir_rows++;
		break;
	}
	case TAG_DIV: {
		struct span id = node_attr(n, ATTR_ID);
		static const char *const roots[] = {"app",         "root",       "__next",   "__nuxt",
						    "application", "react-root", "app-root", "main-app",
						    "___gatsby",   "svelte",     "q-app"};

		for (size_t i = 0; i < ARRAY_SIZE(roots) && id.len; i++)
			l->app_root |= span_eq_nocase(id, span_str(roots[i]));
		break;
	}
	case TAG_OTHER:
		l->app_root |=
			span_ends(node_name(n), SPAN("-root")) || span_ends(node_name(n), SPAN("-app"));
		break;
	default: break;
	}
}

static void end_link(struct page_look *l, const struct node *link, size_t bytes)
{
	l->link_bytes += bytes;
	/* menus may be wordy */
	if (bytes >= 28 && !node_up(link, TAG_NAV) && !node_up(link, TAG_FOOTER)) {
		l->teasers++;
		l->teaser_bytes += MIN(bytes, (size_t)300);
	}
}

/* Sums by parent. A full table forgets the smaller of two that meet: what is looked for is the largest. */
struct masses {
	const struct node *of[128];
	size_t bytes[128];
	unsigned count[128];
};

static void end_block(struct page_look *l, struct masses *m, const struct node *block, size_t bytes,
		      bool linked)
{
	const struct node *parent = block ? block->parent : NULL;
	/* by its place in the source: the same on each run */
	size_t at = parent ? parent->offset * 2654435761U >> 25 : 0;

	if (block && bytes >= ITEM_MIN && !linked &&
	    (block->tag == TAG_LI || block->tag == TAG_TD || block->tag == TAG_DD || block->tag == TAG_PRE))
		l->items++;
	if (bytes < 80 || !parent)
		return;
	l->prose += bytes;
	/* text parted by <br> alone is a parent of its own */
	if (bytes > 1200)
		l->mass = MAX(l->mass, bytes);
	if (m->of[at] != parent) {
		l->spread++;
		if (m->of[at] && m->bytes[at] > 2 * bytes)
			return;
		m->of[at] = parent;
		m->bytes[at] = 0;
		m->count[at] = 0;
	}
	m->bytes[at] += bytes;
	/* blank lines part the paragraphs of such text */
	m->count[at] += block->tag == TAG_PRE && bytes > PRE_TEXT ? 2 : 1;
	l->together = MAX(l->together, m->count[at]);
	l->mass = MAX(l->mass, m->bytes[at]);
}

static void look_at_text(struct page_look *l, const struct tree *tree, bool scripts, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(LOOK_TEXT_MAX + 4096);
	const struct node *top = tree->body ? tree->body : tree->root;
	const struct node *block = NULL, *link = NULL;
	size_t in_block = 0, in_link = 0;
	bool linked = false;
	struct masses masses = {{NULL}, {0}, {0}};
	struct layers layers = {.count = 0};

	find_layers(tree, top, &layers);
	for (const struct node *n = top; n;) {
		if (link && n->depth <= link->depth) {
			end_link(l, link, in_link);
			link = NULL;
			in_link = 0;
		}
		if (!node_is_text(n)) {
			if (hides(n, scripts) || is_layer(&layers, n)) {
				n = node_next_skip(n, top);
				continue;
			}
			look_at_element(l, n);
			if (n->tag == TAG_A && !link)
				link = n;
			n = node_next(n, top);
			continue;
		}

		struct span s = node_text_raw(n);
		const struct node *p = n->parent;

		while (p && p != top && !tag_is_block((enum tag)p->tag))
			p = p->parent;
		l->visible += s.len;
		if (p != block) {
			end_block(l, &masses, block, in_block, linked);
			block = p;
			in_block = 0;
			linked = false;
		}
		linked |= link != NULL;
		if (link)
			in_link += s.len;
		else
			in_block += s.len;
		if (text.len < LOOK_TEXT_MAX && !strbuf_add(&text, s.ptr, MIN(s.len, (size_t)2048)))
			(void)!strbuf_add_byte(&text, ' ');
		n = node_next(n, top);
	}
	if (link)
		end_link(l, link, in_link);
	end_block(l, &masses, block, in_block, linked);
	l->text = squash(span_sub(strbuf_span(&text), 0, l->visible < LOOK_TEXT_BARE ? text.len : 0), arena);
}

void page_look_text(struct page_look *l, const struct tree *tree, struct arena *arena)
{
	look_at_text(l, tree, true, arena);
	/* an empty page may hold all of its text for readers without scripts */
	if (l->visible < EMPTY && tree->first[TAG_NOSCRIPT]) {
		struct page_look plain = {0};

		look_at_text(&plain, tree, false, arena);
		if (plain.prose >= NOSCRIPT_MIN)
			*l = plain;
	}
}
