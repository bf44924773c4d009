/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <time.h>

#include "extract/extract.h"
#include "extract/tree.h"
#include "hostile.h"

#ifdef INGESTD_SANITIZED
enum { SIZE = PAGE_BODY_MAX / 5 }; /* slower by its own factor: every byte is watched, time is not */
#else
enum { SIZE = PAGE_BODY_MAX };
#endif
enum { SECONDS = 2, BYTES = 200 * 1024 * 1024 };

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
					       .content_type = SPAN("text/html; charset=utf-8"),
					       .final_url = SPAN("https://news.example/2024/05/07/pier")};
	const struct choose_options choose = {.excerpt_min = 120, .excerpt_max = 300, .now = 1800000000};
	struct metadata md;
	struct page *page;
	struct error e;
	double before = cpu();

	assert_int_equal(extract_page(&response, &arena, &page, &e), ERR_OK);
	assert_int_equal(extract_choose(page, &choose, true, &arena, &md), ERR_OK);
	/* an instrumented build is slower by its own factor */
#ifndef INGESTD_SANITIZED
	assert_true(cpu() - before < SECONDS);
#endif
	(void)before;
	assert_true(page->verdict < VERDICT_COUNT);
}

static void stays_small_and_quick(void **state)
{
	CLEANUP_FREE char *body = malloc(SIZE);

	assert_non_null(body);
	read_page(span_of(body, hostile_make(*state, body, SIZE)));
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
	size_t n = hostile_put(body, 0, 10000, "<div>");

	n = hostile_put(body, n, n + 11, "<p id=last>");
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
	size_t n = hostile_put(body, 0, sizeof(body), "<p class=a>text &amp; text. </p>");
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
	return RUN_ROWS("hostile", hostile, stays_small_and_quick) +
	       cmocka_run_group_tests_name("hostile/made", more, NULL, NULL);
}
