/* SPDX-License-Identifier: MIT */
/* uses: extract */
/* A page of any bytes, from the tree to the choice and to JSON and back: what is chosen could be written. */
#include "base/date.h"
#include "base/text.h"
#include "extract/answer.h"
#include "extract/extract.h"
#include "extract/head.h"
#include "extract/page_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct metadata *m, const struct choose_options *o)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		const struct candidate *k = m->chosen[f];
		struct date d;

		if (!k)
			continue;
		assert(k->value.len && text_utf8_valid(k->value) == k->value.len);
		assert(f != FIELD_EXCERPT || text_length(k->value) <= o->excerpt_max);
		assert(f != FIELD_DATE || (date_parse(k->value, &d) && d.seconds <= o->now + 86400));
		assert((f != FIELD_WEBURL && f != FIELD_IMAGE) || span_starts(k->value, SPAN("http")));
	}
}

/* Where the parse paused behind the head and went on, it gives what it gives in one go. */
static void paused(const struct page_response *r, const struct choose_options *options, struct span json)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf again = STRBUF_INIT(64 << 20);
	struct page *page;
	struct metadata m;

	if (extract_parts(r, PART_BIT(PART_TITLE) | PART_BIT(PART_EXCERPT) | PART_BIT(PART_IMAGES), options,
			  &arena, &page, &m, NULL))
		return;
	check(&m, options);
	if (!page)
		return;
	assert(!page_to_json(page, &again));
	assert(span_eq(json, strbuf_span(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	CLEANUP(strbuf_release) struct strbuf json = STRBUF_INIT(64 << 20), twice = STRBUF_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf answer = STRBUF_INIT(64 << 20);
	static const struct page_header headers[] = {{{"Content-Language", 16}, {"de", 2}}};
	struct page_response r = {.body = {(const char *)data, size},
				  .content_type = SPAN("text/html; charset=utf-8"),
				  .requested_url =
					  SPAN("https://www.example.org/2021/08/26/a-title-of-words"),
				  .final_url = SPAN("https://www.example.org/2021/08/26/a-title-of-words"),
				  .headers = headers,
				  .header_count = 1,
				  .known_title = SPAN("A title of words")};
	struct choose_options options = {120, 300, 1800000000};
	struct page *page, *back;
	struct metadata m;
	struct span whole;

	if (size > 200000)
		return 0;
	extract_init();
	if (extract_page(&r, &arena, &page, NULL))
		return 0;
	assert(page->verdict < VERDICT_COUNT && page->evidence_count);
	assert(!extract_choose(page, &options, true, &arena, &m));
	check(&m, &options);
	assert(!page_answer_json(SPAN("x"), page, &m, &answer));
	whole = extract_complete(page, SPAN("The quick brown fox jumps over the lazy dog and"), &options,
				 &arena);
	assert(text_length(whole) <= options.excerpt_max);
	assert(!page_to_json(page, &json));
	assert(!page_from_json(strbuf_span(&json), &arena, &back, NULL));
	assert(!page_to_json(back, &twice));
	assert(span_eq(strbuf_span(&json), strbuf_span(&twice)));
	paused(&r, &options, strbuf_span(&json));
	return 0;
}
