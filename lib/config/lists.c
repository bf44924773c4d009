/* SPDX-License-Identifier: MIT */
/* lists.c - values with parts: paths, patterns, networks, ports, headers, fields, hosts. */
#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/url.h"
#include "config/table.h"

enum err part_refuse(struct reading *rd, const struct key *k, const struct node *n, const char *why)
{
	if (n->kind != NODE_SCALAR || tree_is_null(n))
		return key_refuse(rd, k, n, ERR_INVALID);
	return err_set_at(rd->e, ERR_INVALID, n->line, n->col, "'%s%s': found '%.*s'; %s", rd->where, k->name,
			  (int)MIN(n->text.len, 60), n->text.ptr, why);
}

/* ~ is the home folder; what is relative starts from the file's folder. */
enum err read_path(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(4096);
	struct span s = n->text;
	enum err r = ERR_OK;

	if (n->kind != NODE_SCALAR || tree_is_null(n))
		return key_refuse(rd, k, n, ERR_INVALID);
	if (s.len == 0 || !text_is_line(s))
		return part_refuse(rd, k, n, "a path is a line of text");
	if (span_eq(s, SPAN("~")) || span_starts(s, SPAN("~/"))) {
		const char *home = getenv("HOME");
		struct passwd *pw = home && *home == '/' ? NULL : getpwuid(geteuid());

		home = pw ? pw->pw_dir : home;
		if (!home || *home != '/')
			return part_refuse(rd, k, n, "there is no home folder to put in place of ~");
		r = strbuf_add_str(&b, home);
		s = span_sub(s, 1, s.len);
	} else if (*s.ptr == '~') {
		return part_refuse(rd, k, n, "only ~/ is allowed, not another user's home");
	} else if (*s.ptr != '/') {
		while (span_starts(s, SPAN("./")))
			s = span_sub(s, 2, s.len);
		if (span_eq(s, SPAN(".")))
			s = span_sub(s, 1, s.len);
		r = strbuf_add_str(&b, rd->folder);
		if (!r && b.len && b.ptr[b.len - 1] != '/' && s.len)
			r = strbuf_add_byte(&b, '/');
	}
	if (!r)
		r = strbuf_add_span(&b, s);
	if (r == ERR_TOOBIG)
		return part_refuse(rd, k, n, "a path has at most 4096 bytes");
	if (r)
		return no_memory(rd);
	while (b.len > 1 && b.ptr[b.len - 1] == '/')
		strbuf_truncate(&b, b.len - 1);
	*(const char **)at = arena_strdup(&rd->w->arena, strbuf_span(&b));
	return *(const char **)at ? ERR_OK : no_memory(rd);
}

static enum err read_glob(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	if (n->kind != NODE_SCALAR || tree_is_null(n))
		return key_refuse(rd, k, n, ERR_INVALID);
	if (n->text.len == 0 || n->text.len > 1024 || !text_is_line(n->text))
		return part_refuse(rd, k, n, "a pattern is a line of at most 1024 bytes");
	*(const char **)at = arena_strdup(&rd->w->arena, n->text);
	return *(const char **)at ? ERR_OK : no_memory(rd);
}

typedef enum err read_part(struct reading *rd, const struct key *k, const struct node *n, void *at);

enum err check_count(struct reading *rd, const struct key *k, const struct node *n, uint64_t max)
{
	if (n->count <= max)
		return ERR_OK;
	return err_set_at(rd->e, ERR_RANGE, n->line, n->col,
			  "'%s%s': found %zu entries; at most %llu are allowed", rd->where, k->name, n->count,
			  (unsigned long long)max);
}

static enum err read_strings(struct reading *rd, const struct key *k, const struct node *n, void *at,
			     read_part *part)
{
	char **list = ARENA_NEW_ARRAY(&rd->w->arena, char *, n->count + 2);
	size_t i = 0;
	enum err r;

	if (!list)
		return no_memory(rd);
	if (n->kind == NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = check_count(rd, k, n, k->max);
	if (!r && n->kind == NODE_SCALAR)
		r = part(rd, k, n, &list[0]);
	for (const struct pair *p = n->first; p && !r; p = p->next)
		r = part(rd, k, p->value, &list[i++]);
	if (!r)
		*(char ***)at = list;
	return r;
}

enum err read_paths(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	return read_strings(rd, k, n, at, read_path);
}

enum err read_globs(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	return read_strings(rd, k, n, at, read_glob);
}

static enum err read_network(struct reading *rd, const struct key *k, const struct node *n,
			     struct network *ret)
{
	static const char want[] = "a network such as 10.0.0.0/8 or fd00::/8 is allowed";
	char text[64];
	struct span rest = n->text, address, prefix;
	uint64_t bits;
	unsigned width = 128;

	if (n->kind != NODE_SCALAR || n->text.len == 0 || n->text.len >= sizeof(text))
		return part_refuse(rd, k, n, want);
	address = span_split(&rest, '/');
	prefix = rest;
	(void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(address));
	*ret = (struct network){.prefix = 0};
	if (inet_pton(AF_INET, text, ret->address + 12) == 1) {
		ret->address[10] = ret->address[11] = 0xff;
		width = 32;
	} else if (inet_pton(AF_INET6, text, ret->address) != 1) {
		return part_refuse(rd, k, n, want);
	}
	bits = width; /* an address alone is a network of one */
	if (prefix.ptr && !span_to_uint(prefix, width, &bits))
		return part_refuse(rd, k, n,
				   width == 32 ? "a prefix from /0 to /32 is allowed"
					       : "a prefix from /0 to /128 is allowed");
	ret->prefix = (unsigned)bits + 128 - width;
	for (unsigned i = ret->prefix; i < 128; i++)
		if (ret->address[i / 8] >> (7 - i % 8) & 1)
			return part_refuse(rd, k, n,
					   "it has bits set behind its prefix: which of the two is meant?");
	return ERR_OK;
}

enum err read_networks(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	struct config *c = base;
	size_t count = n->kind == NODE_SCALAR ? 1 : n->count;
	struct network *list = ARENA_NEW_ARRAY(&rd->w->arena, struct network, count + 1);
	enum err r;

	if (!list)
		return no_memory(rd);
	if (n->kind == NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = check_count(rd, k, n, k->max);
	if (!r && n->kind == NODE_SCALAR)
		r = read_network(rd, k, n, list);
	count = n->kind == NODE_SCALAR;
	for (const struct pair *p = n->first; p && !r; p = p->next)
		r = read_network(rd, k, p->value, &list[count++]);
	if (!r) {
		c->allow_networks = list;
		c->allow_network_count = count;
	}
	return r;
}

enum err read_ports(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	struct config *c = base;
	enum err r;

	if (n->kind != NODE_LIST)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = check_count(rd, k, n, ARRAY_SIZE(c->extra_ports));
	if (r)
		return r;
	c->extra_port_count = 0;
	for (const struct pair *p = n->first; p; p = p->next) {
		const struct node *v = p->value;
		uint64_t port;

		if (v->kind != NODE_SCALAR || !span_to_uint(v->text, UINT64_MAX, &port))
			return key_refuse(rd, k, v, ERR_INVALID);
		if (port < k->min || port > k->max)
			return key_refuse(rd, k, v, ERR_RANGE);
		c->extra_ports[c->extra_port_count++] = (unsigned)port;
	}
	return ERR_OK;
}

/* What the client itself must say, or what would break the framing of a request. */
static const char *const own_headers[] = {
	"Host",          "Connection",        "Content-Length", "Transfer-Encoding", "TE",
	"Upgrade",       "Trailer",           "Expect",         "Accept-Encoding",   "Range",
	"If-None-Match", "If-Modified-Since", "If-Range",       "User-Agent"};

static const char *header_problem(struct span name, const struct node *value)
{
	for (size_t i = 0; i < name.len; i++)
		if (!byte_is_alnum(name.ptr[i]) && !strchr("!#$%&'*+-.^_`|~", name.ptr[i]))
			return "a header name is letters, digits and -";
	if (name.len == 0 || name.len > 100)
		return "a header name has 1 to 100 letters";
	for (size_t i = 0; i < ARRAY_SIZE(own_headers); i++)
		if (span_eq_nocase(name, span_str(own_headers[i])))
			return "this header is ingestd's own (for User-Agent there is user-agent)";
	if (value->kind != NODE_SCALAR || !text_is_line(value->text) || value->text.len > 4096)
		return "its value is a line of at most 4096 bytes";
	return NULL;
}

enum err read_headers(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	char **list;
	size_t i = 0;
	enum err r;

	if (n->kind != NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	r = check_count(rd, k, n, k->max);
	if (r)
		return r;
	list = ARENA_NEW_ARRAY(&rd->w->arena, char *, n->count + 1);
	if (!list)
		return no_memory(rd);
	for (const struct pair *p = n->first; p; p = p->next) {
		const char *why = header_problem(p->key->text, p->value);
		struct span value = span_trim(p->value->text);
		size_t len = p->key->text.len + 2 + value.len;

		if (why)
			return part_refuse(rd, k, p->key, why);
		list[i] = arena_alloc(&rd->w->arena, len + 1);
		if (!list[i])
			return no_memory(rd);
		(void)snprintf(list[i++], len + 1, "%.*s: %.*s", SPAN_ARG(p->key->text), SPAN_ARG(value));
	}
	*(char ***)at = list;
	return ERR_OK;
}

static enum err read_preset(struct reading *rd, const struct key *k, const struct node *n)
{
	for (size_t i = 0; preset_names[i]; i++) {
		if (n->kind == NODE_SCALAR && span_eq_str(n->text, preset_names[i])) {
			rd->w->c.preset = preset_names[i];
			return ERR_OK;
		}
	}
	if (n->kind != NODE_SCALAR || tree_is_null(n))
		return key_refuse(rd, k, n, ERR_INVALID);
	part_refuse(rd, k, n, "there is no such preset");
	word_suggest(rd->e, n->text, preset_names);
	return ERR_INVALID;
}

/* "a.b", "a[].b", "x|y": names of letters, digits, _ and -, joined by dots, each perhaps a list's. */
static bool is_key_path(struct span s)
{
	bool name = false;

	if (s.len > 200)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (byte_is_alnum(c) || c == '_' || c == '-' || (unsigned char)c >= 0x80) {
			name = true;
		} else if (c == '[' && name && i + 1 < s.len && s.ptr[i + 1] == ']') {
			i++;
			if (i + 1 < s.len && s.ptr[i + 1] != '.' && s.ptr[i + 1] != '|')
				return false;
		} else if ((c == '.' || c == '|') && name) {
			name = false;
		} else {
			return false;
		}
	}
	return name;
}

static enum err read_field(struct reading *rd, const struct key *k, const struct pair *p,
			   struct field_key *ret)
{
	for (size_t i = 0; shape_names[i]; i++)
		if (span_eq_str(p->key->text, shape_names[i]))
			ret->name = shape_names[i];
	if (!ret->name) {
		part_refuse(rd, k, p->key, "there is no such field");
		word_suggest(rd->e, p->key->text, shape_names);
		return ERR_INVALID;
	}
	if (p->value->kind != NODE_SCALAR || !is_key_path(p->value->text))
		return part_refuse(rd, k, p->value,
				   "a key such as excerpt, cover.image, images[].url or a|b is "
				   "allowed");
	ret->key = arena_strdup(&rd->w->arena, p->value->text);
	return ret->key ? ERR_OK : no_memory(rd);
}

enum err read_fields(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	struct config *c = base;
	enum err r;

	if (n->kind != NODE_MAP)
		return read_preset(rd, k, n);
	r = check_count(rd, k, n, k->max);
	if (r)
		return r;
	c->field_count = 0;
	c->fields = ARENA_NEW_ARRAY(&rd->w->arena, struct field_key, n->count + 1);
	if (!c->fields)
		return no_memory(rd);
	for (const struct pair *p = n->first; p && !r; p = p->next) {
		if (span_eq(p->key->text, SPAN("preset")))
			r = read_preset(rd, k, p->value);
		else if (tree_is_null(p->value)) /* as everywhere: the preset's own */
			continue;
		else
			r = read_field(rd, k, p, &c->fields[c->field_count++]);
	}
	return r;
}

/* "example.org", "*.example.org", "127.0.0.1", "[::1]" as the URL parser spells it, so that every spelling of
 * one host is one override. ERR_INVALID: not a host. */
static enum err host_normal(struct arena *arena, struct span host, const char **ret)
{
	bool below = span_starts(host, SPAN("*."));
	struct span bare = below ? span_sub(host, 2, host.len) : host;
	struct url u;
	char buf[600];
	int n = snprintf(buf, sizeof(buf), "http://%.*s/", (int)MIN(bare.len, 500), bare.ptr);
	enum err r;

	if (bare.len == 0 || bare.len > 500 || !text_is_line(bare) || bare.ptr[bare.len - 1] == ':')
		return ERR_INVALID;
	for (size_t i = 0; i < bare.len; i++)
		if (strchr("/?#@\\*", bare.ptr[i]))
			return ERR_INVALID;
	r = url_parse(span_of(buf, (size_t)n), NULL, arena, &u, NULL);
	if (r)
		return r;
	if (u.port.ptr || u.host.len > 253 || (below && u.ip))
		return ERR_INVALID;
	(void)snprintf(buf, sizeof(buf), "%s%.*s", below ? "*." : "", SPAN_ARG(u.host));
	*ret = arena_strdup(arena, span_str(buf));
	return *ret ? ERR_OK : ERR_NOMEM;
}

struct named {
	const char *host;
	const struct pair *pair;
};

static int by_host(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->host, y->host);
}

static enum err read_host(struct reading *rd, const struct named *from, struct host_override *ret,
			  key_set *set)
{
	const struct node *n = from->pair->value;
	struct reading below = *rd;
	char where[300];

	*ret = (struct host_override){from->host, rd->w->c.defaults};
	if (tree_is_null(n))
		return ERR_OK;
	(void)snprintf(where, sizeof(where), "hosts.%s.", from->host);
	below.where = where;
	if (n->kind != NODE_MAP)
		return err_set_at(rd->e, ERR_INVALID, n->line, n->col,
				  "'hosts.%s': found %s; a mapping of settings is allowed", from->host,
				  node_found(n));
	return read_settings(&below, n, &(struct bases){.host = &ret->settings}, set);
}

/* Sorted by name, for config_host(). */
enum err read_hosts(struct reading *rd, const struct node *n)
{
	const struct key *k = key_find(SPAN("hosts"));
	struct config *c = &rd->w->c;
	enum err r = check_count(rd, k, n, k->max);
	struct named *named;
	size_t count = 0;

	if (r)
		return r;
	named = ARENA_NEW_ARRAY(&rd->w->arena, struct named, n->count + 1);
	c->hosts = ARENA_NEW_ARRAY(&rd->w->arena, struct host_override, n->count + 1);
	rd->w->host_set = ARENA_NEW_ARRAY(&rd->w->arena, key_set, n->count + 1);
	if (!named || !c->hosts || !rd->w->host_set)
		return no_memory(rd);
	for (const struct pair *p = n->first; p; p = p->next) {
		const char *host = NULL;

		r = host_normal(&rd->w->arena, p->key->text, &host);
		if (r == ERR_NOMEM || arena_failed(&rd->w->arena))
			return no_memory(rd);
		if (r)
			return part_refuse(rd, k, p->key, "a host name, or *. and one, is allowed");
		named[count++] = (struct named){host, p};
	}
	qsort(named, count, sizeof(*named), by_host);
	for (size_t i = 0; i < count && !r; i++) {
		if (i && strcmp(named[i].host, named[i - 1].host) == 0)
			return part_refuse(rd, k, named[i].pair->key, "it stands here twice");
		r = read_host(rd, &named[i], &c->hosts[i], &rd->w->host_set[i]);
	}
	if (!r)
		c->host_count = count;
	return r;
}
