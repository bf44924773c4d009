/* SPDX-License-Identifier: MIT */
/* web.h - the status server: HTTP on the loop, for this machine only.
 *
 * libmicrohttpd reads and writes HTTP/1.1; connections are accepted, counted and sent away here, since a
 * crowd must not keep a person out. Every quantity that a client controls has a ceiling:
 *
 *     connections        WEB_CONNECTIONS_MAX; for one more the one that has been silent longest is closed, so
 *                        that who asks at once is answered, however many only hold a connection
 *     answers            WEB_BODY_MAX bytes each, WEB_BODIES_MAX all that are not yet taken
 *     a request's head   WEB_HEAD_MAX bytes; a form REQUEST_FORM_MAX, its length told beforehand
 *     time               WEB_SILENT_MS from connecting, or from the last answer, to a whole head;
 *                        WEB_MOVE_MS for a form to come in, or an answer to be taken; WEB_ANSWER_MS for us
 *
 * What is no HTTP, has no Host, or is past WEB_HEAD_MAX is answered by libmicrohttpd itself (400, 414, 431,
 * 505), which has no hook for these in 0.9.75: one of a few fixed pages of two lines, without the headers of
 * web_request.c, nothing of the request in it; then the connection is closed.
 *
 * While nobody is connected no timer runs. What a page is made of comes from groups of routes, the table
 * web_groups[]; this is where they plug in. All calls are made on the loop's thread. */
#ifndef INGESTD_DAEMON_WEB_H
#define INGESTD_DAEMON_WEB_H

#include "service/serve.h"
#include "status/metrics.h"
#include "status/request.h"
#include "web_listen.h"

enum {
	WEB_CONNECTIONS_MAX = 64,
	WEB_HEAD_MAX = 32 * 1024, /* of one connection; also what its answer's head is built in */
	WEB_SILENT_MS = 20 * 1000,
	WEB_MOVE_MS = 20 * 1000,
	WEB_ANSWER_MS = 60 * 1000,
	WEB_BODY_MAX = 16 * 1024 * 1024,   /* bytes of an answer: more is an error of ours */
	WEB_BODIES_MAX = 64 * 1024 * 1024, /* of all that have not been taken: past it 503 */
};

struct web;
struct web_request;

struct web_route {
	const char *method; /* "GET" (HEAD is answered too) or "POST" */
	const char
		*path; /* one that ends with a slash: whatever begins so; the first of the table that fits */
	/* Answers by web_answer(), now or later. */
	void (*handle)(struct web *w, struct web_request *r);
	/* Changes something: for POST only. Refused, before handle() is called, to other sites' pages and to
	 * who has no right to act. */
	bool acts;
};

/* Routes that share something, which lives from start() to stop(), as serve_part does. */
struct web_group {
	const char *name;
	const struct web_route *routes; /* ends with a row without a path */
	/* NULL: nothing to begin. *group may stay NULL. A failure is told, and its routes answer 503. */
	enum err (*start)(struct web *w, void **group, struct error *e);
	/* May answer what still waits; the rest gets 503 then, and is gone. */
	void (*stop)(void *group);
	/* After the loop has turned. */
	void (*free)(void *group);
};
/* web_groups.c; ends with NULL. */
extern const struct web_group *const web_groups[];

enum { WEB_GROUPS_MAX = 8 };

/* What the service is made of; valid from a group's start() to its stop(). */
const struct serve_context *web_context(const struct web *w);

/* ---- a request, from handle() until it is answered ---- */

/* Decoded; begins with a slash. */
const char *web_path(const struct web_request *r);
/* What follows the route's own path: "a/b" for "/document/a/b" at "/document/". */
const char *web_rest(const struct web_request *r);
/* NULL when there is none of that name. */
const char *web_query(const struct web_request *r, const char *name);
const char *web_form(const struct web_request *r, const char *name);
/* A request header's value. */
const char *web_request_header(const struct web_request *r, const char *name);
/* What the group's start() gave. */
void *web_group_of(const struct web_request *r);
/* Whether who asks may act without more: over a socket of the file system as the service's user or root, or
 * with the token as "Authorization: Bearer TOKEN". (With an acting route's form a field `token` does as
 * well.) */
bool web_may_act(const struct web_request *r);

/* For a handler that answers later. gone(data) is called once, when the request is over: answered, or its
 * client or the server went away. From then on r is not valid. */
void web_hold(struct web_request *r, void *data, void (*gone)(void *data));
/* A header field of the answer, before web_answer(); both are copied. At most 8; a value with control
 * characters is left out. */
void web_header(struct web_request *r, const char *name, const char *value);
/* Takes the body's bytes and leaves it as after STRBUF_INIT(0). body may be NULL. Once for each request. The
 * headers that keep a browser safe are added: see web_request.c. */
void web_answer(struct web_request *r, unsigned status, const char *content_type, struct strbuf *body);
/* A line of plain text. */
void web_answer_text(struct web_request *r, unsigned status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Instead of what was asked for, with the reason: a page for who wants one (a browser), else a line of text.
 */
void web_refuse(struct web_request *r, unsigned status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* 303 to a path of this server: after a form. */
void web_answer_see(struct web_request *r, const char *path);

/* ---- the server, a part of the service (serve_parts.c) ---- */

/* *ret stays NULL when there is no socket. */
CHECKED enum err web_start(const struct serve_context *context, struct web **ret, struct error *e);
void web_stop(struct web *w);
void web_free(struct web *w);

/* Connections now. */
unsigned web_connections(const struct web *w);

#endif
