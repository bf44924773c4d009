/* SPDX-License-Identifier: MIT */
/* Cut-off excerpts made whole, and a page that is kept and read back. */
#include "unit/rows.h"

#include "extract/page_json.h"

#define TEXT                                                                                               \
	"The council voted late on Tuesday to keep the night buses running for another year, against the " \
	"advice of its own treasurer. Drivers had threatened to strike.\nA second vote is due in spring."

static const struct row {
	const char *name, *cut, *want; /* want NULL: nothing better is known */
} rows[] = {
	{"amid a word", "The council voted late on Tuesday to keep the night buses running for ano",
	 "The council voted late on Tuesday to keep the night buses running for another year, against the "
	 "advice "
	 "of its own treasurer. Drivers had threatened to strike."},
	{"with an ellipsis", "The council voted late on Tuesday to keep the night buses…",
	 "The council voted late on Tuesday to keep the night buses running for another year, against the "
	 "advice "
	 "of its own treasurer. Drivers had threatened to strike."},
	{"with entities and white space",
	 "The council  voted late on Tuesday to keep\nthe night buses [&hellip;]",
	 "The council voted late on Tuesday to keep the night buses running for another year, against the "
	 "advice "
	 "of its own treasurer. Drivers had threatened to strike."},
	{"the page's description goes on", "A late vote saves the buses, and the treas",
	 "A late vote saves the buses, and the treasurer calls it a gamble."},
	{"whole already", "The council voted late on Tuesday.", NULL},
	{"of another text", "A council somewhere voted early on Monday to stop the trams for a", NULL},
	{"amid a sentence of the text", "night buses running for another year, against the", NULL},
	{"a whole paragraph without a stop", "A second vote is due in spring", NULL},
	{"too short to know", "The council", NULL},
	{"empty", "", NULL},
};

static struct candidate description = {
	.field = FIELD_EXCERPT,
	.value = {"A late vote saves the buses, and the treasurer calls it a gamble.", 65},
	.source = {"og:description", 14},
	.score = 84,
	.line = 7};

static struct page sample(void)
{
	static struct span evidence[] = {{"says it is an article", 21}};

	return (struct page){.verdict = VERDICT_ARTICLE,
			     .evidence = evidence,
			     .evidence_count = 1,
			     .candidates = &description,
			     .candidate_count = 1,
			     .lead = SPAN_NONE,
			     .text = SPAN(TEXT),
			     .url = SPAN("https://www.gazette.test/a")};
}

static void completes(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct choose_options options = {120, 300, 0};
	struct page page = sample();
	struct span got = extract_complete(&page, span_str(row->cut), &options, &arena);

	if (!row->want) {
		assert_null(got.ptr);
		return;
	}
	assert_non_null(got.ptr);
	assert_int_equal(got.len, strlen(row->want));
	assert_memory_equal(got.ptr, row->want, got.len);
}

static void kept_page_is_the_same(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(1 << 16);
	struct page page = sample(), *back;

	(void)state;
	assert_int_equal(page_to_json(&page, &json), ERR_OK);
	assert_int_equal(page_from_json(strbuf_span(&json), &arena, &back, NULL), ERR_OK);
	assert_int_equal(back->verdict, page.verdict);
	assert_true(span_eq(back->text, page.text) && span_eq(back->url, page.url));
	assert_null(back->lead.ptr);
	assert_int_equal(back->candidate_count, 1);
	assert_int_equal(back->candidates[0].score, 84);
	assert_int_equal(back->candidates[0].line, 7);
	assert_true(span_eq(back->candidates[0].value, description.value));
	assert_true(span_eq(back->evidence[0], page.evidence[0]));
}

static void long_text_is_cut_at_a_character(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(1 << 20);
	static char text[3 * PAGE_TEXT_KEPT];
	struct page page = sample(), *back;

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	page.text = span_of(text, sizeof(text));
	assert_int_equal(page_to_json(&page, &json), ERR_OK);
	assert_int_equal(page_from_json(strbuf_span(&json), &arena, &back, NULL), ERR_OK);
	assert_int_equal(back->text.len, PAGE_TEXT_KEPT / 3 * 3);
}

static void too_small_a_buffer_stays_as_it_was(void **state)
{
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(40);
	struct page page = sample();

	(void)state;
	assert_int_equal(strbuf_add_str(&json, "x"), ERR_OK);
	assert_int_equal(page_to_json(&page, &json), ERR_TOOBIG);
	assert_int_equal(json.len, 1);
}

static const struct bad {
	const char *name, *json;
} bads[] = {
	{"nothing", ""},
	{"no JSON", "{"},
	{"an array", "[]"},
	{"another version", "{\"version\":0,\"verdict\":\"article\",\"evidence\":[],\"candidates\":[]}"},
	{"an unknown verdict", "{\"version\":2,\"verdict\":\"poem\",\"evidence\":[],\"candidates\":[]}"},
	{"an unknown field",
	 "{\"version\":2,\"verdict\":\"article\",\"candidates\":[[\"x\",\"y\",\"z\",1,0,0,0,0]]}"},
	{"a candidate that is none", "{\"version\":2,\"verdict\":\"article\",\"candidates\":[1]}"},
	{"evidence that is none", "{\"version\":2,\"verdict\":\"article\",\"evidence\":[1]}"},
};

static void is_damaged(void **state)
{
	const struct bad *bad = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct page *page;
	struct error e;

	assert_int_equal(page_from_json(span_str(bad->json), &arena, &page, &e), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(kept_page_is_the_same),
					   cmocka_unit_test(long_text_is_cut_at_a_character),
					   cmocka_unit_test(too_small_a_buffer_stays_as_it_was)};

	return RUN_ROWS("extract/complete", rows, completes) +
	       RUN_ROWS("extract/page_json damaged", bads, is_damaged) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
