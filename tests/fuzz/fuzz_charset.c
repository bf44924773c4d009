/* SPDX-License-Identifier: MIT */
/* uses: extract */
#include "base/text.h"
#include "extract/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte names a charset or, past those, a kind of sniffing. Whatever comes out is UTF-8. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct span in = span_of((const char *)data + 1, size - 1), out;
	size_t bom = 0;
	enum charset charset;

	if (!size)
		return 0;
	charset = (enum charset)data[0];
	if (charset >= CHARSET_NONE)
		charset = charset_sniff(in, SPAN_NONE, (enum charset_kind)(data[0] % 3), &bom);
	assert(charset < CHARSET_NONE && bom <= in.len);
	if (charset_decode(span_sub(in, bom, in.len), charset, &arena, &out))
		return 0;
	assert(text_utf8_valid(out) == out.len);
	return 0;
}
