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

/* Adds the candidates of tree and response headers, in page order. tree may be NULL: only the headers speak.
 */
void sources_collect(struct collector *c, const struct tree *tree, const struct page_response *response,
		     struct jsonld_facts *facts);

/* Of a tree that ends with the head (tree_parse_head): what stands there and in the response's headers. */
void sources_collect_head(struct collector *c, const struct tree *tree, const struct page_response *response,
			  struct jsonld_facts *facts);

/* For extract_page(): page->lead, text and url are filled by the caller; this fills candidates, verdict and
 * evidence. base: of relative references (the page's <base> or the final URL), NULL when there is none.
 * tree is NULL for what is no HTML. Fails for want of memory only. */
CHECKED enum err sources_fill(const struct tree *tree, const struct page_response *response,
			      const struct url *base, struct arena *arena, struct page *page);

#endif
