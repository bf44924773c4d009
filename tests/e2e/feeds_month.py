#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""feeds_month.py INGESTD WARP_LIBRARY [--feeds N] [--days N] [--seed N] [--kill SHARE] [--etiquette]

A month of feeds lived through by the real program, a run an hour, on a clock that jumps: rhythms, edits, outages,
moves, ids and links that are not stable, articles in two feeds, documents that are deleted and renamed, runs that
are killed. What was published is counted against what was written: none missing, none twice. By hand; a short one
in ctest. --etiquette: the log is judged by tests/etiquette too; with --kill 0, as who is killed cannot know what it asked for."""
import argparse, hashlib, html, http.server, os, random, re, socketserver, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "warp"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "etiquette"))
import rules
from warp import Warp
from world import World

HOUR, DAY, HOSTS, WINDOW = 3600, 86400, 30, 40
IDS = ["plain", "plain", "plain", "none", "random", "title", "one", "https", "token", "bare"]
CONDITIONAL = ["etag", "etag", "modified", "both", "none"]


class Feed:
    """A feed as a function of time."""

    def __init__(self, n, rng, start, end, port):
        self.n, self.port, self.host = n, port, f"127.0.0.{2 + n % HOSTS}"
        self.ids = IDS[n % len(IDS)]
        self.conditional = CONDITIONAL[n // len(IDS) % len(CONDITIONAL)]
        self.format = ["rss", "atom", "json", "rdf"][n % 4] if self.ids in ("plain", "random") else "rss"
        self.items = []
        gap = rng.choice([2 * HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY])
        at = start - rng.uniform(0, 20) * gap
        while at < end:
            self.items.append(Item(self, len(self.items), int(at), rng, end))
            at += gap * rng.uniform(0.3, 1.7) if rng.random() > 0.05 else 60
        # at most so long that nothing falls out of the feed unseen
        longest = min(3 * DAY, WINDOW * gap / 4)
        self.outages = []
        for _ in range(rng.choice([0, 1, 1, 2])):
            begin = rng.uniform(start + DAY, end - DAY)
            self.outages.append((begin, begin + rng.uniform(HOUR, longest), rng.choice(
                ["500", "404", "503", "429", "hang-up", "html", "empty", "cut", "not xml", "403"])))
        self.moves_at = rng.uniform(start + DAY, end) if n % 7 == 3 else None
        self.temporary = rng.uniform(start, end) if n % 7 == 5 else None
        self.has_twin = False
        self.twin = None          # a feed whose articles this one gives too
        self.https_at = rng.uniform(start, end)
        self.hints = rng.choice(["", "", "", "<ttl>120</ttl>", "<skipHours><hour>3</hour><hour>4</hour></skipHours>"])
        self.requests = []        # (time, conditional, status)

    @property
    def path(self):
        return f"/f/{self.n}.xml"

    def url(self):
        return f"http://{self.host}:{self.port}{self.path}"

    def visible(self, now):
        return [i for i in self.items if i.at <= now][-WINDOW:][::-1]

    def own_articles(self):
        return [] if self.twin else self.items

    def document(self, now, nonce):
        rows = [i.row(now, nonce) for i in self.visible(now)]
        if self.format == "json":
            import json
            return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": f"Feed {self.n}", "items": [
                {"id": r["id"], "url": r["link"], "title": r["title"], "summary": r["summary"], "date_published": r["iso"]}
                for r in rows]}), "application/feed+json"
        e = html.escape
        if self.format == "atom":
            return (f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Feed {self.n}</title><id>urn:f:{self.n}</id>"
                    f"<updated>2024-01-01T00:00:00Z</updated>" + "".join(
                        f"<entry><id>{e(r['id'])}</id><title>{e(r['title'])}</title><link href='{e(r['link'])}'/>"
                        f"<published>{r['iso']}</published><updated>{r['iso']}</updated><summary>{e(r['summary'])}</summary></entry>"
                        for r in rows) + "</feed>"), "application/atom+xml"
        if self.format == "rdf":
            return ("<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
                    f"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='urn:f:{self.n}'><title>Feed {self.n}</title></channel>" + "".join(
                        f"<item rdf:about='{e(r['id'])}'><title>{e(r['title'])}</title><link>{e(r['link'])}</link><dc:date>{r['iso']}</dc:date>"
                        f"<description>{e(r['summary'])}</description></item>" for r in rows) + "</rdf:RDF>"), "application/rdf+xml"
        return (f"<?xml version='1.0'?><rss version='2.0'><channel><title>Feed {self.n}</title><link>http://{self.host}:{self.port}/</link>{self.hints}"
                + "".join(
                    f"<item><title>{e(r['title'])}</title><link>{e(r['link'])}</link>"
                    + (f"<guid isPermaLink='false'>{e(r['id'])}</guid>" if r["id"] else "")
                    + ("" if r["dateless"] else f"<pubDate>{r['rfc']}</pubDate>")
                    + f"<description>{e(r['summary'])}</description></item>" for r in rows)
                + "</channel></rss>"), "application/rss+xml"


class Item:
    def __init__(self, feed, k, at, rng, end):
        self.feed, self.k, self.at = feed, k, at
        self.name = f"{feed.n}-{k}"
        self.edited_at = at + rng.uniform(HOUR, 5 * DAY) if rng.random() < 0.15 else None
        self.edit = rng.choice(["title", "summary", "date", "slug", "title and date"])
        self.original = self

    def row(self, now, nonce):
        f, o = self.feed, self.original
        edited = self.edited_at and now >= self.edited_at and self.edit
        title = f"Report {o.name} of the harbour board" + (", corrected" if edited in ("title", "title and date") and f.ids != "bare" else "")
        at = self.at + (HOUR if edited in ("date", "title and date") and f.ids not in ("token", "bare") else 0)
        slug = f"{o.name}-new" if edited == "slug" and f.ids in ("plain", "https") and not f.twin and not f.has_twin and o is self else o.name
        scheme, link = "http", f"http://{o.feed.host}:{f.port}/a/{slug}/"
        if f.twin:
            link += "?utm_source=twin"
        token = hashlib.md5(f"{nonce}{o.name}".encode()).hexdigest()[:8]
        ident = {"plain": f"id-{o.name}", "none": "", "random": f"urn:uuid:{token}", "title": hashlib.md5(title.encode()).hexdigest(),
                 "one": "the-feed", "token": "", "bare": "",
                 "https": f"{'https' if now >= f.https_at else 'http'}://{f.host}/?p={o.name}"}[f.ids]
        if f.ids == "token":
            link += f"?t={token}"
        if f.twin and f.ids not in ("random", "one"):
            ident = f"twin-{ident}" if ident else ""
        t = time.gmtime(at)
        return {"id": ident, "title": title, "link": link, "iso": time.strftime("%Y-%m-%dT%H:%M:%SZ", t), "dateless": f.ids == "bare",
                "rfc": time.strftime("%a, %d %b %Y %H:%M:%S GMT", t),
                "summary": f"What the board said{' in the end' if edited == 'summary' else ''}."}


ARTICLE = """<!doctype html><html lang="en"><head><title>Report {n} of the harbour board</title><meta property="og:type" content="article">
<meta property="og:description" content="The board of the harbour number {n} met on Tuesday and decided at last what becomes of the old pier, to the joy of many who had waited for years."></head>
<body><article><h1>Report {n} of the harbour board</h1><p>The board number {n} met on Tuesday evening to decide how the old ferry pier should be used once the new terminal opens.</p>
<p>Members heard from fishermen, from the sailing school and from families who have lived beside the pier for a very long time.</p>
<p>A vote is expected before the end of the month, the chair said, although several members asked for more time to read.</p></article></body></html>"""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # who is killed hangs up


def handler(world):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def answer(self, status, body=b"", *headers):
            self.row.status, self.row.sent, self.row.body = status, {k.lower(): v for k, v in headers}, ""
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(body)
            return status

        def do_GET(self):
            now, path = world.clock.now(), self.path.split("?")[0]
            self.row = rules.Row(now, self.headers["Host"], self.path, 0, {k.lower(): v for k, v in self.headers.items()},
                                 connection=id(self.connection))
            world.log.append(self.row)
            article = re.match(r"/a/(\d+-\d+)", path)
            feed = re.match(r"/(f|moved)/(\d+)\.xml$", path)
            if article:
                self.answer(200, ARTICLE.format(n=article[1]).encode(), ("Content-Type", "text/html"))
            elif feed:
                f = world.feeds[int(feed[2])]
                conditional = bool(self.headers["If-None-Match"] or self.headers["If-Modified-Since"])
                f.requests.append((now, conditional, self.feed(f, now, feed[1] == "moved"), feed[1]))
            else:
                self.answer(404)

        def feed(self, f, now, moved):
            for begin, end, what in f.outages:
                if begin <= now < end:
                    return self.trouble(f, now, what)
            if world.portal and world.portal[0] <= now < world.portal[1]:
                return self.answer(301, b"", ("Location", f"http://127.0.0.2:{f.port}/login"))
            if f.moves_at and now >= f.moves_at and not moved:
                return self.answer(301, b"", ("Location", f"http://{f.host}:{f.port}/moved/{f.n}.xml"))
            if f.temporary and f.temporary <= now < f.temporary + 5 * DAY and not moved:
                return self.answer(302, b"", ("Location", f"http://{f.host}:{f.port}/moved/{f.n}.xml"))
            text, kind = f.document(now, "")
            etag = '"' + hashlib.md5(text.encode()).hexdigest()[:12] + '"'
            last = max([i.at for i in f.visible(now)] + [i.edited_at for i in f.visible(now) if i.edited_at and i.edited_at <= now] + [0])
            modified = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(last))
            headers = [("Content-Type", kind)]
            if f.conditional in ("etag", "both"):
                headers.append(("ETag", etag))
            if f.conditional in ("modified", "both"):
                headers.append(("Last-Modified", modified))
            same = self.headers["If-None-Match"] == etag if self.headers["If-None-Match"] else self.headers["If-Modified-Since"] == modified
            if same:
                return self.answer(304, b"", *headers)
            return self.answer(200, f.document(now, str(now))[0].encode(), *headers)

        def trouble(self, f, now, what):
            text = f.document(now, str(now))[0].encode()
            self.row.broken = what in ("html", "empty", "cut", "not xml")
            if what == "hang-up":
                self.close_connection = True
                self.connection.close()
                return 0
            if what == "html":
                return self.answer(200, b"<!doctype html><html><title>Down for maintenance</title><body>Back soon.</body></html>", ("Content-Type", "text/html"))
            if what == "empty":
                return self.answer(200, b"", ("Content-Type", "application/xml"))
            if what == "cut":
                return self.answer(200, text[:len(text) // 3], ("Content-Type", "application/xml"), ("ETag", '"cut"'))
            if what == "not xml":
                return self.answer(200, b"Error establishing a database connection", ("Content-Type", "text/xml"))
            return self.answer(int(what), b"", *([("Retry-After", "7200")] if what in ("503", "429") else []))
    return Handler


class Month:
    def __init__(self, args):
        self.args, self.rng = args, random.Random(args.seed)
        self.clock = Warp(args.library, free=True)
        self.clock.set(1700000000)
        self.log, self.starts = [], []
        self.server = Server(("0.0.0.0", 0), handler(self))
        self.port = self.server.server_address[1]
        start = self.clock.now()
        self.end = start + args.days * DAY
        self.feeds = [Feed(n, random.Random(f"{args.seed}-{n}"), start, self.end, self.port) for n in range(args.feeds)]
        for n in range(0, args.feeds - 20, 20):  # every twentieth gives what another gives, under its own ids
            self.feeds[n + 17].twin, self.feeds[n].has_twin = self.feeds[n], True
            self.feeds[n + 17].items = [Item(self.feeds[n + 17], i.k, i.at + self.rng.randint(0, 5 * HOUR), self.rng, self.end) for i in self.feeds[n].items]
            for mine, theirs in zip(self.feeds[n + 17].items, self.feeds[n].items):
                mine.original, mine.edited_at = theirs, None
        self.portal = (start + 9 * DAY, start + 9 * DAY + 5 * HOUR) if args.days > 10 else None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.world = World(args.program, "limits: {}\ntransfers: 64\nnew-documents: {first-import: all}\nfeeds:\n" +
                           "".join(f"  - {f.url()}\n" for f in self.feeds))
        self.world.env.update(self.clock.env)
        self.written, self.gone, self.runs, self.kills, self.told = {}, {}, 0, 0, []
        self.seen, self.edited_by_hand = set(), 0

    def look(self):
        """New files are counted; some are then deleted or renamed, as operators do."""
        for name in os.listdir(self.world.content):
            if name in self.seen or not name.endswith(".md"):
                continue
            self.seen.add(name)
            text = open(os.path.join(self.world.content, name)).read()
            which = re.search(r"originalUrl: \"http://[^/]+/a/(\d+-\d+)", text)
            key = which[1] if which else name
            self.written.setdefault(key, []).append(name)
            if "excerpt: \"The board of the harbour" not in text:
                self.told.append(f"{name} is not complete:\n{text}")
            if self.rng.random() < 0.05:
                os.unlink(os.path.join(self.world.content, name))
                self.edited_by_hand += 1
            elif self.rng.random() < 0.05:
                os.rename(os.path.join(self.world.content, name), os.path.join(self.world.content, f"kept-{name}"))
                self.seen.add(f"kept-{name}")
                self.edited_by_hand += 1

    def run(self):
        self.runs += 1
        self.starts.append(self.clock.now())
        if self.rng.random() < self.args.kill:
            p = self.world.start("--once", "-q")
            time.sleep(self.rng.uniform(0.01, 0.6))
            p.kill()
            p.communicate()
            self.kills += 1
        else:
            done = self.world.run("--once", "-q", timeout=600)
            if done.returncode:
                self.told.append(f"exit {done.returncode}: {done.stderr}")
        self.look()

    def live(self):
        while self.clock.now() < self.end:
            self.run()
            self.clock.sleep(self.rng.uniform(0.5, 1.5) * HOUR)
        for _ in range(20):  # nothing new any more: what is outstanding comes in
            self.clock.sleep(5 * HOUR)
            self.run()

    def judge(self):
        want = {i.name for f in self.feeds for i in f.own_articles() if i.at <= self.end}
        missing, twice = sorted(want - set(self.written)), {k: v for k, v in self.written.items() if len(v) > 1}
        strange = sorted(set(self.written) - want)
        requests = [r for f in self.feeds for r in f.requests]
        early = sum(1 for f in self.feeds for a, b in zip(f.requests, f.requests[1:]) if b[0] - a[0] < HOUR - 1 and a[2] not in (301, 302))
        bare = 0
        for f in self.feeds:
            good = None  # the address that answered last
            for _, conditional, status, where in f.requests:
                cut = any(o[2] == "cut" for o in f.outages)
                bare += good == where and status == 200 and not conditional and f.conditional != "none" and not cut
                good = where if status in (200, 304) else good
        print(f"{len(self.feeds)} feeds, {self.args.days} days, {self.runs} runs ({self.kills} killed), {self.edited_by_hand} documents deleted or renamed")
        print(f"published {len(want)}, documents {sum(map(len, self.written.values()))}: missing {len(missing)}, twice {len(twice)}, of nothing {len(strange)}")
        print(f"feed requests {len(requests)}: 304 {sum(r[2] == 304 for r in requests)}, 200 {sum(r[2] == 200 for r in requests)}; "
              f"sooner than an hour {early}, not the first, yet without validators that were there {bare}")
        for text in self.told[:5]:
            print("told:", text)
        for name in missing[:10]:
            f = self.feeds[int(name.split("-")[0])]
            print(f"missing {name}: ids {f.ids}, {f.format}, {f.conditional}, outages {[o[2] for o in f.outages]}")
        for name, files in list(twice.items())[:10]:
            f = self.feeds[int(name.split("-")[0])]
            item = f.items[int(name.split("-")[1])]
            print(f"twice {name}: ids {f.ids}, {f.format}, {f.conditional}, edit {item.edited_at and item.edit}, {files}")
        return bool(missing or twice or strange or self.told)

    def judge_manners(self):
        """The world's pace has no gap, and 16 connections a host."""
        print(f"etiquette over {len(self.log)} requests, {len(rules.RULES)} rules")
        broken = rules.judge(self.log, rules.Expect(gap=0, connections=16, starts=tuple(self.starts),
                                                    feeds=lambda url: re.search(r"/(f|moved)/\d+\.xml$", url)))
        for name, complaints in broken.items():
            print(f"{name}: {len(complaints)}", *complaints[:6], sep="\n    ")
        return bool(broken)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("library")
    p.add_argument("--feeds", type=int, default=200)
    p.add_argument("--days", type=int, default=30)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--kill", type=float, default=0.05)
    p.add_argument("--etiquette", action="store_true", help="judge the log too")
    p.add_argument("--keep", action="store_true", help="leave the folder")
    month = Month(p.parse_args())
    began = time.monotonic()
    try:
        month.live()
        bad = month.judge()
        bad = (month.args.etiquette and month.judge_manners()) or bad
        print(f"{time.monotonic() - began:.0f} s; state and documents: {month.world.work if month.args.keep else 'removed'}")
    finally:
        month.server.shutdown()
        if not month.args.keep:
            month.world.close()
        month.clock.close()
    sys.exit(bad)


main()
