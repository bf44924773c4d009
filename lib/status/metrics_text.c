/* SPDX-License-Identifier: MIT */
/* metrics_text.c - the text format of Prometheus: prometheus.io/docs/instrumenting/exposition_formats. */
#include <math.h>

#include "status/metrics.h"

/* Whole numbers as such: a count beyond 10^6 is not to lose its last digits. */
static enum err add_number(struct strbuf *out, double n)
{
	if (n == floor(n) && fabs(n) < 9007199254740992.0)
		return strbuf_addf(out, "%.0f\n", n);
	return strbuf_addf(out, "%.9g\n", n);
}

static enum err add_histogram(const struct metric *metric, const double *at, struct strbuf *out)
{
	double sum = 0;
	enum err r = ERR_OK;
	size_t i = 0;

	for (; metric->bounds[i] > 0 && !r; i++) {
		sum += at[i];
		r = strbuf_addf(out, "%s_bucket{le=\"%g\"} ", metric->name, metric->bounds[i]);
		if (!r)
			r = add_number(out, sum);
	}
	sum += at[i];
	if (!r)
		r = strbuf_addf(out, "%s_bucket{le=\"+Inf\"} ", metric->name);
	if (!r)
		r = add_number(out, sum);
	if (!r)
		r = strbuf_addf(out, "%s_sum ", metric->name);
	if (!r)
		r = add_number(out, at[METRIC_SLOTS - 1]);
	if (!r)
		r = strbuf_addf(out, "%s_count ", metric->name);
	return r ? r : add_number(out, sum);
}

static enum err add_values(const struct metric *metric, const double *at, struct strbuf *out)
{
	enum err r = ERR_OK;

	if (!metric->values) {
		r = strbuf_addf(out, "%s ", metric->name);
		return r ? r : add_number(out, at[0]);
	}
	/* values are words of the table: nothing in them to escape */
	for (size_t i = 0; metric->values[i] && !r; i++) {
		r = strbuf_addf(out, "%s{%s=\"%s\"} ", metric->name, metric->label, metric->values[i]);
		if (!r)
			r = add_number(out, at[i]);
	}
	return r;
}

enum err metrics_text(const struct metrics *m, bool live, struct strbuf *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};
	enum err r = ERR_OK;

	for (size_t i = 0; i < METRIC_COUNT && !r; i++) {
		const struct metric *metric = &metric_table[i];

		if ((metric->live && !live) || (metric->kind == METRIC_IS_GAUGE && !m->known[i]))
			continue;
		r = strbuf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
				kinds[metric->kind]);
		if (!r && metric->kind == METRIC_IS_HISTOGRAM)
			r = add_histogram(metric, m->at[i], out);
		else if (!r)
			r = add_values(metric, m->at[i], out);
	}
	return r;
}
