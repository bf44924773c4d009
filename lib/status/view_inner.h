/* SPDX-License-Identifier: MIT */
/* view_inner.h - what the files of view.h share. */
#ifndef INGESTD_STATUS_VIEW_INNER_H
#define INGESTD_STATUS_VIEW_INNER_H

#include "base/strbuf.h"
#include "document/document.h"
#include "status/view.h"

enum { VALUE_MAX = 600 }; /* bytes of a value that is shown; more is cut */

/* s with an ellipsis behind it. */
struct span view_cut(struct span s, struct arena *a);
void view_image_of(struct look *l, const struct image *from, struct arena *a, struct view_image *ret);
void view_change_of(const struct store_provenance *row, struct arena *a, struct view_change *ret);

/* A document's text and what it was parsed to. bytes is STRBUF_INIT() with the ceiling, and is to be released
 * after doc was used. */
struct view_text {
	struct strbuf bytes;
	struct document *doc;
};
/* Reads it beneath the folder root, which has to be one of o->folders; as document_read() and
 * document_parse(), and ERR_NOTFOUND. */
CHECKED enum err view_text_read(const struct view_options *o, struct span root, struct span path,
				struct arena *a, struct view_text *ret, struct error *e);

#endif
