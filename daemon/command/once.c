/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "commands.h"
#include "feeds/feeds.h"
#include "fetch/fetch.h"
#include "pass/pass.h"
#include "pass/roots.h"
#include "report/gather.h"
#include "report/measure.h"
#include "report/report.h"
#include "service/handover.h"

enum {
	LIVE_MS = 250,
	WAIT_MAX_MS = 60 * 1000,
	HELD_MAX_MS = 10 * 1000, /* for another run to end */
};

/* `--once`: the service's pipeline without its timers. The loop ends when no active handle is left. */
struct once {
	const struct options *options;
	const struct shape *shape;
	struct session session;
	struct fetcher *fetcher;
	struct report *report;
	struct pass *pass;
	struct feeds *feeds;
	uv_timer_t live, deadline;
	uv_signal_t interrupt, terminate;
	uint64_t started;
	const char *interrupted;
	int signal;
	enum err finished, flushed;
	struct error error;
	struct measure measure;
	const char *metrics_file; /* NULL: none, or it is for somebody else to write */
	const char *folder;       /* of the state */
	const struct roots *roots;
};

/* ---- the file of metrics ---- */

static void start_metrics(struct once *o, const struct config *config)
{
	measure_init(&o->measure, clock_now());
	/* a dry run did nothing that anybody waits for */
	o->metrics_file = o->options->dry_run ? NULL : config->metrics_file;
	o->folder = o->options->state ? o->options->state : config->state;
	if (o->metrics_file)
		gather_read(&o->measure.metrics, o->metrics_file);
}

/* On every ending: what failed leaves the time of the last success as it was. Gives the code to exit with. */
static int write_metrics(struct once *o, int code)
{
	struct metrics *m = &o->measure.metrics;
	uint64_t ms = o->session.loop ? uv_now(o->session.loop) - o->started : 0;
	struct error e;

	if (!o->metrics_file)
		return code;
	if (o->report)
		measure_counts(&o->measure, report_counts(o->report));
	measure_pass(&o->measure, code ? "" : NULL, clock_now(), o->started ? ms : 0);
	if (o->roots)
		gather_state(m, o->folder, o->roots);
	if (!gather_write(m, o->metrics_file, &e))
		return code;
	(void)fail(0, "%s", e.text);
	return code ? code : EXIT_NO_CREATE;
}

static void on_live(uv_timer_t *h)
{
	struct once *o = CONTAINER_OF(h, struct once, live);
	uint64_t running, queued, to_do;

	pass_progress(o->pass, &running, &queued, &to_do);
	report_progress(o->report, uv_now(h->loop) - o->started, running, queued, to_do);
}

static void on_deadline(uv_timer_t *h)
{
	struct once *o = CONTAINER_OF(h, struct once, deadline);

	o->interrupted = "stopped by --max-time";
	fetcher_stop(o->fetcher);
	if (o->feeds)
		feeds_stop(o->feeds);
	pass_stop(o->pass, false);
}

static void on_signal(uv_signal_t *h, int number)
{
	struct once *o = h->data;

	/* the second one ends at once; the state and the documents survive that too */
	if (o->signal) {
		o->roots = NULL; /* the state takes its time */
		_exit(write_metrics(o, 128 + number));
	}
	o->signal = number;
	o->interrupted = "interrupted";
	fetcher_stop(o->fetcher);
	if (o->feeds)
		feeds_stop(o->feeds);
	pass_stop(o->pass, true);
}

static void told_before(void *arg, const uint64_t *keys, size_t count)
{
	struct once *o = arg;

	if (report_told_before(o->report, keys, count))
		o->interrupted = "out of memory";
}

static void keep(struct once *o, struct span summary)
{
	size_t count;
	bool whole = !o->options->arg_count && !o->options->only && !o->interrupted;
	const uint64_t *told = report_told(o->report, whole, &count);
	int64_t run = pass_result(o->pass)->run;
	enum err r = ERR_OK;

	/* a dry run tells, but has told nobody for good */
	if (!o->options->dry_run)
		r = store_put_complaints(o->session.store, told, count);
	if (!r && run)
		r = store_end_run(o->session.store, run, clock_now(), summary);
	if (r && !o->finished)
		o->finished = err_set(&o->error, r, "the state: %s", err_text(r));
}

static void on_pass_done(void *arg)
{
	struct once *o = arg;
	CLEANUP(strbuf_release) struct strbuf summary = STRBUF_INIT(64 * 1024);

	uv_close((uv_handle_t *)&o->live, NULL);
	uv_close((uv_handle_t *)&o->deadline, NULL);
	uv_close((uv_handle_t *)&o->interrupt, NULL);
	uv_close((uv_handle_t *)&o->terminate, NULL);
	fetcher_stop(o->fetcher);
	uv_update_time(o->session.loop);
	o->finished = report_finish(o->report, uv_now(o->session.loop) - o->started, o->interrupted, &summary,
				    &o->error);
	keep(o, strbuf_span(&summary));
	session_end(&o->session, &o->flushed);
}

static int exit_code(const struct once *o)
{
	const struct pass_result *result = pass_result(o->pass);

	if (result->failed)
		return fail(EXIT_BUG, "%s", result->error.text);
	if (o->flushed) /* which has been told */
		return EXIT_NO_WRITE;
	if (result->unwritten)
		return fail(EXIT_NO_WRITE,
			    "no space left: %" PRIu64 " documents could not be written, first %s",
			    result->unwritten, result->full.text);
	if (o->finished)
		return fail(EXIT_NO_WRITE, "%s", o->error.text);
	if (o->signal)
		return 128 + o->signal;
	if (result->network_down)
		return fail(EXIT_TRY_AGAIN, "no host answers: is there a network?");
	if (o->options->check && report_counts(o->report)->changed)
		return EXIT_PENDING;
	return EXIT_DONE;
}

static void start_timers(struct once *o, uv_loop_t *loop)
{
	uv_timer_init(loop, &o->live);
	uv_timer_init(loop, &o->deadline);
	uv_signal_init(loop, &o->interrupt);
	uv_signal_init(loop, &o->terminate);
	o->interrupt.data = o->terminate.data = o;
	uv_signal_start(&o->interrupt, on_signal, SIGINT);
	uv_signal_start(&o->terminate, on_signal, SIGTERM);
	if (report_is_live(o->report))
		uv_timer_start(&o->live, on_live, LIVE_MS, LIVE_MS);
	if (o->options->max_time)
		uv_timer_start(&o->deadline, on_deadline, o->options->max_time * 1000, 0);
	uv_unref((uv_handle_t *)&o->live);
	uv_unref((uv_handle_t *)&o->deadline);
	uv_unref((uv_handle_t *)&o->interrupt);
	uv_unref((uv_handle_t *)&o->terminate);
}

/* A run over a part of the documents leaves the feeds alone. */
static enum err start_feeds(struct once *o, const struct config *config, const struct roots *roots,
			    struct error *e)
{
	const struct feeds_options options = {
		.loop = o->session.loop,
		.config = config,
		.shape = o->shape,
		.store = o->session.store,
		.fetcher = o->fetcher,
		.report = o->report,
		.pass = o->pass,
		.roots = roots,
		.dry_run = o->options->dry_run,
		.force = o->options->force,
		.now = clock_now,
	};

	if (o->options->arg_count || o->options->only)
		return ERR_OK;
	return feeds_start(&options, &o->feeds, e);
}

static enum err start(struct once *o, const struct config *config, const struct roots *roots, struct error *e)
{
	const struct fetcher_options fetcher = {.config = config,
						.wait_max_ms = WAIT_MAX_MS,
						.gently = true,
						.version = INGESTD_VERSION,
						.store = o->session.store};
	const struct pass_options pass = {
		.loop = o->session.loop,
		.config = config,
		.shape = o->shape,
		.store = o->session.store,
		.report = o->report,
		.roots = roots,
		.dry_run = o->options->dry_run,
		.force = o->options->force,
		.only = o->options->only,
		.now = clock_now,
		.done = on_pass_done,
		.done_arg = o,
	};
	struct pass_options with_fetcher = pass;
	enum err r = fetcher_new(o->session.loop, &fetcher, &o->fetcher, e);

	if (r)
		return r;
	with_fetcher.fetcher = o->fetcher;
	r = store_get_complaints(o->session.store, told_before, o);
	if (!r)
		r = pass_start(&with_fetcher, &o->pass, e);
	if (!r)
		r = start_feeds(o, config, roots, e);
	if (r)
		return r;
	start_timers(o, o->session.loop);
	return ERR_OK;
}

static int run(struct once *o, const struct config *config, const struct roots *roots)
{
	bool held = false;
	const struct handover_request request = {"once",    o->options->args, o->options->arg_count,
						 o->report, HELD_MAX_MS,      &held};
	struct error e;
	int code;

	if (handover_or_open(&o->session, o->options, config, &request, &code)) {
		if (held)
			o->metrics_file = NULL; /* who has the state writes it */
		return code;
	}
	o->started = uv_now(o->session.loop);
	o->session.metrics = &o->measure.metrics;
	o->roots = roots;
	if (start(o, config, roots, &e)) {
		code = fail(EXIT_BUG, "%s", e.text);
		session_end(&o->session, &o->flushed);
	}
	uv_run(o->session.loop, UV_RUN_DEFAULT);
	session_close(&o->session);
	if (!code)
		code = exit_code(o);
	feeds_free(o->feeds);
	pass_free(o->pass);
	fetcher_free(o->fetcher);
	return code;
}

static int with_roots(struct once *o, const struct config *config, struct roots *roots)
{
	struct error e;
	enum err r = roots_open(config, o->options->args, o->options->arg_count, roots, &e);
	int code;

	if (r)
		return fail(r == ERR_INVALID ? EXIT_USAGE : EXIT_NO_FOLDER, "%s", e.text);
	if (roots->count > 1)
		report_name_roots(o->report);
	code = confine_command(o->options, config, roots);
	return code ? code : run(o, config, roots);
}

int command_once(const struct options *options, const struct config *config, const struct shape *shape)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct once o = {.options = options, .shape = shape};
	struct error e;
	int code;

	start_metrics(&o, config);
	if (report_new(options, &o.report, &e))
		return write_metrics(&o, fail(EXIT_NO_CREATE, "%s", e.text));
	report_measure(o.report, &o.measure.metrics);
	code = write_metrics(&o, with_roots(&o, config, &roots));
	report_free(o.report);
	return code;
}
