/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "feed/opml.h"

#define OPML(body) "<?xml version=\"1.0\"?><opml version=\"2.0\"><head/><body>" body "</body></opml>"

/* want: "url|title|folder;" for each feed, then what else there is to say. */
static const struct row {
	const char *name, *in, *want;
} rows[] = {
	{"one", OPML("<outline text=\"A &amp; B\" type=\"rss\" xmlUrl=\"https://a.example/feed\"/>"),
	 "https://a.example/feed|A & B|;"},
	{"folders",
	 OPML("<outline text=\"News\"><outline text=\"Tech\"><outline title=\"A\" "
	      "xmlUrl=\"https://a.example/\"/></outline><outline text=\"B\" "
	      "xmlUrl=\"https://b.example/\"/></outline>"
	      "<outline text=\"C\" xmlUrl=\"https://c.example/\"/>"),
	 "https://a.example/|A|News/Tech;https://b.example/|B|News;https://c.example/|C|;"},
	{"a category instead of a folder",
	 OPML("<outline text=\"A\" category=\"/News/Tech,/Other\" xmlUrl=\"https://a.example/\"/>"),
	 "https://a.example/|A|News/Tech;"},
	{"names in other case",
	 "<OPML><BODY><OUTLINE TEXT=\"A\" XMLURL=\"https://a.example/\"/></BODY></OPML>",
	 "https://a.example/|A|;"},
	{"twice", OPML("<outline xmlUrl=\"https://a.example/\"/><outline xmlUrl=\"HTTPS://A.example\"/>"),
	 "https://a.example/||; 1 skipped"},
	{"feed:", OPML("<outline xmlUrl=\"feed:https://a.example/x\"/>"), "https://a.example/x||;"},
	{"no http", OPML("<outline xmlUrl=\"file:///etc/passwd\"/>"), " 1 skipped"},
	{"cut off", "<opml><body><outline xmlUrl=\"https://a.example/\"/><outline text=\"b",
	 "https://a.example/||; damaged"},
	{"an entity from outside",
	 "<!DOCTYPE opml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><opml><body><outline "
	 "text=\"&x;\" xmlUrl=\"https://a.example/\"/></body></opml>",
	 "https://a.example/||; damaged"},
	{"nothing in it", "<opml/>", ""},
	{"a feed", "<rss><channel/></rss>", "!not OPML but <rss>"},
	{"not XML", "hello", "!not OPML"},
	{"empty", "", "!not OPML"},
};

static void describe(const struct opml *o, struct strbuf *out)
{
	for (size_t i = 0; i < o->count; i++)
		assert_int_equal(strbuf_addf(out, "%.*s|%.*s|%.*s;", SPAN_ARG(o->feeds[i].url),
					     SPAN_ARG(o->feeds[i].title), SPAN_ARG(o->feeds[i].folder)),
				 ERR_OK);
	if (o->skipped)
		assert_int_equal(strbuf_addf(out, " %zu skipped", o->skipped), ERR_OK);
	if (o->damaged)
		assert_int_equal(strbuf_add_str(out, " damaged"), ERR_OK);
}

static void reads(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	CLEANUP(strbuf_release)
	struct strbuf got = STRBUF_INIT(1 << 20), again = STRBUF_INIT(1 << 20), text = STRBUF_INIT(1 << 20);
	struct opml *o;
	struct error e = {.text = ""};
	enum err r = opml_read(span_str(row->in), &arena, &o, &e);

	if (row->want[0] == '!') {
		assert_int_equal(r, ERR_SYNTAX);
		assert_non_null(strstr(e.text, row->want + 1));
		return;
	}
	assert_int_equal(r, ERR_OK);
	describe(o, &got);
	assert_string_equal(strbuf_cstr(&got), row->want);
	/* what is written is read again, though folders come in their own order */
	assert_int_equal(opml_write(o->feeds, o->count, &text), ERR_OK);
	assert_int_equal(opml_read(strbuf_span(&text), &arena, &o, &e), ERR_OK);
	assert_false(o->damaged);
	strbuf_truncate(&got, 0);
	describe(o, &got);
	assert_int_equal(opml_write(o->feeds, o->count, &again), ERR_OK);
	assert_string_equal(strbuf_cstr(&again), strbuf_cstr(&text));
}

static void deep(void **state)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 26);
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 24);
	struct opml *o;
	struct error e;

	(void)state;
	assert_int_equal(strbuf_add_str(&text, "<opml><body>"), ERR_OK);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(strbuf_add_str(&text, "<outline text='x'>"), ERR_OK);
	assert_int_equal(strbuf_add_str(&text, "<outline xmlUrl='https://a.example/'/>"), ERR_OK);
	assert_int_equal(opml_read(strbuf_span(&text), &arena, &o, &e), ERR_OK);
	assert_int_equal(o->count, 0);
}

int main(void)
{
	static const struct {
		const char *name;
	} one[] = {{"deep"}};

	return RUN_ROWS("opml", rows, reads) + RUN_ROWS("opml/deep", one, deep);
}
