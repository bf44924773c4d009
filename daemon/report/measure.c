/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/serve.h"

enum { STILL_S = 600 }; /* besides the time that one hop may take */

void measure_init(struct measure *m, int64_t now)
{
	*m = (struct measure){.started = now};
	metrics_init(&m->metrics);
}

/* Once a turn of the loop, before it waits. */
static void on_turn(uv_prepare_t *h)
{
	struct measure *m = CONTAINER_OF(h, struct measure, prepare);

	if (m->metrics.events == m->signature)
		return;
	m->signature = m->metrics.events;
	m->moved = uv_now(h->loop);
}

void measure_open(struct measure *m, uv_loop_t *loop, const struct turns *turns)
{
	m->turns = turns;
	m->loop = loop;
	m->began = m->moved = uv_now(loop);
	uv_prepare_init(loop, &m->prepare);
	uv_prepare_start(&m->prepare, on_turn);
	uv_unref((uv_handle_t *)&m->prepare);
}

void measure_close(struct measure *m)
{
	uv_close((uv_handle_t *)&m->prepare, NULL);
}

/* What no event told of. */
static void add_counts(struct metrics *m, const struct report_counts *c)
{
	metrics_add(m, METRIC_FETCH_BYTES, NULL, (double)c->bytes);
	metrics_add(m, METRIC_CONFLICTS, NULL, (double)c->dropped);
	metrics_add(m, METRIC_REFUSALS, NULL, (double)c->refused);
}

void measure_counts(struct measure *m, const struct report_counts *c)
{
	add_counts(&m->metrics, c);
}

static void set_failed(struct measure *m, const char *why)
{
	m->failed = why != NULL;
	(void)snprintf(m->why, sizeof(m->why), "%s", why ? why : "");
}

void measure_pass(struct measure *m, const char *failed, int64_t now, uint64_t ms)
{
	set_failed(m, failed);
	if (m->loop)
		m->passed = uv_now(m->loop);
	metrics_set(&m->metrics, METRIC_LAST_PASS, NULL, (double)now);
	if (!failed)
		metrics_set(&m->metrics, METRIC_LAST_SUCCESS, NULL, (double)now);
	metrics_set(&m->metrics, METRIC_PASS_SUCCEEDED, NULL, !failed);
	metrics_set(&m->metrics, METRIC_PASS_SECONDS, NULL, (double)ms / 1e3);
}

void measure_part(struct measure *m, const char *failed)
{
	set_failed(m, failed);
}

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 3 ? n - 3 : 0; /* without ".", ".." and the folder itself */
}

/* proc(5), statm: pages in all, and those that are resident. */
static double resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[200] = "";
	const char *second;

	if (!f)
		return 0;
	second = fgets(line, sizeof(line), f) ? strchr(line, ' ') : NULL;
	fclose(f);
	return second ? strtod(second, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}

static void add_process(struct metrics *m, int64_t started)
{
	struct rusage used;
	struct rlimit limit;
	metrics_set(m, METRIC_START, NULL, (double)started);
	metrics_set(m, METRIC_DESCRIPTORS, NULL, open_descriptors());
	metrics_set(m, METRIC_MEMORY, NULL, resident_bytes());
	if (!getrusage(RUSAGE_SELF, &used))
		metrics_set(m, METRIC_CPU_SECONDS, NULL,
			    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
				    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		metrics_set(m, METRIC_DESCRIPTORS_MAX, NULL, (double)limit.rlim_cur);
}

/* Its buckets are by powers of two of a microsecond, some of which the table's are. */
static void add_turns(struct metrics *m, const struct turns *turns)
{
	const double *bounds = metric_table[METRIC_TURN_SECONDS].bounds;
	double *at = m->at[METRIC_TURN_SECONDS];
	size_t slot = 0;

	for (size_t i = 0; i < TURNS_BUCKETS; i++) {
		while (bounds[slot] > 0 && (double)(UINT64_C(1) << i) / 1e6 > bounds[slot] * 1.0001)
			slot++;
		at[slot] += (double)turns->count[i];
	}
	at[METRIC_SLOTS - 1] = (double)turns->sum / 1e6;
}

void measure_now(const struct serve_context *c, struct metrics *ret)
{
	const struct fetcher_counts f = fetcher_counts(c->fetcher);
	uint64_t running, queued, to_do;
	char why[WELL_WHY_MAX];

	*ret = c->measure->metrics;
	add_counts(ret, report_counts(c->report));
	pass_progress(c->pass, &running, &queued, &to_do);
	metrics_set(ret, METRIC_QUEUE, "documents", (double)to_do);
	metrics_set(ret, METRIC_QUEUE, "fetching", f.running);
	metrics_set(ret, METRIC_QUEUE, "queued", f.queued);
	metrics_set(ret, METRIC_QUEUE, "waiting", f.waiting);
	metrics_set(ret, METRIC_NETWORK_DOWN, NULL, f.network_down);
	metrics_set(ret, METRIC_HEALTHY, NULL, measure_is_well(c, why));
	if (c->measure->turns)
		add_turns(ret, c->measure->turns);
	add_process(ret, c->measure->started);
}

bool measure_is_well(const struct serve_context *c, char why[WELL_WHY_MAX])
{
	const struct measure *m = c->measure;
	const struct fetcher_counts f = fetcher_counts(c->fetcher);
	const struct well_facts facts = {
		.now = (int64_t)(uv_now(c->loop) / 1000),
		.started = (int64_t)(m->began / 1000),
		.last_pass = (int64_t)(m->passed / 1000),
		.failed = m->failed ? m->why : NULL,
		.network_down = f.network_down,
		.busy = !pass_is_idle(c->pass) || f.running || f.queued,
		.moved = (int64_t)(m->moved / 1000),
		.still_s = STILL_S + 2 * c->config->defaults.timeout_ms / 1000,
		.between_s = c->config->rescan_ms / 1000,
	};

	return well_is(&facts, why);
}
