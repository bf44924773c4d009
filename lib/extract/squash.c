/* SPDX-License-Identifier: MIT */
#include "extract/squash.h"

/* The two bytes of a capital letter become those of the small one. */
static void lower2(unsigned char *a, unsigned char *b)
{
	if (*a == 0xc3 && *b >= 0x80 && *b <= 0x9e && *b != 0x97) {
		*b += 0x20;
	} else if (*a == 0xc4 || (*a == 0xc5 && *b < 0xb8)) {
		/* Latin Extended-A: pairs, the capital first; U+0139..U+0148 and U+0179.. the other way round
		 */
		bool odd = (*a == 0xc4 && *b >= 0xb9) || (*a == 0xc5 && *b <= 0x88);

		if (*a == 0xc4 && *b == 0xb0)
			return;
		if ((*b & 1) == (odd ? 1 : 0) && *b < 0xbf)
			*b += 1;
	} else if (*a == 0xce && *b >= 0x91 && *b <= 0x9f) {
		*b += 0x20;
	} else if (*a == 0xce && *b >= 0xa0 && *b <= 0xa9) {
		*a = 0xcf;
		*b -= 0x20;
	} else if (*a == 0xd0 && *b >= 0x90 && *b <= 0x9f) {
		*b += 0x20;
	} else if (*a == 0xd0 && *b >= 0xa0 && *b <= 0xaf) {
		*a = 0xd1;
		*b -= 0x20;
	} else if (*a == 0xd0 && *b <= 0x8f) {
		*a = 0xd1;
		*b += 0x10;
	}
}

struct span squash(struct span s, struct arena *arena)
{
	unsigned char *p = arena_alloc(arena, s.len + 1);
	size_t n = 0;

	if (!p)
		return SPAN_NONE;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char b = (unsigned char)s.ptr[i];

		if (b < 0x80) {
			if (byte_is_alnum((char)b))
				p[n++] = (unsigned char)byte_lower((char)b);
		} else if (b == 0xe2 && i + 2 < s.len && (unsigned char)s.ptr[i + 1] == 0x80) {
			i += 2; /* dashes, quotes, the ellipsis, thin spaces */
		} else if (b == 0xc2 && i + 1 < s.len) {
			i += 1; /* Latin-1 signs */
		} else if (b >= 0xc3 && b <= 0xd1 && i + 1 < s.len) {
			unsigned char c = (unsigned char)s.ptr[++i];

			lower2(&b, &c);
			p[n++] = b;
			p[n++] = c;
		} else if (b == 0xe3 && i + 2 < s.len && (unsigned char)s.ptr[i + 1] == 0x80 &&
			   (unsigned char)s.ptr[i + 2] <= 0x9f) {
			i += 2; /* East Asian stops and brackets */
		} else {
			p[n++] = b;
		}
	}
	return span_of((char *)p, n);
}

ptrdiff_t squash_find(struct span s, const char *phrase, size_t *end)
{
	for (size_t i = 0; i < s.len; i++) {
		size_t k = i;
		const char *p = phrase;

		if (s.ptr[i] != *phrase)
			continue;
		for (; *p; p++) {
			if (*p == ' ')
				continue;
			if (k == s.len || s.ptr[k] != *p)
				break;
			k++;
		}
		if (!*p) {
			if (end)
				*end = k;
			return (ptrdiff_t)i;
		}
	}
	return -1;
}

void pairs_add(struct pairs *p, struct span s)
{
	for (size_t i = 1; i < s.len; i++) {
		unsigned pair = (unsigned)(unsigned char)s.ptr[i - 1] << 8 | (unsigned char)s.ptr[i];

		p->bits[pair >> 3] |= (unsigned char)(1u << (pair & 7));
	}
}

bool pairs_may_hold(const struct pairs *p, const char *phrase)
{
	unsigned before = 0;

	for (; *phrase; phrase++) {
		unsigned b = (unsigned char)*phrase, pair = before << 8 | b;

		if (b == ' ')
			continue;
		if (before && !(p->bits[pair >> 3] & 1u << (pair & 7)))
			return false;
		before = b;
	}
	return true;
}
