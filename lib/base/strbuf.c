/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>

enum err strbuf_reserve(struct strbuf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (n > b->max - b->len)
		return ERR_TOOBIG;
	need = b->len + n + 1;
	if (need <= b->cap)
		return ERR_OK;
	cap = MAX(b->cap * 2, 64);
	cap = MAX(cap, need);
	if (b->max < SIZE_MAX)
		cap = MIN(cap, b->max + 1);
	p = realloc(b->ptr, cap);
	if (!p)
		return ERR_NOMEM;
	b->ptr = p;
	b->cap = cap;
	return ERR_OK;
}

enum err strbuf_add(struct strbuf *b, const void *ptr, size_t len)
{
	enum err r = strbuf_reserve(b, len);

	if (r)
		return r;
	assert(b->ptr); /* room for the NUL is always reserved */
	if (len)
		memcpy(b->ptr + b->len, ptr, len);
	b->len += len;
	b->ptr[b->len] = 0;
	return ERR_OK;
}

enum err strbuf_add_span(struct strbuf *b, struct span s)
{
	return strbuf_add(b, s.ptr, s.len);
}

enum err strbuf_add_str(struct strbuf *b, const char *str)
{
	return strbuf_add(b, str, strlen(str));
}

enum err strbuf_add_byte(struct strbuf *b, char c)
{
	return strbuf_add(b, &c, 1);
}

enum err strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;
	int n;
	enum err r;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return ERR_INVALID;
	r = strbuf_reserve(b, (size_t)n);
	if (r)
		return r;
	va_start(ap, fmt);
	(void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return ERR_OK;
}

enum err strbuf_add_utf8(struct strbuf *b, uint32_t cp)
{
	char u[4];
	size_t n;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = 0xfffd;
	if (cp < 0x80) {
		u[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		u[0] = (char)(0xc0 | cp >> 6);
		u[1] = (char)(0x80 | (cp & 0x3f));
		n = 2;
	} else if (cp < 0x10000) {
		u[0] = (char)(0xe0 | cp >> 12);
		u[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		u[2] = (char)(0x80 | (cp & 0x3f));
		n = 3;
	} else {
		u[0] = (char)(0xf0 | cp >> 18);
		u[1] = (char)(0x80 | (cp >> 12 & 0x3f));
		u[2] = (char)(0x80 | (cp >> 6 & 0x3f));
		u[3] = (char)(0x80 | (cp & 0x3f));
		n = 4;
	}
	return strbuf_add(b, u, n);
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->ptr[len] = 0;
}

void strbuf_shrink(struct strbuf *b)
{
	char *p = b->ptr ? realloc(b->ptr, b->len + 1) : NULL;

	if (!p)
		return;
	b->ptr = p;
	b->cap = b->len + 1;
}

void strbuf_release(struct strbuf *b)
{
	free(b->ptr);
	*b = STRBUF_INIT(b->max);
}

char *strbuf_detach(struct strbuf *b, size_t *len)
{
	char *p;

	if (!b->ptr && strbuf_add(b, "", 0))
		return NULL;
	p = b->ptr;
	if (len)
		*len = b->len;
	*b = STRBUF_INIT(b->max);
	return p;
}
