/* SPDX-License-Identifier: MIT */
/* xml_memory.h - what libxml2 allocates while a page is parsed.
 *
 * libxml2 2.9's HTML parser loops for ever after some failed allocations. Here a failed one jumps out of the
 * parse instead, and all that the parse had allocated goes at once. */
#ifndef INGESTD_EXTRACT_XML_MEMORY_H
#define INGESTD_EXTRACT_XML_MEMORY_H

#include <setjmp.h>

#include "base/base.h"

struct xml_pool_block;

/* Of one parse, on one thread. Between xml_memory_begin() and xml_memory_end() this thread's libxml2 calls
 * take from it and give nothing back singly. */
struct xml_pool {
	struct xml_pool_block *blocks;
	char *next, *end;
	size_t used, max;
	jmp_buf failed; /* the caller's setjmp(); taken when memory ends or `max` is met */
};

/* Once, before libxml2 is used at all. False when libxml2 refuses. */
CHECKED bool xml_memory_init(void);

void xml_memory_begin(struct xml_pool *pool, size_t max);
void xml_memory_end(struct xml_pool *pool);

#endif
