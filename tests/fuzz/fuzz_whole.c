/* SPDX-License-Identifier: MIT */
/* uses: image */
/* The type that the bytes show, and the one that the first byte names, so that every verifier sees
 * everything. */
#include "image/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of((const char *)data, size);
	struct image_size measured;
	struct error e;

	if (!size)
		return 0;
	if (image_measure(all, true, &measured) == IMAGE_KNOWN &&
	    image_whole_span(all, measured.type, &e) == ERR_OK) {
		uint8_t *copy = malloc(size); /* exact, for a reader past the end */

		if (!copy)
			return 0;
		memcpy(copy, data, size);
		assert(image_whole_span(span_of((const char *)copy, size), measured.type, NULL) == ERR_OK);
		free(copy);
	}
	if (data[0] && data[0] < IMAGE_TYPES &&
	    image_whole_span(span_sub(all, 1, size), (enum image_type)data[0], &e) != ERR_OK)
		assert(e.code && e.text[0]);
	return 0;
}
