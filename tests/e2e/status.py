#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`ingestd status`: before anything was done, after a run, beside a service, beside one that works.

    status.py INGESTD
"""
import json
import os
import sys
import time

from world import article, document, run_tests

CHALLENGE = ("<!doctype html><html lang=en><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies to "
             "continue</noscript><div id=challenge-form>Checking your browser before accessing</div></body></html>")


def fill(w, origin, n=4):
    """n documents that can be completed, one whose page has no picture, one behind a challenge, one that is broken."""
    for i in range(n):
        origin.page(f"127.0.0.2/{i}.html", article(i))
        w.put(f"news/{i}.md", document(i, f"http://127.0.0.2:{origin.port}/{i}.html"))
    bare = article(50).decode().replace("og:image", "og:none").encode()
    origin.page("127.0.0.3/50.html", bare)
    w.put("bare.md", document(50, f"http://127.0.0.3:{origin.port}/50.html"))
    origin.page("127.0.0.4/wall.html", CHALLENGE.encode(), {"status": 503})
    w.put("wall.md", document(51, f"http://127.0.0.4:{origin.port}/wall.html"))
    w.put("broken.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    w.put("mine.md", b"---\ningestd: false\noriginalUrl: http://127.0.0.2/\n---\n")
    w.put("plain.md", b"no front matter\n")


def ask(w, *args, **more):
    p = w.run("status", "--json", *args, **more)
    return json.loads(p.stdout) if not p.returncode else {"failed": p.stderr}


def nothing_yet(w, origin):
    p = w.run("status")
    if p.returncode != 66 or "cannot open the state" not in p.stderr:
        yield f"exit {p.returncode}: {p.stderr}"
    p = w.run("status", "a.md")
    if p.returncode != 64:
        yield f"with a path: exit {p.returncode}: {p.stderr}"


def after_a_run(w, origin):
    fill(w, origin)
    w.run("--once")
    s = ask(w)
    d = s["documents"]
    want = {"unknown": 0, "complete": 4, "open": 2, "waiting": 0, "refused": 1, "ignored": 2}
    if d["states"] != want or d["all"] != 9:
        yield f"documents: {d}"
    if d["missing"]["images"] != 2 or d["missing"]["excerpt"] != 1 or d["missing"]["title"]:
        yield f"missing: {d['missing']}"
    if s["service"] is not None:
        yield f"a service: {s['service']}"
    done = {c["path"]: c for c in s["completed"]}
    # the one without a picture was given its excerpt
    if set(done) != {f"news/{i}.md" for i in range(4)} | {"bare.md"}:
        yield f"completed: {list(done)}"
    card = done["news/1.md"]
    fields = {c["field"]: c for c in card["changes"]}
    if set(fields) != {"excerpt", "images"} or fields["excerpt"]["source"] != "og:description" or not fields["excerpt"]["score"]:
        yield f"changes: {fields}"
    if fields["images"]["after"] != f"http://127.0.0.2:{origin.port}/img/1.jpg (1200 \u00d7 630)" or fields["images"]["before"] is not None:
        yield f"images: {fields['images']}"
    if card["state"] != "complete" or "pier" not in card["title"] or "neighbours" not in card["excerpt"] or card["width"] != 1200:
        yield f"card: {card}"
    stuck = {x["path"]: x for x in s["incomplete"]}
    if set(stuck) != {"bare.md", "wall.md", "broken.md"}:
        yield f"incomplete: {list(stuck)}"
    if stuck["bare.md"]["reason"] != "the page does not tell its images" or stuck["bare.md"]["missing"] != ["images"]:
        yield f"bare: {stuck['bare.md']}"
    if not stuck["wall.md"]["url"].endswith("/wall.html") or "503" not in stuck["wall.md"]["reason"]:
        yield f"wall: {stuck['wall.md']}"
    if stuck["broken.md"]["state"] != "refused" or stuck["broken.md"]["line"] != 4 or not stuck["broken.md"]["reason"]:
        yield f"broken: {stuck['broken.md']}"
    text = w.run("status").stdout
    for part in ("no service runs", "documents   9: 4 complete, 2 incomplete, 1 cannot be edited, 2 left alone", "missing     1 excerpt, 2 images",
                 "Completed last", "Cannot be completed", "news/3.md", "the page does not tell its images"):
        if part not in text:
            yield f"no '{part}' in\n{text}"
    # values are cut to 80 columns; paths and URLs are whole
    wide = [line for line in text.splitlines() if len(line) > 80 and "http" not in line and ".md" not in line]
    if wide or "excerpt           Harbour board 1 must decide within a month what beco...\n" not in text:
        yield f"{wide} in\n{text}"


def pictures_in_vain(w, origin):
    """What the page names and nobody gives is not what it does not tell. And each document has the time when it was written."""
    origin.page("127.0.0.2/1.html", article(1))
    origin.page("127.0.0.2/img/1.jpg", b"", {"status": 404})
    w.put("1.md", document(1, f"http://127.0.0.2:{origin.port}/1.html"))
    origin.page("127.0.0.3/2.html", article(2), {"delay": 4})
    w.put("2.md", document(2, f"http://127.0.0.3:{origin.port}/2.html"))
    p = w.start("serve")
    try:
        end = time.time() + 30
        while len(ask(w).get("completed", [])) < 2 and time.time() < end:
            time.sleep(0.1)
        s = ask(w)
        stuck = {x["path"]: x["reason"] for x in s["incomplete"]}
        if stuck.get("1.md") != f"there is no picture at http://127.0.0.2:{origin.port}/img/1.jpg":
            yield f"reasons: {stuck}"
        times = [c["time"] for c in s["completed"]]
        if len(times) != 2 or max(times) - min(times) < 2:
            yield f"times: {times}"
    finally:
        p.terminate()
        p.communicate(timeout=20)


def follows(w, origin):
    """What a person completes, takes away or spoils is counted as it is then."""
    fill(w, origin)
    w.run("--once")
    origin.page("127.0.0.3/50.html", article(50))
    os.unlink(os.path.join(w.content, "wall.md"))
    w.put("broken.md", b"---\ntitle: whole\noriginalUrl: http://127.0.0.2/\nexcerpt: Mine.\nimages:\n  - url: http://a.example/x.png\n"
                       b"    width: 1\n    height: 1\n---\n")
    w.put("news/0.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    w.run("--once", "--force")
    d = ask(w)["documents"]
    want = {"unknown": 0, "complete": 5, "open": 0, "waiting": 0, "refused": 1, "ignored": 2}
    if d["states"] != want or any(d["missing"].values()):
        yield f"documents: {d}"


def hostile(w, origin):
    """Nothing that a terminal obeys, whatever titles and paths hold."""
    title = "Red \x1b[31mpier\u202e and \u0085 \u009b"
    origin.page("127.0.0.2/0.html", article(0))
    w.put("a\x1b]0;owned\x07\u202egnp.md",
          document(0, f"http://127.0.0.2:{origin.port}/0.html").replace(b"Board number 0 weighs the future of the pier",
                                                                       b"Red \\e[31mpier\\u202E and \\N \\u009b"))
    w.run("--once")
    p = w.run("status")
    bad = [c for c in p.stdout if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2028"]
    if bad or "<U+001B>" not in p.stdout or "<U+202E>" not in p.stdout:
        yield f"{bad}: {p.stdout!r}"
    card = ask(w)["completed"][0]
    if card["title"] != title.replace("\u0085", "\u0085"):
        yield f"{card['title']!r}"


def beside_a_service(w, origin):
    fill(w, origin)
    p = w.start("serve")
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            s = ask(w)
            if s.get("service") and s["service"]["idle"] and s["documents"]["states"]["complete"] == 4:
                break
            time.sleep(0.1)
        if not s.get("service") or s["service"]["pid"] != p.pid or s["documents"]["all"] != 9:
            yield f"{s}"
        text = w.run("status").stdout
        if f"the service runs, process {p.pid}" not in text or "nothing is due" not in text:
            yield text
        asked = [[w.content + "/bare.md"], [f"http://127.0.0.4:{origin.port}/wall.html"]]
        told = [w.run("explain", *a) for a in asked]
        if [t.returncode for t in told] != [0, 0] or "from og:description" not in told[0].stdout or "challenge" not in told[1].stdout:
            yield f"explained: {told}"
    finally:
        p.terminate()
        p.communicate(timeout=20)
    if ask(w)["service"] is not None:
        yield "a service that has ended"
    if [w.run("explain", *a).stdout for a in asked] != [t.stdout for t in told]:
        yield f"explained otherwise beside it: {told}"


def at_work(w, origin):
    """What is in flight and what waits for what, while a slow site is asked."""
    for i in range(12):
        origin.page(f"127.0.0.9/{i}.html", article(i), {"delay": 2})
        w.put(f"slow/{i}.md", document(i, f"http://127.0.0.9:{origin.port}/{i}.html"))
    open(w.config, "a").write("hosts:\n  127.0.0.9: {pace: {gap: 5s, connections: 1}, robots: false}\n")
    p = w.start("serve")
    try:
        end, live = time.monotonic() + 20, None
        while time.monotonic() < end:
            live = ask(w).get("service")
            if live and live["flights"] and live["queues"] and live["queues"][0]["waiting"]:
                break
            time.sleep(0.1)
        if not live or live["idle"] or live["in_hand"] != 12:
            yield f"{live}"
            return
        flight, queue = live["flights"][0], live["queues"][0]
        if flight["what"] != "page" or "http://127.0.0.9:" not in flight["url"] or abs(time.time() - flight["since"]) > 30:
            yield f"{flight}"
        if queue["site"] != "127.0.0.9" or queue["waiting"] < 10 or queue["why"] not in ("as many are under way as may be",
                                                                                         "the pause between two requests"):
            yield f"{queue}"
        text = w.run("status").stdout
        for part in ("In flight", "Queue by host", "127.0.0.9  "):
            if part not in text:
                yield f"no '{part}' in\n{text}"
    finally:
        p.terminate()
        p.communicate(timeout=20)


if __name__ == "__main__":
    run_tests((nothing_yet, after_a_run, pictures_in_vain, follows, hostile, beside_a_service, at_work), sys.argv[1])
