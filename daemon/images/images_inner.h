/* SPDX-License-Identifier: MIT */
/* images_inner.h - what the files of images.h share: nobody else includes it.
 *
 *     images.c        the table, wanting, what is known from before
 *     images_fetch.c  asking, measuring, what the answers mean
 *     images_keep.c   local copies: room for them, keeping one, the index
 *     images_prune.c  which copies documents refer to, and removing others
 */
#ifndef INGESTD_DAEMON_IMAGES_INNER_H
#define INGESTD_DAEMON_IMAGES_INNER_H

#include <uthash.h>

#include "fetch/reply.h"
#include "images.h"
#include "pass/lane.h"

enum image_phase { IMAGE_LOOKUP, IMAGE_ROOM, IMAGE_FETCHING, IMAGE_KEEPING, IMAGE_READY };

struct image_waiter {
	struct image_waiter *next;
	images_ready_fn *ready;
	void *arg;
};

/* What one needs while it is asked for and kept: thousands wait, few are on their way. */
struct image_flight {
	struct image_entry *entry;
	struct fetch_image ask;
	struct fetch_known validators;
	struct strbuf head; /* its first bytes */
	struct image_size size;
	enum image_answer answer;
	uint64_t total; /* of the whole; 0 not known */
	uint64_t wire;  /* bytes of all requests for it */
	int64_t started_ms, ended_ms;
	unsigned requests;      /* for it in this pass */
	uint64_t reserved;      /* bytes of the cache's room */
	bool no_room;           /* there was none */
	bool copying, no_range; /* the whole is asked for; ranges do not work there */
	bool bad_range;         /* a part came that was not asked for */
	bool complete;          /* nothing stands behind head */
	bool told_referer;      /* this request tells where it comes from */
	struct image_copy copy;
	struct error copy_error; /* of code ERR_OK: none */

	/* in the pool */
	struct job job;
	enum err kept;
	char file[IMAGE_COPY_NAME];
	bool shared;
};

struct image_entry {
	struct image_state state;
	enum image_phase phase;
	struct images *images;
	struct image_waiter *waiters;
	char *referer;
	bool want_copy;
	struct image_entry *next; /* waits for room */

	/* what the state has, and what is to be put there; texts are this entry's own */
	struct store_image row;
	char *row_text;

	struct image_flight *f; /* while it is asked for and kept; NULL */

	UT_hash_handle hh;
};

struct images {
	struct images_options o;
	struct image_entry *table;
	struct lane keep_lane, prune_lane;
	struct image_cache *cache; /* NULL: no copies */
	uint64_t copied_bytes;     /* in the folder */
	int64_t newest;            /* when the last of them was made */
	uint64_t reserved;         /* that are on their way there */
	struct image_entry *no_room, **no_room_end;
	/* What came to know a copy, or has one to keep, while documents are being asked which they refer to:
	 * waits until that is over, for no document may refer to it yet. */
	struct image_entry *held;
	size_t keeping; /* copies in the pool: a prune begins when they are done */
	uint64_t prune_target;
	bool pruning, pruned, full; /* pruned: once in this pass; full: and there is still no room */
	bool index_stale, indexing, again;
	size_t busy;
};

/* images.c */

/* READY: tells all that wait. */
void images_settled(struct image_entry *x);
/* What the row says is what the state says. */
void images_from_row(struct image_entry *x);
/* Takes texts over into the entry; puts the row into the store. */
void images_put(struct image_entry *x, const struct store_image *row);

/* The state's row of it is asked for; again after a prune. */
void images_look_up(struct image_entry *x);

/* images_fetch.c */

/* The first request for it, or the next one: what is wanted decides. */
void images_ask(struct image_entry *x);

/* Tells the report of it, with what the row says. error: NULL where all is well. */
void images_tell(const struct image_entry *x, const char *error);

/* images_keep.c */

CHECKED enum err keep_open(struct images *im, struct error *e);
/* There is room for one more copy: true. Else x waits, or is settled without. */
bool keep_has_room(struct image_entry *x);
/* The header says how large it is: whether that fits beside what is on its way. */
bool keep_reserve(struct image_entry *x, uint64_t bytes);
void keep_unreserve(struct image_entry *x);
/* The whole is here: verify, name, settle. */
void keep_copy(struct image_entry *x);
/* No copy for now, or for a while (persist); the measured image is good all the same. */
void keep_failed(struct image_entry *x, const struct error *why, bool persist);
/* The index is written anew at the next settling. */
void keep_close(struct images *im);

/* images_prune.c */

/* Removes copies that no document refers to: those unused for too long, then until the folder is at most
 * `target` bytes. done on the loop's thread. */
struct prune_result {
	enum err result;
	struct error error;
	uint64_t kept, kept_bytes, removed, removed_bytes, in_use;
};
typedef void prune_fn(void *arg, const struct prune_result *result);
/* only_count: removes nothing. */
CHECKED enum err prune_start(struct images *im, uint64_t target, bool only_count, prune_fn *done, void *arg);

#endif
