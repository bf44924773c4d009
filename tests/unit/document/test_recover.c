/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include "base/hash.h"
#include "document/leftover.h"
#include "document/recover.h"

#define OLD "old\n"
#define NEW "new\n"
#define EDIT "edit\n"
#define EDIT2 "another edit\n"

/* replace.h's drawing, and what recover.h says of each state. */
static const struct row {
	const char *name;
	enum leftover_role role;
	const char *temp, *document;
	enum recovered want;
	const char *after; /* of the document */
	const char *kept;  /* text of the kept file */
} rows[] = {
	{"killed while writing", LEFTOVER_WRITING, "ne", OLD, RECOVER_REMOVED, OLD, NULL},
	{"killed before writing", LEFTOVER_WRITING, "", OLD, RECOVER_REMOVED, OLD, NULL},
	{"killed before the exchange", LEFTOVER_READY, NEW, OLD, RECOVER_REMOVED, OLD, NULL},
	{"... and edited since", LEFTOVER_READY, NEW, EDIT, RECOVER_REMOVED, EDIT, NULL},
	{"... and removed since", LEFTOVER_READY, NEW, NULL, RECOVER_REMOVED, NULL, NULL},
	{"killed after the exchange", LEFTOVER_READY, OLD, NEW, RECOVER_REMOVED, NEW, NULL},
	{"... and put back by hand since", LEFTOVER_READY, OLD, OLD, RECOVER_REMOVED, OLD, NULL},
	{"... and edited since", LEFTOVER_READY, OLD, EDIT, RECOVER_KEPT, EDIT, OLD},
	{"... and removed since", LEFTOVER_READY, OLD, NULL, RECOVER_KEPT, NULL, OLD},
	{"an edit was displaced", LEFTOVER_READY, EDIT, NEW, RECOVER_RESTORED, EDIT, NULL},
	{"... being written, empty yet", LEFTOVER_READY, "", NEW, RECOVER_RESTORED, "", NULL},
	{"... and the document edited since", LEFTOVER_READY, EDIT, EDIT2, RECOVER_KEPT, EDIT2, EDIT},
	{"... and the document put back by hand", LEFTOVER_READY, EDIT, OLD, RECOVER_KEPT, OLD, EDIT},
	{"... and the document removed since", LEFTOVER_READY, EDIT, NULL, RECOVER_RESTORED, EDIT, NULL},
};

static size_t count_files(const struct folder *f)
{
	char command[200];
	char text[20] = "";
	FILE *p;

	(void)snprintf(command, sizeof(command), "ls -A %s/d | wc -l", f->path);
	p = popen(command, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(p);
	assert_non_null(fgets(text, sizeof(text), p));
	(void)pclose(p);
	return strtoul(text, NULL, 10);
}

static void recovers(void **state)
{
	const struct row *row = *state;
	char path[300] = "d/", document[300] = "d/";
	struct recovery ret;
	struct folder f;

	/* a common name, and one that the leftover's name has no room for */
	for (int longest = 0; longest < 2; longest++) {
		char name[256] = "x.md";

		if (longest) {
			memset(name, 'n', 255);
			strcpy(name + 252, ".md");
		}
		strcpy(document + 2, name);
		folder_open(&f);
		folder_put(&f, "d/", SPAN(""));
		for (char c = 'a'; longest && c < 'i'; c++) {
			/* begin like it, and are not it */
			char decoy[300];

			strcpy(decoy, document);
			decoy[strlen(decoy) - 4] = c;
			folder_put(&f, decoy, SPAN(EDIT2));
		}
		if (row->document)
			folder_put(&f, document, span_str(row->document));
		leftover_name(name, row->role, hash64(SPAN(OLD)), hash64(SPAN(NEW)), path + 2);
		folder_put(&f, path, span_str(row->temp));
		assert_int_equal(recover_leftover(f.fd, path, &ret, NULL), ERR_OK);
		if (longest && !row->document && row->want == RECOVER_RESTORED) {
			/* nobody knows the name any more */
			assert_int_equal(ret.what, RECOVER_KEPT);
			assert_true(span_eq(folder_get(&f, ret.path), span_str(row->temp)));
		} else {
			assert_int_equal(ret.what, row->want);
			assert_true(span_eq(folder_get(&f, document), span_str(row->after)));
			if (row->kept)
				assert_true(span_eq(folder_get(&f, ret.path), span_str(row->kept)));
			assert_int_equal(count_files(&f),
					 (longest ? 8 : 0) + (row->after != NULL) + (row->kept != NULL));
		}
		folder_close(&f);
	}
}

static void what_is_open_is_left(void **state)
{
	struct recovery ret;
	struct folder f;
	char path[256];
	int fd;

	(void)state;
	for (int which = 0; which < 2; which++) {
		folder_open(&f);
		leftover_name("x.md", LEFTOVER_READY, hash64(SPAN(OLD)), hash64(SPAN(NEW)), path);
		folder_put(&f, path, SPAN(EDIT));
		folder_put(&f, "x.md", SPAN(NEW));
		fd = openat(f.fd, which ? "x.md" : path, O_WRONLY | O_CLOEXEC);
		assert_int_equal(recover_leftover(f.fd, path, &ret, NULL), ERR_OK);
		assert_int_equal(ret.what, RECOVER_LEFT);
		assert_true(span_eq(folder_get(&f, path), SPAN(EDIT)));
		(void)close(fd);
		assert_int_equal(recover_leftover(f.fd, path, &ret, NULL), ERR_OK);
		assert_int_equal(ret.what, RECOVER_RESTORED);
		assert_string_equal(ret.path, "x.md");
		folder_close(&f);
	}
}

static void odd_paths(void **state)
{
	struct recovery ret;
	struct folder f;
	char path[256];

	(void)state;
	folder_open(&f);
	folder_put(&f, "x.md", SPAN(OLD));
	leftover_name("x.md", LEFTOVER_READY, 1, 2, path);
	assert_int_equal(recover_leftover(f.fd, path, &ret, NULL), ERR_NOTFOUND);
	assert_int_equal(recover_leftover(f.fd, "x.md", &ret, NULL), ERR_INVALID);
	assert_int_equal(symlinkat("x.md", f.fd, path), 0);
	assert_int_equal(recover_leftover(f.fd, path, &ret, NULL), ERR_KIND);
	assert_true(span_eq(folder_get(&f, "x.md"), SPAN(OLD)));
	folder_close(&f);
}

static void names_are_read_back(void **state)
{
	static const char *const no[] = {
		".x.md.ingestd-y-0123456789abcdef-0123456789abcdef-abcdef",
		".x.md.ingestd-x-0123456789abcdeg-0123456789abcdef-abcdef",
		".x.md.ingestd-x-0123456789abcdef-0123456789abcdef-abcde",
		"x.md.ingestd-x-0123456789abcdef-0123456789abcdef-abcdef",
		"..ingestd-x-0123456789abcdef-0123456789abcdef-abcdef",
		".x.md.ingestd-",
		"x.md.ingestd-kept-abcdef",
		".",
		"",
	};
	struct leftover l;
	char name[256];

	(void)state;
	leftover_name("a.ingestd-x-b.md", LEFTOVER_WRITING, 0x1234, UINT64_MAX, name);
	assert_true(leftover_parse(name, &l));
	assert_true(span_eq_str(l.name, "a.ingestd-x-b.md"));
	assert_true(l.role == LEFTOVER_WRITING && l.old_hash == 0x1234 && l.new_hash == UINT64_MAX);
	leftover_set_role(name, LEFTOVER_READY);
	assert_true(leftover_parse(name, &l) && l.role == LEFTOVER_READY && l.old_hash == 0x1234);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(leftover_parse(no[i], &l));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_open_is_left),
		cmocka_unit_test(odd_paths),
		cmocka_unit_test(names_are_read_back),
	};

	return RUN_ROWS("recover", rows, recovers) +
	       cmocka_run_group_tests_name("recover/more", tests, NULL, NULL);
}
