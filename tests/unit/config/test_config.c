/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

/* A file's text and the whole message that it gives; "..." is whatever else stands there. */
static const struct refusal {
	const char *name, *in, *want;
} refusals[] = {
	{"unknown key, near one", "content: [a]\npase:\n  gap: 1s\n",
	 "/etc/t.yaml:2:1: found unknown key 'pase'; allowed: content, state, include, exclude, ...; did you "
	 "mean "
	 "'pace'?"},
	{"unknown key of a group", "pace:\n  gep: 1s\n",
	 "/etc/t.yaml:2:3: found unknown key 'pace.gep'; allowed: gap, connections; did you mean "
	 "'pace.gap'?"},
	{"unknown key of a host", "hosts:\n  a.example:\n    timeuot: 1s\n",
	 "/etc/t.yaml:3:5: found unknown key 'hosts.a.example.timeuot'; allowed: pace.gap, pace.connections, "
	 "timeout, user-agent, headers, http-version, proxy, ca-file, credentials, cookies, robots; did you "
	 "mean 'timeout'?"},
	{"not a key of a host", "hosts:\n  a.example:\n    transfers: 2\n",
	 "/etc/t.yaml:3:5: found key 'hosts.a.example.transfers'; it is allowed for all hosts only"},
	{"not a group of a host", "hosts: {a.example: {excerpt: {min: 1}}}",
	 "/etc/t.yaml:1:21: found key 'hosts.a.example.excerpt'; it is allowed for all hosts only"},
	{"unit missing", "timeout: 30\n",
	 "/etc/t.yaml:1:10: 'timeout': found '30'; a duration from 1s to 10m, such as 1500ms, 2s or 1m, is "
	 "allowed"},
	{"duration out of range", "pace: {gap: 2h}\n",
	 "/etc/t.yaml:1:13: 'pace.gap': found '2h'; a duration from 0s to 1h, such as 1500ms, 2s or 1m, is "
	 "allowed"},
	{"duration that wraps", "timeout: 999999999999999999999d\n",
	 "/etc/t.yaml:1:10: 'timeout': found '999999999999999999999d'; a duration from 1s to 10m, such as "
	 "1500ms, 2s or 1m, is allowed"},
	{"duration that would wrap into the range", "timeout: 18446744073709561s\n",
	 "/etc/t.yaml:1:10: 'timeout': found '18446744073709561s'; a duration from 1s to 10m, such as "
	 "1500ms, "
	 "2s or 1m, is allowed"},
	{"empty text", "contact: ''\n",
	 "/etc/t.yaml:1:10: 'contact': found ''; a line of at most 200 bytes is allowed"},
	{"text of two lines", "contact: \"a\\nb\"\n",
	 "/etc/t.yaml:1:10: 'contact': found 'a b'; a line of at most 200 bytes is allowed"},
	{"empty pattern", "include: ['']\n",
	 "/etc/t.yaml:1:11: 'include': found ''; a pattern is a line of at most 1024 bytes"},
	{"pattern of two lines", "include: [\"a\\nb\"]\n",
	 "/etc/t.yaml:1:11: 'include': found 'a\nb'; a pattern is a line of at most 1024 bytes"},
	{"empty path", "state: ''\n", "/etc/t.yaml:1:8: 'state': found ''; a path is a line of text"},
	{"part of a millisecond", "pace.gap: 0.5ms",
	 "/etc/t.yaml:1:11: 'pace.gap': found '0.5ms'; a duration from 0s to 1h, such as 1500ms, 2s or 1m, "
	 "is "
	 "allowed"},
	{"below the range", "pace:\n  connections: 0\n",
	 "/etc/t.yaml:2:16: 'pace.connections': found '0'; a number from 1 to 16 is allowed"},
	{"above the range", "transfers: 1001\n",
	 "/etc/t.yaml:1:12: 'transfers': found '1001'; a number from 1 to 1000 is allowed"},
	{"a quoted number", "transfers: \"10\"\n",
	 "/etc/t.yaml:1:12: 'transfers': found '10'; a number from 1 to 1000 is allowed"},
	{"size too large", "limits: {page: 65MiB}",
	 "/etc/t.yaml:1:16: 'limits.page': found '65MiB'; a size from 64KiB to 64MiB, such as 500kB or 2MiB, "
	 "is allowed"},
	{"list for a scalar", "contact: [a]\n",
	 "/etc/t.yaml:1:10: 'contact': found a list; a line of at most 200 bytes is allowed"},
	{"scalar for a group", "pace: fast\n", "/etc/t.yaml:1:7: 'pace': found a text; a mapping is allowed"},
	{"mapping for a list", "content: {a: b}\n",
	 "/etc/t.yaml:1:10: 'content': found a mapping; a path or a list of paths is allowed"},
	{"a list in a list", "include: [[a]]\n",
	 "/etc/t.yaml:1:11: 'include': found a list; a pattern or a list of patterns is allowed"},
	{"a list at the top", "- a\n", "/etc/t.yaml:1:1: found a list; a mapping of keys is allowed"},
	{"no bool", "foreign-documents: maybe\n",
	 "/etc/t.yaml:1:20: 'foreign-documents': found 'maybe'; true or false is allowed"},
	{"choice, near one", "policy: {excerpt: refesh}\n",
	 "/etc/t.yaml:1:19: 'policy.excerpt': found 'refesh'; fill, refresh, keep or tidy is allowed; did "
	 "you "
	 "mean 'refresh'?"},
	{"field of policy unknown", "policy: {provider: {nam: fill}}\n",
	 "/etc/t.yaml:1:21: found unknown key 'policy.provider.nam'; allowed: name, domain, images; did you "
	 "mean "
	 "'policy.provider.name'?"},
	{"preset, near one", "fields: hogo\n",
	 "/etc/t.yaml:1:9: 'fields': found 'hogo'; there is no such preset; did you mean 'hugo'?"},
	{"field unknown", "fields: {preset: hugo, excerp: summary}\n",
	 "/etc/t.yaml:1:24: 'fields': found 'excerp'; there is no such field; did you mean 'excerpt'?"},
	{"field with a bad key", "fields: {excerpt: 'a..b'}\n",
	 "/etc/t.yaml:1:19: 'fields': found 'a..b'; a key such as excerpt, cover.image, images[].url or a|b "
	 "is allowed"},
	{"network with host bits", "allow-networks: [10.0.0.1/8]\n",
	 "/etc/t.yaml:1:18: 'allow-networks': found '10.0.0.1/8'; it has bits set behind its prefix: which "
	 "of "
	 "the two is meant?"},
	{"network by name", "allow-networks: [localhost]\n",
	 "/etc/t.yaml:1:18: 'allow-networks': found 'localhost'; a network such as 10.0.0.0/8 or fd00::/8 is "
	 "allowed"},
	{"prefix too long", "allow-networks: [10.0.0.0/33]\n",
	 "/etc/t.yaml:1:18: 'allow-networks': found '10.0.0.0/33'; a prefix from /0 to /32 is allowed"},
	{"port free already", "ports: [8080]\n",
	 "/etc/t.yaml:1:9: 'ports': found '8080'; a list of at most 16 ports from 1 to 1023 is allowed"},
	{"too many ports", "ports: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]\n",
	 "/etc/t.yaml:1:8: 'ports': found 17 entries; at most 16 are allowed"},
	{"tracking by list", "tracking: [a]\n",
	 "/etc/t.yaml:1:11: 'tracking': found a list; a mapping of hosts to a name or a list of names is "
	 "allowed"},
	{"tracking of no host", "tracking: {'a b': x}\n",
	 "/etc/t.yaml:1:12: 'tracking': found 'a b'; *, a host, or a host and the beginning of a path is "
	 "allowed"},
	{"tracking of no name", "tracking: {'*': [ok, 'a=b']}\n",
	 "/etc/t.yaml:1:22: 'tracking': found 'a=b'; a parameter's name such as ref or promo_*, or one to "
	 "keep "
	 "such as -id, is allowed"},
	{"tracking of nothing", "tracking: {'*': }\n",
	 "/etc/t.yaml:1:17: 'tracking': found nothing; a mapping of hosts to a name or a list of names is "
	 "allowed"},
	{"name server by name", "name-servers: [ns.example]\n",
	 "/etc/t.yaml:1:16: 'name-servers': found 'ns.example'; a list of addresses such as 9.9.9.9 or "
	 "[::1]:5353 "
	 "is allowed"},
	{"name server without a port", "name-servers: ['9.9.9.9:']\n",
	 "/etc/t.yaml:1:16: 'name-servers': found '9.9.9.9:'; a list of addresses such as 9.9.9.9 or "
	 "[::1]:5353 is "
	 "allowed"},
	{"too many redirects", "limits: {redirects: 21}\n",
	 "/etc/t.yaml:1:21: 'limits.redirects': found '21'; a number from 0 to 20 is allowed"},
	{"own header", "headers: {host: a}\n",
	 "/etc/t.yaml:1:11: 'headers': found 'host'; this header is ingestd's own (for User-Agent there is "
	 "user-agent)"},
	{"header injection", "headers: {X: \"a\\r\\nHost: b\"}\n",
	 "/etc/t.yaml:1:11: 'headers': found 'X'; its value is a line of at most 4096 bytes"},
	{"host with a path", "hosts: {a.example/b: {}}\n",
	 "/etc/t.yaml:1:9: 'hosts': found 'a.example/b'; a host name, or *. and "
	 "one, is allowed"},
	{"host with a port", "hosts: {'a.example:8080': {}}\n",
	 "/etc/t.yaml:1:9: 'hosts': found 'a.example:8080'; a host name, or *. and one, is allowed"},
	{"below an address", "hosts: {'*.127.0.0.1': {}}\n",
	 "/etc/t.yaml:1:9: 'hosts': found '*.127.0.0.1'; a host name, or *. and one, is allowed"},
	{"host twice", "hosts: {a.example: {}, A.example: {}}\n",
	 "/etc/t.yaml:1:24: 'hosts': found 'A.example'; it stands here twice"},
	{"a status server for everybody", "status: {listen: '0.0.0.0:80'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '0.0.0.0:80'; none, systemd, a path of at most 107 bytes "
	 "that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: of another machine", "status: {listen: '192.0.2.1:80'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '192.0.2.1:80'; none, systemd, a path of at most 107 "
	 "bytes that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: a name is what a resolver says", "status: {listen: 'localhost:80'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found 'localhost:80'; none, systemd, a path of at most 107 "
	 "bytes that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: no port", "status: {listen: '127.0.0.1'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '127.0.0.1'; none, systemd, a path of at most 107 bytes "
	 "that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: a port too high", "status: {listen: '127.0.0.1:65536'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '127.0.0.1:65536'; none, systemd, a path of at most 107 "
	 "bytes that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: an address of four parts only", "status: {listen: '127.1:80'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '127.1:80'; none, systemd, a path of at most 107 bytes "
	 "that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: IPv6 of everybody", "status: {listen: '[::]:80'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found '[::]:80'; none, systemd, a path of at most 107 bytes "
	 "that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.listen: a relative path", "status: {listen: 'status.sock'}\n",
	 "/etc/t.yaml:1:18: 'status.listen': found 'status.sock'; none, systemd, a path of at most 107 bytes "
	 "that begins with /, 127.0.0.1:PORT or [::1]:PORT is allowed"},
	{"status.images of another kind", "status.images: thumbs\n",
	 "/etc/t.yaml:1:16: 'status.images': found 'thumbs'; none, copies or all is allowed"},
	{"proxy of another scheme", "proxy: ftp://a\n",
	 "/etc/t.yaml:1:8: 'proxy': found 'ftp://a'; none or a URL of http, https, socks5 or socks5h with a "
	 "host is allowed"},
	{"proxy without a host", "proxy: http://a:b@\n",
	 "/etc/t.yaml:1:8: 'proxy': found 'http://a:b@'; none or a URL of http, https, socks5 or socks5h "
	 "with a "
	 "host is allowed"},
	{"half a star", "hosts: {'*k.example': {}}",
	 "/etc/t.yaml:1:9: 'hosts': found '*k.example'; a host name, or *. and one, is allowed"},
	{"key twice", "contact: a@b\nstate: /s\ncontact: c@d\n",
	 "/etc/t.yaml:3:1: found key 'contact' again; it stands in line 1 already"},
	{"key twice, spelt in two ways", "pace: {gap: 1s}\npace.gap: 2s\n",
	 "/etc/t.yaml:2:1: found key 'pace.gap' again; once is allowed"},
	{"min over max", "excerpt: {min: 200, max: 100}\n",
	 "/etc/t.yaml: found excerpt.min 200; at most excerpt.max, 100, is allowed"},
	{"not well formed", "pace: [1\ncontact: x\n",
	 "/etc/t.yaml:2:8: not well formed: did not find expected ',' or ']' while parsing a flow sequence"},
	{"a tab", "pace:\n\tgap: 1s\n",
	 "/etc/t.yaml:2:1: not well formed: found character that cannot start any token while scanning for "
	 "the next token"},
	{"column counts characters", "hosts: {\xc3\xa9.example: {tra: 1}}",
	 "/etc/t.yaml:1:21: found unknown key 'hosts.xn--9ca.example.tra'; allowed: pace.gap, "
	 "pace.connections, timeout, user-agent, headers, http-version, proxy, ca-file, credentials, "
	 "cookies, robots"},
	{"second document", "contact: a\n---\ncontact: b\n",
	 "/etc/t.yaml:2:1: found a second YAML document; one is allowed"},
	{"alias without anchor", "contact: *a\n",
	 "/etc/t.yaml:1:10: found an alias '*a' without an anchor before it"},
	{"alias to what it stands in", "hosts: &a\n  x.example: *a\n",
	 "/etc/t.yaml:2:14: found an alias to what it stands in"},
	{"key that is a list", "? [a]\n: b\n",
	 "/etc/t.yaml:1:3: found a list or mapping as a key; a key is a word"},
	{"too deep", "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "/etc/t.yaml:1:19: nested more than 16 deep"},
	{"a NUL", "contact: \"a\\0b\"\n", "/etc/t.yaml:1:10: found a text with a NUL in it"},
	{"a feed without its address", "feeds: [{name: a}]\n",
	 "/etc/t.yaml:1:9: 'feeds': found a feed without url"},
	{"a feed that is no http", "feeds: ['ftp://a.example/']\n",
	 "/etc/t.yaml:1:9: 'feeds': found 'ftp://a.example/'; the http or https address of a feed is "
	 "allowed"},
	{"a feed twice", "feeds: [https://a.example, {url: 'https://A.example:443/'}]\n",
	 "/etc/t.yaml:1:34: 'feeds': found 'https://A.example:443/'; this feed stands here twice"},
	{"of a feed what is not its own", "feeds: [{url: https://a.example, transfers: 3}]\n",
	 "/etc/t.yaml:1:34: found key 'feeds.https://a.example/.transfers'; it is allowed for all feeds "
	 "only"},
	{"of a host what is a feed's", "hosts: {a.example: {poll: {floor: 2h}}}\n",
	 "/etc/t.yaml:1:21: found key 'hosts.a.example.poll'; it is allowed for all hosts only"},
	{"a topic that is a list", "new-documents: {topics: {AI: [a]}}\n",
	 "/etc/t.yaml:1:30: 'new-documents.topics': found a list; a mapping of topics to patterns, or to "
	 "mappings "
	 "of fields to them, is allowed"},
	{"a rule without a field", "new-documents: {drop: [x]}\n",
	 "/etc/t.yaml:1:24: 'new-documents.drop': found 'x'; a mapping of one to eight fields to patterns is "
	 "allowed"},
	{"first import", "new-documents: {first-import: some}\n",
	 "/etc/t.yaml:1:31: 'new-documents.first-import': found 'some'; a number of entries from 0 to "
	 "100000, a "
	 "day such as 2026-01-31, or all is allowed"},
	{"another user's home", "state: ~bob/x\n",
	 "/etc/t.yaml:1:8: 'state': found '~bob/x'; only ~/ is allowed, not another user's home"},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	struct config *c = NULL;
	struct error e = {.text = ""};

	assert_int_not_equal(config_parse(span_str(row->in), "/etc/t.yaml", &c, &e), ERR_OK);
	assert_null(c);
	const char *any = strstr(row->want, "...");
	if (any && strlen(e.text) >= strlen(row->want)) {
		size_t tail = strlen(any + 3);

		assert_memory_equal(e.text, row->want, (size_t)(any - row->want));
		assert_string_equal(e.text + strlen(e.text) - tail, any + 3);
		return;
	}
	assert_string_equal(e.text, row->want);
}

/* A file's text and a line of --print-config. */
static const struct value {
	const char *name, *in, *want;
} values[] = {
	{"nothing", "", "content: [] # default\n"},
	{"only comments", "# a\n", "transfers: 64 # default\n"},
	{"null leaves the default", "contact:\npace:\ntransfers: ~\n", "transfers: 64 # default\n"},
	{"the default, but said", "transfers: 64\n", "transfers: 64\n"},
	{"relative to the file", "content: [a, ./b, /c/, .]\n", "content: [/etc/a, /etc/b, /c, /etc]\n"},
	{"one path without a list", "content: a\n", "content: [/etc/a]\n"},
	{"home", "content: [~/a, \"~\"]\n", "content: [/home/u/a, /home/u]\n"},
	{"state from XDG", "", "state: /xdg/ingestd # default\n"},
	{"path with a space", "state: a b\n", "state: \"/etc/a b\"\n"},
	{"globs", "include: \"*.txt\"\n", "include: [\"*.txt\"]\n"},
	{"gap", "pace: {gap: 1.5s}\n", "  gap: 1500ms\n"},
	{"gap of nothing", "pace: {gap: 0}\n", "  gap: 0s\n"},
	{"dotted key", "pace.gap: 2m\n", "  gap: 2m\n"},
	{"minute", "timeout: 60s\n", "timeout: 1m\n"},
	{"size", "limits: {page: 1.5MiB}\n", "  page: 1536KiB\n"},
	{"decimal size", "limits: {page: 2MB}\n", "  page: 2MB\n"},
	{"policy", "policy: {excerpt: refresh, provider: {name: keep}}\n", "  provider.name: keep\n"},
	{"dotted policy", "policy: {provider.domain: tidy}\n", "  provider.domain: tidy\n"},
	{"preset alone", "fields: hugo\n", "fields: hugo\n"},
	{"preset and more", "fields: {preset: jekyll, images: image.path, excerpt: lead|summary}\n",
	 "fields:\n  preset: jekyll\n  images: image.path\n  excerpt: \"lead|summary\"\n"},
	{"networks", "allow-networks: [127.0.0.0/8, \"fd00::/8\", 10.1.2.3, \"::/0\"]\n",
	 "allow-networks: [\"127.0.0.0/8\", \"fd00::/8\", \"10.1.2.3/32\", \"::/0\"]\n"},
	{"ports", "ports: [81, 1023]\n", "ports: [81, 1023]\n"},
	{"tracking", "tracking: {'*': [a, -b_*], shop.*/x: c}\n",
	 "tracking:\n  \"*\": [a, \"-b_*\"]\n  \"shop.*/x\": [c]\n"},
	{"no tracking", "", "tracking: {} # default\n"},
	{"ceilings", "limits: {header: 8KiB, redirects: 3, slow-for: 20s}\n", "  header: 8KiB\n"},
	{"name servers", "name-servers: [9.9.9.9, '9.9.9.9:53', '[::1]:5353', '2620:fe::fe']\n",
	 "name-servers: [\"9.9.9.9\", \"9.9.9.9:53\", \"[::1]:5353\", \"2620:fe::fe\"]\n"},
	{"headers", "headers: {Accept-Language: de, X-A: ''}\n",
	 "headers:\n  \"Accept-Language\": de\n  \"X-A\": \"\"\n"},
	{"secret header", "headers: {AUTHORIZATION: Bearer x}\n",
	 "headers:\n  \"AUTHORIZATION\": \"(hidden)\"\n"},
	{"nobody is listened to", "status.listen: none\n", "status:\n  listen: none\n"},
	{"a loopback address", "status: {listen: 127.0.0.5:80}\n", "  listen: \"127.0.0.5:80\"\n"},
	{"IPv6's", "status: {listen: '[::1]:80'}\n", "  listen: \"[::1]:80\"\n"},
	{"a socket in the file system", "status: {listen: ~/s.sock}\n", "  listen: /home/u/s.sock\n"},
	{"systemd's sockets", "status: {listen: systemd}\n", "  listen: systemd\n"},
	{"secret of a proxy", "proxy: http://u:p@h:1\n", "proxy: \"http://h:1\"\n"},
	{"version as a number", "http-version: 2\n", "http-version: \"2\"\n"},
	{"hosts", "hosts:\n  B.example: {pace: {gap: 5s}, headers: {A: b}}\n  \"*.example\": \n",
	 "hosts:\n  \"*.example\": {}\n  \"b.example\":\n    pace:\n      gap: 5s\n    headers:\n      "
	 "\"A\": "
	 "b\n"},
	{"host in another alphabet",
	 "hosts: {B\xc3\xbc"
	 "cher.example: {timeout: 1s}}",
	 "  \"xn--bcher-kva.example\":\n"},
	{"address spelt as a number", "hosts: {'2130706433': {timeout: 1s}}", "  \"127.0.0.1\":\n"},
	{"anchor and alias", "hosts:\n  a.example: &slow {timeout: 9s}\n  b.example: *slow\n",
	 "  \"b.example\":\n    timeout: 9s\n"},
	{"BOM and CRLF",
	 "\xef\xbb\xbf"
	 "contact: a@b.example\r\ntransfers: 3\r\n",
	 "transfers: 3\n"},
	{"what YAML would not read back", "contact: \"a\\x80\\u2028\\ufeff\"\n",
	 "contact: \"a\\u0080\\u2028\\ufeff\"\n"},
	{"feeds",
	 "feeds:\n  - https://B.example\n  - url: https://a.example/x\n    name: A\n    category: n/t\n"
	 "    poll: {floor: 2h}\n    pace.gap: 5s\n",
	 "feeds:\n  - url: \"https://a.example/x\"\n    name: A\n    category: n/t\n    pace:\n      gap: "
	 "5s\n"
	 "    poll:\n      floor: 2h\n  - url: \"https://b.example/\"\n"},
	{"a template", "new-documents:\n  template: |\n    a: {title}\n    b: \"\\\"\n",
	 "  template: \"a: {title}\\nb: \\\"\\\\\\\"\\n\"\n"},
	{"defaults", "new-documents: {defaults: {published: true, type: 'true', topics: [a, b c]}}\n",
	 "  defaults:\n    published: true\n    type: \"true\"\n    topics: [a, \"b c\"]\n"},
	{"rules", "new-documents: {drop: {title: 'a\\b', tag: x}, topics: {AI: '^ai$', B: {text: b}}}\n",
	 "  topics:\n    \"AI\": {tag: \"^ai$\"}\n    \"B\": {text: \"b\"}\n"},
	{"first import since", "new-documents: {first-import: 2026-01-31}\n", "  first-import: 2026-01-31\n"},
	{"first import of all", "new-documents: {first-import: all}\n", "  first-import: all\n"},
	{"a quote in a text", "contact: 'a \"b\" \\'\n", "contact: \"a \\\"b\\\" \\\\\"\n"},
};

static void prints(void **state)
{
	const struct value *row = *state;
	struct config *c = NULL, *again = NULL;
	struct error e = {.text = ""};
	struct strbuf out = STRBUF_INIT(1 << 20), second = STRBUF_INIT(1 << 20);

	if (config_parse(span_str(row->in), "/etc/t.yaml", &c, &e))
		fail_msg("%s", e.text);
	assert_int_equal(config_print(c, &out), ERR_OK);
	if (span_find(strbuf_span(&out), span_str(row->want)) < 0)
		fail_msg("no '%s' in:\n%s", row->want, strbuf_cstr(&out));
	/* what is printed is a configuration that says the same */
	if (config_parse(strbuf_span(&out), "/etc/t.yaml", &again, &e))
		fail_msg("%s in:\n%s", e.text, strbuf_cstr(&out));
	assert_true(again->fingerprint == c->fingerprint);
	assert_int_equal(again->host_count, c->host_count);
	assert_int_equal(config_print(again, &second), ERR_OK);
	assert_int_equal(again->feed_count, c->feed_count);
	assert_int_equal(again->transfers, c->transfers);
	assert_int_equal(again->allow_network_count, c->allow_network_count);
	assert_int_equal(again->defaults.gap_ms, c->defaults.gap_ms);
	config_free(again);
	config_free(c);
	strbuf_release(&out);
	strbuf_release(&second);
}

static void host_settings_by_longest_name(void **state)
{
	(void)state;
	static const char text[] = "timeout: 20s\n"
				   "hosts:\n"
				   "  a.example: {timeout: 1s}\n"
				   "  '*.example': {timeout: 2s}\n"
				   "  '*.b.example': {timeout: 3s, pace: {connections: 1}}\n"
				   "  127.0.0.2: {timeout: 4s}\n"
				   "  '[::1]': {timeout: 5s}\n";
	static const struct {
		const char *host;
		unsigned ms;
	} want[] = {
		{"a.example", 1000},   {"b.example", 2000}, {"x.b.example", 3000}, {"y.x.b.example", 3000},
		{"x.a.example", 2000}, {"example", 20000},  {"other.org", 20000},  {"127.0.0.2", 4000},
		{"[::1]", 5000},       {"", 20000},         {"a.exampl", 20000},   {"a.example.", 20000}};
	struct config *c = NULL;
	struct error e;

	assert_int_equal(config_parse(span_str(text), NULL, &c, &e), ERR_OK);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_int_equal(config_host(c, span_str(want[i].host))->timeout_ms, want[i].ms);
	assert_int_equal(config_host(c, SPAN("x.b.example"))->connections, 1);
	assert_int_equal(config_host(c, SPAN("x.b.example"))->gap_ms, 1000);
	assert_null(config_free(c));
}

/* Uncommented, the example file is a configuration, and what has a default is that default. */
static void example_is_a_configuration(void **state)
{
	(void)state;
	struct strbuf text = STRBUF_INIT(1 << 20), bare = STRBUF_INIT(1 << 20);
	struct config *c = NULL, *d = NULL;
	struct error e = {.text = ""};
	struct span rest, line;

	assert_int_equal(config_example(&text), ERR_OK);
	rest = strbuf_span(&text);
	while ((line = span_split(&rest, '\n')).ptr) {
		bool setting = line.len > 1 && *line.ptr == '#' &&
			       (line.ptr[1] != ' ' || (line.len > 2 && line.ptr[2] == ' '));

		assert_int_equal(strbuf_add_span(&bare, setting ? span_sub(line, 1, line.len) : line),
				 ERR_OK);
		assert_int_equal(strbuf_add_byte(&bare, '\n'), ERR_OK);
	}
	if (config_parse(strbuf_span(&bare), "/etc/t.yaml", &c, &e))
		fail_msg("%s in:\n%s", e.text, strbuf_cstr(&bare));
	assert_int_equal(config_parse(SPAN_NONE, NULL, &d, &e), ERR_OK);
	assert_int_equal(c->excerpt_max, d->excerpt_max);
	assert_int_equal(c->excerpt_min, d->excerpt_min);
	assert_int_equal(c->transfers, d->transfers);
	assert_int_equal(c->page_bytes, d->page_bytes);
	assert_int_equal(c->defaults.timeout_ms, d->defaults.timeout_ms);
	assert_int_equal(c->host_count, 2);
	assert_string_equal(c->preset, "hugo");
	assert_string_equal(c->include[1], d->include[1]);
	config_free(c);
	config_free(d);
	strbuf_release(&text);
	strbuf_release(&bare);
}

static void hostile_files_end_in_a_message(void **state)
{
	(void)state;
	struct strbuf b = STRBUF_INIT(4 << 20);
	struct config *c = NULL;
	struct error e;

	while (b.len <= 1 << 20)
		assert_int_equal(strbuf_add_str(&b, "# comment\n"), ERR_OK);
	assert_int_equal(config_parse(strbuf_span(&b), "f", &c, &e), ERR_TOOBIG);
	strbuf_truncate(&b, 0);
	for (int i = 0; i < 150000; i++)
		assert_int_equal(strbuf_add_str(&b, "- a\n"), ERR_OK);
	assert_int_equal(config_parse(strbuf_span(&b), "f", &c, &e), ERR_TOOBIG);
	strbuf_truncate(&b, 0);
	assert_int_equal(strbuf_add_str(&b, "a: &a0 [x]\n"), ERR_OK);
	for (int i = 1; i < 60; i++) /* 9^60 texts, were it unfolded */
		assert_int_equal(strbuf_addf(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n",
					     i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
					     i - 1),
				 ERR_OK);
	assert_int_equal(strbuf_add_str(&b, "content: *a59\n"), ERR_OK);
	assert_int_equal(config_parse(strbuf_span(&b), "f", &c, &e), ERR_INVALID);
	strbuf_truncate(&b, 0);
	for (int i = 0; i < 101; i++)
		assert_int_equal(strbuf_addf(&b, "- &a%d x\n", i), ERR_OK);
	assert_int_equal(config_parse(strbuf_span(&b), "f", &c, &e), ERR_TOOBIG);
	strbuf_truncate(&b, 0);
	assert_int_equal(strbuf_add_str(&b, "contact: \xff\xfe\n"), ERR_OK);
	assert_int_equal(config_parse(strbuf_span(&b), "f", &c, &e), ERR_SYNTAX);
	strbuf_release(&b);
	/* a long path leaves room for the message */
	char path[1000];

	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	assert_int_equal(config_parse(SPAN("transfers: x"), path, &c, &e), ERR_INVALID);
	assert_non_null(
		strstr(e.text, "ppp:1:12: 'transfers': found 'x'; a number from 1 to 1000 is allowed"));
	assert_int_equal(config_parse(SPAN("transfers: x"), path, &c, NULL), ERR_INVALID);
}

/* Texts that are as long as they may be, and one byte longer. */
static void lengths_have_a_ceiling(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
		int max;
	} rows[] = {{"contact: ", "", 200},          {"include: [", "]", 1024},
		    {"headers: {A: ", "}", 4096},    {"headers: {", ": a}", 100},
		    {"state: /", "", 4095},          {"proxy: http://", "", 1000 - 7},
		    {"fields: {excerpt: ", "}", 200}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int more = 0; more < 2; more++) {
			struct strbuf b = STRBUF_INIT(10000);
			struct config *c = NULL;
			struct error e;

			assert_int_equal(strbuf_add_str(&b, rows[i].before), ERR_OK);
			for (int k = 0; k < rows[i].max + more; k++)
				assert_int_equal(strbuf_add_byte(&b, 'a'), ERR_OK);
			assert_int_equal(strbuf_add_str(&b, rows[i].after), ERR_OK);
			if ((config_parse(strbuf_span(&b), "f", &c, &e) != ERR_OK) != more)
				fail_msg("%s...%s: %s", rows[i].before, rows[i].after, e.text);
			config_free(c);
			strbuf_release(&b);
		}
	}
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void finds_its_file(void **state)
{
	(void)state;
	char folder[] = "/tmp/ingestd-test-XXXXXX", path[100], fifo[100];
	struct strbuf out = STRBUF_INIT(1 << 20);
	struct config *c = NULL;
	struct error e;

	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/ingestd", folder);
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(config_read(path, &c, &e), ERR_KIND);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(config_read(fifo, &c, &e), ERR_KIND);
	strcat(path, "/ingestd.yaml");
	assert_int_equal(config_read(path, &c, &e), ERR_NOTFOUND);
	write_file(path, "content: docs\n");
	assert_int_equal(config_read(path, &c, &e), ERR_OK);
	assert_string_equal(c->path, path);
	config_free(c);
	c = NULL;
	setenv("XDG_CONFIG_HOME", folder, 1);
	assert_int_equal(config_read(NULL, &c, &e), ERR_OK);
	assert_string_equal(c->path, path);
	assert_true(strstr(c->content[0], folder) == c->content[0]);
	assert_true(span_ends(span_str(c->content[0]), SPAN("/ingestd/docs")));
	config_free(c);
	c = NULL;
	unsetenv("XDG_CONFIG_HOME");
	setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
	assert_int_equal(config_parse(SPAN_NONE, NULL, &c, &e), ERR_OK);
	assert_string_equal(c->state, "/var/lib/a");
	config_free(c);
	c = NULL;
	setenv("STATE_DIRECTORY", "/a\xff\xc3", 1);
	assert_int_equal(config_parse(SPAN_NONE, NULL, &c, &e), ERR_OK);
	assert_int_equal(config_print(c, &out), ERR_OK);
	assert_true(span_find(strbuf_span(&out), SPAN("state: \"/a\\uffff\\uffff\"")) > 0);
	strbuf_release(&out);
	assert_null(c->path);
	config_free(c);
	unsetenv("STATE_DIRECTORY");
	unlink(path);
	unlink(fifo);
	path[strlen(folder) + strlen("/ingestd")] = 0;
	rmdir(path);
	rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(host_settings_by_longest_name), cmocka_unit_test(example_is_a_configuration),
		cmocka_unit_test(hostile_files_end_in_a_message), cmocka_unit_test(lengths_have_a_ceiling),
		cmocka_unit_test(finds_its_file)};

	setenv("HOME", "/home/u", 1);
	setenv("XDG_STATE_HOME", "/xdg", 1);
	unsetenv("STATE_DIRECTORY");
	return RUN_ROWS("config/refuses", refusals, refuses) + RUN_ROWS("config/prints", values, prints) +
	       cmocka_run_group_tests_name("config", more, NULL, NULL);
}
