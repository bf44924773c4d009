/* SPDX-License-Identifier: MIT */
/* field.h - what a link has and a page offers, by one set of names.
 *
 * The names are those of the `native` shape (the seed document); lib/document maps them to the keys
 * of other shapes, lib/extract fills them from what schema.org, OpenGraph and others call them. */
#ifndef INGESTD_BASE_FIELD_H
#define INGESTD_BASE_FIELD_H

#include "base/span.h"

/* The fields of a link come first; those after FIELD_LINK_COUNT are a page's only. */
#define FIELD_MAP(X)                          \
	X(TITLE, "title")                     \
	X(EXCERPT, "excerpt")                 \
	X(DATE, "publishedDateTime")          \
	X(WEBURL, "webUrl")                   \
	X(TYPE, "type")                       \
	X(PROVIDER_NAME, "provider.name")     \
	X(PROVIDER_DOMAIN, "provider.domain") \
	X(IMAGE, "images")                    \
	X(PROVIDER_IMAGE, "provider.images")
#define FIELD_MAP_PAGE(X) \
	X(LANG, "lang")   \
	X(AUTHOR, "authors")

#define X(name, text) FIELD_##name,
enum field {
	FIELD_MAP(X) FIELD_LINK_COUNT,
	FIELD_BEFORE_PAGE = FIELD_LINK_COUNT - 1,
	FIELD_MAP_PAGE(X) FIELD_COUNT
};
#undef X

/* Whether it holds pictures: urls with sizes, one or a list of them. */
static inline bool field_is_images(enum field f)
{
	return f == FIELD_IMAGE || f == FIELD_PROVIDER_IMAGE;
}

/* Static. */
const char *field_name(enum field f);
/* False when no field has that name. */
CHECKED bool field_by_name(struct span name, enum field *ret);

#endif
