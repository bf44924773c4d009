/* SPDX-License-Identifier: MIT */
/* answer.h - what `ingestd extract` prints of a page: one JSON object.
 *
 * {"id", "verdict", "evidence": [], "title", "excerpt", "images": [{"url", "width", "height"}], "date",
 * "webUrl", "type", "lang", "authors": [], "provider": {"name", "domain"}, "lead", "text"}; what is not known
 * is absent. */
#ifndef INGESTD_EXTRACT_ANSWER_H
#define INGESTD_EXTRACT_ANSWER_H

#include "base/strbuf.h"
#include "extract/extract.h"
#include "extract/head.h"

/* Appends one line without its line end. id may be SPAN_NONE. ERR_TOOBIG past the buffer's ceiling. */
CHECKED enum err page_answer_json(struct span id, const struct page *page, const struct metadata *metadata,
				  struct strbuf *out);

/* The same with the id and these parts (PART_BIT) only; of pictures the first. page may be NULL where neither
 * lead, text nor verdict is among them. */
CHECKED enum err page_answer_parts(struct span id, unsigned parts, const struct page *page,
				   const struct metadata *metadata, struct strbuf *out);

#endif
