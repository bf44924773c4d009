/* SPDX-License-Identifier: MIT */
/* Which address an element's picture has. Pages that load pictures late write the real one where browsers do
 * not look, and something small where they do. */
#include "extract/sources_inner.h"

enum {
	WIDE = 2400, /* pixels: more than any page shows; the widest up to it is best */
	SOURCES_MAX = 16,
};

/* A file that many pages name in the place of the real one. */
static bool is_stand_in(struct span s)
{
	static const char *const names[] = {"placeholder", "/blank.", "/spacer.", "/transparent.", "/pixel.",
					    "/1x1.",       "/empty.", "lazyload", "/loading.",     "/loader.",
					    "/clear.gif",  "/trans.", "grey.gif", "gray.gif"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_find_nocase(s, span_str(names[i])) >= 0)
			return true;
	return false;
}

static bool is_address(struct span s)
{
	return s.len > 4 && !span_starts_nocase(s, SPAN("data:")) && !span_starts_nocase(s, SPAN("about:")) &&
	       !span_starts_nocase(s, SPAN("blob:")) && !is_stand_in(s);
}

/* "600w" is 600, "2x" and "1.5x" stand for so many times a page's width; 0 for neither. */
static unsigned wide(struct span size)
{
	uint64_t n = 0;
	struct span whole = size.len ? span_sub(size, 0, size.len - 1) : size,
		    first = span_split(&whole, '.');

	if (!size.len)
		return 600;
	if (!span_to_uint(first, 99999, &n))
		return 0;
	return size.ptr[size.len - 1] == 'w'   ? (unsigned)n
	       : size.ptr[size.len - 1] == 'x' ? (unsigned)MIN(n, 8u) * 600
					       : 0;
}

struct best {
	struct span url;
	unsigned width; /* as in wide() */
};

/* The widest that is not too wide; of those that are, the narrowest. */
static bool is_better(unsigned width, const struct best *b)
{
	if (!b->url.len || (b->width > WIDE) != (width > WIDE))
		return !b->url.len || b->width > WIDE;
	return b->width > WIDE ? width < b->width : width > b->width;
}

/* "a.jpg 300w, b.jpg 600w": a comma ends an entry only before white space, for URLs hold commas too. */
static void take_set(struct span set, struct best *best)
{
	while (set.len) {
		struct span url, size;
		unsigned width;
		size_t i = 0, from;

		set = span_trim(set);
		while (i < set.len && !byte_is_space(set.ptr[i]))
			i++;
		url = span_sub(set, 0, i);
		from = i;
		if (url.len && url.ptr[url.len - 1] == ',') {
			url.len--; /* without a size */
		} else {
			while (i < set.len && set.ptr[i] != ',')
				i++;
		}
		size = span_trim(span_sub(set, from, i));
		set = span_sub(set, MIN(i + 1, set.len), set.len);
		width = wide(size);
		if (width && is_address(url) && is_better(width, best))
			*best = (struct best){url, width};
	}
}

static void take_sets(const struct node *n, struct best *best)
{
	static const enum attr_id by[] = {ATTR_SRCSET, ATTR_DATA_SRCSET, ATTR_DATA_LAZY_SRCSET};

	for (size_t i = 0; i < ARRAY_SIZE(by) && !best->url.len; i++)
		take_set(node_attr(n, by[i]), best);
}

/* What the sources of the <picture> around it offer. */
static void take_picture(const struct node *n, struct best *best)
{
	const struct node *picture = n->parent && n->parent->tag == TAG_PICTURE ? n->parent : NULL;
	unsigned count = 0;

	for (const struct node *c = picture ? picture->child : NULL; c && count < SOURCES_MAX;
	     c = c->next, count++)
		if (c->tag == TAG_SOURCE)
			take_sets(c, best);
}

/* Scripts that load late read attributes of their own choice: any that holds what is named like a picture. */
static struct span late(const struct node *n)
{
	static const char *const suffixes[] = {".jpg", ".jpeg", ".png", ".webp", ".avif"};

	for (uint32_t i = 0; i < n->size; i++) {
		const struct attr *a = &n->attrs[i];
		struct span value = span_trim(span_of(a->value_ptr, a->value_ptr ? a->value_len : 0)),
			    path = value;

		if (!value.len || !span_starts(span_of(a->name_ptr, a->name_len), SPAN("data-")))
			continue;
		path = span_split(&path, '?');
		for (size_t k = 0; k < ARRAY_SIZE(suffixes); k++)
			if (span_ends_nocase(path, span_str(suffixes[k])) && is_address(value) &&
			    span_find_byte(value, ' ') < 0)
				return value;
	}
	return SPAN_NONE;
}

struct span gather_image(const struct node *n)
{
	static const enum attr_id by[] = {ATTR_DATA_SRC, ATTR_DATA_ORIGINAL, ATTR_DATA_LAZY_SRC,
					  ATTR_SRC,      ATTR_CONTENT,       ATTR_HREF};
	struct best best = {SPAN_NONE, 0};

	for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
		struct span s = span_trim(node_attr(n, by[i]));

		if (is_address(s))
			return s;
	}
	take_sets(n, &best);
	if (!best.url.len)
		take_picture(n, &best);
	return best.url.len ? best.url : late(n);
}
