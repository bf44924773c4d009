/* SPDX-License-Identifier: MIT */
#include "document/place.h"

#include <limits.h>

#include "document/emit.h"

void place_release(struct place *p)
{
	strbuf_release(&p->before);
	strbuf_release(&p->after);
}

size_t place_line(const struct frontmatter *fm, size_t at)
{
	while (at > fm->begin && fm->text.ptr[at - 1] != '\n')
		at--;
	return at;
}

size_t place_next_line(const struct frontmatter *fm, size_t at)
{
	const char *nl = at < fm->end ? memchr(fm->text.ptr + at, '\n', fm->end - at) : NULL;

	return nl ? (size_t)(nl - fm->text.ptr) + 1 : fm->end;
}

bool place_is_blank_line(const struct frontmatter *fm, size_t begin)
{
	return begin < fm->end && span_trim(span_sub(fm->text, begin, place_next_line(fm, begin))).len == 0;
}

bool place_in_flow(const struct node *n)
{
	for (; n; n = n->parent)
		if (n->style == NODE_FLOW)
			return true;
	return false;
}

/* Index of a word in a list of words, or -1. */
static int rank_of(const char *words, struct span key)
{
	struct span rest = span_str(words);

	for (int i = 0; rest.ptr; i++)
		if (span_eq(span_split(&rest, ' '), key))
			return i;
	return -1;
}

static const char *order_for(const struct key_order *order, const struct node *map)
{
	bool item = map && map->parent && map->parent->kind == NODE_SEQUENCE;
	struct span key = !map ? SPAN("") : map->key ? map->key->value : node_holder(map);

	for (; order && order->where; order++) {
		struct span where = span_str(order->where);
		bool items = span_ends(where, SPAN("[]"));

		if (items)
			where.len -= 2;
		if (items == item && span_eq(where, key))
			return order->keys;
	}
	return NULL;
}

static bool is_block(const struct node *n)
{
	return n->style == NODE_BLOCK && n->count;
}

/* Where the line behind n begins: n's last line with its comment, and comments that stand in deeper than col,
 * which belong to n's own lines. */
static size_t behind(const struct frontmatter *fm, const struct node *n, size_t col)
{
	size_t at = n->tail > fm->begin && fm->text.ptr[n->tail - 1] == '\n' ? n->tail
									     : place_next_line(fm, n->tail);

	while (is_block(n) && at < fm->end) {
		size_t i = at;

		while (i < fm->end && fm->text.ptr[i] == ' ')
			i++;
		if (i == fm->end || fm->text.ptr[i] != '#' || i - at <= col)
			break;
		at = place_next_line(fm, at);
	}
	return at;
}

static bool blank_between(const struct frontmatter *fm, size_t from, size_t to)
{
	for (; from < to; from = place_next_line(fm, from))
		if (place_is_blank_line(fm, from))
			return true;
	return false;
}

/* Whether this mapping sets its blocks off with blank lines. */
static bool blocks_stand_apart(const struct frontmatter *fm, const struct node *map, size_t col)
{
	size_t with = 0, without = 0, any = 0;

	for (const struct node *c = map->first; c && c->next; c = c->next) {
		bool blank = blank_between(fm, behind(fm, c, col), place_line(fm, c->next->key->begin));

		any += blank;
		if (is_block(c) || is_block(c->next)) {
			with += blank;
			without += !blank;
		}
	}
	return with + without ? with > without : any > 0;
}

static enum err place_in_brackets(const struct node *map, const struct node *prev, const struct node *next,
				  const struct frontmatter *fm, struct place *ret)
{
	const struct node *last = map->last;
	bool lines = last && last->key->line != map->line && place_line(fm, last->key->begin) != map->begin;
	size_t line = last ? place_line(fm, last->key->begin) : 0;
	enum err r;

	/* a line for each key, where the last has one */
	lines = lines && span_trim(span_sub(fm->text, line, last->key->begin)).len == 0;
	ret->flow = true;
	if (!prev && !next) {
		ret->at = map->end - 1;
		while (ret->at > 0 && byte_is_space(fm->text.ptr[ret->at - 1]))
			ret->at--;
		return ERR_OK;
	}
	if (!prev) {
		ret->at = next->key->begin;
		return strbuf_add_str(&ret->after, ", ");
	}
	ret->at = prev->end;
	if (!lines)
		return strbuf_add_str(&ret->before, ", ");
	r = strbuf_add_str(&ret->before, ",");
	if (!r)
		r = strbuf_add_span(&ret->before, fm->eol);
	return r ? r : strbuf_add_span(&ret->before, span_sub(fm->text, line, last->key->begin));
}

/* Before next: on the line above it and its comments; or, where it stands behind a dash, in its stead. */
static enum err place_before(const struct frontmatter *fm, const struct node *next, bool apart,
			     struct place *ret)
{
	size_t key = next->key->begin, line = place_line(fm, key);
	bool own = span_trim(span_sub(fm->text, line, key)).len == 0;
	enum err r;

	while (own && line > fm->begin) {
		size_t above = place_line(fm, line - 1);
		struct span s = span_trim(span_sub(fm->text, above, line));

		if (!s.len || s.ptr[0] != '#')
			break;
		line = above;
	}
	ret->at = own ? line : key;
	r = own ? emit_blanks(&ret->before, ret->col) : ERR_OK;
	if (!r)
		r = strbuf_add_span(&ret->after, fm->eol);
	if (!r && apart)
		r = strbuf_add_span(&ret->after, fm->eol);
	return r || own ? r : emit_blanks(&ret->after, ret->col);
}

static enum err place_after(const struct frontmatter *fm, const struct node *prev, bool block, bool apart,
			    struct place *ret)
{
	enum err r = ERR_OK;

	ret->at = behind(fm, prev, ret->col);
	/* a blank line behind a block scalar that keeps its trailing lines would be one more of them */
	if (apart && (block || is_block(prev)) && prev->tail == prev->end)
		r = strbuf_add_span(&ret->before, fm->eol);
	if (!r)
		r = emit_blanks(&ret->before, ret->col);
	/* never one behind it too: a text that has that blank line already would come out the same, and
	 * removal could not tell the two */
	return r ? r : strbuf_add_span(&ret->after, fm->eol);
}

/* A key that a line, or a dash, begins with; not one behind '?'. */
static bool can_precede(const struct frontmatter *fm, const struct node *n)
{
	for (size_t i = place_line(fm, n->key->begin); i < n->key->begin; i++)
		if (fm->text.ptr[i] != ' ' && fm->text.ptr[i] != '-')
			return false;
	return true;
}

enum err place_find(const struct frontmatter *fm, const struct node *map, struct span key, bool block,
		    const struct key_order *order, struct place *ret)
{
	const char *keys = order_for(order, map);
	int rank = keys ? rank_of(keys, key) : -1, low = -1, high = INT_MAX;
	const struct node *prev = NULL, *next = NULL;
	bool apart;

	if (!map) {
		ret->at = fm->end;
		return strbuf_add_span(&ret->after, fm->eol);
	}
	for (const struct node *c = map->first; c && rank >= 0; c = c->next) {
		int other = c->key->kind == NODE_SCALAR ? rank_of(keys, c->key->value) : -1;

		if (other >= 0 && other < rank && other > low) {
			prev = c;
			low = other;
		}
		if (other > rank && other < high) {
			next = c;
			high = other;
		}
	}
	if (!prev && !next)
		prev = map->last;
	if (prev)
		next = prev->next;
	if (map->style == NODE_FLOW)
		return place_in_brackets(map, prev, next, fm, ret);
	assert(prev || next); /* a block mapping has keys */
	if (!prev && !can_precede(fm, next))
		prev = map->last;
	ret->col = node_indent(fm, map);
	apart = blocks_stand_apart(fm, map, ret->col);
	if (prev)
		return place_after(fm, prev, block, apart, ret);
	return place_before(fm, next, apart && (block || is_block(next)), ret);
}
