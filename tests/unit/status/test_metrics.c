/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "status/metrics.h"

static bool is_name(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz_") == strlen(s);
}

/* What promtool asks of names and types, and what fits the struct. */
static void conventions(void **state)
{
	(void)state;
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		const struct metric *m = &metric_table[i];
		struct span name = span_str(m->name);
		size_t n = 0;

		assert_true(is_name(m->name));
		assert_true(strncmp(m->name, "ingestd_", 8) == 0 || strncmp(m->name, "process_", 8) == 0);
		assert_true(*m->help && !strpbrk(m->help, "\\\n") && m->help[strlen(m->help) - 1] == '.');
		assert_int_equal(m->kind == METRIC_IS_COUNTER, span_ends(name, SPAN("_total")));
		assert_int_equal(m->label != NULL, m->values != NULL);
		for (; m->values && m->values[n]; n++)
			assert_null(strpbrk(m->values[n], "\\\"\n"));
		if (m->kind == METRIC_IS_HISTOGRAM)
			assert_true(span_ends(name, SPAN("_seconds")) && !m->label);
		for (; m->bounds && m->bounds[n] > 0; n++)
			assert_true(!n || m->bounds[n] > m->bounds[n - 1]);
		/* a histogram has +Inf and the sum besides */
		assert_true(n + (m->bounds ? 2 : 0) <= METRIC_SLOTS);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(m->name, metric_table[j].name);
	}
}

static const char *text_of(const struct metrics *m, bool live, struct strbuf *out)
{
	strbuf_truncate(out, 0);
	assert_int_equal(metrics_text(m, live, out), ERR_OK);
	return strbuf_cstr(out);
}

static void numbers(void **state)
{
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(METRICS_TEXT_MAX);
	struct metrics m;
	const char *text;

	(void)state;
	metrics_init(&m);
	text = text_of(&m, true, &out);
	/* counters begin at 0; a gauge that nobody has set is not told */
	assert_non_null(strstr(text, "\ningestd_fetches_total{result=\"article\"} 0\n"));
	assert_non_null(strstr(text, "\ningestd_last_success_timestamp_seconds 0\n"));
	assert_null(strstr(text, "ingestd_documents{"));
	metrics_add(&m, METRIC_FETCHES, "article", 2);
	metrics_add(&m, METRIC_FETCHES, "a verdict that is to come", 3);
	metrics_set(&m, METRIC_LAST_SUCCESS, NULL, 1795972699);
	metrics_set(&m, METRIC_DOCUMENTS, "open", 7);
	metrics_observe(&m, METRIC_FETCH_SECONDS, 0.01);
	metrics_observe(&m, METRIC_FETCH_SECONDS, 0.2);
	metrics_observe(&m, METRIC_FETCH_SECONDS, 100);
	text = text_of(&m, true, &out);
	assert_non_null(strstr(text, "{result=\"article\"} 2\n"));
	assert_non_null(strstr(text, "{result=\"other\"} 3\n"));
	assert_non_null(strstr(text, "\ningestd_last_success_timestamp_seconds 1795972699\n"));
	assert_non_null(strstr(text, "\ningestd_documents{state=\"open\"} 7\n"));
	assert_non_null(strstr(text, "\n# TYPE ingestd_fetch_duration_seconds histogram\n"
				     "ingestd_fetch_duration_seconds_bucket{le=\"0.01\"} 1\n"
				     "ingestd_fetch_duration_seconds_bucket{le=\"0.03\"} 1\n"
				     "ingestd_fetch_duration_seconds_bucket{le=\"0.1\"} 1\n"
				     "ingestd_fetch_duration_seconds_bucket{le=\"0.25\"} 2\n"));
	assert_non_null(strstr(text, "ingestd_fetch_duration_seconds_bucket{le=\"60\"} 2\n"
				     "ingestd_fetch_duration_seconds_bucket{le=\"+Inf\"} 3\n"
				     "ingestd_fetch_duration_seconds_sum 100.21\n"
				     "ingestd_fetch_duration_seconds_count 3\n"));
	/* a file must not have what node_exporter says of itself */
	assert_null(strstr(text_of(&m, false, &out), "process_"));
	assert_non_null(strstr(strbuf_cstr(&out), "ingestd_fetches_total"));
}

/* What was written is read again; what is not ours, or no number of ours, is passed over. */
static void reading(void **state)
{
	CLEANUP(strbuf_release)
	struct strbuf first = STRBUF_INIT(METRICS_TEXT_MAX), second = STRBUF_INIT(METRICS_TEXT_MAX);
	struct metrics m, again;

	(void)state;
	metrics_init(&m);
	metrics_add(&m, METRIC_FETCHES, "article", 12345678901);
	metrics_add(&m, METRIC_FETCHES, "other", 1);
	metrics_set(&m, METRIC_LAST_SUCCESS, NULL, 1795972699);
	metrics_set(&m, METRIC_DOCUMENTS, "open", 7);
	metrics_set(&m, METRIC_PASS_SUCCEEDED, NULL, 0);
	for (int i = 0; i < 40; i++)
		metrics_observe(&m, METRIC_FETCH_SECONDS, i);
	metrics_observe(&m, METRIC_DATABASE_SECONDS, 0.002);
	assert_int_equal(metrics_text(&m, false, &first), ERR_OK);
	metrics_read(&again, strbuf_span(&first));
	assert_int_equal(metrics_text(&again, false, &second), ERR_OK);
	assert_string_equal(strbuf_cstr(&first), strbuf_cstr(&second));
	metrics_read(&again, SPAN("ingestd_writes 3\ningestd_fetches_total{result=\"article\"} NaN\n"
				  "ingestd_fetches_total{result=\"elsewhere\"} 4\n"
				  "ingestd_fetches_total{result=\"article} 4\ningestd_fetches_total 4\n"
				  "ingestd_documents_written_total -1\nprocess_open_fds 3\n\n# HELP\n"
				  "ingestd_fetch_duration_seconds_bucket{le=\"0.01\"} 9\n"
				  "ingestd_fetch_duration_seconds_bucket{le=\"0.03\"} 4\n"
				  "ingestd_last_success_timestamp_seconds 1e400\n"
				  "ingestd_write_conflicts_total 2"));
	assert_true(metrics_get(&again, METRIC_FETCHES, "article") + 0 == 0);
	assert_true(metrics_get(&again, METRIC_WRITES, NULL) + 0 == 0);
	assert_true(metrics_get(&again, METRIC_LAST_SUCCESS, NULL) + 0 == 0);
	assert_false(again.known[METRIC_DESCRIPTORS]);
	assert_true(metrics_get(&again, METRIC_CONFLICTS, NULL) == 2);
	/* buckets that fall are none that anybody wrote: they are not to give negative counts */
	assert_true(again.at[METRIC_FETCH_SECONDS][0] == 9 && again.at[METRIC_FETCH_SECONDS][1] + 0 == 0);
}

static const struct result_row {
	const char *name, *outcome;
	unsigned status;
	const char *verdict, *want;
} results[] = {
	{"a page", "page", 200, "paywall", "paywall"},
	{"still the same", "page", 304, "article", "unchanged"},
	{"a feed", "page", 200, "feed", "feed"},
	{"of another type", "not-html", 200, NULL, "not-html"},
	{"no answer", "timeout", 0, NULL, "timeout"},
	{"gone", "http-status", 410, NULL, "http-410"},
	{"another status", "http-status", 451, "challenge", "http-4xx"},
	{"the server's fault", "http-status", 503, NULL, "http-5xx"},
	{"no class of its own", "http-status", 204, NULL, "http-other"},
	{"put off", "none", 429, NULL, "put-off"},
	{"a page that could not be worked out", "page", 200, NULL, "other"},
};

static void result(void **state)
{
	const struct result_row *row = *state;

	assert_string_equal(metrics_fetch_result(row->outcome, row->status, row->verdict), row->want);
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(conventions), cmocka_unit_test(numbers),
					  cmocka_unit_test(reading)};

	return RUN_ROWS("metrics/result", results, result) |
	       cmocka_run_group_tests_name("metrics", more, NULL, NULL);
}
