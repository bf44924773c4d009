/* SPDX-License-Identifier: MIT */
/* rows.h - tests as rows: each row of an array is one named cmocka test.
 *
 *     static const struct row { const char *name, *in, *want; } rows[] = { ... };
 *     static void trims(void **state) { const struct row *row = *state; ... }
 *     int main(void) { return RUN_ROWS("span/trim", rows, trims); }
 *
 * Include first in a test: it brings what cmocka.h needs before it. */
#ifndef INGESTD_TESTS_ROWS_H
#define INGESTD_TESTS_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

enum { ROWS_MAX = 4096 };

static inline int run_rows(const char *group, const void *rows, size_t size, size_t n, CMUnitTestFunction fn)
{
	static struct CMUnitTest tests[ROWS_MAX];

	assert(n && n <= ROWS_MAX);
	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)rows + i * size;

		/* the name is each row's first member */
		tests[i] = (struct CMUnitTest){*(const char *const *)(const void *)row, fn, NULL, NULL,
					       (void *)(uintptr_t)row};
	}
	return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}
#define RUN_ROWS(group, rows, fn) run_rows((group), (rows), sizeof((rows)[0]), ARRAY_SIZE(rows), (fn))

#endif
