/* SPDX-License-Identifier: MIT */
/* print.c - the table and its values as text: --print-config, the example file, the man page. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/text.h"
#include "config/print.h"

void put(struct out *o, const char *text)
{
	if (!o->r)
		o->r = strbuf_add_str(o->b, text);
}

static void put_span(struct out *o, struct span s)
{
	if (!o->r)
		o->r = strbuf_add_span(o->b, s);
}

void put_spaces(struct out *o, unsigned n)
{
	while (n--)
		put(o, " ");
}

/* What stands between double quotes. */
static void put_escaped(struct out *o, struct span s)
{
	while (s.len) {
		unsigned size = 1;
		/* libyaml lets in UTF-8 only; a path from the environment may hold anything */
		bool valid = text_utf8_valid(span_sub(s, 0, 4)) > 0;
		uint32_t cp = valid ? text_utf8_get(s, &size) : 0xffff;
		char buf[16];

		/* what YAML takes for a line's end or refuses when it stands there itself */
		if ((cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff ||
		    cp == 0xfffe || cp == 0xffff) {
			(void)snprintf(buf, sizeof(buf), "\\u%04x", (unsigned)cp);
			put(o, buf);
		} else {
			put(o, cp == '"' || cp == '\\' ? "\\" : "");
			put_span(o, span_sub(s, 0, size));
		}
		s = span_sub(s, size, s.len);
	}
}

/* Double-quoted unless it is a plain word under every reading of YAML. */
void put_text(struct out *o, const char *text)
{
	static const char *const words[] = {"true", "false", "yes", "no", "on",
					    "off",  "null",  "y",   "n",  "none"};
	struct span s = span_str(text);
	bool plain = s.len > 0 && (byte_is_alpha(*text) || *text == '/');

	for (size_t i = 0; i < s.len; i++)
		plain = plain && (byte_is_alnum(text[i]) || strchr("/._-", text[i]));
	for (size_t i = 0; i < ARRAY_SIZE(words) - 1; i++)
		plain = plain && !span_eq_nocase(s, span_str(words[i]));
	if (plain) {
		put(o, text);
		return;
	}
	put(o, "\"");
	put_escaped(o, s);
	put(o, "\"");
}

static void put_texts(struct out *o, char *const *list)
{
	put(o, "[");
	for (size_t i = 0; list && list[i]; i++) {
		put(o, i ? ", " : "");
		put_text(o, list[i]);
	}
	put(o, "]");
}

static void put_networks(struct out *o, const struct config *c)
{
	put(o, "[");
	for (size_t i = 0; i < c->allow_network_count; i++) {
		static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
		const struct network *n = &c->allow_networks[i];
		bool v4 = memcmp(n->address, mapped, 12) == 0 && n->prefix >= 96;
		char text[INET6_ADDRSTRLEN] = "", prefix[16];

		(void)inet_ntop(v4 ? AF_INET : AF_INET6, n->address + (v4 ? 12 : 0), text, sizeof(text));
		(void)snprintf(prefix, sizeof(prefix), "/%u\"", n->prefix - (v4 ? 96 : 0));
		put(o, i ? ", \"" : "\"");
		put(o, text);
		put(o, prefix);
	}
	put(o, "]");
}

/* Who shows a configuration does not mean to show its secrets. */
static void put_headers(struct out *o, char *const *headers, unsigned indent)
{
	static const char *const secret[] = {
		"Authorization:", "Proxy-Authorization:", "Cookie:", "X-Api-Key:"};

	if (!headers || !*headers) {
		put(o, "{}");
		return;
	}
	for (; *headers; headers++) {
		struct span s = span_str(*headers), name = span_sub(s, 0, (size_t)span_find_byte(s, ':'));
		const char *value = s.ptr + name.len + 2;

		for (size_t i = 0; i < ARRAY_SIZE(secret); i++)
			if (span_starts_nocase(s, span_str(secret[i])))
				value = "(hidden)";
		put(o, "\n");
		put_spaces(o, indent + 2);
		put(o, "\"");
		put_span(o, name);
		put(o, "\": ");
		put_text(o, value);
	}
}

static void put_proxy(struct out *o, const char *proxy)
{
	struct span s = span_str(proxy), rest;
	ptrdiff_t slashes = span_find(s, SPAN("//")), at = -1;

	if (!proxy) {
		put(o, "none");
		return;
	}
	rest = span_sub(s, (size_t)slashes + 2, s.len);
	for (size_t i = 0; i < rest.len; i++)
		if (rest.ptr[i] == '@')
			at = (ptrdiff_t)i;
	put(o, "\"");
	put_escaped(o, span_sub(s, 0, (size_t)slashes + 2));
	put_escaped(o, span_sub(rest, (size_t)(at + 1), rest.len));
	put(o, "\"");
}

static void put_fields(struct out *o, const struct config *c, unsigned indent)
{
	if (!c->field_count) {
		put(o, c->preset);
		return;
	}
	put(o, "\n");
	put_spaces(o, indent + 2);
	put(o, "preset: ");
	put(o, c->preset);
	for (size_t i = 0; i < c->field_count; i++) {
		put(o, "\n");
		put_spaces(o, indent + 2);
		put(o, c->fields[i].name);
		put(o, ": ");
		put_text(o, c->fields[i].key);
	}
}

static void put_ports(struct out *o, const struct config *c)
{
	put(o, "[");
	for (size_t i = 0; i < c->extra_port_count; i++) {
		char buf[16];

		(void)snprintf(buf, sizeof(buf), "%s%u", i ? ", " : "", c->extra_ports[i]);
		put(o, buf);
	}
	put(o, "]");
}

static void put_tracking(struct out *o, const struct tracking *t, unsigned indent)
{
	put(o, t->count ? "" : "{}");
	for (size_t i = 0; i < t->count; i++) {
		struct span rest = span_str(t->rules[i].names), word;
		bool first = true;

		put(o, "\n");
		put_spaces(o, indent + 2);
		put_text(o, t->rules[i].scope);
		put(o, ": [");
		while (rest.len && (word = span_split(&rest, ' ')).ptr) {
			char name[TRACKING_WORD_MAX + 2];

			(void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(word));
			put(o, first ? "" : ", ");
			put_text(o, name);
			first = false;
		}
		put(o, "]");
	}
}

static void put_value(struct out *o, const struct key *k, const void *base, unsigned indent)
{
	const void *at = (const char *)base + k->offset;
	char buf[32] = "";

	switch (k->type) {
	case KEY_BOOL: put(o, *(const bool *)at ? "true" : "false"); return;
	case KEY_COUNT: (void)snprintf(buf, sizeof(buf), "%u", *(const unsigned *)at); break;
	case KEY_DURATION: format_duration(*(const unsigned *)at, buf); break;
	case KEY_SIZE: format_size(*(const uint64_t *)at, buf); break;
	case KEY_TEXT:
	case KEY_CHOICE:
	case KEY_PATH:
	case KEY_SECRET:
		if (*(const char *const *)at)
			put_text(o, *(const char *const *)at);
		else
			put(o, "null");
		return;
	case KEY_POLICY: put(o, k->choices[*(const enum policy *)at]); return;
	case KEY_PROXY: put_proxy(o, *(const char *const *)at); return;
	case KEY_LISTEN:
		if (*(const char *const *)at)
			put_text(o, *(const char *const *)at);
		else
			put(o, "none");
		return;
	case KEY_PATHS:
	case KEY_SERVERS:
	case KEY_GLOBS: put_texts(o, *(char *const *const *)at); return;
	case KEY_NETWORKS: put_networks(o, base); return;
	case KEY_PORTS: put_ports(o, base); return;
	case KEY_HEADERS: put_headers(o, *(char *const *const *)at, indent); return;
	case KEY_TRACKING: put_tracking(o, &((const struct config *)base)->tracking, indent); return;
	case KEY_FIELDS: put_fields(o, base, indent); return;
	case KEY_BLOCK:
	case KEY_DEFAULTS:
	case KEY_RULES:
	case KEY_TOPICS:
	case KEY_FIRST: put_feed_value(o, k, at, base, indent); return;
	case KEY_FEEDS:
	case KEY_HOSTS:
	case KEY_GROUP:
	case KEY_TYPE_COUNT: break;
	}
	put(o, buf);
}

/* "pace" of "pace.gap"; empty for a key at the top. */
static struct span group_of(const struct key *k)
{
	ptrdiff_t dot = span_find_byte(span_str(k->name), '.');

	return dot < 0 ? SPAN("") : span_of(k->name, (size_t)dot);
}

static const char *leaf_of(const struct key *k)
{
	size_t n = group_of(k).len;

	return k->name + n + (n > 0);
}

/* The value begins on a line of its own. */
static bool is_block(const struct key *k, const void *base)
{
	char *const *headers = k->type == KEY_HEADERS
				       ? *(char *const *const *)(const void *)((const char *)base + k->offset)
				       : NULL;

	if (k->feed)
		return is_feed_block(k, (const char *)base + k->offset, base);
	if (k->type == KEY_FIELDS)
		return ((const struct config *)base)->field_count > 0;
	if (k->type == KEY_TRACKING)
		return ((const struct config *)base)->tracking.count > 0;
	return headers && *headers;
}

void put_settings(struct out *o, const struct bases *from, key_set set, unsigned indent)
{
	struct span open = SPAN("");

	for (const struct key *k = keys; k < keys + key_count; k++) {
		struct span group = group_of(k);
		unsigned deep = indent + (group.len ? 2 : 0);
		bool own = set & key_bit(k);
		const void *base = key_base(from, k->host, k->feed);

		if (k->type == KEY_GROUP || k->type == KEY_HOSTS || k->type == KEY_FEEDS ||
		    (!from->whole && !own))
			continue;
		if (group.len && !span_eq(group, open)) {
			put_spaces(o, indent);
			put_span(o, group);
			put(o, ":\n");
		}
		open = group;
		put_spaces(o, deep);
		put(o, leaf_of(k));
		put(o, is_block(k, base) ? ":" : ": ");
		put_value(o, k, base, deep);
		put(o, !from->whole || own ? "\n" : " # default\n");
	}
}

enum err config_print(const struct config *c, struct strbuf *out)
{
	const struct whole *w = (const struct whole *)c;
	struct out o = {out, ERR_OK};

	put(&o, c->path ? "# from " : "# no file, all defaults");
	for (const char *p = c->path; p && *p; p++)
		put_span(&o, (unsigned char)*p < 0x20 || *p == 0x7f ? SPAN("?") : span_of(p, 1));
	put(&o, "\n");
	struct config *whole = (struct config *)(uintptr_t)c; /* nothing is written to it */
	const struct bases all = bases_of(whole);

	put_settings(&o, &all, w->set, 0);
	put(&o, c->host_count ? "hosts:\n" : "hosts: {} # default\n");
	for (size_t i = 0; i < c->host_count; i++) {
		put(&o, "  \"");
		put(&o, c->hosts[i].host);
		put(&o, w->host_set[i] ? "\":\n" : "\": {}\n");
		put_settings(&o, &(struct bases){.host = &whole->hosts[i].settings}, w->host_set[i], 4);
	}
	put_feeds(&o, whole, w->feed_set);
	return o.r;
}

/* ---- help ---- */

enum { WIDTH = 100 };

/* Words of text, folded, each line after prefix. */
static void put_folded(struct out *o, const char *prefix, const char *text)
{
	struct span rest = span_str(text), word;
	size_t col = 0, begin = strlen(prefix);

	while ((word = span_split(&rest, ' ')).ptr) {
		if (col == 0 || col + 1 + word.len > WIDTH) {
			put(o, col ? "\n" : "");
			put(o, prefix);
			col = begin;
		}
		put(o, " ");
		put_span(o, word);
		col += 1 + word.len;
	}
	put(o, "\n");
}

/* What a key takes and, in sentences, its range; empty where the help says it. */
static void range_text(const struct key *k, char buf[240])
{
	char allowed[200];

	buf[0] = 0;
	if (k->type != KEY_BOOL && k->type != KEY_COUNT && k->type != KEY_DURATION && k->type != KEY_SIZE &&
	    k->type != KEY_CHOICE)
		return;
	key_allowed(k, allowed, sizeof(allowed));
	if (allowed[0] && allowed[strlen(allowed) - 1] == ',')
		allowed[strlen(allowed) - 1] = 0;
	(void)snprintf(buf, 240, "%c%s.", allowed[0] - (k->type != KEY_CHOICE ? 32 : 0), allowed + 1);
}

/* A block whose every line begins with # and, uncommented, is YAML with comments. */
static void put_example(struct out *o, const struct key *k)
{
	bool nested = group_of(k).len > 0;
	const char *value = k->example ? k->example : k->def ? k->def : "";
	struct span rest = span_str(value);
	char range[240];

	if (!nested)
		put(o, "\n");
	range_text(k, range);
	if (k->help || (range[0] && k->type != KEY_CHOICE)) {
		CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(8192);

		o->r = o->r ? o->r
			    : strbuf_addf(&b, "%s%s%s", k->help ? k->help : "",
					  k->help && range[0] ? " " : "", range);
		if (!o->r && k->example && k->def && strcmp(k->def, "[]") != 0)
			o->r = strbuf_addf(&b, " Default: %s.", k->def);
		put_folded(o, nested ? "#  #" : "#", strbuf_cstr(&b));
	}
	put(o, nested ? "#  " : "#");
	put(o, leaf_of(k));
	put(o, ":");
	if (*value && *value != '\n')
		put(o, " ");
	for (struct span line = span_split(&rest, '\n'); line.ptr; line = span_split(&rest, '\n')) {
		put(o, line.ptr == value ? "" : nested ? "\n#  " : "\n#");
		put_span(o, line);
	}
	put(o, "\n");
}

enum err config_example(struct strbuf *out)
{
	struct out o = {out, ERR_OK};

	put(&o, "# SPDX-License-Identifier: MIT\n");
	put_folded(
		&o, "#",
		"Configuration of ingestd: every key with its default or, where the default is nothing, an "
		"example. A run needs none of them.");
	put_folded(&o, "#",
		   "Looked for as --config FILE, then ingestd/ingestd.yaml in $XDG_CONFIG_HOME (~/.config), "
		   "then /etc/ingestd/ingestd.yaml. "
		   "Relative paths start from the file's folder; ~/ is the home folder. "
		   "`ingestd --check-config` checks, `ingestd --print-config` shows what is in force.");
	put_folded(&o, "#", "This file is made from the table in lib/config/table.c.");
	for (size_t i = 0; i < key_count; i++)
		put_example(&o, &keys[i]);
	return o.r;
}

/* Text for mdoc: a sentence a line and no long ones, as mdoc wants it; backslashes, and lines that would be
 * requests, escaped. */
static void put_mdoc_text(struct out *o, const char *text)
{
	struct span rest = span_str(text), word;
	size_t col = 0;
	bool sentence_end = false;

	while ((word = span_split(&rest, ' ')).ptr) {
		if (col) {
			bool fold = sentence_end || col + 1 + word.len > 78;

			put(o, fold ? "\n" : " ");
			col = fold ? 0 : col + 1;
		}
		if (!col && word.len && (*word.ptr == '.' || *word.ptr == '\''))
			put(o, "\\&");
		for (size_t i = 0; i < word.len; i++)
			put_span(o, word.ptr[i] == '\\' ? SPAN("\\e") : span_sub(word, i, i + 1));
		col += word.len;
		/* "*." is a host pattern */
		sentence_end = word.len > 2 && word.ptr[word.len - 1] == '.';
	}
	put(o, "\n");
}

enum err config_mdoc(struct strbuf *out)
{
	struct out o = {out, ERR_OK};

	put(&o, ".Bl -tag -width Ds\n");
	for (const struct key *k = keys; k < keys + key_count; k++) {
		char range[240];

		put(&o, ".It Cm ");
		put(&o, k->name);
		put(&o, "\n");
		range_text(k, range);
		if (k->help)
			put_mdoc_text(&o, k->help);
		if (range[0])
			put_mdoc_text(&o, range);
		if (k->type == KEY_POLICY)
			put_mdoc_text(&o, "fill, refresh, keep or tidy.");
		if (k->def && strcmp(k->def, "[]") != 0) {
			put(&o, "Default:\n.Ql ");
			for (const char *p = k->def; *p; p++)
				put(&o, *p == '"' ? "\\(dq" : (char[]){*p, 0});
			put(&o, " .\n");
		}
	}
	put(&o, ".El\n");
	return o.r;
}
