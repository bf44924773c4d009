/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "extract/collect.h"

/* want: names parted by "|" */
static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"a name", "Ann Lee", "Ann Lee"},
	{"by", "By Ann Lee", "Ann Lee"},
	{"two", "By Ann Lee and Bob Ray", "Ann Lee|Bob Ray"},
	{"three", "Ann Lee, Bob Ray & Cy Day", "Ann Lee|Bob Ray|Cy Day"},
	{"German", "Von Anna Lee und Bernd Rau", "Anna Lee|Bernd Rau"},
	{"French", "Par Anne Lis et Bob Ray", "Anne Lis|Bob Ray"},
	{"a role", "Ann Lee, Staff Writer", "Ann Lee"},
	{"a role without a comma", "Ann Lee Senior Editor", "Ann Lee"},
	{"jobs", "Ann Lee, Marketing Director", "Ann Lee"},
	{"family first", "Lee, Ann", "Ann Lee"},
	{"family first, several", "Lee, Ann; Ray, Bob", "Ann Lee|Bob Ray"},
	{"an address", "ann@example.org", ""},
	{"a profile's address", "https://example.org/ann", ""},
	{"a handle", "@ann_lee", ""},
	{"nobody", "Staff", ""},
	{"nobody, German", "Redaktion", ""},
	{"nobody, a link", "Login", ""},
	{"within a sentence", "This post was written by Ann Lee", "Ann Lee"},
	{"a host", "example.com", ""},
	{"in brackets", "Ann Lee (Agency)", "Ann Lee"},
	{"a date", "Ann Lee | 12 May 2021", "Ann Lee"},
	{"empty", "", ""},
	{"marks", " - , ", ""},
};

static void splits(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 16);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(1 << 12);
	struct span rest = span_str(row->in);

	while (rest.len) {
		struct span name = collect_next_name(&rest, &arena);

		if (name.len)
			assert_int_equal(strbuf_addf(&got, "%s%.*s", got.len ? "|" : "", SPAN_ARG(name)),
					 ERR_OK);
	}
	assert_string_equal(strbuf_cstr(&got), row->want);
}

int main(void)
{
	return RUN_ROWS("extract/names", rows, splits);
}
