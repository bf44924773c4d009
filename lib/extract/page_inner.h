/* SPDX-License-Identifier: MIT */
/* page_inner.h - what reading a page and reading its head only share. */
#ifndef INGESTD_EXTRACT_PAGE_INNER_H
#define INGESTD_EXTRACT_PAGE_INNER_H

#include "base/url.h"
#include "extract/extract.h"
#include "extract/tree.h"

/* Whether the response is read as a page at all. */
bool page_is_html(const struct page_response *response);
/* The page's base: <base href>, against where it came from. False: there is none. */
bool page_base(const struct page_response *response, const struct tree *tree, struct arena *arena,
	       struct url *base);

/* Told when the head has been read (tree_watch); response is cut to PAGE_BODY_MAX. True: that is all that is
 * wanted. */
struct gather;
struct page_watch {
	bool (*head_read)(struct page_watch *w, const struct page_response *response, const struct tree *tree,
			  const struct repaired *r);
	struct gather *begun; /* set by it: of sources_begin(); NULL */
};
/* As extract_page(); *ret is NULL where the watch wanted no more. watch may be NULL. */
CHECKED enum err page_read(const struct page_response *response, struct page_watch *watch,
			   struct arena *arena, struct page **ret, struct error *e);

#endif
