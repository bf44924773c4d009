/* SPDX-License-Identifier: MIT */
/* transfer.h - one hop through libcurl: its options, its ceilings, what came of it.
 *
 * Knows nothing of the loop; transfers.h runs it. libcurl never follows a redirect, retries, keeps cookies or
 * reads the environment: those are decisions, and made elsewhere. Callbacks that libcurl makes only set
 * flags: calling it back from inside would be refused. */
#ifndef INGESTD_DAEMON_TRANSFER_H
#define INGESTD_DAEMON_TRANSFER_H

#include <curl/curl.h>

#include "base/outcome.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "http/guard.h"

enum {
	TRANSFER_FIELDS_MAX = LIMITS_FIELDS_MAX,
	TRANSFER_RATIO_FREE = 1 << 20, /* bytes that may be unpacked before limits.ratio counts */
	TRANSFER_DRAIN_MAX = 16 << 10, /* bytes of an unwanted body read to keep the connection */
};

/* What all transfers share. */
struct transfer_setup {
	struct guard guard;
	struct curl_slist *fields; /* Accept and so on */
	char *user_agent;
	const struct limits *limits;
	unsigned connect_timeout_ms, low_speed_seconds;
	uint64_t *buffered; /* bytes of bodies held by transfers that have not ended */
	struct sockets *sockets;
};

enum transfer_heard {
	HEARD_NOTHING, /* no name, no route, no answer to a connection */
	HEARD_REFUSAL, /* the connection was refused: somebody lives there, but no server */
	HEARD_SERVER,
};

struct transfer;
/* What to do with the body, decided when the header is complete. */
struct transfer_wish {
	uint64_t keep; /* bytes; 0: not wanted */
	bool truncate; /* past `keep` bytes stop and be content, instead of failing */
	/* Sees each piece of the body as it comes, before (pass: instead of) its being kept in t->body;
	 * inside libcurl. False: that was enough, stop and be content. NULL: nobody looks. */
	bool (*more)(void *arg, struct transfer *t, struct span piece);
	bool pass;
};

struct lookup;
struct transfer_calls {
	/* inside libcurl: these may look at t and set flags, no more */
	struct transfer_wish (*head)(void *arg, struct transfer *t);
	void (*resolved)(void *arg); /* the name is resolved; may come twice, or never */
	/* outside libcurl: t is freed when it returns */
	void (*done)(void *arg, struct transfer *t);
};

struct transfer {
	/* while it runs, and when done */
	unsigned status; /* 0: no answer */
	unsigned field_count;
	struct strbuf fields; /* "name\0value\0" each, in order, of the last header */
	struct strbuf body;
	/* when done */
	enum outcome failure; /* OUTCOME_NONE: a whole answer */
	enum transfer_heard heard;
	bool http2_broken; /* worth one try over HTTP/1.1 */
	bool undecodable;  /* failed in the content coding: worth one try without */
	bool shortage;     /* failed for want of memory or descriptors here */
	uint64_t wire_bytes;
	char text[320]; /* why it failed, for people */
	/* transfer.c's and transfers.c's own */
	const struct transfer_setup *setup;
	const struct transfer_calls *calls;
	void *arg;
	CURL *easy;
	struct curl_slist *own_fields;
	struct transfer *prev, *next;
	struct transfer_wish wish;
	uint64_t wire_max, drained, passed;
	size_t head_bytes, counted; /* counted: of setup->buffered */
	uint64_t deadline;          /* uv_now() past which libcurl must have lost it */
	const char *refused;        /* what kind of address was refused */
	char refused_address[64];
	unsigned sockets;       /* opened */
	struct lookup *lookup;  /* lookup.c's: of its names */
	const char *unresolved; /* why no name was found; NULL: nothing is wrong */
	bool coded, head_done, connected, hung_up, body_too_large, wire_too_large, ratio_too_large,
		head_too_large, codings, no_memory, no_poll, no_socket, queued;
	char curl_text[CURL_ERROR_SIZE];
};

struct transfer_request {
	const char *url;          /* an href of base/url.h */
	const struct url *parsed; /* the same; borrowed for the call */
	const struct host_settings *settings;
	uint64_t wire_max;                            /* bytes of body before decoding */
	bool identity;                                /* ask for no compression */
	bool http1;                                   /* not HTTP/2 */
	const struct curl_slist *cookies, *jar;       /* to be sent where they belong; NULL: none */
	struct span if_none_match, if_modified_since; /* sent as they are; SPAN_NONE: not */
	struct span accept;                           /* instead of a page's; SPAN_NONE */
	struct span referer, range;                   /* values of these fields; SPAN_NONE: not */
};

/* Ready to be added to a multi handle. settings and setup outlive it. ERR_NOMEM only. */
CHECKED enum err transfer_new(const struct transfer_setup *setup, const struct transfer_request *request,
			      const struct transfer_calls *calls, void *arg, struct transfer **ret);
/* Fills what is said above under "when done". */
void transfer_end(struct transfer *t, CURLcode code);
/* Its body is no longer held for it. */
void transfer_uncount(struct transfer *t);
/* Its easy handle must be in no multi handle. Accepts NULL, returns NULL. */
struct transfer *transfer_free(struct transfer *t);

/* The first field of that name, without case; SPAN_NONE when there is none. */
struct span transfer_field(const struct transfer *t, const char *name);

#endif
