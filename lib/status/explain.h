/* SPDX-License-Identifier: MIT */
/* explain.h - why a page's values were chosen, for `ingestd explain` and for the pages alike. */
#ifndef INGESTD_STATUS_EXPLAIN_H
#define INGESTD_STATUS_EXPLAIN_H

#include "config/config.h"
#include "extract/extract.h"
#include "plan/plan.h"
#include "store/look.h"

/* What is known of one URL. */
struct explained {
	struct span url;
	struct store_result result; /* outcome OUTCOME_NONE: nothing is known */
	struct store_result block;  /* of its site, while nothing of it is asked for; outcome NONE: no such */
	struct page *page;          /* after extract_choose(); NULL: there is none */
	bool outdated;              /* there is one, of an older kind: it will be asked for again */
};

CHECKED enum err explain_url(struct look *l, const struct config *config, int64_t now, struct span url,
			     struct arena *a, struct explained *ret, struct error *e);
/* What extract_choose() makes of a stored page, with what its host's pages share; site may be NULL. */
CHECKED enum err explain_page_of(const struct store_result *result, const struct site_defaults *site,
				 const struct config *config, int64_t now, struct arena *a,
				 struct explained *ret);

/* The candidates of a field, the chosen ones first: each call gives the next, NULL at the end. *at begins
 * as 0. */
const struct candidate *explain_next(const struct page *page, enum field field, size_t *at);

/* "missing: to be filled"; "" for GAP_NONE. Static. */
const char *explain_gap(enum gap gap);

#endif
