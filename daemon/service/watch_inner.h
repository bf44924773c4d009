/* SPDX-License-Identifier: MIT */
/* watch_inner.h - what the files of watch.h share.
 *
 *     watch.c         events, and paths that settle
 *     watch_tree.c    the folders that are watched, and walking them on the thread pool
 */
#ifndef INGESTD_DAEMON_WATCH_INNER_H
#define INGESTD_DAEMON_WATCH_INNER_H

#include <sys/inotify.h>
#include <uthash.h>

#include "base/arena.h"
#include "document/scan.h"
#include "watch.h"

struct folder {
	int wd;
	const struct root *root;
	struct folder *parent, *first, *prev, *next; /* parent NULL: the root itself */
	UT_hash_handle hh;
	char name[]; /* "" for the root */
};

/* A path that is left alone until `due`. */
struct pending {
	const struct root *root;
	uint64_t began, due; /* uv_now() */
	bool fresh;
	UT_hash_handle hh;
	uint32_t key_root; /* with `path`, the key */
	char path[];
};

/* A folder to be watched with all below it. */
struct start {
	struct start *next;
	const struct root *root;
	int parent; /* wd; -1 for a root */
	bool tell;  /* changed() afterwards */
	char path[];
};

struct walked;
struct watch_walk {
	uv_work_t work;
	bool running;
	struct start *starts;
	struct arena arena;
	struct walked *first, **last;
	int error; /* errno of the first folder that could not be watched; 0 */
};

struct watch {
	uv_loop_t *loop;
	const struct roots *roots;
	const struct watch_calls *calls;
	void *arg;
	struct scan_filter *filter;
	int fd; /* -1: there is no inotify to be had */
	int fd_error;
	uv_poll_t poll;
	uv_timer_t timer;
	struct folder *folders; /* by wd */
	struct pending *pending;
	struct start *starts, **starts_last; /* for the next walk */
	struct watch_walk walk;
	bool refreshing; /* the walk that runs, or is to begin, goes over all: ready() after it */
	bool lost;       /* told when the timer fires, or after the walk */
	bool stopped, remote;
	uint64_t lost_due;
};

/* ---- watch_tree.c ---- */

struct folder *tree_find(struct watch *w, int wd);
/* Relative to the root, into path of SCAN_PATH_MAX + 1; false: too long. name may be "". */
bool tree_path(const struct folder *f, const char *name, char *path);
/* A folder of this name is there no more, or goes somewhere else. */
void tree_drop_child(struct watch *w, struct folder *parent, const char *name);
/* The kernel forgot it, or will. Its children go too. */
void tree_drop(struct watch *w, struct folder *f);
/* Queues a walk, begun by tree_go(). False: out of memory. */
bool tree_add(struct watch *w, const struct root *root, int parent, const char *path, bool tell);
void tree_add_roots(struct watch *w);
/* Begins a walk over what was queued; events are not read before it ends. */
void tree_go(struct watch *w);
void tree_free(struct watch *w);

/* ---- watch.c ---- */

/* A walk ended: events are read again. */
void watch_walked(struct watch *w, int error);
void watch_note(struct watch *w, const struct root *root, const char *path, bool fresh, unsigned wait_ms);

#endif
