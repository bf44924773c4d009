/* SPDX-License-Identifier: MIT */
/* uses: image */
/* What a head tells, a longer head does not take back; MORE asks for more than there is. */
#include "image/size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_size all, s;
	enum image_answer whole = image_measure(span_of((const char *)data, size), true, &all);
	/* every length of a short input, fewer of a long one */
	size_t step = size / 512 + 1;
	bool said = false;

	assert(whole != IMAGE_MORE && !all.need);
	assert((whole == IMAGE_KNOWN) == (all.width && all.height && all.type));
	for (size_t n = 0; n <= size; n += step) {
		uint8_t *copy = malloc(n ? n : 1); /* exact, for a reader past the end */
		enum image_answer a;

		if (!copy)
			return 0;
		if (n)
			memcpy(copy, data, n);
		a = image_measure(span_of((const char *)copy, n), false, &s);
		assert(a != IMAGE_TRUNCATED);
		assert((a == IMAGE_MORE) == (s.need > n) && s.need <= IMAGE_NEED_MAX);
		assert(!said || a != IMAGE_MORE);
		if (a != IMAGE_MORE && !(a == IMAGE_DAMAGED && whole == IMAGE_TRUNCATED)) {
			assert(a == whole && s.type == all.type && s.width == all.width &&
			       s.height == all.height);
			said = true;
		}
		free(copy);
	}
	return 0;
}
