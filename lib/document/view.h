/* SPDX-License-Identifier: MIT */
/* view.h - how the typed view finds a field's key. Inside lib/document. */
#ifndef INGESTD_DOCUMENT_VIEW_H
#define INGESTD_DOCUMENT_VIEW_H

#include "document/document.h"
#include "document/shape.h"

/* document.impl */
struct view {
	struct frontmatter *fm;
	const struct shape *shape;
	size_t head; /* bytes up to and with the closing fence's line */
};

/* Where a field is, or would go. */
struct spot {
	const struct key_path *path; /* NULL: the shape has no key for it */
	const struct node *node;     /* NULL: absent */
	bool editable;
};

/* The mapping that holds a link's fields: the root, or an item of `related`; NULL when it is not there. */
const struct node *view_base(const struct view *v, int related);
struct spot view_spot(const struct node *base, const struct key_paths *paths, bool image);
enum presence view_presence(const struct node *n, const struct key_path *path);
/* A scalar's text, through an alias too; SPAN_NONE for anything else. */
struct span view_text(const struct node *n);

#endif
