/* SPDX-License-Identifier: MIT */
/* ticket.h - some documents on behalf of somebody who waits for what becomes of them.
 *
 * Each sweep and each task that works for a ticket holds it; when the last lets go, done() is called. A
 * document that another task has in hand already is told of by that one. All on the loop's thread. */
#ifndef INGESTD_DAEMON_TICKET_H
#define INGESTD_DAEMON_TICKET_H

#include "roots.h"

struct task;
struct ticket;

struct ticket_counts {
	uint64_t documents, unchanged, changed, fields, complete, open, failed, put_off;
};

/* What became of one document: fields written; gaps that stay; what was wrong, or NULL. */
struct ticket_document {
	const struct root *root;
	const char *path;
	size_t fields;
	unsigned open;
	bool put_off; /* looked at again later: somebody has it open, its pages cannot be had yet, a stop */
	const char *error;
	const char *url, *url_error; /* of the first of its links that gave nothing, and why; NULL */
};

struct ticket_calls {
	void (*tell)(void *arg, const struct ticket_document *document);
	/* t is freed when it returns. Comes also when the pass is stopped. */
	void (*done)(void *arg, const struct ticket_counts *counts);
};

/* Held once by the caller, who adds to a pass with it and then releases it. NULL: out of memory. */
struct ticket *ticket_new(const struct ticket_calls *calls, void *arg);
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
/* Tells and releases all. */
void tickets_tell(struct ticket_list **list, const struct ticket_document *document);

#endif
