/* SPDX-License-Identifier: MIT */
/* base.h - the few words that every other file is written in.
 *
 * Nothing here allocates. Included by every header of lib/base. */
#ifndef INGESTD_BASE_BASE_H
#define INGESTD_BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h> /* MIN, MAX: libuv brings it too */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* The caller must look at what such a function returns. */
#define CHECKED __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Runs fn(&variable) when the variable's scope ends, last declared first, so that a borrower
 * is declared after its lender. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void base_freep(void *p)
{
	free(*(void **)p);
}
#define CLEANUP_FREE CLEANUP(base_freep)

#endif
