/* SPDX-License-Identifier: MIT */
#include "image/whole_inner.h"

#include <zlib.h>

/* ---- the window ---- */

static bool fill(struct window *w, uint64_t at)
{
	size_t n = (size_t)MIN(w->source->len - at, (uint64_t)WINDOW_MAX);

	if (!w->source->read(w->source->arg, at, w->buf, n)) {
		w->failed = err_set(w->e, ERR_IO, "cannot be read");
		w->len = 0;
		return false;
	}
	w->at = at;
	w->len = n;
	return true;
}

const uint8_t *window_get(struct window *w, uint64_t at, size_t n)
{
	if (w->failed || at > w->source->len || n > w->source->len - at || n > WINDOW_MAX)
		return NULL;
	if (at < w->at || at - w->at > w->len || n > w->len - (at - w->at))
		if (!fill(w, at))
			return NULL;
	return w->buf + (at - w->at);
}

const uint8_t *window_some(struct window *w, uint64_t at, size_t *n)
{
	if (w->failed || at >= w->source->len)
		return NULL;
	if (at < w->at || at - w->at >= w->len)
		if (!fill(w, at))
			return NULL;
	*n = w->len - (size_t)(at - w->at);
	return w->buf + (at - w->at);
}

bool window_part(struct window *w)
{
	if (++w->parts <= IMAGE_WHOLE_PARTS_MAX)
		return true;
	if (!w->failed)
		w->failed = err_set(w->e, ERR_TOOBIG, "has more than %d parts", IMAGE_WHOLE_PARTS_MAX);
	return false;
}

enum err window_damaged(struct window *w, const char *why)
{
	return w->failed ? w->failed : err_set(w->e, ERR_DAMAGED, "%s", why);
}

/* ---- JPEG ---- */

/* Behind the entropy-coded bytes that begin at *at: at the marker that ends them. */
static bool skip_scan(struct window *w, uint64_t *at)
{
	for (;;) {
		size_t n;
		const uint8_t *p = window_some(w, *at, &n), *ff = p ? memchr(p, 0xff, n) : NULL;

		if (!p)
			return false;
		*at += ff ? (uint64_t)(ff - p) : n;
		if (!ff)
			continue;
		p = window_get(w, *at, 2);
		if (!p)
			return false;
		if (p[1] == 0xff) /* fill */
			*at += 1;
		else if (p[1] == 0 || (p[1] >= 0xd0 && p[1] <= 0xd7)) /* a stuffed byte, a restart */
			*at += 2;
		else
			return true;
	}
}

static bool is_frame(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static enum err jpeg(struct window *w)
{
	static const char cut[] = "ends before its end marker";
	uint64_t at = 2;
	bool frame = false, scan = false;

	while (window_part(w)) {
		const uint8_t *p = window_get(w, at, 2);
		uint32_t len;
		uint8_t marker;

		if (!p)
			return window_damaged(w, cut);
		marker = p[1];
		if (p[0] != 0xff)
			return window_damaged(w, "no marker where one belongs");
		if (marker == 0xff) {
			at++;
			continue;
		}
		if (marker == 0xd9)
			return frame && scan ? ERR_OK : window_damaged(w, "ends without a picture");
		at += 2;
		if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7))
			continue;
		p = window_get(w, at, 2);
		len = p ? image_be16(p) : 0;
		if (!p || len > w->source->len - at)
			return window_damaged(w, cut);
		if (marker == 0 || marker == 0xd8 || len < 2)
			return window_damaged(w, "a marker that cannot be");
		frame |= is_frame(marker);
		at += len;
		if (marker != 0xda)
			continue;
		if (!frame)
			return window_damaged(w, "a scan before its frame");
		scan = true;
		if (!skip_scan(w, &at))
			return window_damaged(w, cut);
	}
	return w->failed;
}

/* ---- PNG ---- */

static bool crc_holds(struct window *w, uint64_t at, uint64_t len)
{
	uLong crc = crc32(0, NULL, 0);
	const uint8_t *p;

	for (uint64_t end = at + len; at < end;) {
		size_t n;

		p = window_some(w, at, &n);
		if (!p)
			return false;
		n = (size_t)MIN((uint64_t)n, end - at);
		crc = crc32(crc, p, (uInt)n);
		at += n;
	}
	p = window_get(w, at, 4);
	return p && image_be32(p) == crc;
}

static enum err png(struct window *w)
{
	bool header = false, data = false;

	for (uint64_t at = 8; window_part(w);) {
		const uint8_t *p = window_get(w, at, 8);
		uint32_t len = p ? image_be32(p) : 0;
		bool first = at == 8, end;

		if (!p || (uint64_t)len + 12 > w->source->len - at)
			return window_damaged(w, "ends before its last chunk");
		header |= memcmp(p + 4, "IHDR", 4) == 0;
		data |= memcmp(p + 4, "IDAT", 4) == 0;
		end = memcmp(p + 4, "IEND", 4) == 0;
		if (!header && !(first && memcmp(p + 4, "CgBI", 4) == 0))
			return window_damaged(w, "does not begin with its header");
		if (!crc_holds(w, at + 4, (uint64_t)len + 4))
			return window_damaged(w, "a chunk's checksum is wrong");
		if (end)
			return data ? ERR_OK : window_damaged(w, "ends without a picture");
		at += (uint64_t)len + 12;
	}
	return w->failed;
}

/* ---- GIF ---- */

static bool skip_blocks(struct window *w, uint64_t *at)
{
	while (window_part(w)) {
		const uint8_t *p = window_get(w, *at, 1);

		if (!p)
			return false;
		*at += 1u + p[0];
		if (!p[0])
			return true;
	}
	return false;
}

static enum err gif(struct window *w)
{
	static const char cut[] = "ends before its trailer";
	const uint8_t *p = window_get(w, 10, 1);
	uint64_t at = 13 + (p && p[0] & 0x80 ? UINT64_C(3) << ((p[0] & 7) + 1) : 0);
	bool picture = false;

	while (window_part(w)) {
		p = window_get(w, at, 1);
		if (!p)
			return window_damaged(w, cut);
		if (p[0] == 0x3b)
			return picture ? ERR_OK : window_damaged(w, "ends without a picture");
		if (p[0] == 0x21) {
			at += 2;
		} else if (p[0] == 0x2c) {
			p = window_get(w, at, 11);
			if (!p)
				return window_damaged(w, cut);
			at += 11 + (p[9] & 0x80 ? UINT64_C(3) << ((p[9] & 7) + 1) : 0);
			picture = true;
		} else {
			return window_damaged(w, "a block of no kind");
		}
		if (!skip_blocks(w, &at))
			return window_damaged(w, cut);
	}
	return w->failed;
}

/* ---- WebP ---- */

static enum err webp(struct window *w)
{
	const uint8_t *p = window_get(w, 4, 4);
	uint64_t end = p ? image_le32(p) + UINT64_C(8) : 0;
	bool picture = false;

	if (!p || end > w->source->len)
		return window_damaged(w, "ends before its RIFF size");
	/* a last byte of padding may be missing from the size */
	for (uint64_t at = 12; at + 8 <= end && window_part(w);) {
		uint32_t len;

		p = window_get(w, at, 8);
		len = p ? image_le32(p + 4) : 0;
		if (!p || len > end - at - 8)
			return window_damaged(w, "a chunk is longer than the file");
		picture |=
			memcmp(p, "VP8 ", 4) == 0 || memcmp(p, "VP8L", 4) == 0 || memcmp(p, "ANMF", 4) == 0;
		at += 8 + (uint64_t)len + (len & 1);
	}
	return !w->failed && picture ? ERR_OK : window_damaged(w, "ends without a picture");
}

/* ---- BMP, ICO ---- */

static enum err bmp(struct window *w)
{
	const uint8_t *p = window_get(w, 0, 26);
	uint64_t offset, width, height, bits, size = 0;

	if (!p)
		return window_damaged(w, "ends inside its header");
	offset = image_le32(p + 10);
	if (image_le32(p + 14) == 12) {
		width = image_le16(p + 18);
		height = image_le16(p + 20);
		bits = image_le16(p + 24);
		size = (width * bits + 31) / 32 * 4 * height;
	} else {
		p = window_get(w, 0, 38);
		if (!p)
			return window_damaged(w, "ends inside its header");
		width = image_le32(p + 18);
		height = image_le32(p + 22);
		if (height > IMAGE_SIDE_MAX)
			height = UINT64_C(0x100000000) - height;
		bits = image_le16(p + 28);
		size = image_le32(p + 30) == 0 || image_le32(p + 30) == 3
			       ? (MIN(width, (uint64_t)IMAGE_SIDE_MAX) * bits + 31) / 32 * 4
			       : image_le32(p + 34);
		if (image_le32(p + 30) == 0 || image_le32(p + 30) == 3)
			size = height && size > UINT64_MAX / height ? UINT64_MAX : size * height;
	}
	if (bits > 64 || offset > w->source->len || size > w->source->len - offset)
		return window_damaged(w, "ends before its last row");
	return ERR_OK;
}

static enum err ico(struct window *w)
{
	const uint8_t *p = window_get(w, 0, 6);
	uint32_t count = p ? image_le16(p + 4) : 0;

	for (uint32_t i = 0; i < count; i++) {
		p = window_get(w, 6 + UINT64_C(16) * i, 16);
		if (!p || !image_le32(p + 8) ||
		    image_le32(p + 12) + (uint64_t)image_le32(p + 8) > w->source->len)
			return window_damaged(w, "one of its pictures is not there");
	}
	return count ? ERR_OK : window_damaged(w, "has no pictures");
}

/* ---- all ---- */

enum err image_whole(const struct image_source *source, enum image_type type, struct error *e)
{
	struct window w;

	w.source = source;
	w.e = e;
	w.at = w.len = 0;
	w.parts = 0;
	w.failed = ERR_OK;
	switch (type) {
	case IMAGE_JPEG: return jpeg(&w);
	case IMAGE_PNG: return png(&w);
	case IMAGE_GIF: return gif(&w);
	case IMAGE_WEBP: return webp(&w);
	case IMAGE_AVIF:
	case IMAGE_HEIC:
	case IMAGE_HEIF:
	case IMAGE_JXL: return whole_boxes(&w, type);
	case IMAGE_BMP: return bmp(&w);
	case IMAGE_ICO: return ico(&w);
	case IMAGE_SVG: return whole_svg(&w);
	case IMAGE_ICNS:
	case IMAGE_TIFF:
	case IMAGE_NONE:
	case IMAGE_TYPES:
	default: return err_set(e, ERR_UNSUPPORTED, "no image that browsers show");
	}
}

static bool read_span(void *arg, uint64_t at, void *to, size_t n)
{
	const struct span *bytes = arg;

	memcpy(to, bytes->ptr + at, n);
	return true;
}

enum err image_whole_span(struct span bytes, enum image_type type, struct error *e)
{
	const struct image_source source = {bytes.len, read_span, &bytes};

	return image_whole(&source, type, e);
}

const char *image_suffix(enum image_type type)
{
	static const char *const suffixes[IMAGE_TYPES] = {
		[IMAGE_NONE] = "",      [IMAGE_JPEG] = ".jpg",  [IMAGE_PNG] = ".png",
		[IMAGE_GIF] = ".gif",   [IMAGE_WEBP] = ".webp", [IMAGE_AVIF] = ".avif",
		[IMAGE_HEIC] = ".heic", [IMAGE_HEIF] = ".heif", [IMAGE_JXL] = ".jxl",
		[IMAGE_BMP] = ".bmp",   [IMAGE_ICO] = ".ico",   [IMAGE_ICNS] = ".icns",
		[IMAGE_TIFF] = ".tiff", [IMAGE_SVG] = ".svg",
	};

	return suffixes[type];
}
