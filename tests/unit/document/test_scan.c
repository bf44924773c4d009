/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "document/scan.h"

struct seen {
	char text[8192];
	size_t count, stop_after;
};

static bool note(void *arg, const struct scan_entry *entry)
{
	struct seen *s = arg;
	const char *mark = entry->kind == SCAN_LEFTOVER ? "<"
			   : entry->kind == SCAN_GONE   ? "-"
			   : entry->linked              ? ">"
							: "";
	size_t n = strlen(s->text);

	if (entry->kind == SCAN_COMPLAINT) {
		assert_non_null(strstr(entry->error->text, "'"));
		(void)snprintf(s->text + n, sizeof(s->text) - n, "%.*s!%s ", SPAN_ARG(entry->path),
			       err_name(entry->error->code));
	} else {
		(void)snprintf(s->text + n, sizeof(s->text) - n, "%s%.*s ", mark, SPAN_ARG(entry->path));
		assert_int_equal(entry->path.ptr[entry->path.len], 0);
		if (entry->kind == SCAN_DOCUMENT)
			assert_true(entry->key.ino != 0 && entry->key.mtime_ns != 0);
	}
	return ++s->count != s->stop_after;
}

static const struct row {
	const char *name;
	const char *files;   /* parted by a space, "_" standing for a space beside a "("; "a->b" is a link */
	const char *include; /* one pattern each, or NULL */
	const char *exclude;
	const char *want;
} rows[] = {
	{"names and order", "b.md a/x.md a.md a/b/c.markdown z.txt a-.md a0.md", NULL, NULL,
	 "a-.md a.md a/b/c.markdown a/x.md a0.md b.md "},
	{"usual folders",
	 ".git/x.md node_modules/x.md d/_site/x.md public/x.md themes/x.md vendor/x.md .obsidian/x.md "
	 "publications/x.md",
	 NULL, NULL, "publications/x.md "},
	{"conflict copies",
	 "x.md x.sync-conflict-20240102-030405-ABCDEFG.md x_(Ann's_conflicted_copy_2024-01-02).md "
	 "x_(conflicted_copy_2024-01-02_030405).md x~conflict.md israel-conflict.md x-DESKTOP-AB12CD3.md "
	 "x-DESKTOP-AB12CD3-2.md x_conflict-20240102-030405.md conflict-2024.md",
	 NULL, NULL, "conflict-2024.md israel-conflict.md x.md x~conflict.md "},
	{"editors' files", "x.md x.md~ .#x.md #x.md# .x.md.swp 4913 .x.md", NULL, NULL, "x.md "},
	{"include", "a.md b.txt c/b.txt", "*.txt", NULL, "b.txt c/b.txt "},
	{"include from the root", "a.md c/a.md d/e/a.md", "/*.md", NULL, "a.md "},
	{"exclude a name at any depth", "a.md c/drafts/a.md drafts/a.md drafts.md", NULL, "drafts/",
	 "a.md drafts.md "},
	{"exclude a path", "a/b.md a/c/b.md x/a/b.md", NULL, "a/**/b.md", "x/a/b.md "},
	{"double star before", "a/b.md a/c/b.md b.md", NULL, "**/c/*.md", "a/b.md b.md "},
	{"star stays in its part", "a/b.md a/c/b.md", NULL, "a/*", ""},
	{"link to a document counts once", "a.md b.md->a.md", NULL, NULL, "a.md "},
	{"link to another name is its target, once", "d/a.txt b.md->d/a.txt c.md->d/a.txt", NULL, NULL,
	 ">d/a.txt "},
	{"link out", "a.md b.md->/etc/passwd c.md->../../etc/passwd", NULL, NULL,
	 "a.md b.md!OUTSIDE c.md!OUTSIDE "},
	{"dangling link", "b.md->nothing", NULL, NULL, "b.md!NOTFOUND "},
	{"link in a circle", "b.md->b.md", NULL, NULL, "b.md!OUTSIDE "},
	{"links to folders", "d/a.md e->d f.md->d", NULL, NULL, "d/a.md f.md!KIND "},
	{"link into what is left out", ".git/a.txt b.md->.git/a.txt", NULL, NULL, ""},
	{"folder named like a document", "x.md/y.md", NULL, NULL, "x.md!KIND x.md/y.md "},
	{"leftovers",
	 ".a.md.ingestd-w-0123456789abcdef-0123456789abcdef-abcdef a.md .a.md.ingestd-w-0123-abcdef "
	 "d/.a.md.ingestd-x-0123456789abcdef-0123456789abcdef-abcdef a.md.ingestd-kept-abcdef",
	 NULL, NULL,
	 "<.a.md.ingestd-w-0123456789abcdef-0123456789abcdef-abcdef a.md "
	 "<d/.a.md.ingestd-x-0123456789abcdef-0123456789abcdef-abcdef "},
};

static void fill(const struct folder *f, const char *files)
{
	char copy[4096], *save = NULL;

	strcpy(copy, files);
	for (char *at = strtok_r(copy, " ", &save); at; at = strtok_r(NULL, " ", &save)) {
		char *arrow = strstr(at, "->");

		if (strchr(at, '(')) {
			for (char *c = at; *c; c++)
				*c = *c == '_' ? ' ' : *c;
		}
		if (arrow) {
			*arrow = 0;
			assert_int_equal(symlinkat(arrow + 2, f->fd, at), 0);
		} else {
			folder_put(f, at, SPAN("text"));
		}
	}
}

static void scans(void **state)
{
	const struct row *row = *state;
	const char *include[] = {row->include, NULL}, *exclude[] = {row->exclude, NULL};
	const struct scan_options o = {.include = include, .exclude = exclude};
	struct seen seen = {.count = 0};
	struct folder f;

	folder_open(&f);
	fill(&f, row->files);
	assert_int_equal(scan_folder(f.fd, &o, note, &seen, NULL), ERR_OK);
	assert_string_equal(seen.text, row->want);
	folder_close(&f);
}

static void odd_things_are_complaints(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct seen seen = {.count = 0};
	struct folder f;
	int s;

	(void)state;
	folder_open(&f);
	assert_int_equal(mkfifoat(f.fd, "fifo.md", 0600), 0);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket.md", f.path);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(symlinkat("/dev/null", f.fd, "device.md"), 0);
	assert_int_equal(scan_folder(f.fd, NULL, note, &seen, NULL), ERR_OK);
	assert_string_equal(seen.text, "device.md!OUTSIDE fifo.md!KIND socket.md!KIND ");
	(void)close(s);
	folder_close(&f);
}

static void unreadable_folder_is_a_complaint(void **state)
{
	struct seen seen = {.count = 0};
	struct folder f;

	(void)state;
	folder_open(&f);
	folder_put(&f, "a.md", SPAN("x"));
	folder_put(&f, "d/b.md", SPAN("x"));
	assert_int_equal(fchmodat(f.fd, "d", 0, 0), 0);
	assert_int_equal(fchmod(f.fd, 0755), 0);
	/* root reads everything */
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(scan_folder(f.fd, NULL, note, &seen, NULL), ERR_OK);
	assert_string_equal(seen.text, "a.md d!ACCESS ");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(fchmodat(f.fd, "d", 0700, 0), 0);
	folder_close(&f);
}

static void depth_has_a_ceiling(void **state)
{
	char path[2 * (SCAN_DEPTH_MAX + 2) + 8] = "";
	struct seen seen = {.count = 0};
	struct folder f;

	(void)state;
	folder_open(&f);
	for (int i = 0; i < SCAN_DEPTH_MAX; i++)
		strcat(path, "d/");
	strcat(path, "a.md");
	folder_put(&f, path, SPAN("x"));
	strcpy(path + strlen(path) - 4, "e/a.md");
	folder_put(&f, path, SPAN("x"));
	assert_int_equal(scan_folder(f.fd, NULL, note, &seen, NULL), ERR_OK);
	assert_int_equal(seen.count, 2);
	assert_non_null(strstr(seen.text, "d/a.md "));
	assert_non_null(strstr(seen.text, "d/e!TOODEEP "));
	folder_close(&f);
}

static void some_paths(void **state)
{
	static const char *const paths[] = {
		"d/a.md",
		"d/b",
		"gone.md",
		"gone/a.md",
		"public/x.md",
		"public",
		"t.txt",
		".hidden/a.md",
		".git",
		"l.md",
		"a.md/x.md",
		"../up.md",
		"",
		"/etc/passwd",
		"d/drafts/a.md",
		"fifo.md",
		"d/.a.md.ingestd-w-0123456789abcdef-0123456789abcdef-abcdef",
	};
	const char *exclude[] = {"drafts/", NULL};
	const struct scan_options o = {.exclude = exclude};
	struct seen seen = {.count = 0};
	struct scan_filter *filter;
	struct folder f;

	(void)state;
	folder_open(&f);
	fill(&f,
	     "a.md d/a.md d/b/c.md d/b/drafts/x.md d/b/e/f.md d/drafts/a.md public/x.md t.txt .hidden/a.md "
	     ".git/x.md l.md->t.txt "
	     "d/.a.md.ingestd-w-0123456789abcdef-0123456789abcdef-abcdef");
	assert_int_equal(mkfifoat(f.fd, "fifo.md", 0600), 0);
	assert_int_equal(scan_some(f.fd, paths, ARRAY_SIZE(paths), &o, note, &seen, NULL), ERR_OK);
	assert_string_equal(seen.text, "d/a.md d/b/c.md d/b/e/f.md -gone.md -gone/a.md >t.txt -a.md/x.md "
				       "-/etc/passwd fifo.md!KIND ");
	assert_int_equal(scan_filter_new(&o, &filter, NULL), ERR_OK);
	assert_true(scan_filter_enters(filter, "d/b"));
	assert_false(scan_filter_enters(filter, "d/drafts"));
	assert_false(scan_filter_enters(filter, "d/.git"));
	assert_false(scan_filter_enters(filter, "public"));
	assert_true(scan_filter_wants(filter, "d/a.md"));
	assert_false(scan_filter_wants(filter, "d/a.txt"));
	assert_false(scan_filter_wants(filter, "d/.a.md"));
	assert_false(scan_filter_wants(filter, "d/a.md~"));
	assert_null(scan_filter_free(filter));
	folder_close(&f);
}

static void one_path(void **state)
{
	static const struct {
		const char *typed, *want;
		enum err err;
	} cases[] = {
		{"d", "d/a.md d/b/c.md ", ERR_OK},
		{"d/b/", "d/b/c.md ", ERR_OK},
		{"d/a.md", "d/a.md ", ERR_OK},
		{"d/../d/a.md", "d/a.md ", ERR_OK},
		{"public", "public/x.md ", ERR_OK},
		{"t.txt", "t.txt ", ERR_OK},
		{"l.md", "d/a.md ", ERR_OK},
		{"", "d/a.md d/b/c.md fifo.md!KIND out.md!OUTSIDE ", ERR_OK},
		{"fifo.md", "fifo.md!KIND ", ERR_OK},
		{"out.md", "", ERR_OUTSIDE},
		{"../no-such-file-beside-the-test", "", ERR_NOTFOUND},
		{"..", "", ERR_OUTSIDE},
		{"none.md", "", ERR_NOTFOUND},
	};
	struct folder f;

	(void)state;
	folder_open(&f);
	fill(&f, "d/a.md d/b/c.md public/x.md t.txt l.md->d/a.md out.md->/etc/passwd");
	assert_int_equal(mkfifoat(f.fd, "fifo.md", 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen seen = {.count = 0};
		char typed[200];

		(void)snprintf(typed, sizeof(typed), "%s/%s", f.path, cases[i].typed);
		assert_int_equal(scan_path(f.fd, typed, NULL, note, &seen, NULL), cases[i].err);
		assert_string_equal(seen.text, cases[i].want);
	}
	folder_close(&f);
}

static void the_caller_can_stop(void **state)
{
	struct seen seen = {.stop_after = 2};
	struct folder f;

	(void)state;
	folder_open(&f);
	fill(&f, "a.md d/b.md c.md");
	assert_int_equal(scan_folder(f.fd, NULL, note, &seen, NULL), ERR_CANCELLED);
	assert_string_equal(seen.text, "a.md c.md ");
	folder_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_things_are_complaints),
		cmocka_unit_test(unreadable_folder_is_a_complaint),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(some_paths),
		cmocka_unit_test(one_path),
		cmocka_unit_test(the_caller_can_stop),
	};

	(void)umask(022);
	return RUN_ROWS("scan", rows, scans) + cmocka_run_group_tests_name("scan/odd", tests, NULL, NULL);
}
