/* SPDX-License-Identifier: MIT */
/* words.c - "did you mean". */
#include <stdio.h>

#include "config/table.h"

enum { WORD_MAX = 48 };

/* Edits between two words: insert, drop, replace, swap neighbours (optimal string alignment). */
static unsigned distance(struct span a, struct span b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	for (unsigned j = 0; j <= b.len; j++)
		last[j] = j;
	memset(rows[0], 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			char x = byte_lower(a.ptr[i - 1]), y = byte_lower(b.ptr[j - 1]);

			now[j] = MIN(MIN(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == byte_lower(b.ptr[j - 2]) && byte_lower(a.ptr[i - 2]) == y)
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b.len];
}

static bool same_but_for_marks(struct span a, struct span b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.len && (a.ptr[i] == '-' || a.ptr[i] == '_'))
			i++;
		while (j < b.len && (b.ptr[j] == '-' || b.ptr[j] == '_'))
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (byte_lower(a.ptr[i++]) != byte_lower(b.ptr[j++]))
			return false;
	}
}

/* The part after the last dot: who writes `gap` means `pace.gap`. */
static struct span last_part(struct span s)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == '.')
			return span_sub(s, i, s.len);
	return s;
}

const char *word_nearest(struct span word, const char *const *candidates)
{
	const char *best = NULL;
	/* one slip for short words, a third of the letters for long ones */
	unsigned best_distance = MAX(2, (unsigned)MIN(word.len, WORD_MAX) / 3 + 1);

	if (word.len == 0 || word.len > WORD_MAX)
		return NULL;
	for (; *candidates; candidates++) {
		struct span c = span_str(*candidates), parts[2] = {c, last_part(c)};

		for (unsigned k = 0; k < 2; k++) {
			unsigned d;

			if (parts[k].len == 0 || parts[k].len > WORD_MAX)
				continue;
			if (same_but_for_marks(parts[k], word))
				return *candidates;
			d = distance(word, parts[k]);
			if (d < best_distance && d < MAX(word.len, parts[k].len)) {
				best = *candidates;
				best_distance = d;
			}
		}
	}
	return best;
}

void word_suggest(struct error *e, struct span word, const char *const *candidates)
{
	const char *near = word_nearest(word, candidates);
	size_t n;

	if (!e || !near)
		return;
	n = strlen(e->text);
	(void)snprintf(e->text + n, sizeof(e->text) - n, "; did you mean '%s'?", near);
}
