/* SPDX-License-Identifier: MIT */
/* pass.h - documents of content folders through their states (task.h): those that a sweep finds, and those
 * that are added one by one.
 *
 * `--once` starts a pass, which sweeps all roots and ends when nothing is left to do. The service's pass
 * stays: it is told of changed paths as they come, sweeps again when asked to, and forgets what nobody waits
 * for any more. What happens between two idle moments is a round: one run in the state, if it looked at any
 * document. */
#ifndef INGESTD_DAEMON_PASS_H
#define INGESTD_DAEMON_PASS_H

#include "fetch/fetch.h"
#include "report/report.h"
#include "roots.h"
#include "ticket.h"
#include "urls.h"

struct pass;

/* Who goes first. A document that a person has just made is waited for. */
enum pass_priority {
	PASS_NOW,
	PASS_CHANGED,
	PASS_DUE, /* worked on though nothing about the file has changed */
	PASS_SWEEP,
	PASS_AGAIN, /* was done, and what it was given may be better chosen now */
	PASS_PRIORITIES
};

struct pass_options {
	uv_loop_t *loop;
	const struct config *config;
	const struct shape *shape;
	struct store *store;
	struct fetcher *fetcher;
	struct report *report;
	const struct roots *roots;
	bool dry_run, force;
	const char *only;     /* GLOB over paths, or HOST; NULL */
	int64_t (*now)(void); /* seconds since 1970 */
	void (*done)(void *); /* on the loop's thread, when nothing is left to do */
	void *done_arg;
	/* The service: the pass does not end before pass_stop(), and begins with nothing to do. */
	bool stays;
	void (*idle)(void *); /* at the end of each round: pass_round() tells of it; may add and sweep */
};

struct pass_result {
	int64_t run;
	uint64_t unwritten; /* documents that there was no space for */
	struct error full;  /* what was said of the first of them */
	bool network_down;  /* no host answered, and there were several */
	enum err failed;    /* the pass itself: out of memory, state unusable */
	struct error error;
};

CHECKED enum err pass_start(const struct pass_options *options, struct pass **ret, struct error *e);
/* For a pass that stays. The path, relative to the root, may be new, changed or gone; a folder is walked.
 * What the configuration leaves out is left out. Cheap: what is added in one turn of the loop is looked at
 * together. */
CHECKED enum err pass_add(struct pass *p, const struct root *root, struct span path,
			  enum pass_priority priority);
/* Whether what --only was given is a GLOB; else it is a HOST. */
bool pass_only_is_path(const char *only);
/* The same for somebody who waits (ticket.h), as the ticket's errand says. */
CHECKED enum err pass_add_for(struct pass *p, const struct root *root, struct span path, struct ticket *t);
/* A document in the hands of somebody else: the pass does not work on it meanwhile, and looks at it
 * afterwards if it was found again. Lies in what asks; fn is called once it is free, on the loop's thread,
 * perhaps from inside pass_claim(), and also when the pass is stopped. The pass does not end while one is
 * held. */
struct pass_claim {
	void (*fn)(void *arg);
	void *arg;
	struct pass_claim *next; /* private */
	struct task *task;       /* private */
};
/* ERR_NOMEM: fn is not called. */
CHECKED enum err pass_claim(struct pass *p, const struct root *root, const char *path, struct pass_claim *c);
/* After fn. */
void pass_unclaim(struct pass *p, struct pass_claim *c);
/* The pass does not end, nor is it idle, before pass_let(): for who will claim. */
void pass_keep(struct pass *p);
void pass_let(struct pass *p);
/* Walks all roots: what is new, changed or due is worked on. During such a walk: another one after it. */
void pass_sweep(struct pass *p);
/* Whether any work is under way. */
bool pass_is_idle(const struct pass *p);
/* In idle(): whether the round swept all roots to their ends; *run gets its number in the state, 0 when it
 * has none. */
bool pass_round(const struct pass *p, int64_t *run);
/* No further document is begun, and (at_once) none of those whose pages are there: only what is being worked
 * on right now comes to its end. Stop the fetcher too. */
void pass_stop(struct pass *p, bool at_once);
/* For the live line. */
void pass_progress(const struct pass *p, uint64_t *running, uint64_t *queued, uint64_t *to_do);
/* After done(). */
const struct pass_result *pass_result(const struct pass *p);
/* After the loop has run dry. Accepts NULL, returns NULL. */
struct pass *pass_free(struct pass *p);

#endif
