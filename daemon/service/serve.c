/* SPDX-License-Identifier: MIT */
#include "serve_inner.h"

#include <inttypes.h>
#include <malloc.h>
#include <unistd.h>

#include "notify.h"
#include "web/viewer.h"

enum {
	WAIT_MAX_MS =
		60 * 1000, /* a site that asks for a longer wait is asked when the document is due again */
	TRIM_DOCUMENTS = 1000,
	STOP_SOFT_MS = 2500, /* for pages that are there to be written */
	STOP_HARD_MS = 4500, /* a write that has begun may take so long */
};

static void begin(struct serve *s);

/* ---- rounds ---- */

static void told_before(void *arg, const uint64_t *keys, size_t count)
{
	struct serve *s = arg;

	if (report_told_before(s->report, keys, count))
		return; /* they are told once more, no worse */
}

static void keep_round(struct serve *s, bool swept, int64_t run)
{
	CLEANUP(strbuf_release) struct strbuf summary = STRBUF_INIT(64 * 1024);
	size_t count;
	const uint64_t *told = report_told(s->report, swept, &count);
	enum err r = ERR_OK;

	if (report_tells_anew(s->report))
		r = store_put_complaints(s->session.store, told, count);

	if (!r)
		r = report_next_round(s->report, uv_now(s->session.loop) - s->round_began, &summary);
	if (!r && run)
		r = store_end_run(s->session.store, run, clock_now(), strbuf_span(&summary));
	if (r)
		(void)fail(0, "the state: %s", err_text(r));
}

static void tell_status(struct serve *s, bool swept)
{
	const struct report_counts *c = report_counts(s->report);
	char line[200];

	if (swept)
		s->documents = c->found;
	s->changed += c->changed;
	(void)snprintf(line, sizeof(line), "%" PRIu64 " document%s; %" PRIu64 " changed since the start",
		       s->documents, s->documents == 1 ? "" : "s", s->changed);
	notify_status(line);
}

static void on_idle(void *arg)
{
	struct serve *s = arg;
	int64_t run;
	bool swept = pass_round(s->pass, &run);
	bool many = swept || report_counts(s->report)->found > TRIM_DOCUMENTS;

	tell_status(s, swept);
	serve_metrics_count(s);
	keep_round(s, swept, run);
	serve_metrics_round(s, swept);
	s->round_began = uv_now(s->session.loop);
	serve_due_look(s);
	/* what so many needed is not needed now */
	if (many)
		(void)malloc_trim(0);
}

/* ---- a generation: what lives as long as one configuration ---- */

struct serve_context serve_context(struct serve *s)
{
	return (struct serve_context){
		.loop = s->session.loop,
		.options = s->options,
		.config = s->config,
		.shape = s->shape,
		.store = s->session.store,
		.fetcher = s->fetcher,
		.report = s->report,
		.pass = s->pass,
		.acts = s->acts,
		.roots = s->roots,
		.measure = &s->measure,
		.sockets = &s->sockets,
		.viewer = s->viewer,
	};
}

static void look_again(void *arg)
{
	serve_due_rewind(arg);
}

static enum err start_acts(struct serve *s, struct error *e)
{
	s->acts = acts_new(&(struct acts_options){
		.loop = s->session.loop,
		.config = s->config,
		.shape = s->shape,
		.store = s->session.store,
		.report = s->report,
		.pass = s->pass,
		.roots = s->roots,
		.look = look_again,
		.look_arg = s,
	});
	return s->acts ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory");
}

static void start_parts(struct serve *s)
{
	const struct serve_context c = serve_context(s);
	struct error e;

	for (size_t i = 0; serve_parts[i].name; i++) {
		assert(i < SERVE_PARTS_MAX);
		s->parts[i] = NULL;
		if (serve_parts[i].start(&c, &s->parts[i], &e))
			(void)fail(0, "%s: %s", serve_parts[i].name, e.text);
	}
}

static void on_pass_done(void *arg);

static enum err start_generation(struct serve *s, struct error *e)
{
	const struct fetcher_options fetcher = {.config = s->config,
						.wait_max_ms = WAIT_MAX_MS,
						.stays = true,
						.gently = true,
						.version = INGESTD_VERSION,
						.store = s->session.store};
	struct pass_options pass = {
		.loop = s->session.loop,
		.config = s->config,
		.shape = s->shape,
		.store = s->session.store,
		.report = s->report,
		.roots = s->roots,
		.dry_run = s->options->dry_run,
		.only = s->options->only,
		.now = clock_now,
		.done = on_pass_done,
		.done_arg = s,
		.stays = true,
		.idle = on_idle,
	};
	enum err r = viewer_new(s->session.loop, s->options->state ? s->options->state : s->config->state,
				&s->viewer, e);

	if (!r)
		r = fetcher_new(s->session.loop, &fetcher, &s->fetcher, e);
	if (r)
		return r;
	pass.fetcher = s->fetcher;
	r = pass_start(&pass, &s->pass, e);
	if (r)
		return r;
	r = start_acts(s, e);
	if (!r)
		r = serve_start_watch(s, e);
	if (!r)
		start_parts(s);
	return r;
}

static void stop_generation(struct serve *s)
{
	s->ending = true;
	uv_timer_stop(&s->rescan);
	uv_timer_stop(&s->back);
	uv_timer_stop(&s->due_timer);
	watch_stop(s->watch);
	fetcher_stop(s->fetcher);
	for (size_t i = 0; serve_parts[i].name; i++)
		if (s->parts[i])
			serve_parts[i].stop(s->parts[i]);
	viewer_stop(s->viewer);
	acts_stop(s->acts);
	pass_stop(s->pass, false);
}

/* After the loop has turned since. */
static void free_generation(struct serve *s)
{
	for (size_t i = 0; serve_parts[i].name; i++) {
		if (s->parts[i])
			serve_parts[i].free(s->parts[i]);
		s->parts[i] = NULL;
	}
	s->watch = watch_free(s->watch);
	s->acts = acts_free(s->acts);
	s->pass = pass_free(s->pass);
	s->fetcher = fetcher_free(s->fetcher);
	s->viewer = viewer_free(s->viewer);
}

/* ---- states ---- */

static void end(struct serve *s)
{
	serve_close_signals(s);
	serve_close_socket(s);
	turns_close(&s->turns);
	serve_metrics_close(s);
	uv_close((uv_handle_t *)&s->rescan, NULL);
	uv_close((uv_handle_t *)&s->back, NULL);
	uv_close((uv_handle_t *)&s->due_timer, NULL);
	uv_close((uv_handle_t *)&s->patience, NULL);
	uv_close((uv_handle_t *)&s->turn, NULL);
	session_end(&s->session, &s->flushed);
}

static void on_turn(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, turn);

	if (s->watch && !watch_is_quiet(s->watch)) {
		uv_timer_start(h, on_turn, 5, 0);
		return;
	}
	free_generation(s);
	if (s->state == SERVE_STOPPING) {
		end(s);
		return;
	}
	if (s->next.config) {
		setup_release(&s->own);
		s->own = s->next;
		s->next = (struct setup){.config = NULL};
		s->config = s->own.config;
		s->shape = s->own.shape;
	}
	begin(s);
}

/* The handles of what ended close in the loop's next turn, so what they are part of is freed in the one
 * after.
 */
static void on_pass_done(void *arg)
{
	struct serve *s = arg;

	uv_timer_start(&s->turn, on_turn, 1, 0);
}

static void begin(struct serve *s)
{
	struct error e;

	s->ending = false;
	serve_due_reload(s);
	if (start_generation(s, &e)) {
		s->code = fail(EXIT_BUG, "%s", e.text);
		s->state = SERVE_STOPPING;
		viewer_stop(s->viewer);
		if (s->fetcher)
			fetcher_stop(s->fetcher);
		if (s->pass)
			pass_stop(s->pass, true);
		else
			uv_timer_start(&s->turn, on_turn, 1, 0);
	}
}

void serve_is_ready(struct serve *s)
{
	if (s->state != SERVE_STARTING && s->state != SERVE_RELOADING)
		return;
	s->state = SERVE_READY;
	notify_ready();
	if (s->reload_again)
		serve_reload(s);
}

void serve_restart(struct serve *s)
{
	if (s->state != SERVE_READY)
		return;
	s->state = SERVE_RELOADING;
	stop_generation(s);
}

static void on_patience(uv_timer_t *h)
{
	struct serve *s = CONTAINER_OF(h, struct serve, patience);

	/* each document is the old or the new one, and the state is as after a crash */
	if (s->stage++)
		_exit(EXIT_DONE);
	pass_stop(s->pass, true);
}

void serve_stop(struct serve *s)
{
	if (s->state == SERVE_STOPPING)
		return;
	s->state = SERVE_STOPPING;
	notify_stopping();
	uv_timer_start(&s->patience, on_patience, STOP_SOFT_MS, STOP_HARD_MS - STOP_SOFT_MS);
	uv_unref((uv_handle_t *)&s->patience);
	if (!s->ending)
		stop_generation(s);
}

static bool lists_differ(char **a, char **b)
{
	size_t i = 0;

	while (a && b && a[i] && b[i] && strcmp(a[i], b[i]) == 0)
		i++;
	return (a && a[i]) || (b && b[i]);
}

static void tell_what_waits(const struct serve *s, const struct config *next)
{
	if (lists_differ(s->config->content, next->content))
		(void)fail(0, "content: the folders stay as they are until a restart");
	if (!s->options->state &&
	    strcmp(s->config->state ? s->config->state : "", next->state ? next->state : "") != 0)
		(void)fail(0, "state: stays where it is until a restart");
	if (strcmp(s->config->status_listen ? s->config->status_listen : "",
		   next->status_listen ? next->status_listen : "") != 0)
		(void)fail(0, "status.listen: stays what it is until a restart");
}

void serve_reload(struct serve *s)
{
	struct error e;

	s->reload_again = s->state == SERVE_RELOADING || s->state == SERVE_STARTING;
	if (s->state != SERVE_READY)
		return;
	notify_reloading();
	if (setup_read(s->options->config, &s->next, &e)) {
		(void)fail(0, "%s; the configuration stays as it was", e.text);
		notify_ready();
		return;
	}
	tell_what_waits(s, s->next.config);
	serve_restart(s);
}

/* ---- the command ---- */

static int run(struct serve *s)
{
	int code = session_open(&s->session, uv_default_loop(), s->options, s->config);
	uv_loop_t *loop = s->session.loop;
	struct error e;
	char line[160];

	if (code) {
		serve_metrics_end(s, code);
		return code;
	}
	uv_timer_init(loop, &s->rescan);
	uv_timer_init(loop, &s->patience);
	uv_timer_init(loop, &s->turn);
	uv_timer_init(loop, &s->back);
	uv_unref((uv_handle_t *)&s->rescan);
	uv_timer_init(loop, &s->due_timer);
	uv_unref((uv_handle_t *)&s->back);
	uv_unref((uv_handle_t *)&s->due_timer);
	turns_open(&s->turns, loop);
	serve_metrics_open(s);
	serve_open_signals(s);
	notify_start(loop, s->session.store);
	s->round_began = uv_now(loop);
	if (store_get_complaints(s->session.store, told_before, s))
		(void)fail(0, "out of memory");
	if (serve_due_open(s, &e)) {
		s->code = fail(EXIT_BUG, "%s", e.text);
		s->state = SERVE_STOPPING;
		end(s);
	} else {
		serve_open_socket(s);
		begin(s);
	}
	uv_run(loop, UV_RUN_DEFAULT);
	session_close(&s->session);
	turns_text(&s->turns, line);
	if (s->options->verbose)
		fprintf(stderr, "%s\n", line);
	serve_free_socket(s);
	serve_due_close(s);
	code = s->code ? s->code : s->flushed ? EXIT_NO_WRITE : EXIT_DONE;
	serve_metrics_end(s, code);
	setup_release(&s->next); /* a reload was under way */
	setup_release(&s->own);
	return code;
}

int command_serve(const struct options *options, const struct config *config, const struct shape *shape)
{
	CLEANUP(roots_release) struct roots roots = {NULL, 0};
	struct serve s = {.options = options, .roots = &roots, .config = config, .shape = shape};
	struct error e;
	enum err r = roots_open(config, options->args, options->arg_count, &roots, &e);
	int code;

	if (r)
		return fail(r == ERR_INVALID ? EXIT_USAGE : EXIT_NO_FOLDER, "%s", e.text);
	if (report_new(options, &s.report, &e))
		return fail(EXIT_NO_CREATE, "%s", e.text);
	if (roots.count > 1)
		report_name_roots(s.report);
	serve_metrics_start(&s);
	/* what could not be done confined; without it everything else goes on */
	if (web_sockets_open(config, &s.sockets, &e))
		(void)fail(0, "%s", e.text);
	code = confine_command(options, config, &roots);
	if (!code)
		code = run(&s);
	web_sockets_close(&s.sockets);
	report_free(s.report);
	return code;
}
