/* SPDX-License-Identifier: MIT */
/* collect.h - candidates on their way in: normal form, ceilings, one list for all sources.
 *
 * Each source hands over what it found as it stood on the page; what has no normal form for its field (a date
 * that is none, a URL of another scheme, an author who is an address) is dropped here, so that the choice
 * only sees values that could be written. Inside the room only. */
#ifndef INGESTD_EXTRACT_COLLECT_H
#define INGESTD_EXTRACT_COLLECT_H

#include "base/date.h"
#include "base/url.h"
#include "extract/extract.h"

enum {
	COLLECT_FIELD_MAX = 96,   /* candidates of one field; later ones are dropped */
	COLLECT_TEXT_MAX = 16384, /* bytes of a raw value that are looked at */
};

/* How a raw value becomes a candidate's. */
enum normal {
	NORMAL_TEXT,
	NORMAL_DATE,
	NORMAL_URL,    /* absolute http(s) */
	NORMAL_IMAGE,  /* the same, without data: and the like */
	NORMAL_NAMES,  /* authors: one candidate for each name */
	NORMAL_BYLINE, /* the same out of a text that readers see: what does not look like a name is dropped
			*/
	NORMAL_LANG,   /* a BCP 47 tag */
	NORMAL_TYPE,   /* what og:type, @type and the like say, in our words; see types.c */
};

struct collector {
	struct arena *arena;
	struct url base; /* of relative references; href is empty when there is none */
	struct candidate *list;
	size_t count, cap;
	unsigned taken[FIELD_COUNT];
	unsigned group; /* the last number given to a group of images */
};

/* The candidate, or NULL when the value has no normal form (or memory ran out, which the arena remembers).
 * Valid until the next call. `source` is kept as it is, so it lives as long as the arena does. Of names the
 * last one is returned. */
struct candidate *collect(struct collector *c, enum field field, enum normal normal, struct span raw,
			  const char *source, int score, unsigned line);

/* The same for a value that is in normal form already. */
struct candidate *collect_ready(struct collector *c, enum field field, struct span value, const char *source,
				int score, unsigned line);

/* A name without "By", role words, addresses and handles; SPAN_NONE when no person's or organisation's name
 * is left. Takes one name off *rest; lists are parted at commas, semicolons, "and" and its kin. */
struct span collect_next_name(struct span *rest, struct arena *arena);

/* Words with capitals, particles among them, none that buttons and bylines begin with: for texts that nobody
 * marked up as a name alone. lower: small letters may begin it, as they do pen names. */
bool collect_looks_like_name(struct span name, bool lower);

/* "article", "video", "profile", ... for a schema.org type, og:type or Dublin Core type; SPAN_NONE for one
 * that says nothing. Static. */
struct span collect_type(struct span raw);

#endif
