/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <uthash.h>

#include "base/strbuf.h"

enum {
	LOOK_MS = 5000,     /* how often the system's files are looked at */
	NAME_MAX_LEN = 253, /* without a dot behind it */
	SOCKETS_MAX = 64,   /* that c-ares may have open: one a server, and TCP */
	ADDRESS_TEXT = INET6_ADDRSTRLEN + 2,
	TRIES = 2,
	BUFFER_BYTES = 1 << 20, /* answers to many names come at once */
};

struct names_wait {
	struct name *name;
	struct names_wait *prev, *next;
	names_done_fn *done;
	void *arg;
	uint64_t born; /* of names.births */
};

/* A name: asked for while it has waiters, else remembered. */
struct name {
	struct names *names;
	struct names_wait *first, *last;
	int64_t until; /* ms; of what is remembered */
	enum names_result result;
	const char *text;
	char (*addresses)[ADDRESS_TEXT];
	size_t count;
	bool asking; /* or answered, but nobody was told yet */
	struct name *next_ready;
	UT_hash_handle hh; /* in order of arrival: the oldest is forgotten first */
	char host[];
};

struct watch {
	uv_poll_t poll;
	struct names *names;
	ares_socket_t socket;
	bool closing;
};

struct names {
	uv_loop_t *loop;
	ares_channel channel;
	bool has_channel, stale, stopped;
	char *servers; /* for c-ares, NULL: the system's */
	unsigned limit_ms;
	struct name *table;
	unsigned asking;
	struct watch *watches[SOCKETS_MAX];
	uv_timer_t timer; /* c-ares' own, and to tell what is known without asking */
	unsigned open_handles;
	uint64_t looked_at; /* uv_now() */
	struct timespec changed[2];
	struct name *ready; /* answered, to be told at the next turn */
	uint64_t births;
};

static const char *const system_files[] = {"/etc/resolv.conf", "/etc/nsswitch.conf"};

static const char absent_text[] = "the name of the server does not resolve: there is no such name";
static const char no_address_text[] = "the name of the server does not resolve: it has no address";
static const char silent_text[] = "the name of the server does not resolve: the name servers do not answer";
static const char broken_text[] =
	"the name of the server does not resolve: what the name servers say is not readable";
static const char no_server_text[] = "the name of the server does not resolve: no name server has an answer";
static const char bad_text[] = "the name of the server does not resolve: no server can have such a name";

/* ---- those who wait ---- */

static void name_free(struct name *name)
{
	free(name->addresses);
	free(name);
}

static void answer_of(const struct name *name, struct names_answer *ret)
{
	*ret = (struct names_answer){.result = name->result, .text = name->text, .count = name->count};
	for (size_t i = 0; i < name->count; i++)
		ret->addresses[i] = span_str(name->addresses[i]);
}

/* The callbacks may ask for more, and forget others. */
static void tell(struct name *name)
{
	struct names_answer answer;
	uint64_t now = name->names->births;

	name->asking = false;
	answer_of(name, &answer);
	for (struct names_wait *w; (w = name->first) && w->born <= now;) {
		names_done_fn *done = w->done;
		void *arg = w->arg;

		names_forget(name->names, w);
		done(arg, &answer);
	}
}

static void set_answer(struct name *name, enum names_result result, const char *text, int64_t for_ms)
{
	name->result = result;
	name->text = text;
	name->until = (int64_t)uv_now(name->names->loop) + for_ms;
}

/* ---- c-ares on the loop ---- */

static void on_timer(uv_timer_t *timer);

static void set_timer(struct names *n)
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

static void tell_ready(struct names *n)
{
	struct name *list = n->ready;

	n->ready = NULL;
	for (struct name *name; (name = list) && !n->stopped;) {
		list = name->next_ready;
		tell(name);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct names *n = timer->data;

	if (n->has_channel)
		ares_process_fd(n->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	tell_ready(n);
	set_timer(n);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = CONTAINER_OF(poll, struct watch, poll);
	struct names *n = w->names;
	ares_socket_t s = w->socket;

	/* an error is read like an answer: c-ares then hears of it */
	ares_process_fd(n->channel, status < 0 || (events & UV_READABLE) ? s : ARES_SOCKET_BAD,
			events & UV_WRITABLE ? s : ARES_SOCKET_BAD);
	tell_ready(n);
	set_timer(n);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *w = CONTAINER_OF((uv_poll_t *)handle, struct watch, poll);

	w->names->open_handles--;
	free(w);
}

static void on_socket_state(void *arg, ares_socket_t s, int readable, int writable)
{
	struct names *n = arg;
	struct watch **at = NULL, *w;
	int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);

	for (size_t i = 0; i < SOCKETS_MAX; i++) {
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
static bool ready_channel(struct names *n)
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

/* ---- answers ---- */

static bool take_addresses(struct name *name, const struct ares_addrinfo *found, int64_t *ttl_ms)
{
	size_t room = 0;

	for (const struct ares_addrinfo_node *a = found->nodes; a; a = a->ai_next)
		room += room < NAMES_ADDRESSES_MAX;
	name->addresses = calloc(MAX(room, (size_t)1), sizeof(*name->addresses));
	name->count = 0;
	if (!name->addresses)
		return false;
	*ttl_ms = NAMES_TTL_MAX_MS;
	for (int pass = 0; pass < 2; pass++) {
		for (const struct ares_addrinfo_node *a = found->nodes; a && name->count < room;
		     a = a->ai_next) {
			char *to = name->addresses[name->count];
			bool six = a->ai_family == AF_INET6;
			const void *address =
				six ? (const void *)&((const struct sockaddr_in6 *)(const void *)a->ai_addr)
						->sin6_addr
				    : (const void *)&((const struct sockaddr_in *)(const void *)a->ai_addr)
						->sin_addr;

			if (six != (pass == 0) ||
			    !inet_ntop(a->ai_family, address, to + six, INET6_ADDRSTRLEN))
				continue;
			if (six) {
				to[0] = '[';
				strcat(to, "]");
			}
			name->count++;
			*ttl_ms = MIN(*ttl_ms, (int64_t)MAX(a->ai_ttl, 0) * 1000);
		}
	}
	*ttl_ms = MAX(*ttl_ms, (int64_t)NAMES_TTL_MIN_MS);
	return true;
}

static void judge(struct name *name, int status, const struct ares_addrinfo *found)
{
	int64_t ttl_ms = 0;

	switch (status) {
	case ARES_SUCCESS:
		if (!take_addresses(name, found, &ttl_ms))
			set_answer(name, NAMES_NO_ROOM, "out of memory", 0);
		else if (name->count)
			set_answer(name, NAMES_FOUND, NULL, ttl_ms);
		else
			set_answer(name, NAMES_ABSENT, no_address_text, NAMES_ABSENT_MS);
		break;
	case ARES_ENOTFOUND: set_answer(name, NAMES_ABSENT, absent_text, NAMES_ABSENT_MS); break;
	case ARES_ENODATA: set_answer(name, NAMES_ABSENT, no_address_text, NAMES_ABSENT_MS); break;
	case ARES_EBADNAME: set_answer(name, NAMES_ABSENT, bad_text, NAMES_ABSENT_MS); break;
	case ARES_ETIMEOUT: set_answer(name, NAMES_FAILED, silent_text, 0); break;
	case ARES_ECONNREFUSED: set_answer(name, NAMES_FAILED, no_server_text, 0); break;
	case ARES_ENOMEM: set_answer(name, NAMES_NO_ROOM, "out of memory", 0); break;
	default: set_answer(name, NAMES_FAILED, broken_text, 0); break;
	}
}

/* Told at the next turn: c-ares may call it from inside the question. */
static void make_ready(struct name *name)
{
	name->next_ready = name->names->ready;
	name->names->ready = name;
}

static void on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *found)
{
	struct name *name = arg;
	struct names *n = name->names;

	(void)timeouts;
	if (!n->stopped) {
		n->asking--;
		judge(name, status, found);
		make_ready(name);
	}
	ares_freeaddrinfo(found);
}

/* ---- what is remembered ---- */

static struct name *find(struct names *n, struct span host)
{
	struct name *name;

	HASH_FIND(hh, n->table, host.ptr, host.len, name);
	return name;
}

static bool is_busy(const struct name *name)
{
	return name->asking || name->first;
}

static void make_room(struct names *n)
{
	struct name *name, *next;

	HASH_ITER(hh, n->table, name, next)
	{
		if (HASH_COUNT(n->table) < NAMES_KEPT_MAX)
			return;
		if (is_busy(name))
			continue;
		HASH_DEL(n->table, name);
		name_free(name);
	}
}

static struct name *name_new(struct names *n, struct span host)
{
	struct name *name = calloc(1, sizeof(*name) + host.len + 1);

	if (!name)
		return NULL;
	make_room(n);
	name->names = n;
	memcpy(name->host, host.ptr, host.len);
	HASH_ADD_KEYPTR(hh, n->table, name->host, host.len, name);
	return name;
}

/* One dot behind a name says that it is whole, which all names are here. */
static struct span bare(struct span host)
{
	return span_ends(host, SPAN(".")) ? span_sub(host, 0, host.len - 1) : host;
}

bool names_recall(struct names *n, struct span host, struct names_answer *ret)
{
	const struct name *name = find(n, bare(host));

	if (!name || is_busy(name) || name->until <= (int64_t)uv_now(n->loop))
		return false;
	answer_of(name, ret);
	return true;
}

/* Names that no server is to be asked for (RFC 6761, RFC 7686). */
static bool answer_special(struct name *name)
{
	static const char local[][ADDRESS_TEXT] = {"[::1]", "127.0.0.1"};
	struct span host = span_str(name->host);

	if (span_ends(host, SPAN(".invalid")) || span_ends(host, SPAN(".onion")) ||
	    span_eq(host, SPAN("invalid"))) {
		set_answer(name, NAMES_ABSENT, absent_text, NAMES_ABSENT_MS);
	} else if (!host.len || host.len > NAME_MAX_LEN) {
		set_answer(name, NAMES_ABSENT, bad_text, NAMES_ABSENT_MS);
	} else if (span_eq(host, SPAN("localhost")) || span_ends(host, SPAN(".localhost"))) {
		set_answer(name, NAMES_NO_ROOM, "out of memory", 0);
		name->addresses = malloc(sizeof(local));
		if (!name->addresses)
			return true;
		memcpy(name->addresses, local, sizeof(local));
		name->count = ARRAY_SIZE(local);
		set_answer(name, NAMES_FOUND, NULL, NAMES_TTL_MAX_MS);
	} else {
		return false;
	}
	return true;
}

static void ask(struct name *name)
{
	struct names *n = name->names;
	const struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC};

	name->asking = true;
	if (name->until > (int64_t)uv_now(n->loop)) {
		make_ready(name);
		return;
	}
	free(name->addresses);
	name->addresses = NULL;
	name->count = 0;
	if (answer_special(name)) {
		make_ready(name);
	} else if (!ready_channel(n)) {
		set_answer(name, NAMES_NO_ROOM, "the resolver does not start", 0);
		make_ready(name);
	} else {
		n->asking++;
		ares_getaddrinfo(n->channel, name->host, NULL, &hints, on_answer, name);
	}
}

enum err names_ask(struct names *n, struct span host, names_done_fn *done, void *arg, struct names_wait **ret)
{
	struct names_wait *w = malloc(sizeof(*w));
	struct name *name;

	host = bare(host);
	name = w ? find(n, host) : NULL;
	if (w && !name)
		name = name_new(n, host);
	if (!name) {
		free(w);
		return ERR_NOMEM;
	}
	*w = (struct names_wait){
		.name = name, .prev = name->last, .done = done, .arg = arg, .born = ++n->births};
	*(name->last ? &name->last->next : &name->first) = w;
	name->last = w;
	*ret = w;
	if (!name->asking)
		ask(name);
	set_timer(n);
	return ERR_OK;
}

void names_forget(struct names *n, struct names_wait *w)
{
	struct name *name;

	(void)n;
	if (!w)
		return;
	name = w->name;
	*(w->prev ? &w->prev->next : &name->first) = w->next;
	*(w->next ? &w->next->prev : &name->last) = w->prev;
	free(w);
}

/* ---- life ---- */

static char *join(char *const *servers)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(4096);
	enum err r = ERR_OK;

	for (; *servers && !r; servers++)
		r = strbuf_addf(&b, "%s%s", b.len ? "," : "", *servers);
	return r ? NULL : strdup(strbuf_cstr(&b));
}

enum err names_new(uv_loop_t *loop, char *const *servers, unsigned limit_ms, struct names **ret)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		return ERR_NOMEM;
	n->loop = loop;
	n->limit_ms = limit_ms;
	if (servers && *servers)
		n->servers = join(servers);
	if ((servers && *servers && !n->servers) || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		free(n->servers);
		free(n);
		return ERR_NOMEM;
	}
	uv_timer_init(loop, &n->timer);
	n->timer.data = n;
	n->open_handles = 1;
	*ret = n;
	return ERR_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct names *n = handle->data;

	n->open_handles--;
}

void names_stop(struct names *n)
{
	if (n->stopped)
		return;
	n->stopped = true;
	if (n->has_channel)
		ares_destroy(n->channel); /* ends what it asks, and closes its sockets */
	n->has_channel = false;
	uv_close((uv_handle_t *)&n->timer, on_timer_closed);
}

struct names *names_free(struct names *n)
{
	struct name *name, *next;

	if (!n)
		return NULL;
	assert(n->stopped && n->open_handles == 0);
	HASH_ITER(hh, n->table, name, next)
	{
		HASH_DEL(n->table, name);
		while (name->first)
			names_forget(n, name->first);
		name_free(name);
	}
	ares_library_cleanup();
	free(n->servers);
	free(n);
	return NULL;
}
