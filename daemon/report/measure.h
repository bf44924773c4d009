/* SPDX-License-Identifier: MIT */
/* measure.h - what the running process knows of itself: the numbers of status/metrics.h, brought up to date,
 * and whether it is well (status/well.h).
 *
 * What happens one by one is counted by report.h as it happens; what a round counted is added at its end, and
 * what the current one has so far when somebody looks. */
#ifndef INGESTD_DAEMON_MEASURE_H
#define INGESTD_DAEMON_MEASURE_H

#include "report.h"
#include "status/metrics.h"
#include "status/well.h"
#include "turns.h"

struct serve_context;

struct measure {
	struct metrics metrics;
	int64_t started;           /* seconds since 1970 */
	const struct turns *turns; /* NULL: nobody counts them */
	uv_loop_t *loop;
	uv_prepare_t prepare;
	uint64_t began, moved; /* uv_now(): of the loop; when something happened last */
	uint64_t passed;       /* uv_now() of the last pass's end; 0: none */
	uint64_t signature;    /* of what had happened by then */
	bool failed;           /* the last pass, or a round since */
	char why[400];
};

void measure_init(struct measure *m, int64_t now);
/* For measure_is_well(), from before the loop runs until close. */
void measure_open(struct measure *m, uv_loop_t *loop, const struct turns *turns);
void measure_close(struct measure *m);

/* The counts of a round that ended. */
void measure_counts(struct measure *m, const struct report_counts *counts);
/* A pass over all documents ended; failed: why it did, NULL: it succeeded. */
void measure_pass(struct measure *m, const char *failed, int64_t now, uint64_t ms);
/* A round over a part of them did: a failure holds until the next good one. */
void measure_part(struct measure *m, const char *failed);

/* A copy with what is so at this moment. */
void measure_now(const struct serve_context *c, struct metrics *ret);
bool measure_is_well(const struct serve_context *c, char why[WELL_WHY_MAX]);

#endif
