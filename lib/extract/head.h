/* SPDX-License-Identifier: MIT */
/* head.h - a page's title, excerpt and lead picture from its head alone, where what follows cannot change
 * them.
 *
 * Most pages state all three in <head>, and a fifth of the work is enough to read it. The rest is not parsed,
 * but searched for what could bring another candidate: the answer is given only where the whole page would
 * give the same one. */
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

/* *suffices: *md has the parts, of pictures the first only, as extract_page() and extract_choose() (whatever
 * the verdict) would give them. Else *md says nothing, and the whole page has to be read. Fails as
 * extract_page(). */
CHECKED enum err extract_head(const struct page_response *response, unsigned parts,
			      const struct choose_options *options, struct arena *arena, struct metadata *md,
			      bool *suffices, struct error *e);

#endif
