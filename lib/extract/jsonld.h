/* SPDX-License-Identifier: MIT */
/* jsonld.h - schema.org data in <script type="application/ld+json"> (https://www.w3.org/TR/json-ld11/).
 *
 * Read the way pages write it rather than as the standard expands it: contexts are ignored, prefixes and
 * "http://schema.org/" are cut off types. Blocks that are no JSON are repaired (jsonld_repair); one beyond
 * repair costs only itself. */
#ifndef INGESTD_EXTRACT_JSONLD_H
#define INGESTD_EXTRACT_JSONLD_H

#include "base/strbuf.h"
#include "extract/collect.h"

enum {
	JSONLD_BLOCK_MAX = 1024 * 1024, /* bytes of a block; larger ones are skipped */
	JSONLD_BLOCKS_MAX = 64,
	JSONLD_DEPTH_MAX = 64,    /* of brackets; deeper blocks are skipped before any parser recurses */
	JSONLD_NODES_MAX = 20000, /* objects looked at, over all blocks */
};

struct jsonld_block {
	struct span text;
	unsigned line;
};

/* What the blocks say of the page as a whole; for the verdict. */
struct jsonld_facts {
	unsigned articles;   /* nodes of an article's type that are not parts of another */
	unsigned list_items; /* in ItemList and the like */
	unsigned broken;     /* blocks beyond repair */
	size_t body_chars;   /* bytes of the longest articleBody */
	bool not_free;       /* isAccessibleForFree is false */
	bool collection;     /* the page calls itself CollectionPage, SearchResultsPage or the like */
};

/* Adds the candidates of all blocks. Only memory can fail, and the arena remembers that. */
void jsonld_collect(struct collector *c, const struct jsonld_block *blocks, size_t n,
		    struct jsonld_facts *facts);

/* Appends `text` as JSON that a strict parser takes where the meaning is plain: comments, CDATA and HTML
 * comment wrappers and a trailing semicolon go, so do commas before a closing bracket; raw line ends and
 * controls in strings are escaped, wrong escapes lose their backslash, missing commas between members and
 * missing closing brackets are put in, a quote inside a string that ends nothing is escaped. One pass. */
CHECKED enum err jsonld_repair(struct span text, struct strbuf *out);

/* Deepest nesting of brackets outside strings. */
unsigned jsonld_depth(struct span text);

#endif
