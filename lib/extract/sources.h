/* SPDX-License-Identifier: MIT */
/* sources.h - where a page states its metadata, as a table.
 *
 * A new source is one row of a table in sources.c (name, where, field, score, normaliser) and one folder of
 * tests/pages. Each tag's elements are visited once; rows are found by name, not the other way round. */
#ifndef INGESTD_EXTRACT_SOURCES_H
#define INGESTD_EXTRACT_SOURCES_H

#include "extract/collect.h"
#include "extract/jsonld.h"
#include "extract/tree.h"

/* What is collected, under way. */
struct gather;

/* Of a page of which no more than the head was read (tree_watch): what the response's headers, <meta>,
 * <link>, <title> and JSON-LD say; later: JSON-LD blocks further down. NULL without memory. */
struct gather *sources_begin(const struct tree *tree, const struct page_response *response,
			     const struct url *base, const struct jsonld_block *later, size_t count,
			     struct arena *arena);
/* A copy of the candidates so far, as sources_fill() orders them. False without memory. */
CHECKED bool sources_so_far(const struct gather *g, struct page *page);

/* For extract_page(): page->lead, text and url are filled by the caller; this fills candidates, verdict and
 * evidence. base: of relative references (the page's <base> or the final URL), NULL when there is none.
 * tree is NULL for what is no HTML. begun: what sources_begin() gave for the same tree, so that it is not
 * done again where the rest of the page has nothing to add to it; NULL. Fails for want of memory only. */
CHECKED enum err sources_fill(const struct tree *tree, const struct page_response *response,
			      const struct url *base, struct gather *begun, struct arena *arena,
			      struct page *page);

/* Whether a <link> of such a rel says anything that is collected; whether a <meta> with these attributes has
 * to do with a title, an excerpt or a picture (microdata aside). */
bool sources_heed_link(struct span rel);
bool sources_heed_meta(const struct attr *attrs, size_t count);

#endif
