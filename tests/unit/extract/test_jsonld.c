/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <jansson.h>

#include "extract/jsonld.h"

/* want: "field=value" of each candidate, one a line, in order; fields as field_name() has them. */
static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"plain article", "{\"@type\":\"NewsArticle\",\"headline\":\"A b\"}", "title=A b\ntype=article\n"},
	{"type is a list", "{\"@type\":[\"Thing\",\"Article\"],\"headline\":\"A b\"}",
	 "title=A b\ntype=article\n"},
	{"type is a URL", "{\"@type\":\"http://schema.org/Article\",\"headline\":\"A\"}",
	 "title=A\ntype=article\n"},
	{"a graph", "{\"@graph\":[{\"@type\":\"Article\",\"headline\":\"A\"}]}", "title=A\ntype=article\n"},
	{"an array", "[{\"@type\":\"Article\",\"headline\":\"A\"}]", "title=A\ntype=article\n"},
	{"a reference",
	 "[{\"@type\":\"Person\",\"@id\":\"#p\",\"name\":\"Ann Lee\"},"
	 "{\"@type\":\"Article\",\"author\":{\"@id\":\"#p\"}}]",
	 "authors=Ann Lee\ntype=article\n"},
	{"main entity", "{\"@type\":\"WebPage\",\"mainEntity\":{\"@type\":\"Article\",\"headline\":\"A\"}}",
	 "title=A\ntype=article\n"},
	{"a list's items are other pages",
	 "{\"@type\":\"ItemList\",\"itemListElement\":[{\"@type\":\"Article\",\"headline\":\"No\"}]}", ""},
	{"a mentioned thing", "{\"@type\":\"Article\",\"about\":{\"@type\":\"Article\",\"headline\":\"No\"}}",
	 "type=article\n"},
	{"an image with its size",
	 "{\"@type\":\"Article\",\"image\":{\"@type\":\"ImageObject\",\"url\":\"https://a.test/"
	 "b.jpg\",\"width\":\"600px\"}}",
	 "images=https://a.test/b.jpg 600\ntype=article\n"},
	{"a zone stays", "{\"@type\":\"Article\",\"datePublished\":\"2024-05-06T07:08:09+02:00\"}",
	 "publishedDateTime=2024-05-06T07:08:09+02:00\ntype=article\n"},
	{"trailing comma", "{\"@type\":\"Article\",\"headline\":\"A\",}", "title=A\ntype=article\n"},
	{"two commas", "{\"@type\":\"Article\",,\"headline\":\"A\"}", "title=A\ntype=article\n"},
	{"text before it", "var \"data\", = {\"@type\":\"Article\",\"headline\":\"A\"}",
	 "title=A\ntype=article\n"},
	{"a second one behind a comma", "{\"@type\":\"Article\",\"headline\":\"A\"},{\"headline\":\"B\"}",
	 "title=A\ntype=article\n"},
	{"trailing semicolon", "{\"@type\":\"Article\",\"headline\":\"A\"};", "title=A\ntype=article\n"},
	{"raw line end in a string", "{\"@type\":\"Article\",\"headline\":\"A\nb\"}",
	 "title=A b\ntype=article\n"},
	{"control in a string",
	 "{\"@type\":\"Article\",\"headline\":\"A\x01"
	 "b\"}",
	 "title=A b\ntype=article\n"},
	{"comments", "/* x */ {\"@type\":\"Article\", // y\n\"headline\":\"A\"}", "title=A\ntype=article\n"},
	{"a URL is no comment", "{\"@type\":\"Article\",\"url\":\"https://a.test//b\",}",
	 "webUrl=https://a.test//b\ntype=article\n"},
	{"CDATA", "//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"A\"}\n//]]>",
	 "title=A\ntype=article\n"},
	{"HTML comment", "<!-- {\"@type\":\"Article\",\"headline\":\"A\"} -->", "title=A\ntype=article\n"},
	{"wrong escape", "{\"@type\":\"Article\",\"headline\":\"it\\'s\"}", "title=it's\ntype=article\n"},
	{"half a character", "{\"@type\":\"Article\",\"headline\":\"A\\ud83d b\"}",
	 "title=A\xef\xbf\xbd b\ntype=article\n"},
	{"bare quote", "{\"@type\":\"Article\",\"headline\":\"a \"b\" c\"}",
	 "title=a \"b\" c\ntype=article\n"},
	{"missing comma", "{\"@type\":\"Article\"\n\"headline\":\"A\"}", "title=A\ntype=article\n"},
	{"missing bracket", "{\"@type\":\"Article\",\"headline\":\"A\"", "title=A\ntype=article\n"},
	{"no value", "{\"@type\":\"Article\",\"x\":,\"headline\":\"A\"}", "title=A\ntype=article\n"},
	{"nonsense", "hello <b>", ""},
	{"empty", "", ""},
};

static void reads(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(1 << 16);
	struct collector c = {.arena = &arena};
	struct jsonld_facts facts;
	struct jsonld_block block = {span_str(row->in), 1};

	jsonld_collect(&c, &block, 1, &facts);
	for (size_t i = 0; i < c.count; i++) {
		assert_int_equal(
			strbuf_addf(&got, "%s=%.*s", field_name(c.list[i].field), SPAN_ARG(c.list[i].value)),
			ERR_OK);
		if (c.list[i].width)
			assert_int_equal(strbuf_addf(&got, " %u", c.list[i].width), ERR_OK);
		assert_int_equal(strbuf_add_byte(&got, '\n'), ERR_OK);
	}
	assert_string_equal(strbuf_cstr(&got), row->want);
}

/* What a bracket inside a string is, and how deep "[[{" is. */
static void depth(void **state)
{
	(void)state;
	assert_int_equal(jsonld_depth(SPAN("[[{}],\"[[[[\\\"[\"]")), 3);
	assert_int_equal(jsonld_depth(SPAN("")), 0);
}

/* One bad block costs only itself, whatever its depth and size. */
static void bad_blocks(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	static char deep[20000], wide[JSONLD_BLOCK_MAX + 10];
	struct collector c = {.arena = &arena};
	struct jsonld_facts facts;

	(void)state;
	memset(deep, '[', sizeof(deep));
	memset(wide, ' ', sizeof(wide));
	wide[0] = '{';
	wide[sizeof(wide) - 1] = '}';
	struct jsonld_block blocks[] = {{span_of(deep, sizeof(deep)), 1},
					{span_of(wide, sizeof(wide)), 2},
					{SPAN("{{{{]]]"), 3},
					{SPAN("{\"@type\":\"Article\",\"headline\":\"A\"}"), 4}};

	jsonld_collect(&c, blocks, ARRAY_SIZE(blocks), &facts);
	assert_int_equal(facts.articles, 1);
	assert_true(facts.broken >= 2);
	assert_int_equal(c.count, 2);
	assert_int_equal(c.list[0].line, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bad_blocks), cmocka_unit_test(depth)};

	return RUN_ROWS("extract/jsonld", rows, reads) + cmocka_run_group_tests(tests, NULL, NULL);
}
