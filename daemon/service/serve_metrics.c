/* SPDX-License-Identifier: MIT */
/* serve_metrics.c - the service's numbers: at the end of rounds, and into the file of metrics. */
#include <inttypes.h>

#include "report/gather.h"
#include "serve_inner.h"

enum { FILE_MS = 15000 }; /* between two writes: as often as it is read at the most */

static const char *state_of(const struct serve *s)
{
	return s->options->state ? s->options->state : s->config->state;
}

/* ---- the file ---- */

static void tell_no_file(struct serve *s, const char *why)
{
	if (!s->told_no_file)
		(void)fail(0, "%s", why);
	s->told_no_file = true;
}

static void on_written(void *arg, enum err r, const char *why, struct strbuf *text)
{
	struct serve *s = arg;

	(void)text;
	s->writing = NULL;
	if (r)
		tell_no_file(s, why);
	else
		s->told_no_file = false;
}

static void on_file(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, file);
	const struct gather_options options = {
		.metrics = &s->measure.metrics,
		.folder = state_of(s),
		.roots = s->roots,
		.path = s->config->metrics_file,
		.done = on_written,
		.arg = s,
	};

	if (s->writing || !options.path)
		return;
	s->written = uv_now(h->loop);
	s->writing = gather_start(h->loop, &options);
}

static void file_is_due(struct serve *s)
{
	uint64_t now = uv_now(s->session.loop), next = s->written ? s->written + FILE_MS : now;

	if (s->config->metrics_file && s->state != SERVE_STOPPING && !uv_is_active((uv_handle_t *)&s->file))
		uv_timer_start(&s->file, on_file, next > now ? next - now : 0, 0);
}

/* ---- rounds ---- */

void serve_metrics_count(struct serve *s)
{
	measure_counts(&s->measure, report_counts(s->report));
	s->has_changed = report_counts(s->report)->changed > 0;
}

/* Why a round was no good one; NULL: it was. */
static const char *what_failed(const struct pass_result *result, char buf[600])
{
	if (result->failed)
		return result->error.text;
	if (result->unwritten) {
		(void)snprintf(buf, 600,
			       "no space left: %" PRIu64 " documents could not be written, first %s",
			       result->unwritten, result->full.text);
		return buf;
	}
	return result->network_down ? "no host answered" : NULL;
}

/* What a pass ended with waits until the state has it, too. */
struct passed {
	struct serve *serve;
	uint64_t ms;
	int64_t at;
};

static void on_kept(void *arg, enum err result, const char *text)
{
	struct passed *p = arg;
	char why[600];

	(void)snprintf(why, sizeof(why), "the state could not be written: %s",
		       text ? text : err_text(result));
	measure_pass(&p->serve->measure, result ? why : NULL, p->at, p->ms);
	file_is_due(p->serve);
	free(p);
}

void serve_metrics_round(struct serve *s, bool swept)
{
	char buf[600];
	const char *failed = what_failed(pass_result(s->pass), buf);
	const struct passed passed = {s, uv_now(s->session.loop) - s->round_began, clock_now()};
	struct passed *p;

	if (!swept && (failed || s->has_changed))
		measure_part(&s->measure, failed);
	if (!swept) {
		file_is_due(s);
		return;
	}
	p = failed ? NULL : malloc(sizeof(*p));
	if (p) {
		*p = passed;
		if (!store_flush(s->session.store, on_kept, p))
			return;
		free(p);
		failed = "the state takes nothing more";
	}
	measure_pass(&s->measure, failed ? failed : "out of memory", passed.at, passed.ms);
	file_is_due(s);
}

/* ---- the service ---- */

void serve_metrics_start(struct serve *s)
{
	measure_init(&s->measure, clock_now());
	if (s->config->metrics_file)
		gather_read(&s->measure.metrics, s->config->metrics_file);
	report_measure(s->report, &s->measure.metrics);
}

void serve_metrics_open(struct serve *s)
{
	measure_open(&s->measure, s->session.loop, &s->turns);
	s->session.metrics = &s->measure.metrics;
	uv_timer_init(s->session.loop, &s->file);
	uv_unref((uv_handle_t *)&s->file);
}

void serve_metrics_close(struct serve *s)
{
	uv_close((uv_handle_t *)&s->file, NULL);
	measure_close(&s->measure);
}

void serve_metrics_end(struct serve *s, int code)
{
	struct error e;

	if (!s->config->metrics_file)
		return;
	if (code)
		metrics_set(&s->measure.metrics, METRIC_PASS_SUCCEEDED, NULL, 0);
	gather_state(&s->measure.metrics, state_of(s), s->roots);
	if (gather_write(&s->measure.metrics, s->config->metrics_file, &e))
		tell_no_file(s, e.text);
}
