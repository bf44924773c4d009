/* SPDX-License-Identifier: MIT */
/* cache.h - a folder of local copies of images.
 *
 * A copy is named by what it holds: the first 160 bits of its SHA-256 in hexadecimal and the suffix of its
 * type, so that two pictures of the same bytes are one file, and nobody can make a picture that takes
 * another's place. A copy comes into being whole: written beside the others under a name that begins with a
 * dot, verified to its end (whole.h), synced, then given its name, if nobody has it; what is there already is
 * never written to. Every name is taken within the folder itself and never through a link. Killed at any
 * instant, the folder holds whole copies and perhaps a file with a dot, which goes when the folder is opened
 * an hour later or after.
 *
 * One thread may use one copy; different copies and the folder may be used by several. */
#ifndef INGESTD_IMAGE_CACHE_H
#define INGESTD_IMAGE_CACHE_H

#include "image/whole.h"

struct image_cache;

enum {
	IMAGE_COPY_NAME = 56, /* bytes of a copy's name, NUL included */
	IMAGE_COPY_BUFFER = 32 << 10,
};

/* A copy on its way. */
struct image_copy {
	struct image_cache *cache;
	int fd;        /* -1: none */
	char name[40]; /* with a dot */
	uint64_t len;
	size_t held; /* in buffer, not yet written */
	char *buffer;
	bool resting;
	uint64_t dev, ino; /* while it rests */
};

/* Makes the folder when it is missing (not its parents), removes what interrupted runs left in it.
 * ERR_ACCESS, ERR_READONLY, ERR_NOTFOUND, ERR_KIND and so on. */
CHECKED enum err image_cache_open(const char *folder, struct image_cache **ret, struct error *e);
/* Accepts NULL, returns NULL. */
struct image_cache *image_cache_close(struct image_cache *c);

/* An empty one. ERR_FULL, ERR_READONLY, ... */
CHECKED enum err image_copy_begin(struct image_cache *c, struct image_copy *ret, struct error *e);
/* More of it. Writes to the page cache, never syncs. ERR_FULL. */
CHECKED enum err image_copy_add(struct image_copy *copy, struct span bytes, struct error *e);
/* Forgets what came so far. */
CHECKED enum err image_copy_restart(struct image_copy *copy, struct error *e);
/* All is there, and it waits for its turn to be kept: holds no memory and no descriptor until then. On
 * failure it is dropped. */
CHECKED enum err image_copy_rest(struct image_copy *copy, struct error *e);
/* Verifies, syncs and names it; the copy is spent, whatever comes of it. `shared`: it was there before. What
 * image_whole() can say; ERR_UNSAFE also where something else has the name. */
CHECKED enum err image_copy_keep(struct image_copy *copy, enum image_type type, char name[IMAGE_COPY_NAME],
				 bool *shared, struct error *e);
/* It goes. A spent or zeroed one is fine (then fd is -1 or cache NULL). */
void image_copy_drop(struct image_copy *copy);

/* A regular file of that name is there. */
bool image_cache_has(const struct image_cache *c, const char *name);
/* When a file of the folder was last written, seconds since 1970; -1: there is none. */
int64_t image_cache_mtime(const struct image_cache *c, const char *name);
/* Each file that has a copy's name, in no order; false from fn ends it (ERR_CANCELLED). */
typedef bool image_cache_fn(void *arg, const char *name, uint64_t bytes, int64_t mtime);
CHECKED enum err image_cache_list(struct image_cache *c, image_cache_fn *fn, void *arg, struct error *e);
/* Whether a copy is whole, and holds what its name says. ERR_NOTFOUND; ERR_DAMAGED; ERR_UNSAFE: a link. */
CHECKED enum err image_cache_verify(struct image_cache *c, const char *name, struct error *e);
CHECKED enum err image_cache_remove(struct image_cache *c, const char *name, struct error *e);
/* Replaces a file that is no copy (images.json), whole and synced; left alone when it holds text already.
 * name has no slash. */
CHECKED enum err image_cache_write(struct image_cache *c, const char *name, struct span text,
				   struct error *e);

/* 40 digits and a suffix. */
bool image_copy_is_name(struct span name);

#endif
