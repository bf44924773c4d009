/* SPDX-License-Identifier: MIT */
/* uses: feed */
#include "feed/opml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(16 << 20);
	struct opml *o, *again;

	if (opml_read(span_of((const char *)data, size), &arena, &o, NULL))
		return 0;
	if (opml_write(o->feeds, o->count, &text))
		return 0;
	/* what is written is well formed, and has the same feeds */
	if (opml_read(strbuf_span(&text), &arena, &again, NULL) == ERR_OK)
		assert(!again->damaged && again->count == o->count);
	return 0;
}
