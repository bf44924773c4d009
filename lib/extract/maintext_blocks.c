/* SPDX-License-Identifier: MIT */
#include "extract/maintext_inner.h"

struct reader {
	struct blocks b;
	struct vocabulary words;
	char *buffer, *next, *end; /* room for all text of the page, folded */
	char *begin;               /* of the block under way */
	struct block block;        /* its counts */
	uint32_t container;        /* the innermost */
	const struct node *link;   /* the open <a>; one that was never closed ends at the next */
	unsigned breaks;           /* <br> in a row */
	bool space;
	char last; /* byte of the block */
};

static void *more(struct blocks *b, void *old, size_t count, size_t *room, size_t size)
{
	void *p = old;

	if (count >= BLOCKS_MAX) {
		b->full = true;
		return NULL;
	}
	if (count < *room)
		return old;
	*room = *room ? *room * 2 : 512;
	p = arena_alloc(b->arena, *room * size);
	if (!p) {
		b->failed = true;
		return NULL;
	}
	if (count)
		memcpy(p, old, count * size);
	return p;
}

static enum block_kind kind_of(const struct node *n, uint8_t *level)
{
	*level = 0;
	switch (n->tag) {
	case TAG_H1:
	case TAG_H2:
	case TAG_H3:
	case TAG_H4:
	case TAG_H5:
	case TAG_H6: *level = (uint8_t)(n->tag - TAG_H1 + 1); return BLOCK_HEADING;
	case TAG_P: return BLOCK_PARAGRAPH;
	case TAG_LI:
	case TAG_DT:
	case TAG_DD: return BLOCK_ITEM;
	case TAG_TD:
	case TAG_TH: return BLOCK_CELL;
	case TAG_PRE: return BLOCK_PRE;
	case TAG_BLOCKQUOTE: return BLOCK_QUOTE;
	default: return BLOCK_TEXT;
	}
}

static void flush(struct reader *r)
{
	struct blocks *b = &r->b;
	struct block *blocks;

	r->space = false;
	r->breaks = 0;
	r->last = 0;
	if (r->next == r->begin)
		return;
	blocks = more(b, b->blocks, b->block_count, &b->block_room, sizeof(*blocks));
	if (!blocks)
		return;
	b->blocks = blocks;
	r->block.text = span_of(r->begin, (size_t)(r->next - r->begin));
	r->block.container = r->container;
	for (const struct node *n = b->containers[r->container].node; n; n = n->parent) {
		r->block.kind = (uint8_t)kind_of(n, &r->block.level);
		if (r->block.kind != BLOCK_TEXT || tag_is_block((enum tag)n->tag))
			break;
	}
	/* <h2><div>Words</div></h2> */
	for (const struct node *n = b->containers[r->container].node; n->tag == TAG_DIV && n->parent;)
		if ((n = n->parent)->tag >= TAG_H1 && n->tag <= TAG_H6)
			r->block.kind = (uint8_t)kind_of(n, &r->block.level);
	/* what runs on in sentences is text that was to look large */
	if (r->block.kind == BLOCK_HEADING && r->block.sentences && r->block.size >= 150)
		r->block.kind = BLOCK_PARAGRAPH;
	blocks[b->block_count++] = r->block;
	r->block = (struct block){0};
	r->begin = r->next;
}

static bool ends_sentence(const char *p, const char *end)
{
	/* p is behind the mark */
	return p == end || byte_is_space(*p) || *p == '"' || *p == '\'' || *p == ')' || *p == '<' ||
	       *p == '[' || (unsigned char)*p >= 0x80;
}

/* 。 ！ ？ ｡ । ؟ */
static bool wide_mark(const char *p, size_t left)
{
	if (left < 3)
		return left == 2 && !memcmp(p, "\xd8\x9f", 2);
	return !memcmp(p, "\xe3\x80\x82", 3) || !memcmp(p, "\xef\xbc\x81", 3) ||
	       !memcmp(p, "\xef\xbc\x9f", 3) || !memcmp(p, "\xef\xbd\xa1", 3) ||
	       !memcmp(p, "\xe0\xa5\xa4", 3) || !memcmp(p, "\xd8\x9f", 2);
}

static void text(struct reader *r, const struct node *n)
{
	const char *p = n->text, *end = p + n->size;
	uint32_t size = 0;

	r->space |= n->space_before;
	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (byte_is_space(*p) || c == '\v' ||
		    (c == 0xc2 && p + 1 < end && (unsigned char)p[1] == 0xa0)) {
			r->space = true;
			p += c == 0xc2 ? 2 : 1;
			continue;
		}
		if (c == 0xe2 && end - p >= 3 && p[1] == '\x80' && (p[2] == '\xa8' || p[2] == '\xa9')) {
			r->space = true; /* U+2028, U+2029: line ends to those who read lines */
			p += 3;
			continue;
		}
		if (c == 0xc2 && p + 1 < end && (unsigned char)p[1] == 0x85) {
			r->space = true; /* NEL */
			p += 2;
			continue;
		}
		if (c == 0xe2 && end - p >= 3 && p[1] == '\x80' &&
		    (p[2] == '\x8b' || p[2] == '\x8c' || p[2] == '\x8d')) {
			p += 3; /* zero width */
			continue;
		}
		if (c == 0xc2 && p + 1 < end && (unsigned char)p[1] == 0xad) {
			p += 2; /* soft hyphen */
			continue;
		}
		if (r->space && r->next > r->begin) {
			*r->next++ = ' ';
			size++;
		}
		r->space = false;
		r->breaks = 0;
		if (c < 0x80) {
			size++;
			if ((c == '.' || c == '!' || c == '?') && ends_sentence(p + 1, end) &&
			    r->block.sentences < 60000)
				r->block.sentences++;
			*r->next++ = *p++;
			continue;
		}
		if ((c == 0xe3 || c == 0xef || c == 0xe0 || c == 0xd8) && wide_mark(p, (size_t)(end - p)) &&
		    r->block.sentences < 60000)
			r->block.sentences++;
		size += c >= 0xf0 ? 2 : c == 0xe2 ? 1 : c >= 0xe0 ? 3 : c >= 0xc0;
		*r->next++ = *p++;
	}
	r->block.size += size;
	if (r->link)
		r->block.link_size += size;
}

static bool is_hidden(const struct node *n)
{
	struct span style;

	for (uint32_t i = 0; i < n->size; i++) {
		const struct attr *a = &n->attrs[i];

		switch (a->id) {
		case ATTR_HIDDEN: return true;
		case ATTR_ARIA_HIDDEN:
			if (span_eq(span_of(a->value_ptr, a->value_len), SPAN("true")))
				return true;
			break;
		case ATTR_STYLE:
			style = span_of(a->value_ptr ? a->value_ptr : "", a->value_len);
			if (style.len < 200 && (span_find(style, SPAN("display:none")) >= 0 ||
						span_find(style, SPAN("display: none")) >= 0))
				return true;
			break;
		default: break;
		}
	}
	return false;
}

static bool aside_by_role(struct span role)
{
	static const char *const roles[] = {
		"navigation", "banner",  "contentinfo", "complementary", "search", "dialog", "alertdialog",
		"menu",       "menubar", "toolbar",     "tooltip",       "alert",  "form"};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (span_eq_nocase(role, span_str(roles[i])))
			return true;
	return false;
}

/* https://schema.org/Article */
static unsigned words_of_itemprop(struct span name)
{
	static const struct {
		const char *name;
		unsigned says;
	} props[] = {{"articleBody", WORD_TEXT | WORD_BODY},
		     {"headline", WORD_HEADLINE},
		     {"alternativeHeadline", WORD_STANDFIRST},
		     {"description", WORD_STANDFIRST},
		     {"author", WORD_META},
		     {"comment", WORD_META}};

	for (size_t i = 0; i < ARRAY_SIZE(props); i++)
		if (span_eq_nocase(name, span_str(props[i].name)))
			return props[i].says;
	return 0;
}

static uint32_t enter(struct reader *r, const struct node *n)
{
	struct blocks *b = &r->b;
	struct container *c = more(b, b->containers, b->container_count, &b->container_room, sizeof(*c));
	uint32_t at = (uint32_t)b->container_count;

	if (!c)
		return r->container;
	b->containers = c;
	c += b->container_count++;
	*c = (struct container){.node = n, .parent = r->container, .first = (uint32_t)b->block_count};
	switch (n->tag) {
	case TAG_ASIDE:
	case TAG_FOOTER:
	case TAG_FORM:
	case TAG_NAV:
	case TAG_DIALOG:
	case TAG_MENU:
	case TAG_SEARCH:
	case TAG_FIGCAPTION:
	case TAG_FIGURE: c->aside = true; break;
	default: break;
	}
	/* a figure that shows words */
	if (n->tag == TAG_TABLE || n->tag == TAG_BLOCKQUOTE || n->tag == TAG_UL || n->tag == TAG_PRE)
		for (uint32_t up = c->parent, i = 0; i < 3; up = b->containers[up].parent, i++)
			if (b->containers[up].node->tag == TAG_FIGURE)
				b->containers[up].aside = false;
	if (n->tag == TAG_BODY || n->tag == TAG_HTML)
		return at;
	for (uint32_t i = 0; i < n->size; i++) {
		const struct attr *a = &n->attrs[i];
		struct span value = span_of(a->value_ptr ? a->value_ptr : "", MIN(a->value_len, 300));

		/* a heading's id is made of its words */
		if (a->id == ATTR_CLASS || (a->id == ATTR_ID && !(n->tag >= TAG_H1 && n->tag <= TAG_H6)))
			c->words |= vocabulary_says(&r->words, value);
		else if (a->id == ATTR_ROLE && aside_by_role(value))
			c->aside = true;
		else if (a->id == ATTR_ROLE && span_eq_nocase(value, SPAN("main")))
			c->words |= WORD_TEXT;
		else if (a->id == ATTR_ROLE && span_eq_nocase(value, SPAN("doc-subtitle")))
			c->words |= WORD_STANDFIRST; /* https://www.w3.org/TR/dpub-aria-1.1/ */
		else if (a->id == ATTR_ITEMPROP)
			c->words |= words_of_itemprop(value);
	}
	/* whatever its class: lists of articles show the same box */
	if (c->words & WORD_STANDFIRST)
		c->words &= ~(unsigned)WORD_WEAK;
	/* an article's classes tell its category, its tags, that it has a thumbnail */
	if (n->tag == TAG_ARTICLE || n->tag == TAG_MAIN)
		c->words = (c->words & (WORD_OUT | WORD_COMMENT)) | WORD_TEXT;
	if (is_hidden(n))
		c->hidden = true;
	return at;
}

/* An element that was never closed may have swallowed half the page. */
static bool is_small(const struct node *root)
{
	unsigned count = 0;

	for (const struct node *n = root; n; n = node_next(n, root))
		if (++count > 48)
			return false;
	return true;
}

/* Elements whose text is nobody's. */
static bool skipped(const struct node *n)
{
	switch (n->tag) {
	case TAG_HEAD:
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_NOSCRIPT:
	case TAG_RP:
	case TAG_RT:
	case TAG_TITLE: return true;
	case TAG_BUTTON:
	case TAG_SELECT:
	case TAG_TEXTAREA:
	case TAG_IFRAME:
	case TAG_OBJECT:
	case TAG_AUDIO:
	case TAG_VIDEO:
	case TAG_CANVAS:
	case TAG_SVG:
	case TAG_DATALIST:
	case TAG_LABEL:
	case TAG_INPUT: return is_small(n);
	default: return false;
	}
}

static void leave(struct reader *r, const struct node *n)
{
	struct blocks *b = &r->b;
	struct container *c = &b->containers[r->container];

	if (n == r->link)
		r->link = NULL;
	if (c->node != n)
		return;
	flush(r);
	c = &b->containers[r->container];
	c->last = (uint32_t)b->block_count;
	c->end = (uint32_t)b->container_count;
	r->container = c->parent;
}

/* An anchor leads nowhere; a heading's link to itself, or to what it folds, neither. */
static bool leads_away(const struct node *n)
{
	struct span href = node_attr(n, ATTR_HREF);

	if (!href.ptr)
		return !node_attr(n, ATTR_NAME).ptr && !node_attr(n, ATTR_ID).ptr;
	if (!span_starts(href, SPAN("#")) && !span_starts_nocase(href, SPAN("javascript:")))
		return true;
	for (const struct node *up = n->parent; up && n->depth - up->depth < 4; up = up->parent)
		if (up->tag >= TAG_H1 && up->tag <= TAG_H6)
			return false;
	return true;
}

static void element(struct reader *r, const struct node *n)
{
	if (n->tag == TAG_BR) {
		if (++r->breaks > 1)
			flush(r);
		r->space = true;
	} else if (n->tag == TAG_A) {
		r->link = leads_away(n) ? n : NULL;
		r->space |= n->space_before;
	} else if (tag_is_block((enum tag)n->tag)) {
		flush(r);
		r->container = enter(r, n);
	} else {
		r->space |= n->space_before;
	}
}

enum err blocks_read(const struct tree *tree, struct arena *arena, struct blocks *ret)
{
	struct reader r = {.b = {.arena = arena}};
	const struct node *root = tree->root;

	vocabulary_init(&r.words);
	/* folding only shrinks; a space may be put before each text node */
	r.buffer = r.next = r.begin = arena_alloc(arena, tree->text_bytes + tree->count + 16);
	if (!r.buffer)
		return arena_failed(arena);
	(void)enter(&r, root);
	for (const struct node *n = root, *next; n && !r.b.failed && !r.b.full; n = next) {
		bool skip = n != root && skipped(n);

		if (n->tag == TAG_TEXT)
			text(&r, n);
		else if (skip)
			r.space |= n->space_before;
		else if (n != root)
			element(&r, n);
		next = skip ? node_next_skip(n, root) : node_next(n, root);
		if (n->child && !skip)
			continue;
		/* on the way up to the next one's parent, elements end */
		for (const struct node *up = n; up && (!next || up != next->parent); up = up->parent)
			if (up != root && up->tag != TAG_TEXT && !(up == n && skip))
				leave(&r, up);
	}
	flush(&r);
	if (r.b.failed)
		return arena_failed(arena);
	/* what was open when a ceiling was met */
	for (; r.container; r.container = r.b.containers[r.container].parent) {
		r.b.containers[r.container].last = (uint32_t)r.b.block_count;
		r.b.containers[r.container].end = (uint32_t)r.b.container_count;
	}
	r.b.containers[0].last = (uint32_t)r.b.block_count;
	r.b.containers[0].end = (uint32_t)r.b.container_count;
	*ret = r.b;
	return ERR_OK;
}
