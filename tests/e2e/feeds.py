#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""feeds.py INGESTD: from subscriptions to documents, in runs of the real program against an origin."""
import datetime, os, re, shutil, signal, sqlite3, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import EXCERPT, Judge, Origin, World, article, tree

HOST, OTHER = "127.0.0.2", "127.0.0.3"


class Site:
    """A host with articles and one feed."""

    def __init__(self, origin, host=HOST, path="feed.xml"):
        self.origin, self.host, self.path, self.items = origin, host, path, []
        self.url = f"http://{host}:{origin.port}/{path}"

    def article(self, n, **more):
        self.origin.page(f"{self.host}/a/{n}.html", article(n))
        self.item(n, f"http://{self.host}:{self.origin.port}/a/{n}.html", **more)

    def item(self, n, link, title=None, guid=None, tags=(), date=True):
        day = datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=n)
        self.items.insert(0, "<item>" + f"<title>{title or f'Board number {n} weighs the future of the pier'}</title><link>{link}</link>"
                          f"<guid isPermaLink='false'>{guid or f'item-{n}'}</guid>"
                          + (f"<pubDate>{day:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if date else "")
                          + "".join(f"<category>{t}</category>" for t in tags) + "</item>")

    def publish(self, keep=50, head="", meta=None):
        text = (f"<?xml version='1.0'?><rss version='2.0'><channel><title>Harbour News</title><link>http://{self.host}:{self.origin.port}/</link>"
                f"{head}{''.join(self.items[:keep])}</channel></rss>")
        self.origin.page(f"{self.host}/{self.path}", text.encode(),
                         meta or {"headers": [["Content-Type", "application/rss+xml"]]})


class Case:
    def __init__(self, program, *sites, more="", poll="", hosts=(HOST,), **settings):
        self.origin = Origin()
        self.sites = [Site(self.origin, h) for h in hosts]
        self.more = more
        self.world = World(program)
        self.configure()

    def configure(self, feeds=None):
        feeds = "\n".join(feeds or [f"  - {s.url}" for s in self.sites])
        base = open(self.world.config).read().split("feeds:")[0]
        open(self.world.config, "w").write(base + f"feeds:\n{feeds}\n" + self.more)

    def run(self, *args):
        return self.world.run("--once", *args)

    def files(self):
        return tree(self.world.content)

    def state(self, db, sql):
        con = sqlite3.connect(f"{self.world.work}/state/{db}")
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def asked(self, what):
        return sum(1 for a in self.origin.asked() if what in a)

    def close(self):
        self.origin.close()
        self.world.close()


def good(done, want=0):
    return [] if done.returncode == want else [f"exit {done.returncode}: {done.stdout} {done.stderr}"]


def becomes_documents(c):
    s = c.sites[0]
    for n in range(3):
        s.article(n)
    s.publish()
    bad = good(c.run())
    files = c.files()
    if sorted(files) != [f"2024-05-01-board-number-{n}-weighs-the-future-of-the-pier.md" for n in range(3)]:
        return bad + [f"files: {sorted(files)}", c.origin.asked()]
    for n, (name, body) in enumerate(sorted(files.items())):
        text = body.decode()
        for line in [f'title: "Board number {n} weighs the future of the pier"', f'excerpt: "{EXCERPT.format(n=n)}"',
                     f'originalUrl: "http://{HOST}:{c.origin.port}/a/{n}.html"', "published: false", "type: article",
                     f"publishedDateTime: 2024-05-01T0{n}:00:00Z", f'  - url: "http://{HOST}:{c.origin.port}/img/{n}.jpg"',
                     "provider:", "    width: 1200"]:
            if line not in text.splitlines():
                bad.append(f"{name}: no line {line!r} in\n{text}")
                break
    before = len(c.origin.asked())
    bad += good(c.run())
    if len(c.origin.asked()) != before:
        bad.append(f"the second run asked: {c.origin.asked()[before:]}")
    bad += good(c.run("--force"))
    if c.files() != files:
        bad.append("a forced run changed files")
    if c.asked("feed.xml") != 2:
        bad.append(f"asked: {c.origin.asked()}")
    s.article(7)
    s.publish()
    bad += good(c.run("--force"))
    if len(c.files()) != 4 or any(c.files()[k] != v for k, v in files.items()):
        bad.append(f"after a new item: {sorted(c.files())}")
    return bad


def first_import_is_bounded(c):
    for n in range(30):
        c.sites[0].article(n)
    c.sites[0].publish()
    bad = good(c.run())
    numbers = sorted(int(re.search(r"number-(\d+)", f).group(1)) for f in c.files())
    if numbers != list(range(25, 30)):
        bad.append(f"imported {numbers}")
    bad += good(c.run("--force"))
    return bad + ([f"more came: {len(c.files())}"] if len(c.files()) != 5 else [])


def never_again(c):
    """Deleted and renamed documents do not come back, nor when the state is lost."""
    for n in range(4):
        c.sites[0].article(n)
    c.sites[0].publish()
    bad = good(c.run())
    names = sorted(os.listdir(c.world.content))
    os.unlink(os.path.join(c.world.content, names[0]))
    os.rename(os.path.join(c.world.content, names[1]), os.path.join(c.world.content, "mine.md"))
    before = c.files()
    bad += good(c.run("--force"))
    if sorted(c.files()) != sorted(before):
        bad.append(f"came again: {sorted(c.files())}")
    for name in os.listdir(f"{c.world.work}/state"):
        if name.startswith("memory.db"):
            os.unlink(f"{c.world.work}/state/{name}")
    bad += good(c.run("--force"))
    # a 304 shows nothing to lose; a changed feed does
    c.sites[0].article(9)
    c.sites[0].publish()
    done = c.run("--force")
    bad += good(done)
    if sorted(c.files()) != sorted(before):
        bad.append(f"after the state was lost: {sorted(c.files())}")
    c.sites[0].article(10)
    c.sites[0].publish()
    bad += good(c.run("--force"))
    if len(c.files()) != len(before) + 1:
        bad.append(f"then a new one: {sorted(c.files())}")
    return bad


def all_state_lost(c):
    for n in range(3):
        c.sites[0].article(n)
    c.sites[0].publish()
    bad = good(c.run())
    os.unlink(os.path.join(c.world.content, sorted(os.listdir(c.world.content))[0]))
    before = c.files()
    shutil.rmtree(f"{c.world.work}/state")
    bad += good(c.run())
    return bad + ([f"came again: {sorted(c.files())}"] if sorted(c.files()) != sorted(before) else [])


def score(c):
    """quality and heat of what the article gave, too."""
    s = c.sites[0]
    s.article(1)
    s.item(2, "")
    s.publish()
    bad = good(c.run())
    got = [re.findall(rb"^(?:quality|heat): .*", text, re.M) for text in c.files().values()]
    if sorted(got) != [[b"quality: 15", b"heat: 0"], [b"quality: 65", b"heat: 0"]]:
        bad.append(f"{got}\n{c.files()}")
    return bad


def the_site_wants_to_wait(c):
    """What a site said of waiting holds for its other feeds, in the next runs too."""
    s = c.sites[0]
    s.article(1)
    s.publish()
    busy = f"http://{HOST}:{c.origin.port}/busy.xml"
    c.origin.page(f"{HOST}/busy.xml", b"", {"status": 503, "headers": [["Retry-After", "7200"]]})
    c.configure([f"  - {busy}"])
    c.run()
    if c.asked("busy.xml") != 1:
        return [f"asked: {c.origin.asked()}"]
    c.configure([f"  - {busy}", f"  - {s.url}"])
    c.run()
    return [f"asked: {c.origin.asked()}"] if c.asked("feed.xml") or c.asked("busy.xml") != 1 else []


def two_feeds_one_document(c):
    a, b = c.sites
    a.article(1)
    a.article(2)
    b.item(2, f"http://{HOST}:{c.origin.port}/a/2.html?utm_source=b", guid="other", title="Number two, by another")
    b.item(3, f"http://{HOST}:{c.origin.port}/a/3.html")
    c.origin.page(f"{HOST}/a/3.html", article(3))
    a.publish()
    b.publish()
    bad = good(c.run())
    a.article(3)
    a.publish()
    bad += good(c.run("--force"))
    if len(c.files()) != 3:
        bad.append(f"files: {sorted(c.files())}")
    rows = c.state("memory.db", "SELECT document, count(*) FROM feed_item GROUP BY document")
    if sorted(n for _, n in rows) != [1, 2, 2]:
        bad.append(f"sources: {rows}")
    return bad


def rules(c):
    s = c.sites[0]
    s.article(1, tags=["Sponsored"])
    s.article(2, tags=["ai", "Vision Systems"])
    s.article(3, title="Nothing to keep")
    s.publish()
    bad = good(c.run())
    files = c.files()
    if len(files) != 1 or "number-2" not in list(files)[0]:
        bad.append(f"files: {sorted(files)}")
    text = b"".join(files.values()).decode()
    if "topics:\n  - AI\n  - Computer Vision\n" not in text or "kind: news" not in text:
        bad.append(text)
    return bad


def dry_run(c):
    s = c.sites[0]
    s.article(1)
    s.publish()
    done = c.run("--dry-run")
    bad = good(done)
    if c.files() or "+++ b/2024-05-01-board" not in done.stdout or f'+excerpt: "{EXCERPT.format(n=1)}"' not in done.stdout:
        bad.append(f"{c.files()} {done.stdout} {done.stderr}")
    if c.state("memory.db", "SELECT count(*) FROM feed_item")[0][0]:
        bad.append("a dry run remembered items")
    before = len(c.origin.asked())
    again = c.run("--dry-run")
    if again.stdout.split("---", 1)[1] != done.stdout.split("---", 1)[1]:
        bad.append(f"another dry run says something else: {again.stdout}")
    bad += good(c.run())
    if len(c.files()) != 1:
        bad.append(f"files: {sorted(c.files())}")
    if len(c.origin.asked()) != before:
        bad.append(f"asked twice: {c.origin.asked()}")
    return bad


def names(c):
    """Two feeds that give one file name; titles that want to be paths; what is there is never overwritten."""
    a, b = c.sites
    c.world.put("2024-05-01-same.md", b"---\ntitle: mine\n---\nmine\n")
    a.item(1, f"http://{HOST}:{c.origin.port}/x1", title="Same")
    b.item(1, f"http://{OTHER}:{c.origin.port}/x2", title="Same")
    a.item(2, f"http://{HOST}:{c.origin.port}/x3", title="../../etc/passwd")
    a.item(3, f"http://{HOST}:{c.origin.port}/x4", title="&#128512;&#128512;")
    a.item(4, f"http://{HOST}:{c.origin.port}/x5", title="x" * 100000)
    a.item(5, f"http://{HOST}:{c.origin.port}/x6", title="a &quot;b&quot;: # c\n---\nd &#8238;e")
    a.publish()
    b.publish()
    bad = good(c.run())
    got = sorted(c.files())
    want = ["2024-05-01-a-b-c-d-e.md", "2024-05-01-etc-passwd.md", "2024-05-01-same-2.md", "2024-05-01-same-3.md", "2024-05-01-same.md",
            "2024-05-01-" + "x" * 80 + ".md"]
    rest = [g for g in got if g not in want]
    if len(rest) != 1 or len(got) != 7 or not re.match(r"2024-05-01-[0-9a-f]{16}\.md$", rest[0]):
        bad.append(f"files: {got}")
    if c.files()["2024-05-01-same.md"] != b"---\ntitle: mine\n---\nmine\n":
        bad.append("overwritten")
    done = c.run()
    return bad + good(done) + ([f"a second run: {sorted(c.files())}"] if sorted(c.files()) != got else [])


def gone_and_failing(c):
    s = c.sites[0]
    s.article(1)
    s.publish()
    bad = good(c.run())
    s.publish(meta={"status": 500})
    bad += good(c.run("--force"))
    s.publish(meta={"status": 410})
    done = c.run("--force")
    if "gone (410)" not in done.stderr:
        bad.append(f"not told: {done.stderr}")
    asked = c.asked("feed.xml")
    for _ in range(2):
        bad += good(c.run())
    if c.asked("feed.xml") != asked:
        bad.append("a feed that is gone was asked again")
    return bad


def similar(c):
    """By the switch the article that another has already goes into that one's related list."""
    a, b = c.sites
    a.article(1)
    head = f'<link rel="canonical" href="http://{HOST}:{c.origin.port}/a/1.html">'
    a.publish()
    b.publish()
    bad = good(c.run())
    c.origin.page(f"{OTHER}/b/1.html", article(1, head=head))
    b.item(1, f"http://{OTHER}:{c.origin.port}/b/1.html", title="The pier, told by another")
    b.item(2, f"http://{OTHER}:{c.origin.port}/b/2.html")
    c.origin.page(f"{OTHER}/b/2.html", article(2))
    b.publish()
    bad += good(c.run("--force"))
    for _ in range(2):
        bad += good(c.run())
    files = c.files()
    first = files.get("2024-05-01-board-number-1-weighs-the-future-of-the-pier.md", b"").decode()
    want = f'related:\n  - title: "The pier, told by another"\n'
    if len(files) != 2 or want not in first or f'webUrl: "http://{OTHER}:{c.origin.port}/b/1.html"' not in first:
        bad.append(f"{sorted(files)}\n{first}")
    if c.state("memory.db", "SELECT count(*) FROM feed_document WHERE draft IS NOT NULL")[0][0]:
        bad.append("a draft is left")
    return bad


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.02)
    return what()


def the_service(c):
    """Feeds are asked at the start and after a reload, once; the end is orderly while a feed hangs."""
    a, b = c.sites
    a.article(1)
    a.publish()
    b.item(2, f"http://{OTHER}:{c.origin.port}/a/2.html")
    c.origin.page(f"{OTHER}/a/2.html", article(2))
    b.publish()
    c.configure([f"  - {a.url}"])
    p = c.world.start("serve")
    bad = [] if until(lambda: len(c.files()) == 1) else ["no document at the start"]
    c.configure([f"  - {a.url}", f"  - {b.url}"])
    p.send_signal(signal.SIGHUP)
    bad += [] if until(lambda: len(c.files()) == 2) else [f"after a reload: {sorted(c.files())}"]
    if c.asked("127.0.0.2/feed.xml") != 1:
        bad.append(f"asked again before it was due: {c.origin.asked()}")
    a.publish(meta={"status": 200, "delay": 60})
    c.configure([f"  - {a.url}", f"  - {b.url}", f"  - http://127.0.0.9:{c.origin.port}/slow.xml"])
    p.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=20)
    if p.returncode:
        bad.append(f"exit {p.returncode}: {err}")
    return bad


def commands(c):
    """feeds, feeds import and export, feed --why."""
    s = c.sites[0]
    s.article(1, tags=["Sponsored"])
    s.article(2, tags=["ai"])
    s.publish(head="<ttl>3000</ttl>")
    bad = good(c.run())
    done = c.world.run("feeds")
    bad += good(done)
    if s.url not in done.stdout or "the feed's ttl" not in done.stdout or "Harbour News" not in done.stdout:
        bad.append(done.stdout)
    s.article(3, tags=["ai"])
    s.publish()
    before = c.state("cache.db", "SELECT * FROM feed_poll")
    done = c.world.run("feed", "--why", s.url)
    bad += good(done)
    want = ["1. Board number 3", "    new", "    kept: no rule drops it", "    topics: AI", "    became a document: 2024-05-01-board-number-2",
            "    was dropped by a rule", "    dropped by rule 1: tag ~ Sponsored"]
    bad += [f"no {w!r} in {done.stdout}" for w in want if w not in done.stdout]
    if c.state("cache.db", "SELECT * FROM feed_poll") != before:
        bad.append("--why changed the state")
    opml = os.path.join(c.world.work, "my list.opml")
    open(opml, "w").write("<opml version='2.0'><body><outline text='News'><outline text='Tech &amp; co'><outline text='A \\ \"b\"' "
                          f"xmlUrl='http://a.example/feed'/></outline></outline><outline text='there' xmlUrl='{s.url}'/>"
                          "<outline xmlUrl='gopher://x/'/></body></opml>".replace("\\ \"", "&quot;").replace("\"'", "&quot;'"))
    done = c.world.run("feeds", "import", opml)
    bad += good(done)
    if not done.stdout.startswith("1 feeds added in ") or "1 known already, 1 could not be used" not in done.stdout:
        bad.append(done.stdout + done.stderr)
    bad += good(c.world.run("--check-config"))
    done = c.world.run("feeds", "export")
    if "<outline text=\"News\">\n      <outline text=\"Tech &amp; co\">" not in done.stdout or "http://a.example/feed" not in done.stdout:
        bad.append(done.stdout + done.stderr)
    done = c.world.run("feeds", "import", opml)
    if not done.stdout.startswith("0 feeds added;"):
        bad.append(done.stdout + done.stderr)
    text = open(c.world.config).read()
    open(c.world.config, "w").write(text.replace("'(?i)^ai$'", "'(i?'"))
    done = c.world.run("--check-config")
    if done.returncode != 78 or "new-documents.topics: pattern '(i?'" not in done.stderr:
        bad.append(f"a bad pattern: {done.returncode} {done.stderr}")
    return bad


def the_article_is_put_off(c):
    """An article that asks to wait: its document comes when it is there, or at the deadline with the feed's word."""
    s = c.sites[0]
    s.article(1)
    c.origin.page(f"{HOST}/a/1.html", b"", {"status": 503, "headers": [["Retry-After", "3600"]]})
    s.publish()
    bad = good(c.run())
    if c.files():
        bad.append(f"written too early: {sorted(c.files())}")
    con = sqlite3.connect(f"{c.world.work}/state/memory.db")
    con.execute("UPDATE feed_document SET deadline = 1")
    con.commit()
    con.close()
    bad += good(c.run())
    if len(c.files()) != 1 or b"provider:\n  name: Harbour News" not in list(c.files().values())[0]:
        bad.append(f"at the deadline: {c.files()}")
    return bad


CASES = [
    (becomes_documents, {}),
    (first_import_is_bounded, {"more": "new-documents: {first-import: 5}\n"}),
    (never_again, {}),
    (all_state_lost, {}),
    (score, {"more": "new-documents: {score: true}\n"}),
    (the_site_wants_to_wait, {}),
    (two_feeds_one_document, {"hosts": (HOST, OTHER)}),
    (rules, {"more": "new-documents:\n  drop: [{tag: Sponsored}]\n  keep: [{title: '^Board'}]\n"
                     "  topics: {AI: '(?i)^ai$', Computer Vision: {tag: Vision}, Sport: sport}\n"
                     "  defaults: {published: false, kind: news}\n"}),
    (dry_run, {}),
    (names, {"hosts": (HOST, OTHER)}),
    (gone_and_failing, {}),
    (the_article_is_put_off, {}),
    (similar, {"hosts": (HOST, OTHER), "more": "new-documents: {attach-similar: true, first-import: all}\n"}),
    (the_service, {"hosts": (HOST, OTHER)}),
    (commands, {"more": "new-documents:\n  drop: [{tag: Sponsored}]\n  topics: {AI: '(?i)^ai$'}\n"}),
]


def main():
    judge = Judge()
    only = sys.argv[2:]
    for case, options in CASES:
        if only and case.__name__ not in only:
            continue
        c = Case(sys.argv[1], **options)
        try:
            judge.check(case.__name__.replace("_", " "), case(c))
        finally:
            c.close()
    judge.end()


main()
