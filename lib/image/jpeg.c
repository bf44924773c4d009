/* SPDX-License-Identifier: MIT */
#include "image/reader.h"

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc, APP1 = 0xe1 };
enum { TAG_ORIENTATION = 0x112, TYPE_SHORT = 3 };

/* The orientation of an EXIF block (from its TIFF header on), 1 where it tells none. What points out of the
 * block tells none: a broken EXIF block does not make a JPEG broken. */
static uint32_t exif_orientation(const uint8_t *p, size_t len)
{
	bool big;
	uint32_t ifd, n;

	if (len < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
		return 1;
	big = p[0] == 'M';
	ifd = image_u32(p + 4, big);
	if (ifd > len - 2)
		return 1;
	n = MIN(image_u16(p + ifd, big), (len - ifd - 2) / 12);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *entry = p + ifd + 2 + (size_t)i * 12;

		if (image_u16(entry, big) == TAG_ORIENTATION) {
			uint32_t v = image_u16(entry + 8, big);

			return image_u16(entry + 2, big) == TYPE_SHORT && v >= 1 && v <= 8 ? v : 1;
		}
	}
	return 1;
}

static bool is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC;
}

static bool stands_alone(unsigned marker)
{
	return marker <= 0x01 || (marker >= 0xd0 && marker <= SOI);
}

struct jpeg {
	uint32_t width, height, orientation; /* width 0: no frame yet; orientation 0: no EXIF yet */
};

static enum image_answer finish(const struct jpeg *j, struct image_size *ret)
{
	return j->orientation >= 5 ? image_sides(ret, j->height, j->width)
				   : image_sides(ret, j->width, j->height);
}

/* At a marker's length; ANSWER KNOWN means: go on. */
static enum image_answer segment(struct image_reader *r, unsigned marker, uint64_t at, uint32_t len,
				 struct jpeg *j)
{
	if (is_frame(marker)) {
		if (len < 8)
			return IMAGE_DAMAGED;
		if (!image_has(r, at, 7))
			return IMAGE_MORE;
		if (!j->width) {
			j->height = image_be16(r->p + at + 3);
			j->width = image_be16(r->p + at + 5);
		}
		return j->width && j->height ? IMAGE_KNOWN : IMAGE_DAMAGED;
	}
	if (marker == APP1 && !j->orientation && len >= 8) {
		if (!image_has(r, at, len))
			return IMAGE_MORE;
		if (memcmp(r->p + at + 2, "Exif\0", 5) == 0)
			j->orientation = exif_orientation(r->p + at + 8, len - 8);
	}
	return IMAGE_KNOWN;
}

/* Up to the frame, and while no EXIF was seen up to the first scan: it may stand behind the frame. */
static enum image_answer walk(struct image_reader *r, struct jpeg *j)
{
	for (uint64_t at = 2; !j->width || !j->orientation;) {
		enum image_answer a;
		const uint8_t *ff;
		unsigned marker;
		uint32_t len;

		if (!image_has(r, at, 2))
			return IMAGE_MORE;
		ff = memchr(r->p + at, 0xff, r->len - at); /* decoders skip what stands between segments */
		at = ff ? (uint64_t)(ff - r->p) : r->len;
		if (!image_has(r, at, 2))
			return IMAGE_MORE;
		marker = r->p[at + 1];
		if (marker == 0xff) { /* a fill byte */
			at++;
			continue;
		}
		at += 2;
		if (stands_alone(marker))
			continue;
		if (marker == SOS || marker == EOI)
			return j->width ? IMAGE_KNOWN : IMAGE_DAMAGED;
		if (!image_has(r, at, 2))
			return IMAGE_MORE;
		len = image_be16(r->p + at);
		if (len < 2)
			return IMAGE_DAMAGED;
		a = segment(r, marker, at, len, j);
		if (a != IMAGE_KNOWN)
			return a;
		at += len;
	}
	return IMAGE_KNOWN;
}

enum image_answer image_jpeg(struct image_reader *r, struct image_size *ret)
{
	struct jpeg j = {0};
	enum image_answer a;

	ret->type = IMAGE_JPEG;
	a = walk(r, &j);
	if (a == IMAGE_KNOWN || (j.width && j.height && (a == IMAGE_DAMAGED || r->whole)))
		return finish(&j, ret);
	return a;
}
