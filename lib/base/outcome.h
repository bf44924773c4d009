/* SPDX-License-Identifier: MIT */
/* outcome.h - how a fetch ended: the word that the client, the state and the reports share. */
#ifndef INGESTD_BASE_OUTCOME_H
#define INGESTD_BASE_OUTCOME_H

/* How a fetch of a URL ended. */
#define OUTCOME_MAP(X)                                                                  \
	X(NONE, "none")         /* nothing is known of this URL */                      \
	X(PAGE, "page")         /* an HTML page, whatever its verdict */                \
	X(NOT_HTML, "not-html") /* a 2xx of another type */                             \
	X(DNS, "dns")           /* the name does not resolve */                         \
	X(CONNECT, "connect")   /* no connection, reset */                              \
	X(TLS, "tls")           /* certificate or handshake */                          \
	X(TIMEOUT, "timeout")                                                           \
	X(TOO_LARGE, "too-large")       /* body or header past its ceiling */           \
	X(STATUS, "http-status")        /* a status that is no success; see `status` */ \
	X(REDIRECT, "redirect")         /* too many, a loop, or to nowhere */           \
	X(REFUSED, "refused-by-policy") /* address guard, scheme, port */               \
	X(PROTOCOL, "protocol")         /* not HTTP, bad coding */
#define X(name, text) OUTCOME_##name,
enum outcome { OUTCOME_MAP(X) OUTCOME_COUNT };
#undef X

#endif
