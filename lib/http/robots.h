/* SPDX-License-Identifier: MIT */
/* robots.h - what a site's robots.txt asks of us (RFC 9309).
 *
 * Pure: bytes in, rules out; whose rules they are, how long they hold and what an answer that is no 200
 * means (section 2.3.1) is for those who ask for the file. Read as leniently as the common parsers do:
 * missing colons and misspelt "disallow" count, unknown lines do not. */
#ifndef INGESTD_HTTP_ROBOTS_H
#define INGESTD_HTTP_ROBOTS_H

#include "base/arena.h"

enum {
	ROBOTS_BYTES = 500 * 1024,        /* of a file; what stands behind them is not read (section 2.5) */
	ROBOTS_DELAY_MAX_MS = 300 * 1000, /* a longer Crawl-delay is cut to this */
	ROBOTS_ARENA_MAX = 32 << 20,      /* a ceiling that every file fits under */
};

/* One Allow or Disallow, its path in the normal form in which paths are compared. */
struct robots_rule {
	struct span path; /* with `*`, without the `$` at its end */
	size_t weight;    /* bytes as written: the longest match wins */
	bool allow, anchored, wild;
};

/* Those for one agent: the groups that name it, else those for `*`. */
struct robots {
	struct robots_rule *rules;
	size_t count;
	uint32_t delay_ms; /* Crawl-delay; 0: none said */
};

/* agent: a product token ("ingestd"), which may be followed by a slash and a version; without a token ("*")
 * the groups for all are taken. All in the arena; text may be let go. Linear in the text.
 * ERR_NOMEM, ERR_TOOBIG: the arena's; with ROBOTS_ARENA_MAX never the latter. */
CHECKED enum err robots_parse(struct span text, struct span agent, struct arena *arena, struct robots *ret);

/* May this be asked for? target: path and query of a URL (struct url's). Without a rule that matches it may,
 * and /robots.txt always may. Linear in the rules' bytes plus, for each rule with `*`, the target's. The
 * arena takes a copy of the target; when it is full the answer is no. */
bool robots_allow(const struct robots *robots, struct span path, struct span query, struct arena *arena);

#endif
