/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

enum { BLOCK_MIN = 64 * 1024, BLOCK_MAX = 4 * 1024 * 1024, ALIGN = 16 };

struct arena_block {
	struct arena_block *older;
	size_t size; /* of the whole, this header included */
};
_Static_assert(sizeof(struct arena_block) % ALIGN == 0, "blocks start aligned");

static void *fail(struct arena *a, enum err code)
{
	if (!a->failed)
		a->failed = code;
	return NULL;
}

static void *grow(struct arena *a, size_t size)
{
	size_t want = size + sizeof(struct arena_block), block;
	struct arena_block *b;

	if (want > a->max || a->used > a->max - want)
		return fail(a, ERR_TOOBIG);
	/* each block doubles what there is, so that the number of blocks stays logarithmic */
	block = MIN(MAX(a->used, BLOCK_MIN), BLOCK_MAX);
	block = MIN(MAX(block, want), a->max - a->used);
	b = malloc(block);
	if (!b)
		return fail(a, ERR_NOMEM);
	b->older = a->blocks;
	b->size = block;
	a->blocks = b;
	a->used += block;
	a->next = (char *)(b + 1);
	a->end = (char *)b + block;
	a->next += size;
	return b + 1;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = a->next;

	if (size > SIZE_MAX / 2)
		return fail(a, ERR_TOOBIG);
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!p || size > (size_t)(a->end - a->next))
		return grow(a, size);
	a->next += size;
	return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
	void *p = arena_alloc(a, size);

	return p ? memset(p, 0, size) : NULL;
}

struct span arena_dup(struct arena *a, struct span s)
{
	char *p = s.ptr ? arena_strdup(a, s) : NULL;

	return p ? span_of(p, s.len) : SPAN_NONE;
}

char *arena_strdup(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (!p)
		return NULL;
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = 0;
	return p;
}

static void drop(struct arena *a, struct arena_block *keep)
{
	for (struct arena_block *b = a->blocks, *older; b; b = older) {
		older = b->older;
		if (b != keep)
			free(b);
	}
}

void arena_release(struct arena *a)
{
	drop(a, NULL);
	*a = ARENA_INIT(a->max);
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->blocks;

	if (!keep)
		return;
	drop(a, keep);
	keep->older = NULL;
	*a = (struct arena){keep, (char *)(keep + 1), (char *)keep + keep->size, keep->size, a->max, ERR_OK};
}
