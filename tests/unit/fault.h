/* SPDX-License-Identifier: MIT */
/* fault.h - the Nth allocation fails. For tests with the line "wrap: malloc calloc realloc strdup" (see
 * tests/CMakeLists.txt): then only our own calls come through here, not those of shared libraries.
 *
 *     for (unsigned nth = 0;; nth++) {
 *             fault_arm(nth);
 *             r = thing_that_allocates();
 *             if (!fault_disarm())
 *                     break;                  nothing left to fail: r is ERR_OK
 *             assert_int_equal(r, ERR_NOMEM);
 *     } */
#ifndef INGESTD_TESTS_FAULT_H
#define INGESTD_TESTS_FAULT_H

#include "unit/rows.h"

static bool fault_armed, fault_happened;
static unsigned fault_left;

static inline void fault_arm(unsigned nth)
{
	fault_armed = true;
	fault_happened = false;
	fault_left = nth;
}

/* Whether an allocation was made to fail. */
static inline bool fault_disarm(void)
{
	fault_armed = false;
	return fault_happened;
}

static inline bool fault_now(void)
{
	if (!fault_armed || fault_left--)
		return false;
	fault_armed = false;
	fault_happened = true;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t size)
{
	return fault_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fault_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fault_now() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fault_now() ? NULL : __real_strdup(s);
}

#endif
