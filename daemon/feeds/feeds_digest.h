/* SPDX-License-Identifier: MIT */
/* feeds_digest.h - one answer of a feed on its way: feeds_read.c works it out in the pool, feeds_digest.c
 * puts it down. */
#ifndef INGESTD_DAEMON_FEEDS_DIGEST_H
#define INGESTD_DAEMON_FEEDS_DIGEST_H

#include "feeds_inner.h"

/* A new entry on its way. */
struct arrival {
	size_t entry;
	struct identity_keys keys;
	enum store_fate fate;
	int64_t document; /* of another's, for SAME; -n: the round's nth draft */
	struct store_draft draft;
};

struct digest {
	struct job job;
	struct digest *next;
	struct subscription *s;
	struct fetch_reply reply; /* the body, or empty */
	struct strbuf unread;     /* the body that a dry run had left */
	char *unread_url, *unread_type;
	struct poll_answer answer;
	bool moved, hopped;

	/* what is known, copied for the pool */
	bool known;
	struct store_feed feed;
	struct store_item *items;
	size_t item_count;

	/* from the pool */
	enum err result;
	struct error error;
	struct arena arena, round;
	struct feed *parsed;
	struct identity_policy policy;
	struct identity_keys *keys;
	struct identity_match *match;
	size_t overlap; /* entries that were known */
	struct arrival *arrivals;
	size_t arrival_count, draft_count;
	struct store_item *changes;
	size_t change_count;
	int64_t *seen;
	size_t seen_count;
	uint64_t *links; /* of all entries, now and before, sorted */
	size_t link_count;
	bool still; /* a 304: only where it came from is looked at */
	bool lost;  /* the state had forgotten this feed */
};

static inline void put_keys(struct store_item *to, const struct identity_keys *k)
{
	to->id = k->id;
	to->link = k->link;
	to->bare = k->bare;
	to->title = k->title;
	to->date = k->date;
	to->shallow = k->shallow;
	to->generic = k->generic;
}

/* On a pool thread: sets result and error, arrivals, changes, seen. */
void digest_run(struct job *job);

#endif
