/* SPDX-License-Identifier: MIT */
/* cookies.h - cookies on their way from one hop to the next.
 *
 * libcurl's own engine decides what a server may set and who is told it (domain, path, Secure, public
 * suffixes); each hop has a handle of its own, so what it holds is carried over as the lines that libcurl
 * reads and writes. A chain of redirects has its cookies, which die with it; hosts with `cookies: true` have
 * a jar besides, while the program runs. */
#ifndef INGESTD_DAEMON_COOKIES_H
#define INGESTD_DAEMON_COOKIES_H

#include <curl/curl.h>

#include "config/config.h"

struct cookies; /* the jars; NULL: none yet */

/* What a request to a host with these settings is to be given besides the chain's; NULL: nothing. Borrowed.
 */
const struct curl_slist *cookies_jar(const struct cookies *c, const struct host_settings *h);
/* After the answer: what the handle holds, at most `most` lines of it, becomes the chain's, and the jar's
 * where the host keeps one. Without memory they are lost. */
void cookies_take(struct cookies **c, const struct host_settings *h, CURL *easy, unsigned most,
		  struct curl_slist **chain);
/* The same for the same cookies, whatever their order and age. */
uint64_t cookies_hash(const struct curl_slist *chain);
/* Accepts NULL, returns NULL. */
struct cookies *cookies_free(struct cookies *c);

#endif
