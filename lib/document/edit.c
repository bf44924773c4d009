/* SPDX-License-Identifier: MIT */
/* edit.c - one edit of a front matter: a splice, then its proof. */
#include "base/text.h"
#include "document/emit.h"
#include "document/place.h"

/* The splice: [begin, end) of the old text becomes text. */
struct splice {
	size_t begin, end;
	struct strbuf text;
};

#define SPLICE_INIT ((struct splice){0, 0, STRBUF_INIT(FRONTMATTER_MAX)})

static void splice_release(struct splice *s)
{
	strbuf_release(&s->text);
}

/* What the proof must find: in the new tree, target is replaced by value or raw, or gone; or map has gained
 * key with value. */
struct expect {
	const struct node *target, *map;
	struct span key;
	const struct value *value;
	struct span raw;
	bool removed, seen;
	const struct frontmatter *fm; /* the new one */
};

static enum err refuse(const struct node *n, struct error *e, const char *why)
{
	return n ? err_set_at(e, ERR_UNSAFE, n->line, n->col, "%s", why) : err_set(e, ERR_UNSAFE, "%s", why);
}

/* ---- proof ---- */

static bool has_value(const struct node *n, const struct value *v)
{
	const struct node *c = n->first;

	if (n->tag.ptr || n->anchor.ptr)
		return false;
	switch (v->kind) {
	case VALUE_STRING:
		return n->kind == NODE_SCALAR && span_eq(n->value, v->text) &&
		       (n->style != NODE_PLAIN || !yaml_looks_typed(v->text));
	case VALUE_DATE: return n->kind == NODE_SCALAR && span_eq(n->value, v->text);
	case VALUE_PLAIN:
		return n->kind == NODE_SCALAR && n->style == NODE_PLAIN && span_eq(n->value, v->text);
	default: break;
	}
	if (n->kind != (v->kind == VALUE_MAP ? NODE_MAPPING : NODE_SEQUENCE) || n->count != v->count)
		return false;
	for (size_t i = 0; i < v->count; i++, c = c->next) {
		if (v->kind == VALUE_MAP &&
		    (c->key->kind != NODE_SCALAR || !span_eq(c->key->value, v->items[i].key)))
			return false;
		if (!has_value(c, &v->items[i]))
			return false;
	}
	return true;
}

/* SPAN_NONE equals SPAN_NONE only: an empty tag is one. */
static bool same_span(struct span a, struct span b)
{
	return a.ptr && b.ptr ? span_eq(a, b) : a.ptr == b.ptr;
}

static bool same(const struct node *o, const struct node *n, struct expect *x);

static bool same_children(const struct node *o, const struct node *n, struct expect *x)
{
	const struct node *c = o->first, *d = n->first;

	while (c || d) {
		if (c && c == x->target && x->removed) {
			x->seen = true;
			c = c->next;
			continue;
		}
		if (d && o == x->map && !x->seen && d->key->kind == NODE_SCALAR &&
		    span_eq(d->key->value, x->key)) {
			if (!has_value(d, x->value))
				return false;
			x->seen = true;
			d = d->next;
			continue;
		}
		if (!c || !d || (c->key && !same(c->key, d->key, x)) || !same(c, d, x))
			return false;
		c = c->next;
		d = d->next;
	}
	return true;
}

static bool same(const struct node *o, const struct node *n, struct expect *x)
{
	if (o == x->target && !x->removed) {
		x->seen = true;
		return x->value ? has_value(n, x->value) : same_span(node_raw(x->fm, n), x->raw);
	}
	return o->kind == n->kind && o->style == n->style && span_eq(o->value, n->value) &&
	       same_span(o->tag, n->tag) && same_span(o->anchor, n->anchor) && same_children(o, n, x);
}

static bool same_bytes(struct span old, struct span new, const struct splice *s)
{
	size_t tail = old.len - s->end;

	return new.len == s->begin + s->text.len +
				  tail &&span_eq(span_sub(old, 0, s->begin), span_sub(new, 0, s->begin)) &&
	       span_eq(span_sub(old, s->end, old.len), span_sub(new, new.len - tail, new.len));
}

/* Invariant 2 of DESIGN: the new text, read as any reader would, is the old tree with this one change, and
 * no byte beside the splice differs. */
static enum err prove(const struct frontmatter *fm, struct span new_text, const struct splice *s,
		      struct expect *x, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT((size_t)64 << 20);
	struct frontmatter *new;
	struct error why = {0};
	enum err r = frontmatter_parse(new_text, &arena, &new, &why);
	bool ok;

	if (r == ERR_NOMEM || r == ERR_TOOBIG)
		return err_set(e, r, "%s", why.text);
	if (r)
		return err_set_at(e, ERR_UNSAFE, why.line, why.col, "the edit would not parse: %s", why.text);
	x->fm = new;
	ok = new->present &&new->begin == fm->begin &&new->end ==
		     fm->end + s->text.len - (s->end - s->begin) &&
	     same_bytes(fm->text, new_text, s);
	if (ok && fm->root && new->root)
		ok = same(fm->root, new->root, x);
	else if (ok && new->root)
		ok = x->value && new->root->count == 1 &&
		     new->root->first->key->kind ==
			     NODE_SCALAR &&span_eq(new->root->first->key->value, x->key) &&
		     (x->seen = has_value(new->root->first, x->value));
	else if (ok)
		x->seen = x->removed && fm->root && fm->root->count == 1 && fm->root->first == x->target;
	return ok && x->seen ? ERR_OK : refuse(x->target, e, "the edit would change more than the one value");
}

/* ---- places of values ---- */

/* Behind the ':' or '-' where only white space lies between it and n, else where n begins. */
static size_t raw_begin(const struct frontmatter *fm, const struct node *n)
{
	size_t i = n->begin;

	while (i > fm->begin && byte_is_space(fm->text.ptr[i - 1]))
		i--;
	if (i == fm->begin || fm->text.ptr[i - 1] != (n->key ? ':' : '-'))
		return n->begin;
	return n->key && i <= n->key->end ? n->begin : i;
}

struct span node_raw(const struct frontmatter *fm, const struct node *n)
{
	return span_sub(fm->text, raw_begin(fm, n), n->end);
}

/* Something else than a line end follows on n's last line. */
static bool more_on_line(const struct frontmatter *fm, const struct node *n)
{
	return span_trim(span_sub(fm->text, n->end, place_next_line(fm, n->end))).len > 0;
}

/* ---- set ---- */

static enum err replace(struct emitter *em, const struct node *n, const struct value *v, struct splice *s)
{
	const struct frontmatter *fm = em->fm;
	bool collection = v->kind == VALUE_LIST || v->kind == VALUE_MAP, flow = place_in_flow(n->parent),
	     block;
	struct span key = n->key && n->key->kind == NODE_SCALAR ? n->key->value : node_holder(n);
	size_t raw = raw_begin(fm, n), col = n->key ? node_indent(fm, n->parent) : 0;
	struct value own = *v;

	em->under = node_holder(n);
	own.flow |= n->style == NODE_FLOW && n->count;
	s->begin = n->begin;
	s->end = n->end;
	if (!n->key) {
		if (n->begin < n->end)
			return emit_item(em, key, &own, n, n->col - 1, flow);
		own.flow = true;
		return emit_after_colon(em, key, &own, n, 0, flow);
	}
	/* as deep as the old block stood in */
	if (n->style == NODE_BLOCK && !n->tag.ptr && n->col - 1 >= col && n->kind == NODE_SEQUENCE)
		em->dash = n->col - 1 - col;
	if (n->style == NODE_BLOCK && !n->tag.ptr && n->kind == NODE_MAPPING && node_indent(fm, n) > col)
		em->step = node_indent(fm, n) - col;
	if (n->style != NODE_BLOCK && (more_on_line(fm, n) || raw == n->begin) && n->end > raw)
		own.flow = true;
	if (n->begin == n->end && more_on_line(fm, n))
		own.flow = true;
	block = !flow && collection && emit_is_block(em, &own);
	if (n->begin == n->end)
		return emit_after_colon(em, key, &own, n, col, flow);
	if (raw < n->begin && (block || n->style == NODE_BLOCK)) {
		s->begin = raw;
		return emit_after_colon(em, key, &own, n, col, flow);
	}
	own.flow |= block &&
		    v->kind == VALUE_LIST; /* behind a comment: between brackets, on the old block's line */
	return emit_item(em, key, &own, n, n->col - 1, flow);
}

static enum err insert(struct emitter *em, const struct node *map, struct span key, const struct value *v,
		       const struct key_order *order, struct splice *s)
{
	CLEANUP(place_release) struct place p = PLACE_INIT;
	bool flow = place_in_flow(map), block = !flow && emit_is_block(em, v);
	enum err r = place_find(em->fm, map, key, block, order, &p);

	em->under = !map ? SPAN("") : map->key ? map->key->value : node_holder(map);
	s->begin = s->end = p.at;
	if (!r)
		r = strbuf_add_span(em->out, strbuf_span(&p.before));
	if (!r)
		r = emit_member(em, key, v, p.col, flow);
	return r ? r : strbuf_add_span(em->out, strbuf_span(&p.after));
}

/* The deepest node on the way; *found steps of it are there. */
static const struct node *walk(const struct frontmatter *fm, const struct edit *edit, size_t *found)
{
	const struct node *n = fm->root, *c = n;

	for (*found = 0; c && *found < edit->steps; ++*found) {
		const struct step *step = &edit->path[*found];

		c = step->key.ptr              ? node_get(n, step->key)
		    : n->kind == NODE_SEQUENCE ? node_item(n, step->index)
					       : NULL;
		if (!c)
			break;
		n = c;
	}
	return n;
}

static bool around_shared(const struct node *n)
{
	for (; n; n = n->parent)
		if (n->anchor.ptr || n->kind == NODE_ALIAS)
			return true;
	return false;
}

static enum err set(struct emitter *em, const struct edit *edit, struct splice *s, struct expect *x,
		    struct value chain[FRONTMATTER_PATH], struct error *e)
{
	size_t found;
	const struct node *n = walk(em->fm, edit, &found);
	size_t rest = edit->steps - found;
	bool fill = rest && n && n->kind == NODE_SCALAR && node_is_null(n) && edit->parents;

	if (!rest) {
		if (node_shared(n))
			return refuse(n, e, "an alias or anchor stands at the place of the edit");
		if (n->nowhere)
			return refuse(n, e, "a value that is not written has no place here");
		x->target = n;
		x->value = &edit->value;
		return replace(em, n, &edit->value, s);
	}
	if (around_shared(n))
		return refuse(n, e, "an alias or anchor stands at the place of the edit");
	for (size_t i = found; i < edit->steps; i++)
		if (!edit->path[i].key.ptr || (i > found && !edit->parents))
			return err_set(e, ERR_NOTFOUND, "no such place");
	/* the mappings that are not there yet, innermost first; chain[0] becomes what is put in */
	chain[rest - 1] = edit->value;
	for (size_t i = rest - 1; i-- > 0;) {
		chain[i + 1].key = edit->path[found + i + 1].key;
		chain[i] = (struct value){.kind = VALUE_MAP, .items = &chain[i + 1], .count = 1};
	}
	if (fill) {
		/* between brackets, with blanks: that tells its removal to leave a null behind, not a {} */
		if (n->nowhere || !n->key || place_in_flow(n))
			return refuse(n, e, "a value that is not written has no place here");
		chain[0].key = edit->path[found].key;
		chain[FRONTMATTER_PATH] =
			(struct value){.kind = VALUE_MAP, .items = &chain[0], .count = 1, .flow = true};
		em->spaced = true;
		x->target = n;
		x->value = &chain[FRONTMATTER_PATH];
		return replace(em, n, x->value, s);
	}
	if (n && n->kind != NODE_MAPPING)
		return err_set_at(e, ERR_NOTFOUND, n->line, n->col, "no such place");
	em->spaced = rest > 1; /* matters between brackets: its removal is that of the whole */
	x->map = n;
	x->key = edit->path[found].key;
	x->value = &chain[0];
	return insert(em, n, x->key, x->value, edit->order, s);
}

/* ---- remove ---- */

/* Whether setting the key in the text without [begin, end) would bring just these bytes. */
static enum err brings_back(const struct frontmatter *fm, const struct edit *edit, const struct node *n,
			    size_t depth, size_t begin, size_t end, bool *ret)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(SIZE_MAX / 4);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT((size_t)64 << 20);
	CLEANUP(place_release) struct place p = PLACE_INIT;
	struct edit up = *edit;
	struct frontmatter *before;
	const struct node *map;
	struct span gone = span_sub(fm->text, begin, end);
	size_t found;
	enum err r = strbuf_add(&text, fm->text.ptr, begin);

	up.steps = depth - 1;
	*ret = false;
	/* the body does not matter here, and may be large */
	if (!r)
		r = strbuf_add_span(&text, span_sub(fm->text, end, fm->end + 3));
	if (!r)
		r = frontmatter_parse(strbuf_span(&text), &arena, &before, NULL);
	if (r) /* without these lines it may well not parse */
		return r == ERR_NOMEM ? r : ERR_OK;
	map = walk(before, &up, &found);
	if (found < up.steps || (map && map->kind != NODE_MAPPING))
		return ERR_OK;
	r = place_find(before, map, n->key->value, n->style == NODE_BLOCK && n->count, edit->order, &p);
	*ret = !r && p.at == begin && p.before.len == n->key->begin - begin && n->end + p.after.len <= end &&
	       span_starts(gone, strbuf_span(&p.before)) && span_ends(gone, strbuf_span(&p.after));
	return r;
}

/* "{ a: b }", the mark that set() leaves on mappings it added between brackets. */
static bool is_spaced(const struct frontmatter *fm, const struct node *map)
{
	return map->style == NODE_FLOW && map->key &&
	       span_starts(span_sub(fm->text, map->begin, map->end), SPAN("{ "));
}

static enum err remove_in_flow(const struct frontmatter *fm, const struct edit *edit, const struct node *n,
			       const struct node *prev, struct splice *s)
{
	const struct node *map = n->parent;

	s->begin = prev ? prev->end : n->key->begin;
	s->end = prev || !n->next ? n->end : n->next->key->begin;
	if (!prev && !n->next && edit->parents && is_spaced(fm, map)) {
		s->begin = raw_begin(fm, map);
		s->end = map->end;
	}
	return ERR_OK;
}

static enum err remove_lines(const struct frontmatter *fm, const struct edit *edit, const struct node *n,
			     const struct node *prev, size_t depth, struct splice *s)
{
	size_t line = place_line(fm, n->key->begin), next, above, below;
	bool own = span_trim(span_sub(fm->text, line, n->key->begin)).len == 0, found;
	enum err r;

	next = fm->text.ptr[n->tail - 1] == '\n' ? n->tail : place_next_line(fm, n->tail);
	if (!own) {
		/* behind a dash: the next key takes its place there */
		if (prev || !n->next)
			return ERR_UNSAFE;
		s->begin = n->key->begin;
		s->end = n->next->key->begin;
		return ERR_OK;
	}
	above = line > fm->begin && place_is_blank_line(fm, place_line(fm, line - 1))
			? place_line(fm, line - 1)
			: line;
	below = place_is_blank_line(fm, next) ? place_next_line(fm, next) : next;
	const size_t tries[][2] = {{line, next}, {above, next}, {line, below}, {above, below}};
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		s->begin = tries[i][0];
		s->end = tries[i][1];
		r = brings_back(fm, edit, n, depth, s->begin, s->end, &found);
		if (r || found)
			return r;
	}
	/* not in the place where it would be put: of two blank lines around it one goes */
	s->begin = above < line && below > next ? above : line;
	s->end = next;
	return ERR_OK;
}

static enum err take_away(const struct frontmatter *fm, const struct edit *edit, struct splice *s,
			  struct expect *x, struct error *e)
{
	size_t found, depth = edit->steps;
	const struct node *n = walk(fm, edit, &found), *prev = NULL;
	bool null = false;
	enum err r;

	if (found < edit->steps || !n || !n->key)
		return err_set(e, ERR_NOTFOUND, "no such place");
	while (n->parent != fm->root && n->parent->count == 1 &&
	       (n->parent->style == NODE_BLOCK ||
		(edit->parents && is_spaced(fm, n->parent) && place_in_flow(n->parent->parent)))) {
		if (!edit->parents || !n->parent->key)
			return refuse(n, e, "nothing would be left around it");
		n = n->parent;
		depth--;
	}
	if (node_shared(n) || n->key->anchor.ptr || n->key->kind != NODE_SCALAR)
		return refuse(n, e, "an alias or anchor stands at the place of the edit");
	for (const struct node *c = n->parent->first; c != n; c = c->next)
		prev = c;
	r = n->parent->style == NODE_FLOW ? remove_in_flow(fm, edit, n, prev, s)
					  : remove_lines(fm, edit, n, prev, depth, s);
	if (r)
		return r == ERR_UNSAFE ? refuse(n, e, "nothing would be left around it") : r;
	null = n->parent->style == NODE_FLOW && s->begin < n->parent->begin;
	x->target = null ? n->parent : n;
	x->removed = !null;
	x->raw = SPAN("");
	return ERR_OK;
}

/* A key of the path that stands twice in its mapping. */
static bool on_duplicate(const struct frontmatter *fm, const struct edit *edit)
{
	const struct node *n = fm->root;

	for (size_t i = 0; i < edit->steps && n && fm->duplicate; i++) {
		const struct node *c = edit->path[i].key.ptr ? node_get(n, edit->path[i].key)
							     : node_item(n, edit->path[i].index);

		if (c && c->key)
			for (const struct node *d = c->next; d; d = d->next)
				if (d->key->kind == NODE_SCALAR && span_eq(d->key->value, c->key->value))
					return true;
		n = c;
	}
	return false;
}

static bool is_utf8(struct span s)
{
	return !s.len || text_utf8_valid(s) == s.len;
}

static bool all_utf8(const struct value *v, unsigned depth)
{
	if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
		return is_utf8(v->text);
	for (size_t i = 0; i < v->count; i++)
		if (depth == EMIT_DEPTH || !is_utf8(v->items[i].key) || !all_utf8(&v->items[i], depth + 1))
			return false;
	return true;
}

enum err frontmatter_edit(const struct frontmatter *fm, const struct edit *edit, struct strbuf *out,
			  struct error *e)
{
	CLEANUP(splice_release) struct splice s = SPLICE_INIT;
	struct value chain[FRONTMATTER_PATH + 1];
	struct emitter em;
	struct expect x = {0};
	const struct node *n;
	size_t found, start = out->len;
	enum err r = ERR_OK;

	if (!fm->present || !edit->steps || edit->steps > FRONTMATTER_PATH)
		return err_set(e, ERR_NOTFOUND, fm->present ? "no such place" : "no front matter");
	if (on_duplicate(fm, edit))
		return refuse(fm->duplicate, e, "a duplicate key stands at the place of the edit");
	if (edit->kind == EDIT_SET && !all_utf8(&edit->value, 0))
		return err_set(e, ERR_INVALID, "a value that is not UTF-8, or nested too deeply");
	if (e)
		e->code = ERR_OK;
	emitter_init(&em, fm, &s.text);
	switch (edit->kind) {
	case EDIT_SET: r = set(&em, edit, &s, &x, chain, e); break;
	case EDIT_REMOVE: r = take_away(fm, edit, &s, &x, e); break;
	case EDIT_RAW:
		n = walk(fm, edit, &found);
		if (found < edit->steps || !n)
			return err_set(e, ERR_NOTFOUND, "no such place");
		if (node_shared(n) || n->nowhere)
			return refuse(n, e, "an alias or anchor stands at the place of the edit");
		s.begin = raw_begin(fm, n);
		s.end = n->end;
		x.target = n;
		x.raw = edit->raw;
		r = strbuf_add_span(&s.text, edit->raw);
		break;
	}
	if (r)
		return e && e->code == r ? r : err_set(e, r, "%s", err_text(r));
	r = strbuf_add(out, fm->text.ptr, s.begin);
	if (!r)
		r = strbuf_add_span(out, strbuf_span(&s.text));
	if (!r)
		r = strbuf_add_span(out, span_sub(fm->text, s.end, fm->text.len));
	if (r)
		return err_set(e, r, "%s", err_text(r));
	return prove(fm, span_sub(strbuf_span(out), start, out->len), &s, &x, e);
}
