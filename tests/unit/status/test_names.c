/* SPDX-License-Identifier: MIT */
/* The dashboard, the alert rules and the documentation name only metrics, labels and values that there are.
 */
#include "unit/rows.h"

#include "status/metrics.h"

static const struct row {
	const char *name, *file;
	size_t least; /* names in it: it is not empty, and this test reads it */
} rows[] = {
	{"dashboard", "/../config/grafana-dashboard.json", 20},
	{"alert rules", "/../config/alerts.yaml", 9},
	{"their test", "/../config/alerts-test.yaml", 9},
};

static const struct metric *find(struct span name)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		const struct metric *m = &metric_table[i];
		size_t n = strlen(m->name);
		struct span rest;

		if (name.len < n || memcmp(name.ptr, m->name, n) != 0)
			continue;
		rest = span_sub(name, n, name.len);
		if (m->kind == METRIC_IS_HISTOGRAM
			    ? span_eq(rest, SPAN("_bucket")) || span_eq(rest, SPAN("_sum")) ||
				      span_eq(rest, SPAN("_count"))
			    : !rest.len)
			return m;
	}
	return NULL;
}

static void check_value(const struct metric *m, struct span label, struct span value)
{
	if (span_eq(label, SPAN("instance")) || span_eq(label, SPAN("job")))
		return;
	if (span_eq(label, SPAN("le"))) {
		char buf[40], bound[40];
		bool found = span_eq(value, SPAN("+Inf"));

		assert_int_equal(m->kind, METRIC_IS_HISTOGRAM);
		(void)snprintf(buf, sizeof(buf), "%.*s", SPAN_ARG(value));
		for (size_t i = 0; m->bounds[i] > 0 && !found; i++) {
			(void)snprintf(bound, sizeof(bound), "%g", m->bounds[i]);
			found = strcmp(buf, bound) == 0;
		}
		if (!found)
			fail_msg("%s has no bucket '%s'", m->name, buf);
		return;
	}
	if (!m->label || !span_eq_str(label, m->label))
		fail_msg("%s has no label '%.*s'", m->name, SPAN_ARG(label));
	while (value.len) {
		struct span one = span_split(&value, '|');
		bool found = false;

		for (size_t i = 0; m->values[i] && !found; i++)
			found = span_eq_str(one, m->values[i]);
		if (!found)
			fail_msg("%s has no %s '%.*s'", m->name, m->label, SPAN_ARG(one));
	}
}

/* {a="b", c=~"d|e"}; in JSON the quotes have backslashes before them. */
static void check_labels(const struct metric *m, struct span s)
{
	while (s.len) {
		struct span label = span_trim(span_split(&s, '"')), value = span_split(&s, '"');

		while (label.len && (*label.ptr == ',' || *label.ptr == ' '))
			label = span_sub(label, 1, label.len);
		while (label.len && strchr("=!~\\", label.ptr[label.len - 1]))
			label = span_sub(label, 0, label.len - 1);
		if (value.len && value.ptr[value.len - 1] == '\\')
			value = span_sub(value, 0, value.len - 1);
		if (label.len)
			check_value(m, label, value);
	}
}

static size_t check(struct span text, struct span prefix)
{
	size_t found = 0;

	for (ptrdiff_t at; (at = span_find(text, prefix)) >= 0;) {
		struct span name;
		const struct metric *m;
		bool begins = at == 0 || !(byte_is_alnum(text.ptr[at - 1]) || text.ptr[at - 1] == '_');
		size_t n = 0;

		text = span_sub(text, (size_t)at, text.len);
		while (n < text.len && (byte_is_alnum(text.ptr[n]) || text.ptr[n] == '_'))
			n++;
		name = span_sub(text, 0, n);
		text = span_sub(text, n, text.len);
		if (!begins)
			continue;
		m = find(name);
		if (!m)
			fail_msg("there is no metric '%.*s'", SPAN_ARG(name));
		found++;
		if (text.len && *text.ptr == '{')
			check_labels(m, span_sub(text, 1, (size_t)MAX(span_find_byte(text, '}'), 1)));
	}
	return found;
}

static void names(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(1 << 20);
	char path[500];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s%s", TESTS_DIR, row->file);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(strbuf_reserve(&text, 1 << 19), ERR_OK);
	text.len = fread(text.ptr, 1, 1 << 19, f);
	fclose(f);
	assert_true(text.len > 0 && text.len < 1 << 19);
	assert_true(check(strbuf_span(&text), SPAN("ingestd_")) >= row->least);
	(void)check(strbuf_span(&text), SPAN("process_"));
}

int main(void)
{
	return RUN_ROWS("metrics/names", rows, names);
}
