#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything that can be wrong with documents and pages at once, beside twenty good documents.

    trouble.py INGESTD

Each trouble has to end in exactly one line that begins with the document's name and says what `said` finds, the
document unchanged to the byte; the good documents are filled in the same run, which exits with 0. The second run
asks for nothing, writes nothing and is silent. A row of FILES or PAGES is all that a new trouble needs.
"""
import os, random, re, socket, stat, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import NOBODY, Judge, Origin, World, article, document, filled, tree

GOOD = 20


def matter(*lines):
    return b"---\ntitle: a\n" + b"\n".join(lines) + b"\noriginalUrl: http://127.0.0.2:@PORT@/0.html\n---\nbody\n"


def bound(path):
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(os.path.dirname(path))  # a socket's name is 107 bytes at most
        s.bind(os.path.basename(path))
        os.chdir(here)


LAUGHS = [b"a0: &a0 [lol, lol]"] + [b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 40)]

# name, what it is (its bytes, or what makes it), what is said of it, after the name
FILES = [
    ("fifty-megabytes", matter(b"x: |", b"  " + b"y" * (50 << 20)), r": .*over \d+"),
    ("depth-10000-flow", matter(b"x: " + b"[" * 10000 + b"]" * 10000), r":\d+:\d+: .*deep"),
    ("depth-10000-block", matter(*[b" " * i + b"a:" for i in range(10000)]), r":.*(deep|over)"),
    ("billion-laughs", matter(*LAUGHS), r":\d+:\d+: .*alias"),
    ("fifo", os.mkfifo, r": .*FIFO"),
    ("socket", bound, r": .*socket"),
    ("device", lambda p: os.mknod(p, stat.S_IFCHR | 0o644, os.makedev(0, 0)), r": .*device"),
    ("folder", os.mkdir, r": .*folder"),
    ("dangling", lambda p: os.symlink("nowhere.md", p), r": .*link to nowhere"),
    ("loop-of-links", lambda p: os.symlink(os.path.basename(p), p), r": .*link"),
    ("leads-out", lambda p: os.symlink("/etc/passwd", p), r": .*outside"),
    ("not-closed", b"---\ntitle: a\noriginalUrl: http://127.0.0.2/\n", r":\d+.*: "),
    ("key-twice", matter(b"title: b"), r":3:1: .*title"),
    ("no-yaml", matter(b"x: ]"), r":\d+:\d+: "),
]

# name, address (a route of origin.py) or page, what is said
PAGES = [
    ("random-bytes", random.Random(1).randbytes(200000), r"the body is no text"),
    ("line-of-20-mb", b"<!doctype html><title>t</title><p>" + b"word " * (4 << 20), r"more than \d+ bytes"),
    ("nested-divs", b"<!doctype html><title>t</title>" + b"<div>" * 100000 + b"x" + b"</div>" * 100000, r"not an article|worked out"),
    ("attributes", b"<!doctype html><title>t</title><p " + b" ".join(b"a%d=1" % i for i in range(100000)) + b">x</p>",
     r"not an article|worked out"),
    ("empty-body", "/_torture/empty", r"not an article but not-html .the body is empty"),
    ("deep-json-ld", b'<!doctype html><title>t</title><script type="application/ld+json">' + b'{"a":[' * 5000 + b"]}" * 5000 +
     b"</script>", r"not an article"),
    ("gzip-bomb", "/_torture/bomb?mb=300", r"unpacks to more than 300 times"),
    ("endless-body", "/_torture/endless-body", r"more than \d+ bytes"),
    ("endless-nothing", "/_torture/endless-nothing", r""),
    ("redirects-to-itself", "/_torture/redirect?to=/_torture/redirect?to=", r"redirect"),
    ("redirects-too-often", "/_torture/chain?n=100", r"redirect"),
    ("header-flood", "/_torture/header-flood", r"header"),
    ("no-http", "/_torture/garbage", r"not HTTP"),
    ("broken-gzip", "/_torture/gzip-broken?always", r"content coding"),
    ("cut-short", "/_torture/length-long", r"ended before"),
    ("gone", "/nothing/here", r"404"),
    ("closed", "/_torture/close-at-once", r"without an answer"),
]

# pages with a good article and something bad in it: filled, without a word
ALL_THE_SAME = [
    ("article-and-deep-json-ld", article(100, '<script type="application/ld+json">' + '{"a":[' * 5000 + "]}" * 5000 + "</script>")),
    ("article-and-nested-divs", article(101, tail="<div>" * 100000)),
    ("article-and-attributes", article(102, tail="<p " + " ".join(f"a{i}=1" for i in range(100000)) + ">x</p>")),
]


def host(n):
    return f"127.0.0.{2 + n % 35}"


def fill(w, origin):
    """Returns {name of a document: what has to be said of it}."""
    port = str(origin.port).encode()
    wanted = {}
    for n in range(GOOD):
        origin.page(f"{host(n)}/{n}.html", article(n))
        w.put(f"good-{n}.md", document(n, f"http://{host(n)}:{origin.port}/{n}.html"))
    for name, what, said in FILES:
        path = os.path.join(w.content, name + ".md")
        if isinstance(what, bytes):
            w.put(name + ".md", what.replace(b"@PORT@", port))
        else:
            what(path)
        wanted[name + ".md"] = said
    for n, (name, page, said) in enumerate(PAGES):
        url = f"http://{host(n)}:{origin.port}"
        if isinstance(page, bytes):
            origin.page(f"{host(n)}/{name}.html", page)
            url += f"/{name}.html"
        else:
            url += page + (("&" if "?" in page else "?") + f"for={name}" if "to=" not in page else page)
        w.put(f"page-{name}.md", document(n, url))
        wanted[f"page-{name}.md"] = f": {re.escape(url)}: .*({said})"
    for n, (name, page) in enumerate(ALL_THE_SAME):
        origin.page(f"{host(n)}/{name}.html", page)
        w.put(f"same-{100 + n}.md", document(100 + n, f"http://{host(n)}:{origin.port}/{name}.html"))
    w.put("unreadable.md", document(0, "http://127.0.0.2/"))
    wanted["unreadable.md"] = ": .*Permission denied"
    w.put("locked/doc.md", document(1, f"http://{host(1)}:{origin.port}/1.html"))
    wanted["locked/doc.md"] = ": .*Permission denied"
    w.put("closed/doc.md", document(2, f"http://{host(2)}:{origin.port}/2.html"))
    wanted["closed"] = ": .*Permission denied"
    # still waiting for its page when it goes
    origin.page(f"{host(3)}/late.html", article(103), {"delay": 4})
    w.put("vanishes.md", document(103, f"http://{host(3)}:{origin.port}/late.html"))
    wanted["vanishes.md"] = ": it vanished during the run"
    w.own()
    os.chmod(os.path.join(w.content, "unreadable.md"), 0)
    os.chmod(os.path.join(w.content, "locked"), 0o555)
    os.chmod(os.path.join(w.content, "closed"), 0)
    return wanted


def run_and_remove(w):
    first = os.path.join(w.content, "good-0.md")
    old = open(first, "rb").read()
    p = w.start("--once")
    for _ in range(600):
        time.sleep(0.02)
        if open(first, "rb").read() != old:
            break
    os.unlink(os.path.join(w.content, "vanishes.md"))
    out, err = p.communicate(timeout=200)
    return p.returncode, out, err


def main():
    judge, origin = Judge(), Origin()
    w = World(sys.argv[1], user=NOBODY)
    try:
        wanted = fill(w, origin)
        before = tree(w.content)
        began = time.monotonic()
        code, out, err = run_and_remove(w)
        took = time.monotonic() - began
        after = tree(w.content)
        lines = err.splitlines()
        if os.environ.get("SHOW"):
            print(err)
        judge.check(f"the run ends with 0 and an empty standard output ({took:.1f} s)", [code and f"exit {code}: {err}", out])
        for name, said in wanted.items():
            told = [l for l in lines if re.match(re.escape(name) + r"[:/]", l)]
            judge.check(name, [len(told) != 1 and f"{len(told)} lines: {told}",
                               len(told) == 1 and not re.fullmatch(re.escape(name) + said + ".*", told[0]) and f"{told[0]}\nnot: {said}",
                               name in before and name != "vanishes.md" and before[name] != after[name] and "it was changed"])
            lines = [l for l in lines if l not in told]
        judge.check("nothing else was said", lines)
        judge.check("the good documents are filled", [f"{name}: {after[name]!r}" for name in sorted(before) if re.match("(good|same)-", name)
                                                      and not filled(int(re.findall(r"\d+", name)[0]), after[name])])
        asked = len(origin.asked())
        for which in ("second", "third"):
            again = w.run("--once")
            judge.check(f"the {which} run asks for nothing", origin.asked()[asked:])
            judge.check(f"the {which} run writes nothing", [n for n, t in tree(w.content).items() if after[n] != t])
            judge.check(f"the {which} run is silent", [again.stderr, again.stdout, again.returncode])
        left = [n for n in tree(w.content) if "ingestd" in n]
        judge.check("nothing lies about", left)
    finally:
        os.chmod(os.path.join(w.content, "closed"), 0o755)
        w.close()
        origin.close()
    judge.end()


main()
