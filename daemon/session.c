/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdarg.h>
#include <time.h>

#include "report/journal.h"
#include "status/metrics.h"

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int fail(int code, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* one line, and nothing that a terminal obeys (C1 in UTF-8 too), whatever files are called */
	for (unsigned char *p = (unsigned char *)line; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = ' ';
		else if (*p == 0xc2 && (p[1] & 0xe0) == 0x80)
			p[0] = p[1] = ' ';
	}
	if (journal_listens())
		journal_send(&(struct journal_entry){.kind = JOURNAL_TROUBLE, .message = line});
	else
		fprintf(stderr, "ingestd: %s\n", line);
	return code;
}

/* On the database thread. */
static void wake(void *arg)
{
	uv_async_send(arg);
}

static void on_wake(uv_async_t *h)
{
	store_dispatch(CONTAINER_OF(h, struct session, wake)->store);
}

static void complain(void *arg, const char *text)
{
	const struct session *s = arg;

	if (!s->full) /* told already, and what follows from it would be told beside it */
		(void)fail(0, "%s", text);
}

static void took(void *arg, uint64_t us)
{
	const struct session *s = arg;

	if (s->metrics)
		metrics_observe(s->metrics, METRIC_DATABASE_SECONDS, (double)us / 1e6);
}

int session_open(struct session *s, uv_loop_t *loop, const struct options *options,
		 const struct config *config)
{
	struct error held = {.text = ""};
	int code = session_try(s, loop, options, config, &held);

	return held.text[0] ? fail(code, "%s", held.text) : code;
}

int session_try(struct session *s, uv_loop_t *loop, const struct options *options,
		const struct config *config, struct error *held)
{
	const char *folder = options->state ? options->state : config->state;
	const struct store_options store = {.folder = folder,
					    .wake = wake,
					    .wake_arg = &s->wake,
					    .complain = complain,
					    .complain_arg = s,
					    .took = took,
					    .took_arg = s};
	struct error e;
	enum err r;

	*s = (struct session){.loop = loop, .options = options};
	if (!folder)
		return fail(EXIT_NO_CREATE,
			    "nowhere to keep the state: neither HOME nor XDG_STATE_HOME is set; "
			    "use --state or 'state' in the configuration");
	uv_async_init(loop, &s->wake, on_wake);
	r = store_open(&store, &s->store, &e);
	if (!r)
		return 0;
	uv_close((uv_handle_t *)&s->wake, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	if (r == ERR_FULL)
		return fail(EXIT_NO_WRITE, "the state could not be written: no space left: %s", e.text);
	if (r == ERR_BUSY) {
		*held = e;
		return EXIT_TRY_AGAIN;
	}
	return fail(EXIT_NO_CREATE, "%s", e.text);
}

struct ending {
	struct session *session;
	enum err *result;
};

static void flushed(void *arg, enum err result, const char *text)
{
	struct ending *ending = arg;

	if (result)
		(void)fail(0, "the state could not be written: %s", text ? text : err_text(result));
	ending->session->full = result == ERR_FULL;
	*ending->result = result;
	uv_close((uv_handle_t *)&ending->session->wake, NULL);
	free(ending);
}

void session_end(struct session *s, enum err *result)
{
	struct ending *ending = malloc(sizeof(*ending));

	*result = ERR_OK;
	if (ending) {
		*ending = (struct ending){s, result};
		if (!store_flush(s->store, flushed, ending))
			return;
		free(ending);
	}
	*result = ERR_NOMEM;
	uv_close((uv_handle_t *)&s->wake, NULL);
}

void session_close(struct session *s)
{
	s->store = store_close(s->store);
}
