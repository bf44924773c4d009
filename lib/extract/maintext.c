/* SPDX-License-Identifier: MIT */
#include "extract/find_date.h"
#include "extract/maintext_inner.h"

enum {
	TITLE_NEAR = 60, /* blocks */
	HEADER_MAX = 800 /* weighted characters above the text that are no text themselves */
};

enum keep { KEEP_NOT, KEEP, KEEP_HEADER };

enum { ENOUGH = 300 }; /* weighted characters of text under which the strict rules are doubted */

/* How much a block speaks for being text of an article. */
static float good(const struct block *b)
{
	float size = (float)b->size, density = size > 0 ? (float)b->link_size / size : 1;

	if (b->kind == BLOCK_HEADING || density > 0.4f || size < 40)
		return 0;
	if (!b->sentences)
		size = size >= 150 ? size * 0.5f : 0;
	else if (size < 80)
		size *= 0.5f;
	if (b->kind == BLOCK_ITEM || b->kind == BLOCK_CELL)
		size *= 0.6f;
	return size * (1 - density);
}

/* Sums of every container, without what is out. */
static void sum_up(struct blocks *b)
{
	for (size_t i = 0; i < b->container_count; i++)
		b->containers[i].size = b->containers[i].link_size = b->containers[i].good = 0;
	for (size_t i = 0; i < b->block_count; i++) {
		struct container *c = &b->containers[b->blocks[i].container];

		if (c->out)
			continue;
		c->size += (float)b->blocks[i].size;
		c->link_size += (float)b->blocks[i].link_size;
		c->good += good(&b->blocks[i]);
	}
	for (size_t i = b->container_count; i-- > 1;) {
		const struct container *c = &b->containers[i];
		struct container *parent = &b->containers[c->parent];

		parent->size += c->size;
		parent->link_size += c->link_size;
		parent->good += c->good;
	}
}

static bool groups(enum tag tag)
{
	switch (tag) {
	case TAG_HTML:
	case TAG_BODY:
	case TAG_DIV:
	case TAG_SECTION:
	case TAG_ARTICLE:
	case TAG_MAIN:
	case TAG_CENTER:
	case TAG_FORM:
	case TAG_TABLE:
	case TAG_TBODY:
	case TAG_TR:
	case TAG_TD: return true;
	default: return false;
	}
}

/* The share of the good text that makes a container the better choice than the one around it. The page as a
 * whole is the choice of last resort. */
static float enough(const struct container *c)
{
	return c->node->depth == 0 || c->node->tag == TAG_HTML || c->node->tag == TAG_BODY ? 0.35f : 0.7f;
}

/* Pages that never end load the next article below the first: each in an <article> with its title. The first
 * of several of them within a container, 0 where there are not two. */
static uint32_t first_of_articles(const struct blocks *b, uint32_t within)
{
	uint32_t first = 0;

	for (uint32_t i = within + 1; i < b->containers[within].end;) {
		const struct container *c = &b->containers[i];
		bool titled = false;

		if (c->node->tag != TAG_ARTICLE || c->out) {
			i = c->out ? c->end : i + 1;
			continue;
		}
		for (uint32_t k = c->first; k < c->last && k < c->first + TITLE_NEAR && !titled; k++)
			titled = b->blocks[k].level == 1;
		if (titled && c->good >= ELSEWHERE) {
			if (first)
				return first;
			first = i;
		}
		i = c->end;
	}
	return 0;
}

/* Down to the smallest container that holds most of the good text. */
static uint32_t descend(const struct blocks *b)
{
	uint32_t at = 0;

	for (;;) {
		const struct container *c = &b->containers[at];
		uint32_t best = 0;

		for (uint32_t i = at + 1; i < c->end; i = b->containers[i].end) {
			if (!b->containers[i].out && groups((enum tag)b->containers[i].node->tag) &&
			    (!best || b->containers[i].good > b->containers[best].good))
				best = i;
		}
		if (!best || b->containers[best].good < c->good * enough(c)) {
			best = first_of_articles(b, at);
			if (!best)
				return at;
		}
		at = best;
	}
}

/* The box within the core that is named as the article's text, where there is one such and it holds most of
 * it. */
static uint32_t named_body(const struct blocks *b, uint32_t core, float share)
{
	uint32_t found = 0;

	for (uint32_t i = core; i < b->containers[core].end;) {
		const struct container *c = &b->containers[i];

		if (c->out || !(c->words & WORD_BODY) || c->good < ELSEWHERE) {
			i++;
			continue;
		}
		if (found)
			return 0;
		found = i;
		i = c->end;
	}
	return found && b->containers[found].good > b->containers[core].good * share ? found : 0;
}

/* The surroundings of the core that still belong to the article. */
static uint32_t scope_of(const struct blocks *b, uint32_t core)
{
	for (uint32_t i = core; i; i = b->containers[i].parent)
		if (b->containers[i].node->tag == TAG_ARTICLE)
			return i;
	for (uint32_t i = core; i; i = b->containers[i].parent)
		if (b->containers[i].node->tag == TAG_MAIN)
			return i;
	for (uint32_t i = core, up = 0; i && up < 2; i = b->containers[i].parent, up++)
		if (b->containers[i].node->tag == TAG_BODY)
			return core;
		else
			core = i;
	return core;
}

/* A line, or a word or two, of the text's own box, as where <br> parts all: a heading, "she said:". */
static bool is_line(const struct block *b)
{
	return b->kind == BLOCK_TEXT && b->size < 60 && !b->sentences;
}

/* "15 Dec, 2025", "Updated on 3 May 2021.": a day and hardly a word. */
static bool is_day(const struct block *b)
{
	struct date d;

	return b->kind != BLOCK_HEADING && b->kind != BLOCK_CELL && b->text.len < 40 &&
	       find_date(b->text, SPAN_NONE, &d);
}

/* `begun`: some of the text stands before it. */
static bool keeps(const struct block *b, bool in_core, bool begun, bool announced)
{
	float size = (float)b->size, density = size > 0 ? (float)b->link_size / size : 1;

	if (b->size < 150 && vocabulary_points_elsewhere(b->text))
		return false;
	if (!begun && is_day(b))
		return false;
	if (b->size < 300 && b->kind != BLOCK_CELL && vocabulary_calls(b->text))
		return false;
	/* the notice above many a text; within one it may be what the text is about */
	if (!begun && b->size < 400 && vocabulary_discloses(b->text))
		return false;
	if (!in_core)
		return b->kind != BLOCK_HEADING && b->size >= 100 && b->sentences && density < 0.25f;
	if (b->kind == BLOCK_HEADING && b->size < 250)
		return (b->level > 1 || begun) && density < 0.5f;
	if (density > (b->sentences && b->size >= 80 ? 0.7f : 0.5f))
		return announced;
	return !is_line(b);
}

/* A heading that leads elsewhere (to the product, the town) and heads a paragraph beside it in the text. */
static bool heads_text(const struct blocks *b, uint32_t i, uint32_t core)
{
	const struct block *block = &b->blocks[i], *next = block + 1;
	uint32_t around = b->containers[block->container].parent;

	return block->level > 1 && !vocabulary_points_elsewhere(block->text) &&
	       i + 1 < b->containers[core].last && next->kind == BLOCK_PARAGRAPH &&
	       b->containers[next->container].parent == around && next->sentences && next->size >= 80 &&
	       next->link_size * 4 < next->size &&
	       b->containers[around].good >= b->containers[core].good * 0.3f;
}

static bool is_bare(const struct blocks *b, uint32_t i, uint32_t core, bool begun)
{
	const struct block *block = &b->blocks[i];

	return begun && block->container == core && is_line(block) && block->size >= 12 &&
	       block->link_size * 2 <= block->size && !vocabulary_points_elsewhere(block->text);
}

/* One of a list or table that is not made of links. */
static bool is_listed(const struct blocks *b, const struct block *block)
{
	uint32_t at = block->container;

	if (block->kind != BLOCK_ITEM && block->kind != BLOCK_CELL)
		return false;
	for (unsigned up = 0; at && up < 6; at = b->containers[at].parent, up++) {
		const struct container *c = &b->containers[at];

		if (c->node->tag == TAG_TABLE || c->node->tag == TAG_UL || c->node->tag == TAG_OL ||
		    c->node->tag == TAG_DL)
			return c->link_size < c->size * 0.4f && c->last - c->first >= 4;
	}
	return false;
}

/* Headings and lines that head nothing kept go. */
static void drop_idle_headings(struct block *blocks, uint32_t first, uint32_t last)
{
	unsigned level = 0; /* of the nearest kept heading below; 0: text */
	bool text = false;

	for (uint32_t i = last; i-- > first;) {
		struct block *b = &blocks[i];

		if (!b->keep)
			continue;
		/* a heading that is a sentence tells something by itself */
		if (!(b->kind == BLOCK_HEADING || is_line(b) || (!text && is_day(b))) ||
		    (b->sentences && b->size >= 50 && b->level > 1)) {
			text = true;
			level = 0;
		} else if (!text || (level && level <= b->level)) {
			b->keep = 0;
		} else {
			level = b->level;
		}
	}
}

/* What stands under a heading that says so is no part of the text: to the end of the box which the heading
 * heads, or, where that is the text's own box, up to what reads as text again. */
static void drop_sections(struct blocks *b, uint32_t first, uint32_t last)
{
	size_t all = 0, before = 0;

	for (uint32_t i = first; i < last; i++)
		all += b->blocks[i].keep ? b->blocks[i].size : 0;
	for (uint32_t i = first; i < last; i++) {
		const struct block *head = &b->blocks[i];
		const struct container *box;
		uint32_t end, from;
		bool own;

		before += head->keep ? head->size : 0;
		if (before * 2 < all || head->size > 60 || head->sentences > 1 ||
		    head->link_size * 2 > head->size || !vocabulary_heads_other(head->text))
			continue;
		/* what holds more than the heading */
		for (box = &b->containers[head->container]; box->parent && box->last - box->first < 2;)
			box = &b->containers[box->parent];
		end = MIN(box->last, last);
		own = box->first + 2 >= i;
		if (!own && !head->level)
			continue;
		from = i;
		for (uint32_t k = from; k < end; k++, i = k - 1) {
			const struct block *block = &b->blocks[k];

			if (k > from &&
			    ((!own && block->level && head->level && block->level <= head->level &&
			      !vocabulary_heads_other(block->text)) ||
			     (!own && block->kind == BLOCK_PARAGRAPH && block->sentences &&
			      block->size >= 100 && block->link_size * 4 < block->size)))
				break;
			b->blocks[k].keep = KEEP_NOT;
		}
	}
}

static bool is_headline(const struct blocks *b, uint32_t i)
{
	return b->blocks[i].level == 1 || b->containers[b->blocks[i].container].words & WORD_HEADLINE;
}

static bool is_marked_standfirst(const struct blocks *b, uint32_t i)
{
	const struct container *c = &b->containers[b->blocks[i].container];

	return (c->words | b->containers[c->parent].words) & WORD_STANDFIRST;
}

/* The next paragraph of a header that has several. */
static bool goes_on(const struct blocks *b, uint32_t i)
{
	const struct block *block = &b->blocks[i], *before = block - 1;

	return before->keep && before->kind == BLOCK_PARAGRAPH && block->kind == BLOCK_PARAGRAPH &&
	       block->sentences &&
	       b->containers[block->container].parent == b->containers[before->container].parent;
}

/* Above the text, what is marked so, or the paragraph or lesser heading right below the title and its day. */
static bool is_standfirst(const struct blocks *b, uint32_t i, uint32_t core)
{
	const struct block *block = &b->blocks[i];
	uint32_t above = i;

	if (!i || i >= b->containers[core].first || block->size < 40 || block->link_size)
		return false;
	if (is_marked_standfirst(b, i) || goes_on(b, i))
		return true;
	above -= i > 1 && is_day(&b->blocks[i - 1]) ? 2 : 1;
	return is_headline(b, above) && (block->kind == BLOCK_PARAGRAPH || block->level > 1);
}

static bool is_lead(const struct block *b)
{
	return !b->level && b->sentences && b->size >= LEAD_MIN;
}

/* A heading, or in a <header>. */
static bool is_head(const struct blocks *b, uint32_t i)
{
	uint32_t at = b->blocks[i].container;

	if (b->containers[at].out)
		return false;
	for (unsigned up = 0; at && up < 3; at = b->containers[at].parent, up++)
		if (b->containers[at].node->tag == TAG_HEADER)
			return true;
	return b->blocks[i].level > 0;
}

/* The article begins at its title, though that may stand in a box of its own; gives a block. */
static uint32_t begin_of(const struct blocks *b, uint32_t scope)
{
	uint32_t first = b->containers[scope].first;

	for (uint32_t i = first, n = 0; i-- > 0 && n < TITLE_NEAR; n++)
		if (is_headline(b, i) && !b->containers[b->blocks[i].container].out)
			return i;
	/* no title there: at what heads the article's box */
	for (uint32_t i = scope; i; i = b->containers[i].parent)
		if (b->containers[i].node->tag == TAG_ARTICLE || b->containers[i].node->tag == TAG_MAIN)
			for (uint32_t k = b->containers[i].first; k < first; k++)
				if (is_head(b, k))
					return k;
	return first;
}

/* Marks what to keep; gives its size. */
static size_t choose(struct blocks *b, enum effort effort)
{
	uint32_t core, scope, first;
	size_t size = 0, header = 0;

	for (size_t i = 0; i < b->container_count; i++)
		b->containers[i].out = false;
	for (size_t i = 0; i < b->block_count; i++)
		b->blocks[i].keep = 0;
	sum_up(b);
	blocks_leave_out(b, effort);
	sum_up(b);
	core = descend(b);
	scope = named_body(b, core, 0.5f);
	if (!scope) {
		scope = named_body(b, 0, 0.35f);
		/* beside the core only: what holds it, or lies in it, was looked at */
		if (scope && b->containers[scope].end > core && scope < b->containers[core].end)
			scope = 0;
	}
	if (scope)
		core = scope;
	else
		scope = scope_of(b, core);
	first = begin_of(b, scope);
	for (uint32_t i = first, text = 0; i < b->containers[scope].last; i++) {
		struct block *block = &b->blocks[i];
		bool in_core = i >= b->containers[core].first && i < b->containers[core].last;

		block->keep = !b->containers[block->container].out &&
			      (keeps(block, in_core, text >= 150,
				     b->containers[block->container].announced || is_listed(b, block)) ||
			       (!in_core && is_standfirst(b, i, core)) ||
			       (in_core && (heads_text(b, i, core) || is_bare(b, i, core, text >= 150))));
		if (in_core && block->keep && block->sentences)
			text += block->size;
		if (i < b->containers[scope].first && block->keep) {
			block->keep = KEEP_HEADER;
			header += block->size;
		}
	}
	for (uint32_t i = first; i < b->containers[scope].first && header > HEADER_MAX; i++)
		b->blocks[i].keep = MIN(b->blocks[i].keep, KEEP);
	drop_sections(b, first, b->containers[scope].last);
	drop_idle_headings(b->blocks, first, b->containers[scope].last);
	for (size_t i = 0; i < b->block_count; i++)
		size += b->blocks[i].keep ? b->blocks[i].size : 0;
	return size;
}

enum err maintext_find(const struct tree *tree, struct arena *arena, struct maintext *ret)
{
	struct blocks b;
	size_t room = 1, strict;
	char *out, *p;
	bool in_header = false; /* the lead */
	enum err err = blocks_read(tree, arena, &b);

	if (err)
		return err;
	strict = choose(&b, STRICT);
	if (strict < ENOUGH && choose(&b, LENIENT) < strict * 2)
		(void)choose(&b, STRICT);
	*ret = (struct maintext){SPAN_NONE, SPAN_NONE};
	for (size_t i = 0; i < b.block_count; i++)
		if (b.blocks[i].keep)
			room += b.blocks[i].text.len + 1;
	p = out = arena_alloc(arena, room);
	if (!out)
		return arena_failed(arena);
	for (size_t i = 0; i < b.block_count; i++) {
		const struct block *block = &b.blocks[i];

		if (!block->keep)
			continue;
		if (p > out)
			*p++ = '\n';
		memcpy(p, block->text.ptr, block->text.len);
		/* a standfirst in the header is the lead only where the text has none */
		if (is_lead(block) && (!ret->lead.ptr || (in_header && block->keep == KEEP))) {
			ret->lead = span_of(p, block->text.len);
			in_header = block->keep == KEEP_HEADER;
		}
		p += block->text.len;
	}
	*p = 0;
	ret->text = span_of(out, (size_t)(p - out));
	return ERR_OK;
}
