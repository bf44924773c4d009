/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "base/strbuf.h"
#include "document/document.h"
#include "document/shape.h"
#include "merge/undo.h"

#define URL "https://a.example/"
#define DOC(lines) "---\noriginalUrl: \"" URL "\"\n" lines "---\n"

enum { RECORDS = 4 };

/* Records, newest first; a NULL before: there was no key. A space goes before each value, as it is written.
 */
static const struct row {
	const char *name, *in;
	struct record {
		const char *before, *after;
		bool undone;
		enum field field;
		const char *url;
	} records[RECORDS];
	const char *want; /* NULL: nothing changes */
	size_t kept;
} rows[] = {
	{"nothing was written", DOC("title: A\n"), {{0}}, NULL, 0},
	{"a value", DOC("title: B\n"), {{"A", "B"}}, DOC("title: A\n"), 0},
	{"a key that was not there", DOC("title: B\n"), {{NULL, "B"}}, DOC(""), 0},
	{"a value that somebody changed", DOC("title: C\n"), {{"A", "B"}}, NULL, 1},
	{"a value that somebody took away", DOC(""), {{"A", "B"}}, NULL, 0},
	{"through several", DOC("title: C\n"), {{"B", "C"}, {"A", "B"}}, DOC("title: A\n"), 0},
	{"as far as each follows", DOC("title: C\n"), {{"B", "C"}, {"A", "X"}}, DOC("title: B\n"), 0},
	{"the newest was never written", DOC("title: B\n"), {{"B", "C"}, {"A", "B"}}, DOC("title: A\n"), 0},
	{"no further than a key that was not there",
	 DOC("title: B\n"),
	 {{NULL, "B"}, {"A", "B"}},
	 DOC(""),
	 0},
	{"undone already", DOC("title: A\n"), {{"B", "A", true}, {"A", "B"}}, NULL, 0},
	{"undone, and written again",
	 DOC("title: B\n"),
	 {{"A", "B"}, {"B", "A", true}, {"A", "B"}},
	 DOC("title: A\n"),
	 0},
	{"an undo that was killed before it wrote",
	 DOC("title: B\n"),
	 {{"B", "A", true}, {"A", "B"}},
	 DOC("title: A\n"),
	 0},
	{"two fields",
	 DOC("title: B\nexcerpt: D\n"),
	 {{"C", "D", false, FIELD_EXCERPT}, {"A", "B"}},
	 DOC("title: A\nexcerpt: C\n"),
	 0},
	{"a link that is gone",
	 DOC("title: B\n"),
	 {{"A", "B", false, FIELD_TITLE, "https://b.example/"}},
	 NULL,
	 0},
	{"as many places as records",
	 DOC("title: B\nexcerpt: D\n"),
	 {{"X", "Y"}, {"C", "D", false, FIELD_EXCERPT}, {"A", "B"}, {"C", "Z", false, FIELD_EXCERPT}},
	 DOC("title: A\nexcerpt: C\n"),
	 0},
};

static void undoes(void **state)
{
	const struct row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(DOCUMENT_MAX);
	struct undo_row records[RECORDS];
	char values[RECORDS][2][8];
	struct change changes[RECORDS];
	struct undo_change *got;
	const struct shape *shape;
	struct document *doc;
	size_t count = 0, n, kept;
	struct error e;

	while (count < RECORDS && row->records[count].after) {
		const struct record *r = &row->records[count];
		char(*value)[8] = values[count];

		(void)snprintf(value[0], sizeof(value[0]), " %s", r->before ? r->before : "");
		(void)snprintf(value[1], sizeof(value[1]), " %s", r->after);
		records[count++] = (struct undo_row){
			.article = true,
			.url = span_str(r->url ? r->url : URL),
			.field = r->field ? r->field : FIELD_TITLE,
			.was_absent = !r->before,
			.before = r->before ? span_str(value[0]) : SPAN_NONE,
			.after = span_str(value[1]),
			.undone = r->undone,
		};
	}
	assert_int_equal(shape_make(NULL, NULL, 0, &arena, &shape, &e), ERR_OK);
	assert_int_equal(document_parse(span_str(row->in), shape, &arena, &doc, &e), ERR_OK);
	assert_int_equal(undo_changes(doc, records, count, &arena, &got, &n, &kept), ERR_OK);
	assert_int_equal(kept, row->kept);
	assert_int_equal(n > 0, row->want != NULL);
	for (size_t i = 0; i < n; i++)
		changes[i] = got[i].change;
	if (!n)
		return;
	assert_int_equal(document_apply(doc, changes, n, &text, &e), ERR_OK);
	assert_string_equal(strbuf_cstr(&text), row->want);
}

int main(void)
{
	return RUN_ROWS("merge/undo", rows, undoes);
}
