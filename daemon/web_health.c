/* SPDX-License-Identifier: MIT */
/* web_health.c - /metrics and /healthz. */
#include "measure.h"
#include "web_groups.h"

static void on_metrics(struct web *w, struct web_request *r)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(METRICS_TEXT_MAX);
	struct metrics m;

	measure_now(web_context(w), &m);
	metrics_set(&m, METRIC_CONNECTIONS, NULL, web_connections(w));
	if (metrics_text(&m, true, &body))
		web_answer_text(r, 500, "out of memory");
	else
		web_answer(r, 200, METRICS_CONTENT_TYPE, &body);
}

static void on_health(struct web *w, struct web_request *r)
{
	struct metrics m;

	measure_now(web_context(w), &m);
	if (!m.known[METRIC_LAST_PASS])
		web_answer_text(r, 503, "no pass over the documents has ended yet");
	else if (metrics_get(&m, METRIC_NETWORK_DOWN, NULL) > 0)
		web_answer_text(r, 503, "no host answers");
	else
		web_answer_text(r, 200, "ok");
}

const struct web_route web_health_routes[] = {
	{"GET", "/metrics", on_metrics, false},
	{"GET", "/healthz", on_health, false},
	{NULL, NULL, NULL, false},
};
