/* SPDX-License-Identifier: MIT */
/* strbuf.h - one growing run of bytes, always born with a ceiling.
 *
 * The ceiling is the limit on what a stranger can make us hold: adding past it is ERR_TOOBIG and
 * leaves the buffer as it was. A NUL always follows the bytes once something was added or
 * strbuf_cstr() was called; it is not counted in len. */
#ifndef INGESTD_BASE_STRBUF_H
#define INGESTD_BASE_STRBUF_H

#include "base/error.h"
#include "base/span.h"

struct strbuf {
	char *ptr; /* NULL while nothing was ever added */
	size_t len, cap, max;
};

#define STRBUF_INIT(ceiling) ((struct strbuf){NULL, 0, 0, (ceiling)})

/* Room for n more bytes beyond len without another allocation. */
CHECKED enum err strbuf_reserve(struct strbuf *b, size_t n);
CHECKED enum err strbuf_add(struct strbuf *b, const void *ptr, size_t len);
CHECKED enum err strbuf_add_span(struct strbuf *b, struct span s);
CHECKED enum err strbuf_add_str(struct strbuf *b, const char *str);
CHECKED enum err strbuf_add_byte(struct strbuf *b, char c);
CHECKED enum err strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One Unicode scalar value as UTF-8; surrogates and values over 0x10ffff become U+FFFD. */
CHECKED enum err strbuf_add_utf8(struct strbuf *b, uint32_t cp);

/* Forgets the bytes from len on; keeps the memory. */
void strbuf_truncate(struct strbuf *b, size_t len);
/* Gives back the memory beyond len: for what is kept for a while. */
void strbuf_shrink(struct strbuf *b);
/* Frees; the buffer is as after STRBUF_INIT. For CLEANUP(). */
void strbuf_release(struct strbuf *b);
/* Hands the bytes, NUL-terminated, to the caller, who frees them; NULL when memory ran out. */
CHECKED char *strbuf_detach(struct strbuf *b, size_t *len);

static inline struct span strbuf_span(const struct strbuf *b)
{
	return (struct span){b->ptr ? b->ptr : "", b->len};
}
/* Never NULL; borrowed until the next change. */
static inline const char *strbuf_cstr(const struct strbuf *b)
{
	return b->ptr ? b->ptr : "";
}

#endif
