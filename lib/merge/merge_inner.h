/* SPDX-License-Identifier: MIT */
/* merge_inner.h - what the files of the merge share. */
#ifndef INGESTD_MERGE_MERGE_INNER_H
#define INGESTD_MERGE_MERGE_INNER_H

#include "merge/merge.h"

#define MERGE_TABLE SPAN("the table of organizations")

enum { MERGE_IMAGE_WANTS = 8 }; /* of one want of the plan, at the most */

struct merger {
	const struct document *doc;
	const struct plan *plan;
	const struct merge_options *options;
	struct arena *arena;
	struct patch *patch;
};

/* Something of ours stands there already. */
static inline bool merge_is_again(enum gap gap)
{
	return gap == GAP_REFRESH || gap == GAP_RENEW || gap == GAP_MOVE;
}

/* A refresh brings nothing that is worse than what stands there, by the scores of both. */
static inline bool merge_is_worse(const struct want *want, enum field field, const struct candidate *c)
{
	return want->gaps[field] == GAP_REFRESH && want->scores[field] && c->score < want->scores[field];
}

struct merge_change *merge_add(struct merger *m, const struct want *want, enum field field,
			       struct span source, struct span from);

/* False: the gap stays open. */
bool merge_set_image(struct merger *m, const struct want *want, const struct metadata *md, struct span from);
/* What images that stand there lack: sizes, the mark of a local copy. */
void merge_complete_images(struct merger *m, const struct want *want);

/* A site's pictures, from the operator's table. from: where its page came from; SPAN_NONE when no page that
 * counts is known. After all else of that want. */
void merge_set_logo(struct merger *m, const struct want *want, struct span from);

#endif
