/* SPDX-License-Identifier: MIT */
/* report.h - what a run says, to people, to programs and to cron.
 *
 * Every event goes through here once. With --json each is a line on standard output, with --report a line of
 * that file (the summary last; the file appears whole or not at all). For people: on a terminal a live line
 * and a summary; otherwise silence, unless something is wrong that was not wrong in the run before. */
#ifndef INGESTD_DAEMON_REPORT_H
#define INGESTD_DAEMON_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "options.h"
#include "status/metrics.h"
#include "store/store.h"

struct report;

struct report_counts {
	int64_t run;        /* its number in the state; 0: none (yet) */
	uint64_t found;     /* documents seen by the scan */
	uint64_t unchanged; /* of these: known from before, nothing due */
	uint64_t ignored;   /* no front matter, no link, or opted out */
	uint64_t complete;  /* nothing (more) missing */
	uint64_t open;      /* gaps stay open */
	uint64_t changed, fields;
	uint64_t dropped; /* a person changed it meanwhile: left for the next run */
	uint64_t refused; /* cannot be edited or written safely */
	uint64_t fetched, failed, deferred,
		known;  /* URLs: asked, of these in vain, put off, known from before */
	uint64_t bytes; /* from the network */
};

/* out: the command's own output; options outlives the report. ERR_IO and so on: the --report file. */
CHECKED enum err report_new(const struct options *options, struct report **ret, struct error *e);
struct report_counts *report_counts(struct report *r);
/* Counts events there too; outlives the report. */
void report_measure(struct report *r, struct metrics *metrics);
/* The work is done by somebody else, who sums it up and keeps its story in the journal. */
void report_elsewhere(struct report *r);
/* There are several roots: paths alone would not tell which document is meant. */
void report_name_roots(struct report *r);

/* Keys of complaints that were told before (store_get_complaints). */
CHECKED enum err report_told_before(struct report *r, const uint64_t *keys, size_t count);
/* Documents that were not looked at in this run: what was wrong with them before still holds. */
uint64_t report_document_key(struct span root, struct span path);
void report_not_looked_at(struct report *r, const uint64_t *document_keys, size_t count);
/* One that was looked at to the end: of what was wrong with it, what was told in this run holds. */
void report_looked_at(struct report *r, struct span root, struct span path);
/* The set to tell the store at the end; borrowed. whole: the run went over everything there is, so that what
 * belongs to no document any more is forgotten. */
const uint64_t *report_told(struct report *r, bool whole, size_t *count);

/* After it: whether that set is another than the one before. */
bool report_tells_anew(const struct report *r);

/* One thing that is wrong with a document (or, path SPAN_NONE, with a URL or the run). line 0: none. */
void report_problem(struct report *r, struct span root, struct span path, unsigned line, unsigned col,
		    struct span url, const char *text);

/* The same for programs only: people are told in other words. */
void report_event(struct report *r, struct span root, struct span path, const char *text);

struct report_change {
	int related;
	enum field field;
	struct span before, after; /* raw; before.ptr NULL: there was no key */
	struct span source, from;
	int score; /* of the candidate; 0: it was none */
};
/* As the document event has them. */
json_t *report_changes_json(const struct report_change *changes, size_t count);
/* A document was (or with --dry-run: would be) changed; diff is empty when nobody reads it. */
void report_document(struct report *r, struct span root, struct span path,
		     const struct report_change *changes, size_t count, struct span diff);
/* A document was done with, so long after it was begun. */
void report_took(struct report *r, uint64_t ms);
void report_fetch(struct report *r, struct span url, struct span final_url, enum outcome outcome,
		  unsigned status, const char *verdict, const char *error, uint64_t bytes, uint64_t ms);
/* The same for an image that was asked for. type: "image/png", NULL: none; copy: its name, NULL. */
struct report_image {
	struct span url, final_url;
	enum outcome outcome;
	unsigned status;
	const char *type, *copy, *error;
	unsigned width, height;
	uint64_t bytes, ms; /* of all requests for it */
};
void report_image(struct report *r, const struct report_image *image);

/* The live line; elapsed in ms. Call a few times a second. */
void report_progress(struct report *r, uint64_t elapsed_ms, uint64_t running, uint64_t queued,
		     uint64_t to_do);
bool report_is_live(const struct report *r);
bool report_is_coloured(const struct report *r);
/* Whether anybody will look at diffs. */
bool report_wants_diff(const struct report *r);
/* Prints the summary (and then the diffs), puts the --report file in place. interrupted: why it ended early,
 * or NULL. */
CHECKED enum err report_finish(struct report *r, uint64_t elapsed_ms, const char *interrupted,
			       struct strbuf *json, struct error *e);
/* The summary of a round of the service as JSON; then all counts begin at 0 again, and what was told (which
 * report_told() has to have been asked for) counts as told before. */
CHECKED enum err report_next_round(struct report *r, uint64_t elapsed_ms, struct strbuf *json);
struct report *report_free(struct report *r);

#endif
