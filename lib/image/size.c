/* SPDX-License-Identifier: MIT */
#include "image/size.h"

#include "image/reader.h"

enum { ENOUGH_FOR_TYPE = 32 }; /* every signature lies within */

enum image_answer image_sides(struct image_size *ret, uint64_t width, uint64_t height)
{
	if (!width || !height || width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX)
		return IMAGE_DAMAGED;
	ret->width = (uint32_t)width;
	ret->height = (uint32_t)height;
	return IMAGE_KNOWN;
}

static bool matches(const struct image_reader *r, uint64_t at, const void *bytes, size_t n)
{
	return r->len >= at + n && memcmp(r->p + at, bytes, n) == 0;
}
#define MATCHES(r, at, literal) matches(r, at, literal, sizeof(literal) - 1)

static enum image_answer png(struct image_reader *r, struct image_size *ret)
{
	uint64_t at = 8;

	ret->type = IMAGE_PNG;
	if (!image_has(r, at, 16))
		return IMAGE_MORE;
	if (MATCHES(r, 12, "CgBI")) { /* Apple's own, stands first */
		uint64_t len = image_be32(r->p + at);

		if (len > 64)
			return IMAGE_DAMAGED;
		at += 12 + len;
		if (!image_has(r, at, 16))
			return IMAGE_MORE;
	}
	if (image_be32(r->p + at) != 13 || !MATCHES(r, at + 4, "IHDR"))
		return IMAGE_DAMAGED;
	return image_sides(ret, image_be32(r->p + at + 8), image_be32(r->p + at + 12));
}

static enum image_answer gif(struct image_reader *r, struct image_size *ret)
{
	ret->type = IMAGE_GIF;
	if (!image_has(r, 6, 4))
		return IMAGE_MORE;
	return image_sides(ret, image_le16(r->p + 6), image_le16(r->p + 8));
}

static enum image_answer webp(struct image_reader *r, struct image_size *ret)
{
	const uint8_t *p = r->p;

	ret->type = IMAGE_WEBP;
	if (!image_has(r, 12, 18 - (MATCHES(r, 12, "VP8L") ? 5 : 0)))
		return IMAGE_MORE;
	if (MATCHES(r, 12, "VP8X"))
		return image_sides(ret, (image_le32(p + 24) & 0xffffff) + 1, (image_le32(p + 26) >> 8) + 1);
	if (MATCHES(r, 12, "VP8L") && p[20] == 0x2f)
		return image_sides(ret, (image_le32(p + 21) & 0x3fff) + 1,
				   (image_le32(p + 21) >> 14 & 0x3fff) + 1);
	if (MATCHES(r, 12, "VP8 ") && !(p[20] & 1) && MATCHES(r, 23, "\x9d\x01\x2a")) /* a key frame */
		return image_sides(ret, image_le16(p + 26) & 0x3fff, image_le16(p + 28) & 0x3fff);
	return IMAGE_DAMAGED;
}

static enum image_answer bmp(struct image_reader *r, struct image_size *ret)
{
	uint32_t header, w, h;

	if (!image_has(r, 14, 12))
		return IMAGE_MORE;
	header = image_le32(r->p + 14);
	if (header < 12 || header > 1024)
		return IMAGE_NOT; /* "BM" alone begins texts, too */
	ret->type = IMAGE_BMP;
	if (header == 12)
		return image_sides(ret, image_le16(r->p + 18), image_le16(r->p + 20));
	w = image_le32(r->p + 18);
	h = image_le32(r->p + 22);
	return image_sides(ret, w, h > IMAGE_SIDE_MAX ? 0u - h : h); /* negative: rows from the top */
}

/* The first entry's data lies behind the directory: tells an icon from what else begins with zeros. */
static enum image_answer ico(struct image_reader *r, struct image_size *ret)
{
	enum { ENTRIES_MAX = 1024 };
	uint64_t count, area = 0;
	uint32_t width = 0, height = 0;

	if (!image_has(r, 0, 6))
		return IMAGE_MORE;
	count = image_le16(r->p + 4);
	if (!count || count > ENTRIES_MAX)
		return IMAGE_NOT;
	if (!image_has(r, 6, 16))
		return IMAGE_MORE;
	if (image_le32(r->p + 14) == 0 || image_le32(r->p + 18) < 6 + 16 * count)
		return IMAGE_NOT;
	ret->type = IMAGE_ICO;
	if (!image_has(r, 6, 16 * count))
		return IMAGE_MORE;
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *entry = r->p + 6 + 16 * i;
		uint32_t w = entry[0] ? entry[0] : 256, h = entry[1] ? entry[1] : 256;

		if ((uint64_t)w * h > area) {
			area = (uint64_t)w * h;
			width = w;
			height = h;
		}
	}
	return image_sides(ret, width, height);
}

/* Side of an icon family's member; 0 for what is no picture. */
static uint32_t icns_side(const uint8_t *type)
{
	static const struct {
		char type[5];
		uint32_t side;
	} sides[] = {{"ICON", 32},  {"ICN#", 32},  {"icm#", 16},  {"icm4", 16},  {"icm8", 16},  {"ics#", 16},
		     {"ics4", 16},  {"ics8", 16},  {"is32", 16},  {"s8mk", 16},  {"icp4", 16},  {"icl4", 32},
		     {"icl8", 32},  {"il32", 32},  {"l8mk", 32},  {"icp5", 32},  {"ic11", 32},  {"ich4", 48},
		     {"ich#", 48},  {"ich8", 48},  {"ih32", 48},  {"h8mk", 48},  {"icp6", 64},  {"ic12", 64},
		     {"it32", 128}, {"t8mk", 128}, {"ic07", 128}, {"ic08", 256}, {"ic13", 256}, {"ic09", 512},
		     {"ic14", 512}, {"ic10", 1024}};

	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		if (memcmp(sides[i].type, type, 4) == 0)
			return sides[i].side;
	return 0;
}

static enum image_answer icns(struct image_reader *r, struct image_size *ret)
{
	enum { MEMBERS_MAX = 256 };
	uint64_t end = image_be32(r->p + 4), at = 8;
	uint32_t side = 0;

	ret->type = IMAGE_ICNS;
	for (unsigned i = 0; i < MEMBERS_MAX && at + 8 <= MIN(end, IMAGE_NEED_MAX); i++) {
		uint32_t len;

		if (!image_has(r, at, 8)) {
			if (r->whole && side)
				break; /* cut: the largest that was seen */
			return IMAGE_MORE;
		}
		len = image_be32(r->p + at + 4);
		if (len < 8 || len > end - at)
			return IMAGE_DAMAGED;
		side = MAX(side, icns_side(r->p + at));
		at += len;
	}
	return image_sides(ret, side, side);
}

static enum image_answer tiff(struct image_reader *r, struct image_size *ret)
{
	enum {
		TAG_WIDTH = 256,
		TAG_HEIGHT = 257,
		TYPE_SHORT = 3,
		TYPE_LONG = 4,
		TYPE_LONG8 = 16,
		ENTRIES_MAX = 512
	};
	bool big = r->p[0] == 'M', wide = image_u16(r->p + 2, big) == 43;
	uint64_t ifd, size[2] = {0}, n, entry = wide ? 20 : 12, head = wide ? 8 : 2;

	ret->type = IMAGE_TIFF;
	if (!image_has(r, 0, wide ? 16 : 8))
		return IMAGE_MORE;
	ifd = image_u32(r->p + 4, big);
	if (wide) /* an offset past 32 bits is out of reach */
		ifd = image_u32(r->p + (big ? 8 : 12), big) ? UINT64_MAX
							    : image_u32(r->p + (big ? 12 : 8), big);
	if (!image_has(r, ifd, head))
		return IMAGE_MORE;
	n = wide && big ? image_be64(r->p + ifd) : image_u16(r->p + ifd, big);
	for (uint64_t i = 0; i < MIN(n, ENTRIES_MAX) && !(size[0] && size[1]); i++) {
		uint64_t at = ifd + head + i * entry;
		uint32_t tag, type;
		const uint8_t *value;

		if (!image_has(r, at, entry))
			return IMAGE_MORE;
		tag = image_u16(r->p + at, big);
		type = image_u16(r->p + at + 2, big);
		if (tag != TAG_WIDTH && tag != TAG_HEIGHT)
			continue;
		value = r->p + at + (wide ? 12 : 8);
		size[tag - TAG_WIDTH] = type == TYPE_SHORT           ? image_u16(value, big)
					: type == TYPE_LONG          ? image_u32(value, big)
					: type == TYPE_LONG8 && wide ? image_u32(value + (big ? 4 : 0), big)
								     : 0;
	}
	return image_sides(ret, size[0], size[1]);
}

static enum image_answer by_signature(struct image_reader *r, struct image_size *ret)
{
	if (MATCHES(r, 0, "\xff\xd8\xff"))
		return image_jpeg(r, ret);
	if (MATCHES(r, 0, "\x89PNG\r\n\x1a\n"))
		return png(r, ret);
	if (MATCHES(r, 0, "GIF87a") || MATCHES(r, 0, "GIF89a"))
		return gif(r, ret);
	if (MATCHES(r, 0, "RIFF") && MATCHES(r, 8, "WEBP"))
		return webp(r, ret);
	if (MATCHES(r, 4, "ftyp") || MATCHES(r, 0, "\0\0\0\x0cJXL \r\n\x87\n"))
		return image_boxes(r, ret);
	if (MATCHES(r, 0, "\xff\x0a"))
		return image_jxl(r, 0, UINT64_MAX, ret);
	if (MATCHES(r, 0, "BM"))
		return bmp(r, ret);
	if (MATCHES(r, 0, "\0\0\1\0") || MATCHES(r, 0, "\0\0\2\0"))
		return ico(r, ret);
	if (MATCHES(r, 0, "icns") && r->len >= 8)
		return icns(r, ret);
	if (MATCHES(r, 0, "II*\0") || MATCHES(r, 0, "MM\0*") || MATCHES(r, 0, "II+\0\10\0") ||
	    MATCHES(r, 0, "MM\0+\0\10"))
		return tiff(r, ret);
	return image_svg(r, ret);
}

enum image_answer image_measure(struct span head, bool whole, struct image_size *ret)
{
	struct image_reader r = {(const uint8_t *)head.ptr, head.len, whole, 0};
	enum image_answer a;

	*ret = (struct image_size){0};
	if (!whole && head.len < ENOUGH_FOR_TYPE) {
		ret->need = ENOUGH_FOR_TYPE;
		return IMAGE_MORE;
	}
	if (!head.len)
		return IMAGE_NOT;
	a = by_signature(&r, ret);
	if (a == IMAGE_MORE && whole)
		return IMAGE_TRUNCATED;
	if (a == IMAGE_MORE && r.need > IMAGE_NEED_MAX)
		return IMAGE_DAMAGED;
	if (a == IMAGE_MORE)
		ret->need = (uint32_t)r.need;
	return a;
}

const char *image_mime(enum image_type type)
{
#define X(name, mime) [IMAGE_##name] = mime,
	static const char *const mimes[IMAGE_TYPES] = {IMAGE_TYPE_MAP(X)};
#undef X

	return mimes[type];
}
