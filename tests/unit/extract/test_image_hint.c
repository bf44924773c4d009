/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/image_hint.h"

static const struct row {
	const char *name, *url;
	unsigned want;
} rows[] = {
	{"nothing", "https://a.example/pier.jpg", 0},
	{"a number is no size", "https://a.example/2024/05/1200.jpg", 0},
	{"query w", "https://a.example/p.jpg?w=300&q=80", 300},
	{"query width in px", "https://a.example/p.jpg?q=80&Width=300px", 300},
	{"query resize", "https://a.example/p.jpg?resize=640,480", 640},
	{"query fit", "https://a.example/p.jpg?fit=1200x630", 1200},
	{"query of something else", "https://a.example/p.jpg?v=300&height=200", 0},
	{"query that is no number", "https://a.example/p.jpg?w=auto&size=large", 0},
	{"a box as a folder", "https://a.example/thumbs/150x150/p.jpg", 150},
	{"a box behind a name", "https://a.example/pier-1024x683.jpg", 1024},
	{"a box behind a name and more", "https://a.example/pier_300x200_crop.jpg", 300},
	{"parts with marks", "https://a.example/upload/c_fill,w_300,h_200/p.jpg", 300},
	{"marked folder", "https://a.example/w750/p.jpg", 750},
	{"words that begin with w", "https://a.example/world/west-2/p.jpg", 0},
	{"what is too small to be one", "https://a.example/4x4-cars/p.jpg", 0},
	{"too large", "https://a.example/p.jpg?w=99999999999", 0},
	{"a date", "https://a.example/2024-05-07/p.jpg", 0},
};

static void hints(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct url url;

	assert_int_equal(url_parse(span_str(row->url), NULL, &arena, &url, NULL), ERR_OK);
	assert_int_equal(image_hint_width(&url), row->want);
}

int main(void)
{
	return RUN_ROWS("image_hint", rows, hints);
}
