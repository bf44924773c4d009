/* SPDX-License-Identifier: MIT */
/* images.h - the images of one pass: each looked up in the state, measured by its first bytes and, where
 * copies are kept, copied once, however many documents want it.
 *
 *     LOOKUP --> FETCHING --> KEEPING --> READY
 *        |          +------------------------^        measured, or failed; a copy shared
 *        +-----------------------------------^        known from before
 *
 * An image is asked for in its host's turn, through the same gate, guard and pace as a page. To measure it, a
 * range of its first bytes is asked for, and the connection is cut as soon as they tell; a server without
 * ranges is cut off the same way. A copy is taken in one request that measures on its way. No Referer is
 * sent, unless the server refuses without: then once more with the article's, which the state remembers. */
#ifndef INGESTD_DAEMON_IMAGES_H
#define INGESTD_DAEMON_IMAGES_H

#include "config/config.h"
#include "fetch/fetch.h"
#include "image/cache.h"
#include "merge/merge.h"
#include "pass/roots.h"
#include "report/report.h"
#include "store/images.h"

struct images;

struct images_options {
	uv_loop_t *loop;
	const struct config *config;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	const struct roots *roots; /* whose documents keep copies from being removed */
	bool force;                /* ignore what is remembered */
	bool dry_run;              /* no copies */
	int64_t (*now)(void);
};

/* What is known of an image, for those who wait for it. */
struct image_state {
	const char *url; /* as wanted: url_key() */
	bool ready, deferred;
	enum merge_image_state known;
	enum image_type type;
	unsigned width, height;
	bool referer;               /* is given only to those who tell where they come from */
	bool copy_tried;            /* in this pass, or lately and in vain */
	char file[IMAGE_COPY_NAME]; /* "": there is no copy */
	int64_t expires_at;         /* not asked again before */
};

/* Called on the loop's thread, never from inside images_want(). */
typedef void images_ready_fn(void *arg);

/* Opens the image cache, too; one that cannot be used is reported, and no copies are made. */
CHECKED enum err images_new(const struct images_options *options, struct images **ret, struct error *e);
/* Asks for an image on behalf of somebody. referer: the article's URL; may be SPAN_NONE. copy: a local copy
 * is wanted, too. When it is ready already, ready is not called. The state is borrowed until images_forget().
 */
CHECKED enum err images_want(struct images *im, struct span url, struct span referer, bool copy,
			     images_ready_fn *ready, void *arg, const struct image_state **ret);
/* When nobody waits: forgets all states (the store has them). */
void images_forget(struct images *im);
/* Copies can be kept. */
bool images_has_cache(const struct images *im);
/* Writes images.json anew, whatever came or went. */
void images_reindex(struct images *im);
/* At the end of a pass or round: writes images.json where copies came or went. done is called on the loop's
 * thread; never from inside. */
void images_settle(struct images *im);
/* After the loop has run dry. Accepts NULL, returns NULL. */
struct images *images_free(struct images *im);

/* As merge.h wants it; url lies in the state, copy in the arena. */
CHECKED enum err images_fact(const struct images *im, const struct image_state *state, struct arena *arena,
			     struct merge_image *ret);

#endif
