/* SPDX-License-Identifier: MIT */
#include "lookup.h"
#include "own_address.h"
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "http/freshness.h"

/* ---- the header ---- */

struct span transfer_field(const struct transfer *t, const char *name)
{
	const char *p = strbuf_cstr(&t->fields);

	for (unsigned i = 0; i < t->field_count; i++) {
		struct span n = span_str(p), value = span_str(p + n.len + 1);

		if (span_eq_nocase(n, span_str(name)))
			return value;
		p = value.ptr + value.len + 1;
	}
	return SPAN_NONE;
}

static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!byte_is_alnum(s.ptr[i]) && !(s.ptr[i] && strchr("!#$%&'*+-.^_`|~", s.ptr[i])))
			return false;
	return s.len > 0;
}

/* Values go into texts and C strings: no NUL and no other control. */
static enum err add_value(struct strbuf *b, struct span value)
{
	size_t at = b->len;
	enum err err = strbuf_add_span(b, value);

	for (; !err && at < b->len; at++)
		if ((unsigned char)b->ptr[at] < 0x20 || b->ptr[at] == 0x7f)
			b->ptr[at] = ' ';
	return err;
}

static enum err add_field(struct transfer *t, struct span line)
{
	struct span name = span_split(&line, ':');
	size_t before = t->fields.len;
	enum err err;

	if (!line.ptr || !is_token(name))
		return ERR_OK; /* no field: what HTTP does not know is not passed on */
	if (++t->field_count > t->setup->limits->fields)
		return ERR_TOOBIG;
	err = strbuf_add_span(&t->fields, name);
	if (!err)
		err = strbuf_add_byte(&t->fields, '\0');
	if (!err)
		err = add_value(&t->fields, span_trim(line));
	if (!err)
		err = strbuf_add_byte(&t->fields, '\0');
	if (err)
		strbuf_truncate(&t->fields, before);
	return err;
}

/* A line that begins with white space continues the field before it (RFC 9112, section 5.2). */
static enum err continue_field(struct transfer *t, struct span line)
{
	enum err err;

	if (!t->field_count)
		return ERR_OK;
	t->fields.ptr[t->fields.len - 1] = ' ';
	err = add_value(&t->fields, span_trim(line));
	return err ? err : strbuf_add_byte(&t->fields, '\0');
}

static unsigned count_codings(const struct transfer *t)
{
	const char *p = strbuf_cstr(&t->fields);
	unsigned count = 0;

	for (unsigned i = 0; i < t->field_count; i++) {
		struct span name = span_str(p), value = span_str(p + name.len + 1), one;

		p = value.ptr + value.len + 1;
		if (!span_eq_nocase(name, SPAN("content-encoding")))
			continue;
		while ((one = span_split(&value, ',')).ptr) {
			one = span_trim(one);
			count += one.len && !span_eq_nocase(one, SPAN("identity"));
		}
	}
	return count;
}

/* The header is whole: is the body wanted? False: hang up. */
static bool head_complete(struct transfer *t)
{
	uint64_t length;
	unsigned codings;

	t->head_done = true;
	codings = count_codings(t);
	t->coded = codings > 0;
	if (codings > 1) {
		t->codings = true;
		return false;
	}
	t->wish = t->calls->head(t->arg, t);
	t->body = STRBUF_INIT(t->wish.keep);
	if (!span_to_uint(transfer_field(t, "content-length"), UINT64_MAX, &length))
		return true;
	if (!t->wish.keep && length > TRANSFER_DRAIN_MAX) {
		t->hung_up = true;
		return false;
	}
	if (t->wish.keep && !t->wish.truncate && length > t->wire_max) {
		t->wire_too_large = true;
		return false;
	}
	return true;
}

static size_t on_header(char *ptr, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct span line = span_of(ptr, size * n);
	enum err err = ERR_OK;
	long status = 0;

	t->head_bytes += line.len;
	if (t->head_bytes > t->setup->limits->header) {
		t->head_too_large = true;
		return 0;
	}
	if (t->head_done)
		return line.len; /* a trailer */
	if (span_starts(line, SPAN("HTTP/"))) {
		strbuf_truncate(&t->fields, 0);
		t->field_count = 0;
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		t->status = status > 0 ? (unsigned)status : 0;
	} else if (span_trim(line).len == 0) {
		/* the end, unless a 1xx only precedes the answer */
		if (t->status >= 200 && !head_complete(t))
			return 0;
	} else if (byte_is_space(line.ptr[0])) {
		err = continue_field(t, line);
	} else {
		err = add_field(t, line);
	}
	t->head_too_large = err == ERR_TOOBIG;
	t->no_memory = err == ERR_NOMEM;
	return err ? 0 : line.len;
}

/* ---- the body ---- */

static bool is_bomb(const struct transfer *t, uint64_t unpacked)
{
	curl_off_t packed = 0;

	if (unpacked <= TRANSFER_RATIO_FREE)
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &packed);
	return unpacked / t->setup->limits->ratio > (uint64_t)MAX(packed, 1);
}

static size_t on_body(char *ptr, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n, room;

	if (!t->wish.keep) {
		t->drained += len;
		t->hung_up = t->drained > TRANSFER_DRAIN_MAX;
		return t->hung_up ? 0 : len;
	}
	room = (size_t)(t->wish.keep - t->body.len - t->passed);
	if (len > room && !t->wish.truncate) {
		t->body_too_large = true;
		return 0;
	}
	if (t->coded && is_bomb(t, t->body.len + t->passed + len)) {
		t->ratio_too_large = true;
		return 0;
	}
	if (t->wish.more && !t->wish.more(t->arg, t, span_of(ptr, MIN(len, room))))
		t->hung_up = true;
	if (t->wish.pass) {
		t->passed += MIN(len, room);
		t->hung_up |= len > room;
		return t->hung_up ? 0 : len;
	}
	if (strbuf_add(&t->body, ptr, MIN(len, room))) {
		t->no_memory = true;
		return 0;
	}
	*t->setup->buffered += MIN(len, room);
	t->counted += MIN(len, room);
	t->hung_up |= len > room;
	return t->hung_up ? 0 : len;
}

/* Bytes that decode to nothing are bytes too. */
static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct transfer *t = arg;

	(void)total, (void)up_total, (void)up;
	if (now <= 0 || (uint64_t)now <= t->wire_max)
		return 0;
	t->wire_too_large = !t->wish.truncate;
	t->hung_up = t->wish.truncate;
	return 1;
}

/* ---- the connection ---- */

static void note_refused(struct transfer *t, const char *what, const struct sockaddr *address)
{
	char buf[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, buf,
			  sizeof(buf));
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, buf,
			  sizeof(buf));
	t->refused = what;
	snprintf(t->refused_address, sizeof(t->refused_address), "%s", buf);
}

static int open_socket(struct transfer *t, const struct curl_sockaddr *address)
{
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	if (fd >= 0 && !sockets_add(t->setup->sockets, fd)) {
		(void)close(fd);
		fd = -1;
		errno = ENOMEM;
	}
	t->sockets += fd >= 0;
	t->no_socket |= fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
	return fd;
}

/* Sees every address that is about to be connected to, whatever it was called and whoever resolved it. */
static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;
	const char *what;

	t->calls->resolved(t->arg);
	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	what = guard_address(&t->setup->guard, &address->addr, address->addrlen);
	if (!what && !guard_is_opened(&t->setup->guard, &address->addr, address->addrlen) &&
	    own_address(&address->addr, address->addrlen))
		what = "this machine's own";
	if (what) {
		note_refused(t, what, &address->addr);
		return CURL_SOCKET_BAD;
	}
	return open_socket(t, address);
}

/* Behind a proxy the address is the operator's own choice; what the proxy reaches is the proxy's to guard. */
static curl_socket_t on_open_proxy(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;

	(void)purpose;
	t->calls->resolved(t->arg);
	return open_socket(t, address);
}

/* The connection stands, new or used again. */
static int on_connected(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *t = arg;

	(void)remote, (void)local, (void)remote_port, (void)local_port;
	t->connected = true;
	t->calls->resolved(t->arg);
	return CURL_PREREQFUNC_OK;
}

/* ---- making one ---- */

/* What the host's own list names replaces ours. */
static bool is_named(const char *field, char **headers)
{
	struct span rest = span_str(field), name = span_split(&rest, ':');

	for (; *headers; headers++) {
		rest = span_str(*headers);
		if (span_eq_nocase(span_split(&rest, ':'), name))
			return true;
	}
	return false;
}

static bool set_field(struct transfer *t, const char *name, struct span value)
{
	char line[FRESHNESS_VALIDATOR_MAX + 64];
	struct curl_slist *next;

	if (!value.len || value.len > FRESHNESS_VALIDATOR_MAX)
		return true;
	snprintf(line, sizeof(line), "%s: %.*s", name, SPAN_ARG(value));
	next = curl_slist_append(t->own_fields, line);
	if (next)
		t->own_fields = next;
	return next;
}

/* A secret is for the one host, and nobody between. */
static bool is_told_secret(const struct transfer_request *r)
{
	return r->settings->secret && span_eq_str(r->parsed->scheme, "https");
}

static bool set_fields(struct transfer *t, const struct transfer_request *r)
{
	static char *none[] = {NULL};
	char **headers = r->settings->headers ? r->settings->headers : none;
	struct curl_slist *next;
	struct span token = is_told_secret(r) ? span_str(r->settings->secret) : SPAN_NONE;

	if (!span_starts(token, SPAN("Bearer ")))
		token = SPAN_NONE;
	if (!*headers && !r->if_none_match.len && !r->if_modified_since.len && !r->accept.len &&
	    !r->referer.len && !r->range.len && !token.len)
		return true; /* those that all share */

	for (struct curl_slist *s = t->setup->fields; s; s = s->next) {
		if (is_named(s->data, headers) ||
		    (r->accept.len && span_starts_nocase(span_str(s->data), SPAN("Accept:"))))
			continue;
		if (!(next = curl_slist_append(t->own_fields, s->data)))
			return false;
		t->own_fields = next;
	}
	for (; *headers; headers++) {
		if (!(next = curl_slist_append(t->own_fields, *headers)))
			return false;
		t->own_fields = next;
	}
	return (is_named("Accept:", headers) || set_field(t, "Accept", r->accept)) &&
	       set_field(t, "Authorization", token) && set_field(t, "Referer", r->referer) &&
	       set_field(t, "Range", r->range) && set_field(t, "If-None-Match", r->if_none_match) &&
	       set_field(t, "If-Modified-Since", r->if_modified_since);
}

#define SET(option, value) (ok = ok && curl_easy_setopt(t->easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool set_options(struct transfer *t, const struct transfer_request *r)
{
	const struct host_settings *h = r->settings;
	bool proxy = h->proxy && *h->proxy, ok = true;
	bool one = r->http1 || strcmp(h->http_version, "1.1") == 0, two = strcmp(h->http_version, "2") == 0;

	SET(URL, r->url);
	SET(PATH_AS_IS, 1L);
	SET(PRIVATE, t);
	SET(ERRORBUFFER, t->curl_text);
	SET(NOSIGNAL, 1L);
	SET(PROTOCOLS_STR, "http,https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, proxy ? h->proxy : "");
	SET(OPENSOCKETFUNCTION, proxy ? on_open_proxy : on_open);
	SET(OPENSOCKETDATA, t);
	SET(CLOSESOCKETFUNCTION, sockets_close);
	SET(CLOSESOCKETDATA, t->setup->sockets);
	SET(PREREQFUNCTION, on_connected);
	SET(PREREQDATA, t);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, t);
	SET(SUPPRESS_CONNECT_HEADERS, 1L);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, t);
	SET(NOPROGRESS, 0L);
	SET(XFERINFOFUNCTION, on_progress);
	SET(XFERINFODATA, t);
	SET(HTTP_VERSION, one   ? (long)CURL_HTTP_VERSION_1_1
			  : two ? (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
				: (long)CURL_HTTP_VERSION_2TLS);
	SET(PIPEWAIT, one ? 0L : 1L);
	SET(ACCEPT_ENCODING, r->identity ? "identity" : "");
	SET(USERAGENT, h->user_agent ? h->user_agent : t->setup->user_agent);
	SET(HTTPHEADER, t->own_fields ? t->own_fields : t->setup->fields);
	SET(CONNECTTIMEOUT_MS, (long)t->setup->connect_timeout_ms);
	SET(TIMEOUT_MS, (long)MIN(h->timeout_ms, (unsigned)INT32_MAX));
	SET(LOW_SPEED_LIMIT, (long)t->setup->limits->slow);
	SET(LOW_SPEED_TIME, (long)t->setup->low_speed_seconds);
	SET(SSL_VERIFYPEER, 1L);
	SET(SSL_VERIFYHOST, 2L);
	if (h->ca_file)
		SET(CAINFO, h->ca_file);
	SET(COOKIEFILE, "");
	for (const struct curl_slist *c = r->jar; c; c = c->next)
		SET(COOKIELIST, c->data);
	for (const struct curl_slist *c = r->cookies; c; c = c->next)
		SET(COOKIELIST, c->data);
	if (is_told_secret(r) && !span_starts(span_str(h->secret), SPAN("Bearer "))) {
		SET(HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(USERPWD, h->secret);
	}
	return ok;
}

enum err transfer_new(const struct transfer_setup *setup, const struct transfer_request *request,
		      const struct transfer_calls *calls, void *arg, struct transfer **ret)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (!t)
		return ERR_NOMEM;
	t->setup = setup;
	t->calls = calls;
	t->arg = arg;
	t->fields = STRBUF_INIT(t->setup->limits->header);
	t->body = STRBUF_INIT(0);
	t->wire_max = request->wire_max;
	t->easy = curl_easy_init();
	if (!t->easy || !set_fields(t, request) || !set_options(t, request)) {
		transfer_free(t);
		return ERR_NOMEM;
	}
	*ret = t;
	return ERR_OK;
}

void transfer_uncount(struct transfer *t)
{
	*t->setup->buffered -= t->counted;
	t->counted = 0;
}

struct transfer *transfer_free(struct transfer *t)
{
	if (!t)
		return NULL;
	transfer_uncount(t);
	if (t->easy)
		curl_easy_cleanup(t->easy);
	lookup_end(t);
	curl_slist_free_all(t->own_fields);
	strbuf_release(&t->fields);
	strbuf_release(&t->body);
	free(t);
	return NULL;
}
