/* SPDX-License-Identifier: MIT */
/* request.h - what is asked of the status server: taken apart, and whether it may be asked.
 *
 * The server is meant for this machine's people, but any page that one of them looks at can make their
 * browser ask it something. Two things keep those out: the name that the browser was given (Host, RFC
 * 9110, 7.2) has to be one of this machine's own, so that a stranger's name which he lets point here (DNS
 * rebinding) is not answered; and what acts is refused when the browser says that another site asks
 * (Sec-Fetch-Site, Fetch Metadata) or, for one that does not say so, Origin (RFC 6454) is another than Host.
 */
#ifndef INGESTD_STATUS_REQUEST_H
#define INGESTD_STATUS_REQUEST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

enum {
	REQUEST_TARGET_MAX =
		16 * 1024,            /* bytes of path and query; a document's URL fits, every byte escaped */
	REQUEST_FORM_MAX = 64 * 1024, /* bytes of a form that is sent */
	REQUEST_PAIRS_MAX = 64,       /* of one query or form */
	REQUEST_ARENA_MAX = 256 * 1024,
};

/* Names with their values, decoded: UTF-8 without control characters other than tab and line ends. */
struct form {
	struct form_pair {
		const char *name, *value;
	} * at;
	size_t count;
};

/* application/x-www-form-urlencoded (URL Standard, 5.1). Into arena. ERR_SYNTAX: a % without two digits, or
 * not such text; ERR_TOOBIG: more pairs than allowed. */
CHECKED enum err form_parse(struct span text, struct arena *arena, struct form *ret);
/* The first of that name, NULL when there is none. */
const char *form_get(const struct form *f, const char *name);

/* "/document/a%20b?x=1": the path decoded, and the query. Only what begins with a slash: this is no proxy. As
 * form_parse(). */
CHECKED enum err request_target(struct span target, struct arena *arena, const char **path,
				struct form *query);

/* How many bytes follow the head, by its Content-Length and Transfer-Encoding; absent fields are SPAN_NONE.
 * ERR_INVALID: it is not told beforehand; ERR_TOOBIG: more than max, or no number. */
CHECKED enum err request_length(struct span length, struct span coding, size_t max, size_t *ret);
/* A Content-Type field says that they are a form, as form_parse() takes it. */
bool request_is_form(struct span type);

/* A Host field's value is this machine's own: localhost, 127.0.0.0/8 or [::1], with or without a port. A
 * tunnel or a forwarded port may have another port than the server's. */
bool request_host_is_own(struct span host);

/* Whether something may be done for who asks. Absent fields are SPAN_NONE: programs send neither site nor
 * origin, and are not led astray by pages. */
bool request_is_same_site(struct span fetch_site, struct span origin, struct span host);

/* Whether an Accept field (RFC 9110, 12.5.1) names text/html, as browsers' do for what will be looked at. One
 * that takes anything, as programs send it, gets plain text. */
bool request_wants_html(struct span accept);

/* Takes as long whatever is given, up to its length. An empty secret is matched by nothing. */
bool request_token_is(struct span given, struct span secret);
/* "TOKEN" of "Bearer TOKEN" (RFC 6750, 2.1); SPAN_NONE for anything else. */
struct span request_bearer(struct span authorization);

#endif
