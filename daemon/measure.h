/* SPDX-License-Identifier: MIT */
/* measure.h - what the running process knows of itself: the numbers of status/metrics.h, brought up to date.
 *
 * What happens one by one is counted by report.h as it happens; what a round counted is added at its end, and
 * what the current one has so far when somebody looks. */
#ifndef INGESTD_DAEMON_MEASURE_H
#define INGESTD_DAEMON_MEASURE_H

#include "report.h"
#include "status/metrics.h"
#include "turns.h"

struct serve_context;

struct measure {
	struct metrics metrics;
	int64_t started; /* seconds since 1970 */
};

void measure_init(struct measure *m, int64_t now);
/* A round ended; swept: it went over all documents. */
void measure_round(struct measure *m, const struct report_counts *counts, bool swept, int64_t now,
		   uint64_t ms);
/* A copy with what is so at this moment. */
void measure_now(const struct serve_context *c, struct metrics *ret);

#endif
