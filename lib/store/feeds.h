/* SPDX-License-Identifier: MIT */
/* feeds.h - what is remembered of feeds. The rules of store.h hold.
 *
 * In cache.db: how each feed was last asked and when it is asked again. In memory.db: which entries were
 * there, what became of them, and the documents that are still to be written (drafts). An entry and its draft
 * are put down in one transaction, before anything is written: whoever is killed after that neither loses the
 * document nor makes two of it. */
#ifndef INGESTD_STORE_FEEDS_H
#define INGESTD_STORE_FEEDS_H

#include "store/store.h"

/* ---- how a feed was asked: cache.db ---- */

struct store_poll {
	struct span url; /* as configured: the key */
	struct span final_url, etag, last_modified;
	int64_t polled_at, next_at; /* seconds since 1970; next_at INT64_MAX: not again */
	int64_t failing_at;         /* since when; 0: it does not */
	unsigned failures, status;
	struct span reason; /* of next_at, for people */
	struct span error, title;
	unsigned gap; /* the feed's rhythm and hints, which a 304 does not repeat: feed/cadence.h */
	int64_t newest_at;
	unsigned ttl_minutes, period_seconds;
	uint32_t skip_hours;
	uint8_t skip_days;
	bool unread; /* there is a body that no run but a dry one has looked at */
};

typedef void store_polls_fn(void *arg, const struct store_poll *polls, size_t count);
/* All, ordered by URL (bytes). */
CHECKED enum err store_get_polls(struct store *s, store_polls_fn *fn, void *arg);
/* `unread` is not looked at. */
CHECKED enum err store_put_poll(struct store *s, const struct store_poll *poll);

struct store_unread {
	struct span final_url, type, body; /* body SPAN_NONE: there is none */
};
typedef void store_unread_fn(void *arg, const struct store_unread *unread);
CHECKED enum err store_get_unread(struct store *s, struct span url, store_unread_fn *fn, void *arg);
/* unread NULL: drops it. */
CHECKED enum err store_put_unread(struct store *s, struct span url, const struct store_unread *unread);

/* ---- what came of it: memory.db ---- */

struct store_feed {
	int64_t id;                    /* given by the store */
	struct span url;               /* as configured */
	int64_t first_at;              /* first read */
	struct span address;           /* where it has moved to for good; SPAN_NONE */
	int64_t gone_at;               /* 0: it is not */
	bool ignore_ids, ignore_links; /* feed/identity.h */
	unsigned new_ids, new_links;
	uint64_t move_target; /* feed/move.h */
	unsigned move_times;
	int64_t move_first, move_last;
};

#define STORE_FATE_MAP(X)                                                                             \
	X(MADE, "made")         /* a document, or a draft of one */                                   \
	X(SEEN, "seen")         /* there at the first import, or when the state was lost */           \
	X(DROPPED, "dropped")   /* by a rule */                                                       \
	X(SAME, "same")         /* the article of another feed's entry: its document is `document` */ \
	X(ATTACHED, "attached") /* to another document, as similar */
#define X(name, text) STORE_FATE_##name,
enum store_fate { STORE_FATE_MAP(X) STORE_FATE_COUNT };
#undef X
const char *store_fate_name(enum store_fate f);

struct store_item {
	int64_t row;                    /* given by the store; 0: new */
	uint64_t id, link, bare, title; /* feed/identity.h */
	int64_t date;
	bool shallow, generic;
	int64_t first_at, seen_at;
	enum store_fate fate;
	int64_t document; /* its number; in a round: -n is the round's nth new document, from 1. 0: none */
};

typedef void store_feeds_fn(void *arg, const struct store_feed *feeds, size_t count);
/* All, ordered by URL. */
CHECKED enum err store_get_feeds(struct store *s, store_feeds_fn *fn, void *arg);

/* feed NULL: nothing is known of it. failed: the state could not say, and nothing may be concluded from its
 * silence. */
typedef void store_feed_fn(void *arg, bool failed, const struct store_feed *feed,
			   const struct store_item *items, size_t count);
CHECKED enum err store_get_feed(struct store *s, struct span url, store_feed_fn *fn, void *arg);

struct store_draft {
	int64_t id;
	uint64_t link;     /* key of the article: feed/identity.h; 0: none */
	struct span root;  /* the content folder */
	int64_t deadline;  /* from then on it is written with what there is */
	struct span draft; /* feed/draft.h */
};

/* What one look at a feed has brought, in one transaction: the feed's row, items (row 0: added; else
 * changed), `seen` rows whose seen_at becomes `now`, drafts. Called back when it is on disk; documents get
 * consecutive numbers from first_id on. */
struct store_round {
	struct store_feed feed; /* found by its url */
	const struct store_item *items;
	size_t item_count;
	const int64_t *seen;
	size_t seen_count;
	const struct store_draft *drafts;
	size_t draft_count;
	int64_t now;
};
CHECKED enum err store_put_round(struct store *s, const struct store_round *round, store_ids_fn *fn,
				 void *arg);

typedef void store_drafts_fn(void *arg, const struct store_draft *drafts, size_t count);
CHECKED enum err store_get_drafts(struct store *s, store_drafts_fn *fn, void *arg);
/* What a near-duplicate of a document is known by; 0: nothing. */
struct store_likeness {
	uint64_t canonical; /* link key of the article's canonical address */
	uint64_t words;     /* of its excerpt */
};
/* A draft has become the document at path (relative to its root); SPAN_NONE: it has become nothing. like may
 * be NULL. */
CHECKED enum err store_draft_made(struct store *s, int64_t id, struct span path,
				  const struct store_likeness *like, int64_t now);

struct store_made {
	int64_t id;             /* 0: no document has that link */
	struct span root, path; /* path SPAN_NONE: not written (yet) */
};
typedef void store_made_fn(void *arg, bool failed, const struct store_made *made, size_t count);
/* For each link key the oldest document of that article, in order. */
CHECKED enum err store_find_made(struct store *s, const uint64_t *links, size_t count, store_made_fn *fn,
				 void *arg);

/* The oldest document that is there with that canonical address, or, made since then, with these words; one
 * answer, id 0 when there is none. */
CHECKED enum err store_find_similar(struct store *s, const struct store_likeness *like, int64_t since,
				    store_made_fn *fn, void *arg);

#endif
