/* SPDX-License-Identifier: MIT */
/* What pages of one host share is told apart from what is a page's own. */
#include "unit/rows.h"

#include "base/date.h"
#include "extract/site.h"

enum { PAGES = 5, SHOWN = 512 };

#define HEAD(title, description, image)                                                            \
	"<!doctype html><html lang=en><head><title>" title                                         \
	"</title><meta property='og:type' content='article'>"                                      \
	"<meta property='og:description' content='" description                                    \
	"'><meta property='og:image' content='" image "'><meta property='article:published_time' " \
	"content='2024-05-07T18:30:00Z'></head><body><main><article>"
#define REST                                                                                                 \
	"<p>The board met on Tuesday evening to decide how the old ferry pier should be used once the new "  \
	"terminal opens, and heard from the fishermen and from the sailing school.</p><p>A vote is "         \
	"expected "                                                                                          \
	"before the end of the month, the chair said, although several members asked for more time to read " \
	"what had been put before them on the day of the meeting.</p></article></main></body></html>"
#define OURS "What the Gazette stands for, and why it is worth its price, in one sentence."
#define OWN "The board has to decide within a month what becomes of the old pier by the harbour."
#define LEAD                                                                                             \
	"The board met on Tuesday evening to decide how the old ferry pier should be used once the new " \
	"terminal opens, and heard from the fishermen and from the sailing school."
#define CARD "/card.png"

/* pages are https://h.example/1 and so on; want: what is chosen on the first, "field=value" a line. */
static const struct row {
	const char *name, *pages[PAGES], *want;
	bool keep_images;
	const char *alike; /* `want` of a page alone, where nothing is learnt */
} rows[] = {
	{"nothing is shared",
	 {HEAD("Pier", OWN, "/a.jpg") "<h1>Pier</h1>" REST,
	  HEAD("Mast", OURS, "/b.jpg") "<h1>Mast</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"a description",
	 {HEAD("Pier", OURS, "/a.jpg") "<h1>Pier</h1>" REST,
	  HEAD("Mast", OURS, "/b.jpg") "<h1>Mast</h1>" REST},
	 "title=Pier\nexcerpt=" LEAD "\nimages=https://h.example/a.jpg\n"},
	{"a card, and a picture in the text",
	 {HEAD("Pier", OWN, CARD) "<h1>Pier</h1><img src=/photos/pier.jpg width=900 height=600>" REST,
	  HEAD("Mast", "Another text about another thing in the harbour.", CARD) "<h1>Mast</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/photos/pier.jpg\n"},
	{"a card and nothing else",
	 {HEAD("Pier", OWN, CARD) "<h1>Pier</h1>" REST,
	  HEAD("Mast", "Another text about another thing in the harbour.", CARD) "<h1>Mast</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\n"},
	{"a card, where the operator takes it",
	 {HEAD("Pier", OWN, CARD) "<h1>Pier</h1>" REST,
	  HEAD("Mast", "Another text about another thing in the harbour.", CARD) "<h1>Mast</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/card.png\n",
	 true},
	{"a photograph of a story in two parts",
	 {HEAD("Pier", OWN, "/p.jpg") "<h1>Pier</h1><img src=/p.jpg width=900 height=600>" REST,
	  HEAD("Mast", "Another text about another thing in the harbour.",
	       "/p.jpg") "<h1>Mast</h1><img src=/p.jpg width=900 height=600>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/p.jpg\n"},
	{"the same article twice",
	 {HEAD("Pier", OWN, "/a.jpg") "<h1>Pier</h1>" REST, HEAD("Pier", OWN, "/a.jpg") "<h1>Pier</h1>" REST,
	  HEAD("Pier", OWN, "/a.jpg") "<h1>Pier</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"one page under three addresses",
	 {HEAD("Pier", OWN, "/a.jpg") "<link rel=canonical href=/1><h1>Pier</h1>" REST,
	  HEAD("Pier (1)", OWN, "/a.jpg") "<link rel=canonical href=/1><h1>Pier</h1>" REST,
	  HEAD("Pier (2)", OWN, "/a.jpg") "<link rel=canonical href=/1><h1>Pier</h1>" REST},
	 "title=Pier\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"the end of each title",
	 {HEAD("Pier to be kept - Coast Weekly", OWN, "/a.jpg") REST,
	  HEAD("Mast found at last - Coast Weekly", "Another text about another thing here.", "/b.jpg") REST,
	  HEAD("Crew of five - Coast Weekly", "A third text about a third thing in here.", "/c.jpg") REST},
	 "title=Pier to be kept\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n",
	 .alike = "title=Pier to be kept - Coast Weekly\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"the beginning of each title",
	 {HEAD("Coast Weekly | Pier to be kept", OWN, "/a.jpg") REST,
	  HEAD("Coast Weekly | Mast found at last", "Another text about another thing here.", "/b.jpg") REST,
	  HEAD("Coast Weekly | Crew of five", "A third text about a third thing in here.", "/c.jpg") REST},
	 "title=Pier to be kept\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"one title for all",
	 {HEAD("All of the coast", OWN, "/a.jpg") "<h1>Pier to be kept</h1>" REST,
	  HEAD("All of the coast", "Another text about another thing here.", "/b.jpg") "<h1>Mast</h1>" REST,
	  HEAD("All of the coast", "A third text about a third thing in here.",
	       "/c.jpg") "<h1>Crew</h1>" REST,
	  HEAD("All of the coast", "A fourth text about a fourth thing in here.",
	       "/d.jpg") "<h1>Sail</h1>" REST},
	 "title=Pier to be kept\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
	{"the end of two titles is a part of them",
	 {HEAD("Pier to be kept - part one", OWN, "/a.jpg") REST,
	  HEAD("Mast found at last - part one", "Another text about another thing here.", "/b.jpg") REST},
	 "title=Pier to be kept - part one\nexcerpt=" OWN "\nimages=https://h.example/a.jpg\n"},
};

static struct page *page_of(const char *html, unsigned n, struct arena *arena)
{
	char url[64];
	struct page_response response = {.body = span_str(html),
					 .content_type = SPAN("text/html; charset=utf-8")};
	struct page *page;
	struct error e;

	(void)snprintf(url, sizeof(url), "https://h.example/%u", n);
	response.requested_url = response.final_url = arena_dup(arena, span_str(url));
	assert_int_equal(extract_page(&response, arena, &page, &e), ERR_OK);
	return page;
}

/* The rule of the state, in a few lines. */
static void learn(struct site_view *views, size_t n, struct site_defaults *ret)
{
	for (size_t v = 0; v < n; v++)
		for (size_t m = 0; m < views[v].count; m++) {
			uint64_t value = views[v].marks[m].value, pages[PAGES], titles[PAGES];
			unsigned need = 0, np = 0, nt = 0;
			bool seen = false;

			for (size_t i = 0; i < ret->count; i++)
				seen |= ret->values[i] == value;
			for (size_t w = 0; w < n; w++)
				for (size_t k = 0; k < views[w].count; k++) {
					bool page = true, title = true;

					if (views[w].marks[k].value != value)
						continue;
					need = MAX(need, views[w].marks[k].need);
					for (unsigned i = 0; i < np; i++)
						page &= pages[i] != views[w].page;
					for (unsigned i = 0; i < nt; i++)
						title &= titles[i] != views[w].title;
					pages[np] = views[w].page;
					np += page;
					titles[nt] = views[w].title;
					nt += title;
				}
			if (!seen && np >= need && (nt >= need || np >= 2 * need))
				ret->values[ret->count++] = value;
		}
	for (size_t i = 0; i < ret->count; i++)
		for (size_t k = i + 1; k < ret->count; k++)
			if (ret->values[k] < ret->values[i]) {
				uint64_t t = ret->values[i];

				ret->values[i] = ret->values[k];
				ret->values[k] = t;
			}
}

static void chosen(struct page *page, const struct site_defaults *site, bool keep_images, struct arena *arena,
		   char out[SHOWN])
{
	static const enum field shown[] = {FIELD_TITLE, FIELD_EXCERPT, FIELD_IMAGE};
	const struct choose_options options = {.excerpt_min = 80,
					       .excerpt_max = 300,
					       .now = date_from_civil(2030, 1, 1) * 86400,
					       .site = site,
					       .site_images = keep_images};
	struct metadata md;

	out[0] = 0;
	assert_int_equal(extract_choose(page, &options, false, arena, &md), ERR_OK);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		const struct candidate *k = md.chosen[shown[i]];
		size_t n = strlen(out);

		if (!k)
			continue;
		(void)snprintf(out + n, SHOWN - n, "%s=%.*s\n", field_name(shown[i]), SPAN_ARG(k->value));
		/* what is written now and found to be the host's later is known again */
		if (site)
			assert_false(site_is_default(site, shown[i], k->value, arena) && !keep_images);
	}
}

static void learns(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 * 1024 * 1024);
	uint64_t values[PAGES * SITE_MARKS_MAX];
	struct site_defaults site = {values, 0};
	struct site_view views[PAGES];
	struct page *first = NULL;
	char got[SHOWN];
	size_t n = 0;

	for (; n < PAGES && row->pages[n]; n++) {
		struct page *page = page_of(row->pages[n], (unsigned)n + 1, &arena);
		char url[64];

		assert_int_equal(page->verdict, VERDICT_ARTICLE);
		(void)snprintf(url, sizeof(url), "https://www.h.example:8443/%zu?from=feed", n + 1);
		assert_int_equal(site_view(page, arena_dup(&arena, span_str(url)), &arena, &views[n]),
				 ERR_OK);
		assert_true(span_eq(views[n].host, SPAN("h.example")));
		for (size_t i = 0; i < views[n].count; i++)
			assert_in_range(views[n].marks[i].need, 2, SITE_NEED_MAX);
		if (!n)
			first = page;
	}
	if (row->alike) {
		chosen(first, NULL, false, &arena, got);
		assert_string_equal(got, row->alike);
	}
	learn(views, n, &site);
	chosen(first, &site, row->keep_images, &arena, got);
	assert_string_equal(got, row->want);
}

/* An excerpt that was cut when it was written is still known. */
static void knows_cut(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 * 1024 * 1024);
	uint64_t values[2 * SITE_MARKS_MAX];
	struct site_defaults site = {values, 0};
	struct site_view views[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(site_view(page_of(i ? HEAD("Pier", OURS " " LEAD, CARD) REST
						     : HEAD("Mast", OURS " " LEAD, CARD) REST,
						   i + 1, &arena),
					   i ? SPAN("https://h.example/1") : SPAN("https://h.example/2"),
					   &arena, &views[i]),
				 ERR_OK);
	learn(views, 2, &site);
	assert_true(site_is_default(&site, FIELD_EXCERPT, SPAN(OURS " The board met on…"), &arena));
	assert_true(site_is_default(&site, FIELD_IMAGE, SPAN("https://h.example/card.png"), &arena));
	assert_false(site_is_default(&site, FIELD_EXCERPT, SPAN(OWN), &arena));
	assert_false(site_is_default(&site, FIELD_IMAGE, SPAN("https://h.example/other.png"), &arena));
	assert_false(site_is_default(NULL, FIELD_IMAGE, SPAN("https://h.example/card.png"), &arena));
}

/* What is no article teaches nothing. */
static void only_articles(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 * 1024 * 1024);
	struct page *page = page_of(HEAD("Pier", OURS, CARD) REST, 1, &arena);
	struct site_view view;

	(void)state;
	page->verdict = VERDICT_CONSENT;
	assert_int_equal(site_view(page, SPAN("https://h.example/1"), &arena, &view), ERR_OK);
	assert_int_equal(view.count, 0);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(knows_cut),
						 cmocka_unit_test(only_articles)};

	extract_init();
	return RUN_ROWS("extract/site", rows, learns) | cmocka_run_group_tests(more, NULL, NULL);
}
