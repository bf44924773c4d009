/* SPDX-License-Identifier: MIT */
/* uses: extract */
#include "base/text.h"
#include "extract/charset.h"
#include "extract/extract.h"
#include "extract/maintext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct span text;
	struct tree *t;
	struct maintext m;

	if (!ready)
		extract_init();
	ready = true;
	if (charset_decode(span_of((const char *)data, size), CHARSET_UTF_8, &arena, &text) ||
	    tree_parse(text, &arena, &t, NULL) || maintext_find(t, &arena, &m))
		return 0;
	assert(text_utf8_valid(m.text) == m.text.len);
	assert(!m.lead.ptr ||
	       (m.lead.ptr >= m.text.ptr && m.lead.ptr + m.lead.len <= m.text.ptr + m.text.len));
	return 0;
}
