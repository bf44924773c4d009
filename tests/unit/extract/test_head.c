/* SPDX-License-Identifier: MIT */
/* When the head suffices, and when it does not. That its answers are the whole page's is held by
 * test_pages.c. */
#include "unit/rows.h"

#include "extract/head.h"

#define HEAD                                                                                                 \
	"<!doctype html><html lang=en><head><title>Pier to be kept</title><meta property=og:title "          \
	"content='Pier "                                                                                     \
	"to be kept'><meta property=og:site_name content='Coast Weekly'><meta property=og:description "      \
	"content='The "                                                                                      \
	"board has to decide within a month what becomes of the pier.'><meta name=description content='The " \
	"board "                                                                                             \
	"has to decide within a month what becomes of the pier.'><meta property=og:image "                   \
	"content='/pier.jpg'>"                                                                               \
	"<meta property=og:image:width content=1200><meta property=og:image:height content=630></head>"
#define TEXT "<p>The board met on Tuesday evening to decide how the old ferry pier should be used.</p>"

static const struct row {
	const char *name, *page;
	bool suffices;
} rows[] = {
	{"the head says all", HEAD "<body><h1>Pier to be kept</h1>" TEXT, true},
	{"no heading", HEAD "<body>" TEXT, true},
	{"a heading in markup", HEAD "<body><h1 class=x><a href=/>Pier to <b>be</b> kept</a></h1>" TEXT,
	 true},
	{"a heading in other words", HEAD "<body><h1>The pier will be kept</h1>" TEXT, false},
	{"two headings", HEAD "<body><h1>Coast Weekly</h1><h1>Pier to be kept</h1>" TEXT, false},
	{"a heading that does not end", HEAD "<body><h1>Pier to be kept" TEXT, false},
	{"metadata in the body", HEAD "<body><META NAME=Title content=y><h1>Pier to be kept</h1>" TEXT,
	 false},
	{"a size in the body", HEAD "<body><meta property=og:image:width content=90>" TEXT, false},
	{"metadata that no field is taken from", HEAD "<body><meta name=x content=y>" TEXT, true},
	{"a picture's title", HEAD "<body><svg><title>Logo</title></svg>" TEXT, true},
	{"another title", HEAD "<body><title>Logo</title>" TEXT, false},
	{"another base", HEAD "<body><base href=/a/>" TEXT, false},
	{"a heading of two lines", HEAD "<body><h1>Pier to<br>be <i>kept</i></h1>" TEXT, true},
	{"a heading of blocks", HEAD "<body><h1>Pier to be <div>kept</div></h1>" TEXT, false},
	{"a heading with a reading", HEAD "<body><h1>Pier to be <rt>x</rt>kept</h1>" TEXT, false},
	{"a heading before the head's end", "<h1>The pier</h1>" HEAD "<body>" TEXT, false},
	{"microdata in the body", HEAD "<body><meta itemprop=headline content=x>" TEXT, true},
	{"metadata in a comment", HEAD "<body><!-- <meta name=x content=y> --><h1>Pier to be kept</h1>" TEXT,
	 true},
	{"metadata in a script's text", HEAD "<body><script>'<meta name=x>'</script>" TEXT, true},
	{"a style sheet in the body", HEAD "<body><link rel=stylesheet href=/a.css>" TEXT, true},
	{"an icon in the body", HEAD "<body><link rel=icon href=/pier.jpg>" TEXT, false},
	{"JSON-LD that agrees",
	 HEAD "<body><script type=application/ld+json>{\"@type\":\"Article\",\"headline\":\"Pier to be "
	      "kept\"}</script>" TEXT,
	 true},
	{"JSON-LD with another title that is borne out",
	 HEAD "<body><script type=application/ld+json>{\"@type\":\"Article\",\"headline\":\"Pier stays\"}"
	      "</script><script type=application/ld+json>{\"@type\":",
	 false},
	{"another picture, which the body has in another size",
	 "<meta name=twitter:image content=/new-bridge-1024x683.jpg>" HEAD
	 "<body><img src=/new-bridge-300x200.jpg>" TEXT,
	 false},
	{"another picture, which the body has not",
	 "<meta name=twitter:image content=/new-bridge-1024x683.jpg>" HEAD
	 "<body><img src=/old-bridge-300x200.jpg>" TEXT,
	 true},
	{"no end of the head",
	 "<title>Pier to be kept</title><meta property=og:title content='Pier to be kept'>", false},
	{"a description that was cut",
	 "<html><head><title>Pier to be kept</title><meta property=og:title content='Pier to be kept'><meta "
	 "property=og:description content='The board has to decide within a month what becomes of the pier "
	 "and of'>"
	 "<meta property=og:image content='/pier.jpg'></head><body>" TEXT,
	 false},
	{"a picture that is met again, of no known size, and says none",
	 "<html><head><title>Pier to be kept</title><meta property=og:title content='Pier to be kept'><meta "
	 "property=og:description content='The board has to decide within a month what becomes of the "
	 "pier.'><meta "
	 "name=description content='The board has to decide within a month what becomes of the pier.'><meta "
	 "property=og:image content='/old-pier.jpg'></head><body><img src=/old-pier.jpg>" TEXT,
	 true},
	{"a picture that is met again, of no known size, and says its own",
	 "<html><head><title>Pier to be kept</title><meta property=og:title content='Pier to be kept'><meta "
	 "property=og:description content='The board has to decide within a month what becomes of the "
	 "pier.'><meta "
	 "name=description content='The board has to decide within a month what becomes of the pier.'><meta "
	 "property=og:image content='/old-pier.jpg'></head><body><img src=/old-pier.jpg width=90 "
	 "height=80>" TEXT,
	 false},
};

static void suffices(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(PAGE_ARENA_MAX);
	const struct choose_options options = {.excerpt_min = 120, .excerpt_max = 300, .now = 1800000000};
	const struct page_response r = {.body = span_str(row->page),
					.content_type = SPAN("text/html; charset=utf-8"),
					.final_url = SPAN("https://coast.example/2024/pier")};
	unsigned parts;
	struct metadata md;
	struct page *page;
	struct error e;

	assert_int_equal(parts_parse(SPAN("title, excerpt,images"), &parts, &e), ERR_OK);
	assert_int_equal(extract_parts(&r, parts, &options, &arena, &page, &md, &e), ERR_OK);
	assert_int_equal(!page, row->suffices);
	if (!page) {
		assert_true(span_eq(md.chosen[FIELD_TITLE]->value, SPAN("Pier to be kept")));
		assert_true(span_ends(md.images[0].url, SPAN("pier.jpg")));
	}
	/* what no head can say */
	assert_int_equal(extract_parts(&r, parts | PART_BIT(PART_VERDICT), &options, &arena, &page, &md, &e),
			 ERR_OK);
	assert_non_null(page);
}

static void names_parts(void **state)
{
	unsigned parts;
	struct error e;

	(void)state;
	assert_int_equal(parts_parse(SPAN("title,nonsense"), &parts, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "nonsense"));
	assert_int_equal(parts_parse(SPAN(""), &parts, &e), ERR_INVALID);
	assert_int_equal(
		parts_parse(
			SPAN("verdict,text,lead,provider,authors,lang,type,webUrl,date,images,excerpt,title"),
			&parts, &e),
		ERR_OK);
	assert_int_equal(parts, PARTS_ALL);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(names_parts)};

	extract_init();
	return RUN_ROWS("extract/head", rows, suffices) | cmocka_run_group_tests(more, NULL, NULL);
}
