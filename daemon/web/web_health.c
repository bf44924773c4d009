/* SPDX-License-Identifier: MIT */
/* web_health.c - /healthz at once, /metrics with what the state has.
 *
 * However many ask at a time, the state is looked at by one: who comes meanwhile gets the same text. */
#include "report/gather.h"
#include "report/measure.h"
#include "web_groups.h"

struct asker {
	struct web_request *request;
	struct asker *next, **link;
};

struct collecting {
	struct web *web;
	struct gather *gather; /* under way */
	struct asker *askers;
};

static void leave(struct asker *a)
{
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	a->next = NULL;
	a->link = &a->next; /* so that it can be done again */
}

static void on_gone(void *data)
{
	leave(data);
	free(data);
}

static void on_text(void *arg, enum err r, const char *why, struct strbuf *text)
{
	struct collecting *c = arg;

	(void)why;
	c->gather = NULL;
	while (c->askers) {
		struct strbuf body = STRBUF_INIT(METRICS_TEXT_MAX);
		struct asker *a = c->askers;

		leave(a);
		if (!r && !strbuf_add_span(&body, strbuf_span(text)))
			web_answer(a->request, 200, METRICS_CONTENT_TYPE, &body);
		else
			web_answer_text(a->request, 500, "out of memory");
		strbuf_release(&body);
	}
}

static bool start_gathering(struct collecting *c)
{
	const struct serve_context *context = web_context(c->web);
	struct metrics now;
	const struct gather_options options = {
		.metrics = &now,
		.folder = context->options->state ? context->options->state : context->config->state,
		.roots = context->roots,
		.done = on_text,
		.arg = c,
	};

	measure_now(context, &now);
	metrics_set(&now, METRIC_CONNECTIONS, NULL, web_connections(c->web));
	c->gather = gather_start(context->loop, &options);
	return c->gather != NULL;
}

static void on_metrics(struct web *w, struct web_request *r)
{
	struct collecting *c = web_group_of(r);
	struct asker *a = calloc(1, sizeof(*a));

	(void)w;
	if (!a || (!c->gather && !start_gathering(c))) {
		free(a);
		web_answer_text(r, 500, "out of memory");
		return;
	}
	a->request = r;
	a->next = c->askers;
	if (a->next)
		a->next->link = &a->next;
	a->link = &c->askers;
	c->askers = a;
	web_hold(r, a, on_gone);
}

static void on_health(struct web *w, struct web_request *r)
{
	char why[WELL_WHY_MAX];
	bool well = measure_is_well(web_context(w), why);

	web_answer_text(r, well ? 200 : 503, "%s", why);
}

static const struct web_route routes[] = {
	{"GET", "/metrics", on_metrics, false},
	{"GET", "/healthz", on_health, false},
	{NULL, NULL, NULL, false},
};

static enum err start(struct web *w, void **group, struct error *e)
{
	struct collecting *c = calloc(1, sizeof(*c));

	if (!c)
		return err_set(e, ERR_NOMEM, "out of memory");
	c->web = w;
	*group = c;
	return ERR_OK;
}

static void stop(void *group)
{
	struct collecting *c = group;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(METRICS_TEXT_MAX);
	struct metrics now;

	if (!c->gather)
		return;
	gather_forget(c->gather);
	/* a reload is no gap in anybody's graph, but for what the state has */
	measure_now(web_context(c->web), &now);
	on_text(c, metrics_text(&now, true, &text), NULL, &text);
}

const struct web_group web_health_group = {
	.name = "health", .routes = routes, .start = start, .stop = stop, .free = free};
