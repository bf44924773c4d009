/* SPDX-License-Identifier: MIT */
/* names_inner.h - what the files of names.h share: nobody else includes it.
 *
 *     names.c          who asks, what is remembered, what answers mean
 *     names_channel.c  c-ares on the loop: its sockets, its timer, its beginning anew
 */
#ifndef INGESTD_DAEMON_NAMES_INNER_H
#define INGESTD_DAEMON_NAMES_INNER_H

#include <ares.h>
#include <arpa/inet.h>
#include <uthash.h>

#include "names.h"

enum {
	NAMES_SOCKETS_MAX = 64, /* that c-ares may have open: one a server, and TCP */
	NAMES_ADDRESS_TEXT = INET6_ADDRSTRLEN + 2,
};

struct names_wait {
	struct name *name;
	struct names_wait *prev, *next;
	names_done_fn *done;
	void *arg;
	uint64_t born; /* of names.births */
};

/* A name: asked for while it has waiters, else remembered. */
struct name {
	struct names *names;
	struct names_wait *first, *last;
	int64_t until; /* ms; of what is remembered */
	enum names_result result;
	const char *text;
	char (*addresses)[NAMES_ADDRESS_TEXT];
	size_t count;
	bool asking; /* or answered, but nobody was told yet */
	struct name *next_ready;
	UT_hash_handle hh; /* in order of arrival: the oldest is forgotten first */
	char host[];
};

struct names_watch {
	uv_poll_t poll;
	struct names *names;
	ares_socket_t socket;
	bool closing;
};

struct names {
	uv_loop_t *loop;
	ares_channel channel;
	bool has_channel, stale, stopped;
	char *servers; /* for c-ares, NULL: the system's */
	unsigned limit_ms;
	struct name *table;
	unsigned asking;
	struct names_watch *watches[NAMES_SOCKETS_MAX];
	uv_timer_t timer; /* c-ares' own, and to tell what is known without asking */
	unsigned open_handles;
	uint64_t looked_at; /* uv_now() */
	struct timespec changed[2];
	struct name *ready; /* answered, to be told at the next turn */
	uint64_t births;
};

/* names.c: what was answered is told to those who wait. */
void names_tell_ready(struct names *n);

/* names_channel.c */

/* c-ares is there, with what the system's files say now. False: it does not start. */
bool names_ready_channel(struct names *n);
/* After each call of c-ares. */
void names_set_timer(struct names *n);

#endif
