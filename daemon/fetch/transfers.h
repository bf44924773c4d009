/* SPDX-License-Identifier: MIT */
/* transfers.h - libcurl's multi interface on the libuv loop.
 *
 * Whatever is started here runs: admission (how many, to whom, when) is decided before, because libcurl's own
 * queues rescan, reconnect and let waiting eat the time allowed for connecting. */
#ifndef INGESTD_DAEMON_TRANSFERS_H
#define INGESTD_DAEMON_TRANSFERS_H

#include <uv.h>

#include "transfer.h"

struct transfers;

struct transfers_options {
	const struct config *config; /* transfers, contact, allow_networks, extra_ports; outlives it */
	const char *version;
	unsigned connect_timeout_ms, low_speed_seconds; /* 0: as configured */
};

CHECKED enum err transfers_new(uv_loop_t *loop, const struct transfers_options *options,
			       struct transfers **ret, struct error *e);
/* calls->done comes once for each that was started, from the loop, never from inside. */
CHECKED enum err transfers_start(struct transfers *ts, const struct transfer_request *request,
				 const struct transfer_calls *calls, void *arg, struct transfer **ret);
/* Ends it at once, without calls->done; it is freed. Not from inside a head() or resolved(). */
void transfers_cancel(struct transfers *ts, struct transfer *t);
/* What is allowed to be connected to. */
const struct guard *transfers_guard(const struct transfers *ts);
/* Bytes of bodies that running transfers hold. */
uint64_t transfers_buffered(const struct transfers *ts);
/* Cancels all and closes the handles, which takes the loop's next turn. */
void transfers_stop(struct transfers *ts);
/* After that turn. Accepts NULL, returns NULL. */
struct transfers *transfers_free(struct transfers *ts);

#endif
