/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/document.h"
#include "feed/draft.h"

#define NOW INT64_C(1700000000)
#define AT(seconds_, time_)                                        \
	{                                                          \
		true,                                              \
		{                                                  \
			.seconds = (seconds_), .has_time = (time_) \
		}                                                  \
	}

#define S(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct span tags[] = {{"x", 1}, {"y z", 3}};
static const struct feed feed = {.title = S("The Feed")};

/* want: the text between the fences. */
static const struct row {
	const char *name;
	struct feed_entry entry;
	const char *want, *file;
} rows[] = {
	{"all there is",
	 {.title = S("A: title"),
	  .link = S("https://www.a.example/x"),
	  .summary = S("Long enough to be an excerpt."),
	  .has_own_summary = true,
	  .published = AT(NOW - 86400, true),
	  .image = {S("https://a.example/i.jpg"), 800, 400},
	  .tags = tags,
	  .tag_count = 2},
	 "category: \"news\"\ntitle: \"A: title\"\nexcerpt: \"Long enough to be an excerpt.\"\n"
	 "publishedDateTime: 2023-11-13T22:13:20Z\noriginalUrl: \"https://www.a.example/x\"\npublished: "
	 "false\n\n"
	 "topics:\n  - AI\n  - Base\n\nimages:\n  - url: \"https://a.example/i.jpg\"\n    width: 800\n    "
	 "height: 400\n",
	 "2023-11-13-a-title.md"},
	{"little: the article has to tell",
	 {.title = S("T"),
	  .link = S("https://a.example/x"),
	  .summary = S("Cut off in the mid"),
	  .has_own_summary = true,
	  .image = {S("https://a.example/i.jpg"), 80, 80}},
	 "category: \"news\"\ntitle: \"T\"\noriginalUrl: \"https://a.example/x\"\npublished: "
	 "false\n\ntopics:\n  - "
	 "AI\n  - Base\n",
	 "2023-11-14-t.md"},
	{"a day without a time",
	 {.title = S("T"), .link = S("https://a.example/x"), .published = AT(1699920000, false)},
	 "category: \"news\"\ntitle: \"T\"\npublishedDateTime: 2023-11-14\noriginalUrl: "
	 "\"https://a.example/x\"\npublished: false\n\ntopics:\n  - AI\n  - Base\n",
	 "2023-11-14-t.md"},
	{"a date of the future is none",
	 {.title = S("T"), .link = S("https://a.example/x"), .published = AT(NOW + 100 * 86400, true)},
	 "category: \"news\"\ntitle: \"T\"\noriginalUrl: \"https://a.example/x\"\npublished: "
	 "false\n\ntopics:\n  - "
	 "AI\n  - Base\n",
	 "2023-11-14-t.md"},
	{"no title, no http link",
	 {.link = S("javascript:alert(1)"), .summary = S("A summary that is no title. And more of it.")},
	 "category: \"news\"\ntitle: \"A summary that is no title. And more of it.\"\npublished: "
	 "false\n\ntopics:\n  - "
	 "AI\n  - Base\n",
	 "2023-11-14-a-summary-that-is-no-title-and-more-of-it.md"},
};

static void makes(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 24);
	CLEANUP(strbuf_release)
	struct strbuf template = STRBUF_INIT(1 << 16), want = STRBUF_INIT(1 << 16),
		      json = STRBUF_INIT(1 << 20), again = STRBUF_INIT(1 << 20), name = STRBUF_INIT(1 << 12);
	static const struct span base[] = {{"Base", 4}};
	static const struct template_value defaults[] = {{"published", TEMPLATE_PLAIN, S("false"), NULL, 0},
							 {"topics", TEMPLATE_LIST, {NULL, 0}, base, 1}};
	static const char *const topics[] = {"AI"};
	struct draft d, back;
	const struct shape *shape;
	struct document *doc;
	struct error e;

	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(template_default(shape, &template), ERR_OK);
	assert_int_equal(template_check(strbuf_span(&template), draft_names, &e), ERR_OK);
	const struct draft_source from = {.feed = &feed,
					  .entry = &row->entry,
					  .shape = shape,
					  .feed_url = SPAN("https://a.example/feed"),
					  .category = SPAN("news"),
					  .template = strbuf_span(&template),
					  .pattern = SPAN("YYYY-MM-DD-slug.md"),
					  .folder = SPAN(""),
					  .defaults = defaults,
					  .default_count = 2,
					  .topics = topics,
					  .topic_count = 1,
					  .excerpt_min = 20,
					  .excerpt_max = 300,
					  .now = NOW,
					  .ahead = 86400};

	assert_int_equal(draft_make(&from, &arena, &d), ERR_OK);
	assert_int_equal(strbuf_addf(&want, "---\n%s---\n", row->want), ERR_OK);
	assert_string_equal(d.text.ptr, strbuf_cstr(&want));
	assert_int_equal(document_parse(d.text, shape, &arena, &doc, &e), ERR_OK);
	assert_int_equal(doc->link_count, d.url.ptr ? 1 : 0);
	/* the same after a stay in the state */
	assert_int_equal(draft_encode(&d, &json), ERR_OK);
	assert_int_equal(draft_decode(strbuf_span(&json), &arena, &back), ERR_OK);
	assert_int_equal(draft_encode(&back, &again), ERR_OK);
	assert_string_equal(strbuf_cstr(&again), strbuf_cstr(&json));
	assert_int_equal(file_pattern_expand(back.pattern, &back.name, 1, &name), ERR_OK);
	assert_string_equal(strbuf_cstr(&name), row->file);
	assert_true(span_eq(back.fallback[FIELD_EXCERPT], d.fallback[FIELD_EXCERPT]));
}

static const struct damage {
	const char *name, *json;
} damages[] = {{"no JSON", "{"},
	       {"another kind", "[]"},
	       {"no text", "{\"folder\":\"\",\"pattern\":\"slug.md\"}"},
	       {"a name outside", "{\"folder\":\"\",\"text\":\"x\",\"pattern\":\"../slug.md\"}"}};

static void damaged(void **state)
{
	const struct damage *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct draft d;

	assert_int_equal(draft_decode(span_str(row->json), &arena, &d), ERR_DAMAGED);
}

int main(void)
{
	return RUN_ROWS("draft", rows, makes) + RUN_ROWS("draft/damaged", damages, damaged);
}
