/* SPDX-License-Identifier: MIT */
/* uses: http */
/* Input: two bytes of status, then a header's lines. */
#include "http/freshness.h"

enum { NOW = 1700000000, FIELDS_MAX = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct freshness_field fields[FIELDS_MAX];
	struct span rest, line;
	struct freshness f;
	size_t n = 0;

	if (size < 2)
		return 0;
	rest = span_of((const char *)data + 2, size - 2);
	for (; n < FIELDS_MAX && (line = span_split(&rest, '\n')).ptr; n++) {
		fields[n].name = span_split(&line, ':');
		fields[n].value = line;
	}
	freshness_read((unsigned)(data[0] << 8 | data[1]) % 1000, fields, n, NOW, &f);
	assert(f.heuristic_until <= NOW + FRESHNESS_HEURISTIC_MAX);
	assert(f.fresh_until <= (int64_t)NOW + INT32_MAX);
	assert(!f.no_store || freshness_decide(&f, 0) == FRESHNESS_FETCH);
	assert(freshness_decide(&f, INT64_MAX) != FRESHNESS_REUSE);
	return 0;
}
