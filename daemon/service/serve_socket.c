/* SPDX-License-Identifier: MIT */
/* serve_socket.c - the service's side of handover.h. */
#include "serve_inner.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "handover.h"
#include "report/json_text.h"
#include "web/view_ask.h"

enum { CLIENTS_MAX = 16, QUEUED_MAX = HANDOVER_ANSWER_MAX, READ_BYTES = 16 * 1024 };

struct client {
	uv_pipe_t pipe;
	struct client *next;
	struct serve_socket *socket;
	struct strbuf in;
	struct act *act; /* that is under way for it */
	struct view_ask *view;
	bool asked, closing;
	char buf[READ_BYTES];
};

struct serve_socket {
	uv_pipe_t listener;
	struct serve *serve;
	struct client *clients;
	size_t count;
	int dir;
	bool bound;
};

static void on_closed(uv_handle_t *h)
{
	struct client *c = h->data;
	struct client **at = &c->socket->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->socket->count--;
	strbuf_release(&c->in);
	free(c);
}

static void hang_up(struct client *c)
{
	if (c->closing)
		return;
	c->closing = true;
	if (c->act)
		act_leave(c->act);
	c->act = NULL;
	if (c->view)
		view_ask_leave(c->view);
	c->view = NULL;
	uv_close((uv_handle_t *)&c->pipe, on_closed);
}

struct line {
	uv_write_t write;
	struct client *client;
	char *text;
	bool last;
};

static void on_written(uv_write_t *w, int status)
{
	struct line *line = CONTAINER_OF(w, struct line, write);

	if (line->last || status)
		hang_up(line->client);
	free(line->text);
	free(line);
}

/* Takes the object. One who does not read is not waited for. */
void client_send(struct client *c, json_t *o, bool last)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	struct line *line = calloc(1, sizeof(*line));
	size_t n = text ? strlen(text) : 0;

	json_decref(o);
	if (c->closing || !text || !line ||
	    uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe) > QUEUED_MAX) {
		free(text);
		free(line);
		hang_up(c);
		return;
	}
	text[n] = '\n'; /* in the place of its NUL */
	line->client = c;
	line->text = text;
	line->last = last;
	if (uv_write(&line->write, (uv_stream_t *)&c->pipe, &(const uv_buf_t){.base = text, .len = n + 1}, 1,
		     on_written)) {
		free(text);
		free(line);
		hang_up(c);
	}
}

void client_refuse(struct client *c, const char *text)
{
	client_send(c, json_pack("{ss so}", "event", "refused", "text", json_text_str(text)), true);
}

struct serve *client_serve(const struct client *c)
{
	return c->socket->serve;
}

struct act **client_act(struct client *c)
{
	return &c->act;
}

struct view_ask **client_view(struct client *c)
{
	return &c->view;
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct client *c = h->data;

	(void)suggested;
	*buf = uv_buf_init(c->buf, sizeof(c->buf));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = stream->data;
	ptrdiff_t end;

	(void)buf;
	if (n < 0) {
		hang_up(c);
		return;
	}
	if (c->asked)
		return;
	if (strbuf_add(&c->in, c->buf, (size_t)n)) {
		client_refuse(c, "too many paths at once");
		c->asked = true;
		return;
	}
	end = span_find_byte(strbuf_span(&c->in), '\n');
	if (end < 0)
		return;
	c->asked = true;
	serve_asked(c, span_of(c->in.ptr, (size_t)end));
	strbuf_release(&c->in);
	c->in = STRBUF_INIT(1);
}

static bool is_ours(const uv_pipe_t *pipe)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	uv_os_fd_t fd;

	return !uv_fileno((const uv_handle_t *)pipe, &fd) &&
	       !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) && (who.uid == geteuid() || !who.uid);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct serve_socket *socket = listener->data;
	struct client *c = status ? NULL : calloc(1, sizeof(*c));

	if (!c)
		return;
	uv_pipe_init(listener->loop, &c->pipe, 0);
	uv_unref((uv_handle_t *)&c->pipe);
	c->pipe.data = c;
	c->socket = socket;
	c->in = STRBUF_INIT(HANDOVER_LINE_MAX);
	c->next = socket->clients;
	socket->clients = c;
	socket->count++;
	if (uv_accept(listener, (uv_stream_t *)&c->pipe) || !is_ours(&c->pipe) ||
	    socket->count > CLIENTS_MAX || uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read))
		hang_up(c);
}

void serve_open_socket(struct serve *s)
{
	const char *folder = s->options->state ? s->options->state : s->config->state;
	struct serve_socket *socket = calloc(1, sizeof(*socket));
	char name[64];
	int r = UV_ENOMEM;

	if (!socket)
		return;
	socket->serve = s;
	socket->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->socket = socket;
	uv_pipe_init(s->session.loop, &socket->listener, 0);
	socket->listener.data = socket;
	uv_unref((uv_handle_t *)&socket->listener);
	if (socket->dir >= 0) {
		/* whose lock we hold, so that it can only be left from before */
		(void)unlinkat(socket->dir, HANDOVER_SOCKET, 0);
		mode_t mask = umask(0177);
		r = uv_pipe_bind(&socket->listener, handover_address(socket->dir, name));
		(void)umask(mask);
	}
	socket->bound = !r;
	if (!r)
		r = uv_listen((uv_stream_t *)&socket->listener, CLIENTS_MAX, on_connection);
	if (r)
		(void)fail(0, "--once cannot hand over to this service: socket in '%s': %s", folder,
			   uv_strerror(r));
}

void serve_close_socket(struct serve *s)
{
	struct serve_socket *socket = s->socket;

	if (!socket)
		return;
	uv_close((uv_handle_t *)&socket->listener, NULL); /* which removes it */
	for (struct client *c = socket->clients; c; c = c->next)
		hang_up(c);
}

void serve_free_socket(struct serve *s)
{
	if (!s->socket)
		return;
	if (s->socket->dir >= 0)
		(void)close(s->socket->dir);
	free(s->socket);
	s->socket = NULL;
}
