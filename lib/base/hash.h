/* SPDX-License-Identifier: MIT */
/* hash.h - content hashes for the state (XXH3 of libxxhash, 128 and 64 bits).
 *
 * Not cryptographic: a hash that matches lets a pass skip work; what decides about writing a
 * document is always a comparison of the bytes. */
#ifndef INGESTD_BASE_HASH_H
#define INGESTD_BASE_HASH_H

#include "base/span.h"

struct hash128 {
	uint64_t hi, lo;
};

struct hash128 hash128(struct span s);
/* 64 bits, the key of rows and tables. */
uint64_t hash64(struct span s);

static inline bool hash128_eq(struct hash128 a, struct hash128 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

#endif
