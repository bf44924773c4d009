/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/look.h"

enum {
	LOOK_MS = 2000, /* a state that takes longer is told of next time */
	LOOK_BYTES = 8 * 1024 * 1024,
	FEEDS_MAX = 10000,
};

/* ---- what the state has ---- */

static bool is_ours(const struct roots *roots, struct span path)
{
	for (size_t i = 0; i < roots->count; i++)
		if (span_eq_str(path, roots->at[i].path))
			return true;
	return false;
}

static void add_documents(struct metrics *m, struct look *l, const struct roots *roots, struct arena *arena)
{
	struct look_tally *at;
	size_t count;

	if (look_tallies(l, arena, &at, &count, NULL))
		return;
	for (enum store_state s = 0; s < STORE_STATE_COUNT; s++)
		metrics_set(m, METRIC_DOCUMENTS, store_state_name(s), 0);
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
		metrics_set(m, METRIC_GAPS, field_name(f), 0);
	for (size_t i = 0; i < count; i++) {
		if (!is_ours(roots, at[i].root))
			continue;
		metrics_add(m, METRIC_DOCUMENTS, store_state_name(at[i].state), (double)at[i].count);
		for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
			if (at[i].missing >> f & 1)
				metrics_add(m, METRIC_GAPS, field_name(f), (double)at[i].count);
	}
}

static void add_feeds(struct metrics *m, struct look *l, struct arena *arena)
{
	struct store_poll *at;
	size_t count, failing = 0;

	if (look_polls(l, FEEDS_MAX, arena, &at, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++)
		failing += at[i].failures > 0;
	metrics_set(m, METRIC_FEEDS, "failing", (double)failing);
	metrics_set(m, METRIC_FEEDS, "well", (double)(count - failing));
}

void gather_state(struct metrics *m, const char *folder, const struct roots *roots)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(LOOK_BYTES);
	struct look *l;

	if (!folder || look_open(folder, &l, NULL))
		return;
	look_within(l, LOOK_MS);
	add_documents(m, l, roots, &arena);
	add_feeds(m, l, &arena);
	look_close(l);
}

/* ---- the file ---- */

void gather_read(struct metrics *m, const char *path)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(METRICS_TEXT_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = -1;

	if (fd >= 0 && !strbuf_reserve(&text, METRICS_TEXT_MAX))
		n = read(fd, text.ptr, METRICS_TEXT_MAX);
	if (fd >= 0)
		close(fd);
	metrics_read(m, n > 0 ? span_of(text.ptr, (size_t)n) : SPAN(""));
}

static enum err write_all(int fd, struct span s)
{
	while (s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		s = span_sub(s, (size_t)n, s.len);
	}
	return ERR_OK;
}

/* Not synced: after a power cut the next round writes it again, and a disk that is slow holds nobody up. */
static enum err replace(struct span text, const char *path, struct error *e)
{
	size_t n = strlen(path) + 32;
	char *temp = malloc(n); /* of another ending: the collector takes *.prom */
	enum err r = ERR_OK;
	int fd;

	if (!temp)
		return err_set(e, ERR_NOMEM, "out of memory");
	(void)snprintf(temp, n, "%s.ingestd-%ld", path, (long)getpid());
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write_all(fd, text) || rename(temp, path))
		r = err_set_errno(e, errno, "metrics-file: cannot write '%s'", path);
	if (fd >= 0)
		close(fd);
	if (r)
		(void)unlink(temp);
	free(temp);
	return r;
}

enum err gather_write(const struct metrics *m, const char *path, struct error *e)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(METRICS_TEXT_MAX);

	if (metrics_text(m, false, &text))
		return err_set(e, ERR_NOMEM, "metrics-file: out of memory");
	return replace(strbuf_span(&text), path, e);
}

/* ---- in the pool ---- */

struct gather {
	uv_work_t work;
	struct metrics metrics;
	struct gather_options options;
	struct strbuf text;
	enum err result;
	struct error error;
	char *folder, *path;
};

static void on_pool(uv_work_t *work)
{
	struct gather *g = CONTAINER_OF(work, struct gather, work);

	gather_state(&g->metrics, g->folder, g->options.roots);
	g->result = g->path ? gather_write(&g->metrics, g->path, &g->error)
			    : metrics_text(&g->metrics, true, &g->text);
}

static void on_gathered(uv_work_t *work, int status)
{
	struct gather *g = CONTAINER_OF(work, struct gather, work);

	(void)status;
	if (g->options.done)
		g->options.done(g->options.arg, g->result, g->error.text, &g->text);
	strbuf_release(&g->text);
	free(g->folder);
	free(g->path);
	free(g);
}

struct gather *gather_start(uv_loop_t *loop, const struct gather_options *options)
{
	struct gather *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->options = *options;
	g->metrics = *options->metrics;
	g->text = STRBUF_INIT(METRICS_TEXT_MAX);
	g->folder = options->folder ? strdup(options->folder) : NULL;
	g->path = options->path ? strdup(options->path) : NULL;
	if ((!options->path || g->path) && !uv_queue_work(loop, &g->work, on_pool, on_gathered))
		return g;
	free(g->folder);
	free(g->path);
	free(g);
	return NULL;
}

void gather_forget(struct gather *g)
{
	g->options.done = NULL;
}
