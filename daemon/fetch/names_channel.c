/* SPDX-License-Identifier: MIT */
#include <sys/stat.h>

#include "names_inner.h"

enum {
	LOOK_MS = 5000, /* how often the system's files are looked at */
	TRIES = 2,
	BUFFER_BYTES = 1 << 20, /* answers to many names come at once */
};

static const char *const system_files[] = {"/etc/resolv.conf", "/etc/nsswitch.conf"};

/* ---- c-ares on the loop ---- */

static void on_timer(uv_timer_t *timer);

void names_set_timer(struct names *n)
{
	struct timeval tv, *left = n->has_channel ? ares_timeout(n->channel, NULL, &tv) : NULL;
	uint64_t ms = left ? (uint64_t)left->tv_sec * 1000 + (uint64_t)left->tv_usec / 1000 + 1 : 0;

	if (n->stopped)
		return;
	if (n->ready)
		ms = 1;
	if (ms)
		uv_timer_start(&n->timer, on_timer, ms, 0);
	else
		uv_timer_stop(&n->timer);
}

static void on_timer(uv_timer_t *timer)
{
	struct names *n = timer->data;

	if (n->has_channel)
		ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	names_tell_ready(n);
	names_set_timer(n);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct names_watch *w = CONTAINER_OF(poll, struct names_watch, poll);
	struct names *n = w->names;
	ares_socket_t s = w->socket;

	/* an error is read like an answer: c-ares then hears of it */
	ares_process_fd(n->channel, status < 0 || (events & UV_READABLE) ? s : ARES_SOCKET_BAD,
			events & UV_WRITABLE ? s : ARES_SOCKET_BAD);
	names_tell_ready(n);
	names_set_timer(n);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct names_watch *w = CONTAINER_OF((uv_poll_t *)handle, struct names_watch, poll);

	w->names->open_handles--;
	free(w);
}

static void on_socket_state(void *arg, ares_socket_t s, int readable, int writable)
{
	struct names *n = arg;
	struct names_watch **at = NULL, *w;
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	for (size_t i = 0; i < NAMES_SOCKETS_MAX; i++) {
		if (n->watches[i] && n->watches[i]->socket == s) {
			at = &n->watches[i];
			break;
		}
		if (!n->watches[i] && !at)
			at = &n->watches[i];
	}
	if (!at)
		return; /* what it asked then times out */
	w = *at;
	if (!events) {
		if (!w)
			return;
		*at = NULL;
		w->closing = true;
		uv_poll_stop(&w->poll); /* now: the number may be another socket's at once */
		uv_close((uv_handle_t *)&w->poll, on_watch_closed);
		return;
	}
	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w)
			return;
		if (uv_poll_init_socket(n->loop, &w->poll, s)) {
			free(w);
			return;
		}
		w->names = n;
		w->socket = s;
		n->open_handles++;
		*at = w;
	}
	uv_poll_start(&w->poll, events, on_poll);
}

/* ---- the channel ---- */

/* True: they are others than when they were read last. */
static bool files_changed(struct names *n)
{
	bool changed = false;

	for (size_t i = 0; i < ARRAY_SIZE(system_files); i++) {
		struct stat st;
		struct timespec t = {0, 0};

		if (stat(system_files[i], &st) == 0)
			t = st.st_mtim;
		changed |= t.tv_sec != n->changed[i].tv_sec || t.tv_nsec != n->changed[i].tv_nsec;
		n->changed[i] = t;
	}
	n->looked_at = uv_now(n->loop);
	return changed;
}

static unsigned count_servers(ares_channel channel)
{
	struct ares_addr_port_node *list = NULL;
	unsigned count = 0;

	if (ares_get_servers_ports(channel, &list) == ARES_SUCCESS)
		for (struct ares_addr_port_node *s = list; s; s = s->next)
			count++;
	ares_free_data(list);
	return MAX(count, 1u);
}

/* The last of TRIES rounds waits twice as long as the first; all of them together for limit_ms. */
static int open_channel(struct names *n, unsigned servers, ares_channel *ret)
{
	struct ares_options o = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
				 .timeout = (int)MAX(n->limit_ms / (3 * servers), 250u),
				 .tries = TRIES,
				 .socket_receive_buffer_size = BUFFER_BYTES,
				 .sock_state_cb = on_socket_state,
				 .sock_state_cb_data = n};
	int r = ares_init_options(ret, &o,
				  ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
					  ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB);

	if (r == ARES_SUCCESS && n->servers)
		r = ares_set_servers_ports_csv(*ret, n->servers);
	return r;
}

/* Not while something is asked: that would end it. */
bool names_ready_channel(struct names *n)
{
	ares_channel probe;
	unsigned servers;

	if (!n->has_channel || uv_now(n->loop) - n->looked_at > LOOK_MS)
		n->stale |= files_changed(n);
	if (n->has_channel && (!n->stale || n->asking))
		return true;
	if (n->has_channel)
		ares_destroy(n->channel);
	n->has_channel = n->stale = false;
	if (open_channel(n, 1, &probe) != ARES_SUCCESS)
		return false;
	servers = count_servers(probe);
	ares_destroy(probe);
	n->has_channel = open_channel(n, servers, &n->channel) == ARES_SUCCESS;
	return n->has_channel;
}
