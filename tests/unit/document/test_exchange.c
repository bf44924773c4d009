/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include "document/exchange.h"

static void exchanges_what_was_meant(void **state)
{
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "temp", SPAN("new"));
	folder_put(&f, "name", SPAN("old"));
	assert_int_equal(exchange(f.fd, "temp", "name", inode_at(f.fd, "name")), ERR_OK);
	assert_true(span_eq(folder_get(&f, "temp"), SPAN("old")));
	assert_true(span_eq(folder_get(&f, "name"), SPAN("new")));
	folder_close(&f);
}

static void what_was_not_meant_goes_back(void **state)
{
	struct inode old;
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "temp", SPAN("new"));
	folder_put(&f, "name", SPAN("old"));
	old = inode_at(f.fd, "name");
	folder_put(&f, "theirs", SPAN("saved"));
	assert_int_equal(linkat(f.fd, "name", f.fd, "held", 0), 0); /* or its number were given again */
	assert_int_equal(renameat(f.fd, "theirs", f.fd, "name"), 0);
	assert_int_equal(exchange(f.fd, "temp", "name", old), ERR_CHANGED);
	assert_true(span_eq(folder_get(&f, "temp"), SPAN("new")));
	assert_true(span_eq(folder_get(&f, "name"), SPAN("saved")));
	assert_int_equal(unlinkat(f.fd, "name", 0), 0);
	assert_int_equal(exchange(f.fd, "temp", "name", old), ERR_CHANGED);
	assert_true(span_eq(folder_get(&f, "temp"), SPAN("new")));
	folder_close(&f);
}

static const struct row {
	const char *name, *text;
	bool patient, open;
	enum err want;
	bool kept;
} rows[] = {
	{"known text goes", "known", true, false, ERR_OK, false},
	{"known text goes at once", "known", false, false, ERR_OK, false},
	{"another text is kept", "known, and more", true, false, ERR_CHANGED, true},
	{"a beginning is kept", "know", true, false, ERR_CHANGED, true},
	{"another text stays when not patient", "other", false, false, ERR_BUSY, false},
	{"what is open is kept", "known", true, true, ERR_CHANGED, true},
	{"what is open stays when not patient", "known", false, true, ERR_BUSY, false},
};

static void puts_away(void **state)
{
	const struct row *row = *state;
	char kept[LEFTOVER_NAME_MAX + 1] = "";
	int fd, other = -1;
	struct folder f;

	folder_open(&f);
	folder_put(&f, "temp", span_str(row->text));
	fd = openat(f.fd, "temp", O_RDONLY | O_CLOEXEC);
	if (row->open)
		other = openat(f.fd, "temp", O_WRONLY | O_CLOEXEC);
	assert_int_equal(put_away(f.fd, "temp", fd, SPAN("known"), row->patient, "x.md", kept, NULL),
			 row->want);
	lease_drop(fd); /* or looking into the folder waits for us */
	assert_int_equal(kept[0] != 0, row->kept);
	assert_int_equal(folder_get(&f, "temp").ptr != NULL, row->want == ERR_BUSY);
	if (row->kept)
		assert_true(span_eq(folder_get(&f, kept), span_str(row->text)));
	(void)close(fd);
	if (other >= 0)
		(void)close(other);
	folder_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges_what_was_meant),
		cmocka_unit_test(what_was_not_meant_goes_back),
	};

	return RUN_ROWS("exchange/put away", rows, puts_away) +
	       cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
