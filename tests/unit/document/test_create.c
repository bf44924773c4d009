/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include "document/create.h"
#include "document/document.h"

static const struct row {
	const char *name, *path;
	enum err want;
} rows[] = {
	{"a file", "a.md", ERR_OK},
	{"in a folder", "d/a.md", ERR_OK},
	{"in folders that are made", "x/y/z/a.md", ERR_OK},
	{"taken", "taken.md", ERR_CHANGED},
	{"taken by a folder", "d", ERR_CHANGED},
	{"taken by a link to nowhere", "dangling.md", ERR_CHANGED},
	{"up", "../a.md", ERR_OUTSIDE},
	{"up within", "d/../a.md", ERR_OUTSIDE},
	{"absolute", "/tmp/a.md", ERR_OUTSIDE},
	{"empty", "", ERR_OUTSIDE},
	{"through a link", "dl/a.md", ERR_KIND},
	{"through a file", "taken.md/a.md", ERR_KIND},
};

static unsigned entries(const char *path)
{
	unsigned n = 0;
	char command[200];
	FILE *out;

	(void)snprintf(command, sizeof(command), "find '%s' -name '.*ingestd*'", path);
	out = popen(command, "r");
	assert_non_null(out);
	for (int c; (c = fgetc(out)) != EOF;)
		n += c == '\n';
	(void)pclose(out);
	return n;
}

static void creates(void **state)
{
	const struct row *row = *state;
	struct file_key key = {.ino = 0};
	struct error e = {.code = ERR_OK};
	struct stat st;
	struct folder f;
	char got[32] = "";

	folder_open(&f);
	folder_put(&f, "taken.md", SPAN("mine"));
	folder_put(&f, "d/", SPAN(""));
	assert_int_equal(symlinkat("/nowhere", f.fd, "dangling.md") | symlinkat("d", f.fd, "dl"), 0);
	assert_int_equal(create_document(f.fd, row->path, SPAN("text"), &key, &e), row->want);
	assert_int_equal(entries(f.path), 0);
	if (!row->want) {
		int fd = openat(f.fd, row->path, O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_int_equal(read(fd, got, sizeof(got)), 4);
		assert_memory_equal(got, "text", 4);
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(file_key_eq(key, file_key_of(&st)));
		(void)close(fd);
		/* a second one never overwrites it */
		assert_int_equal(create_document(f.fd, row->path, SPAN("other"), NULL, &e), ERR_CHANGED);
	}
	folder_close(&f);
}

int main(void)
{
	return RUN_ROWS("create", rows, creates);
}
