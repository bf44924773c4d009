/* SPDX-License-Identifier: MIT */
/* metrics.h - what Prometheus is told, as one table of metrics and one struct of numbers.
 *
 * Names, units and types follow the conventions of Prometheus; a label's values all stand in the table, so
 * that no page, host or path can make a new series. Without a clock and without a thread of its own. */
#ifndef INGESTD_STATUS_METRICS_H
#define INGESTD_STATUS_METRICS_H

#include "base/strbuf.h"

/* The order of metric_table[]. */
enum metric_id {
	METRIC_BUILD_INFO,
	METRIC_LAST_SUCCESS,
	METRIC_LAST_PASS,
	METRIC_PASS_SUCCEEDED,
	METRIC_PASS_SECONDS,
	METRIC_HEALTHY,
	METRIC_DOCUMENTS,
	METRIC_GAPS,
	METRIC_FETCHES,
	METRIC_FETCH_BYTES,
	METRIC_IMAGES,
	METRIC_WRITES,
	METRIC_FIELDS,
	METRIC_CONFLICTS,
	METRIC_REFUSALS,
	METRIC_QUEUE,
	METRIC_HOSTS_FAILING,
	METRIC_FEEDS,
	METRIC_NETWORK_DOWN,
	METRIC_FETCH_SECONDS,
	METRIC_DOCUMENT_SECONDS,
	METRIC_TURN_SECONDS,
	METRIC_DATABASE_SECONDS,
	METRIC_REQUESTS,
	METRIC_CONNECTIONS,
	METRIC_EVICTIONS,
	METRIC_CPU_SECONDS,
	METRIC_MEMORY,
	METRIC_DESCRIPTORS,
	METRIC_DESCRIPTORS_MAX,
	METRIC_START,
	METRIC_COUNT
};

enum metric_kind { METRIC_IS_COUNTER, METRIC_IS_GAUGE, METRIC_IS_HISTOGRAM };

enum {
	METRIC_SLOTS = 32,            /* of one metric: label values, or bounds with the sum and the count */
	METRICS_TEXT_MAX = 64 * 1024, /* bytes; all of it takes about 12 KB */
};

struct metric {
	const char *name, *help;
	enum metric_kind kind;
	const char *label;         /* NULL: one number */
	const char *const *values; /* of the label, NULL-terminated */
	const double *bounds;      /* of a histogram: seconds, rising, ends with 0; +Inf is added */
	bool live;                 /* of a process that runs: not in a file that outlives it */
};
extern const struct metric metric_table[METRIC_COUNT];

struct metrics {
	double at[METRIC_COUNT][METRIC_SLOTS];
	bool known[METRIC_COUNT]; /* a gauge is shown from its first value on; the others always */
	uint64_t events;          /* grows whenever something happens */
};

void metrics_init(struct metrics *m);
/* value: one of the label's, NULL where there is no label. What is not in the table counts as the label's
 * last value. */
void metrics_add(struct metrics *m, enum metric_id id, const char *value, double n);
void metrics_set(struct metrics *m, enum metric_id id, const char *value, double n);
/* Into a histogram. */
void metrics_observe(struct metrics *m, enum metric_id id, double seconds);
double metrics_get(const struct metrics *m, enum metric_id id, const char *value);

/* The result of a fetch as label value of METRIC_FETCHES: of a page its verdict, of a failure what it was.
 * outcome: its name (base/outcome.h); verdict: its name, "feed", or NULL. */
const char *metrics_fetch_result(const char *outcome, unsigned status, const char *verdict);

/* Appends the text format, version 0.0.4. live: with what only a running process has. */
CHECKED enum err metrics_text(const struct metrics *m, bool live, struct strbuf *out);
/* What such a text says; what is not of the table is passed over. For counters that go on from run to run, so
 * that they never go back, and for when a run last succeeded. */
void metrics_read(struct metrics *m, struct span text);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
