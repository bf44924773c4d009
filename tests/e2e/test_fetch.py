#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The client against origin.py and nginx: each misbehaviour gives its own reason, and good URLs of the same run all
complete.

    test_fetch.py FETCH_PROBE
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import socket

HERE = os.path.dirname(os.path.abspath(__file__))
PROBE = None

# Each on an address of its own, so that one's failures do not hold up another. {p}: the port.
#   route, outcome, part of the error (None: no error), more that must hold
TORTURE = [
    ("slow-header", "timeout", "less than 256 bytes a second", {"status": 200}),
    ("slow-body", "timeout", "less than 256 bytes a second", {}),
    ("drip-body", "timeout", "not complete within", {}),
    ("sleep?s=99", "timeout", "less than 256 bytes a second", {"status": 0}),
    ("endless-body", "too-large", "body has more than 131072 bytes", {}),
    ("endless-chunks", "too-large", "body has more than", {}),
    ("endless-nothing", "too-large", "body has more than", {}),
    ("endless-error", "http-status", "500 (internal server error)", {"body": 131072}),
    ("endless-redirect-body", "page", None, {"hops": 1}),
    ("header-flood", "too-large", "header has more than 65536 bytes", {}),
    ("header-line?size=200000", "too-large", "header", {}),
    ("header-line?size=70000", "too-large", "header", {}),
    ("header-many?n=150", "too-large", "100 fields", {}),
    ("header-many?n=90", "page", None, {}),
    ("interim-flood", "too-large", "header", {}),
    ("interim", "page", None, {"status": 200}),
    ("bomb?mb=200", "too-large", "body has more than", {}),
    ("location-long?size=1000000", "too-large", "header", {}),
    ("location-long?size=9000", "redirect", "too long", {}),
    ("close-at-once", "connect", "without an answer", {}),
    ("close-in-header", "protocol", "inside its header", {}),
    ("length-long", "protocol", "ended before it was whole", {}),
    ("length-short", "page", None, {"body": 10}),
    ("length-twice", "page", None, {"body": 20}), # libcurl believes the last,
    ("close-in-chunk", "protocol", "ended before it was whole", {}),
    ("chunk-garbage", "protocol", "chunk", {}),
    ("reset", "connect", "broke off", {}),
    ("nested?n=3", "protocol", "more than one content coding", {}),
    ("nested?n=9", "protocol", "more than one content coding", {}),
    ("gzip-broken", "page", None, {"text": "<!doctype html><title>identity</title><p>identity</p>"}),
    ("gzip-broken?always", "protocol", "content coding is broken", {}),
    ("coding-unknown", "protocol", "content coding", {}),
    ("garbage", "protocol", "not HTTP", {}),
    ("http09", "protocol", "not HTTP", {}),
    ("header-nul", "protocol", "not HTTP", {}),
    ("header-8bit", "page", None, {"type": "text/html"}),
    ("header-no-colon", "protocol", "not HTTP", {}),
    ("header-folded", "page", None, {"type": "text/html; charset=utf-8"}),
    ("empty", "page", None, {"body": 0}),
    ("no-type", "page", None, {}),
    ("ok?type=application/pdf", "not-html", "'application/pdf'", {"body": 0}),
    ("ok?type=video/mp4&size=90000000", "not-html", "'video/mp4'", {"body": 0}),
    ("status?code=304", "protocol", "304, which was not asked for", {}),
    ("status?code=206", "protocol", "206, which was not asked for", {}),
    ("status?code=999", "http-status", "999", {}),
    ("status?code=404", "http-status", "404 (not found)", {"hops": 0}),
    ("status?code=410", "http-status", "gone for good", {}),
    ("status?code=429&retry=7200", "http-status", "429", {"deferred": True}),
    ("status?code=503&retry=1", "http-status", "503", {"deferred": False}),
    ("status?code=429", "http-status", "429", {"deferred": False}),
    ("retry-once?retry=1", "page", None, {"hops": 0}),
    ("chain?n=8", "page", None, {"hops": 8}),
    ("chain?n=9", "redirect", "more than 8 redirects", {"hops": 8}),
    ("redirect?to=/_torture/redirect%3Fto%3D/_torture/ok", "page", None, {"hops": 2}),
    ("redirect?to=%23x", "redirect", "circle", {}),
    ("redirect?to=file:///etc/passwd", "refused-by-policy", "scheme", {}),
    ("redirect?to=gopher://127.0.0.1/", "refused-by-policy", "scheme", {}),
    ("redirect?to=http://127.0.0.2:{p}/", "refused-by-policy", "127.0.0.2 is loopback", {"hops": 1}),
    ("redirect?to=http://169.254.169.254/latest/", "refused-by-policy", "169.254.169.254 is link-local", {}),
    ("redirect?to=http://[::1]:{p}/", "refused-by-policy", "::1 is loopback", {}),
    ("redirect?to=http://[::ffff:127.0.0.2]:{p}/", "refused-by-policy", "loopback", {}),
    ("redirect?to=http://2130706434:{p}/", "refused-by-policy", "127.0.0.2 is loopback", {}),
    ("redirect?to=http://0177.0.0.2:{p}/", "refused-by-policy", "127.0.0.2 is loopback", {}),
    ("redirect?to=http://127.0.0.1:22/", "refused-by-policy", "port 22", {}),
    ("redirect?to=http://u:pass@127.0.0.1:{p}/", "refused-by-policy", "user name", {}),
    ("redirect?to=http://nowhere.invalid/", "dns", "does not resolve", {}),
]


class Origin:
    """origin.py on 127.0.0.1, 127.0.0.2 and 127.0.1.1-100 (same port)."""

    def __init__(self, folder):
        self.log = os.path.join(folder, "log")
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "origin.py"), "--bind", "127.0.0.1-2", "--bind", "127.0.1.1-100",
             "--tls", os.path.join(folder, "tls"), "--log", self.log], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.__dict__.update(json.loads(self.process.stdout.readline()))

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Fetch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ingestd-fetch-")
        cls.origin = Origin(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.origin.stop()
        shutil.rmtree(cls.folder)

    def configure(self, text):
        name = os.path.join(self.folder, "ingestd.yaml")
        with open(name, "w", encoding="utf-8") as f:
            f.write("allow-networks: [127.0.0.1/32, 127.0.1.0/24]\nlimits: {page: 128KiB}\ntimeout: 6s\n"
                    "contact: mailto:test@example.org\n" + text)
        return name

    def fetch(self, urls, *options, config="pace: {gap: 0s, connections: 16}\n"):
        out = subprocess.run([PROBE, "--config", self.configure(config), "--connect-timeout", "3000",
                              "--low-speed", "2", *options], input="\n".join(urls) + "\n", text=True,
                             stdout=subprocess.PIPE, timeout=120, check=True)
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        self.totals = lines.pop()
        self.assertEqual(self.totals["started"], self.totals["done"])
        self.assertEqual(len(lines), len(urls))
        return {line["url"]: line for line in lines}

    def url(self, host, route, port=None, scheme="http"):
        return f"{scheme}://{host}:{port or self.origin.port}/_torture/{route.replace('{p}', str(self.origin.port))}"

    def test_torture(self):
        bad = {self.url(f"127.0.1.{i + 1}", row[0]): row for i, row in enumerate(TORTURE)}
        good = [self.url(f"127.0.1.{80 + i % 10}", f"ok?n={i}") for i in range(500)]
        began = time.time()
        got = self.fetch([*bad, *good])
        self.assertLess(time.time() - began, 60)
        for url in good:
            self.assertEqual((got[url]["outcome"], got[url]["error"]), ("page", None), got[url])
            self.assertGreater(got[url]["retry_in"], 86400)
        for url, (route, outcome, error, more) in bad.items():
            with self.subTest(route):
                line = got[url]
                self.assertEqual(line["outcome"], outcome, line)
                if error is None:
                    self.assertIsNone(line["error"])
                else:
                    self.assertIn(error, line["error"] or "no error")
                    self.assertNotIn("u:pass", line["error"])
                for name, value in more.items():
                    self.assertEqual(line[name], value, f"{name} of {line}")
                self.assertGreater(line["retry_in"], 600)
                self.assertLess(line["wire"], 3 << 20)
        if not self.totals["sanitized"]:
            self.assertLess(self.totals["rss_kb"], 64 << 10)
        self.assertFalse(self.totals["network_down"])

    def test_nothing_listens(self):
        url = f"http://127.0.0.1:{free_port()}/"
        line = self.fetch([url])[url]
        self.assertEqual((line["outcome"], line["error"]), ("connect", "no connection: Connection refused"))

    def test_reset_is_heard_at_once(self):
        """libuv reports EPOLLERR as a status without events; unheard, libcurl would notice by a timer that it has every
        second."""
        urls = [self.url(f"127.0.1.{i}", "reset?after=0.4") for i in range(71, 79)]
        got = self.fetch(urls)
        self.assertLess(min(got[url]["ms"] for url in urls), 900)

    def test_closed_by_default(self):
        """What the operator did not open is shut, in every spelling, and no request gets out."""
        urls = [f"http://{host}:{self.origin.port}/_torture/shut"
                for host in ("127.0.0.2", "0", "[::1]", "[::ffff:7f00:2]", "127.2", "0x7f000002")]
        urls += ["http://10.0.0.1/", "http://[fe80::1]/", "http://[64:ff9b::7f00:2]/", "http://169.254.169.254/"]
        got = self.fetch(urls, config="pace: {gap: 0s}\n")
        for url in urls:
            self.assertEqual(got[url]["outcome"], "refused-by-policy", got[url])
        with open(self.origin.log, encoding="utf-8") as f:
            self.assertFalse([line for line in f if "/_torture/shut" in line])

    def test_not_fetched_at_all(self):
        urls = ["http://127.0.0.1:22/", "http://127.0.0.1:" + str(self.origin.port) + "/" + "a" * 9000, "ftp://127.0.0.1/",
                "nonsense", "http://u:pass@127.0.0.1/"]
        got = self.fetch(urls)
        for url in urls:
            self.assertEqual(got[url]["outcome"], "refused-by-policy", got[url])
            self.assertNotIn("u:pass", got[url]["error"])

    def test_tls(self):
        want = {"good": ("page", None), "expired": ("tls", "has expired"), "wrong-name": ("tls", "another name"),
                "self-signed": ("tls", "signed by itself"), "no-intermediate": ("tls", "intermediate")}
        urls = {self.url("127.0.1.1", "ok", self.origin.tls[name], "https"): name for name in want}
        got = self.fetch(urls, config=f"ca-file: {self.origin.ca}\npace: {{gap: 0s}}\n")
        for url, name in urls.items():
            outcome, error = want[name]
            self.assertEqual(got[url]["outcome"], outcome, got[url])
            if error:
                self.assertIn(error, got[url]["error"])
        # without that authority none passes
        url = self.url("127.0.1.1", "ok", self.origin.tls["good"], "https")
        self.assertEqual(self.fetch([url])[url]["outcome"], "tls")
        # TLS spoken to a server that has none, and the other way round
        urls = [self.url("127.0.1.1", "ok", self.origin.port, "https"),
                self.url("127.0.1.2", "ok", self.origin.tls["good"], "http")]
        got = self.fetch(urls)
        self.assertIn(got[urls[0]]["outcome"], ("tls", "timeout"))  # origin.py waits for a line
        self.assertIn(got[urls[1]]["outcome"], ("connect", "protocol"))

    def test_downgrade(self):
        url = self.url("127.0.1.1", f"redirect?to=http://127.0.1.1:{self.origin.port}/_torture/ok",
                       self.origin.tls["good"], "https")
        line = self.fetch([url], config=f"ca-file: {self.origin.ca}\n")[url]
        self.assertEqual(line["outcome"], "refused-by-policy")
        self.assertIn("from https to http", line["error"])

    def test_request_is_honest(self):
        url = self.url("127.0.0.1", "echo")
        text = self.fetch([url])[url]["text"]
        headers = json.loads(text[text.index("{"):])
        self.assertEqual(headers.pop("user-agent"), "ingestd/0-test (+mailto:test@example.org)")
        self.assertIn("gzip", headers.pop("accept-encoding"))
        self.assertEqual(headers.pop("host"), f"127.0.0.1:{self.origin.port}")
        self.assertEqual(sorted(headers), ["accept", "accept-language"])
        text = self.fetch([url], config="user-agent: other\nheaders: {X-A: b, accept-language: de}\n")[url]["text"]
        headers = json.loads(text[text.index("{"):])
        self.assertEqual((headers["user-agent"], headers["x-a"], headers["accept-language"]), ("other", "b", "de"))

    def test_environment_proxy_is_ignored(self):
        os.environ["http_proxy"] = "http://127.0.0.1:1/"
        try:
            url = self.url("127.0.0.1", "ok")
            self.assertEqual(self.fetch([url])[url]["outcome"], "page")
        finally:
            del os.environ["http_proxy"]

    def test_configured_proxy(self):
        proxy = f"proxy: http://127.0.0.2:{self.origin.port}\n"  # the operator's own word opens it
        urls = ["http://any.invalid/_torture/ok", "http://10.0.0.1/", "http://[::1]/", "http://127.0.0.3/"]
        got = self.fetch(urls, config=proxy)
        self.assertEqual([got[url]["outcome"] for url in urls], ["page"] + ["refused-by-policy"] * 3)

    def test_gap(self):
        """The log is the judge: starts at one host keep their distance, hosts do not wait for each other."""
        urls = [self.url(f"127.0.1.{60 + i % 2}", f"ok?gap={i}") for i in range(8)]
        self.fetch(urls, config="pace: {gap: 300ms, connections: 2}\n")
        with open(self.origin.log, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f if "ok?gap=" in line]
        self.assertEqual(len(lines), 8)
        for host in ("127.0.1.60", "127.0.1.61"):
            times = sorted(line["time"] for line in lines if line["host"].startswith(host + ":"))
            gaps = [b - a for a, b in zip(times, times[1:])]
            self.assertEqual(len(gaps), 3)
            self.assertGreater(min(gaps), 0.28)
            self.assertLess(max(gaps), 5)

    def test_retry_after_holds_the_site(self):
        host = "127.0.1.70"
        urls = [self.url(host, "status?code=429&retry=5000")] + [self.url(host, f"ok?n={i}") for i in range(5)]
        got = self.fetch(urls, config="pace: {gap: 100ms, connections: 1}\n")
        for url in urls[1:]:
            self.assertTrue(got[url]["deferred"])
            self.assertEqual(got[url]["outcome"], "none")
            self.assertAlmostEqual(got[url]["retry_in"], 5000, delta=5)
        # a short one is waited for
        host = "127.0.1.71"
        urls = [self.url(host, "retry-once?retry=2"), self.url(host, "ok")]
        got = self.fetch(urls, config="pace: {gap: 100ms, connections: 1}\n")
        for url in urls:
            self.assertEqual(got[url]["outcome"], "page", got[url])
        self.assertGreater(got[urls[0]]["ms"], 1000)

    def test_dead_site_is_left_alone(self):
        """After a few failures the rest of a site's URLs are put off, not tried one by one."""
        port = free_port()
        urls = [f"http://127.0.1.72:{port}/{i}" for i in range(50)]
        got = self.fetch(urls, "--wait-max", "1000", config="pace: {gap: 0s, connections: 1}\n")
        outcomes = [got[url]["outcome"] for url in urls]
        self.assertEqual(outcomes.count("connect"), 3, outcomes)
        self.assertEqual(outcomes.count("none"), 47)

    def test_dead_network(self):
        """No name resolves anywhere: nothing is held against anyone, and it is said."""
        urls = [f"http://host{i}.invalid/" for i in range(30)]
        began = time.time()
        got = self.fetch(urls)
        self.assertLess(time.time() - began, 20)
        for url in urls:
            self.assertTrue(got[url]["deferred"], got[url])
            self.assertEqual(got[url]["outcome"], "none")
        self.assertTrue(self.totals["network_down"])
        # two dead names among living servers are dead names
        urls = ["http://host0.invalid/", "http://host1.invalid/", self.url("127.0.0.1", "ok?delay=0.3")]
        got = self.fetch(urls)
        self.assertEqual([got[url]["outcome"] for url in urls], ["dns", "dns", "page"])
        self.assertFalse(self.totals["network_down"])
        # and alone they are believed, soon
        got = self.fetch(urls[:2])
        self.assertEqual([got[url]["outcome"] for url in urls[:2]], ["dns", "dns"])

    def test_stop(self):
        urls = [self.url(f"127.0.1.{i + 1}", "sleep?s=60") for i in range(70)] + [self.url("127.0.0.1", "ok")] * 1
        got = self.fetch(urls, "--stop-after", "500")
        for url in urls[:-1]:
            self.assertTrue(got[url]["deferred"])
        self.assertFalse(any(line["outcome"] == "timeout" for line in got.values()))

    def test_failures_lengthen(self):
        url = self.url("127.0.0.1", "status?code=404")
        once = self.fetch([url])[url]["retry_in"]
        often = max(self.fetch([url], "--failures", str(n))[url]["retry_in"] for n in (5, 6, 7))
        self.assertGreater(often, once)


@unittest.skipUnless(shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"), "no nginx")
class Nginx(Fetch):
    """TLS with HTTP/2 and gzip, from a server that others wrote."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.www = os.path.join(cls.folder, "www")
        os.makedirs(cls.www)
        with open(os.path.join(cls.www, "a.html"), "w", encoding="utf-8") as f:
            f.write("<!doctype html><title>a</title>" + "<p>filler of a page</p>" * 3000)
        cls.plain, cls.tls = free_port(), free_port()
        tls = os.path.join(cls.folder, "tls")
        conf = os.path.join(cls.folder, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f"""daemon off; master_process off; pid {cls.folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 1000; }}
http {{
	types {{ text/html html; }}
	access_log {cls.folder}/nginx.log combined; gzip on; keepalive_requests 100000;
	client_body_temp_path {cls.folder}; proxy_temp_path {cls.folder}; fastcgi_temp_path {cls.folder};
	uwsgi_temp_path {cls.folder}; scgi_temp_path {cls.folder};
	log_format v '$server_protocol $connection $request_uri';
	access_log {cls.folder}/nginx.log v;
	server {{
		listen 127.0.0.1:{cls.plain}; listen 127.0.0.1:{cls.tls} ssl http2; location /444 {{ return 444; }}
		ssl_certificate {tls}/good.pem; ssl_certificate_key {tls}/good.key;
		root {cls.www};
	}}
	server {{
		listen 127.0.1.1:{cls.plain}; listen 127.0.1.1:{cls.tls} ssl http2; keepalive_requests 7;
		ssl_certificate {tls}/good.pem; ssl_certificate_key {tls}/good.key;
		root {cls.www};
	}}
}}
""")
        cls.nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", conf, "-p", cls.folder],
                                     stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", cls.tls)).close()
                return
            except OSError:
                time.sleep(0.05)

    @classmethod
    def tearDownClass(cls):
        cls.nginx.terminate()
        cls.nginx.wait()
        super().tearDownClass()

    def log(self):
        with open(os.path.join(self.folder, "nginx.log"), encoding="utf-8") as f:
            return [line.split() for line in f]

    def test_many(self):
        for scheme, port, protocol in (("http", self.plain, "HTTP/1.1"), ("https", self.tls, "HTTP/2.0")):
            urls = [f"{scheme}://127.0.0.1:{port}/a.html?{scheme}{i}" for i in range(300)]
            got = self.fetch(urls, config=f"ca-file: {self.origin.ca}\npace: {{gap: 0s, connections: 8}}\n")
            for url in urls:
                self.assertEqual(got[url]["outcome"], "page", got[url])
                self.assertEqual(got[url]["body"], 31 + 23 * 3000)
                self.assertLess(got[url]["wire"], 2000)  # gzip
            lines = [line for line in self.log() if f"?{scheme}" in line[2]]
            self.assertEqual(len(lines), 300)
            self.assertEqual({line[0] for line in lines}, {protocol})
            self.assertLessEqual(len({line[1] for line in lines}), 8 if scheme == "http" else 1)

    def test_connections_that_end(self):
        """A server that closes after every seventh request loses none; one that hangs up is named."""
        for scheme, port in (("http", self.plain), ("https", self.tls)):
            urls = [f"{scheme}://127.0.1.1:{port}/a.html?{i}" for i in range(200)]
            bad = f"{scheme}://127.0.0.1:{port}/444"
            got = self.fetch([*urls, bad], config=f"ca-file: {self.origin.ca}\npace: {{gap: 0s, connections: 8}}\n")
            for url in urls:
                self.assertEqual(got[url]["outcome"], "page", got[url])
            self.assertIn(got[bad]["outcome"], ("connect", "protocol"), got[bad])

    def test_version_by_host(self):
        url = f"https://127.0.0.1:{self.tls}/a.html?forced"
        self.fetch([url], config=f"ca-file: {self.origin.ca}\nhttp-version: 1.1\n")
        self.assertEqual([line[0] for line in self.log() if "?forced" in line[2]], ["HTTP/1.1"])


for name in [name for name in dir(Fetch) if name.startswith("test_")]:
    if name not in Nginx.__dict__:
        setattr(Nginx, name, None)  # they ran above

if __name__ == "__main__":
    PROBE = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
