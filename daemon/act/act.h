/* SPDX-License-Identifier: MIT */
/* act.h - what a person asks of the running service: on the loop, for the handover socket (handover.h) and
 * the page's forms alike.
 *
 * A document that the pass works on at that moment is waited for. What is under way when the pass ends, since
 * the configuration is read anew or the service ends, comes to a good end first: documents in hand are done
 * with, no other is begun, and done() is called. */
#ifndef INGESTD_DAEMON_ACT_H
#define INGESTD_DAEMON_ACT_H

#include "undo.h"

enum { ACTS_MAX = 64 }; /* under way at once */

struct acts;
struct act; /* one that is under way */

/* All borrowed until acts_free(). */
struct acts_options {
	uv_loop_t *loop;
	const struct config *config;
	const struct shape *shape;
	struct store *store;
	struct report *report;
	struct pass *pass;
	const struct roots *roots;
	void (*look)(void *arg); /* documents may be due that were not */
	void *look_arg;
};

/* NULL: out of memory. */
struct acts *acts_new(const struct acts_options *options);
/* Before the pass is stopped. */
void acts_stop(struct acts *a);
/* After the pass has ended. Accepts NULL, returns NULL. */
struct acts *acts_free(struct acts *a);

/* The content folder that an absolute path lies in, and what is left of it ("" for the folder itself). NULL:
 * the service does not look after it. */
const struct root *acts_root(const struct acts *a, const char *path, const char **relative);

/* For all below: paths are absolute, none stands for everything. ERR_NOTFOUND: one is not looked after;
 * ERR_BUSY: as many as may be are under way, or the service is not ready; e->text is for people. done() is
 * called once, perhaps from inside. *ret, which may be NULL, is the act until then, and then NULL. */

/* Documents are looked at, as `--once` does. */
struct act_once {
	const char *const *paths;
	size_t path_count;
	bool dry_run, want_diff, colour;
	bool again; /* ask again for what is known; see errand.since */
	bool whole; /* see errand.whole */
	/* These alone; NULL: all. */
	const char *only; /* as --only takes it */
	const char *host; /* links of this host */
	const char *url;  /* links with this URL, in normal form */
};
struct act_calls {
	/* NULL: nobody listens. */
	void (*document)(void *arg, const struct ticket_document *d);
	void (*problem)(void *arg, const struct ticket_problem *p);
	void (*done)(void *arg, const struct ticket_counts *counts);
};
CHECKED enum err act_once(struct acts *a, const struct act_once *what, const struct act_calls *calls,
			  void *arg, struct act **ret, struct error *e);

struct act_undo {
	const char *const *paths;
	size_t path_count;
	int64_t run;
	const char *host;
	bool dry_run, want_diff, colour;
};
/* calls->root is not looked at. */
CHECKED enum err act_undo(struct acts *a, const struct act_undo *what, const struct undo_calls *calls,
			  void *arg, struct act **ret, struct error *e);

/* records: -1 when not all could be forgotten. */
typedef void act_forgotten_fn(void *arg, int64_t records);
/* Each name is a URL, a host or a document's path, told apart as act_kind() does. A document that is
 * forgotten is read anew, and what was written into it is from then on a person's. */
CHECKED enum err act_forget(struct acts *a, const char *const *names, size_t count, act_forgotten_fn *done,
			    void *arg, struct act **ret, struct error *e);

/* What a person means by a name: a URL has a scheme, a path a slash or the end of a document's name; else it
 * is a host. *key: for the state, in the arena. */
enum act_kind { ACT_URL, ACT_HOST, ACT_DOCUMENT };
enum act_kind act_kind(struct span name, struct arena *arena, struct span *key);

/* Nobody listens any more: no more calls, *ret is left alone; what was begun goes on. */
void act_leave(struct act *act);

#endif
