/* SPDX-License-Identifier: MIT */
/* handover.c - the client's side: it only waits, so it blocks. */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "act/act.h"
#include "base/strbuf.h"
#include "base/url.h"
#include "report/json_text.h"

enum { HELD_LOOK_MS = 250, CHANGES_MAX = 65536 };

const char *handover_address(int dir, char buf[64])
{
	(void)snprintf(buf, 64, "/proc/self/fd/%d/" HANDOVER_SOCKET, dir);
	return buf;
}

struct handover {
	const struct options *options;
	const struct handover_request *request;
	int fd;
	int64_t started, deadline; /* ms of CLOCK_MONOTONIC; deadline 0: none */
	struct strbuf in;
	size_t searched; /* bytes of it that are known to hold no end of a line */
	bool ended;
	int code;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int handover_connect(const char *folder)
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

/* Bytes that are no UTF-8 cannot go over; the service refuses what is missing. */
static json_t *names(const struct handover_request *request)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	json_t *list = json_array();
	char real[PATH_MAX];
	struct span key;

	for (size_t i = 0; i < request->arg_count; i++) {
		/* what is to be forgotten may be no file, though there be one of that name here */
		bool file = strcmp(request->what, "forget") != 0 ||
			    act_kind(span_str(request->args[i]), &arena, &key) == ACT_DOCUMENT;
		json_t *name = file && realpath(request->args[i], real) ? json_string(real) : NULL;

		arena_reset(&arena);

		json_array_append_new(list, name ? name : json_string(request->args[i]));
	}
	return list;
}

static char *request_line(const struct handover *h)
{
	const struct options *o = h->options;
	const struct report *report = h->request->report;
	json_t *json = json_pack("{ss so sb sb sb sb so so sI}", "do", h->request->what, "what",
				 names(h->request), "dry_run", o->dry_run, "force", o->force, "diff",
				 report && report_wants_diff(report), "colour",
				 report && report_is_coloured(report), "only", json_text_str(o->only), "host",
				 json_text_str(o->host), "run", (json_int_t)o->run);
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
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

/* ---- what the service says ---- */

static struct span span_in(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);

	return json_is_string(j) ? span_of(json_string_value(j), json_string_length(j)) : SPAN_NONE;
}

static const char *text_in(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_int_t number_in(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void tell_problem(struct handover *h, const json_t *o, struct span url, const char *text)
{
	report_problem(h->request->report, span_in(o, "root"), span_in(o, "path"),
		       (unsigned)number_in(o, "line"), (unsigned)number_in(o, "column"), url, text);
}

static void tell_changes(struct handover *h, const json_t *o, const json_t *list)
{
	size_t count = MIN(json_array_size(list), (size_t)CHANGES_MAX), n = 0;
	struct report_change *changes = calloc(count, sizeof(*changes));

	for (size_t i = 0; i < count && changes; i++) {
		const json_t *c = json_array_get(list, i);
		struct report_change *to = &changes[n];

		if (!field_by_name(span_in(c, "field"), &to->field))
			continue; /* of a service of a later version */
		to->related = (int)number_in(c, "related");
		to->before = span_in(c, "before");
		to->after = span_in(c, "after");
		to->source = span_in(c, "source");
		to->from = span_in(c, "from");
		to->score = (int)number_in(c, "score");
		n++;
	}
	if (changes)
		report_document(h->request->report, span_in(o, "root"), span_in(o, "path"), changes, n,
				span_in(o, "diff"));
	free(changes);
}

static void on_document(struct handover *h, const json_t *o)
{
	const json_t *changes = json_object_get(o, "changes");
	int64_t next = number_in(o, "next");
	time_t at = (time_t)next;
	char text[600], when[40] = "";
	struct tm tm;

	if (json_array_size(changes))
		tell_changes(h, o, changes);
	if (!json_is_true(json_object_get(o, "put_off")))
		return; /* what is wrong has been told as a problem */
	if (next && next < INT64_MAX && gmtime_r(&at, &tm))
		(void)strftime(when, sizeof(when), " until %Y-%m-%dT%H:%M:%SZ", &tm);
	if (*text_in(o, "error"))
		tell_problem(h, o, SPAN_NONE, text_in(o, "error"));
	else if (*text_in(o, "url_error")) {
		(void)snprintf(text, sizeof(text), "put off%s: %s", when, text_in(o, "url_error"));
		tell_problem(h, o, span_in(o, "url"), text);
	}
}

static void print_counts(const struct handover *h, const json_t *o)
{
	const struct options *options = h->options;
	json_int_t kept = number_in(o, "kept");

	if (options->quiet || options->json ||
	    (!isatty(STDERR_FILENO) && !options->verbose && !options->dry_run))
		return;
	printf("by the running service: %" JSON_INTEGER_FORMAT " documents: %" JSON_INTEGER_FORMAT
	       " %s (%" JSON_INTEGER_FORMAT " fields), %" JSON_INTEGER_FORMAT
	       " unchanged, %" JSON_INTEGER_FORMAT " with open gaps, %" JSON_INTEGER_FORMAT
	       " put off, %" JSON_INTEGER_FORMAT " refused\n",
	       number_in(o, "documents"), number_in(o, "changed"),
	       options->dry_run ? "would change" : "changed", number_in(o, "fields"),
	       number_in(o, "unchanged"), number_in(o, "open"), number_in(o, "put_off"),
	       number_in(o, "refused"));
	if (kept)
		printf("%" JSON_INTEGER_FORMAT " values were changed since and stay\n", kept);
}

static void on_done(struct handover *h, const json_t *o)
{
	CLEANUP(strbuf_release) struct strbuf summary = STRBUF_INIT(64 * 1024);
	struct report_counts *n;
	struct error e;

	h->ended = true;
	if (*text_in(o, "failed"))
		h->code = fail(json_is_true(json_object_get(o, "again")) ? EXIT_TRY_AGAIN : EXIT_NO_WRITE,
			       "%s", text_in(o, "failed"));
	if (!h->request->report) {
		json_int_t records = number_in(o, "records");

		if (records < 0)
			h->code = fail(EXIT_NO_WRITE, "not all was forgotten");
		else if (!h->options->quiet)
			printf("%" JSON_INTEGER_FORMAT " records forgotten\n", records);
		return;
	}
	print_counts(h, o);
	n = report_counts(h->request->report);
	n->run = number_in(o, "run");
	n->found = (uint64_t)number_in(o, "documents");
	n->unchanged = (uint64_t)number_in(o, "unchanged");
	n->complete = (uint64_t)number_in(o, "complete");
	n->open = (uint64_t)number_in(o, "open");
	n->dropped = (uint64_t)number_in(o, "put_off");
	n->refused = (uint64_t)number_in(o, "refused");
	if (report_finish(h->request->report, (uint64_t)(now_ms() - h->started), NULL, &summary, &e))
		h->code = fail(EXIT_NO_WRITE, "%s", e.text);
	else if (!h->code && h->options->check && n->changed)
		h->code = EXIT_PENDING;
}

static void on_line(struct handover *h, struct span line)
{
	json_t *o = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, NULL);
	const char *event = text_in(o, "event");

	if (strcmp(event, "refused") == 0) {
		h->ended = true;
		h->code = fail(EXIT_TRY_AGAIN, "%s", text_in(o, "text"));
	} else if (strcmp(event, "done") == 0) {
		on_done(h, o);
	} else if (strcmp(event, "document") == 0 && h->request->report) {
		on_document(h, o);
	} else if (strcmp(event, "problem") == 0 && h->request->report) {
		tell_problem(h, o, span_in(o, "url"), text_in(o, "text"));
	}
	json_decref(o);
}

/* The whole lines that are there. */
static void take_lines(struct handover *h)
{
	struct span all = strbuf_span(&h->in);
	size_t at = 0;

	for (ptrdiff_t end; !h->ended; at += (size_t)end + 1) {
		size_t from = MAX(h->searched, at);

		end = span_find_byte(span_sub(all, from, all.len), '\n');
		if (end < 0)
			break;
		end += (ptrdiff_t)(from - at);
		on_line(h, span_sub(all, at, at + (size_t)end));
	}
	if (at)
		memmove(h->in.ptr, h->in.ptr + at, all.len - at);
	strbuf_truncate(&h->in, all.len - at);
	h->searched = all.len - at;
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
	take_lines(h);
	return !h->ended;
}

/* False: nobody answers there. */
static bool try(const struct options *options, const char *folder, const struct handover_request *request,
		int *code)
{
	struct handover h = {.options = options,
			     .request = request,
			     .started = now_ms(),
			     .in = STRBUF_INIT(HANDOVER_ANSWER_MAX)};
	char *line;

	h.fd = folder ? handover_connect(folder) : -1;
	if (h.fd < 0)
		return false;
	if (options->max_time)
		h.deadline = h.started + (int64_t)options->max_time * 1000;
	if (request->report)
		report_elsewhere(request->report);
	line = request_line(&h);
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

bool handover_or_open(struct session *session, const struct options *options, const struct config *config,
		      const struct handover_request *request, int *code)
{
	const char *folder = options->state ? options->state : config->state;

	for (unsigned waited = 0;; waited += HELD_LOOK_MS) {
		struct error held = {.text = ""};

		*code = session_try(session, uv_default_loop(), options, config, &held);
		if (!held.text[0])
			return *code != 0;
		if (request->held)
			*request->held = true;
		if (try(options, folder, request, code))
			return true;
		if (options->no_wait || waited >= request->wait_ms) {
			(void)fail(0, "%s", held.text);
			return true;
		}
		uv_sleep(HELD_LOOK_MS);
	}
}
