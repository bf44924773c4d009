/* SPDX-License-Identifier: MIT */
#include "extract/image_hint.h"

enum { WIDTH_MIN = 16, WIDTH_MAX = 20000 };

/* The number that s begins with; its digits are taken off. 0: none, or no width. */
static unsigned leading(struct span *s)
{
	unsigned n = 0;
	size_t i = 0;

	for (; i < s->len && byte_is_digit(s->ptr[i]); i++)
		n = MIN(n * 10 + (unsigned)(s->ptr[i] - '0'), (unsigned)WIDTH_MAX + 1);
	*s = span_sub(*s, i, s->len);
	return i && n <= WIDTH_MAX ? n : 0;
}

/* "300", "300px", "300,200", "300x200", "300:*" */
static unsigned value_width(struct span value)
{
	unsigned n = leading(&value);

	return !value.len || span_eq_nocase(value, SPAN("px")) || strchr(",x:*%", value.ptr[0]) ? n : 0;
}

static unsigned query_width(struct span query)
{
	static const char *const names[] = {"w",      "width", "imwidth", "im_w",   "maxwidth", "max-width",
					    "resize", "size",  "fit",     "crop_w", "sw",       "wid"};
	struct span pair;

	while ((pair = span_split(&query, '&')).ptr) {
		struct span name = span_split(&pair, '=');

		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (span_eq_nocase(name, span_str(names[i])) && value_width(pair))
				return value_width(pair);
	}
	return 0;
}

/* "300x200" and nothing but a letter's end behind it. */
static unsigned box_width(struct span s)
{
	unsigned w = leading(&s);

	if (!w || !s.len || (s.ptr[0] != 'x' && s.ptr[0] != 'X'))
		return 0;
	s = span_sub(s, 1, s.len);
	return w >= WIDTH_MIN && leading(&s) && (!s.len || !byte_is_alnum(s.ptr[0])) ? w : 0;
}

/* "w_300", "w300", "w-300", "width=300", as one of a segment's parts. */
static unsigned marked_width(struct span s)
{
	if (span_starts_nocase(s, SPAN("width")))
		s = span_sub(s, 5, s.len);
	else if (s.len && byte_lower(s.ptr[0]) == 'w')
		s = span_sub(s, 1, s.len);
	else
		return 0;
	if (s.len && strchr("_-=:", s.ptr[0]))
		s = span_sub(s, 1, s.len);
	return value_width(s);
}

static unsigned segment_width(struct span segment)
{
	struct span rest = segment, part;
	unsigned w = box_width(segment);

	while (!w && (part = span_split(&rest, ',')).ptr)
		w = marked_width(part);
	/* the end of a file's name: "-300x200.jpg", "_w300.jpg" */
	for (size_t i = 1; i < segment.len && !w; i++)
		if (segment.ptr[i - 1] == '-' || segment.ptr[i - 1] == '_')
			w = box_width(span_sub(segment, i, segment.len));
	return w;
}

unsigned image_hint_width(const struct url *url)
{
	unsigned w = query_width(url->query);
	struct span path = url->path, segment;

	while (!w && (segment = span_split(&path, '/')).ptr)
		w = segment_width(segment);
	return w;
}
