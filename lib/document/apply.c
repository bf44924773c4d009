/* SPDX-License-Identifier: MIT */
/* apply.c - changes to a document's fields, one proven edit after the other. */
#include "document/document.h"

#include "document/view.h"

enum { IMAGES_MAX = 64, HEAD_MAX = FRONTMATTER_MAX + 4096 };

/* Sets come in one fixed order, what undoes them in its reverse, so that taking back what was set walks the
 * same way home, byte for byte. */
struct turn {
	const struct change *change;
};

static int by_place(const void *a, const void *b)
{
	const struct change *x = ((const struct turn *)a)->change, *y = ((const struct turn *)b)->change;
	int undo = x->kind != CHANGE_SET, order;

	if (undo != (y->kind != CHANGE_SET))
		return undo ? 1 : -1;
	order = x->related != y->related ? (x->related > y->related) - (x->related < y->related)
					 : (x->field > y->field) - (x->field < y->field);
	return undo ? -order : order;
}

/* The head of the document as it is between two edits. */
struct work {
	const struct view *view; /* of the document as it was read */
	struct frontmatter *fm;
	struct strbuf text, next;
	struct arena arena;
	struct error *e;
};

static enum err step(struct work *w, const struct edit *edit)
{
	struct strbuf swap;
	enum err r;

	strbuf_truncate(&w->next, 0);
	r = frontmatter_edit(w->fm, edit, &w->next, w->e);
	if (r)
		return r;
	swap = w->text;
	w->text = w->next;
	w->next = swap;
	arena_reset(&w->arena);
	return frontmatter_parse(strbuf_span(&w->text), &w->arena, &w->fm, w->e);
}

static void add_step(struct edit *edit, struct span key, size_t index)
{
	assert(edit->steps < FRONTMATTER_PATH);
	edit->path[edit->steps++] = (struct step){key, index};
}

static void edit_init(const struct work *w, const struct change *c, const struct key_path *path,
		      struct edit *edit)
{
	const struct shape *shape = w->view->shape;

	*edit = (struct edit){.parents = true, .order = shape->order};
	if (c->related >= 0) {
		for (size_t i = 0; i < shape->related.paths[0].count; i++)
			add_step(edit, shape->related.paths[0].steps[i], 0);
		add_step(edit, SPAN_NONE, (size_t)c->related);
	}
	for (size_t i = 0; i < path->count; i++)
		add_step(edit, path->steps[i], 0);
}

/* "2021-08-26T00:34:00+02:00", what date_format_zoned() gives, in another style; all else stays. */
static struct span date_in_style(struct span s, enum date_style style, char buf[32])
{
	static const char pattern[] = "0000-00-00T00:00:00";
	size_t len = sizeof(pattern) - 1;

	if (style == DATE_STYLE_RFC3339 || s.len <= len || s.len > len + 6)
		return s;
	for (size_t i = 0; i < len; i++)
		if (pattern[i] == '0' ? !byte_is_digit(s.ptr[i]) : s.ptr[i] != pattern[i])
			return s;
	if (style == DATE_STYLE_DAY)
		return span_sub(s, 0, 10);
	for (size_t i = 0; i <= len; i++)
		buf[i] = i == 10 || i == len ? ' ' : s.ptr[i];
	if (s.len == len + 1 && s.ptr[len] == 'Z')
		for (size_t i = 0; i < 5; i++)
			buf[len + 1 + i] = "+0000"[i];
	else if (s.len == len + 6 && s.ptr[len + 3] == ':')
		for (size_t i = 0, o = len + 1; i < 6; i++) {
			if (i != 3)
				buf[o++] = s.ptr[len + i];
		}
	else
		return s;
	return span_of(buf, len + 6);
}

enum { IMAGE_KEYS = 4 }; /* url, width, height, mark */

static struct value image_value(const struct shape *shape, enum field field, const struct key_path *path,
				const struct image *image, struct value sub[IMAGE_KEYS], char digits[2][16])
{
	const unsigned sides[] = {image->width, image->height};
	const struct span keys[] = {shape->width, shape->height};
	struct value v = {.kind = VALUE_STRING, .text = image->url, .quoting = shape->quoting[field]};
	size_t n = 1;

	if (!path->item.ptr)
		return v;
	sub[0] = v;
	sub[0].key = path->item;
	for (size_t i = 0; i < 2; i++) {
		size_t at = 15;

		if (!sides[i] || !keys[i].len)
			continue;
		digits[i][at] = 0;
		for (unsigned left = sides[i]; left; left /= 10)
			digits[i][--at] = (char)('0' + left % 10);
		sub[n++] =
			(struct value){.kind = VALUE_PLAIN, .text = span_str(&digits[i][at]), .key = keys[i]};
	}
	if (image->cached && shape->cached.len)
		sub[n++] = (struct value){.kind = VALUE_PLAIN, .text = SPAN("true"), .key = shape->cached};
	return (struct value){.kind = VALUE_MAP, .items = sub, .count = n};
}

/* Where the first image is the one the document has: only what it lacks of sizes and mark comes. */
static enum err complete_images(struct work *w, const struct change *c, const struct spot *spot)
{
	char digits[2][16];
	struct value sub[IMAGE_KEYS];

	for (size_t i = 0; i < c->image_count; i++) {
		const struct node *item = node_item(spot->node, i);
		struct value map =
			image_value(w->view->shape, c->field, spot->path, &c->images[i], sub, digits);

		if (!item || !span_eq(view_text(node_get(item, spot->path->item)), c->images[i].url))
			break;
		for (size_t k = 1; k < map.count; k++) {
			const struct node *old = node_get(item, map.items[k].key);
			struct edit edit;
			enum err r;

			if (old && view_presence(old, spot->path) == FIELD_PRESENT)
				continue;
			edit_init(w, c, spot->path, &edit);
			add_step(&edit, SPAN_NONE, i);
			add_step(&edit, map.items[k].key, 0);
			edit.value = map.items[k];
			r = step(w, &edit);
			if (r)
				return r;
		}
	}
	return ERR_OK;
}

static enum err set_images(struct work *w, const struct change *c, const struct spot *spot, struct edit *edit)
{
	struct value items[IMAGES_MAX], subs[IMAGES_MAX][IMAGE_KEYS];
	char digits[IMAGES_MAX][2][16];
	size_t count = MIN(c->image_count, IMAGES_MAX);
	const struct node *first = spot->node && spot->path->item.ptr ? node_item(spot->node, 0) : NULL;

	if (!count || !c->images[0].url.ptr)
		return err_set(w->e, ERR_INVALID, "no image to set");
	if (first && span_eq(view_text(node_get(first, spot->path->item)), c->images[0].url))
		return complete_images(w, c, spot);
	for (size_t i = 0; i < count; i++)
		items[i] =
			image_value(w->view->shape, c->field, spot->path, &c->images[i], subs[i], digits[i]);
	edit->value = spot->path->list ? (struct value){.kind = VALUE_LIST, .items = items, .count = count}
				       : items[0];
	return step(w, edit);
}

static enum err apply_one(struct work *w, const struct change *c)
{
	const struct shape *shape = w->view->shape;
	const struct node *base = view_base(w->view, c->related);
	struct spot spot;
	struct edit edit;
	char date[32];

	if (!base || c->field >= FIELD_LINK_COUNT)
		return err_set(w->e, ERR_NOTFOUND, "no such link");
	spot = view_spot(base, &shape->fields[c->field], field_is_images(c->field));
	if (!spot.path || !spot.editable)
		return err_set_at(w->e, ERR_UNSAFE, spot.node ? spot.node->line : base->line,
				  spot.node ? spot.node->col : base->col, "%s cannot be edited here",
				  field_name(c->field));
	edit_init(w, c, spot.path, &edit);
	switch (c->kind) {
	case CHANGE_REMOVE: edit.kind = EDIT_REMOVE; return step(w, &edit);
	case CHANGE_RAW:
		edit.kind = EDIT_RAW;
		edit.raw = c->value;
		return step(w, &edit);
	case CHANGE_SET: break;
	}
	edit.kind = EDIT_SET;
	if (field_is_images(c->field))
		return set_images(w, c, &spot, &edit);
	edit.value =
		(struct value){.kind = VALUE_STRING, .text = c->value, .quoting = shape->quoting[c->field]};
	if (c->field == FIELD_DATE) {
		edit.value.kind = VALUE_DATE;
		edit.value.text = date_in_style(c->value, shape->date_style, date);
		edit.value.quoting = shape->date_quoted ? QUOTING_DOUBLE : QUOTING_AUTO;
	}
	return step(w, &edit);
}

static enum err apply_all(struct work *w, const struct turn *turns, size_t count)
{
	const struct span whole = w->view->fm->text;
	enum err r = strbuf_add_span(&w->text, span_sub(whole, 0, w->view->head));

	if (r)
		return err_set(w->e, r, "%s", err_text(r));
	r = frontmatter_parse(strbuf_span(&w->text), &w->arena, &w->fm, w->e);
	for (size_t i = 0; i < count && !r; i++) {
		const struct change *c = turns[i].change, *last = i ? turns[i - 1].change : NULL;

		if (last && last->related == c->related && last->field == c->field)
			return err_set(w->e, ERR_INVALID, "%s is changed twice", field_name(c->field));
		r = apply_one(w, c);
	}
	return r;
}

enum err document_apply(const struct document *doc, const struct change *changes, size_t count,
			struct strbuf *out, struct error *e)
{
	const struct view *v = doc->impl;
	struct work w = {.view = v,
			 .text = STRBUF_INIT(HEAD_MAX),
			 .next = STRBUF_INIT(HEAD_MAX),
			 .arena = ARENA_INIT((size_t)64 << 20),
			 .e = e};
	CLEANUP_FREE struct turn *turns = calloc(count + 1, sizeof(*turns));
	enum err r;

	if (!turns)
		return err_set(e, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		turns[i].change = &changes[i];
	qsort(turns, count, sizeof(*turns), by_place);
	r = apply_all(&w, turns, count);
	if (!r) {
		r = strbuf_add_span(out, strbuf_span(&w.text));
		if (!r)
			r = strbuf_add_span(out, span_sub(v->fm->text, v->head, v->fm->text.len));
		if (r)
			err_set(e, r, "%s", err_text(r));
	}
	strbuf_release(&w.text);
	strbuf_release(&w.next);
	arena_release(&w.arena);
	return r;
}
