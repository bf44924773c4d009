/* SPDX-License-Identifier: MIT */
/* uses: base */
/* Whatever goes in, valid text comes out, and what is in its normal form stays as it is. */
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut(struct span s, unsigned min, unsigned max, struct arena *arena)
{
	struct span a = text_cut(s, min, max, arena), b;

	assert(a.ptr && text_utf8_valid(a) == a.len && text_length(a) <= max);
	b = text_cut(a, min, max, arena);
	assert(span_eq(a, b));
	(void)text_ends_closed(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf repaired = STRBUF_INIT(3 * size + 16);
	struct span s = span_of((const char *)data, size), normal, folded, again;

	if (size > 100000)
		return 0;
	normal = text_normal(s, &arena);
	assert(normal.ptr && text_utf8_valid(normal) == normal.len && normal.ptr[normal.len] == 0);
	again = text_normal(normal, &arena);
	/* what is still a reference may be decoded further, so there the claim ends */
	assert(span_find_byte(normal, '&') >= 0 || span_eq(normal, again));
	again = text_fold(normal, &arena);
	assert(span_eq(normal, again));

	assert(!text_utf8_repair(s, &repaired));
	s = strbuf_span(&repaired);
	assert(text_utf8_valid(s) == s.len);
	folded = text_fold(s, &arena);
	assert(span_eq(text_fold(folded, &arena), folded));
	again = text_decode_entities(s, &arena);
	assert(text_utf8_valid(again) == again.len);
	assert(text_alike(s, s, &arena));
	cut(normal, 5, 20, &arena);
	cut(s, 0, 1, &arena);
	cut(s, 100, 300, &arena);
	return 0;
}
