/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/frontmatter.h"

#define TEXT(t)                                                     \
	{                                                           \
		.kind = VALUE_STRING, .text = {(t), sizeof(t) - 1 } \
	}
#define PLAIN(t)                                                   \
	{                                                          \
		.kind = VALUE_PLAIN, .text = {(t), sizeof(t) - 1 } \
	}

static const struct value words[] = {TEXT("AI"), TEXT("yes"), TEXT("C#")};
static const struct value pair[] = {
	{.kind = VALUE_STRING, .text = {"https://a.example/x y", 21}, .key = {"url", 3}},
	{.kind = VALUE_PLAIN, .text = {"640", 3}, .key = {"width", 5}}};
static const struct value pairs[] = {{.kind = VALUE_MAP, .items = pair, .count = 2}};
#define LIST                                                   \
	{                                                      \
		.kind = VALUE_LIST, .items = words, .count = 3 \
	}
#define MAP                                                  \
	{                                                    \
		.kind = VALUE_MAP, .items = pair, .count = 2 \
	}
#define MAPS                                                   \
	{                                                      \
		.kind = VALUE_LIST, .items = pairs, .count = 1 \
	}

/* One set; afterwards the old bytes (or the key's removal) must give back `in`. want NULL: refused by err. */
static const struct row {
	const char *name, *in, *want;
	const char *path; /* "key/0/key" */
	struct value value;
	enum err err;
} rows[] = {
	{"plain stays plain", "a: b # c\n", "a: d # c\n", "a", TEXT("d"), 0},
	{"colon forces quotes", "a: b\n", "a: \"d: e\"\n", "a", TEXT("d: e"), 0},
	{"quotes by the document's majority", "a: b\nc: 'x'\n", "a: 'd: e'\nc: 'x'\n", "a", TEXT("d: e"), 0},
	{"single stays single", "a: 'b'\n", "a: 'it''s'\n", "a", TEXT("it's"), 0},
	{"line feed leaves single quotes", "a: 'b'\n", "a: \"x\\ny\"\n", "a", TEXT("x\ny"), 0},
	{"number over a text", "a: \"b\"\n", "a: 12\n", "a", PLAIN("12"), 0},
	{"value on the next line", "a   :  \n  b\nc: 1\n", "a   :  \n  \"|\"\nc: 1\n", "a", TEXT("|"), 0},
	{"several lines, plain", "a:\n  x\n  y\n\nb: 1\n", "a:\n  z\n\nb: 1\n", "a", TEXT("z"), 0},
	{"several lines, quoted", "a: \"x\n  y\"  # c\n", "a: \"z\"  # c\n", "a", TEXT("z"), 0},
	{"tag goes with its value", "a: !!int \"5\"\n", "a: \"on\"\n", "a", TEXT("on"), 0},
	{"complex key's value", "? a\n: b\n", "? a\n: c\n", "a", TEXT("c"), 0},
	{"literal", "a: |\n  x\n\n  y\n\n\nb: 1\n", "a: z\n\n\nb: 1\n", "a", TEXT("z"), 0},
	{"literal that looks like a fence", "a: |\n  x\n  ---\nb: 1\n", "a: z\nb: 1\n", "a", TEXT("z"), 0},
	{"behind trailing blanks that count", "a: |\n  x\n   \n", "a: |\n  x\n   \nb: 1\n", "b", PLAIN("1"),
	 0},
	{"behind kept lines", "a: |+\n  x\n\n", "a: |+\n  x\n\nb:\n  - AI\n  - \"yes\"\n  - C#\n", "b", LIST,
	 0},
	{"no blank line is added to kept ones", "x: 1\n\na: |+\n  x\n\n",
	 "x: 1\n\na: |+\n  x\n\nb:\n  - AI\n  - \"yes\"\n  - C#\n", "b", LIST, 0},
	{"flow list over flow list", "a: [x, y] # c\nb: 1\n", "a: [AI, \"yes\", C#] # c\nb: 1\n", "a", LIST,
	 0},
	{"block list over block list", "a:\n- x\n# c\nb: 1\n",
	 "a:\n- url: https://a.example/x y\n  width: 640\n# c\nb: 1\n", "a", MAPS, 0},
	{"text over a list", "a:\n  - x\n  - y\nb: 1\n", "a: z\nb: 1\n", "a", TEXT("z"), 0},
	{"map over a text", "a: x\nb: 1\n", "a:\n  url: https://a.example/x y\n  width: 640\nb: 1\n", "a",
	 MAP, 0},
	{"map over a text with a comment", "a: x # c\n",
	 "a: {url: \"https://a.example/x y\", width: 640} # c\n", "a", MAP, 0},
	{"list behind a comment", "a: # c\n  - x\nb: 1\n", "a: # c\n  [AI, \"yes\", C#]\nb: 1\n", "a", LIST,
	 0},
	{"item of a list", "a:\n  - x\n  - y\n", "a:\n  - x\n  - z\n", "a/1", TEXT("z"), 0},
	{"item becomes a map", "a:\n  - x\n  - y\n",
	 "a:\n  - url: https://a.example/x y\n    width: 640\n  - y\n", "a/0", MAP, 0},
	{"key in an item", "a:\n  - b: 1\n    c: 2\n  - b: 3\n",
	 "a:\n  - b: 1\n    c: 2\n  - b: 3\n    c: 4\n", "a/1/c", PLAIN("4"), 0},
	{"key in an anchorless flow map", "a: {b: 1, c: 2}\n", "a: {b: 1, c: 2, d: \"x,\"}\n", "a/d",
	 TEXT("x,"), 0},
	{"key behind a trailing comma", "{\n  a: 1,\n}\n", "{\n  a: 1,\n  b: 2,\n}\n", "b", PLAIN("2"), 0},
	{"URL in brackets", "a: {b: 1}\n", "a: {b: \"http://x\"}\n", "a/b", TEXT("http://x"), 0},
	{"indented root", "  a: 1\n", "  a: 1\n  b: 2\n", "b", PLAIN("2"), 0},
	{"behind deeper comments", "a:\n  - x\n  # - y\n# c\n", "a:\n  - x\n  # - y\nb: 2\n# c\n", "b",
	 PLAIN("2"), 0},
	{"empty root", "# c\n", "# c\nb: 2\n", "b", PLAIN("2"), 0},
	{"nothing at all", "", "b: 2\n", "b", PLAIN("2"), 0},
	{"key that needs quotes", "a: 1\n", "a: 1\n\"no\": 2\n", "no", PLAIN("2"), 0},
	{"characters are not bytes", "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80\nb: \"\xc3\xa9\" # \xc3\xa9\n",
	 "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80\nb: \"x\" # \xc3\xa9\n", "b", TEXT("x"), 0},
	{"line separator inside quotes", "a: \"x\xe2\x80\xa8y\"\nb: 1\n", "a: \"x\xe2\x80\xa8y\"\nb: 2\n",
	 "b", PLAIN("2"), 0},
	{"missing parent", "a: 1\n", NULL, "b/c", PLAIN("2"), ERR_NOTFOUND},
	{"index past the end", "a: [1]\n", NULL, "a/1", PLAIN("2"), ERR_NOTFOUND},
	{"key in a text", "a: x\n", NULL, "a/b", PLAIN("2"), ERR_NOTFOUND},
	{"alias", "a: &x 1\nb: *x\n", NULL, "b", PLAIN("2"), ERR_UNSAFE},
	{"anchor", "a: &x 1\nb: *x\n", NULL, "a", PLAIN("2"), ERR_UNSAFE},
	{"anchor within", "a: [&x 1]\nb: *x\n", NULL, "a", PLAIN("2"), ERR_UNSAFE},
	{"anchor around", "a: &x\n  c: 1\nb: *x\n", NULL, "a/c", PLAIN("2"), ERR_UNSAFE},
	{"anchor around a new key", "a: &x {c: 1}\nb: *x\n", NULL, "a/d", PLAIN("2"), ERR_UNSAFE},
	{"no place for a value", "? a\n? b\n", NULL, "a", PLAIN("2"), ERR_UNSAFE},
	{"key that stands twice", "a: 1\na: 2\nb: 1\n", NULL, "a", PLAIN("2"), ERR_UNSAFE},
	{"beside a key that stands twice", "a: 1\na: 2\nb: 1\n", "a: 1\na: 2\nb: 2\n", "b", PLAIN("2"), 0},
	{"a second key in the value", "a: 1\n", NULL, "a", PLAIN("2\nc: 3"), ERR_UNSAFE},
	{"a comment in the value", "a: 1\n", NULL, "a", PLAIN("2 # c"), ERR_UNSAFE},
	{"a list for a number", "a: 1\n", NULL, "b", PLAIN("[2]"), ERR_UNSAFE},
	{"an end of the front matter in the value", "a: 1\n", NULL, "a", PLAIN("2\n---\n"), ERR_UNSAFE},
	{"not UTF-8", "a: 1\n", NULL, "a", TEXT("\xff"), ERR_INVALID},
};

static enum err edit_text(struct span text, const struct edit *edit, struct strbuf *out, struct error *e)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct frontmatter *fm = NULL;
	enum err r = frontmatter_parse(text, &a, &fm, e);

	assert_int_equal(r, ERR_OK);
	r = frontmatter_edit(fm, edit, out, e);
	arena_release(&a);
	return r;
}

/* The value's bytes in text; SPAN_NONE when it is not there. */
static struct span raw_at(struct span text, const struct edit *edit, struct arena *a)
{
	struct frontmatter *fm = NULL;

	assert_int_equal(frontmatter_parse(text, a, &fm, NULL), ERR_OK);
	const struct node *n = fm->root;
	for (size_t i = 0; n && i < edit->steps; i++)
		n = edit->path[i].key.ptr ? node_get(n, edit->path[i].key)
					  : node_item(n, edit->path[i].index);
	return n ? node_raw(fm, n) : SPAN_NONE;
}

static void set_path(struct edit *edit, const char *path)
{
	struct span rest = span_str(path);

	while (rest.ptr) {
		struct step *step = &edit->path[edit->steps++];
		uint64_t n;

		step->key = span_split(&rest, '/');
		if (span_to_uint(step->key, 99, &n))
			*step = (struct step){SPAN_NONE, (size_t)n};
	}
}

static void put_lines(struct strbuf *out, const char *text, const char *eol)
{
	for (; *text; text++)
		assert_false(*text == '\n' ? strbuf_add_str(out, eol) : strbuf_add_byte(out, *text));
}

static void put_document(struct strbuf *out, const char *yaml, const char *eol)
{
	put_lines(out, "---\n", eol);
	put_lines(out, yaml, eol);
	put_lines(out, "---\nbody\n---\n", eol);
}

static void sets_and_takes_back(void **state)
{
	const struct row *row = *state;
	static const char *const eols[] = {"\n", "\r\n"};

	/* with CRLF every line end but those inside values must follow */
	for (size_t k = 0; k < 2; k++) {
		struct strbuf in = STRBUF_INIT(4096), out = STRBUF_INIT(4096), back = STRBUF_INIT(4096),
			      want = STRBUF_INIT(4096);
		struct edit edit = {.kind = EDIT_SET, .value = row->value};
		struct arena a = ARENA_INIT(1 << 20);
		struct error e = {0};
		put_document(&in, row->in, eols[k]);
		if (row->want)
			put_document(&want, row->want, eols[k]);
		set_path(&edit, row->path);
		enum err r = edit_text(strbuf_span(&in), &edit, &out, &e);
		assert_int_equal(r, row->err);
		if (!r) {
			assert_string_equal(strbuf_cstr(&out), strbuf_cstr(&want));
			edit.raw = raw_at(strbuf_span(&in), &edit, &a);
			edit.kind = edit.raw.ptr ? EDIT_RAW : EDIT_REMOVE;
			if (edit_text(strbuf_span(&out), &edit, &back, &e))
				fail_msg("back: %u:%u: %s", e.line, e.col, e.text);
			assert_string_equal(strbuf_cstr(&back), strbuf_cstr(&in));
		}
		strbuf_release(&in);
		strbuf_release(&out);
		strbuf_release(&back);
		strbuf_release(&want);
		arena_release(&a);
	}
}

/* What is put back may come from a damaged state: it too is proven. */
static void raw_bytes_are_proven(void **state)
{
	(void)state;
	static const char *const raws[] = {" 1\nc: 2", " [1", " # c", "1", " 1\n---\n"};

	for (size_t i = 0; i < ARRAY_SIZE(raws); i++) {
		struct strbuf out = STRBUF_INIT(4096);
		struct edit edit = {.kind = EDIT_RAW, .raw = span_str(raws[i])};
		struct error e = {0};

		set_path(&edit, "a");
		assert_int_equal(edit_text(SPAN("---\na: x\nb: 1\n---\n"), &edit, &out, &e), ERR_UNSAFE);
		strbuf_release(&out);
	}
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(raw_bytes_are_proven)};

	return RUN_ROWS("edit/set", rows, sets_and_takes_back) +
	       cmocka_run_group_tests_name("edit", more, NULL, NULL);
}
