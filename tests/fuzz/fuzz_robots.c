/* SPDX-License-Identifier: MIT */
/* uses: http */
/* Input: a path and a query, each ended by a line feed, then the file. */
#include "http/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(ROBOTS_ARENA_MAX);
	struct span rest = span_of((const char *)data, size), path = span_split(&rest, '\n'),
		    query = span_split(&rest, '\n');
	struct robots robots;

	if (robots_parse(rest, SPAN("ingestd"), &arena, &robots) == ERR_OK) {
		assert(robots.delay_ms <= ROBOTS_DELAY_MAX_MS);
		assert(robots_allow(&robots, SPAN("/robots.txt"), SPAN_NONE, &arena));
		bool first = robots_allow(&robots, path, query, &arena);
		assert(first == robots_allow(&robots, path, query, &arena));
		/* what asks for nothing allows everything */
		if (!robots.count)
			assert(first);
	}
	arena_release(&arena);
	return 0;
}
