/* SPDX-License-Identifier: MIT */
/* watch.h - which documents may have changed, told by the kernel (inotify).
 *
 * Events are hints: whoever is told looks at the file. A path is told of once it has been left alone for
 * WATCH_SETTLE_MS, or has been changing for WATCH_BUSY_MS. When something was lost (a full queue, too many
 * paths at once) the trees are walked again, and ready() comes again: then all has to be looked at. Folders
 * are watched one by one; a new one is watched first and told of as a whole after, so that nothing made in it
 * meanwhile is missed.
 *
 * Nothing here blocks the loop: trees are walked on the thread pool, and no event is read meanwhile. */
#ifndef INGESTD_DAEMON_WATCH_H
#define INGESTD_DAEMON_WATCH_H

#include <uv.h>

#include "pass/roots.h"

enum {
	WATCH_SETTLE_MS = 300,
	WATCH_BUSY_MS = 10 * 1000,
	WATCH_GONE_MS = 2000,          /* what was deleted is often made anew: git, editors */
	WATCH_PENDING_MAX = 20 * 1000, /* paths that settle at once; beyond, a walk is cheaper */
};

struct watch;

struct watch_calls {
	/* path: relative to the root, a document or a folder that was moved in; gone, new or changed. fresh:
	 * it has not been there before, as far as the events tell. */
	void (*changed)(void *arg, const struct root *root, struct span path, bool fresh);
	/* The folder itself is not where it was: not there any more, or another one is in its place. */
	void (*moved)(void *arg, const struct root *root);
	/* All that can be watched is: called after watch_new() and each watch_refresh(), and when something
	 * was lost. partly: why that is not all, for people; NULL. */
	void (*ready)(void *arg, const char *partly);
};

/* config (include, exclude) and roots outlive it; only roots that are `whole` are watched. ERR_NOMEM alone:
 * where the kernel gives nothing to watch with, ready() says so. */
CHECKED enum err watch_new(uv_loop_t *loop, const struct config *config, const struct roots *roots,
			   const struct watch_calls *calls, void *arg, struct watch **ret, struct error *e);
/* Walks the trees again and watches what is not watched yet. */
void watch_refresh(struct watch *w);
/* No calls from here on. Closes the handles; a walk may still be under way. */
void watch_stop(struct watch *w);
/* Whether that walk has ended; true without one. */
bool watch_is_quiet(const struct watch *w);
/* After the loop has turned since both. Accepts NULL, returns NULL. */
struct watch *watch_free(struct watch *w);

#endif
