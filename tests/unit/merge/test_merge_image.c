/* SPDX-License-Identifier: MIT */
/* Which picture a document gets by what is known of its bytes, and what is asked for first. */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "document/shape.h"
#include "merge/merge.h"

enum { IMAGES = 6 };

#define URLS "originalUrl: \"https://a.example/x\"\nwebUrl: \"https://a.example/x\"\n"
#define ALL "publishedDateTime: 2020-01-01T00:00:00Z\ntype: article\nprovider: {name: A, domain: a.example}\n"
#define HEAD "---\ntitle: t\nexcerpt: Mine.\n" URLS ALL
#define U(n) "https://i.example/" n ".jpg"

/* known: what is known of candidate i: "1200x630", "-" there is none, "?" not now, "!" forbidden, NULL
 * nothing; behind a size: "+" a copy is there, "~" one was tried in vain; a type other than JPEG before it:
 * "svg:". */
static const struct row {
	const char *name, *in;
	const char *page[IMAGES], *known[IMAGES];
	unsigned max;
	bool copies, local, declared;
	const char *want;
	unsigned unfilled, later;
} rows[] = {
	{"asked for first",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {NULL},
	 .want = "? " U("one") "\n",
	 .unfilled = 1},
	{"as its bytes say",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"1200x630"},
	 .want = U("one") " 1200x630\n"},
	{"none there", HEAD "---\n", {U("one"), U("two")}, {"-"}, .want = "? " U("two") "\n", .unfilled = 1},
	{"none there, the next",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"-", "640x480"},
	 .want = U("two") " 640x480\n"},
	{"none at all", HEAD "---\n", {U("one"), U("two")}, {"-", "-"}, .want = "", .unfilled = 1},
	{"not to be had now",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"?", "640x480"},
	 .want = "",
	 .unfilled = 1,
	 .later = 1},
	{"nobody may look", HEAD "---\n", {U("one")}, {"!"}, .want = U("one") " 0x0\n"},
	{"nobody may look at the second",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"-", "!"},
	 .want = "",
	 .unfilled = 1},
	{"an icon", HEAD "---\n", {U("one"), U("two")}, {"32x32", "640x480"}, .want = U("two") " 640x480\n"},
	{"a banner",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"1400x90", "640x480"},
	 .want = U("two") " 640x480\n"},
	{"a pixel alone", HEAD "---\n", {U("one")}, {"1x1"}, .want = "", .unfilled = 1},
	{"a spacer of 2^31 pixels", HEAD "---\n", {U("one")}, {"2147483647x1"}, .want = "", .unfilled = 1},
	{"a small one where there is no other",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"150x100", "-"},
	 .want = U("one") " 150x100\n"},
	{"a good one before a small one",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"150x100", "640x480"},
	 .want = U("two") " 640x480\n"},
	{"a photograph before a drawing",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"svg:800x600", "640x480"},
	 .want = U("two") " 640x480\n"},
	{"an icon by its type", HEAD "---\n", {U("one")}, {"ico:256x256"}, .want = "", .unfilled = 1},
	{"several in order of merit",
	 HEAD "---\n",
	 {U("one"), U("two"), U("three")},
	 {"640x480", "32x32", "800x600"},
	 .max = 3,
	 .want = U("one") " 640x480\n" U("three") " 800x600\n"},
	{"several, asked one after the other",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"640x480"},
	 .max = 3,
	 .want = "? " U("two") "\n",
	 .unfilled = 1},
	{"unmeasured", HEAD "---\n", {U("one")}, {NULL}, .declared = true, .want = U("one") " 0x0\n"},

	{"a copy is asked for at once",
	 HEAD "---\n",
	 {U("one")},
	 {NULL},
	 .copies = true,
	 .want = "?+ " U("one") "\n",
	 .unfilled = 1},
	{"a copy of what was measured before",
	 HEAD "---\n",
	 {U("one")},
	 {"640x480"},
	 .copies = true,
	 .want = "?+ " U("one") "\n",
	 .unfilled = 1},
	{"no copy of what is not taken",
	 HEAD "---\n",
	 {U("one"), U("two")},
	 {"32x32", "640x480+"},
	 .copies = true,
	 .want = U("two") " 640x480 cached\n"},
	{"copied",
	 HEAD "---\n",
	 {U("one")},
	 {"640x480+"},
	 .copies = true,
	 .want = U("one") " 640x480 cached\n"},
	{"no copy could be made",
	 HEAD "---\n",
	 {U("one")},
	 {"640x480~"},
	 .copies = true,
	 .want = U("one") " 640x480\n"},
	{"the copy's own URL",
	 HEAD "---\n",
	 {U("one")},
	 {"640x480+"},
	 .copies = true,
	 .local = true,
	 .want = "/cache/a.jpg 640x480\n"},
	{"the original without a copy",
	 HEAD "---\n",
	 {U("one")},
	 {"640x480~"},
	 .copies = true,
	 .local = true,
	 .want = U("one") " 640x480\n"},

	{"the size of what stands there",
	 HEAD "images:\n  - url: " U("one") "\n---\n",
	 {U("one")},
	 {"640x480"},
	 .want = U("one") " 640x480\n"},
	{"of that, not of what the page shows",
	 HEAD "images:\n  - url: " U("two") "\n---\n",
	 {U("one")},
	 {"640x480"},
	 .want = "? " U("two") "\n"},
	{"asked for",
	 HEAD "images:\n  - url: " U("one") "\n---\n",
	 {NULL},
	 {NULL},
	 .want = "? " U("one") "\n"},
	{"what stands there is none",
	 HEAD "images:\n  - url: " U("one") "\n---\n",
	 {U("one")},
	 {"-"},
	 .want = ""},
	{"the mark of its copy",
	 HEAD "images:\n  - url: " U("one") "\n    width: 1\n    height: 1\n---\n",
	 {U("one")},
	 {"640x480+"},
	 .copies = true,
	 .want = U("one") " 640x480 cached\n"},
	{"no mark without a copy",
	 HEAD "images:\n  - url: " U("one") "\n    width: 1\n    height: 1\n---\n",
	 {U("one")},
	 {"640x480~"},
	 .copies = true,
	 .want = ""},
	{"a person's mark stays",
	 HEAD "images:\n  - url: " U("one") "\n    width: 1\n    height: 1\n    isCached: false\n---\n",
	 {U("one")},
	 {NULL},
	 .copies = true,
	 .want = ""},
};

static void read_known(const char *text, const char *url, struct merge_image *k)
{
	struct span rest, side;
	uint64_t n = 0;

	*k = (struct merge_image){.url = span_str(url), .type = IMAGE_JPEG};
	switch (*text) {
	case '-': k->state = MERGE_IMAGE_NONE; return;
	case '?': k->state = MERGE_IMAGE_LATER; return;
	case '!': k->state = MERGE_IMAGE_FORBIDDEN; return;
	default: break;
	}
	if (span_starts(span_str(text), SPAN("svg:")))
		k->type = IMAGE_SVG;
	else if (span_starts(span_str(text), SPAN("ico:")))
		k->type = IMAGE_ICO;
	text += k->type == IMAGE_JPEG ? 0 : 4;
	rest = span_str(text);
	if (span_ends(rest, SPAN("+")))
		k->copy = SPAN("/cache/a.jpg");
	k->copy_tried = span_ends(rest, SPAN("~"));
	rest.len -= k->copy.ptr || k->copy_tried;
	side = span_split(&rest, 'x');
	assert_true(span_to_uint(side, IMAGE_SIDE_MAX, &n));
	k->width = (unsigned)n;
	assert_true(span_to_uint(rest, IMAGE_SIDE_MAX, &n));
	k->height = (unsigned)n;
}

static void add_line(struct strbuf *b, const struct merge_change *c)
{
	for (size_t i = 0; i < c->change.image_count; i++)
		assert_int_equal(strbuf_addf(b, "%.*s %ux%u%s\n", SPAN_ARG(c->change.images[i].url),
					     c->change.images[i].width, c->change.images[i].height,
					     c->change.images[i].cached ? " cached" : ""),
				 ERR_OK);
}

static struct page *page_of(const struct row *row, struct arena *arena)
{
	struct page *page = ARENA_NEW(arena, struct page);

	assert_non_null(page);
	page->candidates = ARENA_NEW_ARRAY(arena, struct candidate, IMAGES);
	assert_non_null(page->candidates);
	page->verdict = VERDICT_ARTICLE;
	page->url = SPAN("https://a.example/x");
	for (size_t i = 0; i < IMAGES && row->page[i]; i++)
		page->candidates[page->candidate_count++] = (struct candidate){
			.field = FIELD_IMAGE,
			.value = span_str(row->page[i]),
			.source = SPAN("og:image"),
			.score = 90 - (int)i,
			.group = (unsigned)i + 1,
		};
	return page;
}

static void chooses(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 * 1024 * 1024);
	CLEANUP(strbuf_release) struct strbuf got = STRBUF_INIT(4096);
	const struct shape_key cached = {"cached", "isCached"};
	enum policy policy[FIELD_LINK_COUNT] = {POLICY_FILL};
	struct merge_image images[IMAGES];
	struct merge_options options = {.excerpt_min = 80,
					.excerpt_max = 300,
					.now = 1800000000,
					.measure = !row->declared,
					.copies = row->copies,
					.copies_local = row->local,
					.images_max = row->max,
					.images = images};
	struct known known[4] = {{.page = NULL}};
	const struct shape *shape;
	struct document *doc;
	struct plan *plan;
	struct patch *patch;
	struct error e;

	for (size_t i = 0; i < IMAGES; i++)
		if (row->known[i])
			read_known(row->known[i], row->page[i], &images[options.image_count++]);
	assert_int_equal(shape_make(NULL, &cached, row->copies && !row->local, &arena, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &arena, &doc, &e), ERR_OK);
	assert_int_equal(plan_document(doc, policy, NULL, 0, &arena, &plan, &e), ERR_OK);
	known[0] = (struct known){.page = page_of(row, &arena), .final_url = SPAN("https://a.example/x")};
	assert_int_equal(merge_document(doc, plan, known, &options, &arena, &patch, &e), ERR_OK);
	for (size_t i = 0; i < patch->image_want_count; i++) {
		assert_true(span_eq_str(patch->image_wants[i].referer, "https://a.example/x"));
		assert_int_equal(strbuf_addf(&got, "?%s %.*s\n", patch->image_wants[i].copy ? "+" : "",
					     SPAN_ARG(patch->image_wants[i].url)),
				 ERR_OK);
	}
	for (size_t i = 0; i < patch->change_count; i++)
		add_line(&got, &patch->changes[i]);
	assert_string_equal(strbuf_cstr(&got), row->want);
	assert_int_equal(patch->unfilled, row->unfilled);
	assert_int_equal(patch->images_later, row->later);
}

int main(void)
{
	extract_init();
	return RUN_ROWS("merge/image", rows, chooses);
}
