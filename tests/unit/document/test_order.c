/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/order.h"

static const struct key_order base[] = {
	{"", "title excerpt date url images"}, {"images[]", "url width"}, {NULL, NULL}};

/* want: the order of the root's keys, then of the items of images. */
static const struct row {
	const char *name;
	const char *documents[4];
	const char *want, *images;
} rows[] = {
	{"none: the base", {NULL}, "title excerpt date url images", "url width"},
	{"one against the base",
	 {"date: a\nexcerpt: b\ntitle: c\n"},
	 "date url images excerpt title",
	 "url width"},
	{"keys that nobody has follow those that somebody has",
	 {"images:\n  - alt: a\n    url: b\ntitle: c\n"},
	 "images title excerpt date url",
	 "alt url width"},
	{"keys of their own stand where they put them",
	 {"title: a\nmine: b\nexcerpt: c\n"},
	 "title mine excerpt date url images",
	 "url width"},
	{"most of them",
	 {"a: 1\nb: 1\n", "a: 1\nb: 1\n", "b: 1\na: 1\n"},
	 "title excerpt date url images a b",
	 "url width"},
	{"what cannot be parsed has no vote",
	 {"date: [\ntitle: a\n"},
	 "title excerpt date url images",
	 "url width"},
};

static void counts(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1024 * 1024);
	const struct key_order *order;
	struct key_votes *v;

	assert_int_equal(key_votes_new(base, &v), ERR_OK);
	for (size_t i = 0; i < ARRAY_SIZE(row->documents) && row->documents[i]; i++) {
		char text[256];

		(void)snprintf(text, sizeof(text), "---\n%s---\n", row->documents[i]);
		assert_int_equal(key_votes_add(v, span_str(text)), ERR_OK);
	}
	assert_int_equal(key_votes_count(v, &arena, &order), ERR_OK);
	assert_string_equal(order[0].where, "");
	assert_string_equal(order[0].keys, row->want);
	assert_string_equal(order[1].where, "images[]");
	assert_string_equal(order[1].keys, row->images);
	key_votes_free(v);
}

int main(void)
{
	return RUN_ROWS("order", rows, counts);
}
