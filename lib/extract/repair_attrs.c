/* SPDX-License-Identifier: MIT */
#include "extract/repair_attrs.h"

#include "base/text.h"
#include "extract/repair.h"

const unsigned char repair_classes[256] = {
	['\t'] = C_SPACE, ['\n'] = C_SPACE, ['\f'] = C_SPACE, ['\r'] = C_SPACE, [' '] = C_SPACE,
	['/'] = C_SLASH,  ['>'] = C_GT,     ['='] = C_EQ,     ['"'] = C_QUOTE,  ['\''] = C_QUOTE,
};

enum { CHUNK = 512, NAME_LEN_MAX = 128 };

static const struct attr_slot *name_slot(struct attr_reader *r, const char *p, size_t n)
{
	unsigned h = (unsigned)n * 5 + (unsigned)(p[0] | 32) * 7 + (unsigned)(p[n / 2] | 32) * 31 +
		     (unsigned)(p[n - 1] | 32) * 3;
	struct attr_slot *slot = &r->slots[(h ^ h >> 7) & (ATTR_SLOTS - 1)];
	char lower[NAME_LEN_MAX];
	bool same = true;

	n = repair_name_len(p, n, sizeof(lower));
	if (slot->len == n && !memcmp(slot->name, p, n))
		return slot;
	for (size_t i = 0; i < n; i++) {
		lower[i] = byte_lower(p[i]);
		same &= lower[i] == p[i];
	}
	slot->name = p;
	slot->len = (uint16_t)n;
	slot->id = (uint16_t)attr_by_name(span_of(lower, n));
	if (slot->id != ATTR_OTHER)
		slot->known = attr_name((enum attr_id)slot->id).ptr;
	else
		slot->known = same ? p : arena_dup(r->arena, span_of(lower, n)).ptr;
	r->failed |= !slot->known;
	return slot;
}

static struct attr *next_attr(struct attr_reader *r, size_t have)
{
	if (r->left <= have) {
		/* those of one tag lie in one piece */
		struct attr *room = arena_alloc(r->arena, CHUNK * sizeof(*room));

		if (!room) {
			r->failed = true;
			return NULL;
		}
		if (have)
			memcpy(room, r->room, have * sizeof(*room));
		r->room = room;
		r->left = CHUNK;
	}
	return &r->room[have];
}
_Static_assert((int)CHUNK > (int)REPAIR_ATTRS_MAX, "one tag's attributes fit a chunk");

static void add(struct attr_reader *r, uint16_t *count, const char *name, size_t len, const char *value,
		size_t value_len)
{
	const struct attr_slot *slot;
	struct attr *a;
	struct span v = span_of(value, value_len);

	/* event handlers are code */
	if (*count >= REPAIR_ATTRS_MAX || (len > 3 && (name[0] | 32) == 'o' && (name[1] | 32) == 'n'))
		return;
	slot = name_slot(r, name, len);
	a = next_attr(r, *count);
	if (!a || !slot->known)
		return;
	if (value && memchr(value, '&', value_len)) {
		v = text_decode_attribute(v, r->arena);
		r->failed |= !v.ptr;
	}
	*a = (struct attr){slot->known, v.ptr, (uint32_t)v.len, slot->len, slot->id};
	++*count;
}

const char *repair_attrs(struct attr_reader *r, const char *p, const char *end, const struct attr **ret,
			 uint16_t *count)
{
	uint16_t n = 0;

	for (;;) {
		const char *name, *value = NULL, *stop;
		size_t len, value_len = 0;

		while (p < end && IS(p, C_SPACE | C_SLASH))
			p++;
		if (p >= end)
			return NULL;
		if (*p == '>')
			break;
		name = p++; /* an '=' here belongs to the name */
		while (p < end && !IS(p, C_SPACE | C_SLASH | C_GT | C_EQ))
			p++;
		len = (size_t)(p - name);
		for (stop = p; stop < end && IS(stop, C_SPACE);)
			stop++;
		if (stop < end && *stop == '=') {
			for (p = stop + 1; p < end && IS(p, C_SPACE);)
				p++;
			if (p >= end)
				return NULL;
			if (IS(p, C_QUOTE)) {
				value = p + 1;
				p = memchr(value, *p, (size_t)(end - value));
				if (!p)
					return NULL;
				value_len = (size_t)(p++ - value);
			} else {
				for (value = p; p < end && !IS(p, C_SPACE | C_GT);)
					p++;
				value_len = (size_t)(p - value);
			}
		}
		if (ret)
			add(r, &n, name, len, value, value_len);
	}
	if (ret) {
		*ret = n ? r->room : NULL;
		*count = n;
		if (n) /* there may be no room at all yet, and even 0 cannot be added to that */
			r->room += n;
		r->left -= n;
	}
	return p + 1;
}
