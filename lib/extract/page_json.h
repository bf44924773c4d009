/* SPDX-License-Identifier: MIT */
/* page_json.h - a page as the state keeps it: one JSON object, versioned. */
#ifndef INGESTD_EXTRACT_PAGE_JSON_H
#define INGESTD_EXTRACT_PAGE_JSON_H

#include "base/strbuf.h"
#include "extract/extract.h"

/* Of `text` only the first PAGE_TEXT_KEPT bytes, cut at a character, are kept. */
enum { PAGE_TEXT_KEPT = 4096 };

/* Appends. ERR_TOOBIG past the buffer's ceiling. */
CHECKED enum err page_to_json(const struct page *page, struct strbuf *out);
/* ERR_DAMAGED: no such JSON, or of another EXTRACT_VERSION. */
CHECKED enum err page_from_json(struct span json, struct arena *arena, struct page **ret, struct error *e);

#endif
