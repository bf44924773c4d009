/* SPDX-License-Identifier: MIT */
/* pass_inner.h - what the files of a pass share: pass.c (begin, end, how many go at once), sweep.c (the scan)
 * and stages.c (a document's states). */
#ifndef INGESTD_DAEMON_PASS_INNER_H
#define INGESTD_DAEMON_PASS_INNER_H

#include <stdatomic.h>
#include <uthash.h>

#include "document/scan.h"
#include "pass.h"
#include "task.h"

struct found; /* what the scan hands from the pool to the loop */

/* One walk: a whole root, the parts of it that were named, or some paths that may have changed. */
struct sweep {
	struct job job;
	struct pass *pass;
	struct sweep *next; /* of pass->adding, until it starts */
	const struct root *root;
	char **paths; /* relative to the root; NULL: all of it, or its parts */
	size_t path_count, path_room;
	enum pass_priority priority;
	struct ticket *ticket; /* held; NULL: nobody waits */
	const char *glob;      /* of the ticket's errand; NULL: all */
	int64_t now;
	/* what the state knows, for a walk over all */
	struct store_document *known; /* sorted by path; paths lie in `known_paths` */
	size_t known_count, known_room;
	struct strbuf known_paths;
	struct found *first, **last; /* under pass->lock */
	bool walked;                 /* no more will be found */
	struct sweep *running_next;
	bool *seen; /* of what is known; NULL: not looked for */
	uint64_t unchanged;
	uint64_t *unchanged_keys; /* report_document_key() of each */
	size_t unchanged_room;
	enum err result;
	struct error error;
};

struct queue {
	struct task *first, **last;
	size_t waiting, active;
};

struct site_seen;

/* sites.c */
struct sites {
	struct task *first, *last; /* wait for their hosts, in order */
	size_t waiting;
	struct task *unasked; /* the first that came when not all was wanted */
	bool changed;         /* what some host's pages share may be another set now */
	bool asking;          /* which documents of before are concerned */
	struct site_seen *seen;
	uv_timer_t timer;
};

struct pass {
	struct pass_options o;
	struct task_options task_options;
	struct task_options dry_options; /* of who only asks what would be, in a pass that writes */
	struct report *silent;           /* their report: the round's is not about them */
	const char *only_path;
	uint64_t fingerprint;
	int64_t now; /* when it began */
	struct urls *urls;
	struct images *images;
	struct lane scan_lane, add_lane, read_lane, merge_lane, write_lane;
	uv_async_t wake;
	uv_mutex_t lock;
	struct sweep *adding;                /* collect paths until the loop's next turn */
	struct sweep *running;               /* walks under way */
	size_t whole;                        /* of these, over whole roots */
	bool sweep_again;                    /* one was asked for meanwhile */
	struct queue found[PASS_PRIORITIES]; /* wait for RECALLING */
	size_t reading;                      /* from there to READING */
	struct queue ready;                  /* wait for GATHERING */
	struct task *by_id;                  /* the newest of each document */
	struct retry *retries;               /* by document */
	uv_timer_t retry, look;
	struct queue parked; /* their repository is busy */
	struct root_watch {
		uint64_t looked, since, said; /* uv_now(); 0: not */
		const char *why;
	} * repositories; /* one per root */
	uv_cond_t room;   /* under lock: fewer tasks than TASKS_MAX, or stopped */
	bool crowded;     /* under lock: there are as many */
	size_t tasks;     /* not yet DONE */
	bool ended, advancing;
	bool walked; /* all of every root, once */
	bool round;  /* something was begun since it last was idle */
	bool swept;  /* in this round, all of every root */
	bool run_begun;
	atomic_bool stopped; /* read by the sweeps */
	size_t holds;        /* pass_hold() */
	size_t claimed;      /* documents that are in the hands of others */
	struct fresh_names *names;
	struct task *unwritten; /* new documents that wait for the first walk's end */
	bool at_once;           /* what is ready waits for the next run too */
	struct pass_result result;
	struct sites sites;
};

/* Lets as many documents go on as may; ends the pass when none is left. */
void pass_advance(struct pass *p);
void pass_out_of_memory(struct pass *p);
/* Walks wait while there are too many tasks. */
void pass_make_room(struct pass *p);
/* One that was found waits for its turn. */
void pass_take(struct pass *p, struct task *t, enum pass_priority priority);
void queue_add(struct queue *q, struct task *t);

/* The first walk is over. */
void pass_write_fresh(struct pass *p);

/* NULL: out of memory. It is not begun. */
struct sweep *sweep_new(struct pass *p, const struct root *root, enum pass_priority priority);
/* For a sweep of some paths; false: out of memory. */
CHECKED bool sweep_add(struct sweep *s, struct span path);
/* What is known from the state, then the walk; frees it at its end. */
void sweep_start(struct sweep *s);
/* On the loop, woken by the walk: a bounded number of what it found. May free the sweep. */
void sweep_take(struct sweep *s);
void sweep_free(struct sweep *s);

/* One that waits for something besides its URLs goes no further than WAITING until as many releases have
 * come. From DONE of READING on, before it is ready. */
void task_hold(struct task *t);
void task_release(struct task *t);

/* Where it is told of. */
struct report *task_report(const struct task *t);

/* ---- again.c ---- */

uint64_t document_id(const struct root *root, const char *path);
enum again {
	AGAIN_ENTERED, /* it goes on */
	AGAIN_KNOWN,   /* another task has this document in hand, and will look at it again if need be */
	AGAIN_LATER,   /* it comes back through pass_take() when that other one has ended */
};
CHECKED enum again again_enter(struct pass *p, struct task *t);
/* At its end. */
void again_leave(struct task *t);
/* It waits for its pages and may be given up: whether somebody waits for the document. Then this task ends.
 */
bool again_give_way(struct task *t);
/* It was not finished, through no fault of its own: it comes again, the later the more often this happens.
 * Does nothing in a pass that does not stay. */
void again_try(struct task *t);
/* It was finished, or its text is to blame. */
void again_done(struct task *t);
void again_free(struct pass *p);
/* sites.c: see there. */
void sites_begin(struct pass *p);
void sites_end(struct pass *p);
/* At the end of a round, and when the pass is freed. */
void sites_forget(struct pass *p);
/* store_site_fn; arg is the pass. */
void sites_told(void *arg, struct span host, bool changed);
/* Whether a document whose URLs are all there has to wait for its hosts; it is put into the queue later. */
bool sites_hold(struct task *t);
/* Nothing that was found may ask for another URL. */
void sites_all_wanted(struct pass *p);
/* Puts what the hosts of its pages, and of the values that it was given before, share into the task;
 * sites_gathered() goes on. */
void sites_gather(struct task *t);
void sites_gathered(struct task *t);
/* Before the pass is idle: true when documents that were written before are being looked for. */
bool sites_look_again(struct pass *p);

/* parked.c: true when git is at work there; then it comes back to the ready ones later. */
bool parked(struct task *t);
/* It ends as one that somebody else had in hand; text: why, for people. */
void task_put_off(struct task *t, const char *text);

/* stages_images.c: PROBING. What merging asked for is wanted; then GATHERING again. */
void task_enter_probing(struct task *t);
/* Merging cannot end without more images, and may ask for them. */
bool task_wants_probes(const struct task *t);
/* The pass was stopped before all was known of its images: a half filled document is left for the next run.
 */
bool task_is_cut_short(const struct task *t);
/* What is known of them by now, for merging; false: out of memory. */
CHECKED bool task_take_probes(struct task *t);
/* When the first of them may be asked again; also whether one was put off. */
int64_t task_probes_due(const struct task *t, bool *deferred);

/* stages_status.c: what is known of a document at its task's end. Spans of *ret lie in *reason, in the task
 * and in its URLs. */
struct task_reason {
	char text[STORE_REASON_MAX + 1];
};
void task_status(const struct task *t, enum store_state state, struct task_reason *reason,
		 struct store_status *ret);

/* adopt.c: ADOPTING. Whether a document that has been read may have had another name. */
bool task_may_adopt(const struct task *t);
/* RECALLING again, or task_read_to_end(). */
void task_enter_adopting(struct task *t);
/* stages.c: what follows from what was read. */
void task_read_to_end(struct task *t);

/* The one place where a document changes state; may free it. */
void task_go(struct task *t, enum task_state to);

#endif
