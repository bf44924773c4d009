/* SPDX-License-Identifier: MIT */
/* charset_inner.h - between the files of charset; nobody else's. */
#ifndef INGESTD_EXTRACT_CHARSET_INNER_H
#define INGESTD_EXTRACT_CHARSET_INNER_H

#include "extract/charset.h"

/* Output room: three bytes for one of input, and a few. */
struct charset_out {
	char *next;
};

static inline void charset_put(struct charset_out *o, uint32_t c)
{
	if (c < 0x80) {
		*o->next++ = (char)c;
	} else if (c < 0x800) {
		*o->next++ = (char)(0xc0 | c >> 6);
		*o->next++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*o->next++ = (char)(0xe0 | c >> 12);
		*o->next++ = (char)(0x80 | (c >> 6 & 0x3f));
		*o->next++ = (char)(0x80 | (c & 0x3f));
	} else {
		*o->next++ = (char)(0xf0 | c >> 18);
		*o->next++ = (char)(0x80 | (c >> 12 & 0x3f));
		*o->next++ = (char)(0x80 | (c >> 6 & 0x3f));
		*o->next++ = (char)(0x80 | (c & 0x3f));
	}
}

enum { CHARSET_BAD = 0xfffd };

/* The multi-byte decoders of charset_asian.c. */
void charset_decode_asian(const unsigned char *p, size_t n, enum charset charset, struct charset_out *o);

/* The HTML standard's prescan, over all of the bytes; CHARSET_NONE when nothing is declared. */
enum charset charset_prescan(struct span bytes);
/* The label in a value like a <meta content>'s; SPAN_NONE. */
struct span charset_in_content(struct span content);

#endif
