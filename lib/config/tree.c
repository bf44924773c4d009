/* SPDX-License-Identifier: MIT */
#include "config/tree.h"

#include <yaml.h>

#include "base/hash.h"

struct anchor {
	struct span name;
	struct node *node; /* NULL while its collection is open: an alias inside would be a cycle */
};

struct builder {
	yaml_parser_t parser;
	struct arena *arena;
	struct error *e;
	struct level {
		struct node *node;
		struct pair **end; /* where the next pair goes */
		struct node *key;  /* waits for its value */
		size_t anchor;     /* index + 1 of the anchor to complete, 0 for none */
	} stack[TREE_DEPTH_MAX];
	unsigned depth;
	size_t nodes, documents;
	struct anchor anchors[TREE_ANCHORS_MAX];
	size_t anchor_count;
	struct node *root;
};

static unsigned line_of(yaml_mark_t m)
{
	return (unsigned)MIN(m.line, 100000000) + 1;
}

static unsigned col_of(yaml_mark_t m)
{
	return (unsigned)MIN(m.column, 100000000) + 1;
}

static enum err fail_at(struct builder *b, const yaml_event_t *ev, enum err code, const char *text)
{
	return err_set_at(b->e, code, line_of(ev->start_mark), col_of(ev->start_mark), "%s", text);
}

static enum err syntax(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *why = p->problem ? p->problem : "unreadable";

	if (p->error == YAML_MEMORY_ERROR)
		return err_set(b->e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	if (p->error == YAML_READER_ERROR) /* has an offset only; encoding is the file's, not a line's */
		return err_set_at(b->e, ERR_SYNTAX, line_of(p->mark), col_of(p->mark),
				  "not well formed: %s, near byte %zu", why, p->problem_offset);
	return err_set_at(b->e, ERR_SYNTAX, line_of(p->problem_mark), col_of(p->problem_mark),
			  "not well formed: %s%s%s", why, p->context ? " " : "",
			  p->context ? p->context : "");
}

static struct node *node_new(struct builder *b, const yaml_event_t *ev, enum node_kind kind)
{
	struct node *n = ARENA_NEW(b->arena, struct node);

	if (!n)
		return NULL;
	n->kind = kind;
	n->line = line_of(ev->start_mark);
	n->col = col_of(ev->start_mark);
	return n;
}

/* Puts a finished or just opened node where the open collection wants it. */
static enum err place(struct builder *b, const yaml_event_t *ev, struct node *n)
{
	struct level *top;
	struct pair *pair;

	if (++b->nodes > TREE_NODES_MAX)
		return fail_at(b, ev, ERR_TOOBIG, "more than 100000 values");
	if (b->depth == 0) {
		b->root = n;
		return ERR_OK;
	}
	top = &b->stack[b->depth - 1];
	if (top->node->kind == NODE_MAP && !top->key) {
		if (n->kind != NODE_SCALAR)
			return fail_at(b, ev, ERR_INVALID,
				       "found a list or mapping as a key; a key is a word");
		top->key = n;
		return ERR_OK;
	}
	pair = ARENA_NEW(b->arena, struct pair);
	if (!pair)
		return err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	pair->key = top->key;
	pair->value = n;
	top->key = NULL;
	*top->end = pair;
	top->end = &pair->next;
	top->node->count++;
	return ERR_OK;
}

/* The same name again is a new anchor, as YAML has it. */
static enum err remember(struct builder *b, const yaml_event_t *ev, const yaml_char_t *name, struct node *n,
			 size_t *index)
{
	if (!name)
		return ERR_OK;
	if (b->anchor_count == TREE_ANCHORS_MAX)
		return fail_at(b, ev, ERR_TOOBIG, "more than 100 anchors");
	b->anchors[b->anchor_count].name = arena_dup(b->arena, span_str((const char *)name));
	b->anchors[b->anchor_count].node = n;
	b->anchor_count++;
	if (index)
		*index = b->anchor_count;
	return ERR_OK;
}

static enum err alias(struct builder *b, const yaml_event_t *ev)
{
	struct span name = span_str((const char *)ev->data.alias.anchor);

	for (size_t i = b->anchor_count; i-- > 0;) {
		if (!span_eq(b->anchors[i].name, name))
			continue;
		if (!b->anchors[i].node)
			return fail_at(b, ev, ERR_INVALID, "found an alias to what it stands in");
		return place(b, ev, b->anchors[i].node);
	}
	return err_set_at(b->e, ERR_INVALID, line_of(ev->start_mark), col_of(ev->start_mark),
			  "found an alias '*%.40s' without an anchor before it", ev->data.alias.anchor);
}

static enum err scalar(struct builder *b, const yaml_event_t *ev)
{
	struct node *n = node_new(b, ev, NODE_SCALAR);
	enum err r;

	if (n) {
		n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		n->text = arena_dup(b->arena,
				    span_of((const char *)ev->data.scalar.value, ev->data.scalar.length));
	}
	if (!n || !n->text.ptr)
		return err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	if (memchr(n->text.ptr, 0, n->text.len))
		return fail_at(b, ev, ERR_INVALID, "found a text with a NUL in it");
	r = remember(b, ev, ev->data.scalar.anchor, n, NULL);
	return r ? r : place(b, ev, n);
}

static enum err open_collection(struct builder *b, const yaml_event_t *ev, enum node_kind kind,
				const yaml_char_t *anchor)
{
	struct node *n = node_new(b, ev, kind);
	struct level *l;
	enum err r;

	if (!n)
		return err_set(b->e, arena_failed(b->arena), "%s", err_text(arena_failed(b->arena)));
	/* libyaml's own time is quadratic in flow depth: this must come as it opens, not at its end */
	if (b->depth == TREE_DEPTH_MAX)
		return fail_at(b, ev, ERR_TOODEEP, "nested more than 16 deep");
	r = place(b, ev, n);
	if (r)
		return r;
	l = &b->stack[b->depth++];
	*l = (struct level){.node = n, .end = &n->first};
	return remember(b, ev, anchor, NULL, &l->anchor);
}

struct keyed {
	uint64_t hash;
	const struct node *key;
};

static int by_hash_and_place(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->key->line != y->key->line)
		return x->key->line < y->key->line ? -1 : 1;
	return (x->key->col > y->key->col) - (x->key->col < y->key->col);
}

static enum err no_key_twice(struct builder *b, const struct node *map)
{
	struct keyed *keys;
	size_t n = 0;
	enum err r = ERR_OK;

	if (map->count < 2)
		return ERR_OK;
	keys = calloc(map->count, sizeof(*keys));
	if (!keys)
		return err_set(b->e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	for (const struct pair *p = map->first; p; p = p->next)
		keys[n++] = (struct keyed){hash64(p->key->text), p->key};
	qsort(keys, n, sizeof(*keys), by_hash_and_place);
	for (size_t i = 1; i < n && !r; i++) {
		const struct node *key = keys[i].key, *before = keys[i - 1].key;

		if (keys[i].hash == keys[i - 1].hash && span_eq(key->text, before->text))
			r = err_set_at(b->e, ERR_INVALID, key->line, key->col,
				       "found key '%.*s' again; it stands in line %u already",
				       (int)MIN(key->text.len, 80), key->text.ptr, before->line);
	}
	free(keys);
	return r;
}

static enum err close_collection(struct builder *b)
{
	struct level *l = &b->stack[--b->depth];

	if (l->anchor)
		b->anchors[l->anchor - 1].node = l->node;
	return l->node->kind == NODE_MAP ? no_key_twice(b, l->node) : ERR_OK;
}

static enum err event(struct builder *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->documents++)
			return fail_at(b, ev, ERR_INVALID, "found a second YAML document; one is allowed");
		return ERR_OK;
	case YAML_ALIAS_EVENT: return alias(b, ev);
	case YAML_SCALAR_EVENT: return scalar(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(b, ev, NODE_LIST, ev->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT: return open_collection(b, ev, NODE_MAP, ev->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return close_collection(b);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT: break;
	}
	return ERR_OK;
}

enum err tree_read(struct span text, struct arena *arena, struct node **ret, struct error *e)
{
	struct builder *b;
	enum err r = ERR_OK;
	bool end = false;

	if (text.len > TREE_BYTES_MAX)
		return err_set(e, ERR_TOOBIG, "found %zu bytes; at most 1 MiB is allowed", text.len);
	b = calloc(1, sizeof(*b));
	if (!b || !yaml_parser_initialize(&b->parser)) {
		free(b);
		return err_set(e, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	}
	b->arena = arena;
	b->e = e;
	yaml_parser_set_input_string(&b->parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	while (!r && !end) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&b->parser, &ev)) {
			r = syntax(b);
			break;
		}
		end = ev.type == YAML_STREAM_END_EVENT;
		r = event(b, &ev);
		yaml_event_delete(&ev);
	}
	if (!r)
		*ret = b->root;
	yaml_parser_delete(&b->parser);
	free(b);
	return r;
}

bool tree_is_null(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->plain &&
	       (n->text.len == 0 || span_eq(n->text, SPAN("~")) || span_eq_nocase(n->text, SPAN("null")));
}

const char *node_found(const struct node *n)
{
	if (n->kind == NODE_LIST)
		return "a list";
	if (n->kind == NODE_MAP)
		return "a mapping";
	return tree_is_null(n) ? "nothing" : "a text";
}
