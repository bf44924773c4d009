/* SPDX-License-Identifier: MIT */
/* text_entities.h - one character reference at a time; inside lib/base, and lib/feed, which goes
 * through markup once. */
#ifndef INGESTD_BASE_TEXT_ENTITIES_H
#define INGESTD_BASE_TEXT_ENTITIES_H

#include "base/arena.h"

struct text_reference {
	size_t len;     /* bytes of the reference, from its '&' */
	char value[8];  /* UTF-8; longer than the reference by one byte at most */
	size_t size;    /* of value */
	bool semicolon; /* ended by one */
};

/* s begins with '&'. False: no reference by the HTML standard's rules for text. */
bool text_reference_read(struct span s, struct text_reference *ret);

/* text_decode_entities(); `strict`: only what ends in a semicolon. SPAN_NONE when memory ran out. */
struct span text_references_decode(struct span s, bool strict, struct arena *arena);

/* What windows-1252 has at 0x80..0x9f; 0 where it has nothing. */
uint32_t text_windows_1252(uint32_t c);

/* Writes one scalar value; returns its bytes, at most 4. Surrogates and what is over 0x10ffff: U+FFFD. */
size_t text_utf8_put(uint32_t c, char *to);

#endif
