/* SPDX-License-Identifier: MIT */
#include "document/attach.h"

#include "document/emit.h"
#include "document/place.h"
#include "document/shape.h"

enum { KEYS = 6, ENTRY_BYTES = 32 * 1024 };

struct entry {
	struct value keys[KEYS], provider[2];
	size_t count, provider_count;
};

static void add(struct value *list, size_t *count, struct span key, struct span text, enum value_kind kind)
{
	if (text.ptr)
		list[(*count)++] = (struct value){
			kind, text, kind == VALUE_DATE ? QUOTING_AUTO : QUOTING_DOUBLE, key, NULL, 0, false};
}

static struct value entry_value(struct entry *v, const struct attachment *from)
{
	v->count = v->provider_count = 0;
	add(v->keys, &v->count, SPAN("title"), from->title, VALUE_STRING);
	add(v->keys, &v->count, SPAN("excerpt"), from->excerpt, VALUE_STRING);
	add(v->keys, &v->count, SPAN("publishedDateTime"), from->date, VALUE_DATE);
	add(v->keys, &v->count, SPAN("webUrl"), from->url, VALUE_STRING);
	add(v->keys, &v->count, SPAN("type"), from->type, VALUE_STRING);
	add(v->provider, &v->provider_count, SPAN("name"), from->provider, VALUE_STRING);
	add(v->provider, &v->provider_count, SPAN("domain"), from->domain, VALUE_STRING);
	if (v->provider_count)
		v->keys[v->count++] = (struct value){.kind = VALUE_MAP,
						     .key = SPAN("provider"),
						     .items = v->provider,
						     .count = v->provider_count};
	return (struct value){.kind = VALUE_MAP, .items = v->keys, .count = v->count};
}

/* There is no list yet. */
static enum err set_list(const struct frontmatter *fm, const struct shape *shape, const struct value *item,
			 struct strbuf *out, struct error *e)
{
	const struct edit edit = {
		.kind = EDIT_SET,
		.path = {{.key = shape->related.paths[0].steps[0]}},
		.steps = 1,
		.value = {.kind = VALUE_LIST, .items = item, .count = 1},
		.order = shape->order,
	};

	return frontmatter_edit(fm, &edit, out, e);
}

/* The list of one entry, as a document of its own has it: its lines are taken from there. */
static enum err item_lines(const struct shape *shape, const struct value *item, size_t indent,
			   struct span eol, struct strbuf *out, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 << 20);
	CLEANUP(strbuf_release) struct strbuf whole = STRBUF_INIT(ENTRY_BYTES);
	struct frontmatter *fm;
	struct span rest, line;
	bool in = false;
	enum err r = frontmatter_parse(SPAN("---\ntitle: \"x\"\n---\n"), &arena, &fm, e);

	if (!r)
		r = set_list(fm, shape, item, &whole, e);
	rest = strbuf_span(&whole);
	while (!r && (line = span_split(&rest, '\n')).ptr) {
		if (in && span_eq(line, SPAN("---")))
			break;
		if (in && line.len > 2) {
			r = emit_blanks(out, indent);
			if (!r)
				r = strbuf_add_span(out, span_sub(line, 2, line.len));
			if (!r)
				r = strbuf_add_span(out, eol);
		}
		in |= span_eq(span_trim(line), SPAN("related:"));
	}
	return r;
}

/* Behind the last entry of a block list. */
static enum err append(const struct frontmatter *fm, const struct shape *shape, const struct node *list,
		       const struct value *item, struct strbuf *out, struct error *e)
{
	const struct node *last = list->last;
	size_t line, dash, at;
	enum err r;

	if (list->style != NODE_BLOCK || place_in_flow(list) || !last || node_shared(list))
		return err_set(e, ERR_UNSAFE,
			       "its related entries are written in a way that is not added to");
	line = place_line(fm, last->begin);
	for (dash = line; dash < fm->end && fm->text.ptr[dash] == ' ';)
		dash++;
	if (dash >= last->begin || fm->text.ptr[dash] != '-')
		return err_set(e, ERR_UNSAFE,
			       "its related entries are written in a way that is not added to");
	at = last->tail > fm->begin && fm->text.ptr[last->tail - 1] == '\n' ? last->tail
									    : place_next_line(fm, last->tail);
	r = strbuf_add_span(out, span_sub(fm->text, 0, at));
	if (!r)
		r = item_lines(shape, item, dash - line, fm->eol, out, e);
	return r ? r : strbuf_add_span(out, span_sub(fm->text, at, fm->text.len));
}

/* One link more, the others as they were. */
static enum err prove(const struct document *doc, const struct shape *shape, struct span text,
		      struct span url, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct document *after;
	enum err r = document_parse(text, shape, &arena, &after, e);
	bool same = !r && after->link_count == doc->link_count + 1;

	for (size_t i = 0; same && i < doc->link_count; i++) {
		const struct link *a = &doc->links[i], *b = &after->links[i];

		same = span_eq(a->url, b->url) && a->related == b->related;
		for (size_t f = 0; same && f < FIELD_LINK_COUNT; f++)
			same = span_eq(a->fields[f].value, b->fields[f].value);
	}
	if (same)
		same = span_eq(after->links[doc->link_count].url, url);
	return r || same ? r : err_set(e, ERR_UNSAFE, "adding a related entry would change more than that");
}

enum err document_attach(const struct document *doc, const struct shape *shape, struct span text,
			 const struct attachment *entry, bool *there, struct strbuf *out, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(DOCUMENT_MAX);
	const struct key_paths *paths = &shape->related;
	const struct node *list;
	struct frontmatter *fm;
	struct entry values;
	struct value item = entry_value(&values, entry);
	enum err r;

	*there = false;
	if (!paths->count || paths->paths[0].count != 1 ||
	    !span_eq(paths->paths[0].steps[0], SPAN("related")))
		return err_set(e, ERR_UNSUPPORTED, "its shape has no related entries");
	for (size_t i = 0; i < doc->link_count && !*there; i++)
		*there = span_eq(doc->links[i].url, entry->url);
	if (*there)
		return ERR_OK;
	r = frontmatter_parse(text, &arena, &fm, e);
	if (r)
		return r;
	list = node_get(fm->root, SPAN("related"));
	if (!list || node_is_null(list) || (list->kind == NODE_SEQUENCE && !list->count))
		r = set_list(fm, shape, &item, &b, e);
	else if (list->kind != NODE_SEQUENCE)
		r = err_set(e, ERR_UNSAFE, "its 'related' is no list");
	else
		r = append(fm, shape, list, &item, &b, e);
	if (!r)
		r = prove(doc, shape, strbuf_span(&b), entry->url, e);
	return r ? r : strbuf_add_span(out, strbuf_span(&b));
}
