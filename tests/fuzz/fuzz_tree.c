/* SPDX-License-Identifier: MIT */
/* uses: extract */
#include "base/text.h"
#include "extract/charset.h"
#include "extract/extract.h"
#include "extract/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span s)
{
	assert(text_utf8_valid(s) == s.len);
}

/* The tree hangs together, is not too deep, and holds UTF-8 only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct span text;
	struct tree *t;
	size_t count = 0;

	if (!ready)
		extract_init();
	ready = true;
	if (charset_decode(span_of((const char *)data, size), CHARSET_UTF_8, &arena, &text) ||
	    tree_parse(text, &arena, &t, NULL))
		return 0;
	for (const struct node *n = t->root; n; n = node_next(n, t->root)) {
		assert(n == t->root || n->depth == n->parent->depth + 1);
		assert(n->depth <= TREE_DEPTH_MAX + 1);
		assert(!n->child || n->tag != TAG_TEXT);
		if (n->tag == TAG_TEXT)
			check(node_text_raw(n));
		else
			check(node_name(n));
		for (uint32_t i = 0; n->tag != TAG_TEXT && i < n->size; i++)
			check(span_of(n->attrs[i].value_ptr, n->attrs[i].value_len));
		assert(tree_line(t, n) >= 1);
		count++;
	}
	assert(count == t->count + 1);
	check(node_text(t->root, 100, &arena));
	return 0;
}
