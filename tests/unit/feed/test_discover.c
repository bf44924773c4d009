/* SPDX-License-Identifier: MIT */
#include "feed/discover.h"

#include "base/strbuf.h"
#include "extract/extract.h"
#include "unit/rows.h"

#define RSS "type='application/rss+xml'"

/* want: "URL[ title]" of each offer, parted by '|'; a '?' before it for a guess, a '#' for comments. */
static const struct row {
	const char *name, *html, *want;
} rows[] = {
	{"one", "<link rel=alternate " RSS " href=/feed title=' Our  news '>",
	 "https://x.example/feed Our news"},
	{"several, comments last",
	 "<link rel=alternate " RSS " href=/comments/feed><link rel='alternate home' "
	 "type='application/atom+xml; charset=utf-8' href=atom.xml>",
	 "https://x.example/a/atom.xml|#https://x.example/comments/feed"},
	{"in the body", "<body><p>x<link rel=alternate type=application/feed+json href=f.json>",
	 "https://x.example/a/f.json"},
	{"base", "<base href='https://y.example/'><link rel=alternate " RSS " href=f>",
	 "https://y.example/f"},
	{"the same twice", "<link rel=alternate " RSS " href=f><link rel=alternate " RSS " href=f#x>",
	 "https://x.example/a/f"},
	{"rel feed", "<link rel=feed href=f>", "https://x.example/a/f"},
	{"vague types need a name",
	 "<link rel=alternate type=text/xml href=/sitemap><link rel=alternate type=application/json "
	 "href=/wp-json/x><link rel=alternate type=text/xml href=/rss.php>",
	 "https://x.example/rss.php"},
	{"other languages are no feeds", "<link rel=alternate hreflang=de href=/de>", ""},
	{"other schemes are no feeds", "<link rel=alternate " RSS " href='javascript:x'>", ""},
	{"links, where nothing is declared",
	 "<a href=/news>News</a><a href=/podcast.rss>Pod</a><a href='/rss'>RSS</a><a href=/feedback>F</a>",
	 "?https://x.example/podcast.rss Pod|?https://x.example/rss RSS"},
	{"nothing", "<p>x", ""},
};

static void offers(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(4096);
	struct feed_offers found;

	assert_int_equal(feed_discover(span_str(row->html), SPAN("text/html"), SPAN("https://x.example/a/b"),
				       &arena, &found),
			 ERR_OK);
	for (size_t i = 0; i < found.count; i++) {
		const struct feed_offer *o = &found.offers[i];

		assert_int_equal(strbuf_addf(&got, "%s%s%s%.*s%s%.*s", i ? "|" : "", o->guessed ? "?" : "",
					     o->comments ? "#" : "", SPAN_ARG(o->url),
					     o->title.ptr ? " " : "", SPAN_ARG(o->title)),
				 ERR_OK);
	}
	assert_string_equal(strbuf_cstr(&got), row->want);
}

static void many_are_cut(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf html = STRBUF_INIT(1 << 20);
	struct feed_offers found;

	(void)state;
	for (int i = 0; i < 2 * DISCOVER_MAX; i++)
		assert_int_equal(strbuf_addf(&html, "<link rel=feed href=%d>", i), ERR_OK);
	assert_int_equal(
		feed_discover(strbuf_span(&html), SPAN_NONE, SPAN("https://x.example/"), &arena, &found),
		ERR_OK);
	assert_int_equal(found.count, DISCOVER_MAX);
}

static void usual_places(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct feed_offers found;

	(void)state;
	assert_int_equal(feed_usual_places(SPAN("https://x.example/some/page?q"), &arena, &found), ERR_OK);
	assert_true(found.count > 5 && found.count <= DISCOVER_USUAL_MAX);
	assert_true(span_eq_str(found.offers[0].url, "https://x.example/feed/"));
	assert_true(found.offers[0].guessed);
	assert_int_equal(feed_usual_places(SPAN("mailto:x"), &arena, &found), ERR_UNSUPPORTED);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 2] = {cmocka_unit_test(many_are_cut),
							 cmocka_unit_test(usual_places)};

	extract_init();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i + 2] =
			(struct CMUnitTest){rows[i].name, offers, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("discover", tests, ARRAY_SIZE(tests), NULL, NULL);
}
