/* SPDX-License-Identifier: MIT */
/* reader.h - bytes at an offset, and the note of which one was missing; for this room's own files.
 *
 * Offsets are 64 bits wide and may lie anywhere: image_has() decides. What it says no to ends the parser that
 * asked, with IMAGE_MORE; image_measure() makes of that what the caller sees. */
#ifndef INGESTD_IMAGE_READER_H
#define INGESTD_IMAGE_READER_H

#include "image/size.h"

struct image_reader {
	const uint8_t *p;
	uint64_t len;
	bool whole;
	uint64_t need; /* by the last image_has() that said no */
};

static inline bool image_has(struct image_reader *r, uint64_t at, uint64_t n)
{
	if (at <= r->len && n <= r->len - at)
		return true;
	r->need = at > UINT64_MAX - n ? UINT64_MAX : at + n;
	return false;
}

/* The caller has asked image_has(). */
static inline uint32_t image_be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t image_be32(const uint8_t *p)
{
	return image_be16(p) << 16 | image_be16(p + 2);
}
static inline uint64_t image_be64(const uint8_t *p)
{
	return (uint64_t)image_be32(p) << 32 | image_be32(p + 4);
}
static inline uint32_t image_le16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t image_le32(const uint8_t *p)
{
	return image_le16(p + 2) << 16 | image_le16(p);
}
static inline uint32_t image_u16(const uint8_t *p, bool big)
{
	return big ? image_be16(p) : image_le16(p);
}
static inline uint32_t image_u32(const uint8_t *p, bool big)
{
	return big ? image_be32(p) : image_le32(p);
}

/* KNOWN, or DAMAGED for a side that is 0 or too long. */
enum image_answer image_sides(struct image_size *ret, uint64_t width, uint64_t height);

/* Each is called with its type's first bytes seen, sets ret->type and never says TRUNCATED. */
enum image_answer image_jpeg(struct image_reader *r, struct image_size *ret);
/* ftyp has been seen: AVIF, HEIC, HEIF, JPEG XL in boxes; NOT for other brands (video). */
enum image_answer image_boxes(struct image_reader *r, struct image_size *ret);
/* `at` is a JPEG XL codestream's first byte (FF 0A); it ends before `end`. */
enum image_answer image_jxl(struct image_reader *r, uint64_t at, uint64_t end, struct image_size *ret);
/* Any bytes: NOT for what is no text or another document. */
enum image_answer image_svg(struct image_reader *r, struct image_size *ret);

#endif
