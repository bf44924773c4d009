/* SPDX-License-Identifier: MIT */
/* AVIF, HEIC (ISO 14496-12 boxes, items by iloc) and JPEG XL (ISO 18181-2). */
#include "image/whole_inner.h"

#define FOURCC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

struct box {
	uint32_t type;
	uint64_t body, end;
};

/* The box at `at`, which must end by `end`. A size of 0 means: to the end. */
static bool box_at(struct window *w, uint64_t at, uint64_t end, struct box *ret)
{
	const uint8_t *p = end - at >= 8 && window_part(w) ? window_get(w, at, 8) : NULL;
	uint64_t len, head = 8;

	if (!p)
		return false;
	len = image_be32(p);
	ret->type = image_be32(p + 4);
	if (len == 1) {
		p = end - at >= 16 ? window_get(w, at, 16) : NULL;
		if (!p)
			return false;
		len = image_be64(p + 8);
		head = 16;
	} else if (len == 0) {
		len = end - at;
	}
	if (len < head || len > end - at)
		return false;
	ret->body = at + head;
	ret->end = at + len;
	return true;
}

/* A number of 0, 4 or 8 bytes. */
static bool number(struct window *w, uint64_t *at, uint64_t end, unsigned bytes, uint64_t *ret)
{
	const uint8_t *p = bytes <= end - *at ? window_get(w, *at, bytes) : NULL;

	if (!p)
		return false;
	*ret = 0;
	for (unsigned i = 0; i < bytes; i++)
		*ret = *ret << 8 | p[i];
	*at += bytes;
	return true;
}

/* Every extent that lies in the file itself does lie there. */
static bool items_are_there(struct window *w, const struct box *iloc)
{
	uint64_t at = iloc->body, end = iloc->end, count, v[4], head;
	unsigned version, offset_size, length_size, base_size, index_size;

	if (!number(w, &at, end, 4, &head) || !number(w, &at, end, 2, v))
		return false;
	version = (unsigned)(head >> 24);
	offset_size = (unsigned)(v[0] >> 12 & 15);
	length_size = (unsigned)(v[0] >> 8 & 15);
	base_size = (unsigned)(v[0] >> 4 & 15);
	index_size = version ? (unsigned)(v[0] & 15) : 0;
	if (version > 2 || offset_size > 8 || length_size > 8 || base_size > 8 || index_size > 8 ||
	    !number(w, &at, end, version == 2 ? 4 : 2, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t method = 0, base, extents;

		if (!window_part(w) || !number(w, &at, end, version == 2 ? 4 : 2, v) ||
		    (version && !number(w, &at, end, 2, &method)) || !number(w, &at, end, 2, v) ||
		    !number(w, &at, end, base_size, &base) || !number(w, &at, end, 2, &extents))
			return false;
		for (uint64_t k = 0; k < extents; k++) {
			uint64_t offset, len;

			if (!window_part(w) || !number(w, &at, end, index_size, v) ||
			    !number(w, &at, end, offset_size, &offset) ||
			    !number(w, &at, end, length_size, &len))
				return false;
			if ((method & 15) == 0 && (base > w->source->len || offset > w->source->len - base ||
						   len > w->source->len - base - offset))
				return false;
		}
	}
	return true;
}

static enum err items(struct window *w, const struct box *meta)
{
	struct box b;

	if (meta->end - meta->body < 4)
		return window_damaged(w, "its meta box is empty");
	for (uint64_t at = meta->body + 4; at < meta->end; at = b.end) {
		if (!box_at(w, at, meta->end, &b))
			return window_damaged(w, "a box is longer than what it lies in");
		if (b.type == FOURCC('i', 'l', 'o', 'c') && !items_are_there(w, &b))
			return window_damaged(w, "ends before its picture");
	}
	return ERR_OK;
}

enum err whole_boxes(struct window *w, enum image_type type)
{
	const uint8_t *p = window_get(w, 0, 2);
	bool picture = false, last = false, data = false;
	struct box b;

	if (type == IMAGE_JXL && p && p[0] == 0xff && p[1] == 0x0a)
		return ERR_OK; /* a bare codestream */
	for (uint64_t at = 0; at < w->source->len; at = b.end) {
		enum err r = ERR_OK;

		/* what stands behind the picture need not be boxes */
		if (!box_at(w, at, w->source->len, &b)) {
			if (!w->failed && (type == IMAGE_JXL ? last : picture && data))
				break;
			return window_damaged(w, "a box is longer than the file");
		}
		data |= b.type == FOURCC('m', 'd', 'a', 't') || b.type == FOURCC('i', 'd', 'a', 't');
		if (type == IMAGE_JXL && b.type == FOURCC('j', 'x', 'l', 'c')) {
			last = true;
		} else if (type == IMAGE_JXL && b.type == FOURCC('j', 'x', 'l', 'p')) {
			p = b.end - b.body >= 4 ? window_get(w, b.body, 4) : NULL;
			if (!p)
				return window_damaged(w, "a part without its number");
			last |= image_be32(p) >> 31;
		} else if (b.type == FOURCC('m', 'e', 't', 'a')) {
			r = items(w, &b);
			picture = true;
		} else if (b.type == FOURCC('m', 'o', 'o', 'v')) {
			picture = true;
		}
		if (r)
			return r;
	}
	if (w->failed || !(type == IMAGE_JXL ? last : picture))
		return window_damaged(w, "ends without a picture");
	return ERR_OK;
}
