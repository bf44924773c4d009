/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/attach.h"
#include "document/shape.h"

#define HEAD "---\ntitle: \"t\"\noriginalUrl: \"https://a.example/x\"\n"
#define ENTRY(in)                                                                    \
	in "- title: \"T: 1\"\n" in "  publishedDateTime: 2024-05-07T18:30:00Z\n" in \
	   "  webUrl: \"https://b.example/y\"\n" in "  provider:\n" in "    name: \"B\"\n"

static const struct row {
	const char *name, *in, *want; /* want NULL: as it was; "!": not safe */
} rows[] = {
	{"no list yet", HEAD "---\nbody\n", HEAD "related:\n" ENTRY("  ") "---\nbody\n"},
	{"an empty list", HEAD "related: []\n---\n", HEAD "related:\n" ENTRY("  ") "---\n"},
	{"behind another",
	 HEAD "related:\n  - webUrl: \"https://c.example/\" # mine\n\nsecured: \"x\"\n---\n",
	 HEAD "related:\n  - webUrl: \"https://c.example/\" # mine\n" ENTRY("  ") "\nsecured: \"x\"\n---\n"},
	{"dashes at the margin", HEAD "related:\n- webUrl: \"https://c.example/\"\n  title: c\n---\n",
	 HEAD "related:\n- webUrl: \"https://c.example/\"\n  title: c\n" ENTRY("") "---\n"},
	{"it is there", HEAD "related:\n  - webUrl: \"https://b.example/y\"\n---\n", NULL},
	{"it is the article", "---\ntitle: t\noriginalUrl: \"https://b.example/y\"\n---\n", NULL},
	{"between brackets", HEAD "related: [{webUrl: \"https://c.example/\"}]\n---\n", "!"},
	{"no list", HEAD "related: no\n---\n", "!"},
};

static void attaches(void **state)
{
	const struct row *row = *state;
	const struct attachment entry = {.title = SPAN("T: 1"),
					 .date = SPAN("2024-05-07T18:30:00Z"),
					 .url = SPAN("https://b.example/y"),
					 .provider = SPAN("B")};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 22);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(1 << 20);
	const struct shape *shape;
	struct document *doc;
	struct error e = {.text = ""};
	bool there;
	enum err r;

	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &arena, &doc, &e), ERR_OK);
	r = document_attach(doc, shape, span_str(row->in), &entry, &there, &out, &e);
	if (row->want && *row->want == '!') {
		assert_int_equal(r, ERR_UNSAFE);
		return;
	}
	assert_int_equal(r, ERR_OK);
	assert_int_equal(there, row->want == NULL);
	if (row->want)
		assert_string_equal(strbuf_cstr(&out), row->want);
}

int main(void)
{
	return RUN_ROWS("attach", rows, attaches);
}
