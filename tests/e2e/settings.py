#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Settings of hosts, and ceilings: each does what it says, and says so.

    settings.py FETCH_PROBE
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

from world import Origin

PROBE = None

# A line of `limits`; a route; outcome; part of the error (None: all is well)
CEILINGS = [
    ("page: 64KiB", "ok?size=70000", "too-large", "body has more than 65536 bytes"),
    ("page: 80KiB", "ok?size=70000", "page", None),
    ("wire: 64KiB", "ok?size=70000", "too-large", "body has more than 65536 bytes on the wire"),
    ("wire: 64KiB", "endless-nothing", "too-large", "65536 bytes on the wire"),
    ("ratio: 300", "bomb?mb=4", "too-large", "unpacks to more than 300 times its size"),
    ("ratio: 2000", "bomb?mb=4", "page", None),
    ("header: 4KiB", "header-line?size=5000", "too-large", "header has more than 4096 bytes"),
    ("header: 16KiB", "header-line?size=5000", "not-html", None),
    ("fields: 10", "header-many?n=12", "too-large", "10 fields"),
    ("fields: 200", "header-many?n=150", "page", None),
    ("redirects: 2", "chain?n=3", "redirect", "more than 2 redirects"),
    ("redirects: 0", "chain?n=1", "redirect", "more than 0 redirects"),
    ("redirects: 12", "chain?n=12", "page", None),
    ("url: 256B", "ok?" + "a" * 256, "refused-by-policy", "more than 256 bytes"),
    ("url: 1KiB", "ok?" + "a" * 256, "page", None),
    ("{slow: 10kB, slow-for: 1s}", "slow-body", "timeout", "less than 10000 bytes a second for 1 s"),
]


class Settings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ingestd-settings-")
        cls.origin = Origin("--bind", "127.0.1.1-40", "--tls", os.path.join(cls.folder, "tls"), bind="127.0.0.1-9")
        cls.ca = f"ca-file: {cls.origin.hello['ca']}\n"

    @classmethod
    def tearDownClass(cls):
        cls.origin.close()
        shutil.rmtree(cls.folder)

    def fetch(self, urls, more=""):
        config = os.path.join(self.folder, "ingestd.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("allow-networks: [127.0.0.0/8]\npace: {gap: 0s, connections: 16}\ntimeout: 6s\n" + more)
        out = subprocess.run([PROBE, "--config", config], timeout=60, input="\n".join(urls) + "\n", text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = out.stderr
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        return {line["url"]: line for line in lines[:-1]}

    def url(self, host, route, tls=False):
        return f"{'https' if tls else 'http'}://{host}:{self.origin.hello['tls']['good'] if tls else self.origin.port}/_torture/{route}"

    def said_by(self, line):
        """The header that echo and say wrote into the page."""
        return json.loads(line["text"][line["text"].index("{"):])

    def test_ceilings(self):
        for i, (limit, route, outcome, error) in enumerate(CEILINGS):
            with self.subTest(limit):
                url = self.url(f"127.0.1.{i + 1}", route)
                got = self.fetch([url], f"limits: {limit if limit[0] == '{' else '{' + limit + '}'}\n")
                self.assertEqual(len(got), 1, self.said)
                line = got[url]
                self.assertEqual(line["outcome"], outcome, line)
                self.assertIn(error or "", line["error"] or "")

    def test_cookies_live_for_a_chain(self):
        """Where a cookie opens the way it is carried along; the next address knows nothing of it."""
        wall, other = self.url("127.0.0.1", "wall?cookie=seen&n=1"), self.url("127.0.0.1", "echo?after")
        got = self.fetch([wall])
        self.assertEqual((got[wall]["outcome"], got[wall]["hops"]), ("page", 1), got[wall])
        self.assertIn("seen=1", self.said_by(got[wall])["cookie"])
        got = self.fetch([wall, other], "hosts: {127.0.0.1: {pace: {connections: 1}}}\n")
        self.assertNotIn("cookie", self.said_by(got[other]))
        # to the host that set it, alone
        away = self.url("127.0.0.1", "say?status=302&h=Set-Cookie:a=1&h=Location:" +
                        urllib.parse.quote(self.url("127.0.0.2", "echo"), safe=""))
        self.assertNotIn("cookie", self.said_by(self.fetch([away])[away]))
        # what sets another each time ends
        never = self.url("127.0.0.3", "wall?cookie=nothing&fresh")
        line = self.fetch([never])[never]
        self.assertEqual(line["outcome"], "redirect", line)
        self.assertIn("more than 8 redirects", line["error"])
        # and what sets none goes round in a circle at once
        loop = self.url("127.0.0.4", "wall?cookie=nothing&none")
        self.assertIn("circle", self.fetch([loop])[loop]["error"])

    def test_cookies_kept(self):
        first, second = self.url("127.0.0.1", "say?h=Set-Cookie:kept%3D1;path%3D/"), self.url("127.0.0.1", "echo?second")
        there = self.url("127.0.0.2", "echo?there")
        hosts = "hosts: {127.0.0.1: {cookies: true, pace: {connections: 1}}}\n"
        got = self.fetch([first, second, there], hosts)
        self.assertEqual(self.said_by(got[second]).get("cookie"), "kept=1")
        self.assertNotIn("cookie", self.said_by(got[there]))

    def test_cookies_ceiling(self):
        url = self.url("127.0.0.1", "wall?cookie=nothing&fresh&many=20")
        self.fetch([url], "limits: {cookies: 5}\n")
        with open(self.origin.log_path, encoding="utf-8") as f:
            rows = [json.loads(line) for line in f if "many=20" in line]
        self.assertEqual(max(row["headers"].get("cookie", "").count("=") for row in rows), 5)

    def test_credentials(self):
        """Told over https alone, to that host alone, shown nowhere."""
        path = os.path.join(self.folder, "secret")

        def write(text, mode=0o600):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            os.chmod(path, mode)

        write("someone:pass:word\n")
        hosts = self.ca + f"hosts: {{127.0.0.1: {{credentials: {path}}}}}\n"
        urls = [self.url("127.0.0.1", "echo", True), self.url("127.0.0.1", "echo"), self.url("127.0.0.2", "echo", True),
                self.url("127.0.0.1", "redirect?to=" + urllib.parse.quote(self.url("127.0.0.3", "echo", True), safe=""), True)]
        got = self.fetch(urls, hosts)
        self.assertEqual(self.said_by(got[urls[0]])["authorization"], "Basic " + base64.b64encode(b"someone:pass:word").decode())
        for url in urls[1:]:
            self.assertNotIn("authorization", self.said_by(got[url]), url)
        write("Bearer abc.def\n")
        self.assertEqual(self.said_by(self.fetch(urls[:1], hosts)[urls[0]])["authorization"], "Bearer abc.def")
        for text, mode, why in (("x", 0o600, "user:password"), ("a:b", 0o604, "everybody can read it"), (None, 0, "no such file")):
            if text:
                write(text, mode)
            else:
                os.unlink(path)
            self.assertEqual(self.fetch(urls[:1], hosts), {})
            self.assertIn(why, self.said)
            self.assertIn("hosts.127.0.0.1.credentials", self.said)

    def test_hosts(self):
        """What one host is told is not told to others."""
        urls = [self.url("127.0.0.1", "echo"), self.url("127.0.0.2", "echo")]
        got = self.fetch(urls, "hosts: {127.0.0.1: {user-agent: other/1, headers: {X-A: b}, timeout: 2s}}\n")
        self.assertEqual(self.said_by(got[urls[0]])["user-agent"], "other/1")
        self.assertEqual(self.said_by(got[urls[0]])["x-a"], "b")
        self.assertTrue(self.said_by(got[urls[1]])["user-agent"].startswith("ingestd/"))
        self.assertNotIn("x-a", self.said_by(got[urls[1]]))
        slow = self.url("127.0.0.1", "sleep?s=9")
        self.assertRegex(self.fetch([slow], "hosts: {127.0.0.1: {timeout: 2s}}\n")[slow]["error"], r"within [2-9]\.\d s")
        # a proxy and an authority for one host
        url = "http://far.invalid/_torture/ok"
        got = self.fetch([url], f"hosts: {{far.invalid: {{proxy: 'http://127.0.0.1:{self.origin.port}'}}}}\n")
        self.assertEqual(got[url]["outcome"], "page")
        urls = [self.url("127.0.0.1", "ok", True), self.url("127.0.0.2", "ok", True)]
        got = self.fetch(urls, f"hosts: {{127.0.0.1: {{ca-file: '{self.origin.hello['ca']}'}}}}\n")
        self.assertEqual([got[url]["outcome"] for url in urls], ["page", "tls"])


if __name__ == "__main__":
    PROBE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
