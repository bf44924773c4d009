/* SPDX-License-Identifier: MIT */
/* url_host.h - the host parser of the URL Standard; inside lib/base only.
 *
 * Domains go through ICU's UTS #46 (the one Debian library that follows the standard where it departs from
 * IDNA2008: symbols, long and empty labels), IPv4 in every spelling that browsers take becomes dotted,
 * IPv6 its short form. */
#ifndef INGESTD_BASE_URL_HOST_H
#define INGESTD_BASE_URL_HOST_H

#include "base/error.h"
#include "base/span.h"

enum { URL_HOST_MAX = 2048 }; /* bytes of a host, before and after */

struct url_host {
	char text[URL_HOST_MAX];
	size_t len;
	bool ip;
};

/* `s` as it stands in a URL of a special scheme, not empty, percent-encoded or not. ERR_INVALID where the
 * standard says failure; ERR_TOOBIG, ERR_NOMEM. */
CHECKED enum err url_host_parse(struct span s, struct url_host *ret);

#endif
