/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "http/guard.h"

/* want: NULL passes, else the kind; "*" any refusal. allow: one network, "ADDRESS/PREFIX of 128". */
static const struct row {
	const char *name, *want, *allow;
	unsigned prefix;
} rows[] = {
	{"0.0.0.0", "of this network", NULL, 0},
	{"0.255.255.255", "of this network", NULL, 0},
	{"1.0.0.0", NULL, NULL, 0},
	{"1.1.1.1", NULL, NULL, 0},
	{"9.255.255.255", NULL, NULL, 0},
	{"10.0.0.0", "private", NULL, 0},
	{"10.255.255.255", "private", NULL, 0},
	{"11.0.0.0", NULL, NULL, 0},
	{"100.63.255.255", NULL, NULL, 0},
	{"100.64.0.0", "*", NULL, 0},
	{"100.127.255.255", "*", NULL, 0},
	{"100.128.0.0", NULL, NULL, 0},
	{"126.255.255.255", NULL, NULL, 0},
	{"127.0.0.1", "loopback", NULL, 0},
	{"127.255.255.255", "loopback", NULL, 0},
	{"128.0.0.0", NULL, NULL, 0},
	{"169.253.255.255", NULL, NULL, 0},
	{"169.254.169.254", "link-local", NULL, 0},
	{"169.255.0.0", NULL, NULL, 0},
	{"172.15.255.255", NULL, NULL, 0},
	{"172.16.0.1", "private", NULL, 0},
	{"172.31.255.255", "private", NULL, 0},
	{"172.32.0.0", NULL, NULL, 0},
	{"192.0.0.1", "*", NULL, 0},
	{"192.0.1.0", NULL, NULL, 0},
	{"192.0.2.77", "*", NULL, 0},
	{"192.31.196.1", "*", NULL, 0},
	{"192.52.193.1", "*", NULL, 0},
	{"192.88.99.1", "*", NULL, 0},
	{"192.167.255.255", NULL, NULL, 0},
	{"192.168.1.1", "private", NULL, 0},
	{"192.169.0.0", NULL, NULL, 0},
	{"192.175.48.6", "*", NULL, 0},
	{"198.17.255.255", NULL, NULL, 0},
	{"198.18.0.1", "*", NULL, 0},
	{"198.19.255.255", "*", NULL, 0},
	{"198.20.0.0", NULL, NULL, 0},
	{"198.51.100.9", "*", NULL, 0},
	{"203.0.113.9", "*", NULL, 0},
	{"223.255.255.255", NULL, NULL, 0},
	{"224.0.0.1", "multicast", NULL, 0},
	{"239.255.255.250", "multicast", NULL, 0},
	{"240.0.0.1", "reserved", NULL, 0},
	{"255.255.255.255", "reserved", NULL, 0},
	{"::", "unspecified", NULL, 0},
	{"::1", "loopback", NULL, 0},
	{"::2", "reserved", NULL, 0},
	{"::127.0.0.1", "*", NULL, 0},
	{"::1.1.1.1", "*", NULL, 0},
	{"::ffff:127.0.0.1", "loopback", NULL, 0},
	{"::ffff:10.1.2.3", "private", NULL, 0},
	{"::ffff:1.1.1.1", NULL, NULL, 0},
	{"::ffff:0:127.0.0.1", "*", NULL, 0},
	{"64:ff9b::7f00:1", "loopback", NULL, 0},
	{"64:ff9b::a9fe:a9fe", "link-local", NULL, 0},
	{"64:ff9b::101:101", NULL, NULL, 0},
	{"64:ff9b:1::101:101", "*", NULL, 0},
	{"64:ff9b::1:101:101", "*", NULL, 0},
	{"100::1", "*", NULL, 0},
	{"100:0:0:1::1", "*", NULL, 0},
	{"1fff:ffff::1", "*", NULL, 0},
	{"2000::1", NULL, NULL, 0},
	{"2001::1", "*", NULL, 0},
	{"2001:2::1", "*", NULL, 0},
	{"2001:1ff:ffff::1", "*", NULL, 0},
	{"2001:200::1", NULL, NULL, 0},
	{"2001:db7:ffff::1", NULL, NULL, 0},
	{"2001:db8::1", "*", NULL, 0},
	{"2001:db9::1", NULL, NULL, 0},
	{"2002:7f00:1::", "6to4", NULL, 0},
	{"2003::1", NULL, NULL, 0},
	{"2606:4700::1111", NULL, NULL, 0},
	{"2620:4f:8000::1", "*", NULL, 0},
	{"2620:4f:8001::1", NULL, NULL, 0},
	{"3ffe:ffff::1", NULL, NULL, 0},
	{"3fff::1", "*", NULL, 0},
	{"3fff:fff::1", "*", NULL, 0},
	{"3fff:1000::1", NULL, NULL, 0},
	{"4000::1", "*", NULL, 0},
	{"5f00::1", "*", NULL, 0},
	{"fc00::1", "private", NULL, 0},
	{"fdff::1", "private", NULL, 0},
	{"fe80::1", "link-local", NULL, 0},
	{"fec0::1", "site-local", NULL, 0},
	{"ff02::1", "multicast", NULL, 0},
	/* what the operator opens, and the neighbour that stays shut */
	{"127.0.0.1", NULL, "::ffff:127.0.0.0", 104},
	{"127.0.0.1", NULL, "::ffff:127.0.0.1", 128},
	{"127.0.0.2", "loopback", "::ffff:127.0.0.1", 128},
	{"::ffff:127.0.0.1", NULL, "::ffff:127.0.0.1", 128},
	{"64:ff9b::7f00:1", NULL, "::ffff:127.0.0.1", 128},
	{"10.9.8.7", NULL, "::ffff:10.0.0.0", 103},
	{"12.0.0.1", NULL, "::ffff:10.0.0.0", 103},
	{"::1", "loopback", "::ffff:127.0.0.0", 104},
	{"::1", NULL, "::1", 128},
	{"127.0.0.1", "loopback", "::1", 128},
	{"fd00::5", NULL, "fd00::", 8},
	{"fc00::5", "private", "fd00::", 8},
	{"192.168.7.7", NULL, "::", 0},
};

static void addresses(void **state)
{
	const struct row *row = *state;
	struct guard_network net = {.prefix = row->prefix};
	struct guard g = {.allow = &net, .allow_count = row->allow ? 1 : 0};
	struct sockaddr_storage ss = {0};
	struct sockaddr_in *four = (void *)&ss;
	struct sockaddr_in6 *six = (void *)&ss;
	socklen_t len = sizeof(*four);

	if (row->allow)
		assert_int_equal(inet_pton(AF_INET6, row->allow, net.address), 1);
	if (strchr(row->name, ':')) {
		six->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, row->name, &six->sin6_addr), 1);
		len = sizeof(*six);
	} else {
		four->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, row->name, &four->sin_addr), 1);
	}
	const char *got = guard_address(&g, (struct sockaddr *)&ss, len);

	if (!row->want)
		assert_null(got);
	else if (strcmp(row->want, "*") == 0)
		assert_non_null(got);
	else
		assert_string_equal(got, row->want);
}

static void strange_families(void **state)
{
	(void)state;
	struct guard g = {0};
	struct sockaddr_storage ss = {.ss_family = AF_UNIX};

	assert_non_null(guard_address(&g, (struct sockaddr *)&ss, sizeof(ss)));
	ss.ss_family = AF_INET;
	assert_non_null(guard_address(&g, (struct sockaddr *)&ss, 4));
	assert_non_null(guard_address(&g, (struct sockaddr *)&ss, 0));
	ss.ss_family = AF_INET6;
	assert_non_null(guard_address(&g, (struct sockaddr *)&ss, sizeof(struct sockaddr_in)));
}

static const struct host_row {
	const char *name, *want;
} host_rows[] = {
	{"example.org", NULL},
	{"1.1.1.1", NULL},
	{"127.0.0.1", "loopback"},
	{"127.0.0.1.", "loopback"},
	{"[::1]", "loopback"},
	{"[2606:4700::1111]", NULL},
	{"[::ffff:a00:1]", "private"},
	{"[nonsense]", "not readable"},
	{"localhost", "loopback"},
	{"localhost.", "loopback"},
	{"a.localhost", "loopback"},
	{"notlocalhost", NULL},
	{"", NULL},
};

static void hosts(void **state)
{
	const struct host_row *row = *state;
	struct guard g = {0};
	const char *got = guard_host(&g, span_str(row->name));

	if (row->want)
		assert_string_equal(got, row->want);
	else
		assert_null(got);
}

static const struct url_row {
	const char *name, *scheme;
	unsigned port;
	bool userinfo;
	size_t len;
	bool ok;
} url_rows[] = {
	{"http", "http", 80, false, 20, true},
	{"https", "https", 443, false, 20, true},
	{"https on 80", "https", 80, false, 20, true},
	{"unprivileged", "http", 8080, false, 20, true},
	{"first unprivileged", "http", 1024, false, 20, true},
	{"last privileged", "http", 1023, false, 20, false},
	{"ssh", "http", 22, false, 20, false},
	{"smtp", "https", 25, false, 20, false},
	{"port 0", "http", 0, false, 20, false},
	{"over 16 bits", "http", 65536, false, 20, false},
	{"extra port", "http", 81, false, 20, true},
	{"file", "file", 0, false, 20, false},
	{"ftp on 80", "ftp", 80, false, 20, false},
	{"upper-case scheme", "HTTP", 80, false, 20, false},
	{"user-info", "http", 80, true, 20, false},
	{"longest", "http", 80, false, URL_MAX, true},
	{"too long", "http", 80, false, URL_MAX + 1, false},
};

static void urls(void **state)
{
	const struct url_row *row = *state;
	static const unsigned extra[] = {81};
	struct guard g = {.ports = extra, .port_count = 1};
	struct error e;
	struct url u = {.href = {"http://u.example/", row->len},
			.scheme = span_str(row->scheme),
			.host = SPAN("u.example"),
			.port_number = row->port,
			.had_userinfo = row->userinfo};

	assert_int_equal(guard_url(&g, &u, &e), row->ok ? ERR_OK : ERR_REFUSED);
}

static void opened_by_the_operator(void **state)
{
	static const struct guard_network ten = {{[10] = 0xff, [11] = 0xff, [12] = 10}, 104};
	const struct guard open = {.allow = &ten, .allow_count = 1}, closed = {0};
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	(void)state;
	assert_int_equal(inet_pton(AF_INET, "10.1.2.3", &four.sin_addr), 1);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.1.2.3", &six.sin6_addr), 1);
	assert_true(guard_is_opened(&open, (struct sockaddr *)&four, sizeof(four)));
	assert_true(guard_is_opened(&open, (struct sockaddr *)&six, sizeof(six)));
	assert_false(guard_is_opened(&open, (struct sockaddr *)&four, 4));
	assert_false(guard_is_opened(&closed, (struct sockaddr *)&four, sizeof(four)));
	four.sin_addr.s_addr = htonl(0x0b000001);
	assert_false(guard_is_opened(&open, (struct sockaddr *)&four, sizeof(four)));
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(strange_families),
						 cmocka_unit_test(opened_by_the_operator)};

	return RUN_ROWS("guard/address", rows, addresses) + RUN_ROWS("guard/url", url_rows, urls) +
	       RUN_ROWS("guard/host", host_rows, hosts) +
	       cmocka_run_group_tests_name("guard", more, NULL, NULL);
}
