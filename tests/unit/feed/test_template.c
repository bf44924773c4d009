/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/document.h"
#include "feed/template.h"

static const struct span topics[] = {{"AI", 2}, {"Yes", 3}, {"C# and: more", 12}};
static const struct template_value values[] = {
	{"title", TEMPLATE_TEXTUAL, {"Say \"hi\" \\ bye", 14}, NULL, 0},
	{"date", TEMPLATE_PLAIN, {"2024-05-07T18:30:00Z", 20}, NULL, 0},
	{"link", TEMPLATE_TEXTUAL, {"https://a.example/x", 19}, NULL, 0},
	{"odd", TEMPLATE_TEXTUAL, {"a\0b\n---\n\xe2\x80\xae\xff\xe2\x80\xa8z", 16}, NULL, 0},
	{"image", TEMPLATE_TEXTUAL, {NULL, 0}, NULL, 0},
	{"width", TEMPLATE_PLAIN, {"7", 1}, NULL, 0},
	{"topics", TEMPLATE_LIST, {NULL, 0}, topics, 3},
	{"none", TEMPLATE_LIST, {NULL, 0}, NULL, 0},
};

static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"a text", "title: {title}\n", "title: \"Say \\\"hi\\\" \\\\ bye\"\n"},
	{"between quotes", "title: \"On: {title}\"\n", "title: \"On: Say \\\"hi\\\" \\\\ bye\"\n"},
	{"a plain value", "date: {date}", "date: 2024-05-07T18:30:00Z\n"},
	{"a list", "topics: {topics}\n", "topics:\n  - AI\n  - \"Yes\"\n  - \"C# and: more\"\n"},
	{"a list deeper", "a:\n  topics: {topics}\n",
	 "a:\n  topics:\n    - AI\n    - \"Yes\"\n    - \"C# and: more\"\n"},
	{"no value, no line", "image: {image}\ndate: {date}\n", "date: 2024-05-07T18:30:00Z\n"},
	{"no list, no line", "tags: {none}\nx: 1\n", "x: 1\n"},
	{"nothing below, no heading", "images:\n  - url: {image}\n\nx: 1\n", "x: 1\n"},
	{"nothing below at the end", "x: 1\n\na:\n  b:\n    c: {image}\n", "x: 1\n"},
	{"something left below", "images:\n  - url: {link}\n    width: {width}\n    alt: {image}\n",
	 "images:\n  - url: \"https://a.example/x\"\n    width: 7\n"},
	{"a heading of the same depth is dropped too", "a:\n  b: {image}\nc:\n  d: 1\n", "c:\n  d: 1\n"},
	{"one blank line of many", "x: 1\n\n\ny: {image}\n\n\nz: 2\n\n", "x: 1\n\nz: 2\n"},
	{"braces", "x: {{a: {width}}}\n", "x: {a: 7}\n"},
	{"what a stranger sends stays inside", "title: {odd}\n",
	 "title: \"a\\u0000b\\u000a---\\u000a\\u202e\xef\xbf\xbd\\u2028z\"\n"},
};

static void expands(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(1 << 20), want = STRBUF_INIT(1 << 20);

	assert_int_equal(strbuf_addf(&want, "---\n%s---\n", row->want), ERR_OK);
	assert_int_equal(template_expand(span_str(row->in), values, ARRAY_SIZE(values), NULL, 0, &got),
			 ERR_OK);
	assert_string_equal(strbuf_cstr(&got), strbuf_cstr(&want));
}

static const struct check {
	const char *name, *in, *want;
} checks[] = {
	{"good", "title: {title}\nx: {{}}\n", NULL},
	{"no such value", "title: {title}\nx: {titel}\n", "line 2: there is no value 'titel'"},
	{"left open", "title: {title\n", "a brace alone"},
	{"closed alone", "title: title}\n", "a brace alone"},
	{"a fence", "x: 1\n---\n", "line 2"},
};

static void checked(void **state)
{
	static const char *const names[] = {"title", NULL};
	const struct check *row = *state;
	struct error e = {.text = ""};
	enum err r = template_check(span_str(row->in), names, &e);

	assert_int_equal(r, row->want ? ERR_INVALID : ERR_OK);
	if (row->want)
		assert_non_null(strstr(e.text, row->want));
}

/* The default of every preset gives a document that is read back with its link and title. */
static void defaults(void **state)
{
	const struct template_value more[] = {{"category", TEMPLATE_TEXTUAL, SPAN("news"), NULL, 0},
					      {"odd key", TEMPLATE_PLAIN, SPAN("1"), NULL, 0}};

	(void)state;
	for (size_t i = 0; shape_preset(i); i++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 24);
		CLEANUP(strbuf_release)
		struct strbuf template = STRBUF_INIT(1 << 20), got = STRBUF_INIT(1 << 20);
		const struct shape *shape;
		struct document *doc;
		struct error e = {.text = ""};

		assert_int_equal(shape_make(shape_preset(i), NULL, 0, &arena, &shape, &e), ERR_OK);
		assert_int_equal(template_default(shape, &template), ERR_OK);
		assert_int_equal(
			template_expand(strbuf_span(&template), values, ARRAY_SIZE(values), more, 2, &got),
			ERR_OK);
		assert_int_equal(document_parse(strbuf_span(&got), shape, &arena, &doc, &e), ERR_OK);
		assert_int_equal(doc->link_count, 1);
		assert_true(span_eq_str(doc->links[0].url, "https://a.example/x"));
		assert_true(span_eq(doc->links[0].fields[FIELD_TITLE].value, values[0].text));
	}
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"every preset"}};

	return RUN_ROWS("template", rows, expands) + RUN_ROWS("template/check", checks, checked) +
	       RUN_ROWS("template/default", one, defaults);
}
