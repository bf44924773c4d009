/* SPDX-License-Identifier: MIT */
/* web_listen.h - the sockets that the status server listens on (status.listen).
 *
 * They are opened once, before the process confines itself, and outlive reloads: meanwhile connections wait
 * in the kernel. Only this machine reaches them: a socket of the file system (for the service's user and
 * group), a loopback address, or what systemd passes (sd_listen_fds(3)), which has to be one of these two. */
#ifndef INGESTD_DAEMON_WEB_LISTEN_H
#define INGESTD_DAEMON_WEB_LISTEN_H

#include <sys/types.h>

#include "config/config.h"

enum { WEB_SOCKETS_MAX = 4 };

struct web_socket {
	int fd;
	bool local; /* AF_UNIX: the kernel says who the peer is */
};

struct web_sockets {
	struct web_socket at[WEB_SOCKETS_MAX];
	size_t count;
	char path[LISTEN_PATH_MAX + 1]; /* that we made; "" when none */
	dev_t dev;                      /* of it */
	ino_t ino;
};

/* What the configuration says; *ret is empty when that is nothing. A socket left behind by a service that was
 * killed is replaced, one that somebody listens on is not. ERR_REFUSED: also for a socket that systemd passes
 * and the configuration does not name. e->text is the whole message. */
CHECKED enum err web_sockets_open(const struct config *config, struct web_sockets *ret, struct error *e);
/* Closes them, and removes the one that was made if it is still ours. */
void web_sockets_close(struct web_sockets *s);

#endif
