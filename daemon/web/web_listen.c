/* SPDX-License-Identifier: MIT */
#include "web_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { BACKLOG = 512 }; /* who comes while a crowd is being sent away */

static enum err cannot(const struct config *config, int errnum, struct error *e)
{
	return err_set_errno(e, errnum, "status.listen: '%s'", config->status_listen);
}

static void add(struct web_sockets *s, int fd, bool local)
{
	assert(s->count < WEB_SOCKETS_MAX);
	s->at[s->count++] = (struct web_socket){fd, local};
}

/* ---- a socket of the file system ---- */

/* Nobody listens there any more. */
static bool is_left_behind(const struct sockaddr_un *at)
{
	struct stat st;
	int fd;
	bool left;

	if (lstat(at->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	left = connect(fd, (const struct sockaddr *)at, sizeof(*at)) && errno == ECONNREFUSED;
	close(fd);
	return left;
}

static enum err open_unix(const struct config *config, struct web_sockets *s, struct error *e)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), failed = 0;
	struct stat st;
	mode_t mask;

	if (fd < 0)
		return cannot(config, errno, e);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", config->status_listen);
	if (is_left_behind(&at))
		(void)unlink(at.sun_path);
	mask = umask(0117);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		failed = errno;
	(void)umask(mask);
	if (failed || listen(fd, BACKLOG)) {
		failed = failed ? failed : errno;
		close(fd);
		return cannot(config, failed, e);
	}
	(void)snprintf(s->path, sizeof(s->path), "%s", at.sun_path);
	if (!lstat(s->path, &st)) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	add(s, fd, true);
	return ERR_OK;
}

/* ---- a loopback address ---- */

static bool is_loopback(const struct sockaddr_storage *at)
{
	const struct sockaddr_in *v4 = (const void *)at;
	const struct sockaddr_in6 *v6 = (const void *)at;

	if (at->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return at->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* The text was checked by config_listen(). */
static socklen_t address_of(const char *text, const struct listen_place *place, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)place->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)place->port),
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	char host[INET_ADDRSTRLEN];

	*ret = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	if (place->kind == LISTEN_IPV6) {
		memcpy(ret, &v6, sizeof(v6));
		return sizeof(v6);
	}
	(void)snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, ":"), text);
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		memcpy(ret, &v4, sizeof(v4));
	return sizeof(v4);
}

static enum err open_address(const struct config *config, const struct listen_place *place,
			     struct web_sockets *s, struct error *e)
{
	struct sockaddr_storage at;
	socklen_t size = address_of(config->status_listen, place, &at);
	const int one = 1;
	int fd, failed;

	if (!is_loopback(&at))
		return err_set(e, ERR_REFUSED, "status.listen: '%s': not a loopback address",
			       config->status_listen);
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return cannot(config, errno, e);
	/* a restart need not wait for what the last one's connections leave behind */
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	    !bind(fd, (const struct sockaddr *)&at, size) && !listen(fd, BACKLOG)) {
		add(s, fd, false);
		return ERR_OK;
	}
	failed = errno;
	close(fd);
	return cannot(config, failed, e);
}

/* ---- from systemd ---- */

static enum err take_passed(int fd, struct web_sockets *s, struct error *e)
{
	struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof(at);
	bool local = sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0;

	if (!local && (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
		       getsockname(fd, (struct sockaddr *)&at, &size) || !is_loopback(&at)))
		return err_set(
			e, ERR_REFUSED,
			"status.listen: systemd: descriptor %d is to be a listening stream socket of the "
			"file system or of a loopback address",
			fd);
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return err_set_errno(e, errno, "status.listen: systemd: descriptor %d", fd);
	add(s, fd, local);
	return ERR_OK;
}

static enum err open_passed(struct web_sockets *s, struct error *e)
{
	int n = sd_listen_fds(1);
	enum err r = ERR_OK;

	if (n <= 0)
		return err_set(e, ERR_NOTFOUND,
			       "status.listen: systemd: no socket was passed; is the socket unit enabled?");
	if (n > WEB_SOCKETS_MAX)
		return err_set(e, ERR_RANGE,
			       "status.listen: systemd: %d sockets were passed; at most %d are allowed", n,
			       WEB_SOCKETS_MAX);
	for (int i = 0; i < n && !r; i++)
		r = take_passed(SD_LISTEN_FDS_START + i, s, e);
	return r;
}

/* Who connects to what systemd has made would wait for ever. */
static enum err refuse_passed(struct error *e)
{
	if (sd_listen_fds(1) <= 0)
		return ERR_OK;
	return err_set(e, ERR_REFUSED,
		       "a socket unit passes a socket that nobody answers: disable the unit, or say 'status: "
		       "{listen: systemd}'");
}

enum err web_sockets_open(const struct config *config, struct web_sockets *ret, struct error *e)
{
	struct listen_place place = {.kind = LISTEN_NOWHERE};
	enum err r = ERR_OK;

	*ret = (struct web_sockets){.count = 0};
	if (config->status_listen && !config_listen(span_str(config->status_listen), &place))
		return err_set(e, ERR_BUG, "status.listen: '%s'", config->status_listen);
	switch (place.kind) {
	case LISTEN_NOWHERE: r = refuse_passed(e); break;
	case LISTEN_UNIX: r = open_unix(config, ret, e); break;
	case LISTEN_IPV4:
	case LISTEN_IPV6: r = open_address(config, &place, ret, e); break;
	case LISTEN_SYSTEMD: r = open_passed(ret, e); break;
	}
	if (r)
		web_sockets_close(ret);
	return r;
}

void web_sockets_close(struct web_sockets *s)
{
	struct stat st;

	for (size_t i = 0; i < s->count; i++)
		close(s->at[i].fd);
	s->count = 0;
	if (*s->path && !lstat(s->path, &st) && st.st_dev == s->dev && st.st_ino == s->ino)
		(void)unlink(s->path);
	*s->path = 0;
}
