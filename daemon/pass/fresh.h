/* SPDX-License-Identifier: MIT */
/* fresh.h - a document that is not there yet on its way through a pass: made of a feed's entry, completed
 * from its article, then created.
 *
 * It goes the way of all documents (task.h), with these differences: READING and MERGING take its first text
 * from the draft; MERGING chooses its file's name and adds what only the feed has; a document whose article
 * is put off is not written before its deadline; WRITING creates instead of replacing. */
#ifndef INGESTD_DAEMON_FRESH_H
#define INGESTD_DAEMON_FRESH_H

#include "document/document.h"
#include "feed/draft.h"
#include "pass.h"
#include "store/feeds.h"

struct fresh;
struct job;
struct task;
struct merge_options;

enum fresh_end {
	FRESH_MADE,     /* it is there, at path */
	FRESH_LATER,    /* not this time: its article is put off, the pass stops, the disk is full */
	FRESH_ATTACHED, /* it is an entry of a similar one's related list */
	FRESH_SHOWN,    /* a dry run has told of it */
};

/* Called once, on the loop's thread. path: relative to the root, for MADE. retry_at: for LATER, when its
 * article may be asked for; 0: any time. It may be freed inside. */
typedef void fresh_done_fn(struct fresh *f, enum fresh_end end, const char *path, int64_t retry_at);

struct fresh {
	struct draft draft; /* lies in the arena */
	struct arena arena;
	const struct root *root;
	int64_t id, deadline;
	fresh_done_fn *done;
	void *arg;
	struct store_likeness like; /* known when it is done */
	/* the pass's own */
	char *similar; /* path of the document that it is to be attached to; NULL */
	const struct root *similar_root;
	bool rival;   /* one that is alike is on its way: this one waits for it */
	bool existed; /* somebody killed us after it was written */
	bool ended;
};

/* Hands it to the pass, which owns it until done(). ERR_NOMEM; ERR_CANCELLED: the pass has been stopped. */
CHECKED enum err pass_add_fresh(struct pass *p, struct fresh *f);
/* Keeps the pass from ending, while something may still be added. */
void pass_hold(struct pass *p);
void pass_release(struct pass *p);

/* ---- for the stages ---- */

struct fresh_names;
/* NULL: out of memory. */
struct fresh_names *fresh_names_new(void);
struct fresh_names *fresh_names_free(struct fresh_names *n);

/* On a pool thread. Its first text, in the place of a file's. */
CHECKED enum err fresh_look(struct task *t);
/* Appends to the patch what neither text nor article has. */
CHECKED enum err fresh_fill(struct task *t, const struct document *doc, const struct merge_options *options);
/* Settles t->path. fresh->existed: a file with this article is there under that name. */
CHECKED enum err fresh_name(struct task *t);
/* Blank lines between the blocks, in new_text, before anything points into it. */
CHECKED enum err fresh_space(struct task *t);
/* The same where nothing was changed; likeness and diff. */
CHECKED enum err fresh_finish(struct task *t);
void fresh_write(struct task *t);

/* On a pool thread: puts it into the `related` of the similar one. ERR_OK: it is there. */
void fresh_attach(struct job *job);

/* On the loop. Whether it has to wait for its article. */
bool fresh_waits(const struct task *t, int64_t *retry_at);
/* Calls done(), once. */
void fresh_end(struct task *t, enum fresh_end end, int64_t retry_at);

#endif
