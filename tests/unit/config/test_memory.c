/* SPDX-License-Identifier: MIT */
/* wrap: malloc calloc realloc strdup */
/* Memory runs out at every allocation in turn: an error each time, nothing lost, no half configuration. */
#include "unit/fault.h"

#include <unistd.h>

#include "config/config.h"

static void config_survives_every_failure(void **state)
{
	(void)state;
	/* enough for several blocks of the arena */
	struct strbuf text = STRBUF_INIT(1 << 20), out = STRBUF_INIT(1 << 20);
	char path[] = "/tmp/ingestd-test-XXXXXX";
	int fd = mkstemp(path);
	struct config *c = NULL;
	struct error e;
	unsigned nth;

	assert_int_equal(
		strbuf_add_str(&text, "content: [a]\nfields: {preset: hugo, excerpt: a|b}\nhosts:\n"),
		ERR_OK);
	for (int i = 0; i < 400; i++)
		assert_int_equal(strbuf_addf(&text, "  h%d.example: {timeout: 9s, headers: {A: b}}\n", i),
				 ERR_OK);
	assert_true(write(fd, text.ptr, text.len) == (ssize_t)text.len);
	close(fd);
	for (nth = 0;; nth++) {
		enum err r;

		fault_arm(nth);
		r = config_read(path, &c, &e);
		if (!fault_disarm()) {
			assert_int_equal(r, ERR_OK);
			break;
		}
		assert_int_equal(r, ERR_NOMEM);
		assert_null(c);
		assert_non_null(strstr(e.text, "out of memory"));
	}
	assert_in_range(nth, 10, 10000);
	for (nth = 0;; nth++) {
		enum err r;

		strbuf_release(&out);
		fault_arm(nth);
		r = config_print(c, &out);
		if (!fault_disarm()) {
			assert_int_equal(r, ERR_OK);
			break;
		}
		assert_int_equal(r, ERR_NOMEM);
	}
	assert_true(nth > 1);
	config_free(c);
	strbuf_release(&text);
	strbuf_release(&out);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(config_survives_every_failure)};

	return cmocka_run_group_tests_name("config/memory", tests, NULL, NULL);
}
