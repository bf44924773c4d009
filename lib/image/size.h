/* SPDX-License-Identifier: MIT */
/* size.h - an image's type and size, from its first bytes.
 *
 * The type comes from the bytes, never from a name or a Content-Type. Only headers are read: no pixel is
 * decoded, nothing is allocated, nothing recurses, and time is linear in what is given (a microsecond for
 * most).
 *
 * The size is the one that is shown: EXIF orientation turns a JPEG, irot and clap an AVIF or HEIC, the
 * header's orientation a JPEG XL. An ICO, CUR or ICNS has the size of its largest picture. An SVG has its
 * width and height in CSS pixels (px in cm mm q pt pc; em and rem 16 px, ex 8 px), else its viewBox's; a
 * percentage counts as absent; where one of both is there, the other follows from the viewBox's ratio.
 * Fractions are rounded. JPEG: ITU T.81, EXIF 2.32. PNG and APNG: W3C PNG 3. WebP: RFC 9649. AVIF, HEIC: ISO
 * 23008-12. JPEG XL: ISO 18181.
 *
 *     while ((a = image_measure(head, whole, &size)) == IMAGE_MORE)
 *             read until head has size.need bytes, better some more; whole when that is all there is
 *
 * A reader that will read no further says whole, too: then it gets what the head alone can tell. */
#ifndef INGESTD_IMAGE_SIZE_H
#define INGESTD_IMAGE_SIZE_H

#include "base/span.h"

#define IMAGE_TYPE_MAP(X)                                      \
	X(JPEG, "image/jpeg")                                  \
	X(PNG, "image/png") /* APNG too */                     \
	X(GIF, "image/gif")                                    \
	X(WEBP, "image/webp")                                  \
	X(AVIF, "image/avif")                                  \
	X(HEIC, "image/heic")                                  \
	X(HEIF, "image/heif") /* codec not named by a brand */ \
	X(JXL, "image/jxl")                                    \
	X(BMP, "image/bmp")                                    \
	X(ICO, "image/vnd.microsoft.icon") /* CUR too */       \
	X(ICNS, "image/icns")                                  \
	X(TIFF, "image/tiff")                                  \
	X(SVG, "image/svg+xml")

#define X(name, mime) IMAGE_##name,
enum image_type { IMAGE_NONE, IMAGE_TYPE_MAP(X) IMAGE_TYPES };
#undef X

enum image_answer {
	IMAGE_KNOWN,     /* type, width and height are known; more bytes would not change them */
	IMAGE_MORE,      /* at least `need` bytes from the start are needed; never when whole was said */
	IMAGE_NOT,       /* none of the types above */
	IMAGE_TRUNCATED, /* an image that ends before its size; only when whole was said */
	IMAGE_DAMAGED /* contradicts its own format: size 0, lengths past their box, a marker out of place; or
			 hides its size behind IMAGE_NEED_MAX bytes or, an SVG, IMAGE_SVG_MAX characters */
};

#define IMAGE_NEED_MAX (64u << 20) /* bytes; `need` is never more. A caller's own ceiling will be lower. */
#define IMAGE_SVG_MAX (64u << 10)  /* characters before the end of an SVG's root tag */
#define IMAGE_SIDE_MAX 0x7fffffffu /* pixels; the product may pass 32 bits, and 64 would hold it */

struct image_size {
	enum image_type type;   /* NONE as long as it is not known */
	uint32_t width, height; /* pixels, 1 to IMAGE_SIDE_MAX; both 0 unless KNOWN */
	uint32_t need;          /* with MORE: more than head.len; else 0 */
};

/* Looks at the first bytes of what may be an image; `whole` when no more will come. *ret is always written.
 * Fails never, takes any bytes. */
CHECKED enum image_answer image_measure(struct span head, bool whole, struct image_size *ret);

/* "image/jpeg" and so on; static; NULL for NONE. */
const char *image_mime(enum image_type type);

#endif
