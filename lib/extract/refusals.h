/* SPDX-License-Identifier: MIT */
/* refusals.h - sentences that say of a page that it is not there.
 *
 * Every site words them anew, and each language has a hundred ways; but all name a thing (the page, the
 * article, this topic) and close by say what befell it (not found, deleted, no longer available). A row of
 * the table is a language: its things and its fates. Inside the room only. */
#ifndef INGESTD_EXTRACT_REFUSALS_H
#define INGESTD_EXTRACT_REFUSALS_H

#include "base/span.h"

enum { REFUSAL_REACH = 72 }; /* bytes of squashed text between a thing and its fate */

/* The first such pair in any of some squashed texts (squash.h), from the one through the other; *which gets
 * the text's number. SPAN_NONE: there is none. */
struct span refusal_in(const struct span *texts, size_t count, size_t *which);

#endif
