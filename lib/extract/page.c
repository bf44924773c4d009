/* SPDX-License-Identifier: MIT */
#include <libxml/parser.h>

#include "extract/extract.h"
#include "extract/tree.h"
#include "extract/xml_memory.h"

void extract_init(void)
{
	/* refused only when libxml2 runs already: then its memory is the system's, as ever */
	if (xml_memory_init())
		xmlInitParser();
}

enum err extract_page(const struct page_response *response, struct arena *arena, struct page **ret,
		      struct error *e)
{
	struct tree *tree;
	enum err err = tree_parse(response->body, arena, &tree, e);

	if (!err && !(*ret = ARENA_NEW(arena, struct page)))
		err = arena_failed(arena);
	return err;
}
