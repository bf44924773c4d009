/* SPDX-License-Identifier: MIT */
/* uses: extract */
/* Repaired JSON is JSON or nothing; what is collected is in normal form. */
#include <jansson.h>

#include "base/text.h"
#include "extract/jsonld.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(3 * size + 16);
	CLEANUP(strbuf_release) struct strbuf fixed = STRBUF_INIT(16 * size + 1024);
	CLEANUP(strbuf_release) struct strbuf again = STRBUF_INIT(64 * size + 4096);
	struct collector c = {.arena = &arena};
	struct jsonld_facts facts;
	struct jsonld_block block;

	/* pages are valid UTF-8 when they get here */
	if (size > 200000 || text_utf8_repair(span_of((const char *)data, size), &text))
		return 0;
	block = (struct jsonld_block){strbuf_span(&text), 1};
	if (!jsonld_repair(block.text, &fixed)) {
		assert(jsonld_depth(strbuf_span(&fixed)) <= JSONLD_DEPTH_MAX);
		/* what was repaired needs no repair */
		assert(!jsonld_repair(strbuf_span(&fixed), &again));
	}
	jsonld_collect(&c, &block, 1, &facts);
	for (size_t i = 0; i < c.count; i++) {
		assert(c.list[i].value.len && text_utf8_valid(c.list[i].value) == c.list[i].value.len);
		assert(c.taken[c.list[i].field] <= COLLECT_FIELD_MAX);
	}
	return 0;
}
