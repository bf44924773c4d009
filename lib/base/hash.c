/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <xxhash.h>

struct hash128 hash128(struct span s)
{
	XXH128_hash_t h = XXH3_128bits(s.ptr, s.len);

	return (struct hash128){h.high64, h.low64};
}

uint64_t hash64(struct span s)
{
	return XXH3_64bits(s.ptr, s.len);
}
