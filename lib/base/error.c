/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define X(name, text) [ERR_##name] = text,
static const char *const texts[ERR_COUNT] = {[ERR_OK] = "ok", ERR_MAP(X)};
#undef X
#define X(name, text) [ERR_##name] = #name,
static const char *const names[ERR_COUNT] = {[ERR_OK] = "OK", ERR_MAP(X)};
#undef X

const char *err_text(enum err code)
{
	return texts[code];
}

const char *err_name(enum err code)
{
	return names[code];
}

PRINTF_LIKE(5, 0)
static void fill(struct error *e, enum err code, unsigned line, unsigned col, const char *fmt, va_list ap)
{
	if (!e)
		return;
	e->code = code;
	e->line = line;
	e->col = col;
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
}

enum err(err_set)(struct error *e, enum err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, 0, 0, fmt, ap);
	va_end(ap);
	return code;
}

enum err(err_set_at)(struct error *e, enum err code, unsigned line, unsigned col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, line, col, fmt, ap);
	va_end(ap);
	return code;
}

static enum err code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOMEM: return ERR_NOMEM;
	case ENOSPC:
	case EDQUOT: return ERR_FULL;
	case EACCES:
	case EPERM: return ERR_ACCESS;
	case ENOENT:
	case ENOTDIR: return ERR_NOTFOUND;
	case EROFS: return ERR_READONLY;
	case ELOOP:
	case EXDEV: return ERR_OUTSIDE;
	case EAGAIN:
	case EBUSY:
	case ETXTBSY: return ERR_BUSY;
	case EFBIG:
	case ENAMETOOLONG: return ERR_TOOBIG;
	case EINVAL:
	case ENOSYS:
	case EOPNOTSUPP: return ERR_UNSUPPORTED;
	case EISDIR: return ERR_KIND;
	case ETIMEDOUT: return ERR_TIMEOUT;
	case ECANCELED: return ERR_CANCELLED;
	default: return ERR_IO;
	}
}

enum err(err_set_errno)(struct error *e, int errnum, const char *fmt, ...)
{
	enum err code = code_of_errno(errnum);
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	fill(e, code, 0, 0, fmt, ap);
	va_end(ap);
	if (e) {
		char why[96];

		n = strlen(e->text);
		(void)snprintf(e->text + n, sizeof(e->text) - n, ": %s",
			       strerror_r(errnum, why, sizeof(why)));
	}
	return code;
}
