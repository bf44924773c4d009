/* SPDX-License-Identifier: MIT */
/* Front matter made to cost: each must be answered, whatever the answer, at once. */
#include "unit/rows.h"

#include <time.h>

#include "document/document.h"
#include "document/shape.h"

enum { MIB = 1 << 20 };

static void repeat(struct strbuf *b, const char *text, size_t n)
{
	while (n--)
		assert_false(strbuf_add_str(b, text));
}

static void many_bytes(struct strbuf *b)
{
	repeat(b, "a long line of text that goes on and on, 64 bytes of it, at once\n", 50 * MIB / 65);
}
static void many_bytes_of_front_matter(struct strbuf *b)
{
	repeat(b, "# 16 characters\n", 5 * MIB / 16);
}
static void one_long_line(struct strbuf *b)
{
	repeat(b, "title: ", 1);
	repeat(b, "xxxxxxxxxxxxxxxx", 50 * MIB / 16);
}
static void deep_flow(struct strbuf *b)
{
	repeat(b, "a: ", 1);
	repeat(b, "[", 10000);
}
static void deep_flow_maps(struct strbuf *b)
{
	repeat(b, "{a: ", 20000);
}
static void flow_to_the_brim(struct strbuf *b)
{
	repeat(b, "[", 250000);
}
static void deep_block(struct strbuf *b)
{
	repeat(b, "- ", 10000);
}
static void deep_indentation(struct strbuf *b)
{
	for (size_t i = 0; i < 600; i++) {
		repeat(b, " ", i);
		repeat(b, "a:\n", 1);
	}
}
static void laughs(struct strbuf *b)
{
	repeat(b, "a: &a [x, x, x, x, x, x, x, x, x]\n", 1);
	for (int c = 'b'; c < 'z'; c++)
		assert_false(strbuf_addf(b, "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c - 1,
					 c - 1, c - 1, c - 1, c - 1, c - 1, c - 1));
}
static void many_aliases(struct strbuf *b)
{
	repeat(b, "a: &a 1\nb:\n", 1);
	repeat(b, " - *a\n", 15000);
}
static void long_body(struct strbuf *b)
{
	repeat(b, "originalUrl: https://a.example/\n---\n", 1);
	repeat(b, "a body of 16 bytes\n", MIB / 2);
}
static void many_items(struct strbuf *b)
{
	repeat(b, "a:\n", 1);
	repeat(b, " -\n", 80000);
}
static void many_links(struct strbuf *b)
{
	repeat(b, "related:\n", 1);
	repeat(b, " - webUrl: a\n", 15000);
}
static void many_keys(struct strbuf *b)
{
	repeat(b, "originalUrl: https://a.example/\n", 1);
	for (int i = 0; i < 20000; i++)
		assert_false(strbuf_addf(b, "k%d: %d\n", i, i));
}
static void odd_keys(struct strbuf *b)
{
	repeat(b, "originalUrl: https://a.example/\n", 1);
	for (int i = 0; i < 10000; i++)
		assert_false(strbuf_addf(b, "? k%d\n: - a\n", i));
}
static void long_words(struct strbuf *b)
{
	repeat(b, "a: \"", 1);
	repeat(b, "\\u20ac", 40000);
	repeat(b, "\"\n", 1);
}

static const struct row {
	const char *name;
	void (*make)(struct strbuf *b);
	enum err want;
	bool edit;
} rows[] = {
	{"50 MB", many_bytes, ERR_TOOBIG, false},
	{"5 MB within the limit of a document", many_bytes_of_front_matter, ERR_TOOBIG, false},
	{"one line of 50 MB", one_long_line, ERR_TOOBIG, false},
	{"brackets 10,000 deep", deep_flow, ERR_TOODEEP, false},
	{"braces 20,000 deep", deep_flow_maps, ERR_TOODEEP, false},
	{"brackets to the brim", flow_to_the_brim, ERR_TOODEEP, false},
	{"dashes 10,000 deep", deep_block, ERR_TOODEEP, false},
	{"indented 600 deep", deep_indentation, ERR_TOODEEP, false},
	{"a billion laughs", laughs, ERR_OK, false},
	{"15,000 aliases", many_aliases, ERR_TOOBIG, false},
	{"9 MB of body", long_body, ERR_TOOBIG, false},
	{"80,000 items", many_items, ERR_TOOBIG, false},
	{"15,000 links", many_links, ERR_TOOBIG, false},
	{"20,000 keys", many_keys, ERR_OK, true},
	{"10,000 odd keys", odd_keys, ERR_OK, true},
	{"40,000 escapes", long_words, ERR_OK, false},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A sanitizer's build is many times slower: there only the answer counts. */
#ifdef INGESTD_SANITIZED
enum { LIMIT_MS = 10000 };
#else
enum { LIMIT_MS = 100 };
#endif

static void answers_at_once(void **state)
{
	const struct row *row = *state;
	static const struct change change = {CHANGE_SET, -1, FIELD_EXCERPT, {"E.", 2}, NULL, 0};
	struct strbuf text = STRBUF_INIT(64 * MIB), out = STRBUF_INIT(64 * MIB);
	struct arena a = ARENA_INIT(64 * MIB);
	const struct shape *shape = NULL;
	struct document *doc = NULL;
	struct error e = {0};

	repeat(&text, "---\n", 1);
	row->make(&text);
	repeat(&text, "\n---\n", 1);
	assert_int_equal(shape_make(NULL, NULL, 0, &a, &shape, &e), ERR_OK);
	double begin = now();
	assert_int_equal(document_parse(strbuf_span(&text), shape, &a, &doc, &e), row->want);
	double parsed = now();
	assert_true(parsed - begin < LIMIT_MS);
	if (row->edit) {
		assert_int_equal(document_apply(doc, &change, 1, &out, &e), ERR_OK);
		/* four parses of its own */
		assert_true(now() - parsed < 4 * LIMIT_MS);
	}
	strbuf_release(&text);
	strbuf_release(&out);
	arena_release(&a);
}

int main(void)
{
	return RUN_ROWS("document/limits", rows, answers_at_once);
}
