/* SPDX-License-Identifier: MIT */
#include "unit/folder.h"

#include "document/diff.h"

#define HEAD "--- a/x.md\n+++ b/x.md\n"

static const struct row {
	const char *name, *old, *new, *want;
} rows[] = {
	{"equal", "a\nb\n", "a\nb\n", ""},
	{"changed line", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	 HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"},
	{"one line", "a\n", "b\n", HEAD "@@ -1 +1 @@\n-a\n+b\n"},
	{"insert at the start", "a\nb\nc\nd\n", "x\na\nb\nc\nd\n", HEAD "@@ -1,3 +1,4 @@\n+x\n a\n b\n c\n"},
	{"remove at the end", "a\nb\nc\nd\ne\n", "a\nb\nc\nd\n", HEAD "@@ -2,4 +2,3 @@\n b\n c\n d\n-e\n"},
	{"no final newline before", "a\nb", "a\nb\n",
	 HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
	{"no final newline after", "a\nb\n", "a\nb",
	 HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
	{"no final newline in context", "a\nb", "x\nb",
	 HEAD "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"},
	{"CRLF stays", "a\r\nb\r\n", "a\r\nc\r\n", HEAD "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"},
	{"six lines between are one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n",
	 HEAD "@@ -1,8 +1,8 @@\n-a\n+x\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+y\n"},
	{"seven are two", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
	 HEAD "@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+y\n"},
	{"from empty", "", "a\nb\n", HEAD "@@ -0,0 +1,2 @@\n+a\n+b\n"},
	{"to empty", "a\nb\n", "", HEAD "@@ -1,2 +0,0 @@\n-a\n-b\n"},
	{"new file", NULL, "a\n", "--- /dev/null\n+++ b/x.md\n@@ -0,0 +1 @@\n+a\n"},
	{"file that goes", "a\n", NULL, "--- a/x.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"},
	{"least edits", "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
	 HEAD "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n"},
};

static void diffs(void **state)
{
	const struct row *row = *state;
	struct strbuf out = STRBUF_INIT(10000);

	assert_int_equal(diff_unified(SPAN("x.md"), span_str(row->old), span_str(row->new), false, &out),
			 ERR_OK);
	assert_string_equal(strbuf_cstr(&out), row->want);
	strbuf_release(&out);
}

static void names_are_quoted(void **state)
{
	struct strbuf out = STRBUF_INIT(1000);

	(void)state;
	assert_int_equal(diff_unified(SPAN("a b/\"q\"\n.md"), SPAN("a\n"), SPAN("b\n"), false, &out), ERR_OK);
	assert_string_equal(strbuf_cstr(&out),
			    "--- \"a/a b/\\\"q\\\"\\012.md\"\n+++ \"b/a b/\\\"q\\\"\\012.md\"\n"
			    "@@ -1 +1 @@\n-a\n+b\n");
	strbuf_release(&out);
}

static void terminals_are_not_commanded(void **state)
{
	struct strbuf out = STRBUF_INIT(1000);

	(void)state;
	assert_int_equal(diff_unified(SPAN("x.md"), SPAN("a\033[2J\n"), SPAN("b\xc2\x9b\r\n"), true, &out),
			 ERR_OK);
	assert_string_equal(strbuf_cstr(&out),
			    "\033[1m--- a/x.md\033[m\n\033[1m+++ b/x.md\033[m\n\033[36m@@ -1 +1 @@\033[m\n"
			    "\033[31m-a^[[2J\033[m\n\033[32m+b?^M\033[m\n");
	strbuf_release(&out);
}

static void fill(struct strbuf *b, unsigned *seed, int lines, const char *word)
{
	for (int i = 0; i < lines; i++)
		assert_int_equal(strbuf_addf(b, "%s%d\n", word, rand_r(seed) % 8), ERR_OK);
	if (rand_r(seed) % 3 == 0 && b->len)
		strbuf_truncate(b, b->len - 1);
}

static void applies(const struct folder *f, const char *command, const struct strbuf *old,
		    const struct strbuf *new, const struct strbuf *patch, const char *name)
{
	char line[300];

	folder_put(f, name, strbuf_span(old));
	folder_put(f, "diff", strbuf_span(patch));
	(void)snprintf(line, sizeof(line), "cd %s && %s >out 2>&1 || { cat out; exit 1; }", f->path, command);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	assert_true(span_eq(folder_get(f, name), strbuf_span(new)));
}

static void patch_and_git_apply_agree(void **state)
{
	static const char *const names[] = {"d/x.md", "d/a b.md", "d/\"q\"\\.md",
					    "d/\xc3\xbc\xe6\x96\x87.md"};
	struct folder f;
	unsigned seed = 1;

	(void)state;
	folder_open(&f);
	folder_put(&f, "d/", SPAN(""));
	for (unsigned i = 0; i < 60; i++) {
		struct strbuf old = STRBUF_INIT(100000), new = STRBUF_INIT(100000),
			      patch = STRBUF_INIT(300000);
		const char *name = names[i % ARRAY_SIZE(names)];

		fill(&old, &seed, rand_r(&seed) % 40 + 1, "l");
		fill(&new, &seed, rand_r(&seed) % 40 + 1, "l");
		assert_int_equal(
			diff_unified(span_str(name), strbuf_span(&old), strbuf_span(&new), false, &patch),
			ERR_OK);
		if (patch.len) {
			applies(&f, "git apply --unidiff-zero diff", &old, &new, &patch, name);
			applies(&f, "patch -s -p1 -i diff", &old, &new, &patch, name);
		}
		strbuf_release(&old);
		strbuf_release(&new);
		strbuf_release(&patch);
	}
	folder_close(&f);
}

static void very_different_texts_have_a_ceiling(void **state)
{
	struct strbuf old = STRBUF_INIT(1 << 20), new = STRBUF_INIT(1 << 20), patch = STRBUF_INIT(1 << 22);
	unsigned seed = 2;
	struct folder f;

	(void)state;
	folder_open(&f);
	fill(&old, &seed, 5000, "old");
	fill(&new, &seed, 5000, "new");
	assert_int_equal(diff_unified(SPAN("x.md"), strbuf_span(&old), strbuf_span(&new), false, &patch),
			 ERR_OK);
	applies(&f, "git apply diff", &old, &new, &patch, "x.md");
	strbuf_release(&old);
	strbuf_release(&new);
	strbuf_release(&patch);
	folder_close(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(terminals_are_not_commanded),
		cmocka_unit_test(patch_and_git_apply_agree),
		cmocka_unit_test(very_different_texts_have_a_ceiling),
	};

	return RUN_ROWS("diff", rows, diffs) + cmocka_run_group_tests_name("diff/more", tests, NULL, NULL);
}
