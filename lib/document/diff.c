/* SPDX-License-Identifier: MIT */
#include "document/diff.h"

/* Myers' greedy algorithm ("An O(ND) difference algorithm", 1986) between the common start and the common
 * end. Its trace takes EDITS_MAX squared numbers at worst. */
enum { EDITS_MAX = 1500 };

struct lines {
	struct span *line; /* each with its LF */
	size_t count;
};

/* marks of lines: those of old that go, those of new that come */
struct marks {
	bool *gone, *come;
};

struct writer {
	struct strbuf *out;
	bool colour;
	enum err failed;
};

static enum err split(struct span text, struct lines *ret)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	ret->line = malloc((n + 1) * sizeof(*ret->line));
	if (!ret->line)
		return ERR_NOMEM;
	while (text.len) {
		ptrdiff_t lf = span_find_byte(text, '\n');
		size_t len = lf < 0 ? text.len : (size_t)lf + 1;

		ret->line[k++] = span_of(text.ptr, len);
		text = span_sub(text, len, text.len);
	}
	ret->count = k;
	return ERR_OK;
}

/* The trace has a row for each number d of edits: how far on each diagonal -d, -d+2 .. d (x - y) d edits can
 * lead, as x. */
struct trace {
	int *x;
	size_t cap;
};

static size_t row_start(int d)
{
	return (size_t)d * ((size_t)d + 1) / 2;
}

static int *entry(const struct trace *t, int d, int diagonal)
{
	return &t->x[row_start(d) + (size_t)(diagonal + d) / 2];
}

static bool trace_reserve(struct trace *t, int d)
{
	size_t need = row_start(d + 1), cap = MAX(need, MIN(t->cap * 2, row_start(EDITS_MAX + 1)));
	int *more;

	if (need <= t->cap)
		return true;
	more = realloc(t->x, MAX(cap, 64) * sizeof(*more));
	if (!more)
		return false;
	t->x = more;
	t->cap = MAX(cap, 64);
	return true;
}

/* Whether the last of d edits on this diagonal inserts a line (or else removes one). */
static bool inserts(const struct trace *t, int d, int diagonal)
{
	return diagonal == -d ||
	       (diagonal != d && *entry(t, d - 1, diagonal - 1) < *entry(t, d - 1, diagonal + 1));
}

static void mark_back(const struct trace *t, int d, int diagonal, struct marks m)
{
	for (; d > 0; d--) {
		bool insert = inserts(t, d, diagonal);
		int x;

		diagonal += insert ? 1 : -1;
		x = *entry(t, d - 1, diagonal);
		if (insert)
			m.come[x - diagonal] = true;
		else
			m.gone[x] = true;
	}
}

/* Marks the differences of two runs of lines. Past the ceiling: everything. */
static enum err compare(const struct span *old, int n, const struct span *new, int m, struct marks marks)
{
	struct trace t = {.x = NULL};
	enum err r = ERR_OK;
	bool found = false;

	for (int d = 0; !found && d <= EDITS_MAX; d++) {
		if (!trace_reserve(&t, d)) {
			r = ERR_NOMEM;
			break;
		}
		for (int k = -d; !found && k <= d; k += 2) {
			int x = d == 0              ? 0
				: inserts(&t, d, k) ? *entry(&t, d - 1, k + 1)
						    : *entry(&t, d - 1, k - 1) + 1;

			while (x < n && x - k < m && span_eq(old[x], new[x - k]))
				x++;
			*entry(&t, d, k) = x;
			if (x >= n && x - k >= m) {
				mark_back(&t, d, k, marks);
				found = true;
			}
		}
	}
	if (!r && !found) {
		memset(marks.gone, true, (size_t)n);
		memset(marks.come, true, (size_t)m);
	}
	free(t.x);
	return r;
}

static enum err mark(const struct lines *old, const struct lines *new, struct marks m)
{
	size_t head = 0, tail = 0, least = MIN(old->count, new->count);

	while (head < least && span_eq(old->line[head], new->line[head]))
		head++;
	while (tail < least - head &&
	       span_eq(old->line[old->count - 1 - tail], new->line[new->count - 1 - tail]))
		tail++;
	return compare(old->line + head, (int)(old->count - head - tail), new->line + head,
		       (int)(new->count - head - tail), (struct marks){m.gone + head, m.come + head});
}

static void put(struct writer *w, struct span s)
{
	if (!w->failed)
		w->failed = strbuf_add_span(w->out, s);
}

static void put_str(struct writer *w, const char *s)
{
	put(w, span_str(s));
}

static void put_colour(struct writer *w, const char *code)
{
	if (w->colour)
		put_str(w, code);
}

/* What a terminal would obey becomes visible: C0 and DEL as ^X, C1 (also as UTF-8) as ?. */
static void put_visible(struct writer *w, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == 0xc2 && i + 1 < s.len && ((unsigned char)s.ptr[i + 1] & 0xe0) == 0x80) {
			put_str(w, "?");
			i++;
		} else if ((c < ' ' && c != '\t') || c == 0x7f) {
			put(w, span_of((const char[]){'^', (char)(c ^ 0x40)}, 2));
		} else {
			put(w, span_sub(s, i, i + 1));
		}
	}
}

static void put_line(struct writer *w, char sign, struct span line)
{
	bool lf = span_ends(line, SPAN("\n"));

	if (w->colour) {
		put_colour(w, sign == '-' ? "\033[31m" : sign == '+' ? "\033[32m" : "");
		put(w, span_of(&sign, 1));
		put_visible(w, span_sub(line, 0, line.len - lf));
		put_colour(w, sign == ' ' ? "" : "\033[m");
		put_str(w, "\n");
	} else {
		put(w, span_of(&sign, 1));
		put(w, line);
		if (!lf)
			put_str(w, "\n");
	}
	if (!lf)
		put_str(w, "\\ No newline at end of file\n");
}

/* As git writes names: in C's quotes where there is something to quote; a TAB after one with a space. */
static void put_name(struct writer *w, const char *sign, const char *side, struct span path, bool there)
{
	bool quote = false;

	put_colour(w, "\033[1m");
	put_str(w, sign);
	for (size_t i = 0; i < path.len; i++)
		quote |= (unsigned char)path.ptr[i] < ' ' || path.ptr[i] == '"' || path.ptr[i] == '\\' ||
			 path.ptr[i] == 0x7f;
	if (!there) {
		put_str(w, "/dev/null");
	} else if (!quote) {
		put_str(w, side);
		if (w->colour)
			put_visible(w, path);
		else
			put(w, path);
		if (span_find_byte(path, ' ') >= 0)
			put_str(w, "\t");
	} else {
		put_str(w, "\"");
		put_str(w, side);
		for (size_t i = 0; i < path.len; i++) {
			unsigned char c = (unsigned char)path.ptr[i];

			if (c < ' ' || c == 0x7f) {
				if (!w->failed)
					w->failed = strbuf_addf(w->out, "\\%03o", c);
			} else {
				if (c == '"' || c == '\\')
					put_str(w, "\\");
				put(w, span_sub(path, i, i + 1));
			}
		}
		put_str(w, "\"");
	}
	put_colour(w, "\033[m");
	put_str(w, "\n");
}

static void put_range(struct writer *w, char sign, size_t start, size_t count)
{
	if (w->failed)
		return;
	/* an empty range stands after the line that it names */
	w->failed = count == 1 ? strbuf_addf(w->out, "%c%zu", sign, start + 1)
			       : strbuf_addf(w->out, "%c%zu,%zu", sign, start + (count > 0), count);
}

static void put_hunk(struct writer *w, const struct lines *old, const struct lines *new, struct marks m,
		     const size_t from[2], const size_t to[2])
{
	size_t i = from[0], j = from[1];

	put_colour(w, "\033[36m");
	put_str(w, "@@ ");
	put_range(w, '-', from[0], to[0] - from[0]);
	put_str(w, " ");
	put_range(w, '+', from[1], to[1] - from[1]);
	put_str(w, " @@");
	put_colour(w, "\033[m");
	put_str(w, "\n");
	while (i < to[0] || j < to[1]) {
		if (i < to[0] && m.gone[i]) {
			put_line(w, '-', old->line[i++]);
		} else if (j < to[1] && m.come[j]) {
			put_line(w, '+', new->line[j++]);
		} else {
			put_line(w, ' ', old->line[i++]);
			j++;
		}
	}
}

/* Steps over changed lines. */
static void skip_change(const struct lines *old, const struct lines *new, struct marks m, size_t at[2])
{
	while (at[0] < old->count && m.gone[at[0]])
		at[0]++;
	while (at[1] < new->count && m.come[at[1]])
		at[1]++;
}

/* Steps over unchanged lines, at most max; returns how many. */
static size_t skip_same(const struct lines *old, const struct lines *new, struct marks m, size_t at[2],
			size_t max)
{
	size_t n = 0;

	while (n < max && at[0] < old->count && at[1] < new->count && !m.gone[at[0]] && !m.come[at[1]]) {
		at[0]++;
		at[1]++;
		n++;
	}
	return n;
}

static void put_hunks(struct writer *w, const struct lines *old, const struct lines *new, struct marks m)
{
	size_t at[2] = {0, 0};

	for (;;) {
		size_t same = skip_same(old, new, m, at, SIZE_MAX), context = MIN(same, DIFF_CONTEXT);
		size_t from[2] = {at[0] - context, at[1] - context}, to[2];

		if (at[0] == old->count && at[1] == new->count)
			return;
		for (;;) {
			skip_change(old, new, m, at);
			to[0] = at[0];
			to[1] = at[1];
			/* changes with so little between them that their context would touch are one hunk */
			same = skip_same(old, new, m, at, 2 * DIFF_CONTEXT + 1);
			if (same > 2 * DIFF_CONTEXT || (at[0] == old->count && at[1] == new->count))
				break;
		}
		context = MIN(same, DIFF_CONTEXT);
		to[0] += context;
		to[1] += context;
		put_hunk(w, old, new, m, from, to);
		if (same > DIFF_CONTEXT) {
			/* what follows may be the next hunk's context */
			at[0] = to[0];
			at[1] = to[1];
		}
	}
}

enum err diff_unified(struct span path, struct span old, struct span new, bool colour, struct strbuf *out)
{
	struct writer w = {.out = out, .colour = colour};
	struct lines a = {.line = NULL}, b = {.line = NULL};
	struct marks m = {NULL, NULL};
	enum err r;

	if (span_eq(old, new))
		return ERR_OK;
	r = split(old, &a);
	if (!r)
		r = split(new, &b);
	if (!r) {
		m.gone = calloc(a.count + 1, sizeof(bool));
		m.come = calloc(b.count + 1, sizeof(bool));
		r = m.gone && m.come ? mark(&a, &b, m) : ERR_NOMEM;
	}
	if (!r) {
		put_name(&w, "--- ", "a/", path, old.ptr != NULL);
		put_name(&w, "+++ ", "b/", path, new.ptr != NULL);
		put_hunks(&w, &a, &b, m);
		r = w.failed;
	}
	free(m.gone);
	free(m.come);
	free(a.line);
	free(b.line);
	return r;
}
