/* SPDX-License-Identifier: MIT */
/* undo.h - puts back what stood in documents before ingestd wrote, where nobody has changed it since.
 *
 *     listed (state) -> claimed (pass.h) -> RECALL (state) -> LOOK (pool) -> RECORD (state) -> WRITE (pool)
 *
 * What is undone is recorded as provenance too (PLAN_UNDONE) before it is written, so that nothing writes it
 * again; killed between, the record has no effect. Some documents at a time, all on the loop's thread but
 * LOOK and WRITE. */
#ifndef INGESTD_DAEMON_UNDO_H
#define INGESTD_DAEMON_UNDO_H

#include "commands.h"
#include "pass/pass.h"
#include "report/report.h"

struct undo;

/* Part of a root. */
struct undo_place {
	const struct root *root;
	const char *path; /* relative; "" for all of it */
};

struct undo_counts {
	int64_t run; /* its own number in the state; 0: a dry run, or nothing could be begun */
	uint64_t documents, fields;
	uint64_t refused; /* documents that could not be read or written */
	uint64_t kept;    /* values that somebody has changed since */
};

struct undo_document {
	struct span root, path;
	const struct report_change *changes;
	size_t count;
	struct span diff;
	const struct error *error; /* NULL, or why it stays as it is; then there are no changes */
};

struct undo_calls {
	/* Borrowed until it returns. */
	void (*document)(void *arg, const struct undo_document *d);
	/* failed: what ended it early; NULL. u is freed when it returns. */
	void (*done)(void *arg, const struct undo_counts *counts, const struct error *failed);
	/* The root of that path, which stays until done(); NULL: not one of those that this is about. */
	const struct root *(*root)(void *arg, struct span path);
};

/* All borrowed until done(), but host and places. */
struct undo_options {
	uv_loop_t *loop;
	struct store *store;
	const struct config *config;
	const struct shape *shape;
	struct pass *pass; /* that works on the same documents; NULL: nobody does */
	/* With neither run nor host nor places it is the last run that wrote. */
	int64_t run;      /* 0: every one */
	const char *host; /* of links; NULL: every one */
	const struct undo_place *places;
	size_t place_count; /* 0: everywhere */
	bool dry_run, want_diff, colour;
};

/* done() is not called from inside it. */
CHECKED enum err undo_start(const struct undo_options *options, const struct undo_calls *calls, void *arg,
			    struct undo **ret);
/* No further document is begun; done() comes when those in hand are done with. */
void undo_stop(struct undo *u);

#endif
