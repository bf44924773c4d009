/* SPDX-License-Identifier: MIT */
/* images.h - what is known of images by URL: their sizes, how to ask whether that still holds, their local
 * copies.
 *
 * As store.h's requests: the same order, the same errors, the same ownership. The rows lie in cache.db and
 * can be rebuilt; where the copies' own folder is, is not the state's business. */
#ifndef INGESTD_STORE_IMAGES_H
#define INGESTD_STORE_IMAGES_H

#include "store/store.h"

struct store_image {
	struct span url;       /* url_key(): the key */
	struct span final_url; /* what answered; SPAN_NONE */
	enum outcome outcome;  /* PAGE: there was an answer; its bytes may be no image all the same */
	unsigned status;
	int64_t fetched_at, expires_at;
	unsigned failures;               /* in a row */
	struct span error;               /* SPAN_NONE on success */
	struct span etag, last_modified; /* byte for byte */
	struct span type;                /* "image/png"; SPAN_NONE: no image */
	unsigned width, height;          /* pixels; 0 without a type */
	uint64_t bytes;                  /* of the whole; 0 not known */
	bool forbidden;                  /* by the site's robots.txt */
	bool referer;                    /* is given to those only who tell the article's URL */
	struct span file;                /* name of the copy in the image cache; SPAN_NONE: none */
	int64_t copied_at; /* when that was made, or was tried (then copy_error says why not); 0: never */
	struct span copy_error;
	int64_t used_at; /* when a document was last seen to refer to it */
};

/* Called with the row, or with one whose outcome is NONE and that has only `url`. */
typedef void store_image_fn(void *arg, const struct store_image *image);
CHECKED enum err store_get_image(struct store *s, struct span url, store_image_fn *fn, void *arg);
/* Replaces all that was known. */
CHECKED enum err store_put_image(struct store *s, const struct store_image *image);
/* All rows, ordered by URL; copies_only: those with a file. count 0 where the state cannot say. */
typedef void store_images_fn(void *arg, const struct store_image *images, size_t count);
CHECKED enum err store_list_images(struct store *s, bool copies_only, store_images_fn *fn, void *arg);
/* There is no such copy any more, whoever had it. */
CHECKED enum err store_forget_copy(struct store *s, struct span file);
/* Documents refer to it still. */
CHECKED enum err store_use_copy(struct store *s, struct span file, int64_t now);

/* Every content folder that the state knows documents of, absolute; none where it cannot say. */
typedef void store_roots_fn(void *arg, const struct span *roots, size_t count);
CHECKED enum err store_get_roots(struct store *s, store_roots_fn *fn, void *arg);

#endif
