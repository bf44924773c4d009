/* SPDX-License-Identifier: MIT */
#include "web_inner.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "report/measure.h"

enum {
	ACCEPT_AT_ONCE = 16,   /* in a turn of the loop, which has other things to do */
	BUSY_SPARED_MS = 2000, /* so long a form or an answer may take before it makes room for others */
	NO_DESCRIPTORS_MS = 1000,
};

/* ---- time ---- */

static uint64_t patience(const struct web_connection *c)
{
	switch (c->state) {
	case WEB_WAITING: return WEB_SILENT_MS;
	case WEB_HANDLING: return WEB_ANSWER_MS;
	case WEB_RECEIVING:
	case WEB_SENDING: break;
	}
	return WEB_MOVE_MS;
}

static void on_time(uv_timer_t *h);
static void resume_accepting(struct web *w);

static void set_timer(struct web *w)
{
	uint64_t now = uv_now(w->context.loop), next = UINT64_MAX;
	MHD_UNSIGNED_LONG_LONG asked;

	for (const struct web_connection *c = w->connections; c; c = c->next)
		if (!c->closing)
			next = MIN(next, c->since + patience(c));
	if (w->pause_until)
		next = MIN(next, w->pause_until);
	if (MHD_get_timeout(w->mhd, &asked) == MHD_YES)
		next = MIN(next, now + asked);
	if (next == UINT64_MAX)
		uv_timer_stop(&w->time);
	else
		uv_timer_start(&w->time, on_time, next > now ? next - now : 0, 0);
}

void web_enter(struct web_connection *c, enum web_state state)
{
	c->state = state;
	c->since = uv_now(c->web->context.loop);
}

void web_run(struct web *w)
{
	(void)MHD_run(w->mhd);
	if (!w->stopping)
		set_timer(w);
}

void web_run_soon(struct web *w)
{
	if (!w->stopping)
		uv_timer_start(&w->time, on_time, 0, 0);
}

unsigned web_check_size(const struct web *w, size_t body)
{
	if (body > WEB_BODY_MAX)
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	return w->bodies + body > WEB_BODIES_MAX ? MHD_HTTP_SERVICE_UNAVAILABLE : 0;
}

/* Its end is seen by libmicrohttpd as if the client had hung up. */
static void close_connection(struct web_connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	metrics_add(&c->web->context.measure->metrics, METRIC_EVICTIONS, NULL, 1);
	(void)shutdown(c->fd, SHUT_RDWR);
}

static void on_time(uv_timer_t *h)
{
	struct web *w = CONTAINER_OF(h, struct web, time);
	uint64_t now = uv_now(h->loop);

	for (struct web_connection *c = w->connections; c; c = c->next) {
		if (c->closing || now < c->since + patience(c))
			continue;
		if (c->state == WEB_HANDLING)
			web_give_up(c->request, MHD_HTTP_GATEWAY_TIMEOUT, "it took too long");
		else
			close_connection(c);
	}
	if (w->pause_until && now >= w->pause_until)
		resume_accepting(w);
	web_run(w);
}

/* ---- who comes ---- */

/* Who has been silent longest; else who has been slow for long enough. What is being worked on stays. */
static struct web_connection *least_wanted(const struct web *w)
{
	uint64_t now = uv_now(w->context.loop);
	struct web_connection *silent = NULL, *slow = NULL;

	for (struct web_connection *c = w->connections; c; c = c->next) {
		struct web_connection **best = c->state == WEB_WAITING ? &silent : &slow;

		if (c->closing || c->state == WEB_HANDLING ||
		    (c->state != WEB_WAITING && now < c->since + BUSY_SPARED_MS))
			continue;
		/* those that came later stand before */
		if (!*best || c->since <= (*best)->since)
			*best = c;
	}
	return silent ? silent : slow;
}

static void pause_accepting(struct web *w, uint64_t ms)
{
	w->pause_until = uv_now(w->context.loop) + ms;
	for (size_t i = 0; i < w->context.sockets->count; i++)
		uv_poll_stop(&w->sockets[i]);
}

static bool make_room(struct web *w)
{
	struct web_connection *c = least_wanted(w);

	if (!c)
		return false;
	close_connection(c);
	web_run(w);
	return w->count < WEB_CONNECTIONS_MAX;
}

static bool is_owner(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) && (who.uid == geteuid() || !who.uid);
}

static void begin_connection(struct web *w, const struct web_socket *socket, int fd)
{
	struct sockaddr_storage peer = {.ss_family = socket->local ? AF_UNIX : AF_INET};
	struct web_connection *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return;
	}
	c->web = w;
	c->fd = fd;
	c->local = socket->local;
	c->owner = socket->local && is_owner(fd);
	web_enter(c, WEB_WAITING);
	w->arriving = c;
	/* it closes fd when it does not take it */
	(void)MHD_add_connection(w->mhd, fd, (const struct sockaddr *)&peer, sizeof(peer));
	if (w->arriving)
		web_run(w);
	free(w->arriving); /* still: it was not taken */
	w->arriving = NULL;
}

static void accept_some(struct web *w, size_t socket)
{
	const struct web_socket *from = &w->context.sockets->at[socket];

	for (int i = 0; i < ACCEPT_AT_ONCE && !w->stopping; i++) {
		int fd;

		if (w->count >= WEB_CONNECTIONS_MAX && !make_room(w)) {
			pause_accepting(w, BUSY_SPARED_MS);
			return;
		}
		fd = accept4(from->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
			(void)make_room(w);
			pause_accepting(w, NO_DESCRIPTORS_MS);
			return;
		}
		if (fd < 0)
			return; /* nobody, or somebody who has gone again */
		begin_connection(w, from, fd);
	}
}

static void on_socket(uv_poll_t *h, int status, int events)
{
	struct web *w = h->data;

	(void)events;
	if (!status)
		accept_some(w, (size_t)(h - w->sockets));
	web_run(w);
}

static void resume_accepting(struct web *w)
{
	w->pause_until = 0;
	for (size_t i = 0; i < w->context.sockets->count; i++)
		(void)uv_poll_start(&w->sockets[i], UV_READABLE, on_socket);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct web *w = arg;
	struct web_connection *c = *context;

	(void)connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = w->arriving;
		w->arriving = NULL;
		*context = c;
		c->next = w->connections;
		if (c->next)
			c->next->link = &c->next;
		c->link = &w->connections;
		w->connections = c;
		w->count++;
	} else if (c) {
		*c->link = c->next;
		if (c->next)
			c->next->link = c->link;
		w->count--;
		free(c);
		*context = NULL;
		if (w->pause_until && !w->stopping)
			resume_accepting(w); /* there is room */
	}
}

static void on_events(uv_poll_t *h, int status, int events)
{
	(void)status;
	(void)events;
	web_run(h->data);
}

/* ---- the server ---- */

static void start_groups(struct web *w)
{
	struct error e;

	for (size_t i = 0; web_groups[i]; i++) {
		assert(i < WEB_GROUPS_MAX);
		if (web_groups[i]->start && web_groups[i]->start(w, &w->groups[i], &e)) {
			w->failed[i] = true;
			(void)fail(0, "status: %s: %s", web_groups[i]->name, e.text);
		}
	}
}

static enum err start_mhd(struct web *w, struct error *e)
{
	const union MHD_DaemonInfo *info;
	int r;

	w->mhd = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		web_on_request, w, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)WEB_HEAD_MAX,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)WEB_CONNECTIONS_MAX + 1, MHD_OPTION_CONNECTION_TIMEOUT,
		0u, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_URI_LOG_CALLBACK, web_on_target, w, MHD_OPTION_NOTIFY_COMPLETED, web_on_completed,
		w, MHD_OPTION_NOTIFY_CONNECTION, on_connection, w, MHD_OPTION_END);
	info = w->mhd ? MHD_get_daemon_info(w->mhd, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info)
		return err_set(e, ERR_NOMEM, "status: libmicrohttpd cannot be set up");
	r = uv_poll_init(w->context.loop, &w->poll, info->epoll_fd);
	if (r)
		return err_set(e, ERR_IO, "status: %s", uv_strerror(r));
	w->poll.data = w;
	(void)uv_poll_start(&w->poll, UV_READABLE, on_events);
	uv_unref((uv_handle_t *)&w->poll);
	return ERR_OK;
}

enum err web_start(const struct serve_context *context, struct web **ret, struct error *e)
{
	struct web *w;
	enum err r;

	if (!context->sockets->count)
		return ERR_OK;
	w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(e, ERR_NOMEM, "status: out of memory");
	w->context = *context;
	r = start_mhd(w, e);
	if (r) {
		if (w->mhd)
			MHD_stop_daemon(w->mhd);
		free(w);
		return r;
	}
	uv_timer_init(context->loop, &w->time);
	uv_unref((uv_handle_t *)&w->time);
	for (size_t i = 0; i < context->sockets->count; i++) {
		/* fails for what is no socket only, which was looked at */
		(void)uv_poll_init(context->loop, &w->sockets[i], context->sockets->at[i].fd);
		w->sockets[i].data = w;
		uv_unref((uv_handle_t *)&w->sockets[i]);
	}
	start_groups(w);
	resume_accepting(w);
	*ret = w;
	return ERR_OK;
}

void web_stop(struct web *w)
{
	w->stopping = true;
	for (size_t i = 0; web_groups[i]; i++)
		if (w->groups[i] && web_groups[i]->stop)
			web_groups[i]->stop(w->groups[i]);
	for (struct web_connection *c = w->connections; c; c = c->next)
		if (c->state == WEB_HANDLING)
			web_give_up(c->request, MHD_HTTP_SERVICE_UNAVAILABLE,
				    "the service is reloading or stopping");
	/* libmicrohttpd must not be stopped while it holds a suspended connection */
	web_run(w);
	web_run(w);
	uv_close((uv_handle_t *)&w->poll, NULL);
	uv_close((uv_handle_t *)&w->time, NULL);
	for (size_t i = 0; i < w->context.sockets->count; i++)
		uv_close((uv_handle_t *)&w->sockets[i], NULL);
	MHD_stop_daemon(w->mhd);
	w->mhd = NULL;
}

void web_free(struct web *w)
{
	for (size_t i = 0; web_groups[i]; i++)
		if (w->groups[i] && web_groups[i]->free)
			web_groups[i]->free(w->groups[i]);
	free(w);
}

const struct serve_context *web_context(const struct web *w)
{
	return &w->context;
}

unsigned web_connections(const struct web *w)
{
	return w->count;
}
