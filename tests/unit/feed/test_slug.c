/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/text.h"
#include "feed/slug.h"

#define HASH "b5abe94fdbb4e7a2" /* any 16 digits: rows with it only check the form */

static const struct row {
	const char *name, *title, *want;
	size_t len; /* of a title with NUL bytes; 0: strlen */
} rows[] = {
	{"plain", "Civil society groups urge UK to ban", "civil-society-groups-urge-uk-to-ban", 0},
	{"runs become one hyphen", "  A -- b:  c/d ", "a-b-c-d", 0},
	{"accents", "Caf\xc3\xa9 \xc3\x80 la Gare \xc5\x81\xc3\xb3\xc4\x91\xc5\xba", "cafe-a-la-gare-lodz",
	 0},
	{"sharp s, ligatures",
	 "Stra\xc3\x9f"
	 "e, \xc3\x86on, \xef\xac\x81ne",
	 "strasse-aeon-fine", 0},
	{"apostrophes join", "Don\xe2\x80\x99t say it's over", "dont-say-its-over", 0},
	{"a way out", "../../etc/passwd", "etc-passwd", 0},
	{"hidden", ".htaccess", "htaccess", 0},
	{"NUL and newline", "a\0b\nc", "a-b-c", 5},
	{"bidi controls",
	 "abc\xe2\x80\xae"
	 "fed\xe2\x81\xa6",
	 "abc-fed", 0},
	{"emoji only", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", HASH, 0},
	{"nothing", "", HASH, 0},
	{"not UTF-8",
	 "\xff\xfe"
	 "abc",
	 "abc", 0},
	{"another script stays", "\xe4\xba\xba\xe5\xb7\xa5\xe6\x99\xba\xe8\x83\xbd AI",
	 "\xe4\xba\xba\xe5\xb7\xa5\xe6\x99\xba\xe8\x83\xbd-ai", 0},
	{"Greek in lower case", "\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1 2024",
	 "\xce\xb1\xce\xb8\xce\xae\xce\xbd\xce\xb1-2024", 0},
	{"a word of another script among ASCII goes", "The word \xe4\xba\xba means man", "the-word-means-man",
	 0},
	{"cut at a word",
	 "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
	 "one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen-fourteen", 0},
	{"fullwidth", "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\xa3", "abc", 0},
};

static void slugs(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1000);
	struct span title = row->len ? span_of(row->title, row->len) : span_str(row->title);

	assert_int_equal(slug_make(title, SPAN("id"), &b), ERR_OK);
	if (strcmp(row->want, HASH) == 0) {
		assert_int_equal(b.len, 16);
		for (size_t i = 0; i < b.len; i++)
			assert_true(byte_hex(b.ptr[i]) >= 0);
	} else {
		assert_string_equal(strbuf_cstr(&b), row->want);
	}
}

static const struct pattern {
	const char *name, *pattern, *want; /* want NULL: refused */
	unsigned copy;
} patterns[] = {
	{"the default", "YYYY-MM-DD-slug.md", "2021-08-26-a-title.md", 1},
	{"a copy", "YYYY-MM-DD-slug.md", "2021-08-26-a-title-2.md", 2},
	{"folders", "YYYY/MM/slug/index.md", "2021/08/a-title-3/index.md", 3},
	{"feed and domain", "feed/domain/slug.markdown", "my-feed/example-org/a-title.markdown", 1},
	{"hour", "YYYYMMDDTHH-slug.md", "20210826T00-a-title.md", 1},
	{"absolute", "/tmp/slug.md", NULL, 1},
	{"outside", "../slug.md", NULL, 1},
	{"hidden", ".slug.md", NULL, 1},
	{"empty part", "a//slug.md", NULL, 1},
	{"no slug", "YYYY.md", NULL, 1},
	{"no document", "slug.html", NULL, 1},
	{"a newline", "slug\n.md", NULL, 1},
};

static void expands(void **state)
{
	const struct pattern *row = *state;
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1000);
	const struct file_name from = {1629938040, SPAN("A Title"), SPAN("id"), SPAN("My Feed"),
				       SPAN("example.org")};
	struct error e;
	enum err r = file_pattern_check(span_str(row->pattern), &e);

	if (!row->want) {
		assert_int_equal(r, ERR_INVALID);
		return;
	}
	assert_int_equal(r, ERR_OK);
	assert_int_equal(file_pattern_expand(span_str(row->pattern), &from, row->copy, &b), ERR_OK);
	assert_string_equal(strbuf_cstr(&b), row->want);
}

/* A title of 100,000 characters, of any kind, gives a short name, and quickly. */
static void long_titles(void **state)
{
	static const char *const units[] = {"a",    "a ", "\xf0\x9f\x98\x80", "\xe4\xba\xba", "\xcc\x81",
					    "\xff", "/"};
	CLEANUP(strbuf_release) struct strbuf title = STRBUF_INIT(1 << 20);

	(void)state;
	for (size_t u = 0; u < ARRAY_SIZE(units); u++) {
		CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1000);

		strbuf_truncate(&title, 0);
		for (unsigned i = 0; i < 100000; i++)
			assert_int_equal(strbuf_add_str(&title, units[u]), ERR_OK);
		assert_int_equal(slug_make(strbuf_span(&title), SPAN("id"), &b), ERR_OK);
		assert_true(b.len > 0 && b.len <= SLUG_BYTES);
		assert_int_equal(text_utf8_valid(strbuf_span(&b)), b.len);
	}
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"100,000 characters"}};

	return RUN_ROWS("slug", rows, slugs) + RUN_ROWS("slug/pattern", patterns, expands) +
	       RUN_ROWS("slug/long", one, long_titles);
}
