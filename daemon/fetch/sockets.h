/* SPDX-License-Identifier: MIT */
/* sockets.h - the sockets that libcurl has open. Which of them an answer came over it does not tell of one
 * that others use as well, but for its local port. */
#ifndef INGESTD_DAEMON_FETCH_SOCKETS_H
#define INGESTD_DAEMON_FETCH_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

/* {0} is empty. */
struct sockets {
	int *fds;
	size_t count, room;
};

/* fd is to be closed by sockets_close(). False: out of memory. */
CHECKED bool sockets_add(struct sockets *s, int fd);
/* A curl_closesocket_callback; the first argument is a struct sockets. */
int sockets_close(void *sockets, curl_socket_t fd);
/* Whether the connection with that local port is no more, or its server has sent all that it will and we have
 * read it. */
bool sockets_has_ended(const struct sockets *s, long port);
/* When all are closed. */
void sockets_release(struct sockets *s);

#endif
