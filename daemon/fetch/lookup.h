/* SPDX-License-Identifier: MIT */
/* lookup.h - the names that a transfer needs, found before libcurl sees it and given to it by
 * CURLOPT_RESOLVE.
 *
 * The server's name; behind a proxy the proxy's, and the server's too where the proxy is to be told an
 * address (socks5): then only addresses that the guard lets pass are told. */
#ifndef INGESTD_DAEMON_LOOKUP_H
#define INGESTD_DAEMON_LOOKUP_H

#include "names.h"
#include "transfer.h"

enum lookup_state {
	LOOKUP_DONE,  /* t may be added */
	LOOKUP_WAITS, /* done will be called */
};

/* done: from the loop; t->unresolved says whether it may be added. ERR_NOMEM only. */
CHECKED enum err lookup_start(struct names *names, struct transfer *t, const struct transfer_request *request,
			      void (*done)(void *arg, struct transfer *t), void *arg, enum lookup_state *ret);
/* Ends what still waits, and lets go of all. */
void lookup_end(struct transfer *t);

#endif
