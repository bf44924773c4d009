/* SPDX-License-Identifier: MIT */
#include "document/frontmatter.h"

#include <yaml.h>

/* What is open while events come in: the collections around the next node, each with the key that waits for
 * its value. */
struct builder {
	struct frontmatter *fm;
	struct arena *arena;
	struct error *e;
	struct node *open[FRONTMATTER_DEPTH + 1], *key[FRONTMATTER_DEPTH + 1];
	size_t depth, nodes;
	struct node *root;
	size_t chars, bytes; /* one place of the YAML, in both measures; see offset_of() */
	unsigned documents, anchors;
};

/* A mark counts characters. Marks hardly ever go back, so one place that walks along is enough. */
static size_t offset_of(struct builder *b, size_t chars)
{
	const char *p = b->fm->text.ptr + b->fm->begin;
	size_t len = b->fm->end - b->fm->begin;

	while (b->chars < chars && b->bytes < len) {
		for (b->bytes++; b->bytes < len && ((unsigned char)p[b->bytes] & 0xc0) == 0x80; b->bytes++)
			;
		b->chars++;
	}
	while (b->chars > chars) {
		for (b->bytes--; b->bytes && ((unsigned char)p[b->bytes] & 0xc0) == 0x80; b->bytes--)
			;
		b->chars--;
	}
	return b->fm->begin + b->bytes;
}

/* The opening fence is line 1. */
static enum err fail_at(struct builder *b, enum err code, yaml_mark_t mark, const char *text)
{
	return err_set_at(b->e, code, (unsigned)mark.line + 2, (unsigned)mark.column + 1, "%s", text);
}

static struct span dup_str(struct builder *b, const yaml_char_t *s)
{
	return arena_dup(b->arena, span_str((const char *)s));
}

/* A block scalar's mark ends behind all blank lines that follow it. */
static void end_block_scalar(const struct frontmatter *fm, struct node *n)
{
	size_t end = n->end, lines;
	bool blanks = false, keep = false;

	while (end > n->begin && byte_is_space(fm->text.ptr[end - 1]))
		end--;
	lines = end;
	for (size_t i = end; i < n->end; i++)
		blanks |= fm->text.ptr[i] == ' ' || fm->text.ptr[i] == '\t';
	for (size_t i = n->begin; i < end && fm->text.ptr[i] != '\n'; i++)
		keep |= fm->text.ptr[i] == '+';
	/* those lines may be part of the value: nothing can go between */
	n->tail = keep || blanks ? n->end : lines;
	n->end = end;
}

static enum err attach(struct builder *b, struct node *n, yaml_mark_t mark)
{
	struct node *up = b->depth ? b->open[b->depth - 1] : NULL, *key;

	n->parent = up;
	if (!up) {
		b->root = n;
		return ERR_OK;
	}
	key = b->key[b->depth - 1];
	if (up->kind == NODE_MAPPING && !key) {
		/* "{{ title }}", a template, is such a mapping; hardly a reader of front matter takes one */
		if (n->kind == NODE_SEQUENCE || n->kind == NODE_MAPPING)
			return fail_at(b, ERR_UNSAFE, mark, "a list or mapping for a key");
		b->key[b->depth - 1] = n;
		return ERR_OK;
	}
	b->key[b->depth - 1] = NULL;
	n->key = key;
	if (n->kind == NODE_SCALAR && n->begin == n->end) {
		char before = n->begin ? b->fm->text.ptr[n->begin - 1] : 0;

		n->nowhere = key ? before != ':' || n->begin <= key->end : before != '-';
		if (n->nowhere && key)
			n->begin = n->end = n->tail = key->tail;
	}
	if (up->last)
		up->last->next = n;
	else
		up->first = n;
	up->last = n;
	up->count++;
	return ERR_OK;
}

static enum err add(struct builder *b, const yaml_event_t *ev, struct node **ret)
{
	static const enum node_style scalar_styles[] = {
		[YAML_ANY_SCALAR_STYLE] = NODE_PLAIN,
		[YAML_PLAIN_SCALAR_STYLE] = NODE_PLAIN,
		[YAML_SINGLE_QUOTED_SCALAR_STYLE] = NODE_SINGLE,
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = NODE_DOUBLE,
		[YAML_LITERAL_SCALAR_STYLE] = NODE_LITERAL,
		[YAML_FOLDED_SCALAR_STYLE] = NODE_FOLDED,
	};
	struct node *n;

	if (++b->nodes > FRONTMATTER_NODES)
		return fail_at(b, ERR_TOOBIG, ev->start_mark, "too many values");
	n = ARENA_NEW(b->arena, struct node);
	if (!n)
		return err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	n->begin = offset_of(b, ev->start_mark.index);
	n->end = n->tail = offset_of(b, ev->end_mark.index);
	n->line = (unsigned)ev->start_mark.line + 2;
	n->col = (unsigned)ev->start_mark.column + 1;
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		n->kind = NODE_SCALAR;
		n->style = scalar_styles[ev->data.scalar.style];
		n->value =
			arena_dup(b->arena, span_of((char *)ev->data.scalar.value, ev->data.scalar.length));
		n->tag = dup_str(b, ev->data.scalar.tag);
		n->anchor = dup_str(b, ev->data.scalar.anchor);
		if (n->style == NODE_LITERAL || n->style == NODE_FOLDED)
			end_block_scalar(b->fm, n);
		break;
	case YAML_ALIAS_EVENT:
		n->kind = NODE_ALIAS;
		n->value = dup_str(b, ev->data.alias.anchor);
		break;
	case YAML_SEQUENCE_START_EVENT:
		n->kind = NODE_SEQUENCE;
		n->style = ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE ? NODE_FLOW : NODE_BLOCK;
		n->tag = dup_str(b, ev->data.sequence_start.tag);
		n->anchor = dup_str(b, ev->data.sequence_start.anchor);
		break;
	default:
		n->kind = NODE_MAPPING;
		n->style = ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE ? NODE_FLOW : NODE_BLOCK;
		n->tag = dup_str(b, ev->data.mapping_start.tag);
		n->anchor = dup_str(b, ev->data.mapping_start.anchor);
		break;
	}
	b->anchors += n->kind == NODE_ALIAS || n->anchor.ptr;
	if (b->anchors > FRONTMATTER_ANCHORS)
		return fail_at(b, ERR_TOOBIG, ev->start_mark, "too many anchors and aliases");
	*ret = n;
	return attach(b, n, ev->start_mark);
}

static enum err open_collection(struct builder *b, const yaml_event_t *ev)
{
	struct node *n = NULL;
	enum err r;

	if (b->depth == FRONTMATTER_DEPTH)
		return fail_at(b, ERR_TOODEEP, ev->start_mark, "nested too deeply");
	r = add(b, ev, &n);
	if (r)
		return r;
	b->open[b->depth] = n;
	b->key[b->depth] = NULL;
	b->depth++;
	return ERR_OK;
}

struct key_ref {
	const struct node *key;
};

static int by_key(const void *a, const void *b)
{
	const struct node *x = ((const struct key_ref *)a)->key, *y = ((const struct key_ref *)b)->key;
	int r = span_cmp(x->value, y->value);

	return r ? r : (x->begin > y->begin) - (x->begin < y->begin);
}

/* Duplicates are for the caller to judge: what a reader makes of them differs, but other keys are sound. */
static enum err check_keys(struct builder *b, const struct node *map)
{
	struct key_ref *sorted = ARENA_NEW_ARRAY(b->arena, struct key_ref, map->count + 1);
	size_t n = 0;

	if (!sorted)
		return err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	for (const struct node *c = map->first; c; c = c->next)
		if (c->key->kind == NODE_SCALAR)
			sorted[n++].key = c->key;
	qsort(sorted, n, sizeof(*sorted), by_key);
	for (size_t i = 1; i < n; i++) {
		const struct node *k = sorted[i].key;

		if (span_eq(sorted[i - 1].key->value, k->value) &&
		    (!b->fm->duplicate || b->fm->duplicate->begin > k->begin))
			b->fm->duplicate = k;
	}
	return ERR_OK;
}

static enum err close_collection(struct builder *b, const yaml_event_t *ev)
{
	struct node *n = b->open[--b->depth];

	assert(n); /* libyaml closes what it has opened */
	if (n->style == NODE_FLOW) {
		n->end = n->tail = offset_of(b, ev->end_mark.index);
	} else {
		/* libyaml ends a block where the next token begins */
		n->end = n->last ? n->last->end : n->begin;
		n->tail = n->last ? n->last->tail : n->begin;
	}
	return n->kind == NODE_MAPPING && n->count > 1 ? check_keys(b, n) : ERR_OK;
}

static enum err take(struct builder *b, const yaml_event_t *ev)
{
	struct node *n;

	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++)
			return fail_at(b, ERR_UNSAFE, ev->start_mark, "more than one YAML document");
		return ERR_OK;
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT: return add(b, ev, &n);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT: return open_collection(b, ev);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return close_collection(b, ev);
	default: return ERR_OK;
	}
}

static enum err fail_yaml(struct builder *b, const yaml_parser_t *y)
{
	const char *why = y->problem ? y->problem : "not well formed";
	unsigned line = 2, col = 1;

	if (y->error == YAML_MEMORY_ERROR)
		return err_set(b->e, ERR_NOMEM, "out of memory");
	if (y->error != YAML_READER_ERROR && y->context)
		/* "found unexpected end of stream" alone does not tell which quote is open */
		return err_set_at(b->e, ERR_SYNTAX, (unsigned)y->problem_mark.line + 2,
				  (unsigned)y->problem_mark.column + 1, "%s, %s that begins in line %u", why,
				  y->context, (unsigned)y->context_mark.line + 2);
	if (y->error != YAML_READER_ERROR)
		return fail_at(b, ERR_SYNTAX, y->problem_mark, why);
	/* the reader knows bytes only */
	for (size_t i = 0; i < y->problem_offset && i < b->fm->end - b->fm->begin; i++) {
		char c = b->fm->text.ptr[b->fm->begin + i];

		col = c == '\n' ? 1 : col + (((unsigned char)c & 0xc0) != 0x80);
		line += c == '\n';
	}
	return err_set_at(b->e, ERR_SYNTAX, line, col, "%s", why);
}

static enum err parse_yaml(struct builder *b)
{
	const struct frontmatter *fm = b->fm;
	yaml_parser_t y;
	enum err r = ERR_OK;

	if (!yaml_parser_initialize(&y))
		return err_set(b->e, ERR_NOMEM, "out of memory");
	yaml_parser_set_encoding(&y, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y, (const unsigned char *)fm->text.ptr + fm->begin,
				     fm->end - fm->begin);
	for (bool more = true; more && !r;) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&y, &ev)) {
			r = fail_yaml(b, &y);
			break;
		}
		more = ev.type != YAML_STREAM_END_EVENT;
		r = take(b, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&y);
	if (!r && arena_failed(b->arena))
		r = err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	return r;
}

/* The line at `at` without its end; *next gets where the one after it begins. */
static struct span line_at(struct span text, size_t at, size_t *next)
{
	struct span rest = span_sub(text, at, text.len);
	ptrdiff_t n = span_find_byte(rest, '\n');
	struct span line = n < 0 ? rest : span_sub(rest, 0, (size_t)n);

	*next = n < 0 ? text.len : at + (size_t)n + 1;
	if (n >= 0 && line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is_fence(struct span line, const char *mark)
{
	if (!span_starts(line, span_str(mark)))
		return false;
	for (size_t i = 3; i < line.len; i++)
		if (line.ptr[i] != ' ' && line.ptr[i] != '\t')
			return false;
	return true;
}

/* Hugo takes a JSON object too; a template tag at the start of a page ("{%", "{{<") is no such thing. */
static bool is_json(struct span text)
{
	size_t i = 1;

	if (!text.len || text.ptr[0] != '{')
		return false;
	while (i < text.len && byte_is_space(text.ptr[i]))
		i++;
	return i < text.len && (text.ptr[i] == '"' || text.ptr[i] == '}');
}

static enum err find_fences(struct frontmatter *fm, struct error *e)
{
	size_t at = span_starts(fm->text, SPAN("\xef\xbb\xbf")) ? 3 : 0, next, crlf = 0, lf = 0;
	struct span line = line_at(fm->text, at, &next);

	fm->eol = SPAN("\n");
	if (is_fence(line, "+++"))
		return err_set_at(e, ERR_UNSAFE, 1, 1, "TOML front matter");
	if (is_json(span_sub(fm->text, at, fm->text.len)))
		return err_set_at(e, ERR_UNSAFE, 1, 1, "JSON front matter");
	if (!is_fence(line, "---") || fm->text.ptr[next - 1] != '\n')
		return ERR_OK;
	crlf = next >= 2 && fm->text.ptr[next - 2] == '\r';
	fm->begin = next;
	for (at = next; at < fm->text.len; at = next) {
		line = line_at(fm->text, at, &next);
		if (at - fm->begin > FRONTMATTER_MAX)
			return err_set_at(e, ERR_TOOBIG, 1, 1, "front matter over %d KiB",
					  FRONTMATTER_MAX / 1024);
		/* a last line without its end may still hold the CR of one */
		if (is_fence(line, "---") || is_fence(line, "...")) {
			fm->end = at;
			fm->present = true;
			if (crlf * 2 > lf + (lf == 0))
				fm->eol = SPAN("\r\n");
			return ERR_OK;
		}
		lf++;
		crlf += next >= 2 && fm->text.ptr[next - 2] == '\r';
	}
	return err_set_at(e, ERR_SYNTAX, 1, 1, "front matter without an end");
}

enum err frontmatter_parse(struct span text, struct arena *arena, struct frontmatter **ret, struct error *e)
{
	struct frontmatter *fm = ARENA_NEW(arena, struct frontmatter);
	struct builder b = {.fm = fm, .arena = arena, .e = e};
	enum err r;

	if (!fm)
		return err_set(e, arena_failed(arena), "%s", err_text(arena_failed(arena)));
	fm->text = text;
	r = find_fences(fm, e);
	if (!r && fm->present)
		r = parse_yaml(&b);
	if (r)
		return r;
	if (b.root && b.root->kind != NODE_MAPPING)
		return err_set_at(e, ERR_UNSAFE, b.root->line, b.root->col, "front matter is not a mapping");
	fm->root = b.root;
	*ret = fm;
	return ERR_OK;
}

const struct node *node_get(const struct node *map, struct span key)
{
	if (!map || map->kind != NODE_MAPPING)
		return NULL;
	for (const struct node *c = map->first; c; c = c->next)
		if (c->key->kind == NODE_SCALAR && span_eq(c->key->value, key))
			return c;
	return NULL;
}

const struct node *node_item(const struct node *list, size_t index)
{
	const struct node *c = list ? list->first : NULL;

	while (c && index--)
		c = c->next;
	return c;
}

bool node_is_null(const struct node *n)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (n->kind != NODE_SCALAR || n->style != NODE_PLAIN || n->tag.ptr)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(nulls); i++)
		if (span_eq_str(n->value, nulls[i]))
			return true;
	return false;
}

static bool has_anchor(const struct node *n)
{
	if (n->kind == NODE_ALIAS || n->anchor.ptr)
		return true;
	for (const struct node *c = n->first; c; c = c->next)
		if ((c->key && has_anchor(c->key)) || has_anchor(c))
			return true;
	return false;
}

bool node_shared(const struct node *n)
{
	for (const struct node *up = n->parent; up; up = up->parent)
		if (up->anchor.ptr || up->kind == NODE_ALIAS)
			return true;
	return has_anchor(n);
}
