/* SPDX-License-Identifier: MIT */
/* rules.c - the key `tracking`, scopes and names as in lib/base/tracking.rules; and `name-servers`. */
#include <arpa/inet.h>
#include <stdio.h>

#include "config/table.h"

static enum err refuse(struct reading *rd, const struct key *k, const struct node *n, const char *why)
{
	if (n->kind != NODE_SCALAR || tree_is_null(n))
		return key_refuse(rd, k, n, ERR_INVALID);
	return err_set_at(rd->e, ERR_INVALID, n->line, n->col, "'%s': found '%.*s'; %s", k->name,
			  (int)MIN(n->text.len, 60), n->text.ptr, why);
}

/* ret->names has room. */
static enum err add_name(struct reading *rd, const struct key *k, const struct node *n, char *names)
{
	if (n->kind != NODE_SCALAR || !tracking_is_name(n->text))
		return refuse(
			rd, k, n,
			"a parameter's name such as ref or promo_*, or one to keep such as -id, is allowed");
	(void)snprintf(names + strlen(names), n->text.len + 2, "%s%.*s", *names ? " " : "",
		       SPAN_ARG(n->text));
	return ERR_OK;
}

static enum err read_rule(struct reading *rd, const struct key *k, const struct pair *p,
			  struct tracking_rule *ret)
{
	size_t room = p->value->kind == NODE_SCALAR ? p->value->text.len + 2 : 1;
	char *names;
	enum err r = ERR_OK;

	if (!tracking_is_scope(p->key->text))
		return refuse(rd, k, p->key, "*, a host, or a host and the beginning of a path is allowed");
	if (p->value->kind == NODE_MAP || tree_is_null(p->value))
		return key_refuse(rd, k, p->value, ERR_INVALID);
	for (const struct pair *one = p->value->first; one; one = one->next)
		room += one->value->kind == NODE_SCALAR ? one->value->text.len + 2 : 0;
	names = arena_alloc(&rd->w->arena, room);
	ret->scope = arena_strdup(&rd->w->arena, p->key->text);
	if (!names || !ret->scope)
		return no_memory(rd);
	*names = 0;
	if (p->value->kind == NODE_SCALAR)
		r = add_name(rd, k, p->value, names);
	for (const struct pair *one = p->value->first; one && !r; one = one->next)
		r = add_name(rd, k, one->value, names);
	ret->names = names;
	return r;
}

enum err read_tracking(struct reading *rd, const struct key *k, const struct node *n, void *base)
{
	struct config *c = base;
	struct tracking_rule *rules;
	size_t i = 0;
	enum err r = ERR_OK;

	if (n->kind != NODE_MAP)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (n->count > k->max)
		return err_set_at(rd->e, ERR_RANGE, n->line, n->col,
				  "'%s': found %zu entries; at most %llu are allowed", k->name, n->count,
				  (unsigned long long)k->max);
	rules = ARENA_NEW_ARRAY(&rd->w->arena, struct tracking_rule, n->count + 1);
	if (!rules)
		return no_memory(rd);
	for (const struct pair *p = n->first; p && !r; p = p->next)
		r = read_rule(rd, k, p, &rules[i++]);
	if (!r)
		c->tracking = (struct tracking){rules, i};
	return r;
}

/* An address, dotted or v6; in brackets, or dotted, a port may follow. */
static bool is_server(struct span s)
{
	bool bracket = span_starts(s, SPAN("["));
	struct span address = s, port = SPAN_NONE;
	unsigned char bytes[16];
	uint64_t number;
	char text[64];
	ptrdiff_t end;

	if (bracket) {
		end = span_find_byte(s, ']');
		if (end < 0)
			return false;
		address = span_sub(s, 1, (size_t)end);
		port = span_sub(s, (size_t)end + 1, s.len);
		if (port.len && !span_starts(port, SPAN(":")))
			return false;
		port = port.len ? span_sub(port, 1, port.len) : SPAN_NONE;
	} else if (span_find_byte(s, '.') >= 0) {
		port = s;
		address = span_split(&port, ':');
	}
	if (address.len >= sizeof(text) || (port.ptr && (!span_to_uint(port, 65535, &number) || !number)))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(address));
	return inet_pton(!bracket && span_find_byte(address, '.') >= 0 && span_find_byte(address, ':') < 0
				 ? AF_INET
				 : AF_INET6,
			 text, bytes) == 1;
}

enum err read_servers(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	char **list = ARENA_NEW_ARRAY(&rd->w->arena, char *, n->count + 1);
	size_t i = 0;

	if (!list)
		return no_memory(rd);
	if (n->kind != NODE_LIST)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (n->count > k->max)
		return err_set_at(rd->e, ERR_RANGE, n->line, n->col,
				  "'%s': found %zu entries; at most %llu are allowed", k->name, n->count,
				  (unsigned long long)k->max);
	for (const struct pair *p = n->first; p; p = p->next) {
		if (p->value->kind != NODE_SCALAR || !is_server(p->value->text))
			return key_refuse(rd, k, p->value, ERR_INVALID);
		list[i] = arena_strdup(&rd->w->arena, p->value->text);
		if (!list[i++])
			return no_memory(rd);
	}
	*(char ***)at = list;
	return ERR_OK;
}
