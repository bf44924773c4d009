/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/arena.h"
#include "base/strbuf.h"

static void strbuf_keeps_its_ceiling(void **state)
{
	(void)state;
	struct strbuf b = STRBUF_INIT(5);

	assert_int_equal(strbuf_add_str(&b, "abc"), ERR_OK);
	assert_int_equal(strbuf_addf(&b, "%d", 12), ERR_OK);
	assert_int_equal(strbuf_add_byte(&b, 'x'), ERR_TOOBIG);
	assert_int_equal(strbuf_addf(&b, "%d", 1), ERR_TOOBIG);
	assert_string_equal(strbuf_cstr(&b), "abc12");
	strbuf_truncate(&b, 1);
	assert_int_equal(strbuf_add_utf8(&b, 0x20ac), ERR_OK);
	assert_string_equal(strbuf_cstr(&b), "a\xe2\x82\xac");
	strbuf_release(&b);
}

static void arena_keeps_its_ceiling_and_remembers(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT(200000);
	size_t got = 0;

	for (int i = 0; i < 1000 && arena_alloc(&a, 1000); i++)
		got += 1000;
	assert_in_range(got, 150000, 200000);
	assert_int_equal(arena_failed(&a), ERR_TOOBIG);
	arena_reset(&a);
	assert_int_equal(arena_failed(&a), ERR_OK);
	assert_true(span_eq(arena_dup(&a, SPAN("x\0y")), SPAN("x\0y")));
	arena_release(&a);
	assert_int_equal(a.used, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(strbuf_keeps_its_ceiling),
						  cmocka_unit_test(arena_keeps_its_ceiling_and_remembers)};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
