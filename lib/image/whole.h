/* SPDX-License-Identifier: MIT */
/* whole.h - whether an image is there to its end, and is what its first bytes say.
 *
 * By structure: every part that the format frames lies within the file, checksums that cover parts hold, and
 * the mark that ends it is there. No pixel is decoded: a picture whose packed pixels are nonsense passes, as
 * it would cost what a decompression bomb costs to tell. What stands behind an image's end (many cameras put
 * something there) is no fault.
 *
 *     JPEG   markers, to EOI; a frame and a scan      AVIF HEIC  boxes; every extent of iloc within the file
 *     PNG    chunks and their CRC, IHDR to IEND       JXL        boxes to the last part; a bare codestream
 *     GIF    blocks to the trailer; a picture                    has no frame: its signature alone
 *     WebP   RIFF size, chunks; a picture             BMP ICO    what the header points to is there
 *     SVG    well-formed XML, and nothing that acts: no script, no reference outside of itself, no entity
 *            of its own. A browser that opens the copy runs it as the site's own page.
 *
 * The file is read from its beginning to its end, a window at a time; nothing is allocated (SVG: by libxml2,
 * bounded by IMAGE_WHOLE_SVG_MAX). */
#ifndef INGESTD_IMAGE_WHOLE_H
#define INGESTD_IMAGE_WHOLE_H

#include "base/error.h"
#include "image/size.h"

enum {
	IMAGE_WHOLE_SVG_MAX = 2 << 20,   /* bytes of an SVG; a larger one is ERR_TOOBIG */
	IMAGE_WHOLE_PARTS_MAX = 1 << 20, /* chunks, blocks, boxes, segments; more is ERR_TOOBIG */
};

/* Where the bytes are. */
struct image_source {
	uint64_t len;
	/* Exactly n bytes at `at`, which lie within len. False: they cannot be had. */
	bool (*read)(void *arg, uint64_t at, void *to, size_t n);
	void *arg;
};

/* ERR_DAMAGED: cut, or contradicts itself. ERR_UNSAFE: an SVG that acts. ERR_UNSUPPORTED: a type that no
 * browser shows (TIFF, ICNS). ERR_IO: read() failed. ERR_TOOBIG; ERR_NOMEM. */
CHECKED enum err image_whole(const struct image_source *source, enum image_type type, struct error *e);

/* The same for bytes in memory. */
CHECKED enum err image_whole_span(struct span bytes, enum image_type type, struct error *e);

/* ".jpg" and so on, for names of files; static; "" for NONE. */
const char *image_suffix(enum image_type type);

#endif
