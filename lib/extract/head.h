/* SPDX-License-Identifier: MIT */
/* head.h - a page's title, excerpt and lead picture from its head alone, where what follows cannot change
 * them.
 *
 * The parse stops behind the head to look whether it suffices, and goes on if not, with what was collected.
 * Of the rest only the bare tags are known then: they are searched for what could bring another candidate,
 * and the answer is given only where the whole page would give the same one. */
#ifndef INGESTD_EXTRACT_HEAD_H
#define INGESTD_EXTRACT_HEAD_H

#include "extract/extract.h"

/* What an answer is to hold: bits of 1 << enum part. */
#define PART_MAP(X)             \
	X(TITLE, "title")       \
	X(EXCERPT, "excerpt")   \
	X(IMAGES, "images")     \
	X(DATE, "date")         \
	X(WEBURL, "webUrl")     \
	X(TYPE, "type")         \
	X(LANG, "lang")         \
	X(AUTHORS, "authors")   \
	X(PROVIDER, "provider") \
	X(LEAD, "lead")         \
	X(TEXT, "text")         \
	X(VERDICT, "verdict")
#define X(name, text) PART_##name,
enum part { PART_MAP(X) PART_COUNT };
#undef X
#define PART_BIT(part) (1u << (part))
enum { PARTS_ALL = PART_BIT(PART_COUNT) - 1 };

/* "title,excerpt,images". ERR_INVALID: e->text names what is not known and what is. */
CHECKED enum err parts_parse(struct span list, unsigned *ret, struct error *e);

/* extract_page() and extract_choose() (whatever the verdict) in one. *page is NULL where the head sufficed:
 * *md has the parts then, of pictures the first only, just as the whole page would give them. Fails as
 * extract_page(). */
CHECKED enum err extract_parts(const struct page_response *response, unsigned parts,
			       const struct choose_options *options, struct arena *arena, struct page **page,
			       struct metadata *md, struct error *e);

#endif
