/* SPDX-License-Identifier: MIT */
/* handover.c - the client's side: it only waits, so it blocks. */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "commands.h"
#include "say.h"

const char *handover_address(int dir, char buf[64])
{
	(void)snprintf(buf, 64, "/proc/self/fd/%d/" HANDOVER_SOCKET, dir);
	return buf;
}

struct handover {
	const struct options *options;
	int fd;
	int64_t deadline; /* ms of CLOCK_MONOTONIC; 0: none */
	struct strbuf in;
	bool ended;
	int code;
	uint64_t changed, put_off;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_socket(const char *folder)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	char name[64];

	if (dir < 0)
		return -1;
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", handover_address(dir, name));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		fd = -1;
	}
	close(dir);
	return fd;
}

static char *request(const struct options *options)
{
	json_t *o = json_object(), *paths = json_array();
	char real[PATH_MAX], *line;

	for (size_t i = 0; i < options->arg_count; i++) {
		/* bytes that are no UTF-8 cannot go over; the service refuses what is missing */
		json_t *path = realpath(options->args[i], real) ? json_string(real) : NULL;

		json_array_append_new(paths, path ? path : json_string(options->args[i]));
	}
	json_object_set_new(o, "paths", paths);
	line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return line;
}

static bool send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static void tell(FILE *out, const json_t *o, const char *what, const char *more)
{
	say(out, span_str(text_of(o, "path")));
	fputs(": ", out);
	say(out, span_str(what));
	if (*more) {
		fputs(": ", out);
		say(out, span_str(more));
	}
	putc('\n', out);
}

static void on_document(struct handover *h, const json_t *o)
{
	json_int_t fields = json_integer_value(json_object_get(o, "fields"));
	char text[64];

	if (h->options->quiet)
		return;
	if (*text_of(o, "error"))
		tell(stderr, o, text_of(o, "error"), "");
	else if (*text_of(o, "url_error"))
		tell(stderr, o, text_of(o, "url"), text_of(o, "url_error"));
	if (!h->options->verbose || !fields)
		return;
	(void)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT " fields set", fields);
	tell(stderr, o, text, "");
}

static void on_done(struct handover *h, const json_t *o)
{
	h->ended = true;
	if (h->options->quiet || (!isatty(STDERR_FILENO) && !h->options->verbose))
		return;
	printf("by the running service: %" JSON_INTEGER_FORMAT " documents: %" JSON_INTEGER_FORMAT
	       " changed (%" JSON_INTEGER_FORMAT " fields), %" JSON_INTEGER_FORMAT
	       " unchanged, %" JSON_INTEGER_FORMAT " with open gaps, %" JSON_INTEGER_FORMAT
	       " put off, %" JSON_INTEGER_FORMAT " refused\n",
	       json_integer_value(json_object_get(o, "documents")),
	       json_integer_value(json_object_get(o, "changed")),
	       json_integer_value(json_object_get(o, "fields")),
	       json_integer_value(json_object_get(o, "unchanged")),
	       json_integer_value(json_object_get(o, "open")),
	       json_integer_value(json_object_get(o, "put_off")),
	       json_integer_value(json_object_get(o, "failed")));
}

static void on_line(struct handover *h, struct span line)
{
	json_t *o = json_loadb(line.ptr, line.len, 0, NULL);
	const char *event = text_of(o, "event");

	if (h->options->json) {
		(void)fwrite(line.ptr, 1, line.len, stdout);
		putchar('\n');
	}
	if (strcmp(event, "refused") == 0) {
		h->ended = true;
		h->code = fail(EXIT_TRY_AGAIN, "%s", text_of(o, "text"));
	} else if (strcmp(event, "done") == 0 && !h->options->json) {
		on_done(h, o);
	} else if (strcmp(event, "done") == 0) {
		h->ended = true;
	} else if (strcmp(event, "document") == 0 && !h->options->json) {
		on_document(h, o);
	}
	json_decref(o);
}

/* False: no more comes. */
static bool read_some(struct handover *h)
{
	struct pollfd p = {.fd = h->fd, .events = POLLIN};
	int64_t left = h->deadline ? MAX(h->deadline - now_ms(), (int64_t)0) : -1;
	char buf[16384];
	ssize_t n;
	int ready = poll(&p, 1, (int)MIN(left, (int64_t)INT_MAX));

	if (ready < 0)
		return errno == EINTR;
	if (!ready) {
		h->ended = true; /* the service goes on */
		return false;
	}
	n = read(h->fd, buf, sizeof(buf));
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || strbuf_add(&h->in, buf, (size_t)n))
		return false;
	for (ptrdiff_t end; !h->ended && (end = span_find_byte(strbuf_span(&h->in), '\n')) >= 0;) {
		struct span all = strbuf_span(&h->in);
		size_t rest = all.len - (size_t)end - 1;

		on_line(h, span_of(all.ptr, (size_t)end));
		memmove(h->in.ptr, h->in.ptr + end + 1, rest);
		strbuf_truncate(&h->in, rest);
	}
	return !h->ended;
}

bool handover_try(const struct options *options, const char *folder, int *code)
{
	struct handover h = {.options = options, .in = STRBUF_INIT(HANDOVER_LINE_MAX)};
	char *line;

	h.fd = open_socket(folder);
	if (h.fd < 0)
		return false;
	if (options->max_time)
		h.deadline = now_ms() + (int64_t)options->max_time * 1000;
	line = request(options);
	if (line && send_all(h.fd, line, strlen(line)) && send_all(h.fd, "\n", 1))
		while (read_some(&h))
			;
	if (!h.ended)
		h.code = fail(EXIT_TRY_AGAIN, "the running service ended before it was done");
	*code = fflush(stdout) ? EXIT_NO_WRITE : h.code;
	free(line);
	close(h.fd);
	strbuf_release(&h.in);
	return true;
}
