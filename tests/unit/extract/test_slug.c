/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/slug.h"

static const struct row {
	const char *name, *path, *slug, *text;
	unsigned words, held;
} rows[] = {
	{"no path", "", NULL, "Night buses stay", 0, 0},
	{"a section", "/news/town", NULL, "News in town", 0, 0},
	{"one hyphen is a name's", "/town-hall/opening", NULL, "Town hall", 0, 0},
	{"a title", "/news/night-buses-stay", "night-buses-stay", "NIGHT buses stay in town", 3, 3},
	{"the longest", "/a-b-c/council-keeps-night-buses/", "council-keeps-night-buses", "Night buses", 4,
	 2},
	{"a kind of file", "/council_keeps_night_buses.html", "council_keeps_night_buses.html",
	 "Council keeps night buses", 4, 4},
	{"numbers tell nothing", "/night-buses-stay-4711", "night-buses-stay-4711", "Night buses stay", 3, 3},
	{"short words neither", "/a-day-at-the-pier", "a-day-at-the-pier", "Pier", 3, 1},
	{"none of them", "/night-buses-stay", "night-buses-stay", "", 3, 0},
	{"nothing but marks", "/---", "---", "Night buses", 0, 0},
};

static void slugs(void **state)
{
	const struct row *row = *state;
	struct span slug = slug_of(span_str(row->path));
	unsigned words;

	assert_true(row->slug ? span_eq_str(slug, row->slug) : !slug.len);
	assert_int_equal(slug_words_in(slug, span_str(row->text), &words), row->held);
	assert_int_equal(words, row->words);
}

static const struct stem_row {
	const char *name, *slug, *text;
	unsigned words, held;
} stem_rows[] = {
	{"accents are written out", "filmbuero-goettingen-oeffnet", "Das Filmbüro in Göttingen öffnet", 3, 1},
	{"endings differ", "councils-approving-paths", "Council approves a path", 3, 2},
	{"short words tell nothing", "a-day-at-the-pier", "a day at the pier", 1, 1},
	{"nor do keys", "1c62-b0eb-3b4d-7bb979", "1c62 b0eb", 0, 0},
	{"another page", "harbour-bridge-reopens", "Nothing here", 3, 0},
};

static void stems(void **state)
{
	const struct stem_row *row = *state;
	unsigned words;

	assert_int_equal(slug_stems_in(span_str(row->slug), span_str(row->text), &words), row->held);
	assert_int_equal(words, row->words);
}

int main(void)
{
	int failed = RUN_ROWS("slug", rows, slugs);

	return failed + RUN_ROWS("stem", stem_rows, stems);
}
