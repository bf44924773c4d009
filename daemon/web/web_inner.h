/* SPDX-License-Identifier: MIT */
/* web_inner.h - what web.c (connections, time) and web_request.c (requests, answers) share.
 *
 *     WAITING --> RECEIVING --> HANDLING --> SENDING --> WAITING ...
 *         \______________________^  (no body)
 */
#ifndef INGESTD_DAEMON_WEB_INNER_H
#define INGESTD_DAEMON_WEB_INNER_H

#include <microhttpd.h>

#include "web.h"

enum web_state {
	WEB_WAITING,   /* no request, or not all of its head */
	WEB_RECEIVING, /* a form */
	WEB_HANDLING,  /* ours to answer */
	WEB_SENDING,
};

struct web_connection {
	struct web *web;
	struct web_connection *next, **link;
	struct web_request *request; /* from HANDLING on */
	int fd;                      /* libmicrohttpd's: to be shut down, not closed */
	enum web_state state;
	bool closing;   /* shut down: libmicrohttpd has yet to see it */
	bool local;     /* over a socket of the file system */
	bool owner;     /* and its peer is the service's user, or root */
	uint64_t since; /* uv_now() of entering the state */
};

struct web {
	struct serve_context context;
	struct MHD_Daemon *mhd;
	uv_poll_t poll;  /* on libmicrohttpd's epoll descriptor */
	uv_timer_t time; /* the next deadline, or what libmicrohttpd asks for */
	uv_poll_t sockets[WEB_SOCKETS_MAX];
	uint64_t pause_until; /* uv_now(); nobody is accepted: all are at work, or there are no descriptors;
				 or 0 */
	struct web_connection *connections;
	struct web_connection *arriving; /* handed to libmicrohttpd right now */
	unsigned count;
	size_t bodies; /* bytes of answers that are not taken */
	bool stopping;
	void *groups[WEB_GROUPS_MAX];
	bool failed[WEB_GROUPS_MAX];
};

void web_enter(struct web_connection *c, enum web_state state);
/* Lets libmicrohttpd go on; not from inside of it. Connections may be freed. */
void web_run(struct web *w);
/* The same, in the loop's next turn. */
void web_run_soon(struct web *w);

/* Whether so large an answer may be given now: 0, or the status in its place. */
unsigned web_check_size(const struct web *w, size_t body);

/* web_request.c: callbacks of libmicrohttpd. */
void *web_on_target(void *arg, const char *target, struct MHD_Connection *connection);
enum MHD_Result web_on_request(void *arg, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *upload, size_t *size,
			       void **request);
void web_on_completed(void *arg, struct MHD_Connection *connection, void **request,
		      enum MHD_RequestTerminationCode why);
/* Answers 503 or 504 in the handler's place, which is told that it is gone. */
void web_give_up(struct web_request *r, unsigned status, const char *why);

#endif
