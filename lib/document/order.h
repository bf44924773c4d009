/* SPDX-License-Identifier: MIT */
/* order.h - the order of keys that a folder's documents share, learnt from them.
 *
 * Each document votes on every pair of keys of a mapping; the preset's own order has one vote too, so that it
 * decides only where the documents say nothing. A key goes before those that it precedes in most documents.
 */
#ifndef INGESTD_DOCUMENT_ORDER_H
#define INGESTD_DOCUMENT_ORDER_H

#include "document/frontmatter.h"

enum {
	ORDER_DOCUMENTS = 32, /* looked at in one folder: the last by name, which are the newest where names
				 are dates */
	ORDER_PLACES = 16,    /* mappings told apart by the key that holds them */
	ORDER_KEYS = 48,      /* of one mapping */
};

struct key_votes;

/* base may be NULL; it outlives the votes. Accepts what key_order says: ends with where == NULL. */
CHECKED enum err key_votes_new(const struct key_order *base, struct key_votes **ret);
/* A document's vote; a text that is no document, or cannot be parsed, has none. Only ERR_NOMEM fails. */
CHECKED enum err key_votes_add(struct key_votes *v, struct span text);
/* The order, in the arena. */
CHECKED enum err key_votes_count(struct key_votes *v, struct arena *arena, const struct key_order **ret);
/* Accepts NULL, returns NULL. */
struct key_votes *key_votes_free(struct key_votes *v);

/* Those who vote: at most ORDER_DOCUMENTS documents of the folder that path lies in (relative to root), each
 * given to `each` with its text, in no order. What cannot be read is left out. Fails as `each` does. */
CHECKED enum err order_documents(int root, const char *path, enum err (*each)(void *arg, struct span text),
				 void *arg);

#endif
