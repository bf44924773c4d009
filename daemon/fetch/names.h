/* SPDX-License-Identifier: MIT */
/* names.h - addresses of names, by c-ares on the libuv loop: no thread a name.
 *
 * /etc/hosts and the name servers of /etc/resolv.conf are asked in the order of /etc/nsswitch.conf, or the
 * servers that the configuration names; changes of these files are seen. Search domains and aliases are off:
 * a name is what the URL says. Answers are kept for as long as they say, within NAMES_TTL_MIN_MS and
 * NAMES_TTL_MAX_MS, and who asks for a name that is being asked for waits with the others. What may be
 * connected to is not decided here: the guard sees each socket's address. */
#ifndef INGESTD_DAEMON_NAMES_H
#define INGESTD_DAEMON_NAMES_H

#include <sys/socket.h>
#include <uv.h>

#include "base/error.h"
#include "base/span.h"

enum {
	NAMES_TTL_MIN_MS = 10 * 1000,
	NAMES_TTL_MAX_MS = 3600 * 1000,
	NAMES_ABSENT_MS = 60 * 1000, /* for so long a name that does not exist does not exist */
	NAMES_ADDRESSES_MAX = 16,    /* of one name; more are not tried */
	NAMES_KEPT_MAX = 20000,      /* names remembered */
	NAMES_AT_ONCE = 128, /* as many as should be asked for at once: one socket hears all answers */
};

enum names_result {
	NAMES_FOUND,
	NAMES_ABSENT,  /* there is no such name, or it has no address */
	NAMES_FAILED,  /* the name servers did not answer, or not well */
	NAMES_NO_ROOM, /* out of memory or descriptors here */
};

struct names_answer {
	enum names_result result;
	const char *text;                           /* why not, for people; static */
	struct span addresses[NAMES_ADDRESSES_MAX]; /* as texts: dotted, or v6 in brackets; v6 first */
	size_t count;
};

struct names;
struct names_wait; /* somebody who waits */

typedef void names_done_fn(void *arg, const struct names_answer *answer);

/* servers: "1.2.3.4", "1.2.3.4:53", "[::1]:53", NULL-terminated; NULL: those of the system. limit_ms: of one
 * lookup. */
CHECKED enum err names_new(uv_loop_t *loop, char *const *servers, unsigned limit_ms, struct names **ret);
/* What is remembered of host, which is lower case; valid until the next call. False: nothing. */
bool names_recall(struct names *n, struct span host, struct names_answer *ret);
/* done comes once, from the loop, never from inside; *ret is gone then. ERR_NOMEM only. */
CHECKED enum err names_ask(struct names *n, struct span host, names_done_fn *done, void *arg,
			   struct names_wait **ret);
/* done will not come. */
void names_forget(struct names *n, struct names_wait *wait);
/* Nothing is asked from here on, nobody is called; handles close by the loop's next turns. */
void names_stop(struct names *n);
/* After those. Accepts NULL, returns NULL. */
struct names *names_free(struct names *n);

#endif
