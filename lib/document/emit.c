/* SPDX-License-Identifier: MIT */
#include "document/emit.h"

const struct node *node_after(const struct node *n)
{
	if (n->first)
		return n->first;
	while (n && !n->next)
		n = n->parent;
	return n ? n->next : NULL;
}

static bool only_blanks_before(const struct frontmatter *fm, size_t at, char extra)
{
	while (at > fm->begin && fm->text.ptr[at - 1] != '\n') {
		at--;
		if (fm->text.ptr[at] != ' ' && fm->text.ptr[at] != extra)
			return false;
	}
	return true;
}

size_t node_indent(const struct frontmatter *fm, const struct node *map)
{
	for (const struct node *c = map->first; c; c = c->next)
		if (only_blanks_before(fm, c->key->begin, ' '))
			return c->key->col - 1;
	if (map->first && only_blanks_before(fm, map->first->key->begin, '-'))
		return map->first->key->col - 1;
	return map->col - 1;
}

static void look_at(struct emitter *em, const struct node *n)
{
	const struct frontmatter *fm = em->fm;
	const struct node *up = n->parent;
	bool bare = !n->tag.ptr && !n->anchor.ptr;

	em->singles += n->kind == NODE_SCALAR && n->style == NODE_SINGLE;
	em->doubles += n->kind == NODE_SCALAR && n->style == NODE_DOUBLE;
	if (n->kind == NODE_SEQUENCE && n->count) {
		em->blocks += n->style == NODE_BLOCK;
		em->flows += n->style == NODE_FLOW;
	}
	if (!up || up->kind != NODE_MAPPING || up->style != NODE_BLOCK || n->style != NODE_BLOCK || !bare)
		return;
	if (n->kind == NODE_MAPPING ? em->step != SIZE_MAX : em->dash != SIZE_MAX)
		return;
	/* looking is not free where keys stand behind '?' */
	if (em->looks++ > 100)
		return;
	size_t in = node_indent(fm, up);
	if (n->kind == NODE_MAPPING && node_indent(fm, n) > in)
		em->step = node_indent(fm, n) - in;
	if (n->kind == NODE_SEQUENCE && n->col - 1 >= in) {
		em->dash = n->col - 1 - in;
		if (n->first->line == n->line && n->first->col > n->col + 1)
			em->gap = n->first->col - n->col - 1;
	}
}

void emitter_init(struct emitter *em, const struct frontmatter *fm, struct strbuf *out)
{
	*em = (struct emitter){.fm = fm, .out = out, .step = SIZE_MAX, .dash = SIZE_MAX, .gap = 1};
	for (const struct node *n = fm->root; n; n = node_after(n))
		look_at(em, n);
	if (em->step == SIZE_MAX)
		em->step = 2;
	if (em->dash == SIZE_MAX)
		em->dash = em->step;
	em->keys_quoted = fm->root && fm->root->first && fm->root->first->key->style == NODE_DOUBLE &&
			  fm->root->style == NODE_FLOW;
}

bool yaml_looks_typed(struct span s)
{
	static const char *const words[] = {"",  "~", "null", "true", "false", "yes",   "no",    "on",  "off",
					    "y", "n", "<<",   "=",    ".inf",  "+.inf", "-.inf", ".nan"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_eq_nocase(s, span_str(words[i])))
			return true;
	/* numbers in any base, with signs, exponents and underscores; times; dates */
	if (!byte_is_digit(s.ptr[0]) && !strchr("+-.", s.ptr[0]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (byte_hex(s.ptr[i]) < 0 && (!s.ptr[i] || !strchr("xXoO+-.:_tTzZ ", s.ptr[i])))
			return false;
	return true;
}

/* The character that YAML cannot show or would take for white space or a line end: its code point, else 0. */
static uint32_t hidden(const char *p, size_t left, unsigned *size)
{
	const unsigned char *u = (const unsigned char *)p;

	*size = 1;
	if (u[0] < 0x20 || u[0] == 0x7f)
		return u[0] ? u[0] : UINT32_MAX;
	if (left >= 2 && u[0] == 0xc2 && u[1] < 0xa0) {
		*size = 2;
		return u[1];
	}
	if (left >= 3 && u[0] == 0xe2 && u[1] == 0x80 && (u[2] == 0xa8 || u[2] == 0xa9)) {
		*size = 3;
		return 0x2000u + (u[2] & 0x3fu);
	}
	if (left >= 3 && u[0] == 0xef &&
	    ((u[1] == 0xbb && u[2] == 0xbf) || (u[1] == 0xbf && (u[2] == 0xbe || u[2] == 0xbf)))) {
		*size = 3;
		return 0xf000u + (u[1] & 0x3fu) * 64 + (u[2] & 0x3fu);
	}
	return 0;
}

static bool has_hidden(struct span s)
{
	unsigned size;

	for (size_t i = 0; i < s.len; i++)
		if (hidden(s.ptr + i, s.len - i, &size))
			return true;
	return false;
}

static bool plain_is_safe(struct span s, bool flow)
{
	if (!s.len || yaml_looks_typed(s) || has_hidden(s))
		return false;
	if (!byte_is_alnum(s.ptr[0]) && (unsigned char)s.ptr[0] < 0x80)
		return false;
	/* Unicode's own spaces at an end are better seen */
	for (size_t i = 0; i < 2; i++) {
		struct span end = i ? span_sub(s, s.len - MIN(s.len, 3), s.len) : span_sub(s, 0, 3);

		if (span_find(end, SPAN("\xc2\xa0")) >= 0 || span_find(end, SPAN("\xe2\x80")) >= 0 ||
		    span_find(end, SPAN("\xe3\x80\x80")) >= 0)
			return false;
	}
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i], next = i + 1 < s.len ? s.ptr[i + 1] : ' ';

		if ((c == ':' && (next == ' ' || flow)) || (c == ' ' && (next == '#' || i + 1 == s.len)))
			return false;
		if (flow && strchr(",[]{}", c))
			return false;
	}
	return true;
}

static enum err put_double(struct strbuf *out, struct span s)
{
	enum err r = strbuf_add_byte(out, '"');
	unsigned size = 1;

	for (size_t i = 0; i < s.len && !r; i += size) {
		uint32_t c = hidden(s.ptr + i, s.len - i, &size);

		switch (c) {
		case 0:
			if (s.ptr[i] == '"' || s.ptr[i] == '\\')
				r = strbuf_add_byte(out, '\\');
			if (!r)
				r = strbuf_add_byte(out, s.ptr[i]);
			break;
		case '\n': r = strbuf_add_str(out, "\\n"); break;
		case '\r': r = strbuf_add_str(out, "\\r"); break;
		case '\t': r = strbuf_add_str(out, "\\t"); break;
		case UINT32_MAX: r = strbuf_add_str(out, "\\0"); break;
		default: r = strbuf_addf(out, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c); break;
		}
	}
	return r ? r : strbuf_add_byte(out, '"');
}

static enum err put_single(struct strbuf *out, struct span s)
{
	enum err r = strbuf_add_byte(out, '\'');

	for (size_t i = 0; i < s.len && !r; i++) {
		if (s.ptr[i] == '\'')
			r = strbuf_add_byte(out, '\'');
		if (!r)
			r = strbuf_add_byte(out, s.ptr[i]);
	}
	return r ? r : strbuf_add_byte(out, '\'');
}

static enum err put_string(struct emitter *em, struct span s, enum quoting q, bool flow)
{
	if (q == QUOTING_PLAIN && plain_is_safe(s, flow))
		return strbuf_add_span(em->out, s);
	if (q == QUOTING_PLAIN && em->singles > em->doubles)
		q = QUOTING_SINGLE;
	if (q == QUOTING_SINGLE && !has_hidden(s))
		return put_single(em->out, s);
	return put_double(em->out, s);
}

static bool looks_like_date(struct span s)
{
	if (s.len < 10 || s.len > 40)
		return false;
	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? s.ptr[i] != '-' : !byte_is_digit(s.ptr[i]))
			return false;
	for (size_t i = 10; i < s.len; i++)
		if (!s.ptr[i] || !strchr("0123456789Tt :.+-Zz", s.ptr[i]))
			return false;
	return true;
}

struct span node_holder(const struct node *n)
{
	for (n = n->parent; n; n = n->parent)
		if (n->key)
			return n->key->value;
	return SPAN("");
}

/* What the document shows of values like the one to be written; NULL where it shows none. */
struct examples {
	const struct node *same; /* the same key, under a key of the same name */
	const struct node *key; /* the same key anywhere: images[].url and provider.images[].url may differ */
	const struct node *alike; /* another URL, another date */
};

static struct examples find_examples(const struct emitter *em, struct span key, const struct value *v)
{
	bool url = span_starts_nocase(v->text, SPAN("http"));
	struct examples x = {NULL, NULL, NULL};

	for (const struct node *n = em->fm->root; n && !x.same; n = node_after(n)) {
		if (n->kind != NODE_SCALAR || !n->key || node_is_null(n) || n->style > NODE_DOUBLE)
			continue;
		if (!x.alike && (v->kind == VALUE_DATE ? looks_like_date(n->value)
						       : url && span_starts_nocase(n->value, SPAN("http"))))
			x.alike = n;
		/* a bool or number is no example of how texts are written */
		if (n->key->kind != NODE_SCALAR || !span_eq(n->key->value, key) ||
		    (n->style == NODE_PLAIN && v->kind != VALUE_DATE && yaml_looks_typed(n->value)))
			continue;
		if (span_eq(node_holder(n), em->under))
			x.same = n;
		else if (!x.key)
			x.key = n;
	}
	return x;
}

static enum quoting of_node(const struct node *n)
{
	return n->style == NODE_PLAIN    ? QUOTING_PLAIN
	       : n->style == NODE_SINGLE ? QUOTING_SINGLE
					 : QUOTING_DOUBLE;
}

static enum quoting choose(const struct emitter *em, struct span key, const struct value *v,
			   const struct node *old)
{
	struct examples x;

	if (old && old->kind == NODE_SCALAR && !node_is_null(old) && old->style <= NODE_DOUBLE)
		return of_node(old);
	x = find_examples(em, key, v);
	if (x.same || x.alike)
		return of_node(x.same ? x.same : x.alike);
	if (v->kind == VALUE_DATE)
		return v->quoting == QUOTING_AUTO ? QUOTING_PLAIN : v->quoting;
	if (v->quoting == QUOTING_AUTO && x.key)
		return of_node(x.key);
	if (v->quoting == QUOTING_PLAIN || (v->quoting == QUOTING_AUTO && !em->singles && !em->doubles))
		return QUOTING_PLAIN;
	return em->singles > em->doubles ? QUOTING_SINGLE : QUOTING_DOUBLE;
}

static enum err put_scalar(struct emitter *em, struct span key, const struct value *v, const struct node *old,
			   bool flow)
{
	enum quoting q;

	if (v->kind == VALUE_PLAIN)
		return strbuf_add_span(em->out, v->text);
	q = choose(em, key, v, old);
	/* only what is a date: any other text would change its type */
	if (v->kind == VALUE_DATE && q == QUOTING_PLAIN && looks_like_date(v->text))
		return strbuf_add_span(em->out, v->text);
	return put_string(em, v->text, q, flow);
}

static enum err put_key(struct emitter *em, struct span key, bool flow)
{
	bool quote = em->keys_quoted || !plain_is_safe(key, flow);
	enum err r = quote ? put_double(em->out, key) : strbuf_add_span(em->out, key);

	return r ? r : strbuf_add_byte(em->out, ':');
}

enum err emit_blanks(struct strbuf *out, size_t n)
{
	enum err r = ERR_OK;

	while (n-- && !r)
		r = strbuf_add_byte(out, ' ');
	return r;
}

static enum err new_line(struct emitter *em, size_t col)
{
	enum err r = strbuf_add_span(em->out, em->fm->eol);

	return r ? r : emit_blanks(em->out, col);
}

bool emit_is_block(const struct emitter *em, const struct value *v)
{
	if ((v->kind != VALUE_LIST && v->kind != VALUE_MAP) || !v->count || v->flow)
		return false;
	/* a document that writes its lists between brackets gets another one, where that reads well */
	return v->kind == VALUE_MAP || v->items[0].kind == VALUE_MAP || em->blocks || !em->flows;
}

static enum err put_any(struct emitter *em, struct span key, const struct value *v, const struct node *old,
			size_t col, bool flow, unsigned depth);

static enum err put_flow(struct emitter *em, struct span key, const struct value *v, unsigned depth)
{
	bool map = v->kind == VALUE_MAP, space = em->spaced && map && v->count;
	struct span under = em->under;
	enum err r = strbuf_add_str(em->out, map ? (space ? "{ " : "{") : "[");

	em->under = map ? key : under;
	for (size_t i = 0; i < v->count && !r; i++) {
		if (i)
			r = strbuf_add_str(em->out, ", ");
		if (!r && map)
			r = put_key(em, v->items[i].key, true);
		if (!r && map)
			r = strbuf_add_byte(em->out, ' ');
		if (!r)
			r = put_any(em, map ? v->items[i].key : key, &v->items[i], NULL, 0, true, depth + 1);
	}
	em->under = under;
	return r ? r : strbuf_add_str(em->out, map ? (space ? " }" : "}") : "]");
}

static enum err put_member(struct emitter *em, struct span key, const struct value *v, size_t col, bool flow,
			   unsigned depth);

/* A map's lines; the first begins where the output stands, in column col. */
static enum err put_lines(struct emitter *em, struct span key, const struct value *v, size_t col,
			  unsigned depth)
{
	struct span under = em->under;
	enum err r = ERR_OK;

	em->under = key;
	for (size_t i = 0; i < v->count && !r; i++) {
		if (i)
			r = new_line(em, col);
		if (!r)
			r = put_member(em, v->items[i].key, &v->items[i], col, false, depth + 1);
	}
	em->under = under;
	return r;
}

/* A value without what stands before it; a map may take lines of its own, in column col. */
static enum err put_any(struct emitter *em, struct span key, const struct value *v, const struct node *old,
			size_t col, bool flow, unsigned depth)
{
	if (depth > EMIT_DEPTH)
		return ERR_TOODEEP;
	if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
		return put_scalar(em, key, v, old, flow);
	if (v->kind == VALUE_LIST || flow || !emit_is_block(em, v))
		return put_flow(em, key, v, depth);
	return put_lines(em, key, v, col, depth);
}

static enum err put_after_colon(struct emitter *em, struct span key, const struct value *v,
				const struct node *old, size_t col, bool flow, unsigned depth)
{
	enum err r = ERR_OK;

	if (depth > EMIT_DEPTH)
		return ERR_TOODEEP;
	if (flow || !emit_is_block(em, v)) {
		r = strbuf_add_byte(em->out, ' ');
		return r ? r : put_any(em, key, v, old, col, flow, depth);
	}
	if (v->kind == VALUE_MAP) {
		r = new_line(em, col + em->step);
		return r ? r : put_lines(em, key, v, col + em->step, depth);
	}
	for (size_t i = 0; i < v->count && !r; i++) {
		r = new_line(em, col + em->dash);
		if (!r)
			r = strbuf_add_byte(em->out, '-');
		if (!r)
			r = emit_blanks(em->out, em->gap);
		if (!r)
			r = put_any(em, key, &v->items[i], NULL, col + em->dash + 1 + em->gap, false,
				    depth + 1);
	}
	return r;
}

static enum err put_member(struct emitter *em, struct span key, const struct value *v, size_t col, bool flow,
			   unsigned depth)
{
	enum err r = put_key(em, key, flow);

	return r ? r : put_after_colon(em, key, v, NULL, col, flow, depth);
}

enum err emit_member(struct emitter *em, struct span key, const struct value *v, size_t col, bool flow)
{
	return put_member(em, key, v, col, flow, 0);
}

enum err emit_after_colon(struct emitter *em, struct span key, const struct value *v, const struct node *old,
			  size_t col, bool flow)
{
	return put_after_colon(em, key, v, old, col, flow, 0);
}

enum err emit_item(struct emitter *em, struct span key, const struct value *v, const struct node *old,
		   size_t col, bool flow)
{
	return put_any(em, key, v, old, col, flow, 0);
}
