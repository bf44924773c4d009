/* SPDX-License-Identifier: MIT */
/* convert.c - single values: what a node says, into the field that a key describes. */
#include <stdio.h>

#include "config/table.h"

static const struct unit {
	const char *name;
	uint64_t factor;
} durations[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}},
  sizes[] = {{"GiB", UINT64_C(1) << 30},
	     {"MiB", 1 << 20},
	     {"KiB", 1 << 10},
	     {"GB", 1000000000},
	     {"MB", 1000000},
	     {"kB", 1000},
	     {"B", 1}};

enum err no_memory(struct reading *rd)
{
	enum err r = arena_failed(&rd->w->arena);

	return err_set(rd->e, r ? r : ERR_NOMEM, "%s", err_text(r ? r : ERR_NOMEM));
}

bool text_is_line(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return false;
	return true;
}

/* "1.5s": digits, up to three decimals, a unit. No unit: only 0, so that nobody wonders which was meant. */
static bool quantity(struct span s, const struct unit *units, size_t count, uint64_t *ret)
{
	uint64_t whole = 0, milli = 0;
	size_t i = 0, digits = 0;

	for (; i < s.len && byte_is_digit(s.ptr[i]); i++, digits++) {
		if (digits == 9)
			return false;
		whole = whole * 10 + (uint64_t)(s.ptr[i] - '0');
	}
	if (!digits)
		return false;
	if (i < s.len && s.ptr[i] == '.') {
		uint64_t place = 100;

		for (i++; i < s.len && byte_is_digit(s.ptr[i]) && place; i++, place /= 10)
			milli += (uint64_t)(s.ptr[i] - '0') * place;
		if (!byte_is_digit(s.ptr[i - 1]))
			return false;
	}
	s = span_trim(span_sub(s, i, s.len));
	if (s.len == 0) {
		*ret = 0;
		return whole == 0 && milli == 0;
	}
	for (size_t u = 0; u < count; u++) {
		if (!span_eq_nocase(s, span_str(units[u].name)))
			continue;
		/* 9 digits times a GiB stay below 2^64 */
		if (milli * units[u].factor % 1000)
			return false;
		*ret = whole * units[u].factor + milli * units[u].factor / 1000;
		return true;
	}
	return false;
}

static void format_quantity(uint64_t n, const struct unit *units, size_t count, char buf[32])
{
	for (size_t u = 0; u < count; u++) {
		if (n % units[u].factor || (n == 0 && u + 1 < count && units[u].factor != 1000))
			continue;
		(void)snprintf(buf, 32, "%llu%s", (unsigned long long)(n / units[u].factor), units[u].name);
		return;
	}
}

void format_duration(unsigned ms, char buf[32])
{
	format_quantity(ms, durations, ARRAY_SIZE(durations), buf);
}

void format_size(uint64_t bytes, char buf[32])
{
	format_quantity(bytes, sizes, ARRAY_SIZE(sizes), buf);
}

static void join(const char *const *choices, char *buf, size_t size)
{
	size_t n = 0;

	for (; *choices && n < size; choices++) {
		int k = snprintf(buf + n, size - n, "%s%s",
				 n == 0       ? ""
				 : choices[1] ? ", "
					      : " or ",
				 *choices);

		n += k > 0 ? (size_t)k : 0;
	}
}

void key_allowed(const struct key *k, char *buf, size_t size)
{
	char min[32], max[32];

	switch (k->type) {
	case KEY_BOOL: (void)snprintf(buf, size, "true or false"); return;
	case KEY_COUNT:
		(void)snprintf(buf, size, "a number from %llu to %llu", (unsigned long long)k->min,
			       (unsigned long long)k->max);
		return;
	case KEY_DURATION:
		format_duration((unsigned)k->min, min);
		format_duration((unsigned)k->max, max);
		(void)snprintf(buf, size, "a duration from %s to %s, such as 1500ms, 2s or 1m,", min, max);
		return;
	case KEY_SIZE:
		format_size(k->min, min);
		format_size(k->max, max);
		(void)snprintf(buf, size, "a size from %s to %s, such as 500kB or 2MiB,", min, max);
		return;
	case KEY_TEXT:
		(void)snprintf(buf, size, "a line of at most %llu bytes", (unsigned long long)k->max);
		return;
	case KEY_CHOICE:
	case KEY_POLICY: join(k->choices, buf, size); return;
	case KEY_SECRET:
	case KEY_PATH: (void)snprintf(buf, size, "a path"); return;
	case KEY_PROXY:
		(void)snprintf(buf, size, "none or a URL of http, https, socks5 or socks5h with a host");
		return;
	case KEY_PATHS: (void)snprintf(buf, size, "a path or a list of paths"); return;
	case KEY_GLOBS: (void)snprintf(buf, size, "a pattern or a list of patterns"); return;
	case KEY_NETWORKS:
		(void)snprintf(buf, size, "a list of networks such as 10.0.0.0/8 or fd00::/8");
		return;
	case KEY_PORTS:
		(void)snprintf(buf, size, "a list of at most 16 ports from %llu to %llu",
			       (unsigned long long)k->min, (unsigned long long)k->max);
		return;
	case KEY_HEADERS: (void)snprintf(buf, size, "a mapping of header names to texts"); return;
	case KEY_SERVERS:
		(void)snprintf(buf, size, "a list of addresses such as 9.9.9.9 or [::1]:5353");
		return;
	case KEY_TRACKING:
		(void)snprintf(buf, size, "a mapping of hosts to a name or a list of names");
		return;
	case KEY_FIELDS: (void)snprintf(buf, size, "a preset or a mapping of fields to keys"); return;
	case KEY_HOSTS: (void)snprintf(buf, size, "a mapping of host names to settings"); return;
	case KEY_BLOCK:
		(void)snprintf(buf, size, "a text of at most %llu bytes", (unsigned long long)k->max);
		return;
	case KEY_DEFAULTS: (void)snprintf(buf, size, "a mapping of keys to values or lists"); return;
	case KEY_RULES: (void)snprintf(buf, size, "a list of mappings of fields to patterns"); return;
	case KEY_TOPICS:
		(void)snprintf(buf, size,
			       "a mapping of topics to patterns, or to mappings of fields to them,");
		return;
	case KEY_FIRST:
		(void)snprintf(buf, size,
			       "a number of entries from 0 to %llu, a day such as 2026-01-31, or all",
			       (unsigned long long)k->max);
		return;
	case KEY_FEEDS: (void)snprintf(buf, size, "a list of feeds"); return;
	case KEY_LISTEN:
		(void)snprintf(
			buf, size,
			"none, systemd, a path of at most %d bytes that begins with /, 127.0.0.1:PORT or "
			"[::1]:PORT",
			LISTEN_PATH_MAX);
		return;
	case KEY_GROUP:
	case KEY_TYPE_COUNT: break;
	}
	(void)snprintf(buf, size, "a mapping");
}

/* One line of what stands in the file, not more than fits a message. */
static void quote_found(const struct node *n, char buf[64])
{
	size_t len = MIN(n->text.len, 40);

	if (n->kind != NODE_SCALAR || tree_is_null(n)) {
		(void)snprintf(buf, 64, "%s", node_found(n));
		return;
	}
	while (len < n->text.len && len && ((unsigned char)n->text.ptr[len] & 0xc0) == 0x80)
		len--;
	(void)snprintf(buf, 64, "'%.*s%s'", (int)len, n->text.ptr, len < n->text.len ? "..." : "");
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
}

enum err key_refuse(struct reading *rd, const struct key *k, const struct node *n, enum err code)
{
	char found[64], allowed[200];

	quote_found(n, found);
	key_allowed(k, allowed, sizeof(allowed));
	err_set_at(rd->e, code, n->line, n->col, "'%s%s': found %s; %s is allowed", rd->where, k->name, found,
		   allowed);
	if (k->choices && n->kind == NODE_SCALAR)
		word_suggest(rd->e, n->text, k->choices);
	return code;
}

static enum err read_bool(struct reading *rd, const struct key *k, const struct node *n, bool *ret)
{
	static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};

	for (unsigned i = 0; i < 3; i++) {
		if (n->plain && span_eq_nocase(n->text, span_str(yes[i]))) {
			*ret = true;
			return ERR_OK;
		}
		if (n->plain && span_eq_nocase(n->text, span_str(no[i]))) {
			*ret = false;
			return ERR_OK;
		}
	}
	return key_refuse(rd, k, n, ERR_INVALID);
}

static enum err read_quantity(struct reading *rd, const struct key *k, const struct node *n, uint64_t *ret)
{
	uint64_t got;
	bool ok;

	if (k->type == KEY_COUNT)
		ok = n->plain && span_to_uint(n->text, UINT64_MAX, &got);
	else if (k->type == KEY_DURATION)
		ok = quantity(n->text, durations, ARRAY_SIZE(durations), &got);
	else
		ok = quantity(n->text, sizes, ARRAY_SIZE(sizes), &got);
	if (!ok)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (got < k->min || got > k->max)
		return key_refuse(rd, k, n, ERR_RANGE);
	*ret = got;
	return ERR_OK;
}

static enum err read_text(struct reading *rd, const struct key *k, const struct node *n, const char **ret)
{
	struct span s = span_trim(n->text);

	if (s.len == 0 || !text_is_line(s))
		return key_refuse(rd, k, n, ERR_INVALID);
	if (s.len > k->max)
		return key_refuse(rd, k, n, ERR_RANGE);
	*ret = arena_strdup(&rd->w->arena, s);
	return *ret ? ERR_OK : no_memory(rd);
}

static enum err read_choice(struct reading *rd, const struct key *k, const struct node *n, unsigned *ret)
{
	for (unsigned i = 0; k->choices[i]; i++) {
		if (span_eq_str(n->text, k->choices[i])) {
			*ret = i;
			return ERR_OK;
		}
	}
	return key_refuse(rd, k, n, ERR_INVALID);
}

static enum err read_proxy(struct reading *rd, const struct key *k, const struct node *n, const char **ret)
{
	static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};

	if (span_eq(n->text, SPAN("none"))) {
		*ret = NULL;
		return ERR_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		struct span rest = n->text;

		if (!span_starts_nocase(rest, span_str(schemes[i])) || span_find_byte(rest, ' ') >= 0)
			continue;
		rest = span_sub(rest, strlen(schemes[i]), rest.len);
		while (span_find_byte(rest, '@') >= 0)
			(void)span_split(&rest, '@');
		if (rest.len && (byte_is_alnum(*rest.ptr) || *rest.ptr == '['))
			return read_text(rd, k, n, ret);
	}
	return key_refuse(rd, k, n, ERR_INVALID);
}

/* Types that take one scalar. */
static enum err read_scalar(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	uint64_t number = 0;
	unsigned choice = 0;
	enum err r;

	if (n->kind != NODE_SCALAR)
		return key_refuse(rd, k, n, ERR_INVALID);
	switch (k->type) {
	case KEY_BOOL: return read_bool(rd, k, n, at);
	case KEY_TEXT: return read_text(rd, k, n, at);
	case KEY_PROXY: return read_proxy(rd, k, n, at);
	case KEY_PATH: return read_path(rd, k, n, at);
	case KEY_CHOICE:
		r = read_choice(rd, k, n, &choice);
		if (!r)
			*(const char **)at = k->choices[choice];
		return r;
	case KEY_POLICY:
		r = read_choice(rd, k, n, &choice);
		if (!r)
			*(enum policy *)at = (enum policy)choice;
		return r;
	case KEY_SIZE: return read_quantity(rd, k, n, at);
	default: break;
	}
	r = read_quantity(rd, k, n, &number);
	if (!r)
		*(unsigned *)at = (unsigned)number;
	return r;
}

enum err key_read(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	void *at = (char *)base + k->offset;

	if (tree_is_null(n)) /* `key:` with nothing behind it leaves the default */
		return ERR_OK;
	switch (k->type) {
	case KEY_PATHS: return read_paths(rd, k, n, at);
	case KEY_GLOBS: return read_globs(rd, k, n, at);
	case KEY_NETWORKS: return read_networks(rd, k, n, base);
	case KEY_PORTS: return read_ports(rd, k, n, base);
	case KEY_HEADERS: return read_headers(rd, k, n, at);
	case KEY_SECRET: return read_secret(rd, k, n, at);
	case KEY_SERVERS: return read_servers(rd, k, n, at);
	case KEY_LISTEN: return read_listen(rd, k, n, at);
	case KEY_TRACKING: return read_tracking(rd, k, n, base);
	case KEY_FIELDS: return read_fields(rd, k, n, base);
	case KEY_BLOCK: return read_block(rd, k, n, at);
	case KEY_DEFAULTS: return read_defaults(rd, k, n, base);
	case KEY_RULES: return read_rules(rd, k, n, at);
	case KEY_TOPICS: return read_topics(rd, k, n, at);
	case KEY_FIRST: return read_first(rd, k, n, at);
	case KEY_FEEDS:
		if (n->kind != NODE_LIST)
			return key_refuse(rd, k, n, ERR_INVALID);
		rd->feeds = n;
		return ERR_OK;
	case KEY_HOSTS:
		if (n->kind != NODE_MAP)
			return key_refuse(rd, k, n, ERR_INVALID);
		rd->hosts = n;
		return ERR_OK;
	default: return read_scalar(rd, k, n, at);
	}
}
