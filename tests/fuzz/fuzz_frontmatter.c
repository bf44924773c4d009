/* SPDX-License-Identifier: MIT */
/* uses: document */
/* Any text: what parses and takes an edit must parse again, hold the value, differ in nothing else, and come
 * back byte for byte when the key is taken away. The document's view reads it, and fills what gaps it can. */
#include <stdint.h>
#include <stdio.h>

#include "document/document.h"
#include "document/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static size_t count_nodes(const struct node *n)
{
	size_t sum = 1;

	for (const struct node *c = n->first; c; c = c->next)
		sum += count_nodes(c);
	return sum;
}

static void set_and_remove(const struct frontmatter *fm, struct edit *edit, size_t brings)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(64 << 20), back = STRBUF_INIT(64 << 20);
	struct frontmatter *set;
	struct error e;

	edit->kind = EDIT_SET;
	if (frontmatter_edit(fm, edit, &out, &e))
		return;
	check(!frontmatter_parse(strbuf_span(&out), &arena, &set, &e), "the edited text does not parse");
	check(count_nodes(set->root) == (fm->root ? count_nodes(fm->root) : 1) + brings,
	      "other nodes came or went");
	edit->kind = EDIT_REMOVE;
	check(!frontmatter_edit(set, edit, &back, &e), e.text);
	check(span_eq(strbuf_span(&back), fm->text), "removing does not give back the text");
}

static void edits(struct span text)
{
	static const struct value pair[] = {
		{.kind = VALUE_STRING, .text = {"https://x.example/a b", 21}, .key = {"url", 3}},
		{.kind = VALUE_PLAIN, .text = {"640", 3}, .key = {"width", 5}}};
	static const struct value map = {.kind = VALUE_MAP, .items = pair, .count = 2};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct edit edit = {.steps = 1, .parents = true, .path = {{{"\nnew", 4}, 0}, {{"b", 1}, 0}}};
	struct frontmatter *fm;

	if (frontmatter_parse(text, &arena, &fm, NULL) || !fm->present || fm->end > 20000)
		return;
	edit.value = (struct value){.kind = VALUE_STRING, .text = {"It's \"x\": y", 11}};
	set_and_remove(fm, &edit, 1);
	edit.value = (struct value){.kind = VALUE_LIST, .items = &map, .count = 1};
	set_and_remove(fm, &edit, 4);
	edit.steps = 2;
	edit.value = pair[1];
	set_and_remove(fm, &edit, 2);
	/* inside what the root's last value is */
	if (!fm->root || !fm->root->last || fm->root->last->key->kind != NODE_SCALAR ||
	    fm->root->last->kind != NODE_MAPPING || !fm->root->last->count)
		return;
	edit.path[0].key = fm->root->last->key->value;
	edit.path[1].key = SPAN("\nnew");
	set_and_remove(fm, &edit, 1);
}

static void fills(struct span text, const char *preset)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	static const struct image image = {{"https://x.example/i.jpg", 23}, 3, 4};
	const struct shape *shape;
	struct document *doc;
	struct error e;

	check(!shape_make(preset, NULL, 0, &arena, &shape, &e), "a preset fails");
	if (document_parse(text, shape, &arena, &doc, &e))
		return;
	for (size_t i = 0; i < doc->link_count && i < 3; i++) {
		CLEANUP(strbuf_release)
		struct strbuf out = STRBUF_INIT(64 << 20), back = STRBUF_INIT(64 << 20);
		struct change changes[FIELD_LINK_COUNT];
		struct document *filled;
		size_t n = 0;

		for (int f = 0; f < FIELD_LINK_COUNT; f++)
			if (doc->links[i].fields[f].editable &&
			    doc->links[i].fields[f].presence != FIELD_PRESENT)
				changes[n++] = (struct change){CHANGE_SET,    doc->links[i].related,
							       (enum field)f, SPAN("2021-08-26T00:34:00Z"),
							       &image,        1};
		if (document_apply(doc, changes, n, &out, &e))
			continue;
		check(!document_parse(strbuf_span(&out), shape, &arena, &filled, &e),
		      "the filled document does not parse");
		for (size_t k = 0; k < n; k++) {
			const struct field_state *s = &doc->links[i].fields[changes[k].field];

			changes[k].kind = s->presence == FIELD_ABSENT ? CHANGE_REMOVE : CHANGE_RAW;
			changes[k].value = s->raw;
		}
		check(!document_apply(filled, changes, n, &back, &e), e.text);
		check(span_eq(strbuf_span(&back), text), "taking back does not give back the text");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size);

	edits(text);
	fills(text, NULL);
	fills(text, "jekyll");
	return 0;
}
