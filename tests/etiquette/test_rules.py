#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each rule is first shown a log that is polite but for one thing, and has to find that thing and nothing else."""
import copy, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from rules import DAY, HOUR, RULES, Expect, Row, judge
from world import Judge

HEADERS = {"user-agent": "ingestd/0.1.0 (+https://example.org/about)", "accept": "text/html", "accept-language": "*",
           "accept-encoding": "gzip, br"}
DATE = "Thu, 01 Jan 1970 05:00:00 GMT"  # 5 h


def row(time, host, target, status=200, sent=None, headers=None, drop=(), **more):
    return Row(time, host, target, status, {k: v for k, v in {**HEADERS, **(headers or {})}.items() if k not in drop}, sent or {}, **more)


def robots(time, host, body="", status=404, **more):
    return row(time, host, "/robots.txt", 200 if body else status, body=body, **more)


def polite():
    """Two months of three sites."""
    return [
        robots(0.5, "a.example", "User-agent: *\nDisallow: /private\n", sent={"etag": '"r"'}),
        row(1.6, "a.example", "/1", sent={"etag": '"1"', "last-modified": "x"}), row(2.7, "a.example", "/2", 404), row(3.9, "a.example", "/3", 410),
        robots(0.9, "b.example"), row(2, "b.example", "/1", 503, {"retry-after": "3600"}), row(3700, "b.example", "/1", sent={"cache-control": "max-age=99"}),
        robots(1.3, "www.c.example"), row(2.4, "www.c.example", "/1", 302, {"location": "/2", "set-cookie": "a=b"}),
        row(3.5, "www.c.example", "/2", headers={"cookie": "a=b"}),
        robots(28 * DAY, "a.example", status=304, headers={"if-none-match": '"r"'}),
        row(28 * DAY + 2, "a.example", "/1", 304, headers={"if-none-match": '"1"', "if-modified-since": "x"}),
        row(28 * DAY + 4, "a.example", "/2", 404),
    ]


def again(time):
    """What a.example's robots.txt is on a later day."""
    return robots(time, "a.example", status=304, headers={"if-none-match": '"r"'})


def busy(first, waits, status=500, urls=1):
    """URLs that keep failing, each at a site of its own, asked again after so long."""
    log = []
    for n in range(urls):
        at, host = first + 10 * n, f"busy{n}.example"
        for wait in (*waits, None):
            log += [robots(at, host), row(at + 1 + len(log) % 13 / 100, host, "/", status)]
            at += wait or 0
    return log


FEEDS = {"feeds": lambda u: u.endswith("/feed")}

# rule, what is added to the polite log, what else the rules have to know
RUDE = [
    ("agent", [row(50, "a.example", "/9", headers={"user-agent": "Mozilla/5.0"})], {"also": {"one-agent"}}),
    ("one-agent", [row(50, "a.example", "/9", headers={"user-agent": "ingestd/0.2.0"})], {}),
    ("accepts", [row(50, "a.example", "/9", drop=["accept"])], {}),
    ("accepts", [row(50, "a.example", "/9", drop=["accept-language"])], {}),
    ("compression", [row(50, "a.example", "/9", drop=["accept-encoding"])], {}),
    ("method", [row(50, "a.example", "/9", method="HEAD")], {}),
    ("cookies", [row(50, "a.example", "/9", headers={"cookie": "a=b"})], {}),
    ("cookies", [row(500, "www.c.example", "/3", headers={"cookie": "a=b"})], {}),
    ("referer", [row(50, "a.example", "/9", headers={"referer": "http://b.example/"})], {}),
    ("credentials", [row(50, "a.example", "/9", headers={"authorization": "Basic eDp5"})], {}),
    ("no-cache", [row(50, "a.example", "/9", headers={"cache-control": "no-cache"})], {}),
    ("parameters", [row(50, "a.example", "/1?utm_source=ingestd")], {"known": lambda u: "?" not in u}),
    ("fragments", [row(50, "a.example", "/9#top")], {}),
    ("gap", [row(4.2, "a.example", "/9")], {}),
    ("gap", [robots(400, "x.c.example"), row(400.2, "www.c.example", "/9")], {}),  # one registrable domain
    ("connections", [row(50 + 2 * n, "a.example", f"/{9 + n}", ended=60) for n in range(3)], {}),
    ("jitter", [row(50 + n, "a.example", f"/{9 + n}") for n in range(20)], {}),
    ("burst", [robots(900.2 + n / 1000, f"x{n}.example") for n in range(30)], {"starts": (900,)}),
    ("in-step", [robots(900 * (1 + n // 12) + 0.01 * (n % 12), f"x{n}.example") for n in range(24)], {"starts": (900, 1800)}),
    ("fresh", [row(50, "a.example", "/9", sent={"cache-control": "max-age=4000000"}), again(31 * DAY),
               row(31 * DAY + 2, "a.example", "/9")], {}),
    ("fresh", [row(2 * HOUR, "a.example", "/9", 304, {"expires": DATE}), row(3 * HOUR, "a.example", "/9")],
     {"also": {"good-lifetime"}}),
    ("twice", [row(50, "a.example", "/9", 301, {"location": "/1"}), row(70, "a.example", "/9", 301, {"location": "/1"})], {}),
    ("good-lifetime", [row(50, "a.example", "/9"), row(2 * HOUR, "a.example", "/9")], {}),
    ("good-lifetime", [row(28 * DAY + 4 * HOUR, "a.example", "/1", 304, headers={
        "if-none-match": '"1"', "if-modified-since": "x"})], {}),
    ("polls", [row(50 + 1700 * n, "a.example", "/feed", sent={"etag": '"f"'}, headers={"if-none-match": '"f"'} if n else {}) for n in range(2)], FEEDS),
    ("bare-polls", [row(50, "a.example", "/feed"), row(50 + 2 * HOUR, "a.example", "/feed")], FEEDS),
    ("even-polls", [row(10 * HOUR + day * DAY + 2 * n, f"f{n}.example", "/feed") for n in range(9) for day in range(1, 8)], FEEDS),
    ("gone", [again(40 * DAY), row(40 * DAY + 2, "a.example", "/3", 410)], {}),
    ("fades", [again(3 * DAY), row(3 * DAY + 2, "a.example", "/2", 404)], {}),
    ("refused", [row(50, "a.example", "/9", 403), row(5 * HOUR, "a.example", "/9", 403)], {}),
    ("busy", [row(50, "a.example", "/9", 503), row(2 * HOUR, "a.example", "/9", 503)], {}),
    ("broken", [row(50, "a.example", "/9", 500), row(1500, "a.example", "/9", 500)], {}),
    ("validators", [again(60 * DAY), row(60 * DAY + 2, "a.example", "/1", headers={"if-none-match": '"1"'})], {}),
    ("validators", [again(60 * DAY), row(60 * DAY + 2, "a.example", "/1", headers={"if-none-match": "1", "if-modified-since": "x"})],
     {"also": {"invented"}}),
    ("invented", [row(50, "a.example", "/9", headers={"if-modified-since": DATE})], {}),
    ("invented", [row(50, "a.example", "/9", headers={"if-none-match": '"1"'})], {}),  # another URL's
    ("retry-after", [row(500, "b.example", "/2")], {}),
    ("retry-after", [row(3 * HOUR, "a.example", "/9", 429, {"retry-after": DATE}), row(4 * HOUR, "a.example", "/10")], {}),
    ("retry-after", [row(50, "www.c.example", "/9", 301, {"retry-after": "60", "location": "/2"}), row(80, "www.c.example", "/10")], {}),
    ("too-many", [row(50, "a.example", "/9", 429), row(HOUR, "a.example", "/10")], {}),
    ("growth", busy(DAY, [3 * HOUR, 4 * HOUR] * 4, urls=3), {}),
    ("same-waits", busy(DAY, [3 * HOUR], urls=9), {}),
    ("hops", [row(50 + 2 * n, "a.example", f"/h{n}", 302, {"location": f"/h{n + 1}"}) for n in range(10)], {"also": {"jitter"}}),
    ("robots-first", [row(50, "d.example", "/")], {}),
    ("robots-first", [row(9 * DAY, "www.c.example", "/9")], {}),
    ("robots-obeyed", [row(50, "a.example", "/private/1")], {}),
    ("robots-broken", [robots(50, "d.example", status=500), row(60, "d.example", "/")], {}),
    ("robots-often", [robots(1200, "b.example")], {"also": {"retry-after"}}),
    ("crawl-delay", [robots(50, "d.example", "User-agent: ingestd\nCrawl-delay: 7\n"), row(60, "d.example", "/1"), row(64, "d.example", "/2")], {}),
]


def main():
    result = Judge()
    result.check("a polite log passes", [f"{n}: {c}" for n, c in judge(polite(), Expect()).items()])
    for name, rude, more in RUDE:
        more = copy.copy(more)
        also = more.pop("also", set())
        found = judge(polite() + rude, Expect(**more))
        # what else a rude line breaks by its nature is named in `also`
        result.check(name, [name not in found and "it is not found",
                            set(found) - {name} - also and f"others too: { {n: c for n, c in found.items() if n != name} }"])
    result.check("each rule has a rude row", [n for n, _, _ in RULES if n not in {r[0] for r in RUDE}])
    result.end()


main()
