/* SPDX-License-Identifier: MIT */
/* feeds_inner.h - what the files of feeds share: feeds.c (begin, end, drafts), feeds_kit.c (what settings
 * come to), feeds_poll.c (asking) and feeds_digest.c (what an answer brings). */
#ifndef INGESTD_DAEMON_FEEDS_INNER_H
#define INGESTD_DAEMON_FEEDS_INNER_H

#include "feed/cadence.h"
#include "feed/draft.h"
#include "feed/identity.h"
#include "feed/rules.h"
#include "feeds.h"
#include "pass/fresh.h"
#include "pass/lane.h"
#include "store/feeds.h"

/* Settings made ready: shared by all feeds that have the same. */
struct kit {
	struct kit *next;
	const struct feed_settings *from;
	struct rules *keep, *drop, *topics;
	struct strbuf template;
	struct template_value *defaults;
	size_t default_count;
	struct span *items;      /* of defaults that are lists */
	const struct root *root; /* NULL: nowhere to put documents */
	char *folder;            /* relative to it */
};

struct kits {
	struct kit *first;
	const struct shape *shape;
};
/* roots NULL: only to check. */
CHECKED enum err kit_for(struct kits *kits, const struct config *config, const struct feed_settings *settings,
			 const struct roots *roots, struct kit **ret, struct error *e);
void kits_release(struct kits *kits);

struct subscription {
	struct feeds *feeds;
	const struct feed_config *config;
	struct kit *kit;
	struct store_poll poll; /* texts lie in poll_text */
	char *poll_text;        /* one allocation */
	char *address;          /* where it has moved to; NULL */
	int64_t gone_at;
	bool busy, asked;               /* asked: in this run */
	struct fetch_known known;       /* borrows from poll */
	struct subscription *next_read; /* wait for their turn to be put down */
};

/* The articles of the content folders, as link keys, sorted; under lock. */
struct there {
	uv_mutex_t lock;
	uint64_t *keys;
	size_t count, room;
	bool built;
};

struct feeds {
	struct feeds_options o;
	struct kits kits;
	struct subscription *subs;  /* as config.feeds, by URL */
	size_t count, busy, cursor; /* cursor: those before it have been looked at */
	size_t drafts;              /* in the hands of the pass */
	bool ready, stopped, held, advancing;
	bool new_memory; /* memory.db knew of no feed when we began */
	struct there there;
	struct lane lane;
	struct digest *deciding, **deciding_end; /* one at a time: two feeds may have the same new article */
	bool decided_one;
	struct fresh *later; /* the service's drafts that wait; linked by arg */
	size_t later_count;
	uv_timer_t timer;
	bool timer_open;
};

/* ---- feeds.c ---- */

/* Something has ended: goes on, or lets the pass end. */
void feeds_advance(struct feeds *f);
/* A draft that is in the state becomes a document. Borrowed strings are copied. */
void feeds_add_draft(struct feeds *f, const struct store_draft *row);

/* ---- feeds_there.c ---- */

/* Some document has this article. On a pool thread; walks the folders at the first call. */
bool there_has(struct feeds *f, uint64_t link);
/* While nothing is under way. */
void there_forget(struct there *t);

/* ---- feeds_poll.c ---- */

/* Replaces what is known of how it was asked; copies the texts. */
void poll_take(struct subscription *s, const struct store_poll *poll);
bool poll_is_due(const struct subscription *s, int64_t now);
void poll_start(struct subscription *s);
/* After a success was put down. feed NULL: unchanged. */
struct poll_answer {
	struct span final_url, etag, last_modified;
	int64_t fresh_until;
	unsigned status;
	bool unread; /* only a dry run has seen it */
};
void poll_succeeded(struct subscription *s, const struct poll_answer *a, const struct feed *feed);
/* status 0: no answer. retry_at 0: nothing was said. */
void poll_failed(struct subscription *s, unsigned status, int64_t retry_at, const char *error);
/* The subscription is idle again. */
void poll_done(struct subscription *s);

/* ---- feeds_digest.c ---- */

/* Takes the body out of reply; ends in poll_succeeded() or poll_failed(), and poll_done(). */
void digest_reply(struct subscription *s, struct fetch_reply *reply);
/* The same of a 304 behind redirects: only whether the feed has moved is looked at. */
void digest_still(struct subscription *s, struct fetch_reply *reply);
/* The same with what a dry run had left; answer NULL: as of now. */
void digest_unread(struct subscription *s, const struct poll_answer *unchanged);

#endif
