#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names: how they are looked up, what becomes of each way in which that fails, and that a name leads nowhere that its
address may not.

    names.py FETCH_PROBE
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from dns import Dns, A, AAAA
from world import Origin

PROBE = None

# Part of the name below .test; outcome; part of the error
ROWS = [
    ("a-127-0-1-1", "page", None),
    ("alias-x", "page", None),
    ("many-60", "page", None),  # over TCP
    ("a-127-0-1-99.a-127-0-1-2", "page", None),  # where nobody listens first
    ("six-1.a-127-0-1-3", "page", None),  # ::1 is closed: the next
    ("a-127-0-0-2.a-127-0-1-4", "page", None),  # closed, the next
    ("delay-300.a-127-0-1-5", "page", None),
    ("nx", "dns", "there is no such name"),
    ("empty", "dns", "it has no address"),
    ("fail", "dns", "no name server has an answer"),
    ("refuse", "dns", "no name server has an answer"),
    ("silent", "dns", "the name servers do not answer"),
    ("garbage", "dns", "the name servers"),
    ("other", "dns", "the name servers do not answer"),
    ("a-10-0-0-1", "refused-by-policy", "10.0.0.1 is private"),
    ("a-127-0-0-2", "refused-by-policy", "127.0.0.2 is loopback"),
    ("a-169-254-169-254", "refused-by-policy", "169.254.169.254 is link-local"),
    ("a-0-0-0-0", "refused-by-policy", "of this network"),
    ("six-ffff-7f00-2", "refused-by-policy", "loopback"),
    ("six-1", "refused-by-policy", "::1 is loopback"),
]


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="ingestd-names-")
        cls.origin = Origin(bind="127.0.0.2", *("--bind", "127.0.1.1-9"))
        cls.dns = Dns()

    @classmethod
    def tearDownClass(cls):
        cls.origin.close()
        cls.dns.close()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.dns.asked.clear()
        self.dns.seen.clear()

    def fetch(self, urls, more="", *options):
        config = os.path.join(self.folder, "ingestd.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("allow-networks: [127.0.1.0/24]\npace: {gap: 0s, connections: 16}\ntimeout: 20s\n"
                    f"name-servers: ['127.0.0.1:{self.dns.port}']\n" + more)
        out = subprocess.run([PROBE, "--config", config, "--connect-timeout", "2000", *options], timeout=60, check=True,
                             input="\n".join(urls) + "\n", text=True, stdout=subprocess.PIPE,
                             env={"HOME": self.folder, "LOCALDOMAIN": "a-127-0-1-1.test", "HOSTALIASES": "/dev/null"})
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        self.totals = lines.pop()
        return {line["url"]: line for line in lines}

    def url(self, name, path="_torture/ok"):
        return f"http://{name}:{self.origin.port}/{path}"

    def test_rows(self):
        urls = {self.url(name + ".test"): (outcome, error) for name, outcome, error in ROWS}
        began = time.monotonic()
        got = self.fetch(urls)
        self.assertLess(time.monotonic() - began, 8)
        for url, (outcome, error) in urls.items():
            with self.subTest(url):
                self.assertEqual(got[url]["outcome"], outcome, got[url])
                if error:
                    self.assertIn(error, got[url]["error"])
        self.assertFalse([row for row in self.origin.asked() if row.startswith("a-127-0-0-2.test")])

    def test_no_thread_a_name(self):
        urls = [self.url(f"delay-500.x{i}.a-127-0-1-{1 + i % 9}.test") for i in range(100)]
        began = time.monotonic()
        got = self.fetch(urls, "transfers: 200\n")
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual({line["outcome"] for line in got.values()}, {"page"})
        self.assertLess(self.totals["threads"], 12)

    def test_asked_once(self):
        """Many URLs of a name ask for it once, whatever its time to live."""
        urls = [self.url("a-127-0-1-1.test", f"_torture/ok?n={i}") for i in range(30)]
        got = self.fetch(urls)
        self.assertEqual({line["outcome"] for line in got.values()}, {"page"})
        self.assertEqual(sorted(self.dns.asked), [("a-127-0-1-1.test", A), ("a-127-0-1-1.test", AAAA)])

    def test_only_that_name(self):
        """No search domains, no aliases."""
        got = self.fetch([self.url("nx.test"), self.url("intranet")])
        self.assertEqual({line["outcome"] for line in got.values()}, {"dns"})
        self.assertEqual({name for name, _ in self.dns.asked}, {"nx.test", "intranet"})

    def test_not_asked_for(self):
        urls = [self.url("nowhere.invalid"), self.url("hidden.onion"), self.url("localhost"), self.url("a.localhost.")]
        got = self.fetch(urls)
        self.assertEqual([got[url]["outcome"] for url in urls], ["dns", "dns", "refused-by-policy", "refused-by-policy"])
        self.assertEqual(self.dns.asked, [])

    def test_dot_behind(self):
        url = self.url("a-127-0-1-1.test.")
        self.assertEqual(self.fetch([url])[url]["outcome"], "page")

    def test_rebinding(self):
        """A name that was public and is private now: what is connected to counts, each time."""
        name = "a-127-0-1-7.then-127-0-0-2.test"
        urls = [self.url(name, f"_torture/status?code=404&n={i}") for i in range(3)]
        urls.append(self.url(name, "_torture/close-at-once"))  # a new connection, then
        got = self.fetch(urls, "hosts: {'*.test': {pace: {gap: 200ms, connections: 1}}}\n")
        self.assertEqual([got[url]["status"] for url in urls[:3]], [404] * 3)
        again = self.url(name, "_torture/ok?again")
        line = self.fetch([again])[again]
        self.assertEqual(line["outcome"], "refused-by-policy")
        self.assertIn("127.0.0.2 is loopback", line["error"])
        self.assertFalse([row for row in self.origin.asked() if "ok?again" in row])

    def test_proxies(self):
        """The proxy's name is looked up here, the server's by the proxy."""
        url = self.url("far.test")
        got = self.fetch([url], f"proxy: http://a-127-0-1-1.test:{self.origin.port}\n")
        self.assertEqual({name for name, _ in self.dns.asked}, {"a-127-0-1-1.test"})
        self.assertEqual(got[url]["outcome"], "page")
        # a proxy that is to be told an address is told none that is closed
        url = self.url("a-10-0-0-1.test")
        line = self.fetch([url], f"proxy: socks5://a-127-0-1-1.test:{self.origin.port}\n")[url]
        self.assertEqual(line["outcome"], "refused-by-policy")
        self.assertIn("10.0.0.1 is private", line["error"])

    def test_nobody_to_ask(self):
        url = self.url("a-127-0-1-1.test")
        self.dns.port, port = 9, self.dns.port
        try:
            line = self.fetch([url])[url]
        finally:
            self.dns.port = port
        self.assertEqual(line["outcome"], "dns")
        self.assertIn("name server", line["error"])


if __name__ == "__main__":
    PROBE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
