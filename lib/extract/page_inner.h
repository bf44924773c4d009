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

#endif
