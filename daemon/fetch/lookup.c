/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <stdio.h>

enum {
	PIN_MAX = 4096, /* bytes of a name, a port and the addresses */
	PROXY_PORT = 1080,
};

/* A name to be looked up for t. */
struct lookup_name {
	struct transfer *t;
	struct names_wait *wait;
	char *host;
	unsigned port;
	bool judged; /* by the guard, as no socket will show it */
};

enum { NAMES_OF_ONE = 2 };

struct lookup {
	struct names *names;
	void (*done)(void *arg, struct transfer *t);
	void *arg;
	struct lookup_name wanted[NAMES_OF_ONE];
	unsigned count, left;
	struct curl_slist *pins;
};

static enum err pin(struct lookup *l, const struct lookup_name *w, const struct names_answer *a)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(PIN_MAX);
	struct transfer *t = w->t;
	enum err err = strbuf_addf(&b, "+%s:%u:", w->host, w->port);
	struct curl_slist *next;
	size_t used = 0;

	for (size_t i = 0; i < a->count && !err; i++) {
		const char *what = w->judged ? guard_host(&t->setup->guard, a->addresses[i]) : NULL;

		if (what) {
			t->refused = what;
			(void)snprintf(t->refused_address, sizeof(t->refused_address), "%.*s",
				       SPAN_ARG(a->addresses[i]));
			continue;
		}
		err = strbuf_addf(&b, "%s%.*s", used++ ? "," : "", SPAN_ARG(a->addresses[i]));
	}
	if (err)
		return ERR_NOMEM;
	if (!used)
		return ERR_REFUSED;
	next = curl_slist_append(l->pins, strbuf_cstr(&b));
	if (!next)
		return ERR_NOMEM;
	l->pins = next;
	return ERR_OK;
}

static void take(struct lookup *l, struct lookup_name *w, const struct names_answer *a)
{
	enum err err;

	if (a->result == NAMES_FOUND) {
		err = pin(l, w, a);
		w->t->no_memory |= err == ERR_NOMEM;
		if (err)
			w->t->unresolved = err == ERR_NOMEM ? "out of memory" : "refused";
		return;
	}
	w->t->unresolved = a->text;
	w->t->no_memory |= a->result == NAMES_NO_ROOM;
}

static void settle(struct lookup *l, struct transfer *t)
{
	if (!t->unresolved && l->pins && curl_easy_setopt(t->easy, CURLOPT_RESOLVE, l->pins) != CURLE_OK) {
		t->unresolved = "out of memory";
		t->no_memory = true;
	}
}

static void on_name(void *arg, const struct names_answer *a)
{
	struct lookup_name *w = arg;
	struct transfer *t = w->t;
	struct lookup *l = t->lookup;

	w->wait = NULL;
	take(l, w, a);
	if (--l->left)
		return;
	settle(l, t);
	l->done(l->arg, t);
}

static bool is_name(const char *host)
{
	size_t n = strlen(host);

	/* as the URL Standard sees it: who ends with a number is an address */
	return n && host[0] != '[' && !byte_is_digit(host[n - 1]);
}

/* host belongs to l from here on. */
static void want(struct lookup *l, struct transfer *t, char *host, unsigned port, bool judged)
{
	if (!is_name(host)) {
		free(host);
		return;
	}
	l->wanted[l->count++] = (struct lookup_name){.t = t, .host = host, .port = port, .judged = judged};
}

static enum err want_proxy(struct lookup *l, struct transfer *t, const char *proxy)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL, *copy = NULL;
	enum err err = ERR_NOMEM;

	if (u && !curl_url_set(u, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME) &&
	    !curl_url_get(u, CURLUPART_HOST, &host, 0)) {
		unsigned number = strncasecmp(proxy, "https:", 6) == 0 ? 443 : PROXY_PORT;

		if (!curl_url_get(u, CURLUPART_PORT, &port, 0))
			number = (unsigned)strtoul(port, NULL, 10);
		copy = strdup(host);
		if (copy) {
			for (char *p = copy; *p; p++)
				*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
			want(l, t, copy, number, false);
			err = ERR_OK;
		}
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return err;
}

static enum err want_all(struct lookup *l, struct transfer *t, const struct transfer_request *r)
{
	const char *proxy = r->settings->proxy;
	bool told = proxy && strncasecmp(proxy, "socks5:", 7) == 0;
	char *host;

	if (proxy && *proxy && want_proxy(l, t, proxy))
		return ERR_NOMEM;
	if (proxy && *proxy && !told)
		return ERR_OK;
	host = strndup(r->parsed->host.ptr, r->parsed->host.len);
	if (!host)
		return ERR_NOMEM;
	want(l, t, host, r->parsed->port_number, told);
	return ERR_OK;
}

enum err lookup_start(struct names *names, struct transfer *t, const struct transfer_request *r,
		      void (*done)(void *arg, struct transfer *t), void *arg, enum lookup_state *ret)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return ERR_NOMEM;
	t->lookup = l;
	l->names = names;
	l->done = done;
	l->arg = arg;
	if (want_all(l, t, r))
		return ERR_NOMEM;
	for (unsigned i = 0; i < l->count; i++) {
		struct lookup_name *w = &l->wanted[i];
		struct names_answer answer;

		if (names_recall(names, span_str(w->host), &answer) && answer.result == NAMES_FOUND) {
			take(l, w, &answer);
			continue;
		}
		if (names_ask(names, span_str(w->host), on_name, w, &w->wait))
			return ERR_NOMEM;
		l->left++;
	}
	if (!l->left)
		settle(l, t);
	*ret = l->left ? LOOKUP_WAITS : LOOKUP_DONE;
	return ERR_OK;
}

void lookup_end(struct transfer *t)
{
	struct lookup *l = t->lookup;

	if (!l)
		return;
	for (unsigned i = 0; i < l->count; i++) {
		names_forget(l->names, l->wanted[i].wait);
		free(l->wanted[i].host);
	}
	curl_slist_free_all(l->pins);
	free(l);
	t->lookup = NULL;
}
