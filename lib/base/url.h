/* SPDX-License-Identifier: MIT */
/* url.h - the one URL parser, as the WHATWG URL Standard says (https://url.spec.whatwg.org), for http and
 * https.
 *
 * Every URL of a document, page or server goes through here; libcurl only sees hrefs made here, so that there
 * are never two readings of one address. Hosts by ICU (UTS #46, non-transitional). */
#ifndef INGESTD_BASE_URL_H
#define INGESTD_BASE_URL_H

#include "base/arena.h"

enum { URL_MAX = 8192 }; /* bytes of an input or an href; longer ones are ERR_TOOBIG */

/* A parsed URL; spans lie in href, which lies in the arena and is NUL-terminated. */
struct url {
	struct span href;     /* serialised, without user-info (stripped, never logged) */
	struct span scheme;   /* "http" or "https" */
	struct span host;     /* A-label, dotted IPv4, or [v6] with its brackets */
	struct span port;     /* digits; SPAN_NONE for the scheme's own */
	struct span path;     /* begins with '/' */
	struct span query;    /* without '?'; SPAN_NONE when there is no '?' */
	struct span fragment; /* without '#'; SPAN_NONE when there is no '#' */
	struct span origin;   /* "https://host:port" */
	unsigned port_number; /* effective */
	bool ip;              /* the host is an address literal */
	bool had_userinfo;
};

/* base may be NULL. ERR_INVALID: the standard says failure. ERR_UNSUPPORTED: another scheme than http and
 * https. ERR_TOOBIG. e may be NULL. */
CHECKED enum err url_parse(struct span input, const struct url *base, struct arena *arena, struct url *ret,
			   struct error *e);

/* As url_parse() but keeps user-info in href, as the standard's serialiser does; for conformance tests. */
CHECKED enum err url_parse_whole(struct span input, const struct url *base, struct arena *arena,
				 struct url *ret, struct error *e);

/* The key by which a URL is fetched and stored: href without its fragment. Borrowed from u. */
struct span url_key(const struct url *u);

/* Registrable domain (libpsl, built-in list) of a host name; the host itself for an IP literal, and for a
 * name without one. Borrowed from host, which is lower case A-labels. */
struct span url_registrable(struct span host);
bool url_same_site(struct span host_a, struct span host_b);

#endif
