/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "document/frontmatter.h"

static const struct row {
	const char *name, *in;
	enum err want;
	bool present;
	unsigned line, col;
} rows[] = {
	{"plain", "---\na: 1\n---\nbody\n", ERR_OK, true, 0, 0},
	{"no final newline", "---\na: 1\n---", ERR_OK, true, 0, 0},
	{"blanks behind fences", "--- \t\na: 1\n---  \nbody", ERR_OK, true, 0, 0},
	{"closed by dots", "---\na: 1\n...\nbody", ERR_OK, true, 0, 0},
	{"byte order mark", "\xef\xbb\xbf---\r\na: 1\r\n---\r\n", ERR_OK, true, 0, 0},
	{"empty", "---\n---\n", ERR_OK, true, 0, 0},
	{"only a comment", "---\n# nothing\n---\n", ERR_OK, true, 0, 0},
	{"bad UTF-8 in the body", "---\na: 1\n---\n\xff\xfe", ERR_OK, true, 0, 0},
	{"none", "# A page\n\n---\n", ERR_OK, false, 0, 0},
	{"no text", "", ERR_OK, false, 0, 0},
	{"a rule alone", "---", ERR_OK, false, 0, 0},
	{"a language behind the fence", "---yaml\na: 1\n---\n", ERR_OK, false, 0, 0},
	{"fence not in the first line", "\n---\na: 1\n---\n", ERR_OK, false, 0, 0},
	{"template tag", "{% include x %}\n", ERR_OK, false, 0, 0},
	{"carriage returns only", "---\ra: 1\r---\r", ERR_OK, false, 0, 0},
	{"TOML", "+++\na = 1\n+++\n", ERR_UNSAFE, false, 1, 1},
	{"JSON", "{\n  \"a\": 1\n}\n", ERR_UNSAFE, false, 1, 1},
	{"unterminated", "---\na: 1\n", ERR_SYNTAX, false, 1, 1},
	{"open quote", "---\na: 1\nb: \"open\n---\n", ERR_SYNTAX, false, 4, 1},
	{"tab indentation", "---\na:\n\tb: 1\n---\n", ERR_SYNTAX, false, 3, 1},
	{"at sign", "---\na: @b\n---\n", ERR_SYNTAX, false, 2, 4},
	{"colon in a plain title", "---\ntitle: Foo: bar\n---\n", ERR_SYNTAX, false, 2, 11},
	{"NUL", "---\na: x\n---\n", ERR_SYNTAX, false, 2, 4},
	{"bad UTF-8", "---\na: 1\nb: \xc3\xa9\xff\n---\n", ERR_SYNTAX, false, 3, 5},
	{"template for a value", "---\ntitle: {{ title }}\n---\n", ERR_UNSAFE, false, 2, 9},
	{"not a mapping", "---\n- a\n---\n", ERR_UNSAFE, false, 2, 1},
	{"two documents", "---\na: 1\n--- # x\nb: 1\n---\n", ERR_UNSAFE, false, 3, 1},
};

static void parses(void **state)
{
	const struct row *row = *state;
	char text[128];
	struct span in = span_str(row->in);
	struct arena a = ARENA_INIT(1 << 20);
	struct frontmatter *fm = NULL;
	struct error e = {0};

	if (!strcmp(row->name, "NUL")) { /* a string cannot hold it */
		for (size_t k = 0; k < in.len; k++)
			text[k] = k == 7 ? 0 : row->in[k];
		in.ptr = text;
	}
	assert_int_equal(frontmatter_parse(in, &a, &fm, &e), row->want);
	assert_int_equal(fm ? fm->present : 0, row->present);
	assert_int_equal(e.line, row->line);
	assert_int_equal(e.col, row->col);
	arena_release(&a);
}

int main(void)
{
	return RUN_ROWS("frontmatter/parse", rows, parses);
}
