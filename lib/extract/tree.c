/* SPDX-License-Identifier: MIT */
#include "extract/tree.h"

#define X(id, text) [TAG_##id] = {"" text, sizeof(text) - 1},
static const struct span tags[TAG_COUNT] = {[TAG_TEXT] = {"#text", 5}, [TAG_OTHER] = {"", 0}, TAG_MAP(X)};
#undef X

#define X(id, text) [ATTR_##id] = {"" text, sizeof(text) - 1},
static const struct span attrs[ATTR_COUNT] = {[ATTR_OTHER] = {"", 0}, ATTR_MAP(X)};
#undef X

/* Both maps are sorted by name, so the place in the table is the number. */
static unsigned by_name(const struct span *names, unsigned begin, unsigned end, struct span name)
{
	unsigned none = begin - 1;

	while (begin < end) {
		unsigned mid = begin + (end - begin) / 2;
		size_t common = MIN(names[mid].len, name.len);
		int order = memcmp(names[mid].ptr, name.ptr, common);

		if (!order && names[mid].len == name.len)
			return mid;
		if (order < 0 || (!order && names[mid].len < name.len))
			begin = mid + 1;
		else
			end = mid;
	}
	return none;
}

struct span tag_name(enum tag tag)
{
	return tag < TAG_COUNT ? tags[tag] : SPAN_NONE;
}

struct span attr_name(enum attr_id id)
{
	return id < ATTR_COUNT ? attrs[id] : SPAN_NONE;
}

enum tag tag_by_name(struct span name)
{
	return name.len ? (enum tag)by_name(tags, TAG_OTHER + 1, TAG_COUNT, name) : TAG_OTHER;
}

enum attr_id attr_by_name(struct span name)
{
	return name.len ? (enum attr_id)by_name(attrs, ATTR_OTHER + 1, ATTR_COUNT, name) : ATTR_OTHER;
}

struct span node_name(const struct node *n)
{
	/* the builder puts the name of an element without a number before its attributes */
	if (n->tag == TAG_OTHER)
		return n->attrs ? span_of(n->attrs[-1].name_ptr, n->attrs[-1].name_len) : SPAN("");
	return tags[n->tag];
}

static struct span attr_value(const struct attr *a)
{
	return span_of(a->value_ptr ? a->value_ptr : "", a->value_len);
}

struct span node_attr(const struct node *n, enum attr_id id)
{
	if (n->tag == TAG_TEXT)
		return SPAN_NONE;
	for (uint32_t i = 0; i < n->size; i++)
		if (n->attrs[i].id == id)
			return attr_value(&n->attrs[i]);
	return SPAN_NONE;
}

struct span node_attr_named(const struct node *n, struct span name)
{
	if (n->tag == TAG_TEXT)
		return SPAN_NONE;
	for (uint32_t i = 0; i < n->size; i++)
		if (span_eq(span_of(n->attrs[i].name_ptr, n->attrs[i].name_len), name))
			return attr_value(&n->attrs[i]);
	return SPAN_NONE;
}

bool node_attr_has_word(const struct node *n, enum attr_id id, struct span word)
{
	struct span v = node_attr(n, id);

	for (size_t i = 0; i < v.len;) {
		size_t begin;

		while (i < v.len && byte_is_space(v.ptr[i]))
			i++;
		for (begin = i; i < v.len && !byte_is_space(v.ptr[i]);)
			i++;
		if (i > begin && span_eq_nocase(span_sub(v, begin, i), word))
			return true;
	}
	return false;
}

const struct node *node_next_skip(const struct node *n, const struct node *root)
{
	while (n != root) {
		if (n->next)
			return n->next;
		n = n->parent;
	}
	return NULL;
}

const struct node *node_next(const struct node *n, const struct node *root)
{
	return n->child ? n->child : node_next_skip(n, root);
}

const struct node *node_up(const struct node *n, enum tag tag)
{
	while (n && n->tag != tag)
		n = n->parent;
	return n;
}

bool tag_is_block(enum tag tag)
{
	switch (tag) {
	case TAG_ADDRESS:
	case TAG_ARTICLE:
	case TAG_ASIDE:
	case TAG_BLOCKQUOTE:
	case TAG_BODY:
	case TAG_BR:
	case TAG_CAPTION:
	case TAG_CENTER:
	case TAG_DD:
	case TAG_DETAILS:
	case TAG_DIALOG:
	case TAG_DIR:
	case TAG_DIV:
	case TAG_DL:
	case TAG_DT:
	case TAG_FIELDSET:
	case TAG_FIGCAPTION:
	case TAG_FIGURE:
	case TAG_FOOTER:
	case TAG_FORM:
	case TAG_H1:
	case TAG_H2:
	case TAG_H3:
	case TAG_H4:
	case TAG_H5:
	case TAG_H6:
	case TAG_HEADER:
	case TAG_HGROUP:
	case TAG_HR:
	case TAG_HTML:
	case TAG_LEGEND:
	case TAG_LI:
	case TAG_MAIN:
	case TAG_MENU:
	case TAG_NAV:
	case TAG_OL:
	case TAG_OPTGROUP:
	case TAG_OPTION:
	case TAG_P:
	case TAG_PRE:
	case TAG_SEARCH:
	case TAG_SECTION:
	case TAG_SUMMARY:
	case TAG_TABLE:
	case TAG_TBODY:
	case TAG_TD:
	case TAG_TFOOT:
	case TAG_TH:
	case TAG_THEAD:
	case TAG_TR:
	case TAG_UL: return true;
	default: return false;
	}
}

struct folded {
	char *ptr;
	size_t len, max;
	bool space; /* one is due before the next text */
};

/* Copies a text node's bytes, runs of white space (NBSP too) as one space. False when full. */
static bool fold_in(struct folded *f, struct span s)
{
	for (size_t i = 0; i < s.len;) {
		size_t begin = i;

		while (i < s.len && !byte_is_space(s.ptr[i]) &&
		       !(s.ptr[i] == '\xc2' && i + 1 < s.len && s.ptr[i + 1] == '\xa0'))
			i++;
		if (i > begin) {
			size_t need = i - begin + (f->space && f->len);

			if (need > f->max - f->len)
				need = f->max - f->len;
			if (f->space && f->len && need) {
				f->ptr[f->len++] = ' ';
				need--;
			}
			f->space = false;
			memcpy(f->ptr + f->len, s.ptr + begin, need);
			f->len += need;
			if (need < i - begin)
				return false;
		}
		if (i < s.len) {
			i += s.ptr[i] == '\xc2' ? 2 : 1;
			f->space = true;
		}
	}
	return true;
}

/* What is no text, and how ruby says that a text is read. */
static bool left_out(const struct node *n)
{
	return n->tag == TAG_SCRIPT || n->tag == TAG_STYLE || n->tag == TAG_TEMPLATE || n->tag == TAG_RT ||
	       n->tag == TAG_RP;
}

/* The walk of node_text(): sums the bytes when f is NULL. */
static size_t text_walk(const struct node *root, size_t max, struct folded *f)
{
	size_t sum = 0;

	for (const struct node *n = root, *next; n; n = next) {
		bool skip = left_out(n);

		next = skip ? node_next_skip(n, root) : node_next(n, root);
		if (n->tag == TAG_TEXT) {
			sum += (size_t)n->size + 1;
			if (f) {
				f->space |= n->space_before;
				if (!fold_in(f, span_of(n->text, n->size)))
					break;
			} else if (sum > max * 2 + 4096) {
				break;
			}
		} else if (f) {
			f->space |= n->space_before || tag_is_block((enum tag)n->tag);
		}
		/* on the way out of blocks a border stands too */
		if (f && !n->child && next && next->parent != n)
			for (const struct node *up = n; up && up != next->parent; up = up->parent)
				f->space |= up->tag != TAG_TEXT && tag_is_block((enum tag)up->tag);
	}
	return sum;
}

struct span node_text(const struct node *n, size_t max, struct arena *arena)
{
	struct folded f = {NULL, 0, 0, false};

	f.max = MIN(text_walk(n, max, NULL) * 2, max);
	if (!f.max)
		return SPAN("");
	f.ptr = arena_alloc(arena, f.max + 1);
	if (!f.ptr)
		return SPAN_NONE;
	(void)text_walk(n, max, &f);
	/* never cut inside a character */
	if (f.len == f.max) {
		size_t at = f.len;

		while (at && ((unsigned char)f.ptr[at - 1] & 0xc0) == 0x80)
			at--;
		if (at) {
			unsigned char lead = (unsigned char)f.ptr[at - 1];
			size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

			if (f.len - (at - 1) < want)
				f.len = at - 1;
		}
	}
	f.ptr[f.len] = 0;
	return span_of(f.ptr, f.len);
}

unsigned tree_line(const struct tree *t, const struct node *n)
{
	size_t end = MIN(n->offset, t->source.len), lines = 1;
	const char *p = t->source.ptr, *stop = p + end;

	while (p < stop && (p = memchr(p, '\n', (size_t)(stop - p)))) {
		lines++;
		p++;
	}
	return (unsigned)lines;
}
