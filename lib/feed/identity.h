/* SPDX-License-Identifier: MIT */
/* identity.h - is this entry one that was there before?
 *
 * An entry is known by its id, else by its link in normal form, else by its title with its date. Each of the
 * three can be worthless in a feed: one id for all entries, a new id with each request, a link with a token
 * in it, every link to the front page. A value that several different entries share in one document says
 * nothing; a kind of key that is seen to change while the entry stays the same is given up for that feed, and
 * that is remembered (identity_policy).
 *
 * Keys are 64-bit hashes, 0 for none; what is kept of an entry is its keys. Pure. */
#ifndef INGESTD_FEED_IDENTITY_H
#define INGESTD_FEED_IDENTITY_H

#include "feed/feed.h"

struct identity_keys {
	uint64_t id;
	uint64_t link;  /* host and path and query; http and https, www. and tracking parameters are alike */
	uint64_t bare;  /* the same without its query */
	uint64_t title; /* without case, white space and punctuation */
	int64_t date;   /* published, else updated; 0 none */
	bool shallow;   /* the link is the site's own address: it names no entry */
	bool generic;   /* the id is short or the site's own address: it may well be used again */
};

/* Of one entry; feed tells what the site's own address is. ERR_NOMEM only; arena is for scratch. */
CHECKED enum err identity_keys(const struct feed *feed, const struct feed_entry *entry, struct arena *arena,
			       struct identity_keys *ret);
/* The link key alone; 0 for what is no http(s) URL. Equal keys: the same article, by whatever feed. */
uint64_t identity_link_key(struct span link, struct arena *arena);

/* What a feed's keys have shown to be worth; all zero for a new feed. */
struct identity_policy {
	bool ignore_ids;   /* they change while entries stay, or entries share them */
	bool ignore_links; /* they change while entries stay (a token): compared without their query */
	unsigned new_ids;  /* entries that came again with another id, so far */
	unsigned new_links;
};
/* "by link: ids are not stable", for people; static. */
const char *identity_policy_text(const struct identity_policy *p);

enum identity_answer {
	IDENTITY_NEW,
	IDENTITY_KNOWN, /* index: into known */
	IDENTITY_SAME,  /* index: an earlier entry of this document, which is new */
};
struct identity_match {
	enum identity_answer answer;
	size_t index;
	bool changed; /* KNOWN: the keys to keep are others now */
};

/* For each of `count` entries (in the feed's order). The policy is brought up to date. ERR_NOMEM. */
CHECKED enum err identity_match(struct identity_policy *policy, const struct identity_keys *known,
				size_t known_count, const struct identity_keys *entries, size_t count,
				struct identity_match *ret);

#endif
