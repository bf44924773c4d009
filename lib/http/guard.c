/* SPDX-License-Identifier: MIT */
#include "http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct range {
	uint8_t address[16];
	unsigned prefix;
	const char *what;
};

/* Sorted by address; the first that matches names the kind. */
static const struct range v4_refused[] = {
	{{0}, 8, "of this network"},
	{{10}, 8, "private"},
	{{100, 64}, 10, "shared (carrier-grade NAT)"},
	{{127}, 8, "loopback"},
	{{169, 254}, 16, "link-local"},
	{{172, 16}, 12, "private"},
	{{192, 0, 0}, 24, "reserved for protocols"},
	{{192, 0, 2}, 24, "for documentation"},
	{{192, 31, 196}, 24, "for AS112"},
	{{192, 52, 193}, 24, "for multicast tunnels"},
	{{192, 88, 99}, 24, "a 6to4 relay"},
	{{192, 168}, 16, "private"},
	{{192, 175, 48}, 24, "for AS112"},
	{{198, 18}, 15, "for benchmarks"},
	{{198, 51, 100}, 24, "for documentation"},
	{{203, 0, 113}, 24, "for documentation"},
	{{224}, 4, "multicast"},
	{{240}, 4, "reserved"},
};

static const struct range v6_global = {{0x20}, 3, NULL};

/* Inside 2000::/3. */
static const struct range v6_refused[] = {
	{{0x20, 0x01, 0x00}, 23, "reserved for protocols"},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, "for documentation"},
	{{0x20, 0x02}, 16, "6to4"},
	{{0x26, 0x20, 0x00, 0x4f, 0x80}, 48, "for AS112"},
	{{0x3f, 0xff, 0x00}, 20, "for documentation"},
};

/* Only for the text: all of them lie outside 2000::/3. */
static const struct range v6_named[] = {
	{{0}, 128, "unspecified"},        {{[15] = 1}, 128, "loopback"},    {{0xfc}, 7, "private"},
	{{0xfe, 0x80}, 10, "link-local"}, {{0xfe, 0xc0}, 10, "site-local"}, {{0xff}, 8, "multicast"},
};

static const struct range v4_mapped = {{[10] = 0xff, [11] = 0xff}, 96, NULL};
static const struct range nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96, NULL};

static bool in_range(const uint8_t *address, const uint8_t *range, unsigned prefix)
{
	unsigned bytes = prefix / 8, bits = prefix % 8;

	if (memcmp(address, range, bytes) != 0)
		return false;
	return !bits || ((address[bytes] ^ range[bytes]) & (0xff00 >> bits) & 0xff) == 0;
}

static const char *find_range(const uint8_t *address, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (in_range(address, ranges[i].address, ranges[i].prefix))
			return ranges[i].what;
	return NULL;
}

static bool is_allowed(const struct guard *g, const uint8_t address[16])
{
	for (size_t i = 0; i < g->allow_count; i++)
		if (g->allow[i].prefix <= 128 && in_range(address, g->allow[i].address, g->allow[i].prefix))
			return true;
	return false;
}

/* a: 16 bytes, IPv4 as ::ffff:a.b.c.d */
static const char *judge(const struct guard *g, const uint8_t a[16])
{
	const char *what;

	if (is_allowed(g, a))
		return NULL;
	if (in_range(a, v4_mapped.address, v4_mapped.prefix))
		return find_range(a + 12, v4_refused, ARRAY_SIZE(v4_refused));
	if (in_range(a, v6_global.address, v6_global.prefix))
		return find_range(a, v6_refused, ARRAY_SIZE(v6_refused));
	what = find_range(a, v6_named, ARRAY_SIZE(v6_named));
	return what ? what : "reserved";
}

const char *guard_address(const struct guard *g, const struct sockaddr *address, socklen_t len)
{
	uint8_t a[16];

	if (len < offsetof(struct sockaddr, sa_data))
		return "of an unknown family";
	memcpy(a, v4_mapped.address, sizeof(a));
	if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		memcpy(a + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		uint8_t six[16];

		memcpy(six, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
		if (is_allowed(g, six))
			return NULL;
		if (in_range(six, nat64.address, nat64.prefix))
			memcpy(a + 12, six + 12, 4);
		else
			memcpy(a, six, 16);
	} else {
		return "of an unknown family";
	}
	return judge(g, a);
}

bool guard_is_opened(const struct guard *g, const struct sockaddr *address, socklen_t len)
{
	uint8_t a[16];

	if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		memcpy(a, v4_mapped.address, sizeof(a));
		memcpy(a + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		memcpy(a, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	} else {
		return false;
	}
	return is_allowed(g, a);
}

const char *guard_host(const struct guard *g, struct span host)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	char text[INET6_ADDRSTRLEN];
	bool literal = span_starts(host, SPAN("[")) && span_ends(host, SPAN("]"));

	if (span_ends(host, SPAN(".")))
		host = span_sub(host, 0, host.len - 1);
	if (span_eq_nocase(host, SPAN("localhost")) || span_ends_nocase(host, SPAN(".localhost")))
		host = SPAN("127.0.0.1");
	if (literal)
		host = span_sub(host, 1, host.len - 1);
	if (host.len >= sizeof(text))
		return NULL;
	memcpy(text, host.ptr ? host.ptr : "", host.len);
	text[host.len] = '\0';
	if (literal)
		return inet_pton(AF_INET6, text, &six.sin6_addr) == 1
			       ? guard_address(g, (struct sockaddr *)&six, sizeof(six))
			       : "not readable";
	return inet_pton(AF_INET, text, &four.sin_addr) == 1
		       ? guard_address(g, (struct sockaddr *)&four, sizeof(four))
		       : NULL;
}

static bool port_allowed(const struct guard *g, unsigned port)
{
	if (port == 80 || port == 443 || (port > 1023 && port <= 65535))
		return true;
	for (size_t i = 0; i < g->port_count; i++)
		if (g->ports[i] == port)
			return true;
	return false;
}

enum err guard_url(const struct guard *g, const struct url *url, struct error *e)
{
	if (!span_eq_str(url->scheme, "http") && !span_eq_str(url->scheme, "https"))
		return err_set(e, ERR_REFUSED, "scheme '%.*s' is not fetched", (int)MIN(url->scheme.len, 32),
			       url->scheme.ptr ? url->scheme.ptr : "");
	if (url->href.len > (g->url_max ? g->url_max : (size_t)URL_MAX))
		return err_set(e, ERR_REFUSED, "the URL has more than %zu bytes",
			       g->url_max ? g->url_max : (size_t)URL_MAX);
	if (url->had_userinfo)
		return err_set(e, ERR_REFUSED, "the URL carries a user name");
	if (url->host.len == 0)
		return err_set(e, ERR_REFUSED, "the URL has no host");
	if (!port_allowed(g, url->port_number))
		return err_set(e, ERR_REFUSED, "port %u is not open to pages", url->port_number);
	return ERR_OK;
}
