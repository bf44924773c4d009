/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <time.h>

#include "extract/extract.h"
#include "extract/tree.h"

/* Pages of 5 MB made to take long or much: before, then `repeat` until full, then after. Each once took a
 * parser of ours or libxml2 quadratic time, or all memory. */
static const struct row {
	const char *name, *before, *repeat, *then;
} rows[] = {
	{"nested div", "", "<div>", NULL},
	{"one tag of attributes", "<div ", "a1=b ", NULL},
	{"many tags of many attributes", "", "<p a a a a a a a a a a a a a a a a a a a a a a a a a a>", NULL},
	{"one line", "<p>", "x ", NULL},
	{"tags with text", "", "<b>x", NULL},
	{"open paragraphs", "", "<p>", NULL},
	{"end tags of a deep stack", "", "<i>", "</b>"},
	{"end tags of a deep stack, matched once", "<b>", "<i>", "</b>"},
	{"list items closed from far below", "<ul>", "<li>", "</li>"},
	{"comments that never end", "", "<!--", NULL},
	{"scripts with comments that end at the end", "", "<script><!--</script>", "-->"},
	{"titles", "", "<title>", NULL},
	{"iframes", "", "<iframe>", NULL},
	{"svg", "", "<svg><p>", NULL},
	{"less-than", "", "<", NULL},
	{"ampersands", "<p>", "&", NULL},
	{"quotes that never end", "", "<a b=\"", NULL},
	{"text in pieces", "<p>", "a<!---->", NULL},
	{"tables", "", "<table><tr><td>", NULL},
	{"headings", "", "<h2>a</h2>", NULL},
	{"line breaks", "", "a<br>", NULL},
	{"sections in a paragraph", "<p><i><i><i><i><i><i>", "<section>", NULL},
	{"classes", "", "<div class='share comment related share comment related'>Text.</div>", NULL},
	{"metas without end", "", "<meta charset=\"", NULL},
	{"json-ld", "<script type=application/ld+json>", "[", "</script>"},
	{"NUL", "<p>", "\\0", NULL},
	{"stray continuation bytes", "<p>", "\x80", NULL},
};

enum { SIZE = PAGE_BODY_MAX, SECONDS = 2, BYTES = 200 * 1024 * 1024 };

static size_t fill(char *to, size_t at, size_t end, const char *what)
{
	size_t n = strlen(what);

	if (!strcmp(what, "\\0")) {
		memset(to + at, 0, end - at);
		return end;
	}
	for (; n && at + n <= end; at += n)
		memcpy(to + at, what, n);
	return at;
}

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_page(struct span body)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(BYTES);
	const struct page_response response = {.body = body,
					       .content_type = SPAN("text/html; charset=utf-8")};
	struct page *page;
	struct error e;
	double before = cpu();

	assert_int_equal(extract_page(&response, &arena, &page, &e), ERR_OK);
	/* an instrumented build is slower by its own factor */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_true(cpu() - before < SECONDS);
#endif
	(void)before;
	assert_true(page->verdict < VERDICT_COUNT);
}

static void stays_small_and_quick(void **state)
{
	const struct row *row = *state;
	CLEANUP_FREE char *body = malloc(SIZE);
	size_t n;

	assert_non_null(body);
	n = fill(body, 0, strlen(row->before), row->before);
	n = fill(body, n, row->then ? SIZE / 2 : SIZE, row->repeat);
	if (row->then)
		n = fill(body, n, SIZE, row->then);
	read_page(span_of(body, n));
}

static void many_names(void **state)
{
	(void)state;
	CLEANUP_FREE char *body = malloc(SIZE);
	size_t n = 0;

	assert_non_null(body);
	for (unsigned i = 0; n + 20 < SIZE; i++)
		n += (size_t)snprintf(body + n, 20, "<x%u a%u>", i, i);
	read_page(span_of(body, n));
}

static void random_bytes(void **state)
{
	(void)state;
	CLEANUP_FREE char *body = malloc(SIZE);
	uint64_t x = 88172645463325252u;

	assert_non_null(body);
	memcpy(body, "<html><p>", 9);
	for (size_t i = 9; i < SIZE; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		/* the beginning decides whether it is read at all */
		body[i] = (char)(i < 2000 ? ' ' + (char)(x & 63) : (char)x);
	}
	read_page(span_of(body, SIZE));
}

static void deeper_than_the_ceiling(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(BYTES);
	static char body[20000];
	struct tree *t;
	unsigned deepest = 0;
	size_t n = fill(body, 0, 10000, "<div>");

	n = fill(body, n, n + 11, "<p id=last>");
	assert_int_equal(tree_parse(span_of(body, n), &arena, &t, NULL), ERR_OK);
	for (const struct node *node = t->root; node; node = node_next(node, t->root))
		deepest = MAX(deepest, node->depth);
	assert_true(deepest <= TREE_DEPTH_MAX + 1);
	assert_non_null(t->first[TAG_P]); /* no part of the page is lost */
	assert_int_equal(t->first[TAG_P]->size, 1);
}

static void full_arena(void **state)
{
	(void)state;
	static char body[20000];
	size_t n = fill(body, 0, sizeof(body), "<p class=a>text &amp; text. </p>");
	struct page *page;

	/* wherever room ends, that is said and nothing else happens */
	for (size_t room = 1; room < 3 << 20; room += room / 8 + 4000) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(room);
		const struct page_response response = {.body = span_of(body, n)};
		enum err err = extract_page(&response, &arena, &page, NULL);

		assert_true(err == ERR_OK || err == ERR_TOOBIG);
	}
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(many_names),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(deeper_than_the_ceiling),
		cmocka_unit_test(full_arena),
	};

	extract_init();
	return RUN_ROWS("hostile", rows, stays_small_and_quick) +
	       cmocka_run_group_tests_name("hostile/made", more, NULL, NULL);
}
