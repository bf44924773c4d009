/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/document.h"
#include "document/shape.h"

#define SET(link, field, text)                                                       \
	{                                                                            \
		CHANGE_SET, (link), FIELD_##field, {text, sizeof(text) - 1}, NULL, 0 \
	}
#define IMAGES(link, list)                                                           \
	{                                                                            \
		CHANGE_SET, (link), FIELD_IMAGE, {NULL, 0}, (list), ARRAY_SIZE(list) \
	}
#define HEAD "title: \"A\"\noriginalUrl: \"https://a.example/\"\n"

static const struct image one[] = {{{"https://a.example/x.jpg", 23}, 1200, 628}};
static const struct image bare[] = {{{"https://a.example/x.jpg", 23}, 0, 0}};

/* Applies the changes, compares, then takes them back: what was absent is removed, what was there gets its
 * raw bytes back, and the text must be what it was. */
static const struct row {
	const char *name, *preset, *in, *want;
	struct change changes[8];
} rows[] = {
	{"excerpt goes behind the title",
	 NULL,
	 "---\ncategory: news\n" HEAD "---\n\n",
	 "---\ncategory: news\ntitle: \"A\"\nexcerpt: \"E: \\\"x\\\"\"\noriginalUrl: "
	 "\"https://a.example/\"\n---\n\n",
	 {SET(-1, EXCERPT, "E: \"x\"")}},
	{"null value",
	 NULL,
	 "---\n" HEAD "excerpt:\n---\n",
	 "---\n" HEAD "excerpt: \"E.\"\n---\n",
	 {SET(-1, EXCERPT, "E.")}},
	{"null value with a comment",
	 NULL,
	 "---\n" HEAD "excerpt: # todo\n---\n",
	 "---\n" HEAD "excerpt: \"E.\" # todo\n---\n",
	 {SET(-1, EXCERPT, "E.")}},
	{"empty value",
	 NULL,
	 "---\n" HEAD "excerpt:   ''\n---\n",
	 "---\n" HEAD "excerpt:   'E.'\n---\n",
	 {SET(-1, EXCERPT, "E.")}},
	{"single quotes by example",
	 NULL,
	 "---\ntitle: 'A'\noriginalUrl: 'https://a.example/'\n---\n",
	 "---\ntitle: 'A'\nexcerpt: 'It''s E.'\noriginalUrl: 'https://a.example/'\n---\n",
	 {SET(-1, EXCERPT, "It's E.")}},
	{"folded block replaced",
	 NULL,
	 "---\n" HEAD "excerpt: >-\n  Cut\n  off\n\ntype: x\n---\n",
	 "---\n" HEAD "excerpt: \"Cut off no more.\"\n\ntype: x\n---\n",
	 {SET(-1, EXCERPT, "Cut off no more.")}},
	{"images get their blank line",
	 NULL,
	 "---\n" HEAD "published: false\n\nprovider:\n  name: A\n  domain: a.example\n\ntopics:\n  - AI\n\n"
	 "secured: \"x\"\n---\n",
	 "---\n" HEAD "published: false\n\nprovider:\n  name: A\n  domain: a.example\n\ntopics:\n  - AI\n\n"
	 "images:\n  - url: \"https://a.example/x.jpg\"\n    width: 1200\n    height: 628\n\nsecured: "
	 "\"x\"\n---\n",
	 {IMAGES(-1, one)}},
	{"provider and its group",
	 NULL,
	 "---\n" HEAD "published: false\n\ntopics:\n  - AI\n---\n",
	 "---\n" HEAD
	 "published: false\n\nprovider:\n  name: The A\n  domain: a.example\n\ntopics:\n  - AI\n---\n",
	 {SET(-1, PROVIDER_DOMAIN, "a.example"), SET(-1, PROVIDER_NAME, "The A")}},
	{"no groups where the document has none",
	 NULL,
	 "---\n" HEAD "topics:\n- AI\n- B\n---\n",
	 "---\n" HEAD "topics:\n- AI\n- B\nimages:\n- url: \"https://a.example/x.jpg\"\n  width: 1200\n"
	 "  height: 628\n---\n",
	 {IMAGES(-1, one)}},
	{"images beside provider.images",
	 NULL,
	 "---\n" HEAD "provider:\n  name: A\n  images:\n    - url: \"https://a.example/logo.png\"\n---\n",
	 "---\n" HEAD "provider:\n  name: A\n  images:\n    - url: \"https://a.example/logo.png\"\nimages:\n"
	 "  - url: \"https://a.example/x.jpg\"\n    width: 1200\n    height: 628\n---\n",
	 {IMAGES(-1, one)}},
	{"empty list",
	 NULL,
	 "---\n" HEAD "images: []\n---\n",
	 "---\n" HEAD
	 "images:\n  - url: \"https://a.example/x.jpg\"\n    width: 1200\n    height: 628\n---\n",
	 {IMAGES(-1, one)}},
	{"list over a null with a comment",
	 NULL,
	 "---\n" HEAD "images: # none\n---\n",
	 "---\n" HEAD "images: [{url: \"https://a.example/x.jpg\", width: 1200, height: 628}] # none\n---\n",
	 {IMAGES(-1, one)}},
	{"sizes that lack",
	 NULL,
	 "---\n" HEAD
	 "images:\n  - url: 'https://a.example/x.jpg'\n    height: 628\n    isCached: true\n---\n",
	 "---\n" HEAD "images:\n  - url: 'https://a.example/x.jpg'\n    width: 1200\n    height: 628\n"
	 "    isCached: true\n---\n",
	 {IMAGES(-1, one)}},
	{"an image without its size",
	 NULL,
	 "---\n" HEAD "---\n",
	 "---\n" HEAD "images:\n  - url: \"https://a.example/x.jpg\"\n---\n",
	 {IMAGES(-1, bare)}},
	{"bare related link",
	 NULL,
	 "---\n" HEAD
	 "\nrelated:\n  - webUrl: \"https://b.example/\"\n  - webUrl: \"https://c.example/\"\n---\n",
	 "---\n" HEAD
	 "\nrelated:\n  - webUrl: \"https://b.example/\"\n  - title: \"C\"\n    excerpt: \"E.\"\n"
	 "    publishedDateTime: 2021-08-24T19:12:00Z\n    webUrl: \"https://c.example/\"\n    type: "
	 "article\n"
	 "    provider:\n      name: The C\n      domain: c.example\n    images:\n"
	 "      - url: \"https://a.example/x.jpg\"\n        width: 1200\n        height: 628\n---\n",
	 {SET(1, TITLE, "C"), SET(1, EXCERPT, "E."), SET(1, DATE, "2021-08-24T19:12:00Z"),
	  SET(1, TYPE, "article"), SET(1, PROVIDER_NAME, "The C"), SET(1, PROVIDER_DOMAIN, "c.example"),
	  IMAGES(1, one)}},
	{"null provider",
	 NULL,
	 "---\n" HEAD "provider:\n---\n",
	 "---\n" HEAD "provider: { name: The A, domain: a.example }\n---\n",
	 {SET(-1, PROVIDER_NAME, "The A"), SET(-1, PROVIDER_DOMAIN, "a.example")}},
	{"empty provider",
	 NULL,
	 "---\n" HEAD "provider: {}\n---\n",
	 "---\n" HEAD "provider: {name: The A}\n---\n",
	 {SET(-1, PROVIDER_NAME, "The A")}},
	{"flow entry",
	 NULL,
	 "---\n" HEAD "related: [{webUrl: 'https://b.example/'}]\n---\n",
	 "---\n" HEAD "related: [{title: \"B\", webUrl: 'https://b.example/', type: article}]\n---\n",
	 {SET(0, TITLE, "B"), SET(0, TYPE, "article")}},
	{"root between brackets",
	 NULL,
	 "---\n{\n  \"originalUrl\": \"https://a.example/\",\n  \"x\": 1\n}\n---\n",
	 "---\n{\n  \"title\": \"A\", \"originalUrl\": \"https://a.example/\",\n  \"x\": 1\n}\n---\n",
	 {SET(-1, TITLE, "A")}},
	{"CRLF and byte order mark",
	 NULL,
	 "\xef\xbb\xbf---\r\noriginalUrl: \"https://a.example/\"\r\n---\r\nbody\n---\r\n",
	 "\xef\xbb\xbf---\r\noriginalUrl: \"https://a.example/\"\r\nimages:\r\n  - url: "
	 "\"https://a.example/x.jpg\"\r\n    width: 1200\r\n    height: 628\r\n---\r\nbody\n---\r\n",
	 {IMAGES(-1, one)}},
	{"no final newline",
	 NULL,
	 "---\n" HEAD "---",
	 "---\n" HEAD "type: article\n---",
	 {SET(-1, TYPE, "article")}},
	{"comment stays with its key",
	 NULL,
	 "---\n# where from\noriginalUrl: \"https://a.example/\"\n---\n",
	 "---\ntitle: \"A\"\n# where from\noriginalUrl: \"https://a.example/\"\n---\n",
	 {SET(-1, TITLE, "A")}},
	{"behind a kept block",
	 NULL,
	 "---\n" HEAD "quality: |+\n  1\n\n\n---\n",
	 "---\n" HEAD "quality: |+\n  1\n\n\nprovider:\n  name: A\n---\n",
	 {SET(-1, PROVIDER_NAME, "A")}},
	{"four blanks",
	 NULL,
	 "---\nx:\n    y:\n        - 1\n" HEAD "---\n",
	 "---\nx:\n    y:\n        - 1\n" HEAD "provider:\n    name: A\n---\n",
	 {SET(-1, PROVIDER_NAME, "A")}},
	{"type keeps from being a bool",
	 NULL,
	 "---\n" HEAD "---\n",
	 "---\n" HEAD "type: \"no\"\n---\n",
	 {SET(-1, TYPE, "no")}},
	{"quoted date by example",
	 NULL,
	 "---\n" HEAD
	 "related:\n  - webUrl: \"https://b.example/\"\n    publishedDateTime: \"2021-01-01\"\n---\n",
	 "---\ntitle: \"A\"\npublishedDateTime: \"2021-08-26T00:34:00Z\"\noriginalUrl: "
	 "\"https://a.example/\"\n"
	 "related:\n  - webUrl: \"https://b.example/\"\n    publishedDateTime: \"2021-01-01\"\n---\n",
	 {SET(-1, DATE, "2021-08-26T00:34:00Z")}},
	{"not a date",
	 NULL,
	 "---\n" HEAD "---\n",
	 "---\ntitle: \"A\"\npublishedDateTime: \"no\"\noriginalUrl: \"https://a.example/\"\n---\n",
	 {SET(-1, DATE, "no")}},
	{"kept lines are left to their block",
	 NULL,
	 "---\noriginalUrl: \"x\"\nexcerpt: |+\n\n\n---\n",
	 "---\noriginalUrl: \"x\"\nexcerpt: \"E.\"\npublishedDateTime: 2021-08-26\n\n\n---\n",
	 {SET(-1, EXCERPT, "E."), SET(-1, DATE, "2021-08-26")}},
	{"controls are escaped",
	 NULL,
	 "---\n" HEAD "---\n",
	 "---\ntitle: \"A\"\nexcerpt: \"a\\tb\\n\\x07\\u2028\\uFEFF\"\noriginalUrl: "
	 "\"https://a.example/\"\n---\n",
	 {SET(-1, EXCERPT, "a\tb\n\x07\xe2\x80\xa8\xef\xbb\xbf")}},
	{"chirpy",
	 "chirpy",
	 "---\ntitle: A\noriginalUrl: https://a.example/\n---\n",
	 "---\ntitle: A\noriginalUrl: https://a.example/\ndescription: An E.\ndate: 2021-08-26 02:34:00 "
	 "+0200\n"
	 "image:\n  path: https://a.example/x.jpg\n---\n",
	 {SET(-1, EXCERPT, "An E."), SET(-1, DATE, "2021-08-26T02:34:00+02:00"), IMAGES(-1, one)}},
	{"hugo: the one that is there",
	 "hugo",
	 "---\nparams:\n  originalUrl: https://a.example/\ndescription: ''\n---\n",
	 "---\nparams:\n  originalUrl: https://a.example/\ndescription: 'E.'\n---\n",
	 {SET(-1, EXCERPT, "E.")}},
	{"hugo: a list of texts",
	 "hugo",
	 "---\ntags: [a, b]\nparams:\n  originalUrl: https://a.example/\n---\n",
	 "---\ntags: [a, b]\nparams:\n  originalUrl: https://a.example/\nimages: "
	 "[\"https://a.example/x.jpg\"]\n---\n",
	 {IMAGES(-1, one)}},
	{"jekyll: an image with parts",
	 "jekyll",
	 "---\noriginalUrl: https://a.example/\nimage:\n  alt: x\n---\n",
	 "---\noriginalUrl: https://a.example/\nimage:\n  alt: x\n  path: https://a.example/x.jpg\n---\n",
	 {IMAGES(-1, one)}},
};

static void take_back(const struct document *before, const struct change *c, struct change *ret)
{
	*ret = *c;
	for (size_t i = 0; i < before->link_count; i++) {
		const struct field_state *f = &before->links[i].fields[c->field];

		if (before->links[i].related != c->related)
			continue;
		ret->kind = f->presence == FIELD_ABSENT ? CHANGE_REMOVE : CHANGE_RAW;
		ret->value = f->raw;
	}
}

static void applies(void **state)
{
	const struct row *row = *state;
	struct arena a = ARENA_INIT(1 << 20);
	struct strbuf out = STRBUF_INIT(1 << 20), back = STRBUF_INIT(1 << 20);
	struct change undo[8];
	const struct shape *shape = NULL;
	struct document *doc = NULL, *again = NULL;
	struct error e = {0};
	size_t n = 0;

	assert_int_equal(shape_make(row->preset, NULL, 0, &a, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &a, &doc, &e), ERR_OK);
	while (n < 8 && (row->changes[n].value.ptr || row->changes[n].images))
		n++;
	if (document_apply(doc, row->changes, n, &out, &e))
		fail_msg("%u:%u: %s", e.line, e.col, e.text);
	assert_string_equal(strbuf_cstr(&out), row->want);
	assert_int_equal(document_parse(strbuf_span(&out), shape, &a, &again, &e), ERR_OK);
	for (size_t i = 0; i < n; i++)
		take_back(doc, &row->changes[i], &undo[i]);
	if (document_apply(again, undo, n, &back, &e))
		fail_msg("back: %u:%u: %s", e.line, e.col, e.text);
	assert_string_equal(strbuf_cstr(&back), row->in);
	strbuf_release(&out);
	strbuf_release(&back);
	arena_release(&a);
}

/* What cannot be changed: says so in `editable`, and refuses. */
static const struct refusal {
	const char *name, *preset, *in;
	struct change change;
} refusals[] = {
	{"alias", NULL, "---\n" HEAD "x: &x \"E\"\nexcerpt: *x\n---\n", SET(-1, EXCERPT, "E.")},
	{"anchor", NULL, "---\n" HEAD "excerpt: &x \"\"\ny: *x\n---\n", SET(-1, EXCERPT, "E.")},
	{"mapping with an anchor", NULL, "---\n" HEAD "provider: &p {domain: a.example}\n---\n",
	 SET(-1, PROVIDER_NAME, "A")},
	{"merged mapping", NULL, "---\nd: &d {excerpt: E}\n<<: *d\n" HEAD "---\n", SET(-1, EXCERPT, "E.")},
	{"local image", "astro-blog", "---\n" HEAD "---\n", IMAGES(-1, one)},
	{"no key in the shape", "eleventy", "---\n" HEAD "---\n", SET(-1, TYPE, "article")},
	{"a list where a text belongs", NULL, "---\n" HEAD "type: [a]\n---\n", SET(-1, TYPE, "article")},
	{"value without a place", NULL, "---\n" HEAD "? excerpt\n---\n", SET(-1, EXCERPT, "E.")},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	struct arena a = ARENA_INIT(1 << 20);
	struct strbuf out = STRBUF_INIT(1 << 20);
	const struct shape *shape = NULL;
	struct document *doc = NULL;
	struct error e = {0};

	assert_int_equal(shape_make(row->preset, NULL, 0, &a, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &a, &doc, &e), ERR_OK);
	assert_int_equal(doc->link_count, 1);
	assert_false(doc->links[0].fields[row->change.field].editable);
	assert_int_equal(document_apply(doc, &row->change, 1, &out, &e), ERR_UNSAFE);
	strbuf_release(&out);
	arena_release(&a);
}

static void reads_what_is_there(void **state)
{
	static const char text[] =
		"---\ntitle: \"A &amp; B\"\nexcerpt: ~\noriginalUrl:\nwebUrl: &u https://a.example/ # x\n"
		"images:\n  - url: https://a.example/1.jpg\n    width: 10\n  - height: 5\n"
		"related:\n  - https://skipped.example/\n  - title: none\n"
		"  - webUrl: *u\n    type: \"\"\n    images:\n      - url:\n"
		"ingestd: false\n---\n\xff";
	(void)state;
	struct arena a = ARENA_INIT(1 << 20);
	const struct shape *shape = NULL;
	struct document *doc = NULL;
	struct error e = {0};

	assert_int_equal(shape_make(NULL, NULL, 0, &a, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(text), shape, &a, &doc, &e), ERR_OK);
	assert_true(doc->opted_out);
	assert_int_equal(doc->link_count, 2);
	const struct link *article = &doc->links[0], *other = &doc->links[1];
	assert_true(span_eq_str(article->url, "https://a.example/"));
	assert_int_equal(article->related, -1);
	assert_int_equal(article->line, 5);
	assert_false(article->bare);
	assert_int_equal(article->fields[FIELD_EXCERPT].presence, FIELD_NULL);
	assert_int_equal(article->fields[FIELD_DATE].presence, FIELD_ABSENT);
	assert_null(article->fields[FIELD_DATE].raw.ptr);
	assert_true(span_eq_str(article->fields[FIELD_TITLE].raw, " \"A &amp; B\""));
	assert_true(span_eq_str(article->fields[FIELD_IMAGE].value, "https://a.example/1.jpg"));
	assert_int_equal(article->image_count, 2);
	assert_int_equal(article->images[0].width, 10);
	assert_null(article->images[1].url.ptr);
	assert_int_equal(article->images[1].height, 5);
	assert_int_equal(other->related, 2);
	assert_true(other->bare);
	assert_int_equal(other->line, 13);
	assert_true(span_eq_str(other->url, "https://a.example/"));
	assert_int_equal(other->fields[FIELD_TYPE].presence, FIELD_EMPTY);
	assert_int_equal(other->fields[FIELD_IMAGE].presence, FIELD_EMPTY);
	arena_release(&a);
}

static void changes_each_field_once(void **state)
{
	(void)state;
	static const struct change twice[] = {SET(-1, TITLE, "B"), SET(-1, TYPE, "x"), SET(-1, TITLE, "C")};
	struct arena a = ARENA_INIT(1 << 20);
	struct strbuf out = STRBUF_INIT(4096);
	const struct shape *shape = NULL;
	struct document *doc = NULL;
	struct error e = {0};

	assert_int_equal(shape_make(NULL, NULL, 0, &a, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(SPAN("---\n" HEAD "---\n"), shape, &a, &doc, &e), ERR_OK);
	assert_int_equal(document_apply(doc, twice, 3, &out, &e), ERR_INVALID);
	assert_string_equal(e.text, "title is changed twice");
	strbuf_release(&out);
	arena_release(&a);
}

static void refuses_duplicate_keys(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT(1 << 20);
	const struct shape *shape = NULL;
	struct document *doc = NULL;
	struct error e = {0};

	assert_int_equal(shape_make(NULL, NULL, 0, &a, &shape, &e), ERR_OK);
	assert_int_equal(
		document_parse(SPAN("---\na: 1\nb:\n  c: 1\n  d: 1\n  \"c\": 2\n---\n"), shape, &a, &doc, &e),
		ERR_UNSAFE);
	assert_int_equal(e.line, 6);
	assert_int_equal(e.col, 3);
	assert_non_null(strstr(e.text, "'c' appears twice"));
	assert_int_equal(document_parse(SPAN("# no\n"), shape, &a, &doc, &e), ERR_OK);
	assert_int_equal(doc->link_count, 0);
	arena_release(&a);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(reads_what_is_there),
						 cmocka_unit_test(changes_each_field_once),
						 cmocka_unit_test(refuses_duplicate_keys)};

	return RUN_ROWS("document/apply", rows, applies) + RUN_ROWS("document/refuse", refusals, refuses) +
	       cmocka_run_group_tests_name("document", more, NULL, NULL);
}
