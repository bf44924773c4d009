/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "document/shape.h"
#include "merge/merge.h"

#define AT(url) \
	"webUrl: \"" url "\"\ntitle: t\nexcerpt: Done.\nimages: [{url: /i.jpg, width: 1, height: 1}]\n"
#define HERE AT("https://www.a.example/x")
#define SHOWS(url) HERE "provider:\n  name: A\n  domain: a.example\n  images: [{url: " url "}]\n"

/* The table: a.example has /a-50.png (50x50) and /a-400.png (400x400); b.example https://b.example/b.png.
 * want: "url WxH" of the change; "". */
static const struct row {
	const char *name;
	const char *beside[4]; /* documents of the folder */
	const char *in, *want;
} rows[] = {
	{"as the table has it", {SHOWS("/a-50.png")}, HERE "provider:\n  name: A\n", "/a-50.png 50x50"},
	{"with the site's address before it",
	 {SHOWS("https://my.example/site/a-50.png")},
	 HERE "provider:\n  name: A\n",
	 "https://my.example/site/a-50.png 50x50"},
	{"of another size",
	 {SHOWS("https://my.example/a-400.png")},
	 HERE "provider:\n  name: A\n",
	 "https://my.example/a-400.png 400x400"},
	{"as most have it",
	 {SHOWS("https://z.example/a-50.png"), SHOWS("https://y.example/a-50.png"),
	  SHOWS("https://z.example/a-50.png")},
	 HERE "provider:\n  name: A\n",
	 "https://z.example/a-50.png 50x50"},
	{"of two that as many have, the one that sorts first",
	 {SHOWS("https://z.example/a-50.png"), SHOWS("https://y.example/a-50.png")},
	 HERE "provider:\n  name: A\n",
	 "https://y.example/a-50.png 50x50"},
	{"what a person has of elsewhere says that it is used, not how",
	 {SHOWS("https://elsewhere.example/x.png")},
	 HERE "provider:\n  name: A\n",
	 "/a-50.png 50x50"},
	{"a strange beginning is not taken over",
	 {SHOWS("\"javascript:/a-50.png\"")},
	 HERE "provider:\n  name: A\n",
	 "/a-50.png 50x50"},
	{"an address stays whole",
	 {SHOWS("https://my.example/site/a-50.png")},
	 AT("https://b.example/x") "provider:\n  name: B\n",
	 "https://b.example/b.png 0x0"},
	{"nobody has one", {HERE}, HERE "provider:\n  name: A\n", ""},
	{"an empty one is filled where nobody has one",
	 {HERE},
	 HERE "provider:\n  name: A\n  images:\n",
	 "/a-50.png 50x50"},
	{"the document's domain counts, not the link's host",
	 {SHOWS("/a-50.png")},
	 AT("https://www.a.example/x") "provider:\n  domain: b.example\n",
	 "https://b.example/b.png 0x0"},
	{"a domain that the table has not",
	 {SHOWS("/a-50.png")},
	 AT("https://www.a.example/x") "provider:\n  domain: c.example\n",
	 ""},
	{"a domain that is none",
	 {SHOWS("/a-50.png")},
	 AT("https://www.a.example/x") "provider:\n  domain: \"a b/c\"\n",
	 ""},
	{"a person's stays", {SHOWS("/a-50.png")}, SHOWS("/mine.png"), ""},
};

static void add(struct organizations *o, const char *file, const char *text)
{
	struct error e;

	assert_int_equal(organizations_add(o, span_str(file), span_str(text), &e), ERR_OK);
}

static struct document *parse(const char *body, const struct shape *shape, struct arena *arena)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(4096);
	struct document *doc;
	struct error e;

	assert_int_equal(strbuf_addf(&text, "---\n%s---\n", body), ERR_OK);
	assert_int_equal(document_parse(arena_dup(arena, strbuf_span(&text)), shape, arena, &doc, &e),
			 ERR_OK);
	return doc;
}

static void shows(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 * 1024 * 1024);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(4096);
	enum policy policy[FIELD_LINK_COUNT] = {POLICY_FILL};
	struct organizations *o = organizations_new();
	struct logo_votes votes = {.count = 0};
	struct merge_options options = {80, 300, 1800000000, .organizations = o};
	struct known known[4] = {{NULL, SPAN_NONE}};
	const struct shape *shape;
	struct document *doc;
	struct logos logos;
	struct patch *patch;
	struct plan *plan;
	struct error e;

	assert_non_null(o);
	add(o, "a.example.md",
	    "---\nname: A\nimages:\n  - {url: /a-50.png, width: 50, height: 50}\n"
	    "  - {url: /a-400.png, width: 400, height: 400}\n---\n");
	add(o, "b.example.md", "---\nname: B\nimages: [https://b.example/b.png]\n---\n");
	organizations_end(o);
	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	for (size_t i = 0; i < ARRAY_SIZE(row->beside) && row->beside[i]; i++)
		assert_int_equal(logos_vote(o, parse(row->beside[i], shape, &arena), &arena, &votes), ERR_OK);
	logos = logos_elected(&votes);
	options.logos = &logos;
	doc = parse(row->in, shape, &arena);
	doc->logos = logos.used ? LOGOS_USED : LOGOS_EMPTY;
	assert_int_equal(plan_document(doc, policy, NULL, 0, &arena, &plan, &e), ERR_OK);
	assert_int_equal(merge_document(doc, plan, known, &options, &arena, &patch, &e), ERR_OK);
	for (size_t i = 0; i < patch->change_count; i++) {
		const struct change *c = &patch->changes[i].change;

		assert_int_equal(c->field, FIELD_PROVIDER_IMAGE);
		assert_int_equal(c->image_count, 1);
		assert_int_equal(strbuf_addf(&got, "%.*s %ux%u", SPAN_ARG(c->images[0].url),
					     c->images[0].width, c->images[0].height),
				 ERR_OK);
	}
	assert_string_equal(strbuf_cstr(&got), row->want);
	organizations_free(o);
}

int main(void)
{
	extract_init();
	return RUN_ROWS("logos", rows, shows);
}
