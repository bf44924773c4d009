/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/shape.h"

static const struct row {
	const char *name, *preset;
	struct shape_key key;
	const char *want; /* in the error's text; NULL: none */
} rows[] = {
	{"a field", NULL, {"excerpt", "summary|description"}, NULL},
	{"short name", "hugo", {"image", "cover.image"}, NULL},
	{"sizes with their path", NULL, {"width", "images[].w"}, NULL},
	{"no key at all", NULL, {"type", ""}, NULL},
	{"local", NULL, {"images", "heroImage(local)"}, NULL},
	{"unknown preset", "hugoo", {"title", "title"}, "no preset is called 'hugoo'"},
	{"unknown name", NULL, {"exerpt", "summary"}, "unknown name 'exerpt'; allowed are title, "},
	{"a page's field is no link's", NULL, {"authors", "authors"}, "unknown name 'authors'"},
	{"empty step", NULL, {"images", "image..path"}, "images: an empty step in the key 'image..path'"},
	{"empty alternative", NULL, {"excerpt", "a|"}, "excerpt: an empty step"},
	{"index", NULL, {"images", "images[0].url"}, "only 'name[]' is understood"},
	{"list for a text", NULL, {"title", "titles[]"}, "title: takes one value"},
	{"steps behind a list", NULL, {"images", "images[].a.b"}, "one step at most may follow '[]'"},
	{"too deep", NULL, {"title", "a.b.c.d.e.f.g"}, "too many steps"},
	{"too many alternatives", NULL, {"title", "a|b|c|d|e"}, "more than four alternatives"},
	{"remark", NULL, {"images", "x(remote)"}, "only '(local)'"},
	{"related is a list", NULL, {"related", "related"}, "takes one list, as 'related[]'"},
	{"width is a key", NULL, {"width", "a.b"}, "takes a key beside"},
	{"date type", NULL, {"date-type", "bare"}, "'bare' is none of plain, quoted"},
	{"date style", NULL, {"date-style", "us"}, "'us' is none of rfc3339, spaced, day"},
};

static void overrides(void **state)
{
	const struct row *row = *state;
	struct arena a = ARENA_INIT(1 << 20);
	const struct shape *shape = NULL;
	struct error e = {0};

	assert_int_equal(shape_make(row->preset, &row->key, 1, &a, &shape, &e),
			 row->want ? ERR_INVALID : ERR_OK);
	if (row->want && !strstr(e.text, row->want))
		fail_msg("%s", e.text);
	arena_release(&a);
}

static void every_preset_is_sound(void **state)
{
	(void)state;
	size_t n = 0;

	for (const char *name; (name = shape_preset(n)); n++) {
		struct arena a = ARENA_INIT(1 << 20);
		const struct shape *s = NULL;
		struct error e = {0};

		if (shape_make(name, NULL, 0, &a, &s, &e))
			fail_msg("%s: %s", name, e.text);
		assert_true(s->fields[FIELD_TITLE].count && s->fields[FIELD_EXCERPT].count && s->link.count);
		assert_true(s->fields[FIELD_DATE].count);
		arena_release(&a);
	}
	assert_int_equal(n, 16);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(every_preset_is_sound)};

	return RUN_ROWS("shape/override", rows, overrides) +
	       cmocka_run_group_tests_name("shape", more, NULL, NULL);
}
