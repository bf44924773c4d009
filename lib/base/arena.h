/* SPDX-License-Identifier: MIT */
/* arena.h - memory for the many small things that live and die together (a page, a document).
 *
 * Allocations are aligned for any type and never freed one by one. Like a strbuf an arena is born
 * with a ceiling; past it, or when the system has no more, arena_alloc() gives NULL and the arena
 * remembers that it failed, so that a long parse may check once at its end (arena_failed). */
#ifndef INGESTD_BASE_ARENA_H
#define INGESTD_BASE_ARENA_H

#include "base/error.h"
#include "base/span.h"

struct arena_block;
struct arena {
	struct arena_block *blocks; /* the newest first */
	char *next, *end;           /* free room of the newest */
	size_t used, max;           /* bytes taken from the system; the ceiling */
	enum err failed;            /* ERR_OK, ERR_TOOBIG or ERR_NOMEM */
};

#define ARENA_INIT(ceiling) ((struct arena){NULL, NULL, NULL, 0, (ceiling), ERR_OK})

/* Not zeroed. NULL past the ceiling or without memory. */
void *arena_alloc(struct arena *a, size_t size);
/* Zeroed. */
void *arena_zalloc(struct arena *a, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define ARENA_NEW_ARRAY(a, type, n) \
	((type *)((n) > SIZE_MAX / 2 / sizeof(type) ? NULL : arena_zalloc((a), (n) * sizeof(type))))

/* Copies with a NUL after them, which len does not count. SPAN_NONE on failure, and for SPAN_NONE. */
struct span arena_dup(struct arena *a, struct span s);
/* The same as a C string; NULL on failure. */
char *arena_strdup(struct arena *a, struct span s);

static inline enum err arena_failed(const struct arena *a)
{
	return a->failed;
}

/* Frees all; the arena is as after ARENA_INIT. For CLEANUP(). */
void arena_release(struct arena *a);
/* As arena_release(), but keeps one block to serve the next page from warm memory. */
void arena_reset(struct arena *a);

#endif
