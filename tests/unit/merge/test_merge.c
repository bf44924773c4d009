/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "document/shape.h"
#include "merge/merge.h"

#define URLS "originalUrl: \"https://a.example/x\"\nwebUrl: \"https://a.example/x\"\n"
#define IMAGE "images:\n  - url: \"https://a.example/i.jpg\"\n    width: 1\n    height: 1\n"

enum { FIELDS = 4 };

/* One page for the article's URL; want: "field=value" a change. */
static const struct row {
	const char *name, *in;
	enum verdict verdict;
	struct {
		enum field field;
		const char *value;
		unsigned width, height;
	} page[FIELDS];
	const char *text; /* of the page, for what is cut off */
	const char *want;
	unsigned unfilled, missing; /* missing: bits of enum field; 0: not looked at */
	const char *policy;         /* "field=policy" */
	const char *wrote;          /* "field=raw" by ingestd before */
	bool table;                 /* that names a.example "The A" */
	int wrote_score;            /* the page's have 90; 0: not known */
} rows[] = {
	{.name = "fills a gap",
	 .in = "---\ntitle: t\n" URLS IMAGE "---\n",
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .want = "excerpt=What the page says of itself, in a sentence that is long enough to be one.\n"},
	{.name = "only an article changes a document",
	 .in = "---\ntitle: t\n" URLS IMAGE "---\n",
	 .verdict = VERDICT_CHALLENGE,
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .want = "",
	 .unfilled = 1,
	 .missing = 1u << FIELD_EXCERPT},
	{.name = "what is there stays",
	 .in = "---\ntitle: t\nexcerpt: Mine.\n" URLS IMAGE "---\n",
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .want = ""},
	{.name = "a page without it leaves the gap",
	 .in = "---\ntitle: t\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .want = "",
	 .unfilled = 1,
	 .missing = 1u << FIELD_EXCERPT},
	{.name = "a cut-off excerpt that the page continues",
	 .in = "---\ntitle: t\nexcerpt: \"The board met on Tuesday to decide how the\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .text = "The board met on Tuesday to decide how the old pier should be used. A vote is expected.",
	 .want = "excerpt=The board met on Tuesday to decide how the old pier should be used. A vote is "
		 "expected.\n"},
	{.name = "one that it does not continue",
	 .in = "---\ntitle: t\nexcerpt: \"What I think of it\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .text = "The board met on Tuesday to decide how the old pier should be used.",
	 .want = ""},
	{.name = "instants are in UTC",
	 .in = "---\nwebUrl: \"https://a.example/x\"\nexcerpt: Mine.\ntitle: t\npublishedDateTime:\n" IMAGE
	       "---\n",
	 .page = {{FIELD_DATE, "2024-05-07T20:30:00+02:00"}},
	 .want = "publishedDateTime=2024-05-07T18:30:00Z\n"},
	{.name = "refreshes what ingestd wrote",
	 .in = "---\ntitle: t\nexcerpt: \"Old.\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .policy = "excerpt",
	 .wrote = " \"Old.\"",
	 .want = "excerpt=What the page says of itself, in a sentence that is long enough to be one.\n"},
	{.name = "a refresh brings nothing worse",
	 .in = "---\ntitle: t\nexcerpt: \"Old.\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .policy = "excerpt",
	 .wrote = " \"Old.\"",
	 .wrote_score = 95,
	 .want = ""},
	{.name = "a refresh brings what is as good",
	 .in = "---\ntitle: t\nexcerpt: \"Old.\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_EXCERPT,
		   "What the page says of itself, in a sentence that is long enough to be one."}},
	 .policy = "excerpt",
	 .wrote = " \"Old.\"",
	 .wrote_score = 90,
	 .want = "excerpt=What the page says of itself, in a sentence that is long enough to be one.\n"},
	{.name = "a refresh that finds nothing empties nothing",
	 .in = "---\ntitle: t\nexcerpt: \"Old.\"\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .policy = "excerpt",
	 .wrote = " \"Old.\"",
	 .want = ""},
	{.name = "a site's name is what its page says",
	 .in = "---\ntitle: t\nexcerpt: Mine.\nprovider:\n  name:\n" URLS IMAGE "---\n",
	 .page = {{FIELD_PROVIDER_NAME, "Alpha"}},
	 .table = true,
	 .want = "provider.name=Alpha\n"},
	{.name = "else what the table says",
	 .in = "---\ntitle: t\nexcerpt: Mine.\nprovider:\n  name:\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .table = true,
	 .want = "provider.name=The A\n"},
	{.name = "else the domain",
	 .in = "---\ntitle: t\nexcerpt: Mine.\nprovider:\n  name:\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .want = "provider.name=a.example\n"},
	{.name = "a name that a person wrote stays, whatever the table says",
	 .in = "---\ntitle: t\nprovider:\n  name: Mine\nexcerpt:\n" URLS IMAGE "---\n",
	 .page = {{FIELD_TITLE, "t"}},
	 .table = true,
	 .want = "",
	 .unfilled = 1},
};

static struct page *page_of(const struct row *row, struct arena *arena)
{
	struct page *page = ARENA_NEW(arena, struct page);

	assert_non_null(page);
	page->candidates = ARENA_NEW_ARRAY(arena, struct candidate, FIELDS);
	assert_non_null(page->candidates);
	page->verdict = row->verdict;
	page->url = SPAN("https://a.example/x");
	page->text = page->lead = span_str(row->text);
	for (size_t i = 0; i < FIELDS && row->page[i].value; i++)
		page->candidates[page->candidate_count++] = (struct candidate){
			.field = row->page[i].field,
			.value = span_str(row->page[i].value),
			.source = row->page[i].field == FIELD_IMAGE  ? SPAN("og:image")
				  : row->page[i].field == FIELD_DATE ? SPAN("article:published_time")
								     : SPAN("og:description"),
			.score = 90,
			.width = row->page[i].width,
			.height = row->page[i].height,
			.group = row->page[i].field == FIELD_IMAGE,
		};
	return page;
}

static void merges(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 * 1024 * 1024);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(4096);
	enum policy policy[FIELD_LINK_COUNT] = {POLICY_FILL};
	struct organizations *table = row->table ? organizations_new() : NULL;
	const struct merge_options options = {80, 300, 1800000000, .organizations = table};
	struct written written = {true, SPAN("https://a.example/x"), FIELD_EXCERPT, span_str(row->wrote),
				  false};
	struct known known[4] = {{NULL, SPAN_NONE}};
	const struct shape *shape;
	struct document *doc;
	struct plan *plan;
	struct patch *patch;
	struct error e;

	written.score = row->wrote_score;
	if (row->table) {
		assert_non_null(table);
		assert_int_equal(
			organizations_add(table, SPAN("a.example.md"), SPAN("---\nname: The A\n---\n"), &e),
			ERR_OK);
		organizations_end(table);
	}
	if (row->policy)
		policy[FIELD_EXCERPT] = POLICY_REFRESH;
	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &arena, &doc, &e), ERR_OK);
	assert_int_equal(plan_document(doc, policy, &written, row->wrote != NULL, &arena, &plan, &e), ERR_OK);
	known[0] = (struct known){page_of(row, &arena), SPAN("https://a.example/x")};
	assert_int_equal(merge_document(doc, plan, known, &options, &arena, &patch, &e), ERR_OK);
	for (size_t i = 0; i < patch->change_count; i++) {
		const struct change *c = &patch->changes[i].change;

		assert_int_equal(strbuf_addf(&got, "%s=%.*s", field_name(c->field), SPAN_ARG(c->value)),
				 ERR_OK);
		if (c->field == FIELD_IMAGE)
			assert_int_equal(strbuf_addf(&got, "%.*s %ux%u", SPAN_ARG(c->images[0].url),
						     c->images[0].width, c->images[0].height),
					 ERR_OK);
		assert_int_equal(strbuf_add_byte(&got, '\n'), ERR_OK);
	}
	assert_string_equal(strbuf_cstr(&got), row->want);
	assert_int_equal(patch->unfilled, row->unfilled);
	assert_int_equal(patch->missing != 0, row->unfilled != 0);
	if (row->missing)
		assert_int_equal(patch->missing, row->missing);
	organizations_free(table);
}

int main(void)
{
	extract_init();
	return RUN_ROWS("merge", rows, merges);
}
