/* SPDX-License-Identifier: MIT */
#include "sockets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

bool sockets_add(struct sockets *s, int fd)
{
	if (s->count == s->room) {
		size_t room = MAX(2 * s->room, 64);
		int *fds = realloc(s->fds, room * sizeof(*fds));

		if (!fds)
			return false;
		s->fds = fds;
		s->room = room;
	}
	s->fds[s->count++] = fd;
	return true;
}

int sockets_close(void *sockets, curl_socket_t fd)
{
	struct sockets *s = sockets;
	size_t i = 0;

	while (i < s->count && s->fds[i] != fd)
		i++;
	if (i < s->count)
		s->fds[i] = s->fds[--s->count];
	return close(fd);
}

static long local_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = {.any = {0}};
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.any, &n))
		return 0;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

bool sockets_has_ended(const struct sockets *s, long port)
{
	char c;

	for (size_t i = 0; i < s->count; i++)
		if (local_port(s->fds[i]) == port)
			return recv(s->fds[i], &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	return true;
}

void sockets_release(struct sockets *s)
{
	free(s->fds);
	*s = (struct sockets){NULL, 0, 0};
}
