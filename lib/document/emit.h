/* SPDX-License-Identifier: MIT */
/* emit.h - values as YAML text, in the style that a document uses. Inside lib/document. */
#ifndef INGESTD_DOCUMENT_EMIT_H
#define INGESTD_DOCUMENT_EMIT_H

#include "document/frontmatter.h"

enum { EMIT_DEPTH = 32 }; /* of a value; deeper ones are ERR_TOODEEP */

struct emitter {
	const struct frontmatter *fm;
	struct strbuf *out;
	size_t step;             /* blanks by which a nested mapping stands in */
	size_t dash;             /* by which a list's dashes do */
	size_t gap;              /* between a dash and its item */
	size_t singles, doubles; /* scalars in these quotes */
	size_t looks;
	size_t blocks, flows; /* lists of each kind */
	bool keys_quoted;     /* as in JSON */
	bool spaced;          /* "{ a: b }" */
	struct span under;    /* the key that holds the mapping being written to */
};

/* Looks at how fm does things. */
void emitter_init(struct emitter *em, const struct frontmatter *fm, struct strbuf *out);

/* The column (from 0) in which a block mapping's keys stand. */
size_t node_indent(const struct frontmatter *fm, const struct node *map);
/* In pre-order, keys left out; NULL after the last. */
const struct node *node_after(const struct node *n);

/* The nearest key above n, "" for the root's children. */
struct span node_holder(const struct node *n);

/* "key: value"; col is where key stands. */
CHECKED enum err emit_member(struct emitter *em, struct span key, const struct value *v, size_t col,
			     bool flow);
/* What follows the ':': a blank and the value, or a line end and a block. old (may be NULL) is the value that
 * it replaces. */
CHECKED enum err emit_after_colon(struct emitter *em, struct span key, const struct value *v,
				  const struct node *old, size_t col, bool flow);
/* What follows a dash and its gap; col is where it stands. */
CHECKED enum err emit_item(struct emitter *em, struct span key, const struct value *v, const struct node *old,
			   size_t col, bool flow);
/* Only in block context: value takes lines of its own. */
bool emit_is_block(const struct emitter *em, const struct value *v);

CHECKED enum err emit_blanks(struct strbuf *out, size_t n);

#endif
