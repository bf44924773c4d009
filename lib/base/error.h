/* SPDX-License-Identifier: MIT */
/* error.h - a code to act on, a text to show.
 *
 * A function that can fail returns enum err and, where there is more to say than the code's own
 * text, fills a struct error that its caller owns (NULL is allowed: then nothing is said). lib/
 * fills it, daemon/ shows it, once. Texts start in lower case, subjects stand in single quotes,
 * no final full stop. Outputs (`ret`) are written on ERR_OK only. */
#ifndef INGESTD_BASE_ERROR_H
#define INGESTD_BASE_ERROR_H

#include "base/base.h"

#define ERR_MAP(X)                                \
	X(NOMEM, "out of memory")                 \
	X(SYNTAX, "not well formed")              \
	X(TOOBIG, "over the size limit")          \
	X(TOODEEP, "nested too deeply")           \
	X(RANGE, "out of range")                  \
	X(INVALID, "not valid")                   \
	X(UNSAFE, "cannot be edited safely")      \
	X(NOTFOUND, "not found")                  \
	X(KIND, "not a regular file")             \
	X(ACCESS, "permission denied")            \
	X(OWNER, "belongs to another user")       \
	X(LINKED, "has more than one hard link")  \
	X(OUTSIDE, "lies outside its folder")     \
	X(CHANGED, "changed since it was read")   \
	X(BUSY, "in use by somebody else")        \
	X(FULL, "no space left")                  \
	X(READONLY, "on a read-only file system") \
	X(IO, "input/output error")               \
	X(REFUSED, "refused by policy")           \
	X(UNSUPPORTED, "not supported here")      \
	X(DAMAGED, "damaged")                     \
	X(TIMEOUT, "took too long")               \
	X(CANCELLED, "cancelled")                 \
	X(BUG, "internal error")

#define X(name, text) ERR_##name,
enum err { ERR_OK, ERR_MAP(X) ERR_COUNT };
#undef X

struct error {
	enum err code;
	unsigned line, col; /* from 1, col in characters; 0 where there is none */
	char text[480];     /* fixed, so that reporting ERR_NOMEM allocates nothing */
};

/* Fills *e (when not NULL; line and col become 0) and returns code, so that a failing function
 * ends in one line:  return err_set(e, ERR_SYNTAX, "key '%s' appears twice", key); */
enum err err_set(struct error *e, enum err code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with a place. */
enum err err_set_at(struct error *e, enum err code, unsigned line, unsigned col, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

/* From errno: ENOSPC and EDQUOT give FULL, EACCES and EPERM ACCESS, ENOENT NOTFOUND, and so on, IO
 * for what has no code of its own. The text is "WHAT: strerror". */
enum err err_set_errno(struct error *e, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Never 0: what failed is seen to have failed, by a reader of one file and by the analyser, which cannot look
 * into error.c. */
static inline enum err err_sure(enum err r)
{
	return r ? r : ERR_BUG;
}
#define err_set(...) err_sure(err_set(__VA_ARGS__))
#define err_set_at(...) err_sure(err_set_at(__VA_ARGS__))
#define err_set_errno(...) err_sure(err_set_errno(__VA_ARGS__))

/* "out of memory" and so on; static. */
const char *err_text(enum err code);
/* "NOMEM" and so on; static. For reports that machines read. */
const char *err_name(enum err code);

#endif
