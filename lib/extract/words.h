/* SPDX-License-Identifier: MIT */
/* words.h - what class and id attributes say by the general vocabulary of the trade.
 *
 * An attribute is split into words at everything but letters and digits and at capitals ("entryMeta"); what a
 * word means is a bit. Names of one publisher have no place here. */
#ifndef INGESTD_EXTRACT_WORDS_H
#define INGESTD_EXTRACT_WORDS_H

#include "extract/tree.h"

enum word {
	WORD_AUTHOR = 1 << 0,    /* author, byline, writer, autor, ... */
	WORD_DATE = 1 << 1,      /* date, time, timestamp, datum, fecha, ... */
	WORD_PUBLISHED = 1 << 2, /* published, posted, pubdate, created */
	WORD_MODIFIED = 1 << 3,  /* modified, updated */
	WORD_META = 1 << 4,      /* meta, info, details: where dates and names stand */
	WORD_COMMENT = 1 << 5,   /* comments, replies, discussion */
	WORD_ASIDE = 1 << 6,     /* sidebar, related, teaser, newsletter, ... */
	WORD_ARTICLE = 1 << 7,   /* article, post, entry, story, content */
	WORD_LOGO = 1 << 8,      /* logo, icon, sprite, badge, flag */
	WORD_AVATAR = 1 << 9,    /* avatar, gravatar, headshot, profile */
	WORD_BIO = 1 << 10,      /* bio, about: of authors, after the text */
	WORD_AD = 1 << 11,
	WORD_TITLE = 1 << 12,   /* title, headline */
	WORD_SUMMARY = 1 << 13, /* dek, standfirst, subtitle, lead, summary, intro */
	WORD_EVENT = 1 << 14,   /* event, calendar, weather: dates that are not the page's */
};

/* OR of the words in one attribute's value. */
unsigned words_of(struct span value);
/* Of class and id. */
unsigned words_of_node(const struct node *n);

/* Of n and all above it, with the meaning of elements and roles added (aside, nav and footer are WORD_ASIDE,
 * article and main WORD_ARTICLE). */
enum { WRAPPER_DEPTH = 4, WRAPPER_DEPTH_KNOWN = 40 };

struct words_cache {
	/* Elements that hold the main heading too; a wrapper's "has-sidebar" tells of the layout, not of what
	 * is in it. While no heading is known all up to WRAPPER_DEPTH count as such. */
	const struct node *wrappers[WRAPPER_DEPTH_KNOWN + 1];
	bool heading_known;
	const struct node *nodes[512];
	unsigned bits[512];
};
void words_set_heading(struct words_cache *cache, const struct node *heading);
unsigned words_around(struct words_cache *cache, const struct node *n);

#endif
