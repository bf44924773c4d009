/* SPDX-License-Identifier: MIT */
#include "extract/xml_memory.h"

#include <libxml/xmlmemory.h>

enum {
	SMALL = 1024, /* up to here classes are STEP apart, then powers of two */
	STEP = 16,
	CLASSES = SMALL / STEP + 1 + 32,
	BLOCK = 256 * 1024,
};

struct xml_pool_block {
	struct xml_pool_block *older;
	size_t size;
};

/* Before each piece; sixteen bytes keep what follows aligned. */
struct piece {
	size_t size;        /* of what follows, rounded up to its class */
	struct piece *next; /* in its class's list, when free */
};
_Static_assert(sizeof(struct piece) == STEP && sizeof(struct xml_pool_block) == STEP, "alignment");

struct xml_pool_state {
	struct xml_pool *pool;
	struct piece *free[CLASSES];
};

static _Thread_local struct xml_pool_state here;

static unsigned class_of(size_t *size)
{
	unsigned bits = 11;

	if (*size <= SMALL) {
		*size = (*size + STEP - 1) / STEP * STEP;
		return (unsigned)(*size / STEP);
	}
	while (*size > (size_t)1 << bits)
		bits++;
	*size = (size_t)1 << bits;
	return SMALL / STEP + bits - 10;
}

static void *take(struct xml_pool *pool, size_t size)
{
	size_t want = size + sizeof(struct piece), block = MAX((size_t)BLOCK, want + STEP);
	struct xml_pool_block *b;
	struct piece *p;

	if (want > (size_t)(pool->end - pool->next)) {
		b = block > pool->max - pool->used ? NULL : malloc(block);
		if (!b)
			longjmp(pool->failed, 1);
		*b = (struct xml_pool_block){pool->blocks, block};
		pool->blocks = b;
		pool->used += block;
		pool->next = (char *)(b + 1);
		pool->end = (char *)b + block;
	}
	p = (struct piece *)(void *)pool->next;
	pool->next += want;
	*p = (struct piece){size, NULL};
	return p + 1;
}

static void *pool_malloc(size_t size)
{
	unsigned class;
	struct piece *p;

	if (!here.pool)
		return malloc(size);
	if (size > here.pool->max)
		longjmp(here.pool->failed, 1);
	class = class_of(&size);
	p = here.free[class];
	if (!p)
		return take(here.pool, size);
	here.free[class] = p->next;
	return p + 1;
}

/* What was allocated before xml_memory_begin() may be given back within it. */
static bool from_pool(const void *ptr)
{
	uintptr_t at = (uintptr_t)ptr;

	for (const struct xml_pool_block *b = here.pool ? here.pool->blocks : NULL; b; b = b->older)
		if (at > (uintptr_t)b && at < (uintptr_t)b + b->size)
			return true;
	return false;
}

static void pool_free(void *ptr)
{
	if (ptr && from_pool(ptr)) {
		struct piece *p = (struct piece *)ptr - 1;
		size_t size = p->size;
		unsigned class = class_of(&size);

		p->next = here.free[class];
		here.free[class] = p;
	} else {
		free(ptr);
	}
}

static void *pool_realloc(void *ptr, size_t size)
{
	size_t old;
	void *p;

	if (!ptr)
		return pool_malloc(size);
	if (!from_pool(ptr))
		return realloc(ptr, size);
	old = ((struct piece *)ptr - 1)->size;
	if (size <= old)
		return ptr;
	p = pool_malloc(size);
	memcpy(p, ptr, old);
	pool_free(ptr);
	return p;
}

static char *pool_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = pool_malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

bool xml_memory_init(void)
{
	return xmlMemSetup(pool_free, pool_malloc, pool_realloc, pool_strdup) == 0;
}

void xml_memory_begin(struct xml_pool *pool, size_t max)
{
	pool->blocks = NULL;
	pool->next = pool->end = NULL;
	pool->used = 0;
	pool->max = max;
	memset(here.free, 0, sizeof(here.free));
	here.pool = pool;
}

void xml_memory_end(struct xml_pool *pool)
{
	here.pool = NULL;
	for (struct xml_pool_block *b = pool->blocks, *older; b; b = older) {
		older = b->older;
		free(b);
	}
	pool->blocks = NULL;
}
