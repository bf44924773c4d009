/* SPDX-License-Identifier: MIT */
/* tree.h - a YAML text as a tree in which every node knows its place.
 *
 * Built from libyaml's events, iteratively. An alias is the anchored node itself: a graph without cycles,
 * never an expanded copy, so a billion laughs costs a few nodes; who walks it bounds the depth. Private to
 * lib/config. */
#ifndef INGESTD_CONFIG_TREE_H
#define INGESTD_CONFIG_TREE_H

#include "base/arena.h"

enum { TREE_BYTES_MAX = 1 << 20, TREE_DEPTH_MAX = 16, TREE_NODES_MAX = 100000, TREE_ANCHORS_MAX = 100 };

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct pair;
struct node {
	enum node_kind kind;
	unsigned line, col; /* from 1, in characters */
	bool plain;         /* a scalar without quotes, that YAML could read as a number and so on */
	struct span text;   /* of a scalar */
	struct pair *first; /* entries of a list or mapping, in order */
	size_t count;
};

struct pair {
	struct pair *next;
	struct node *key; /* NULL in a list; of a mapping always a scalar */
	struct node *value;
};

/* *ret is NULL for a text without content. ERR_SYNTAX, ERR_INVALID (a key twice, a key that is no scalar, a
 * second document), ERR_TOODEEP, ERR_TOOBIG: e has line and column. */
CHECKED enum err tree_read(struct span text, struct arena *arena, struct node **ret, struct error *e);

/* A plain scalar that says "nothing": empty, ~ or null. */
bool tree_is_null(const struct node *n);
/* "a text", "a number" and so on, for "found ..."; static. */
const char *node_found(const struct node *n);

#endif
