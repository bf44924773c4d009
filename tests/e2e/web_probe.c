/* SPDX-License-Identifier: MIT */
/* web_probe.c - the program with routes of the tests' own in the place of the pages: what web.h promises to
 * every route, seen from outside. Defines web_groups[], so that web_groups.c is not linked. */
#include "daemon/web/web_groups.h"

static unsigned acted, waiting;

static void on_act(struct web *w, struct web_request *r)
{
	const char *what = web_form(r, "what");

	(void)w;
	acted++;
	web_answer_text(r, 200, "acted %u: %s", acted, what ? what : "nothing");
}

static void on_acted(struct web *w, struct web_request *r)
{
	(void)w;
	web_answer_text(r, 200, "%u", acted);
}

static void on_see(struct web *w, struct web_request *r)
{
	const char *to = web_query(r, "to");

	(void)w;
	web_answer_see(r, to ? to : "/");
}

static void on_gone(void *data)
{
	(*(unsigned *)data)--;
}

/* Nobody ever answers. */
static void on_never(struct web *w, struct web_request *r)
{
	(void)w;
	waiting++;
	web_hold(r, &waiting, on_gone);
}

static void on_waiting(struct web *w, struct web_request *r)
{
	(void)w;
	web_answer_text(r, 200, "%u", waiting);
}

/* A body of so many MiB. */
static void on_big(struct web *w, struct web_request *r)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(64 << 20);
	size_t n = (size_t)strtoul(web_rest(r), NULL, 10) << 20;

	(void)w;
	if (strbuf_reserve(&body, n)) {
		web_answer_text(r, 500, "out of memory");
		return;
	}
	memset(body.ptr, 'x', n);
	body.len = n;
	web_answer(r, 200, "text/plain", &body);
}

static const struct web_route routes[] = {
	{"POST", "/act", on_act, true},
	{"GET", "/acted", on_acted, false},
	{"GET", "/see", on_see, false},
	{"GET", "/never", on_never, false},
	{"GET", "/waiting", on_waiting, false},
	{"GET", "/big/", on_big, false},
	{NULL, NULL, NULL, false},
};

static const struct web_group probe = {.name = "probe", .routes = routes};

const struct web_group *const web_groups[] = {&web_health_group, &probe, NULL};
