/* SPDX-License-Identifier: MIT */
/* report_journal.h - the report's events in the words and fields of the journal (journal.h). */
#ifndef INGESTD_DAEMON_REPORT_JOURNAL_H
#define INGESTD_DAEMON_REPORT_JOURNAL_H

#include "report.h"

/* As report_problem(). */
void report_journal_problem(struct span root, struct span path, unsigned line, struct span url,
			    const char *text);
/* As report_document(). */
void report_journal_document(struct span root, struct span path, const struct report_change *changes,
			     size_t count, bool dry_run);
/* The end of a run or a round. */
void report_journal_round(const struct report_counts *counts, uint64_t elapsed_ms);

/* What a fetch says of its host: 1 it works, 0 it fails, -1 nothing. */
int report_host_works(enum outcome outcome, unsigned status);
/* A host fails (well: answers again) since `since`; a line on standard error where no journal listens. */
void report_host(struct span host, bool well, int64_t since, int64_t now, const char *reason);
/* All of at least REPORT_ALL_MIN URLs of a run failed: said loudly. */
enum { REPORT_ALL_MIN = 3 };
void report_all_failed(const struct report_counts *counts);

#endif
