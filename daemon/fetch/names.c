/* SPDX-License-Identifier: MIT */
#include "names_inner.h"

#include "base/strbuf.h"

enum { NAME_MAX_LEN = 253 }; /* without a dot behind it */

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

void names_tell_ready(struct names *n)
{
	struct name *list = n->ready;

	n->ready = NULL;
	for (struct name *name; (name = list) && !n->stopped;) {
		list = name->next_ready;
		tell(name);
	}
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
	static const char local[][NAMES_ADDRESS_TEXT] = {"[::1]", "127.0.0.1"};
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
	} else if (!names_ready_channel(n)) {
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
	names_set_timer(n);
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
