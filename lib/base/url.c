/* SPDX-License-Identifier: MIT */
/* The URL Standard's basic URL parser, cut to what http and https can meet: its states are the functions
 * below, in the order in which they run. */
#include "base/url.h"
#include "base/url_host.h"

#include <stdio.h>

/* The href under construction. Past its ceiling it only remembers so. */
struct out {
	size_t len;
	bool over;
	char text[URL_MAX];
};

static void put(struct out *o, char c)
{
	if (o->len == sizeof(o->text)) {
		o->over = true;
		return;
	}
	o->text[o->len++] = c;
}

static void put_span(struct out *o, struct span s)
{
	if (s.len > sizeof(o->text) - o->len) {
		o->over = true;
		return;
	}
	if (s.len)
		memcpy(o->text + o->len, s.ptr, s.len);
	o->len += s.len;
}

/* Percent-encode sets: controls and non-ASCII are in all of them, `extra` is the rest. */
static void put_encoded(struct out *o, struct span s, const char *extra)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c < 0x7f && !strchr(extra, c)) {
			put(o, (char)c);
			continue;
		}
		put(o, '%');
		put(o, hex[c >> 4]);
		put(o, hex[c & 15]);
	}
}
#define SET_FRAGMENT " \"<>`"
#define SET_QUERY " \"#<>'"
#define SET_PATH " \"#<>?^`{}"
#define SET_USERINFO SET_PATH "/:;=@[\\]|"

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Where s first has one of the bytes of `set`, or its length. */
static size_t span_until(struct span s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] && strchr(set, s.ptr[i]))
			return i;
	return s.len;
}

static struct span take(struct span *rest, size_t n)
{
	struct span head = span_sub(*rest, 0, n);

	*rest = span_sub(*rest, n, rest->len);
	return head;
}

/* Without controls and spaces at the ends and TAB, LF, CR anywhere. Copies only where it must. */
static enum err strip_input(struct span *s, struct arena *arena)
{
	char *copy;
	size_t n = 0;

	while (s->len && (unsigned char)s->ptr[0] <= 0x20)
		s->ptr++, s->len--;
	while (s->len && (unsigned char)s->ptr[s->len - 1] <= 0x20)
		s->len--;
	if (s->len > URL_MAX)
		return ERR_TOOBIG;
	if (span_until(*s, "\t\n\r") == s->len)
		return ERR_OK;
	copy = arena_alloc(arena, s->len);
	if (!copy)
		return arena_failed(arena);
	for (size_t i = 0; i < s->len; i++)
		if (s->ptr[i] != '\t' && s->ptr[i] != '\n' && s->ptr[i] != '\r')
			copy[n++] = s->ptr[i];
	*s = span_of(copy, n);
	return ERR_OK;
}

/* Takes "scheme:" off *s; SPAN_NONE when it does not begin with one. */
static struct span take_scheme(struct span *s)
{
	size_t n = 0;
	struct span scheme;

	if (!s->len || !byte_is_alpha(s->ptr[0]))
		return SPAN_NONE;
	while (n < s->len && (byte_is_alnum(s->ptr[n]) || strchr("+-.", s->ptr[n])) && s->ptr[n])
		n++;
	if (n == s->len || s->ptr[n] != ':')
		return SPAN_NONE;
	scheme = take(s, n);
	take(s, 1);
	return scheme;
}

/* What url_parse() has found so far: offsets into out, so that nothing dangles when it moves. */
struct parse {
	struct out out;
	bool whole; /* user-info goes into the href */
	bool https, ip, userinfo;
	size_t host, host_end, port_end, path, path_end, query, query_end, fragment;
	bool has_port, has_query, has_fragment;
	unsigned port;
};

static unsigned default_port(const struct parse *p)
{
	return p->https ? 443 : 80;
}

static void put_scheme(struct parse *p)
{
	put_span(&p->out, p->https ? SPAN("https://") : SPAN("http://"));
}

static void put_userinfo(struct parse *p, struct span info)
{
	struct span name = take(&info, span_until(info, ":"));
	struct span password = span_sub(info, 1, info.len);

	p->userinfo = name.len || password.len;
	if (!p->whole || !p->userinfo)
		return;
	put_encoded(&p->out, name, SET_USERINFO);
	if (password.len) {
		put(&p->out, ':');
		put_encoded(&p->out, password, SET_USERINFO);
	}
	put(&p->out, '@');
}

static enum err put_port(struct parse *p, struct span digits)
{
	uint64_t port = 0;

	/* the standard reads leading zeros, so no span_to_uint() on what may be long */
	for (size_t i = 0; i < digits.len; i++) {
		if (!byte_is_digit(digits.ptr[i]))
			return ERR_INVALID;
		port = MIN(port * 10 + (uint64_t)(digits.ptr[i] - '0'), 65536);
	}
	if (port > 65535)
		return ERR_INVALID;
	p->port = digits.len ? (unsigned)port : default_port(p);
	p->has_port = p->port != default_port(p);
	if (p->has_port) {
		char text[16];

		put_span(&p->out, span_of(text, (size_t)snprintf(text, sizeof(text), ":%u", p->port)));
	}
	p->port_end = p->out.len;
	return ERR_OK;
}

/* "//" is behind us, with as many slashes as there were. */
static enum err parse_authority(struct parse *p, struct span *rest)
{
	struct span authority = take(rest, span_until(*rest, "/\\?#"));
	struct span host, port;
	struct url_host found;
	size_t at = authority.len, colon = 0;
	bool brackets = false;
	enum err r;

	put_scheme(p);
	while (at > 0 && authority.ptr[at - 1] != '@')
		at--;
	if (at > 0) {
		put_userinfo(p, span_sub(authority, 0, at - 1));
		take(&authority, at);
	}
	for (; colon < authority.len && (brackets || authority.ptr[colon] != ':'); colon++) {
		if (authority.ptr[colon] == '[')
			brackets = true;
		else if (authority.ptr[colon] == ']')
			brackets = false;
	}
	host = span_sub(authority, 0, colon);
	port = span_sub(authority, colon + 1, authority.len);
	r = url_host_parse(host, &found);
	if (r)
		return r;
	p->ip = found.ip;
	p->host = p->out.len;
	put_span(&p->out, span_of(found.text, found.len));
	p->host_end = p->out.len;
	return put_port(p, port);
}

/* 1 for ".", 2 for "..", in their encoded spellings too; else 0. */
static unsigned dots(struct span segment)
{
	unsigned n = 0;

	for (size_t i = 0; i < segment.len; n++) {
		if (segment.ptr[i] == '.')
			i++;
		else if (span_starts_nocase(span_sub(segment, i, segment.len), SPAN("%2e")))
			i += 3;
		else
			return 0;
	}
	return n <= 2 ? n : 0;
}

static void drop_segment(struct parse *p)
{
	while (p->out.len > p->path && p->out.text[--p->out.len] != '/')
		;
}

/* The path state: segments up to '?' or '#', after what the base has left in out. */
static void parse_path(struct parse *p, struct span *rest)
{
	struct span path = take(rest, span_until(*rest, "?#"));
	bool more = true;

	if (path.len && is_slash(path.ptr[0]))
		take(&path, 1);
	while (more) {
		struct span segment = take(&path, span_until(path, "/\\"));
		unsigned n = dots(segment);

		more = path.len > 0;
		take(&path, 1);
		if (n == 2)
			drop_segment(p);
		if (n == 0 || !more)
			put(&p->out, '/');
		if (n == 0)
			put_encoded(&p->out, segment, SET_PATH);
	}
	p->path_end = p->out.len;
}

static void parse_query(struct parse *p, struct span *rest)
{
	p->has_query = rest->len && rest->ptr[0] == '?';
	if (p->has_query) {
		take(rest, 1);
		put(&p->out, '?');
		p->query = p->out.len;
		put_encoded(&p->out, take(rest, span_until(*rest, "#")), SET_QUERY);
	}
	p->query_end = p->out.len;
}

static void parse_fragment(struct parse *p, struct span *rest)
{
	p->has_fragment = rest->len && rest->ptr[0] == '#';
	if (p->has_fragment) {
		take(rest, 1);
		put(&p->out, '#');
		p->fragment = p->out.len;
		put_encoded(&p->out, *rest, SET_FRAGMENT);
	}
}

static void base_authority(struct parse *p, const struct url *base)
{
	const char *info = base->href.ptr + base->scheme.len + 3;

	put_scheme(p);
	if (p->whole)
		put_span(&p->out, span_of(info, (size_t)(base->host.ptr - info)));
	p->userinfo = base->had_userinfo;
	p->ip = base->ip;
	p->host = p->out.len;
	put_span(&p->out, base->host);
	p->host_end = p->out.len;
	p->port = base->port_number;
	p->has_port = base->port.ptr != NULL;
	if (p->has_port) {
		put(&p->out, ':');
		put_span(&p->out, base->port);
	}
	p->port_end = p->path = p->out.len;
}

/* The relative state. */
static void parse_relative(struct parse *p, const struct url *base, struct span *rest)
{
	base_authority(p, base);
	if (rest->len && is_slash(rest->ptr[0])) {
		parse_path(p, rest);
		parse_query(p, rest);
	} else if (rest->len && rest->ptr[0] != '?' && rest->ptr[0] != '#') {
		put_span(&p->out, base->path);
		drop_segment(p);
		parse_path(p, rest);
		parse_query(p, rest);
	} else {
		put_span(&p->out, base->path);
		p->path_end = p->out.len;
		parse_query(p, rest);
		if (!p->has_query && base->query.ptr) {
			p->has_query = true;
			put(&p->out, '?');
			p->query = p->out.len;
			put_span(&p->out, base->query);
			p->query_end = p->out.len;
		}
	}
	parse_fragment(p, rest);
}

static enum err parse_input(struct parse *p, struct span rest, const struct url *base, struct error *e)
{
	struct span scheme = take_scheme(&rest);
	enum err r;

	if (scheme.ptr) {
		p->https = span_eq_nocase(scheme, SPAN("https"));
		if (!p->https && !span_eq_nocase(scheme, SPAN("http")))
			return err_set(e, ERR_UNSUPPORTED, "scheme '%.*s' is neither http nor https",
				       (int)MIN(scheme.len, 40), scheme.ptr);
	} else if (!base) {
		return err_set(e, ERR_INVALID, "a relative URL without a base");
	} else {
		p->https = span_eq_str(base->scheme, "https");
	}
	if (base && (!scheme.ptr || span_eq_nocase(scheme, base->scheme)) &&
	    !(rest.len >= 2 && is_slash(rest.ptr[0]) && is_slash(rest.ptr[1]))) {
		parse_relative(p, base, &rest);
		return ERR_OK;
	}
	while (rest.len && is_slash(rest.ptr[0]))
		take(&rest, 1);
	r = parse_authority(p, &rest);
	if (r)
		return err_set(e, r, "the URL's host or port is not valid");
	p->path = p->out.len;
	parse_path(p, &rest);
	parse_query(p, &rest);
	parse_fragment(p, &rest);
	return ERR_OK;
}

static struct span part(struct span href, bool there, size_t begin, size_t end)
{
	return there ? span_of(href.ptr + begin, end - begin) : SPAN_NONE;
}

static enum err finish(const struct parse *p, struct arena *arena, struct url *ret)
{
	struct span href = arena_dup(arena, span_of(p->out.text, p->out.len));
	size_t scheme = p->https ? 5 : 4;
	struct span origin;

	if (!href.ptr)
		return arena_failed(arena);
	origin = part(href, true, 0, p->port_end);
	if (p->host > scheme + 3) { /* user-info stands between: the origin needs a copy of its own */
		size_t skip = p->host - (scheme + 3);
		char *copy = arena_alloc(arena, p->port_end + 1);

		if (!copy)
			return arena_failed(arena);
		memcpy(copy, href.ptr, scheme + 3);
		memcpy(copy + scheme + 3, href.ptr + p->host, p->port_end - p->host);
		copy[p->port_end - skip] = 0;
		origin = span_of(copy, p->port_end - skip);
	}
	*ret = (struct url){
		.href = href,
		.scheme = part(href, true, 0, scheme),
		.host = part(href, true, p->host, p->host_end),
		.port = part(href, p->has_port, p->host_end + 1, p->port_end),
		.path = part(href, true, p->path, p->path_end),
		.query = part(href, p->has_query, p->query, p->query_end),
		.fragment = part(href, p->has_fragment, p->fragment, href.len),
		.origin = origin,
		.port_number = p->port,
		.ip = p->ip,
		.had_userinfo = p->userinfo,
	};
	return ERR_OK;
}

static enum err parse(struct span input, const struct url *base, bool whole, struct arena *arena,
		      struct url *ret, struct error *e)
{
	struct parse p;
	enum err r;

	/* all but the text, which is long and need not be clean */
	memset((char *)&p + sizeof(p.out), 0, sizeof(p) - sizeof(p.out));
	p.out.len = 0;
	p.out.over = false;
	p.whole = whole;
	r = strip_input(&input, arena);
	if (r)
		return err_set(e, r, "the URL is over %d bytes", URL_MAX);
	r = parse_input(&p, input, base, e);
	if (r)
		return r;
	if (p.out.over)
		return err_set(e, ERR_TOOBIG, "the URL is over %d bytes", URL_MAX);
	r = finish(&p, arena, ret);
	return r ? err_set(e, r, "no memory for a URL") : ERR_OK;
}

enum err url_parse(struct span input, const struct url *base, struct arena *arena, struct url *ret,
		   struct error *e)
{
	return parse(input, base, false, arena, ret, e);
}

enum err url_parse_whole(struct span input, const struct url *base, struct arena *arena, struct url *ret,
			 struct error *e)
{
	return parse(input, base, true, arena, ret, e);
}

struct span url_key(const struct url *u)
{
	size_t end = u->fragment.ptr ? (size_t)(u->fragment.ptr - 1 - u->href.ptr) : u->href.len;

	return span_sub(u->href, 0, end);
}
