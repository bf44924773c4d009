/* SPDX-License-Identifier: MIT */
/* whole_inner.h - a window over a file, and the types that have files of their own; inside the room only. */
#ifndef INGESTD_IMAGE_WHOLE_INNER_H
#define INGESTD_IMAGE_WHOLE_INNER_H

#include "image/reader.h"
#include "image/whole.h"

enum { WINDOW_MAX = 16 << 10 };

struct window {
	const struct image_source *source;
	struct error *e;
	uint64_t at; /* of buf[0] */
	size_t len;
	unsigned parts; /* seen so far */
	enum err failed;
	uint8_t buf[WINDOW_MAX];
};

/* n (at most WINDOW_MAX) bytes at `at`; NULL when they are not all there, and then `failed` says why. Valid
 * until the next call. */
const uint8_t *window_get(struct window *w, uint64_t at, size_t n);
/* From `at` as many bytes as are at hand, at least one; NULL at the end or on failure. */
const uint8_t *window_some(struct window *w, uint64_t at, size_t *n);
/* One more chunk, block or box: false when there were too many. */
bool window_part(struct window *w);
/* ERR_DAMAGED and why, unless something failed before. */
enum err window_damaged(struct window *w, const char *why);

CHECKED enum err whole_boxes(struct window *w, enum image_type type);
CHECKED enum err whole_svg(struct window *w);

#endif
