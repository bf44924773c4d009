/* SPDX-License-Identifier: MIT */
/* `ingestd status`. */
#include "status_command.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/handover.h"
#include "status/view_text.h"

enum { PATIENCE_MS = 10000 };
#define SERVICES "/var/lib/ingestd"

enum err status_make(struct view_ask *ask, struct look *l)
{
	const bool *json = ask->more;
	struct view v;
	enum err r = view_read(l, &ask->options, &ask->arena, &v, &ask->error);

	if (r)
		return r;
	return *json ? view_as_json(&v, &ask->out) : view_as_text(&v, &ask->out);
}

/* ---- a service ---- */

/* One line, or nothing. */
static bool read_line(int fd, struct strbuf *line)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char buf[16384];

	while (span_find_byte(strbuf_span(line), '\n') < 0) {
		int ready = poll(&p, 1, PATIENCE_MS);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		n = ready > 0 ? read(fd, buf, sizeof(buf)) : 0;
		if (n <= 0 || strbuf_add(line, buf, (size_t)n))
			return false;
	}
	return true;
}

/* False: there is none, or it cannot say. */
static bool ask_service(const char *folder, bool json)
{
	CLEANUP(strbuf_release) struct strbuf line = STRBUF_INIT(2 * VIEW_OUT_MAX);
	const char *ask = json ? "{\"do\":\"status\",\"what\":[],\"json\":true}\n"
			       : "{\"do\":\"status\",\"what\":[]}\n";
	int fd = handover_connect(folder);
	json_t *answer = NULL;
	const char *text;

	if (fd < 0)
		return false;
	if (send(fd, ask, strlen(ask), MSG_NOSIGNAL) == (ssize_t)strlen(ask) && read_line(fd, &line))
		answer = json_loadb(line.ptr, line.len, 0, NULL);
	(void)close(fd);
	text = json_string_value(json_object_get(answer, "status"));
	if (text)
		fputs(text, stdout);
	json_decref(answer);
	return text != NULL;
}

/* ---- the state alone ---- */

static enum err add_folders(const struct config *config, struct view_ask *ask)
{
	struct span *folders;
	size_t n = 0;

	while (config->content && config->content[n])
		n++;
	folders = ARENA_NEW_ARRAY(&ask->arena, struct span, n + 1);
	for (size_t i = 0; i < n && folders; i++) {
		char *real = realpath(config->content[i], NULL);

		if (real)
			folders[ask->options.folder_count++] = arena_dup(&ask->arena, span_str(real));
		free(real);
	}
	ask->options.folders = folders;
	return arena_failed(&ask->arena);
}

static int from_state(const char *folder, const struct config *config, const struct shape *shape, bool json)
{
	struct view_ask ask = {.arena = ARENA_INIT(VIEW_ARENA_MAX),
			       .out = STRBUF_INIT(VIEW_OUT_MAX),
			       .options = {.config = config, .shape = shape, .now = clock_now()},
			       .more = &json};
	struct look *l = NULL;
	int code = EXIT_DONE;
	enum err r = look_open(folder, &l, &ask.error);

	if (r) {
		/* the packaged units' */
		code = fail(EXIT_NO_FOLDER, "%s%s", ask.error.text,
			    access(SERVICES, F_OK) ? ""
						   : "; a service's is named by --state " SERVICES "/NAME");
	} else {
		r = add_folders(config, &ask);
		if (!r)
			r = status_make(&ask, l);
		if (r)
			code = fail(EXIT_BUG, "%s", ask.error.text[0] ? ask.error.text : err_text(r));
		else
			fputs(strbuf_cstr(&ask.out), stdout);
	}
	look_close(l);
	arena_release(&ask.arena);
	strbuf_release(&ask.out);
	return code;
}

int command_status(const struct options *options, const struct config *config, const struct shape *shape)
{
	const char *folder = options->state ? options->state : config->state;
	int code = EXIT_DONE;

	if (options->arg_count)
		return fail(EXIT_USAGE, "status takes no PATH");
	if (!folder)
		return fail(EXIT_NO_FOLDER, "there is no state: neither HOME nor XDG_STATE_HOME is set");
	if (!ask_service(folder, options->json))
		code = from_state(folder, config, shape, options->json);
	return fflush(stdout) ? EXIT_NO_WRITE : code;
}
