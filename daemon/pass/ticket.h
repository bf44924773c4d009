/* SPDX-License-Identifier: MIT */
/* ticket.h - some documents on behalf of somebody who waits for what becomes of them, and what is asked for
 * beyond looking at them.
 *
 * Each sweep and each task that works for a ticket holds it; when the last lets go, done() is called. A
 * document that another task has in hand already is told of by that one. All on the loop's thread. */
#ifndef INGESTD_DAEMON_TICKET_H
#define INGESTD_DAEMON_TICKET_H

#include "report/report.h"
#include "roots.h"

struct task;
struct ticket;

/* Shared by a ticket and the tasks that it began. */
struct errand {
	size_t refs;
	bool dry_run, want_diff, colour; /* change nothing, tell what would be changed */
	/* Seconds since 1970: what was asked of a server before then is asked again, whenever it is due.
	 * robots.txt, gaps and what the server said of waiting stay in force. 0: what is known will do. */
	int64_t since;
	bool whole; /* with since: the page itself, not only whether it is another one now */
	/* These alone; NULL: all. Owned. */
	char *glob; /* documents, by their path */
	char *host; /* links, by the host of their URL or a domain that it is in */
	char *url;  /* links, by their URL in normal form */
};
/* Held once by the caller. NULL: out of memory. */
struct errand *errand_new(const struct errand *from);
/* Accepts and returns NULL. */
struct errand *errand_hold(struct errand *e);
void errand_release(struct errand *e);

struct ticket_counts {
	uint64_t documents, asked /* that wanted pages */, unchanged, changed, fields, complete, open, failed,
		put_off;
};

/* What became of one document: fields written; gaps that stay; what was wrong, or NULL. */
struct ticket_document {
	const struct root *root;
	const char *path;
	size_t fields;
	unsigned open;
	size_t asked; /* links that a page was wanted for */
	bool put_off; /* looked at again later: somebody has it open, its pages cannot be had yet, a stop */
	int64_t next; /* when it is due again, seconds since 1970; INT64_MAX: when it changes; 0: not known */
	/* What was written, or with errand.dry_run would be. */
	const struct report_change *changes;
	struct span diff;
	const char *error;
	const char *url, *url_error; /* of the first of its links that gave nothing, and why; NULL */
};

/* As report_problem() has it. */
struct ticket_problem {
	struct span root, path, url;
	unsigned line, col;
	const char *text;
};

struct ticket_calls {
	void (*tell)(void *arg, const struct ticket_document *document);
	void (*problem)(void *arg, const struct ticket_problem *problem);
	/* t is freed when it returns. Comes also when the pass is stopped. */
	void (*done)(void *arg, const struct ticket_counts *counts);
};

/* Held once by the caller, who adds to a pass with it and then releases it. errand: held too; NULL: nothing
 * beyond looking. calls NULL: nobody waits. NULL: out of memory. */
struct ticket *ticket_new(const struct ticket_calls *calls, void *arg, struct errand *errand);
/* Borrowed. */
struct errand *ticket_errand(const struct ticket *t);
void ticket_problem(const struct ticket *t, const struct ticket_problem *problem);
/* Nobody waits any more: no more calls. */
void ticket_leave(struct ticket *t);
void ticket_hold(struct ticket *t);
void ticket_release(struct ticket *t);
void ticket_unchanged(struct ticket *t, uint64_t count);

/* A task's tickets: a list, since several may wait for one document. */
struct ticket_list {
	struct ticket_list *next;
	struct ticket *ticket;
};
/* Holds it. Without memory it is let go at once, and hears nothing of this document. */
void tickets_add(struct ticket_list **list, struct ticket *t);
/* To the end of another task's. */
void tickets_move(struct ticket_list **to, struct ticket_list **from);
void tickets_problem(const struct ticket_list *list, const struct ticket_problem *problem);
/* Tells and releases all. */
void tickets_tell(struct ticket_list **list, const struct ticket_document *document);

#endif
