/* SPDX-License-Identifier: MIT */
/* metrics_read.c - what metrics_text() wrote: a run goes on counting where the one before ended. */
#include "status/metrics.h"

enum { LINE_MAX_BYTES = 512 };

/* A number of the text format; false: none, or none that we write. */
static bool read_number(struct span s, double *ret)
{
	char buf[40], *end;

	if (!s.len || s.len >= sizeof(buf) || !(byte_is_digit(*s.ptr) || *s.ptr == '-'))
		return false;
	memcpy(buf, s.ptr, s.len);
	buf[s.len] = 0;
	*ret = strtod(buf, &end);
	/* as whole numbers beyond it are no longer told apart; also no NaN, no infinity */
	return !*end && *ret >= 0 && *ret < 9007199254740992.0;
}

/* VALUE of {LABEL="VALUE"} */
static struct span value_of(struct span labels, const char *label)
{
	size_t n = strlen(label);

	if (labels.len < n + 5 || labels.ptr[0] != '{' || memcmp(labels.ptr + 1, label, n) != 0 ||
	    memcmp(labels.ptr + 1 + n, "=\"", 2) != 0 || memcmp(labels.ptr + labels.len - 2, "\"}", 2) != 0)
		return SPAN_NONE;
	return span_sub(labels, n + 3, labels.len - 2);
}

static bool has_value(const struct metric *metric, struct span value, size_t *slot)
{
	for (*slot = 0; metric->values[*slot]; ++*slot)
		if (span_eq_str(value, metric->values[*slot]))
			return true;
	return false;
}

/* Buckets are kept as they are written, sums of those before, until metrics_read() takes these apart. */
static void read_bucket(const struct metric *metric, double *at, struct span le, double n)
{
	size_t i = 0;
	double bound;

	if (span_eq(le, SPAN("+Inf"))) {
		while (metric->bounds[i] > 0)
			i++;
		at[i] = n;
		return;
	}
	if (!read_number(le, &bound))
		return;
	for (; metric->bounds[i] > 0; i++)
		if (metric->bounds[i] >= bound * 0.999999 && metric->bounds[i] <= bound * 1.000001)
			at[i] = n;
}

static void read_line(struct metrics *m, size_t id, struct span rest, double n)
{
	const struct metric *metric = &metric_table[id];
	size_t slot = 0;

	if (metric->kind == METRIC_IS_HISTOGRAM) {
		if (span_starts(rest, SPAN("_bucket")))
			read_bucket(metric, m->at[id], value_of(span_sub(rest, 7, rest.len), "le"), n);
		else if (span_eq(rest, SPAN("_sum")))
			m->at[id][METRIC_SLOTS - 1] = n;
		return;
	}
	if (metric->values ? !has_value(metric, value_of(rest, metric->label), &slot) : rest.len > 0)
		return;
	m->at[id][slot] = n;
	m->known[id] = true;
}

static void take_apart(const struct metric *metric, double *at)
{
	double before = 0;

	for (size_t i = 0;; i++) {
		double sum = MAX(at[i], before);

		at[i] = sum - before;
		before = sum;
		if (!(metric->bounds[i] > 0))
			return;
	}
}

/* The rest of a line behind the metric's name: labels, or what a histogram adds. */
static bool is_of(const struct metric *metric, struct span name, struct span *rest)
{
	size_t n = strlen(metric->name);

	if (name.len < n || memcmp(name.ptr, metric->name, n) != 0)
		return false;
	*rest = span_sub(name, n, name.len);
	return !rest->len || *rest->ptr == '{' || metric->kind == METRIC_IS_HISTOGRAM;
}

void metrics_read(struct metrics *m, struct span text)
{
	metrics_init(m);
	text = span_sub(text, 0, METRICS_TEXT_MAX);
	while (text.len) {
		struct span line = span_split(&text, '\n'), name = span_split(&line, ' '), rest;
		double n;

		if (name.len > LINE_MAX_BYTES || span_starts(name, SPAN("#")) || !read_number(line, &n))
			continue;
		for (size_t id = 0; id < METRIC_COUNT; id++)
			if (!metric_table[id].live && is_of(&metric_table[id], name, &rest))
				read_line(m, id, rest, n);
	}
	for (size_t id = 0; id < METRIC_COUNT; id++)
		if (metric_table[id].kind == METRIC_IS_HISTOGRAM)
			take_apart(&metric_table[id], m->at[id]);
	metrics_set(m, METRIC_BUILD_INFO, INGESTD_VERSION, 1);
}
