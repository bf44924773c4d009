/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"
#include "store/look_inner.h"

enum { ROOTS_MAX = 1000, TALLIES_MAX = 100000, WORDS_MAX = 8 };

#define STATUS_COLUMNS                                                                                   \
	DOCUMENT_COLUMNS ", state, missing, gaps, title, reason, blamed, verdict, line, col, looked_at," \
			 " root"

static void status_row(sqlite3_stmt *st, struct arena *a, struct store_status *ret)
{
	*ret = (struct store_status){
		.missing = (unsigned)sqlite3_column_int64(st, 11),
		.gaps = (unsigned)sqlite3_column_int64(st, 12),
		.title = arena_dup(a, column_span(st, 13)),
		.reason = arena_dup(a, column_span(st, 14)),
		.url = arena_dup(a, column_span(st, 15)),
		.verdict = arena_dup(a, column_span(st, 16)),
		.line = (unsigned)sqlite3_column_int64(st, 17),
		.col = (unsigned)sqlite3_column_int64(st, 18),
		.looked_at = sqlite3_column_int64(st, 19),
	};
	if (!store_state_by_name(column_span(st, 10), &ret->state))
		ret->state = STORE_STATE_UNKNOWN;
}

/* ---- roots ---- */

struct root_row {
	int64_t id;
	struct span path;
};

static enum err read_roots(struct look *l, struct database *d, struct arena *a, struct look_array *ret,
			   struct error *e)
{
	sqlite3_stmt *st;
	bool row = true;
	enum err r = database_statement(d, SQL_LOOK_ROOTS, "SELECT id, path FROM root ORDER BY id", &st, e);

	*ret = (struct look_array){.size = sizeof(struct root_row), .max = ROOTS_MAX};
	while (!r && row) {
		struct root_row *root;

		r = look_row(l, d, st, &row, e);
		if (r || !row)
			break;
		root = look_add(ret, a);
		if (!root)
			break;
		root->id = sqlite3_column_int64(st, 0);
		root->path = arena_dup(a, column_span(st, 1));
	}
	if (!r)
		(void)sqlite3_reset(st);
	return r ? r : arena_failed(a);
}

static struct span root_path(const struct look_array *roots, int64_t id)
{
	const struct root_row *rows = roots->rows;

	for (size_t i = 0; i < roots->count; i++)
		if (rows[i].id == id)
			return rows[i].path;
	return SPAN_NONE;
}

static int64_t root_number(const struct look_array *roots, struct span path)
{
	const struct root_row *rows = roots->rows;

	for (size_t i = 0; i < roots->count; i++)
		if (span_eq(rows[i].path, path))
			return rows[i].id;
	return 0;
}

enum err look_roots(struct look *l, struct arena *a, struct span **ret, size_t *count, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);
	struct look_array roots = {.rows = NULL};
	const struct root_row *rows;
	enum err r = d ? read_roots(l, d, a, &roots, e) : ERR_OK;

	*count = 0;
	*ret = ARENA_NEW_ARRAY(a, struct span, roots.count + 1);
	rows = roots.rows;
	for (size_t i = 0; i < roots.count && *ret; i++)
		(*ret)[(*count)++] = rows[i].path;
	return look_forgive(a, r, e);
}

/* ---- how many ---- */

enum err look_tallies(struct look *l, struct arena *a, struct look_tally **ret, size_t *count,
		      struct error *e)
{
	struct look_array tallies = {.size = sizeof(struct look_tally), .max = TALLIES_MAX}, roots;
	struct database *d = look_at(l, FILE_CACHE);
	sqlite3_stmt *st;
	bool row = true;
	enum err r = ERR_OK;

	*ret = NULL;
	*count = 0;
	if (!d)
		return ERR_OK;
	r = read_roots(l, d, a, &roots, e);
	if (!r)
		r = database_statement(d, SQL_LOOK_TALLY,
				       "SELECT root, state, missing, count FROM tally WHERE count > 0"
				       " ORDER BY root, state, missing",
				       &st, e);
	while (!r && row) {
		struct look_tally *t;

		r = look_row(l, d, st, &row, e);
		if (r || !row)
			break;
		t = look_add(&tallies, a);
		if (!t) {
			(void)sqlite3_reset(st);
			break;
		}
		t->root = root_path(&roots, sqlite3_column_int64(st, 0));
		if (!store_state_by_name(column_span(st, 1), &t->state))
			t->state = STORE_STATE_UNKNOWN;
		t->missing = (unsigned)sqlite3_column_int64(st, 2);
		t->count = sqlite3_column_int64(st, 3);
	}
	*ret = tallies.rows;
	*count = tallies.count;
	return look_forgive(a, r, e);
}

/* ---- which ---- */

struct search {
	struct span words[WORDS_MAX];
	size_t count;
};

static void split_words(struct span text, struct search *ret)
{
	ret->count = 0;
	while (text.len && ret->count < WORDS_MAX) {
		struct span word = span_trim(span_split(&text, ' '));

		if (word.len)
			ret->words[ret->count++] = word;
	}
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Letters of ASCII in either case. For each row of a long search: most places fail at their first byte. */
static bool contains(struct span text, struct span word)
{
	char first = lower(word.ptr[0]);

	for (size_t i = 0; i + word.len <= text.len; i++)
		if (lower(text.ptr[i]) == first && span_eq_nocase(span_sub(text, i, i + word.len), word))
			return true;
	return false;
}

/* Of a row that was not copied yet. */
static bool matches(sqlite3_stmt *st, const struct look_filter *filter, const struct search *search)
{
	struct span path, title;

	if (filter->missing && !((unsigned)sqlite3_column_int64(st, 11) & filter->missing))
		return false;
	if (!search->count)
		return true;
	path = column_span(st, 0);
	title = column_span(st, 13);
	for (size_t i = 0; i < search->count; i++)
		if (!contains(path, search->words[i]) && !contains(title, search->words[i]))
			return false;
	return true;
}

/* Each its own text, so that the planner takes the index that it is for. Those that are complete are most of
 * them, or soon found: they are met in the order of paths. */
static enum err statement(struct database *d, const struct look_filter *filter, sqlite3_stmt **st,
			  struct error *e)
{
#define FROM "SELECT " STATUS_COLUMNS " FROM document "
#define BY_STATE FROM "INDEXED BY document_state "
#define BEHIND "WHERE (root, path) > (?1, ?2)"
#define IN_ROOT "WHERE root = ?1 AND path > ?2"
#define OF_STATE " AND state = ?3"
#define NOT_COMPLETE " AND state <> 'complete'"
#define IN_ORDER " ORDER BY root, path"
	static const char *const texts[] = {
		FROM BEHIND IN_ORDER,
		BY_STATE BEHIND OF_STATE NOT_COMPLETE IN_ORDER,
		FROM BEHIND OF_STATE IN_ORDER,
		FROM IN_ROOT IN_ORDER,
		BY_STATE IN_ROOT OF_STATE NOT_COMPLETE IN_ORDER,
		FROM IN_ROOT OF_STATE IN_ORDER,
	};
	size_t which = filter->state < 0 ? 0 : filter->state == STORE_STATE_COMPLETE ? 2 : 1;

	which += filter->root.ptr ? 3 : 0;
	return database_statement(d, SQL_LOOK_DOCUMENTS + which, texts[which], st, e);
}

/* False: there is nothing behind that. */
static bool bind(sqlite3_stmt *st, const struct look_filter *filter, const struct look_array *roots)
{
	int64_t root = filter->root.ptr ? root_number(roots, filter->root) : 0;
	int64_t after = filter->after_root.ptr ? root_number(roots, filter->after_root) : 0;

	if (filter->root.ptr && (!root || after > root))
		return false;
	(void)sqlite3_bind_int64(st, 1, MAX(root, after));
	bind_text(st, 2, after >= root && after && filter->after.ptr ? filter->after : SPAN(""));
	if (filter->state >= 0)
		bind_text(st, 3, span_str(store_state_name((enum store_state)filter->state)));
	return true;
}

static enum err read_documents(struct look *l, struct database *d, sqlite3_stmt *st,
			       const struct look_filter *filter, const struct look_array *roots,
			       struct arena *a, struct look_documents *ret, struct error *e)
{
	struct look_array rows = {.size = sizeof(struct look_document), .max = filter->limit};
	struct strbuf end = STRBUF_INIT(1024 * 1024);
	struct search search;
	int64_t end_root = 0;
	enum err r = ERR_OK;

	split_words(filter->words, &search);
	for (;;) {
		struct look_document *one;
		bool row;

		r = look_row(l, d, st, &row, e);
		ret->cut_short = r == ERR_CANCELLED;
		ret->more = ret->cut_short || (row && rows.count == filter->limit);
		if (r || !row || ret->more)
			break;
		end_root = sqlite3_column_int64(st, 20);
		strbuf_truncate(&end, 0);
		r = strbuf_add_span(&end, column_span(st, 0));
		if (r)
			break;
		if (!matches(st, filter, &search))
			continue;
		one = look_add(&rows, a);
		if (!one)
			break;
		one->root = root_path(roots, end_root);
		document_row(st, &one->document, a);
		status_row(st, a, &one->status);
	}
	(void)sqlite3_reset(st);
	ret->rows = rows.rows;
	ret->count = rows.count;
	ret->end_root = end_root ? root_path(roots, end_root) : filter->after_root;
	ret->end = end_root ? arena_dup(a, strbuf_span(&end)) : filter->after;
	strbuf_release(&end);
	return r;
}

enum err look_documents(struct look *l, const struct look_filter *filter, struct arena *a,
			struct look_documents *ret, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);
	struct look_array roots;
	sqlite3_stmt *st;
	enum err r;

	*ret = (struct look_documents){.count = 0};
	if (!d)
		return ERR_OK;
	r = read_roots(l, d, a, &roots, e);
	if (!r)
		r = statement(d, filter, &st, e);
	if (!r && bind(st, filter, &roots))
		r = read_documents(l, d, st, filter, &roots, a, ret, e);
	return look_forgive(a, r, e);
}

enum err look_document(struct look *l, struct span root, struct span path, struct arena *a,
		       struct look_document *ret, struct error *e)
{
	struct database *d = look_at(l, FILE_CACHE);
	sqlite3_stmt *st;
	int64_t id = 0;
	bool row = false;
	enum err r = d ? root_id(d, root, false, &id, e) : ERR_OK;

	if (!r && id) {
		r = database_statement(
			d, SQL_LOOK_DOCUMENT,
			"SELECT " STATUS_COLUMNS " FROM document WHERE root = ?1 AND path = ?2", &st, e);
		if (r)
			return r;
		(void)sqlite3_bind_int64(st, 1, id);
		bind_text(st, 2, path);
		r = look_row(l, d, st, &row, e);
	}
	if (r)
		return r;
	if (!row)
		return err_set(e, ERR_NOTFOUND, "nothing is known of it");
	ret->root = arena_dup(a, root);
	document_row(st, &ret->document, a);
	status_row(st, a, &ret->status);
	(void)sqlite3_reset(st);
	return look_forgive(a, ERR_OK, e);
}
