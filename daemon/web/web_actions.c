/* SPDX-License-Identifier: MIT */
#include "web_actions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "act/act.h"
#include "base/text.h"
#include "base/url.h"
#include "web.h"
#include "web_groups.h"

enum {
	ANSWER_MS = 1000, /* so long a person is kept waiting for what comes of it */
	WHAT_MAX = 16 * 1024,
	BACK_MAX = 8 * 1024,
	NAME_MAX_SHOWN = 120,
	TIME_TEXT = 32,
};

struct actions;
struct said;

/* A request that waits for its answer; it is told when it is gone, which may be long after that. */
struct wait {
	struct said *said; /* NULL: it was answered */
	struct web_request *request;
};

/* One that was asked for. */
struct said {
	struct actions *actions;
	uint64_t number;    /* 0: none yet */
	struct act *act;    /* under way; NULL */
	struct wait *wait;  /* NULL: nobody waits */
	uint64_t answer_at; /* uv_now() */
	char *back;
	char name[NAME_MAX_SHOWN]; /* of what it is about */
	char text[WEB_SAID_MAX + 1];
	/* what was met on the way: the first of each */
	char problem[200], put_off[200];
	uint64_t problems;
};

struct actions {
	struct web *web;
	struct acts *acts;
	uv_timer_t timer;
	uint64_t last;
	struct said ring[ACTS_MAX];
};

static const char *time_text(int64_t when, char buf[TIME_TEXT])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, TIME_TEXT, "%Y-%m-%d %H:%M:%S UTC", &tm))
		(void)snprintf(buf, TIME_TEXT, "%" PRId64, when);
	return buf;
}

/* What is too long is cut. */
static void put(char *to, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void put(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(to, size, fmt, ap);
	va_end(ap);
}

static const char *s_of(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- the answer ---- */

/* What a Location may hold as it is; the rest, which a page would not have left so, is escaped. */
static enum err add_escaped(struct strbuf *to, const char *text)
{
	enum err r = ERR_OK;

	for (const unsigned char *p = (const unsigned char *)text; *p && *p != '#' && !r; p++) {
		if (*p > 0x20 && *p < 0x7f && !strchr("\"<>\\^`{|}", *p))
			r = strbuf_add(to, p, 1);
		else
			r = strbuf_addf(to, "%%%02X", *p);
	}
	return r;
}

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.';
}

/* What is not text, and what was cut inside a character, is marked; what no page shows is left out. */
static enum err add_text(const char *text, struct strbuf *to)
{
	CLEANUP(strbuf_release) struct strbuf good = STRBUF_INIT(8 * WEB_SAID_MAX);
	enum err r = text_utf8_repair(span_str(text), &good);

	for (const unsigned char *p = (const unsigned char *)strbuf_cstr(&good); *p && !r; p++) {
		if (p[0] == 0xc2 && (p[1] & 0xe0) == 0x80)
			p++;
		else if (*p < 0x20 || *p == 0x7f)
			r = strbuf_add_str(to, "%20");
		else
			r = is_plain(*p) ? strbuf_add(to, p, 1) : strbuf_addf(to, "%%%02X", *p);
	}
	return r;
}

/* Where to go, without what an earlier answer added. */
static enum err location(const struct said *s, struct strbuf *to)
{
	const char *back = s->back ? s->back : "/", *query = strchr(back, '?');
	CLEANUP_FREE char *path = query ? strndup(back, (size_t)(query - back)) : strdup(back);
	CLEANUP_FREE char *rest = query ? strdup(query + 1) : NULL;
	char *save = NULL;
	char mark = '?';
	enum err r = path && (rest || !query) ? add_escaped(to, path) : ERR_NOMEM;

	for (char *pair = rest ? strtok_r(rest, "&", &save) : NULL; pair && !r;
	     pair = strtok_r(NULL, "&", &save)) {
		if (strncmp(pair, "said=", 5) == 0)
			continue;
		r = strbuf_add(to, &mark, 1);
		if (!r)
			r = add_escaped(to, pair);
		mark = '&';
	}
	if (!r)
		r = strbuf_addf(to, "%csaid=", mark);
	return r ? r : add_text(s->text, to);
}

static void answer(struct said *s, struct web_request *r)
{
	CLEANUP(strbuf_release) struct strbuf to = STRBUF_INIT(4 * BACK_MAX);

	if (location(s, &to))
		web_answer_see(r, "/");
	else
		web_answer_see(r, strbuf_cstr(&to));
}

static void gone(void *data)
{
	struct wait *wait = data;

	if (wait->said)
		wait->said->wait = NULL;
	free(wait);
}

static void answer_wait(struct said *s)
{
	struct web_request *r = s->wait->request;

	s->wait->said = NULL;
	s->wait = NULL;
	answer(s, r);
}

static void on_timer(uv_timer_t *h);

static void set_timer(struct actions *a)
{
	uint64_t now = uv_now(a->timer.loop), next = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(a->ring); i++)
		if (a->ring[i].wait)
			next = MIN(next, a->ring[i].answer_at);
	if (next != UINT64_MAX)
		uv_timer_start(&a->timer, on_timer, next > now ? next - now : 0, 0);
}

static void on_timer(uv_timer_t *h)
{
	struct actions *a = CONTAINER_OF(h, struct actions, timer);
	uint64_t now = uv_now(h->loop);

	for (size_t i = 0; i < ARRAY_SIZE(a->ring); i++)
		if (a->ring[i].wait && a->ring[i].answer_at <= now)
			answer_wait(&a->ring[i]);
	set_timer(a);
}

/* It is over; text says how. */
static void over(struct said *s)
{
	if (s->wait)
		answer_wait(s);
}

/* ---- what came of it ---- */

static void on_problem(void *arg, const struct ticket_problem *p)
{
	struct said *s = arg;

	if (!s->problems++)
		put(s->problem, sizeof(s->problem), "%.*s%s%.*s: %s", (int)MIN(p->path.len, 80),
		    p->path.ptr ? p->path.ptr : "", p->url.ptr ? ": " : "", (int)MIN(p->url.len, 100),
		    p->url.ptr ? p->url.ptr : "", p->text);
}

static void on_document(void *arg, const struct ticket_document *d)
{
	struct said *s = arg;
	const char *why = d->error ? d->error : d->url_error ? d->url_error : "it is worked on by somebody";
	char when[TIME_TEXT];

	if (!d->put_off || *s->put_off)
		return;
	if (d->next && d->next < INT64_MAX)
		put(s->put_off, sizeof(s->put_off), "put off until %s: %.200s", time_text(d->next, when),
		    why);
	else
		put(s->put_off, sizeof(s->put_off), "put off: %.200s", why);
}

static void refreshed(void *arg, const struct ticket_counts *n)
{
	struct said *s = arg;

	if (!n->documents)
		put(s->text, sizeof(s->text), "%s: no such document", s->name);
	else if (!n->asked && !s->problems)
		put(s->text, sizeof(s->text),
		    "%s: not asked for: no document misses anything that it could give", s->name);
	else
		put(s->text, sizeof(s->text), "%s: asked again: %" PRIu64 " document%s changed%s%s%s%s",
		    s->name, n->changed, s_of(n->changed), *s->put_off ? "; " : "", s->put_off,
		    s->problems ? "; " : "", s->problem);
	over(s);
}

static void on_undone(void *arg, const struct undo_document *d)
{
	if (d->error)
		on_problem(arg, &(struct ticket_problem){.path = d->path, .text = d->error->text});
}

static void undone(void *arg, const struct undo_counts *n, const struct error *failed)
{
	struct said *s = arg;
	char kept[80] = "";

	if (n->kept)
		(void)snprintf(kept, sizeof(kept), "; %" PRIu64 " value%s changed since and stay%s", n->kept,
			       n->kept == 1 ? " was" : "s were", n->kept == 1 ? "s" : "");
	put(s->text, sizeof(s->text),
	    "%s: taken back: %" PRIu64 " value%s in %" PRIu64 " document%s%s%s%s%s%.200s", s->name, n->fields,
	    s_of(n->fields), n->documents, s_of(n->documents), kept, s->problems ? "; " : "", s->problem,
	    failed ? "; " : "", failed ? failed->text : "");
	over(s);
}

static void forgotten(void *arg, int64_t records)
{
	struct said *s = arg;

	if (records < 0)
		put(s->text, sizeof(s->text), "%s: not all could be forgotten", s->name);
	else
		put(s->text, sizeof(s->text), "%s: %" PRId64 " record%s forgotten", s->name, records,
		    s_of((uint64_t)records));
	over(s);
}

/* ---- what is meant ---- */

/* Absolute. A path inside a content folder is looked for in each. */
static enum err document_path(const struct actions *a, const char *what, struct strbuf *ret, struct error *e)
{
	const struct roots *roots = web_context(a->web)->roots;
	const struct root *in = NULL;

	if (*what == '/')
		return strbuf_add_str(ret, what);
	for (size_t i = 0; i < roots->count && !in; i++)
		if (roots->count == 1 || !faccessat(roots->at[i].fd, what, F_OK, AT_SYMLINK_NOFOLLOW))
			in = &roots->at[i];
	if (!in)
		return err_set(e, ERR_NOTFOUND, "there is no such document");
	return strbuf_addf(ret, "%s/%s", in->path, what);
}

static enum err refresh(struct said *s, const char *kind, const char *what, struct error *e)
{
	static const struct act_calls calls = {on_document, on_problem, refreshed};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	CLEANUP(strbuf_release) struct strbuf path = STRBUF_INIT(2 * WHAT_MAX);
	struct act_once once = {.again = true};
	struct span host = span_str(what);
	const char *paths[1];
	struct url url;
	int64_t until;
	char when[TIME_TEXT];
	enum err r = ERR_OK;

	if (strcmp(kind, "document") == 0) {
		r = document_path(s->actions, what, &path, e);
		paths[0] = r ? NULL : strbuf_cstr(&path);
		once.paths = paths;
		once.path_count = 1;
	} else if (strcmp(kind, "url") == 0) {
		r = url_parse(span_str(what), NULL, &arena, &url, e);
		once.url = r ? NULL : arena_strdup(&arena, url_key(&url));
		if (!r && !once.url)
			r = err_set(e, ERR_NOMEM, "out of memory");
		host = r ? SPAN_NONE : url.host;
	} else {
		once.host = what;
	}
	if (r)
		return r;
	until = once.path_count ? 0 : fetcher_blocked_until(web_context(s->actions->web)->fetcher, host);
	if (until)
		put(s->text, sizeof(s->text), "%s: will be asked again, not before %s", s->name,
		    time_text(until, when));
	else
		put(s->text, sizeof(s->text), "%s: is being asked again, in its turn", s->name);
	return act_once(s->actions->acts, &once, &calls, s, &s->act, e);
}

static enum err undo(struct said *s, const char *kind, const char *what, struct error *e)
{
	static const struct undo_calls calls = {on_undone, undone, NULL};
	CLEANUP(strbuf_release) struct strbuf path = STRBUF_INIT(2 * WHAT_MAX);
	struct act_undo wish = {.run = 0};
	const char *paths[1];
	uint64_t run = 0;
	enum err r = ERR_OK;

	if (strcmp(kind, "document") == 0) {
		r = document_path(s->actions, what, &path, e);
		paths[0] = r ? NULL : strbuf_cstr(&path);
		wish.paths = paths;
		wish.path_count = 1;
	} else if (strcmp(kind, "host") == 0) {
		wish.host = what;
	} else if (*what && (!span_to_uint(span_str(what), INT64_MAX, &run) || !run)) {
		r = err_set(e, ERR_INVALID, "that is no run's number");
	}
	if (r)
		return r;
	wish.run = (int64_t)run;
	put(s->text, sizeof(s->text), "%s: is being taken back", s->name);
	return act_undo(s->actions->acts, &wish, &calls, s, &s->act, e);
}

static enum err forget(struct said *s, const char *kind, const char *what, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	CLEANUP(strbuf_release) struct strbuf path = STRBUF_INIT(2 * WHAT_MAX);
	bool document = strcmp(kind, "document") == 0;
	const char *names[1] = {what};
	struct span key;
	enum err r = document ? document_path(s->actions, what, &path, e) : ERR_OK;

	if (r)
		return r;
	if (document)
		names[0] = strbuf_cstr(&path);
	else if (act_kind(span_str(what), &arena, &key) != (strcmp(kind, "url") == 0 ? ACT_URL : ACT_HOST))
		return err_set(e, ERR_INVALID, "that is no %s", kind);
	put(s->text, sizeof(s->text), "%s: is being forgotten", s->name);
	return act_forget(s->actions->acts, names, 1, forgotten, s, &s->act, e);
}

/* ---- forms ---- */

/* The one that has been there for longest and is over. */
static struct said *new_said(struct actions *a)
{
	struct said *s = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(a->ring); i++)
		if (!a->ring[i].act && !a->ring[i].wait && (!s || a->ring[i].number < s->number))
			s = &a->ring[i];
	if (!s)
		return NULL;
	free(s->back);
	*s = (struct said){.actions = a, .number = ++a->last};
	return s;
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	while (*kinds && strcmp(*kinds, kind) != 0)
		kinds++;
	return *kinds != NULL;
}

static bool hold(struct said *s, struct web_request *r)
{
	s->wait = malloc(sizeof(*s->wait));
	if (!s->wait)
		return false;
	*s->wait = (struct wait){s, r};
	s->answer_at = uv_now(s->actions->timer.loop) + ANSWER_MS;
	web_hold(r, s->wait, gone);
	set_timer(s->actions);
	return true;
}

static void take(struct web_request *r, const char *const *kinds,
		 enum err (*begin)(struct said *s, const char *kind, const char *what, struct error *e))
{
	struct actions *a = web_group_of(r);
	const char *kind = web_form(r, "kind"), *what = web_form(r, "what"), *back = web_form(r, "back");
	struct said *s;
	struct error e;

	if (!kind || !is_one_of(kind, kinds) || !what || (!*what && strcmp(kind, "run") != 0) ||
	    strlen(what) > WHAT_MAX || strpbrk(what, "\r\n")) {
		web_refuse(r, 400, "the form lacks what it is about");
		return;
	}
	s = new_said(a);
	if (!s) {
		web_refuse(r, 503, "too much is under way; try again later");
		return;
	}
	/* one slash: two would name another server */
	if (back && back[0] == '/' && back[1] != '/' && back[1] != '\\' && strlen(back) <= BACK_MAX)
		s->back = strdup(back);
	if (*what)
		put(s->name, sizeof(s->name), "%s%.110s", strcmp(kind, "run") == 0 ? "run " : "", what);
	else
		put(s->name, sizeof(s->name), "the last run");
	if (begin(s, kind, what, &e)) {
		put(s->text, sizeof(s->text), "%s: %.400s", s->name, e.text);
		answer(s, r);
	} else if (!s->act || !hold(s, r)) {
		answer(s, r); /* it is over already, or nobody can wait for it */
	}
}

static void on_refresh(struct web *w, struct web_request *r)
{
	(void)w;
	take(r, (const char *const[]){"document", "url", "host", NULL}, refresh);
}

static void on_undo(struct web *w, struct web_request *r)
{
	(void)w;
	take(r, (const char *const[]){"document", "host", "run", NULL}, undo);
}

static void on_forget(struct web *w, struct web_request *r)
{
	(void)w;
	take(r, (const char *const[]){"document", "url", "host", NULL}, forget);
}

static const struct web_route routes[] = {
	{"POST", "/act/refresh", on_refresh, true},
	{"POST", "/act/undo", on_undo, true},
	{"POST", "/act/forget", on_forget, true},
	{.path = NULL},
};

/* ---- the group ---- */

static enum err start(struct web *w, void **group, struct error *e)
{
	struct actions *a = calloc(1, sizeof(*a));

	if (!a)
		return err_set(e, ERR_NOMEM, "out of memory");
	a->web = w;
	a->acts = web_context(w)->acts;
	uv_timer_init(web_context(w)->loop, &a->timer);
	uv_unref((uv_handle_t *)&a->timer);
	*group = a;
	return ERR_OK;
}

static void stop(void *group)
{
	struct actions *a = group;

	for (size_t i = 0; i < ARRAY_SIZE(a->ring); i++) {
		if (a->ring[i].act)
			act_leave(a->ring[i].act);
		if (a->ring[i].wait)
			a->ring[i].wait->said = NULL;
	}
	uv_close((uv_handle_t *)&a->timer, NULL);
}

static void free_group(void *group)
{
	struct actions *a = group;

	for (size_t i = 0; i < ARRAY_SIZE(a->ring); i++)
		free(a->ring[i].back);
	free(a);
}

const struct web_group web_actions_group = {
	.name = "actions",
	.routes = routes,
	.start = start,
	.stop = stop,
	.free = free_group,
};
