/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/span.h"
#include "commands.h"
#include "store/store.h"

enum {
	STATUS_MAX = 200,
	STATUS_MS = 1000,
	TEXT_MAX = STATUS_MAX + 16,
	RETRY_MS = 100,
	KEPT_MAX = 8, /* messages that wait for room */
};

static struct {
	uv_loop_t *loop;
	struct store *store;
	uv_timer_t tick, later, retry;
	bool open, watched;
	bool pool_busy, store_busy; /* a question of the tick before is out */
	char status[STATUS_MAX];
	uint64_t status_at; /* uv_now() when the last one was sent */
	char kept[KEPT_MAX][TEXT_MAX];
	size_t kept_count;
} n;

/* ---- to the socket ---- */

/* $NOTIFY_SOCKET, a path or (@) a name of the abstract kind; false: nobody listens. */
static bool address(struct sockaddr_un *ret, socklen_t *size)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name ? strlen(name) : 0;

	if (length < 2 || length >= sizeof(ret->sun_path) || (*name != '/' && *name != '@'))
		return false;
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, name, length);
	if (*name == '@')
		ret->sun_path[0] = 0;
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

/* False: there is no room just now. */
static bool send_now(const char *text)
{
	struct sockaddr_un to;
	socklen_t size;
	bool sent = true;
	int fd;

	if (!address(&to, &size))
		return true;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return true;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&to, size) < 0)
		sent = errno != EAGAIN && errno != ENOBUFS;
	close(fd);
	return sent;
}

static bool is_status(const char *text)
{
	return strncmp(text, "STATUS=", strlen("STATUS=")) == 0;
}

static void on_retry(uv_timer_t *h)
{
	size_t sent = 0;

	while (sent < n.kept_count && send_now(n.kept[sent]))
		sent++;
	n.kept_count -= sent;
	memmove(n.kept, n.kept + sent, n.kept_count * sizeof(n.kept[0]));
	if (!n.kept_count)
		uv_timer_stop(h);
}

/* In order; what stays behind is tried again. */
static void tell(const char *text)
{
	if (n.kept_count && is_status(text) && is_status(n.kept[n.kept_count - 1]))
		n.kept_count--;
	else if (!n.kept_count && send_now(text))
		return;
	if (!n.open || n.kept_count == KEPT_MAX)
		return; /* it is as if the reader had never looked */
	(void)snprintf(n.kept[n.kept_count++], TEXT_MAX, "%s", text);
	if (!uv_is_active((uv_handle_t *)&n.retry))
		uv_timer_start(&n.retry, on_retry, RETRY_MS, RETRY_MS);
}

/* ---- signs of life ---- */

static void pool_turns(uv_work_t *work)
{
	(void)work;
}

static void pool_turned(uv_work_t *work, int status)
{
	(void)status;
	n.pool_busy = false;
	free(work);
}

static void store_turned(void *arg)
{
	(void)arg;
	n.store_busy = false;
}

static void ask(void)
{
	uv_work_t *work = malloc(sizeof(*work));

	if (work && !uv_queue_work(n.loop, work, pool_turns, pool_turned))
		n.pool_busy = true;
	else
		free(work);
	n.store_busy = !store_ping(n.store, store_turned, NULL);
}

static void on_tick(uv_timer_t *h)
{
	(void)h;
	if (n.pool_busy || n.store_busy)
		return;
	if (!n.kept_count)
		(void)send_now("WATCHDOG=1");
	ask();
}

void notify_start(uv_loop_t *loop, struct store *store)
{
	uint64_t usec = 0;

	n.loop = loop;
	n.store = store;
	n.open = true;
	uv_timer_init(loop, &n.tick);
	uv_timer_init(loop, &n.later);
	uv_timer_init(loop, &n.retry);
	uv_unref((uv_handle_t *)&n.tick);
	uv_unref((uv_handle_t *)&n.later);
	uv_unref((uv_handle_t *)&n.retry);
	n.watched = sd_watchdog_enabled(0, &usec) > 0 && usec >= 2000;
	if (!n.watched)
		return;
	ask();
	uv_timer_start(&n.tick, on_tick, usec / 2000, usec / 2000);
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_reloading(void)
{
	struct timespec now;
	char text[TEXT_MAX];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		       (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	tell(text);
}

void notify_stopping(void)
{
	tell("STOPPING=1");
	if (!n.open)
		return;
	n.open = false;
	uv_close((uv_handle_t *)&n.tick, NULL);
	uv_close((uv_handle_t *)&n.later, NULL);
	uv_close((uv_handle_t *)&n.retry, NULL);
}

static void send_status(void)
{
	char text[TEXT_MAX];

	n.status_at = uv_now(n.loop);
	(void)snprintf(text, sizeof(text), "STATUS=%s", n.status);
	tell(text);
}

static void on_later(uv_timer_t *h)
{
	(void)h;
	send_status();
}

void notify_status(const char *text)
{
	uint64_t next;

	if (!n.open || strcmp(text, n.status) == 0)
		return;
	(void)snprintf(n.status, sizeof(n.status), "%s", text);
	next = n.status_at ? n.status_at + STATUS_MS : 0;
	if (uv_is_active((uv_handle_t *)&n.later))
		return;
	if (next <= uv_now(n.loop))
		send_status();
	else
		uv_timer_start(&n.later, on_later, next - uv_now(n.loop), 0);
}
