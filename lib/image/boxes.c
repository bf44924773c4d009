/* SPDX-License-Identifier: MIT */
/* Boxes (ISO 14496-12): AVIF and HEIC keep a list of properties (ipco) and say which of them an item has
 * (ipma); the primary item (pitm) is the picture. JPEG XL keeps its codestream in one. */
#include "image/reader.h"

#define FOURCC(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
enum { PROPERTIES_MAX = 32, BRANDS_MAX = 64 };

struct box {
	uint32_t type;
	uint64_t body, end;
};

enum step { STEP_BOX, STEP_END, STEP_MORE, STEP_BAD };

/* The box at `at` inside what ends at `end` (UINT64_MAX: the file's end, wherever that is). */
static enum step next_box(struct image_reader *r, uint64_t at, uint64_t end, struct box *ret)
{
	uint64_t size, head = 8;

	if (at >= end)
		return STEP_END;
	if (!image_has(r, at, 8))
		return STEP_MORE;
	size = image_be32(r->p + at);
	ret->type = image_be32(r->p + at + 4);
	if (size == 1) {
		if (!image_has(r, at, 16))
			return STEP_MORE;
		size = image_be64(r->p + at + 8);
		head = 16;
	} else if (size == 0) {
		size = end - at; /* to the end */
	}
	if (size < head || size > end - at)
		return STEP_BAD;
	ret->body = at + head;
	ret->end = at + size;
	return STEP_BOX;
}

static enum image_answer answer(enum step s)
{
	return s == STEP_MORE ? IMAGE_MORE : IMAGE_DAMAGED;
}

struct item {
	bool has_primary, has_ispe;
	uint32_t primary;
	unsigned n;
	uint32_t want[PROPERTIES_MAX];  /* indices from 1 of the primary item's properties, in order */
	uint64_t where[PROPERTIES_MAX]; /* their bodies; 0 where there is none */
	uint32_t types[PROPERTIES_MAX], width, height;
	uint64_t any_width, any_height; /* the largest of all ispe */
};

/* The entries of an ipma box that is there whole. */
static enum image_answer associations(const struct image_reader *r, const struct box *b, struct item *it)
{
	uint64_t at = b->body + 8;
	uint32_t count, id_size, index_size;

	if (b->end - b->body < 8)
		return IMAGE_DAMAGED;
	id_size = r->p[b->body] ? 4 : 2;
	index_size = r->p[b->body + 3] & 1 ? 2 : 1;
	count = image_be32(r->p + b->body + 4);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t id, n;

		if (b->end - at < id_size + 1)
			return IMAGE_DAMAGED;
		id = id_size == 4 ? image_be32(r->p + at) : image_be16(r->p + at);
		at += id_size;
		n = r->p[at++];
		if (b->end - at < (uint64_t)n * index_size)
			return IMAGE_DAMAGED;
		for (uint32_t k = 0; id == it->primary && k < n && it->n < PROPERTIES_MAX; k++) {
			const uint8_t *p = r->p + at + (uint64_t)k * index_size;

			it->want[it->n++] = index_size == 2 ? image_be16(p) & 0x7fff : p[0] & 0x7fu;
		}
		at += (uint64_t)n * index_size;
	}
	return IMAGE_KNOWN;
}

static enum image_answer properties(struct image_reader *r, const struct box *ipco, struct item *it)
{
	struct box b;
	enum step s;
	uint32_t index = 1;

	for (uint64_t at = ipco->body; (s = next_box(r, at, ipco->end, &b)) == STEP_BOX;
	     at = b.end, index++) {
		if (b.type == FOURCC('i', 's', 'p', 'e') && b.end - b.body >= 12) {
			uint64_t w = image_be32(r->p + b.body + 4), h = image_be32(r->p + b.body + 8);

			if (w * h > it->any_width * it->any_height) {
				it->any_width = w;
				it->any_height = h;
			}
		}
		for (unsigned k = 0; k < it->n; k++)
			if (it->want[k] == index) {
				it->where[k] = b.end - b.body >= 1 ? b.body : 0;
				it->types[k] = b.end - b.body >= (b.type == FOURCC('i', 'r', 'o', 't')   ? 1
								  : b.type == FOURCC('c', 'l', 'a', 'p') ? 32
													 : 12)
						       ? b.type
						       : 0;
			}
	}
	return s == STEP_END ? IMAGE_KNOWN : answer(s);
}

static uint32_t part(const uint8_t *p, uint32_t otherwise)
{
	uint64_t n = image_be32(p), d = image_be32(p + 4), v = d ? (n + d / 2) / d : 0;

	return v && v <= otherwise ? (uint32_t)v : otherwise; /* a crop never grows */
}

static enum image_answer apply(const struct image_reader *r, struct item *it, struct image_size *ret)
{
	for (unsigned k = 0; k < it->n; k++)
		if (it->types[k] == FOURCC('i', 's', 'p', 'e')) {
			it->width = image_be32(r->p + it->where[k] + 4);
			it->height = image_be32(r->p + it->where[k] + 8);
			it->has_ispe = true;
		}
	if (!it->has_ispe)
		return image_sides(ret, it->any_width, it->any_height);
	for (unsigned k = 0; k < it->n; k++) {
		const uint8_t *p = r->p + it->where[k];
		uint32_t width = it->width;

		if (it->types[k] == FOURCC('c', 'l', 'a', 'p')) {
			it->width = part(p, it->width);
			it->height = part(p + 8, it->height);
		} else if (it->types[k] == FOURCC('i', 'r', 'o', 't') && p[0] & 1) {
			it->width = it->height;
			it->height = width;
		}
	}
	return image_sides(ret, it->width, it->height);
}

static enum image_answer item_size(struct image_reader *r, const struct box *iprp, struct item *it,
				   struct image_size *ret)
{
	static const uint32_t order[] = {FOURCC('i', 'p', 'm', 'a'), FOURCC('i', 'p', 'c', 'o')};
	enum image_answer a = IMAGE_KNOWN;
	struct box b;

	if (!image_has(r, iprp->body, iprp->end - iprp->body))
		return IMAGE_MORE;
	for (size_t pass = 0; pass < ARRAY_SIZE(order); pass++) {
		enum step s;

		for (uint64_t at = iprp->body; (s = next_box(r, at, iprp->end, &b)) == STEP_BOX; at = b.end) {
			if (b.type == order[pass])
				a = pass ? properties(r, &b, it) : associations(r, &b, it);
			if (a != IMAGE_KNOWN)
				return a;
		}
		if (s != STEP_END)
			return answer(s);
	}
	return apply(r, it, ret);
}

/* Ends as soon as both the primary item and the properties have been seen. */
static enum image_answer meta(struct image_reader *r, const struct box *m, struct image_size *ret)
{
	struct item it = {0};
	struct box b, iprp = {0};
	enum step s;

	if (m->end - m->body < 4)
		return IMAGE_DAMAGED;
	for (uint64_t at = m->body + 4; (s = next_box(r, at, m->end, &b)) == STEP_BOX; at = b.end) {
		if (b.type == FOURCC('p', 'i', 't', 'm')) {
			if (b.end - b.body < 6)
				return IMAGE_DAMAGED;
			if (!image_has(r, b.body, 6))
				return IMAGE_MORE;
			it.primary = image_be16(r->p + b.body + 4);
			if (r->p[b.body]) {
				if (b.end - b.body < 8)
					return IMAGE_DAMAGED;
				if (!image_has(r, b.body, 8))
					return IMAGE_MORE;
				it.primary = image_be32(r->p + b.body + 4);
			}
			it.has_primary = true;
		} else if (b.type == FOURCC('i', 'p', 'r', 'p')) {
			iprp = b;
		}
		if (it.has_primary && iprp.end)
			return item_size(r, &iprp, &it, ret);
	}
	if (s != STEP_END)
		return answer(s);
	return iprp.end ? item_size(r, &iprp, &it, ret) : IMAGE_DAMAGED;
}

static enum image_type brand_type(uint32_t brand)
{
	switch (brand) {
	case FOURCC('a', 'v', 'i', 'f'):
	case FOURCC('a', 'v', 'i', 's'): return IMAGE_AVIF;
	case FOURCC('h', 'e', 'i', 'c'):
	case FOURCC('h', 'e', 'i', 'x'):
	case FOURCC('h', 'e', 'v', 'c'):
	case FOURCC('h', 'e', 'v', 'x'):
	case FOURCC('h', 'e', 'i', 'm'):
	case FOURCC('h', 'e', 'i', 's'): return IMAGE_HEIC;
	case FOURCC('m', 'i', 'f', '1'):
	case FOURCC('m', 'i', 'f', '2'):
	case FOURCC('m', 's', 'f', '1'): return IMAGE_HEIF;
	case FOURCC('j', 'x', 'l', ' '): return IMAGE_JXL;
	default: return IMAGE_NONE;
	}
}

/* The major brand's type, unless a compatible brand says more. */
static enum image_type file_type(const struct image_reader *r, const struct box *ftyp)
{
	enum image_type type = brand_type(image_be32(r->p + ftyp->body));

	for (uint64_t at = ftyp->body + 8; (type == IMAGE_NONE || type == IMAGE_HEIF) && ftyp->end - at >= 4;
	     at += 4) {
		enum image_type other = brand_type(image_be32(r->p + at));

		if (other != IMAGE_NONE && other != IMAGE_JXL)
			type = other;
	}
	return type;
}

enum image_answer image_boxes(struct image_reader *r, struct image_size *ret)
{
	struct box b;
	enum step s;

	for (uint64_t at = 0; (s = next_box(r, at, UINT64_MAX, &b)) == STEP_BOX; at = b.end) {
		if (b.type == FOURCC('f', 't', 'y', 'p') && ret->type == IMAGE_NONE) {
			if (b.end - b.body < 8 || b.end - b.body > 8 + 4 * BRANDS_MAX)
				return IMAGE_DAMAGED;
			if (!image_has(r, b.body, b.end - b.body))
				return IMAGE_MORE;
			ret->type = file_type(r, &b);
			if (ret->type == IMAGE_NONE)
				return IMAGE_NOT;
		}
		if (ret->type == IMAGE_JXL && b.type == FOURCC('j', 'x', 'l', 'c'))
			return image_jxl(r, b.body, b.end, ret);
		if (ret->type == IMAGE_JXL && b.type == FOURCC('j', 'x', 'l', 'p')) /* the first part */
			return b.end - b.body > 4 ? image_jxl(r, b.body + 4, b.end, ret) : IMAGE_DAMAGED;
		if (ret->type != IMAGE_JXL && ret->type != IMAGE_NONE && b.type == FOURCC('m', 'e', 't', 'a'))
			return meta(r, &b, ret);
	}
	return answer(s);
}

struct bits {
	const uint8_t *p;
	uint64_t len, at; /* in bits */
};

static uint32_t take(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < n; i++, b->at++)
		if (b->at < b->len)
			v |= (uint32_t)(b->p[b->at / 8] >> b->at % 8 & 1) << i;
	return v;
}

static uint64_t take_side(struct bits *b, bool by8)
{
	static const unsigned widths[] = {9, 13, 18, 30};

	return by8 ? 8 * (take(b, 5) + 1) : (uint64_t)take(b, widths[take(b, 2)]) + 1;
}

enum image_answer image_jxl(struct image_reader *r, uint64_t at, uint64_t end, struct image_size *ret)
{
	static const uint8_t ratios[][2] = {{0, 1}, {1, 1},  {12, 10}, {4, 3},
					    {3, 2}, {16, 9}, {5, 4},   {2, 1}};
	enum { HEADER = 13 }; /* bytes with the longest SizeHeader and the metadata's first five bits */
	uint64_t n = MIN(end - at, HEADER), width, height;
	uint32_t ratio, orientation = 1;
	struct bits b;
	bool by8;

	ret->type = IMAGE_JXL;
	if (!image_has(r, at, n)) {
		if (!r->whole || r->len <= at)
			return IMAGE_MORE;
		n = r->len - at;
	}
	b = (struct bits){r->p + at, n * 8, 16};
	if (n < 2 || r->p[at] != 0xff || r->p[at + 1] != 0x0a)
		return IMAGE_DAMAGED;
	by8 = take(&b, 1);
	height = take_side(&b, by8);
	ratio = take(&b, 3);
	width = ratio ? height * ratios[ratio][0] / ratios[ratio][1] : take_side(&b, by8);
	if (!take(&b, 1) && take(&b, 1))
		orientation = take(&b, 3) + 1;
	if (b.at > b.len)
		return end - at > n ? IMAGE_MORE : IMAGE_DAMAGED;
	return orientation >= 5 ? image_sides(ret, height, width) : image_sides(ret, width, height);
}
