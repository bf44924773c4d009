/* SPDX-License-Identifier: MIT */
/* The root tag of an SVG and no more: no tree, no entities, nothing external. Text is read as UTF-16 when it
 * begins as that does, else by bytes: what matters here is ASCII in every other encoding that is met. */
#include "image/reader.h"

struct text {
	struct image_reader *r;
	uint64_t start, at, end; /* `at` and `end` in characters */
	unsigned size, low;      /* bytes of a character; which of them is the ASCII one */
};

/* What a character is when there is none. */
enum { NONE = -1, OTHER = 0x80 };

static int peek(const struct text *t, uint64_t ahead)
{
	const uint8_t *p;

	if (t->at + ahead >= t->end)
		return NONE;
	p = t->r->p + t->start + (t->at + ahead) * t->size;
	if (t->size == 2 && p[!t->low])
		return OTHER;
	return p[t->low];
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct text *t)
{
	while (is_space(peek(t, 0)))
		t->at++;
}

static bool starts(const struct text *t, const char *ascii)
{
	for (uint64_t i = 0; ascii[i]; i++) {
		int c = peek(t, i);

		if (c < 0 || c > 0x7f || byte_lower((char)c) != ascii[i])
			return false;
	}
	return true;
}

/* Behind the next `ascii`; false when it does not come. */
static bool skip_past(struct text *t, const char *ascii)
{
	for (; t->at < t->end; t->at++)
		if (peek(t, 0) == ascii[0] && starts(t, ascii)) {
			t->at += strlen(ascii);
			return true;
		}
	return false;
}

/* Behind a document type, its internal subset included; quotes and comments may hold brackets. */
static bool skip_doctype(struct text *t)
{
	unsigned depth = 0;

	for (int c; (c = peek(t, 0)) != NONE;) {
		if (starts(t, "<!--")) {
			if (!skip_past(t, "-->"))
				return false;
			continue;
		}
		t->at++;
		if (c == '"' || c == '\'') {
			if (!skip_past(t, c == '"' ? "\"" : "'"))
				return false;
		} else if (c == '[') {
			depth++;
		} else if (c == ']' && depth) {
			depth--;
		} else if (c == '>' && !depth) {
			return true;
		}
	}
	return false;
}

/* A number as CSS writes it; 0 where there is none. */
static bool number(struct text *t, uint64_t end, double *ret)
{
	double v = 0, scale = 1, sign = 1;
	unsigned digits = 0;

	if (t->at < end && (peek(t, 0) == '-' || peek(t, 0) == '+'))
		sign = peek(t, 0) == '-' ? -1 : 1, t->at++;
	for (bool fraction = false; t->at < end; t->at++) {
		int c = peek(t, 0);

		if (c >= '0' && c <= '9') {
			v = v * 10 + (c - '0');
			if (fraction)
				scale *= 10;
			if (++digits > 40)
				return false;
		} else if (c == '.' && !fraction) {
			fraction = true;
		} else {
			break;
		}
	}
	if (t->at + 1 < end && (peek(t, 0) == 'e' || peek(t, 0) == 'E')) {
		bool minus = peek(t, 1) == '-';
		uint64_t skip = minus || peek(t, 1) == '+' ? 2 : 1;
		int power = 0;

		if (t->at + skip < end && peek(t, skip) >= '0' && peek(t, skip) <= '9') {
			for (t->at += skip; t->at < end && peek(t, 0) >= '0' && peek(t, 0) <= '9'; t->at++)
				power = MIN(power * 10 + peek(t, 0) - '0', 99);
			for (; power; power--)
				*(minus ? &scale : &v) *= 10;
		}
	}
	*ret = sign * v / scale;
	return digits > 0;
}

/* A length in pixels; 0 for a percentage and whatever else tells none. A size of 0 is `zero`. */
static double length(struct text *t, uint64_t end, bool *zero)
{
	static const struct {
		const char *name;
		double px;
	} units[] = {{"px", 1},         {"in", 96}, {"cm", 96 / 2.54}, {"mm", 96 / 25.4}, {"q", 96 / 101.6},
		     {"pt", 96 / 72.0}, {"pc", 16}, {"em", 16},        {"rem", 16},       {"ex", 8}};
	double v, px = 0;

	skip_space(t);
	if (!number(t, end, &v))
		return 0;
	skip_space(t);
	if (t->at == end)
		px = 1;
	for (size_t i = 0; i < ARRAY_SIZE(units) && px <= 0; i++)
		if (starts(t, units[i].name)) {
			uint64_t at = t->at;

			t->at += strlen(units[i].name);
			skip_space(t);
			if (t->at == end)
				px = units[i].px;
			t->at = at;
		}
	if (px > 0 && v <= 0)
		*zero = true;
	return px > 0 && v > 0 ? v * px : 0;
}

struct root {
	double width, height, box_width, box_height;
	bool zero;
};

static void view_box(struct text *t, uint64_t end, struct root *root)
{
	double v[4];

	for (unsigned i = 0; i < 4; i++) {
		while (t->at < end && (is_space(peek(t, 0)) || peek(t, 0) == ','))
			t->at++;
		if (!number(t, end, &v[i]))
			return;
	}
	if (v[2] > 0 && v[3] > 0) {
		root->box_width = v[2];
		root->box_height = v[3];
	}
}

/* Behind "<svg", to the tag's end. KNOWN when that was there. */
static enum image_answer attributes(struct text *t, struct root *root)
{
	for (;;) {
		uint64_t name, name_len, value;
		struct text whole = *t;
		int c, quote;

		skip_space(t);
		c = peek(t, 0);
		if (c == NONE)
			return IMAGE_MORE;
		if (c == '>' || c == '/')
			return IMAGE_KNOWN;
		name = t->at;
		while ((c = peek(t, 0)) != NONE && !is_space(c) && c != '=' && c != '>' && c != '/')
			t->at++;
		name_len = t->at - name;
		skip_space(t);
		if (peek(t, 0) == NONE)
			return IMAGE_MORE;
		if (!name_len || peek(t, 0) != '=')
			return IMAGE_DAMAGED;
		t->at++;
		skip_space(t);
		quote = peek(t, 0);
		if (quote == NONE)
			return IMAGE_MORE;
		if (quote != '"' && quote != '\'')
			return IMAGE_DAMAGED;
		value = ++t->at;
		if (!skip_past(t, quote == '"' ? "\"" : "'"))
			return IMAGE_MORE;
		/* the value alone: what reads it stops at its end */
		whole.end = t->at - 1;
		whole.at = name;
		if (name_len == 5 && starts(&whole, "width")) {
			whole.at = value;
			root->width = length(&whole, whole.end, &root->zero);
		} else if (name_len == 6 && starts(&whole, "height")) {
			whole.at = value;
			root->height = length(&whole, whole.end, &root->zero);
		} else if (name_len == 7 && starts(&whole, "viewbox")) {
			whole.at = value;
			view_box(&whole, whole.end, root);
		}
	}
}

static enum image_answer finish(const struct root *root, struct image_size *ret)
{
	double w = root->width, h = root->height;

	if (root->zero)
		return IMAGE_DAMAGED;
	if (root->box_width > 0) {
		double ratio = root->box_width / root->box_height;

		if (w <= 0 && h <= 0) {
			w = root->box_width;
			h = root->box_height;
		} else if (w <= 0) {
			w = h * ratio;
		} else if (h <= 0) {
			h = w / ratio;
		}
	}
	if (!(w > 0 && h > 0 && w < IMAGE_SIDE_MAX && h < IMAGE_SIDE_MAX))
		return IMAGE_DAMAGED;
	/* half a pixel is one */
	return image_sides(ret, w < 1 ? 1 : (uint64_t)(w + 0.5), h < 1 ? 1 : (uint64_t)(h + 0.5));
}

enum { ROOT_MAX = 64 }; /* characters of a root's name, prefix included */

static bool root_tag(struct text *t)
{
	uint64_t name = t->at + 1, end = t->at + ROOT_MAX;
	int c = NONE;

	for (t->at = name; t->at < end && (c = peek(t, 0)) != NONE && !is_space(c) && c != '>' && c != '/';
	     t->at++)
		if (c == ':')
			name = t->at + 1;
	if (t->at < end && c != NONE && t->at - name == 3) {
		t->at = name;
		if (starts(t, "svg")) {
			t->at += 3;
			return true;
		}
	}
	return false;
}

/* What stands before the root tag. KNOWN: at "<svg", behind it. */
static enum image_answer prolog(struct text *t, struct image_size *ret)
{
	for (;;) {
		bool there;
		uint64_t at;

		skip_space(t);
		if (t->end - t->at < 16 && t->end - t->at > 0 && !t->r->whole && peek(t, 0) == '<')
			return IMAGE_MORE; /* "<!DOCTYPE html" can be told from here on */
		if (peek(t, 0) == NONE)
			return IMAGE_MORE;
		if (starts(t, "<?")) {
			there = skip_past(t, "?>");
		} else if (starts(t, "<!--")) {
			t->at += 4;
			there = skip_past(t, "-->");
		} else if (starts(t, "<!doctype")) {
			t->at += 9;
			at = t->at;
			skip_space(t);
			if (starts(t, "html"))
				return IMAGE_NOT;
			if (at == t->at && peek(t, 0) != NONE)
				return IMAGE_NOT;
			there = skip_doctype(t);
		} else if (peek(t, 0) == '<') {
			at = t->at;
			if (root_tag(t)) {
				ret->type = IMAGE_SVG;
				return IMAGE_KNOWN;
			}
			return peek(t, 0) == NONE && t->end - at < ROOT_MAX ? IMAGE_MORE : IMAGE_NOT;
		} else {
			return IMAGE_NOT;
		}
		if (!there)
			return IMAGE_MORE;
	}
}

enum image_answer image_svg(struct image_reader *r, struct image_size *ret)
{
	struct text t = {.r = r, .size = 1};
	struct root root = {0};
	enum image_answer a;
	uint64_t there;

	if (r->len >= 3 && memcmp(r->p, "\xef\xbb\xbf", 3) == 0) {
		t.start = 3;
	} else if (r->len >= 2 &&
		   ((r->p[0] == 0xfe && r->p[1] == 0xff) || (r->p[0] == 0xff && r->p[1] == 0xfe))) {
		t.start = t.size = 2;
		t.low = r->p[0] == 0xfe;
	} else if (r->len >= 2 && ((!r->p[0] && r->p[1] == '<') || (r->p[0] == '<' && !r->p[1]))) {
		t.size = 2;
		t.low = !r->p[0];
	}
	there = (r->len - t.start) / t.size;
	t.end = MIN(there, IMAGE_SVG_MAX);
	a = prolog(&t, ret);
	if (a == IMAGE_KNOWN)
		a = attributes(&t, &root);
	if (a == IMAGE_KNOWN)
		return finish(&root, ret);
	if (a != IMAGE_MORE)
		return a;
	if (there >= IMAGE_SVG_MAX)
		return ret->type == IMAGE_SVG ? IMAGE_DAMAGED : IMAGE_NOT;
	r->need = r->len + 1;
	/* an XML text of which no root was seen is no image yet */
	return r->whole && ret->type != IMAGE_SVG ? IMAGE_NOT : IMAGE_MORE;
}
