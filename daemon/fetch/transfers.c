/* SPDX-License-Identifier: MIT */
#include "transfers.h"

#include "lookup.h"
#include "sockets.h"

#include <stdio.h>

enum {
	WATCHDOG_MS = 5000, /* how often, and how much later than libcurl's own time limit */
};

/* One per socket that libcurl wants watched; freed by its close callback and nowhere else. */
struct watch {
	uv_poll_t poll;
	struct transfers *ts;
	curl_socket_t socket;
	int events; /* what is watched for */
	bool closing;
};

struct transfers {
	uv_loop_t *loop;
	CURLM *multi;
	struct transfer_setup setup;
	struct sockets sockets;
	struct guard_network *allow;
	uv_timer_t timer;  /* libcurl's */
	uv_timer_t reaper; /* ends those that libcurl cannot */
	struct transfer *first;
	uint64_t buffered;
	struct names *names;
	unsigned open_handles;
	bool stopped;
};

/* ---- ends ---- */

static void unlink_transfer(struct transfers *ts, struct transfer *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	*(t->prev ? &t->prev->next : &ts->first) = t->next;
	if (t->next)
		t->next->prev = t->prev;
	if (!ts->first)
		uv_timer_stop(&ts->reaper); /* or the loop would not run dry */
}

static void finish(struct transfers *ts, struct transfer *t, CURLcode code)
{
	unlink_transfer(ts, t);
	transfer_end(t, code);
	curl_multi_remove_handle(ts->multi, t->easy);
	t->calls->done(t->arg, t);
	transfer_free(t);
}

/* libcurl's message is gone once the handle is removed, so it is read first. */
static void drain(struct transfers *ts)
{
	int left;

	for (CURLMsg *m; !ts->stopped && (m = curl_multi_info_read(ts->multi, &left));) {
		CURLcode code = m->data.result;
		char *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		finish(ts, (struct transfer *)(void *)t, code);
	}
}

/* Every way into libcurl, socket or timer, so that no result is left unread. */
static void step(struct transfers *ts, curl_socket_t s, int events)
{
	int running; /* libcurl writes to it unasked */

	if (ts->stopped)
		return;
	(void)curl_multi_socket_action(ts->multi, s, events, &running);
	drain(ts);
}

static struct transfer *find_lost(const struct transfers *ts)
{
	for (struct transfer *t = ts->first; t; t = t->next)
		if (t->no_poll || t->unresolved || uv_now(ts->loop) > t->deadline)
			return t;
	return NULL;
}

/* Out of memory libcurl may forget a transfer, and a socket that libuv does not take is never heard of. */
static void on_reaper(uv_timer_t *timer)
{
	struct transfers *ts = timer->data;

	for (struct transfer *t; !ts->stopped && (t = find_lost(ts));)
		finish(ts, t, t->unresolved ? CURLE_COULDNT_RESOLVE_HOST : CURLE_OPERATION_TIMEDOUT);
}

/* ---- sockets and timers ---- */

static void on_timer(uv_timer_t *timer)
{
	step(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
	struct transfers *ts = arg;

	(void)multi;
	if (ts->stopped || ms < 0)
		return uv_timer_stop(&ts->timer), 0;
	/* 0 would run within the same turn in libuv before 1.48, for ever, and starve the sockets */
	uv_timer_start(&ts->timer, on_timer, ms ? (uint64_t)ms : 1, 0);
	return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *w = CONTAINER_OF(poll, struct watch, poll);
	int flags = 0;

	/* EPOLLERR comes as a status without events, and libuv has stopped the handle */
	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	step(w->ts, w->socket, flags);
	if (status < 0 && !w->closing) /* w lives: only its close callback frees it */
		uv_poll_start(poll, w->events, on_socket);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *w = CONTAINER_OF((uv_poll_t *)handle, struct watch, poll);

	w->ts->open_handles--;
	free(w);
}

static void unwatch(struct watch *w)
{
	if (w->closing)
		return;
	w->closing = true;
	uv_poll_stop(&w->poll); /* now: the number may be another socket's at once */
	uv_close((uv_handle_t *)&w->poll, on_watch_closed);
}

static struct watch *watch_new(struct transfers *ts, curl_socket_t s)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	if (uv_poll_init_socket(ts->loop, &w->poll, s)) {
		free(w);
		return NULL;
	}
	w->ts = ts;
	w->socket = s;
	ts->open_handles++;
	curl_multi_assign(ts->multi, s, w);
	return w;
}

/* Never reports an error: libcurl would leave the transfer in limbo. */
static int on_socket_wish(CURL *easy, curl_socket_t s, int what, void *arg, void *socket_arg)
{
	struct transfers *ts = arg;
	struct watch *w = socket_arg;
	char *t = NULL;

	if (what == CURL_POLL_REMOVE) {
		if (w) {
			curl_multi_assign(ts->multi, s, NULL);
			unwatch(w);
		}
		return 0;
	}
	if (!w)
		w = watch_new(ts, s);
	if (w) {
		w->events =
			(what != CURL_POLL_OUT ? UV_READABLE : 0) | (what != CURL_POLL_IN ? UV_WRITABLE : 0);
		if (uv_poll_start(&w->poll, w->events, on_socket) == 0)
			return 0;
	}
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
	if (t) {
		((struct transfer *)(void *)t)->no_poll = true;
		uv_timer_start(&ts->reaper, on_reaper, 1, WATCHDOG_MS);
	}
	return 0;
}

/* ---- life ---- */

static bool make_setup(struct transfers *ts, const struct transfers_options *o)
{
	const struct config *c = o->config;
	struct curl_slist *next;

	ts->allow = calloc(MAX(c->allow_network_count, (size_t)1), sizeof(*ts->allow));
	if (!ts->allow)
		return false;
	for (size_t i = 0; i < c->allow_network_count; i++) {
		memcpy(ts->allow[i].address, c->allow_networks[i].address, sizeof(ts->allow[i].address));
		ts->allow[i].prefix = c->allow_networks[i].prefix;
	}
	ts->setup.guard = (struct guard){ts->allow, c->allow_network_count, c->extra_ports,
					 c->extra_port_count, c->limits.url};
	ts->setup.buffered = &ts->buffered;
	ts->setup.sockets = &ts->sockets;
	ts->setup.connect_timeout_ms = o->connect_timeout_ms ? o->connect_timeout_ms : c->limits.connect_ms;
	ts->setup.low_speed_seconds =
		o->low_speed_seconds ? o->low_speed_seconds : (c->limits.slow_ms + 999) / 1000;
	ts->setup.limits = &c->limits;
	if (asprintf(&ts->setup.user_agent, "ingestd/%s%s%s%s", o->version, c->contact ? " (+" : "",
		     c->contact ? c->contact : "", c->contact ? ")" : "") < 0) {
		ts->setup.user_agent = NULL;
		return false;
	}
	next = curl_slist_append(NULL, "Accept: text/html, application/xhtml+xml;q=0.9, */*;q=0.1");
	if (!next)
		return false;
	ts->setup.fields = next;
	return curl_slist_append(ts->setup.fields, "Accept-Language: *") != NULL;
}

static bool make_multi(struct transfers *ts, unsigned at_once)
{
	ts->multi = curl_multi_init();
	return ts->multi && !curl_multi_setopt(ts->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish) &&
	       !curl_multi_setopt(ts->multi, CURLMOPT_SOCKETDATA, ts) &&
	       !curl_multi_setopt(ts->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish) &&
	       !curl_multi_setopt(ts->multi, CURLMOPT_TIMERDATA, ts) &&
	       /* a cache smaller than what runs throws every connection away */
	       !curl_multi_setopt(ts->multi, CURLMOPT_MAXCONNECTS, (long)MAX(2 * at_once, 64u));
}

enum err transfers_new(uv_loop_t *loop, const struct transfers_options *options, struct transfers **ret,
		       struct error *e)
{
	struct transfers *ts;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(e, ERR_NOMEM, "libcurl does not start");
	ts = calloc(1, sizeof(*ts));
	if (!ts) {
		curl_global_cleanup();
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	ts->loop = loop;
	if (!make_setup(ts, options) || !make_multi(ts, options->config->transfers) ||
	    names_new(loop, options->config->name_servers, ts->setup.connect_timeout_ms, &ts->names)) {
		transfers_free(ts);
		return err_set(e, ERR_NOMEM, "out of memory");
	}
	uv_timer_init(loop, &ts->timer);
	uv_timer_init(loop, &ts->reaper);
	ts->timer.data = ts->reaper.data = ts;
	ts->open_handles = 2;
	*ret = ts;
	return ERR_OK;
}

/* libcurl's time limit is for all of it, names too. False: out of memory. */
static bool add(struct transfers *ts, struct transfer *t)
{
	uint64_t now = uv_now(ts->loop), until = t->deadline - WATCHDOG_MS;

	return curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(until > now ? until - now : 1)) ==
		       CURLE_OK &&
	       !curl_multi_add_handle(ts->multi, t->easy);
}

static void on_looked_up(void *arg, struct transfer *t)
{
	struct transfers *ts = arg;

	t->calls->resolved(t->arg);
	if (t->unresolved) {
		finish(ts, t, CURLE_COULDNT_RESOLVE_HOST);
	} else if (!add(ts, t)) {
		t->no_memory = true;
		finish(ts, t, CURLE_OUT_OF_MEMORY);
	}
}

enum err transfers_start(struct transfers *ts, const struct transfer_request *request,
			 const struct transfer_calls *calls, void *arg, struct transfer **ret)
{
	struct transfer *t;
	enum lookup_state state;
	enum err err = transfer_new(&ts->setup, request, calls, arg, &t);

	if (err)
		return err;
	t->deadline = uv_now(ts->loop) + request->settings->timeout_ms + WATCHDOG_MS;
	err = lookup_start(ts->names, t, request, on_looked_up, ts, &state);
	if (!err && state == LOOKUP_DONE && !t->unresolved && !add(ts, t))
		err = ERR_NOMEM;
	if (err) {
		transfer_free(t);
		return err;
	}
	if (!ts->first || t->unresolved)
		uv_timer_start(&ts->reaper, on_reaper, t->unresolved ? 1 : WATCHDOG_MS, WATCHDOG_MS);
	t->queued = true;
	t->next = ts->first;
	if (t->next)
		t->next->prev = t;
	ts->first = t;
	*ret = t;
	return ERR_OK;
}

void transfers_cancel(struct transfers *ts, struct transfer *t)
{
	unlink_transfer(ts, t);
	curl_multi_remove_handle(ts->multi, t->easy);
	transfer_free(t);
}

const struct guard *transfers_guard(const struct transfers *ts)
{
	return &ts->setup.guard;
}

uint64_t transfers_buffered(const struct transfers *ts)
{
	return ts->buffered;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct transfers *ts = handle->data;

	ts->open_handles--;
}

void transfers_stop(struct transfers *ts)
{
	if (ts->stopped)
		return;
	while (ts->first)
		transfers_cancel(ts, ts->first);
	ts->stopped = true;
	names_stop(ts->names);
	/* closes the connections kept, and by on_socket_wish() what is still watched */
	curl_multi_cleanup(ts->multi);
	ts->multi = NULL;
	uv_close((uv_handle_t *)&ts->timer, on_timer_closed);
	uv_close((uv_handle_t *)&ts->reaper, on_timer_closed);
}

struct transfers *transfers_free(struct transfers *ts)
{
	if (!ts)
		return NULL;
	assert(ts->open_handles == 0);
	if (ts->multi)
		curl_multi_cleanup(ts->multi);
	sockets_release(&ts->sockets);
	names_free(ts->names);
	curl_slist_free_all(ts->setup.fields);
	free(ts->setup.user_agent);
	free(ts->allow);
	free(ts);
	curl_global_cleanup();
	return NULL;
}
