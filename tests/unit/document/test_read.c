/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include "document/read.h"

static const struct row {
	const char *name, *path;
	enum err want;
} rows[] = {
	{"file", "d/a.md", ERR_OK},
	{"link to it", "l.md", ERR_OK},
	{"link by an absolute path", "abs.md", ERR_OK},
	{"empty file", "empty.md", ERR_OK},
	{"nothing there", "none.md", ERR_NOTFOUND},
	{"no folder there", "none/a.md", ERR_NOTFOUND},
	{"a folder", "d", ERR_KIND},
	{"a FIFO", "fifo.md", ERR_KIND},
	{"link to a FIFO", "lfifo.md", ERR_KIND},
	{"link out", "out.md", ERR_OUTSIDE},
	{"up", "../a.md", ERR_OUTSIDE},
	{"up within", "d/../d/a.md", ERR_OUTSIDE},
	{"absolute", "/etc/passwd", ERR_OUTSIDE},
	{"empty path", "", ERR_OUTSIDE},
	{"folder that is a link", "dl/a.md", ERR_OUTSIDE},
	{"too large", "big.md", ERR_TOOBIG},
	{"too deep",
	 "d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/"
	 "d/d/d/d/d/"
	 "d/d/d/d/d/d/d/d/d/d/d/d/a.md",
	 ERR_TOODEEP},
};

static void reads(void **state)
{
	const struct row *row = *state;
	struct strbuf out = STRBUF_INIT(100);
	struct file_key key = {.ino = 0};
	struct error e = {.code = ERR_OK};
	char big[101], absolute[100];
	struct folder f;

	folder_open(&f);
	memset(big, 'x', sizeof(big));
	folder_put(&f, "d/a.md", SPAN("text"));
	if (row->want == ERR_TOODEEP)
		folder_put(&f, row->path, SPAN("text"));
	folder_put(&f, "empty.md", SPAN(""));
	folder_put(&f, "big.md", span_of(big, sizeof(big)));
	(void)snprintf(absolute, sizeof(absolute), "%s/d/a.md", f.path);
	assert_int_equal(mkfifoat(f.fd, "fifo.md", 0600) | symlinkat("d/a.md", f.fd, "l.md") |
				 symlinkat("fifo.md", f.fd, "lfifo.md") | symlinkat("d", f.fd, "dl") |
				 symlinkat("/etc/passwd", f.fd, "out.md") |
				 symlinkat(absolute, f.fd, "abs.md"),
			 0);
	assert_int_equal(document_read(f.fd, row->path, &out, &key, &e), row->want);
	if (row->want) {
		assert_int_equal(out.len, 0);
		assert_int_equal(e.code, row->want);
		if (row->want != ERR_TOODEEP) /* cut in the text */
			assert_non_null(strstr(e.text, row->path));
	} else {
		assert_string_equal(strbuf_cstr(&out), strcmp(row->path, "empty.md") == 0 ? "" : "text");
		assert_int_equal(key.size, out.len);
	}
	strbuf_release(&out);
	folder_close(&f);
}

static void keys_settle(void **state)
{
	struct file_key k = {.mtime_ns = 5000000001, .ctime_ns = 5000000001};

	(void)state;
	assert_false(file_key_settled(k, 5000000001));
	assert_false(file_key_settled(k, 5010000000));
	assert_true(file_key_settled(k, 5030000000));
	k.mtime_ns = 5000000000; /* a file system that knows seconds */
	assert_false(file_key_settled(k, 6000000000));
	assert_true(file_key_settled(k, 8000000000));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(keys_settle)};

	return RUN_ROWS("read", rows, reads) + cmocka_run_group_tests_name("read/key", tests, NULL, NULL);
}
