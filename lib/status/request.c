/* SPDX-License-Identifier: MIT */
#include "status/request.h"

#include "base/text.h"

/* ---- decoding ---- */

static bool is_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] == 0x7f ||
		    ((unsigned char)p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r'))
			return false;
	return text_utf8_valid(span_of(p, n)) == n;
}

static enum err decode(struct span s, bool plus, struct arena *arena, const char **ret)
{
	char *out = arena_alloc(arena, s.len + 1);
	size_t n = 0;

	if (!out)
		return ERR_NOMEM;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '%') {
			out[n++] = plus && s.ptr[i] == '+' ? ' ' : s.ptr[i];
			continue;
		}
		int high = s.len - i > 2 ? byte_hex(s.ptr[i + 1]) : -1;
		int low = high >= 0 ? byte_hex(s.ptr[i + 2]) : -1;

		if (low < 0)
			return ERR_SYNTAX;
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	out[n] = 0;
	if (!is_text(out, n))
		return ERR_SYNTAX;
	*ret = out;
	return ERR_OK;
}

enum err form_parse(struct span text, struct arena *arena, struct form *ret)
{
	struct form f = {NULL, 0};
	size_t most = 1;
	enum err r = ERR_OK;

	for (size_t i = 0; i < text.len; i++)
		most += text.ptr[i] == '&';
	if (most > REQUEST_PAIRS_MAX)
		return ERR_TOOBIG;
	f.at = ARENA_NEW_ARRAY(arena, struct form_pair, most);
	if (!f.at)
		return ERR_NOMEM;
	while (text.len && !r) {
		struct span pair = span_split(&text, '&'), name;
		struct form_pair *to = &f.at[f.count];

		if (!pair.len)
			continue;
		name = span_split(&pair, '=');
		r = decode(name, true, arena, &to->name);
		if (!r)
			r = decode(pair, true, arena, &to->value);
		f.count++;
	}
	if (!r)
		*ret = f;
	return r;
}

const char *form_get(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->at[i].name, name) == 0)
			return f->at[i].value;
	return NULL;
}

enum err request_target(struct span target, struct arena *arena, const char **path, struct form *query)
{
	struct span rest = target, before = span_split(&rest, '?');
	const char *decoded = NULL;
	enum err r;

	if (!span_starts(before, SPAN("/")))
		return ERR_SYNTAX;
	if (target.len > REQUEST_TARGET_MAX)
		return ERR_TOOBIG;
	r = decode(before, false, arena, &decoded);
	if (!r)
		r = form_parse(rest, arena, query);
	if (!r)
		*path = decoded;
	return r;
}

enum err request_length(struct span length, struct span coding, size_t max, size_t *ret)
{
	uint64_t n = 0;

	if (coding.ptr)
		return ERR_INVALID;
	if (length.ptr && !span_to_uint(length, max, &n))
		return ERR_TOOBIG;
	*ret = (size_t)n;
	return ERR_OK;
}

bool request_is_form(struct span type)
{
	return span_eq_nocase(span_trim(span_split(&type, ';')), SPAN("application/x-www-form-urlencoded"));
}

/* ---- who asks ---- */

/* Takes the port off; false: what stands there is none. */
static bool take_port(struct span *host)
{
	size_t n = host->len;
	uint64_t port;

	while (n && byte_is_digit(host->ptr[n - 1]))
		n--;
	if (!n || host->ptr[n - 1] != ':')
		return true; /* all of it is the name */
	if (!span_to_uint(span_sub(*host, n, host->len), 65535, &port))
		return false;
	*host = span_sub(*host, 0, n - 1);
	return true;
}

/* 127.0.0.0/8 in four decimal parts: the one way in which browsers write it. */
static bool is_loopback(struct span host)
{
	unsigned parts = 0;
	uint64_t n;

	while (host.len) {
		struct span part = span_split(&host, '.');

		if (!part.len || (part.len > 1 && *part.ptr == '0') || !span_to_uint(part, 255, &n) ||
		    (!parts && n != 127))
			return false;
		parts++;
	}
	return parts == 4;
}

bool request_host_is_own(struct span host)
{
	if (!host.len || !take_port(&host))
		return false;
	if (host.len && host.ptr[host.len - 1] == '.')
		return false;
	return span_eq_nocase(host, SPAN("localhost")) || span_eq(host, SPAN("[::1]")) || is_loopback(host);
}

bool request_is_same_site(struct span fetch_site, struct span origin, struct span host)
{
	if (fetch_site.ptr)
		return span_eq(fetch_site, SPAN("same-origin")) || span_eq(fetch_site, SPAN("none"));
	if (!origin.ptr)
		return true;
	if (span_starts_nocase(origin, SPAN("http://")))
		origin = span_sub(origin, 7, origin.len);
	else if (span_starts_nocase(origin, SPAN("https://")))
		origin = span_sub(origin, 8, origin.len); /* from behind a proxy that speaks TLS */
	else
		return false;
	return host.len && span_eq_nocase(origin, host);
}

bool request_wants_html(struct span accept)
{
	while (accept.len) {
		struct span range = span_split(&accept, ','), type = span_trim(span_split(&range, ';'));

		if (span_eq_nocase(type, SPAN("text/html")))
			return true;
	}
	return false;
}

bool request_token_is(struct span given, struct span secret)
{
	unsigned char differs = given.len != secret.len || !secret.len;

	for (size_t i = 0; i < given.len; i++)
		differs |= (unsigned char)(given.ptr[i] ^ (secret.len ? secret.ptr[i % secret.len] : 0));
	return !differs;
}

struct span request_bearer(struct span authorization)
{
	if (!span_starts_nocase(authorization, SPAN("Bearer ")))
		return SPAN_NONE;
	return span_trim(span_sub(authorization, 7, authorization.len));
}
