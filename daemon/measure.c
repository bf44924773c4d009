/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve.h"

void measure_init(struct measure *m, int64_t now)
{
	metrics_init(&m->metrics);
	m->started = now;
}

/* What no event told of. */
static void add_counts(struct metrics *m, const struct report_counts *c)
{
	metrics_add(m, METRIC_FETCH_BYTES, NULL, (double)c->bytes);
	metrics_add(m, METRIC_CONFLICTS, NULL, (double)c->dropped);
	metrics_add(m, METRIC_REFUSALS, NULL, (double)c->refused);
}

void measure_round(struct measure *m, const struct report_counts *c, bool swept, int64_t now, uint64_t ms)
{
	add_counts(&m->metrics, c);
	if (!swept)
		return;
	metrics_set(&m->metrics, METRIC_DOCUMENTS, "complete", (double)c->complete);
	metrics_set(&m->metrics, METRIC_DOCUMENTS, "open", (double)c->open);
	metrics_set(&m->metrics, METRIC_DOCUMENTS, "refused", (double)c->refused);
	metrics_set(&m->metrics, METRIC_DOCUMENTS, "ignored", (double)c->ignored);
	metrics_set(&m->metrics, METRIC_LAST_PASS, NULL, (double)now);
	metrics_set(&m->metrics, METRIC_LAST_SUCCESS, NULL, (double)now);
	metrics_set(&m->metrics, METRIC_PASS_SUCCEEDED, NULL, 1);
	metrics_set(&m->metrics, METRIC_PASS_SECONDS, NULL, (double)ms / 1e3);
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

void measure_now(const struct serve_context *c, struct metrics *ret)
{
	const struct fetcher_counts f = fetcher_counts(c->fetcher);
	uint64_t running, queued, to_do;

	*ret = c->measure->metrics;
	add_counts(ret, report_counts(c->report));
	pass_progress(c->pass, &running, &queued, &to_do);
	metrics_set(ret, METRIC_QUEUE, "documents", (double)to_do);
	metrics_set(ret, METRIC_QUEUE, "fetching", f.running);
	metrics_set(ret, METRIC_QUEUE, "queued", f.queued);
	metrics_set(ret, METRIC_QUEUE, "waiting", f.waiting);
	metrics_set(ret, METRIC_NETWORK_DOWN, NULL, f.network_down);
	add_process(ret, c->measure->started);
}
