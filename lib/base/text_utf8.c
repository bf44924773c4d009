/* SPDX-License-Identifier: MIT */
#include "base/text.h"

/* Steps over one sequence at s (not empty): its bytes when it is well formed (*ok true), else those of its
 * maximal subpart (Unicode, table 3-7), at least 1. */
static size_t step(struct span s, bool *ok)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	unsigned char low = 0x80, high = 0xbf;
	size_t need, i;

	*ok = true;
	if (p[0] < 0x80)
		return 1;
	*ok = false;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	switch (p[0]) {
	case 0xe0: low = 0xa0; break;
	case 0xed: high = 0x9f; break;
	case 0xf0: low = 0x90; break;
	case 0xf4: high = 0x8f; break;
	default: break;
	}
	for (i = 1; i < need; i++) {
		if (i == s.len || p[i] < low || p[i] > high)
			return i;
		low = 0x80;
		high = 0xbf;
	}
	*ok = true;
	return need;
}

/* Bytes of ASCII at the start, by eights. */
static size_t ascii_run(struct span s)
{
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		uint64_t eight;

		memcpy(&eight, s.ptr + i, 8);
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < s.len && (unsigned char)s.ptr[i] < 0x80)
		i++;
	return i;
}

size_t text_utf8_valid(struct span s)
{
	size_t i = 0;

	while (s.len) {
		i += ascii_run(span_of(s.ptr + i, s.len - i));
		if (i == s.len)
			return i;
		/* text beyond ASCII seldom comes alone */
		do {
			bool ok;
			size_t n = step(span_of(s.ptr + i, s.len - i), &ok);

			if (!ok)
				return i;
			i += n;
		} while (i < s.len && (unsigned char)s.ptr[i] >= 0x80);
	}
	return 0;
}

uint32_t text_utf8_get(struct span s, unsigned *size)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	if (p[0] < 0x80 || s.len < 2) {
		*size = 1;
		return p[0] < 0x80 ? p[0] : 0xfffd;
	}
	if (p[0] < 0xe0) {
		*size = 2;
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	}
	if (p[0] < 0xf0 && s.len >= 3) {
		*size = 3;
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	}
	if (s.len >= 4) {
		*size = 4;
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
		       (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
	*size = 1; /* the caller broke the contract; stay inside s */
	return 0xfffd;
}

enum err text_utf8_repair(struct span s, struct strbuf *out)
{
	while (s.len) {
		size_t good = text_utf8_valid(s), bad;
		bool ok;
		enum err r = strbuf_add_span(out, span_sub(s, 0, good));

		if (r)
			return r;
		s = span_sub(s, good, s.len);
		if (!s.len)
			break;
		bad = step(s, &ok);
		r = strbuf_add_utf8(out, 0xfffd);
		if (r)
			return r;
		s = span_sub(s, bad, s.len);
	}
	return ERR_OK;
}

size_t text_length(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}
