/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "feed/score.h"

enum { DAY = 86400 };

static const struct row {
	const char *name;
	struct score_facts facts;
	unsigned quality, heat;
} rows[] = {
	{"nothing", {.excerpt = 0}, 0, 0},
	{"all", {200, 2000, true, true, true, 400, 200, 0}, 100, 100},
	{"more than all", {9000, 90000, true, true, true, 4000, 2000, 0}, 100, 100},
	{"half an excerpt", {.excerpt = 100}, 15, 15},
	{"a tenth of the text", {.text = 200}, 2, 2},
	{"an image of unknown size", {.image = true}, 10, 10},
	{"a thumbnail", {.image = true, .width = 399, .height = 400}, 10, 10},
	{"a size without an image", {.width = 800, .height = 400}, 0, 0},
	{"a good image", {.image = true, .width = 400, .height = 200}, 25, 25},
	{"a date", {.dated = true}, 15, 15},
	{"an author", {.author = true}, 10, 10},
	{"a day old", {200, 2000, true, true, true, 400, 200, DAY}, 100, 100},
	{"half a week beyond", {200, 2000, true, true, true, 400, 200, DAY + 7 * DAY / 2}, 100, 75},
	{"a week beyond", {200, 2000, true, true, true, 400, 200, 8 * DAY}, 100, 50},
	{"two weeks beyond", {200, 2000, true, true, true, 400, 200, 15 * DAY}, 100, 25},
	{"of long ago", {200, 2000, true, true, true, 400, 200, INT64_MAX}, 100, 0},
	{"of the future", {200, 2000, true, true, true, 400, 200, INT64_MIN}, 100, 100},
	{"age without a date", {.excerpt = 200, .age = INT64_MAX}, 30, 30},
	{"counts without end", {.excerpt = 1 << 30, .text = 1 << 30}, 50, 50},
};

static void scores(void **state)
{
	const struct row *row = *state;

	assert_int_equal(score_quality(&row->facts), row->quality);
	assert_int_equal(score_heat(&row->facts), row->heat);
}

/* want: what follows the title. */
static const struct fill_row {
	const char *name, *template, *article, *want;
	bool score;
} fills[] = {
	{"not asked for", "quality: {quality}\nheat: {heat}\n", "", "", false},
	{"what the entry has", "quality: {quality}\nheat: {heat}\n", "", "quality: 26\nheat: 13\n", true},
	{"what the article adds", "quality: {quality}\nheat: {heat}\n", "excerpt: \"0123456789\"\n",
	 "quality: 27\nheat: 13\nexcerpt: \"0123456789\"\n", true},
	{"wherever it stands", "score: \"{quality} of 100, {heat}\"\n", "", "score: \"26 of 100, 13\"\n",
	 true},
	{"no place for it", "kind: news\n", "", "kind: news\n", true},
};

static void fills_in(void **state)
{
	const struct fill_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 24);
	CLEANUP(strbuf_release)
	struct strbuf template = STRBUF_INIT(1 << 16), want = STRBUF_INIT(1 << 16),
		      text = STRBUF_INIT(1 << 16), json = STRBUF_INIT(1 << 16), out = STRBUF_INIT(1 << 16);
	static const char head[] = "title: \"T\"\npublishedDateTime: 2023-11-06T22:13:20Z\n"
				   "originalUrl: \"https://a.example/x\"\n";
	static const struct feed feed = {.title = {"F", 1}};
	static const struct feed_entry entry = {
		.title = {"T", 1},
		.link = {"https://a.example/x", 19},
		.summary = {"No more than a hundred characters are here: they are one twentieth of what "
			    "counts as a whole article.",
			    101},
		.author = {"A", 1},
		.published = {true, {.seconds = 1700000000 - 8 * DAY, .has_time = true, .has_zone = true}},
	};
	const struct shape *shape;
	struct draft d, back;
	struct error e;

	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(strbuf_addf(&template,
				     "title: {title}\npublishedDateTime: {date}\noriginalUrl: {link}\n%s",
				     row->template),
			 ERR_OK);
	const struct draft_source from = {.feed = &feed,
					  .entry = &entry,
					  .shape = shape,
					  .feed_url = SPAN("https://a.example/feed"),
					  .template = strbuf_span(&template),
					  .pattern = SPAN("slug.md"),
					  .folder = SPAN(""),
					  .excerpt_min = 20,
					  .excerpt_max = 0,
					  .now = 1700000000,
					  .ahead = DAY,
					  .score = row->score};

	assert_int_equal(draft_make(&from, &arena, &d), ERR_OK);
	assert_int_equal(draft_encode(&d, &json), ERR_OK);
	assert_int_equal(draft_decode(strbuf_span(&json), &arena, &back), ERR_OK);
	assert_int_equal(strbuf_add_span(&text, span_sub(back.text, 0, back.text.len - 4)), ERR_OK);
	assert_int_equal(strbuf_addf(&text, "%s---\n", row->article), ERR_OK);
	assert_int_equal(score_fill(&back, strbuf_span(&text), shape, 1700000000, &out, &e), ERR_OK);
	assert_int_equal(strbuf_addf(&want, "---\n%s%s---\n", head, row->want), ERR_OK);
	assert_string_equal(strbuf_cstr(&out), strbuf_cstr(&want));
}

int main(void)
{
	return RUN_ROWS("score", rows, scores) + RUN_ROWS("score/fill", fills, fills_in);
}
