/* SPDX-License-Identifier: MIT */
/* listen.c - the key `status.listen`: an address that only this machine reaches. */
#include <arpa/inet.h>
#include <stdio.h>

#include "config/table.h"

/* "127.0.0.1:80", "[::1]:80". A name, as localhost, is what somebody's resolver says: none is taken. */
static bool read_address(struct span text, struct listen_place *ret)
{
	struct span host, port;
	struct in_addr v4;
	char buf[INET_ADDRSTRLEN];
	ptrdiff_t colon;
	uint64_t n;

	for (colon = (ptrdiff_t)text.len - 1; colon >= 0 && text.ptr[colon] != ':'; colon--)
		;
	if (colon < 0)
		return false;
	host = span_sub(text, 0, (size_t)colon);
	port = span_sub(text, (size_t)colon + 1, text.len);
	if (!port.len || !span_to_uint(port, 65535, &n))
		return false;
	ret->port = (unsigned)n;
	ret->kind = LISTEN_IPV6;
	if (span_eq(host, SPAN("[::1]")))
		return true;
	(void)snprintf(buf, sizeof(buf), "%.*s", (int)MIN(host.len, sizeof(buf)), host.ptr);
	ret->kind = LISTEN_IPV4;
	return inet_pton(AF_INET, buf, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

bool config_listen(struct span text, struct listen_place *ret)
{
	struct listen_place found = {.kind = LISTEN_NOWHERE};

	if (span_eq(text, SPAN("systemd")))
		found.kind = LISTEN_SYSTEMD;
	else if (span_starts(text, SPAN("/")) && text.len > 1 && text.len <= LISTEN_PATH_MAX)
		found.kind = LISTEN_UNIX;
	else if (text.len && !span_eq(text, SPAN("none")) && !read_address(text, &found))
		return false;
	*ret = found;
	return true;
}

enum err read_listen(struct reading *rd, const struct key *k, const struct node *n, void *at)
{
	const char **ret = at;
	struct listen_place place;
	enum err r;

	if (n->kind != NODE_SCALAR || !n->text.len)
		return key_refuse(rd, k, n, ERR_INVALID);
	if (*n->text.ptr == '/' || *n->text.ptr == '~') {
		r = read_path(rd, k, n, at);
		if (r || config_listen(span_str(*ret), &place))
			return r;
		return key_refuse(rd, k, n, ERR_INVALID);
	}
	if (!config_listen(n->text, &place))
		return key_refuse(rd, k, n, ERR_INVALID);
	*ret = NULL;
	if (place.kind == LISTEN_NOWHERE)
		return ERR_OK;
	*ret = arena_strdup(&rd->w->arena, n->text);
	return *ret ? ERR_OK : no_memory(rd);
}
