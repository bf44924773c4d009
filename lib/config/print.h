/* SPDX-License-Identifier: MIT */
/* print.h - what prints values as YAML: print.c, and print_feeds.c for those of feeds. Private to lib/config.
 */
#ifndef INGESTD_CONFIG_PRINT_H
#define INGESTD_CONFIG_PRINT_H

#include "config/table.h"

/* The first error stays, so that printing is checked once. */
struct out {
	struct strbuf *b;
	enum err r;
};

void put(struct out *o, const char *text);
void put_spaces(struct out *o, unsigned n);
/* Double-quoted unless it is a plain word under every reading of YAML. */
void put_text(struct out *o, const char *text);
/* Lines of keys, below their headings, of the bases that are there; only those of set unless it is the whole
 * configuration. */
void put_settings(struct out *o, const struct bases *from, key_set set, unsigned indent);

/* A value of a key of feeds; at: where it lies in base. */
void put_feed_value(struct out *o, const struct key *k, const void *at, const void *base, unsigned indent);
/* It begins on a line of its own. */
bool is_feed_block(const struct key *k, const void *at, const void *base);
/* The list of feeds. */
void put_feeds(struct out *o, struct config *c, const key_set *set);

#endif
