/* SPDX-License-Identifier: MIT */
/* task.h - one document on its way through a pass, and the work that is done on it off the loop.
 *
 *     RECALLING --> READING --> WAITING --> GATHERING --> MERGING --> RECORDING --> WRITING
 *     (state: what  (pool:      (its URLs)  (state: what  (pool: new   (state:       (pool)
 *      we wrote)     gaps, URLs)             is known)     text)        provenance)
 *
 * READING may find that nothing is known of what was written: then ADOPTING looks whether the document had
 * another name (adopt.c), and RECALLING again. MERGING may find that images have to be measured first: then
 * PROBING, and GATHERING again.
 *
 * Any state may go to DONE. Between READING and GATHERING a task holds no more than its path and its URLs:
 * ten thousand may wait. MERGING reads the document again and plans anew with what is known then, so that an
 * edit made meanwhile is seen. */
#ifndef INGESTD_DAEMON_TASK_H
#define INGESTD_DAEMON_TASK_H

#include <uthash.h>

#include "base/file_key.h"
#include "document/document.h"
#include "extract/site.h"
#include "folders.h"
#include "images/images.h"
#include "lane.h"
#include "merge/merge.h"
#include "organizations.h"
#include "plan/plan.h"
#include "report/report.h"
#include "roots.h"
#include "ticket.h"
#include "urls.h"

struct fresh;
struct pass;
struct pass_claim;

enum task_state {
	TASK_FOUND,
	TASK_RECALLING,
	TASK_READING,
	TASK_ADOPTING,
	TASK_WAITING,
	TASK_GATHERING,
	TASK_MERGING,
	TASK_PROBING,
	TASK_RECORDING,
	TASK_WRITING,
	TASK_DONE,
	TASK_STATES,
};

/* What the pool needs to know; set before the first task starts, read by all threads. */
struct task_options {
	const struct config *config;
	const struct shape *shape;
	struct folders *folders;
	struct organizations *organizations; /* NULL: there is no such table */
	const char *only_host;               /* NULL: links of every host */
	bool dry_run, want_diff, colour;
};

struct task_problem {
	struct error error;
	struct span url; /* of the link, SPAN_NONE */
};

/* What one URL's page was, copied out of the state for the pool. */
struct task_known {
	struct span url, final_url, page;
	bool moved; /* for good, as there is evidence */
};

/* What the pages of one host share. */
struct task_site {
	struct span host;
	struct site_defaults defaults;
};

struct task {
	struct job job;
	struct pass *pass;
	const struct task_options *options;
	const struct root *root;
	struct task *next; /* in the queue of those found, or of those whose URLs are ready */
	enum task_state state;
	char *path;
	struct file_key key;
	uint64_t id; /* of the document, among those in hand */
	UT_hash_handle hh;
	struct ticket_list *tickets;
	struct pass_claim *claims; /* that wait for its end, in order */
	bool claimed;              /* it is no document on its way: somebody else has it in hand */
	struct task *followers;    /* that wait for its end, each with an errand of its own */
	struct errand *errand; /* held; NULL: none. What it says of links alone; since and whole are here */
	int64_t since;
	bool whole;
	int64_t due; /* when it is looked at again; 0: not known */
	size_t written_fields;
	bool put_off;    /* not finished, looked at again later */
	bool again;      /* it was changed meanwhile */
	bool superseded; /* another task has it: this one ends */
	int64_t now;     /* of --once the same for all: the same input gives the same output */
	unsigned priority;

	uint64_t taken_at, parked_at; /* uv_now() */

	/* WAITING: what it waits for */
	const struct url_state **urls;
	size_t url_count, pending;
	struct {
		struct urls_quiet quiet;
		struct task *prev, *next;
		uint64_t until; /* uv_now() */
	} calm;                 /* sites.c: for its hosts */

	bool adopted; /* it was looked whether it had another name */
	/* and it had, in a dry run; NULL. The path is owned. */
	const struct root *was_root;
	char *was_path;

	/* PROBING, and known from then on: each once */
	const struct image_state **probes;
	size_t probe_count, probe_rounds;

	/* RECALLING to READING, GATHERING to WRITING; all in the arena */
	struct arena arena;
	struct written *written;
	size_t written_count;
	struct task_known *known;
	size_t known_count;
	struct task_site *sites;
	size_t site_count;
	struct merge_image *images; /* what is known of probes, for the pool */
	size_t image_count;

	/* results of READING and MERGING */
	const struct shape *shape; /* the folder's, from MERGING on */
	const struct logos *logos; /* the folder's; NULL: the table has no pictures */
	enum err result;
	struct error error;
	bool lost; /* knows too little: the state could not keep or give a page, or the document was edited
		    * since it was read */
	bool ignored, wanting, partial; /* no links to care for; has gaps; some left out by --only */
	struct span *want_urls, *want_titles;
	size_t want_count;
	struct span article; /* URL of its article, as written; SPAN_NONE */
	struct task_problem *problems;
	size_t problem_count;
	struct strbuf old_text, new_text, diff;
	struct patch *patch;
	struct report_change *changes;
	struct span *change_urls; /* of the link that each change is in */
	unsigned open;            /* gaps that stay */
	unsigned missing;         /* their fields, as bits of enum field */
	struct span open_url;     /* key of the first link that has one; SPAN_NONE: it has none to fetch */
	const char *open_verdict; /* what came in the place of its article; NULL */
	struct span title;        /* of the article; SPAN_NONE */
	bool renewed; /* all that there was to do: until its hosts' pages share another set, it is done */
	struct hash128 content; /* of what the file holds when the task ends */
	int64_t provenance;     /* first id of its rows */
	struct fresh *fresh;    /* NULL: its file is there (fresh.h) */
};

struct task *task_new(struct pass *pass, const struct task_options *options, const struct root *root,
		      struct span path, const struct file_key *key);
/* Frees what only the stages at both ends need, so that waiting is cheap. */
void task_slim(struct task *t);
void task_free(struct task *t);

/* On the loop: copies provenance into the task. */
CHECKED enum err task_recall(struct task *t, const struct store_provenance *rows, size_t count);

/* What the pages of the host of a URL share; NULL: nothing. For the pool too. */
const struct site_defaults *sites_of(const struct task *t, struct span url, struct arena *scratch);
/* Which of the values that were written and still stand are their hosts' and not their pages'. */
void sites_mark_written(struct task *t, const struct document *doc);

/* On a pool thread. Each sets result and error. */
void task_read(struct job *job);  /* gives want_urls, problems, ignored */
void task_merge(struct job *job); /* gives new_text (empty: nothing to write), changes, open, diff */
void task_write(struct job *job); /* puts new_text in place; key and content become the new file's */

#endif
