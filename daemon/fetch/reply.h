/* SPDX-License-Identifier: MIT */
/* reply.h - the parts of a fetch_reply that come from a transfer. */
#ifndef INGESTD_DAEMON_REPLY_H
#define INGESTD_DAEMON_REPLY_H

#include "fetch.h"
#include "transfer.h"

/* Moves header and body out of t. ERR_NOMEM leaves the reply without a header. */
CHECKED enum err reply_take(struct fetch_reply *r, struct transfer *t);
/* Reads how long it holds out of its header; lengthens retry_at by that. now: seconds since 1970. */
void reply_freshness(struct fetch_reply *r, int64_t now);
/* Frees what a reply owns. */
void reply_release(struct fetch_reply *r);

#endif
