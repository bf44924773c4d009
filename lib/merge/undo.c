/* SPDX-License-Identifier: MIT */
#include "merge/undo.h"

static const struct link *link_of(const struct document *doc, const struct undo_row *row)
{
	for (size_t i = 0; i < doc->link_count; i++)
		if ((doc->links[i].related < 0) == row->article && span_eq(doc->links[i].url, row->url))
			return &doc->links[i];
	return NULL;
}

static bool same_place(const struct undo_row *a, const struct undo_row *b)
{
	return a->field == b->field && a->article == b->article && span_eq(a->url, b->url);
}

/* False: nothing is changed at the place of the first row, which is its newest. */
static bool go_back(const struct link *link, const struct undo_row *rows, size_t count,
		    struct undo_change *ret)
{
	const struct undo_row *newest = rows;
	struct span current = link->fields[newest->field].raw, raw = current;
	bool absent = false, changed = false;

	for (size_t i = 0; i < count; i++) {
		const struct undo_row *row = &rows[i];

		if (!same_place(row, newest))
			continue;
		/* one that an undo left which was killed before it wrote has no effect */
		if (row->undone) {
			if (absent || (raw.ptr ? span_eq(row->after, raw) : !row->after.len))
				break;
			continue;
		}
		if (absent || !raw.ptr || !span_eq(row->after, raw))
			continue;
		raw = row->before;
		absent = row->was_absent;
		changed = true;
	}
	*ret = (struct undo_change){
		.change = {.kind = absent ? CHANGE_REMOVE : CHANGE_RAW,
			   .related = link->related,
			   .field = newest->field,
			   .value = raw},
		.url = newest->url,
		.from = newest->from,
		.current = current,
		.value = absent ? SPAN_NONE : raw,
	};
	return changed;
}

enum err undo_changes(const struct document *doc, const struct undo_row *rows, size_t count,
		      struct arena *arena, struct undo_change **ret, size_t *ret_count, size_t *kept)
{
	struct undo_change *changes = ARENA_NEW_ARRAY(arena, struct undo_change, count + 1);
	size_t n = 0;

	if (!changes)
		return arena_failed(arena);
	*kept = 0;
	for (size_t i = 0; i < count; i++) {
		const struct link *link = link_of(doc, &rows[i]);
		bool first = true;

		for (size_t k = 0; k < i && first; k++)
			first = !same_place(&rows[k], &rows[i]);
		if (!first || !link)
			continue;
		if (go_back(link, &rows[i], count - i, &changes[n]))
			n++;
		else
			*kept += changes[n].current.ptr && !rows[i].undone;
	}
	*ret = changes;
	*ret_count = n;
	return ERR_OK;
}
