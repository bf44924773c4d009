/* SPDX-License-Identifier: MIT */
/* guard.h - what may be connected to at all.
 *
 * Two questions, both pure. Of a URL: is it one that a page may send us to (scheme, port, no user-info)? Of a
 * socket address, just before connect(2): is it globally reachable, or opened by the operator? The second
 * is the wall: it sees the bytes that are connected to, after every spelling and every DNS answer.
 *
 * The ranges are those of the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its
 * updates) that are not globally reachable, with multicast, the former class E, the AS112 blocks and 6to4,
 * which no web server lives in. IPv6 is the other way round: only 2000::/3 is unicast that was ever given
 * out, so only it may pass. IPv4 inside IPv6 (::ffff:0:0/96, and 64:ff9b::/96 for hosts behind NAT64) is
 * judged as the IPv4 address it carries. */
#ifndef INGESTD_HTTP_GUARD_H
#define INGESTD_HTTP_GUARD_H

#include <sys/socket.h>

#include "base/url.h"

struct guard_network {
	uint8_t address[16]; /* network order; IPv4 as ::ffff:a.b.c.d */
	unsigned prefix;     /* of 128 */
};

struct guard {
	const struct guard_network *allow; /* borrowed; what lies in these is open */
	size_t allow_count;
	const unsigned *ports; /* borrowed; besides 80, 443 and 1024 to 65535 */
	size_t port_count;
	size_t url_max; /* bytes of an href; 0: URL_MAX */
};

/* NULL: may be connected to. Else what kind of address it is, for people: "loopback", "private", ...; static.
 * Families other than AF_INET and AF_INET6, and lengths too short for their family, never pass. */
const char *guard_address(const struct guard *g, const struct sockaddr *address, socklen_t len);

/* Whether it lies in a network that the operator opened; for tests besides guard_address(), which are not to
 * close it again. */
bool guard_is_opened(const struct guard *g, const struct sockaddr *address, socklen_t len);

/* guard_address() for a URL's host, where no socket will show the address (behind a proxy): address literals,
 * and the names that mean this machine. Other names pass: what they resolve to is the proxy's to judge. */
const char *guard_host(const struct guard *g, struct span host);

/* Scheme http or https, port allowed, no user-info, href at most url_max bytes. ERR_REFUSED with the reason
 * in e->text (which never holds the user-info). */
CHECKED enum err guard_url(const struct guard *g, const struct url *url, struct error *e);

#endif
