/* SPDX-License-Identifier: MIT */
/* choose_inner.h - what the files of the choice share. */
#ifndef INGESTD_EXTRACT_CHOOSE_INNER_H
#define INGESTD_EXTRACT_CHOOSE_INNER_H

#include "base/url.h"
#include "extract/extract.h"
#include "extract/squash.h"

enum { SUPPORT_ADDRESS = 7 }; /* of a title from which the address was made */
enum { COPY_LESS = 12 };      /* of a description that is a piece of the text */
enum { CHOOSE_MAX = 48 };     /* candidates of one field that are weighed; the rest stand late on the page */

/* One candidate in the balance. */
struct weighed {
	struct candidate *from; /* the page's */
	struct span value;      /* what would be written: from->value, or that without the site's name */
	struct span key;        /* squashed value: what is compared */
	int score;              /* base score and what was added */
	unsigned family;        /* bit of the source's family */
};

struct chooser {
	struct page *page;
	const struct choose_options *options;
	struct arena *arena;
	struct metadata *ret;
	struct url address; /* where the page was found; href empty when not known */
	struct span site;   /* the site's name, chosen; SPAN_NONE */
	struct {
		struct span of, site, label; /* squashed, and of which name */
		bool known;
	} names;
	struct weighed w[CHOOSE_MAX];
	size_t n;
};

extern const char lost_score[], lost_same[];

/* Takes the field's candidates into the balance, with families and keys. */
void weigh(struct chooser *c, enum field field);
/* Adds `bonus` for each family beyond its own that says the same (keys are equal). */
void weigh_support(struct chooser *c, int bonus);
/* The heaviest of those with a score over 0; the first of equals. NULL when there is none. */
struct weighed *weigh_best(struct chooser *c);
/* Makes w the field's choice. */
void choose(struct chooser *c, enum field field, const struct weighed *w);
/* A candidate that stands on no page: made up from others. */
struct candidate *choose_made(struct chooser *c, enum field field, struct span value, const char *source,
			      int score);

/* Sets c->address from the page. */
void choose_address(struct chooser *c);
/* Where a title parts, at its last or first separator. False when it does not. */
bool title_part(struct span title, bool last, struct span *head, struct span *tail);

/* The registrable domain's first label: "example" of "www.example.co.uk". */
struct span site_label(const struct chooser *c);
/* Whether `s` names the site: the site's name or its domain. */
bool is_site_name(struct chooser *c, struct span s);

/* The title without the site's name at either end. */
struct span title_without_site(struct chooser *c, struct span title, const struct span *titles, size_t n);

void choose_provider(struct chooser *c);
void choose_title(struct chooser *c);
void choose_excerpt(struct chooser *c);
void choose_date(struct chooser *c);
void choose_weburl(struct chooser *c);
void choose_lang(struct chooser *c);
void choose_type(struct chooser *c);
void choose_authors(struct chooser *c);
void choose_images(struct chooser *c);
/* A picture's name without the size at its end: "-1024x683", "_w800", "@2x". */
struct span picture_stem(struct span name);

#endif
