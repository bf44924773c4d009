#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is asked of a running service: undo, --once in its kinds, forget; also while it is at work, and when it is killed.

    acts.py INGESTD [NAME...]
"""
import json, os, random, re, signal, socket, sqlite3, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from serve import is_filled, put, stop, text, until
from world import Tests, article, document, run_tests, tree

test = Tests()


def ended(p, code=0, err=r"", out=None):
    if p.returncode != code or not re.search(f"^{err}$" if err == "" else err, p.stderr, re.S) or \
            out is not None and not re.search(out, p.stdout, re.S):
        yield f"exit {p.returncode}, not {code}: {p.stdout[:2000]}{p.stderr[:2000]}"


def begun(w, origin, count):
    """A service that has filled so many documents, and how they were before."""
    for n in range(count):
        put(w, origin, n)
    before = tree(w.content)
    p = w.start("serve")
    for n in range(count):
        if not until(is_filled(w, n), 40):
            p.kill()
            raise RuntimeError(f"{n} is not filled")
    time.sleep(0.3)  # the round ends
    return p, before


def stays(w, names, seconds=1.2):
    """Whether these documents are left as they are."""
    was = tree(w.content)
    time.sleep(seconds)
    now = tree(w.content)
    return [n for n in names if now[n] != was[n]]


@test
def undoes(w, origin):
    p, before = begun(w, origin, 6)
    full = tree(w.content)
    dry = w.run("undo", "--dry-run")  # the last round; on a busy machine the six came in several
    yield from ended(dry, 0, "", r"by the running service: ([1-6]) documents: \1 would change.*\n--- a/.*\n-excerpt: ")
    if tree(w.content) != full:
        yield "--dry-run wrote"
    one = w.run("undo", w.content + "/000.md", "--json")
    yield from ended(one, 0, "", '"undo"')
    if text(w, "000.md") != before["000.md"] or text(w, "001.md") != full["001.md"]:
        yield "not 000.md alone"
    yield from ended(w.run("undo", "--host", "127.0.0.3", "-v"), 0, r"001.md: set ", "by the running service: 1 documents: 1 changed")
    # what a person changed since stays
    w.put("002.md", full["002.md"].replace(b"Harbour board 2 must decide", b"The board must decide"))
    time.sleep(0.4)
    yield from ended(w.run("undo", w.content, "-v"), 0, None or "002.md: set", "values were changed since and stay")
    now = tree(w.content)
    if b"The board must decide" not in now["002.md"] or b"/img/2.jpg" in now["002.md"]:
        yield f"002.md: {now['002.md'].decode()}"
    if [n for n in before if n != "002.md" and now[n] != before[n]]:
        yield "not all is as it was"
    asked = len(origin.asked())
    p.send_signal(signal.SIGUSR1)
    if changed := stays(w, before):
        yield f"written again: {changed}"
    if len(origin.asked()) != asked:
        yield f"asked: {origin.asked()[asked:]}"
    # and it goes on with what comes
    put(w, origin, 7)
    if not until(is_filled(w, 7)):
        yield "7 is not filled"
    yield from ended(w.run("undo"), 0, "")  # the last round that wrote
    if is_filled(w, 7)():
        yield "7 is not taken back"
    yield from ended(w.run("undo", w.work), 75, "does not look after")
    yield from ended(w.run("undo", w.work + "/nowhere"), 66, "nowhere")
    yield from stop(p)
    was = tree(w.content)
    yield from ended(w.run("--once", "--force"), 0, "")
    if tree(w.content) != was:
        yield "a run after it wrote again what was undone"


@test
def undoes_what_is_being_worked_on(w, origin):
    """Documents that wait for a page go back at once, and are looked at again."""
    p, before = begun(w, origin, 3)
    for n in range(3):  # a link comes to each, whose page takes long
        origin.page(f"127.0.0.9/{n}.html", article(50 + n), {"delay": 3})
        link = f"related:\n  - originalUrl: http://127.0.0.9:{origin.port}/{n}.html\n"
        w.put(f"{n:03}.md", text(w, f"{n:03}.md").replace(b"\nprovider:", ("\n" + link + "provider:").encode(), 1))
    if not until(lambda: any("/0.html" in a and "127.0.0.9" in a for a in origin.asked()) or
                 len(origin.asked()) > 6, 2):
        time.sleep(0.5)
    began = time.monotonic()
    yield from ended(w.run("undo", w.content), 0, "")
    if time.monotonic() - began > 2:
        yield f"took {time.monotonic() - began:.1f} s"
    for n in range(3):
        if b"Harbour board %d must" % n in text(w, f"{n:03}.md"):
            yield f"{n} was not taken back"
        if not until(lambda: b"Board number %d " % (50 + n) in text(w, f"{n:03}.md"), 15):
            yield f"the link of {n} is not filled: {text(w, f'{n:03}.md').decode()}"
        if b"Harbour board %d must" % n in text(w, f"{n:03}.md"):
            yield f"{n} was written again"
    yield from stop(p, err=None)


@test
def undoes_while_git_is_at_work(w, origin):
    os.makedirs(w.work + "/.git")
    p, before = begun(w, origin, 1)
    full = tree(w.content)
    open(w.work + "/.git/MERGE_HEAD", "w").close()
    yield from ended(w.run("undo"), 0, "000.md: git is at work")
    if tree(w.content) != full:
        yield "written during a merge"
    os.unlink(w.work + "/.git/MERGE_HEAD")
    yield from ended(w.run("undo"), 0, "")
    if tree(w.content) != before:
        yield "not what it was"
    yield from stop(p)


@test
def dry_runs(w, origin):
    os.makedirs(w.work + "/.git")
    p, _ = begun(w, origin, 2)
    yield from ended(w.run("--once", "--dry-run", "--check"), 0, "", "2 documents: 0 would change")
    report = w.work + "/report.jsonl"
    os.makedirs(w.work + "/.git/rebase-merge")  # the service waits, so that there is something to be seen
    put(w, origin, 5)
    put(w, origin, 6)
    origin.page(f"127.0.0.8/6.html", b"", {"status": 404})
    w.put("bad.md", b"---\na: [\n---\n")
    if not until(lambda: len([a for a in origin.asked() if "/6.html" in a or "/5.html" in a]) == 2):
        yield "not asked for"
    time.sleep(0.3)
    dry = w.run("--once", "--dry-run", "--check", "--report", report)
    yield from ended(dry, 1, "006.md: http.*404", r"1 would change \(2 fields\).*\n--- a/005.md\n.*\n\+excerpt: .*Harbour board 5")
    if text(w, "005.md") and is_filled(w, 5)():
        yield "--dry-run wrote"
    events = [json.loads(l) for l in open(report)]
    if [e["path"] for e in events if e["event"] == "document"] != ["005.md"] or events[-1]["event"] != "summary" or \
            events[-1]["changed"] != 1 or not events[-1]["dry_run"] or \
            [e["path"] for e in events if e["event"] == "problem" and e["url"]] != ["006.md"]:
        yield f"report: {events}"
    yield from ended(w.run("--once", "--dry-run", "--only", "006.md"), 0, "006.md", "1 documents: 0 would change")
    yield from ended(w.run("--once", "--dry-run", "--only", "127.0.0.7"), 0, "", r"1 would change")
    asked = len(origin.asked())
    os.rmdir(w.work + "/.git/rebase-merge")
    if not until(is_filled(w, 5), 5):
        yield "5 is not filled"
    if len(origin.asked()) != asked:
        yield f"asked twice: {origin.asked()[asked:]}"
    runs = w.run("state", "--json")
    if '"dry_run":true' in runs.stdout:
        yield "a dry run counts as a run"
    yield from stop(p, err=None)


@test
def asks_again(w, origin):
    """--force asks what is not due, in good manners; --only says of whom."""
    open(w.config, "a").write("policy: {excerpt: refresh}\n")
    p, _ = begun(w, origin, 3)
    time.sleep(1.1)  # what was asked for within this second counts
    for n in range(3):
        origin.page(f"127.0.0.{2 + n}/{n}.html", article(n).replace(b"must decide within a month", b"has to decide within a year"))
    asked = len(origin.asked())
    yield from ended(w.run("--once", w.content), 0, "")
    if origin.asked()[asked:]:
        yield f"asked what is known: {origin.asked()[asked:]}"
    yield from ended(w.run("--once", "--force", "--only", "127.0.0.3", "-v"), 0, "001.md: set excerpt", "1 changed")
    if origin.asked()[asked:] != ["127.0.0.3/1.html"]:
        yield f"--only HOST asked {origin.asked()[asked:]}"
    asked = len(origin.asked())
    yield from ended(w.run("--once", "--force", w.content + "/000.md"), 0, "")
    if origin.asked()[asked:] != ["127.0.0.2/0.html"] or b"within a year" not in text(w, "000.md"):
        yield f"a document: asked {origin.asked()[asked:]}"
    # each URL once, however many documents want it
    time.sleep(1.1)
    for n in range(10, 14):
        w.put(f"{n:03}.md", document(2, f"http://127.0.0.4:{origin.port}/2.html"))
    until(lambda: all(b"/img/2.jpg" in text(w, f"{n:03}.md") for n in range(10, 14)))
    time.sleep(1.1)
    asked = len(origin.asked())
    yield from ended(w.run("--once", "--force", "--only", "0[01]*.md"), 0, "")
    again = origin.asked()[asked:]
    if again.count("127.0.0.4/2.html") != 1 or len(set(again)) != len(again):
        yield f"asked {again}"
    yield from stop(p)


@test
def heeds_what_a_site_asks(w, origin):
    """What a server said of waiting holds for those who ask again; they are told until when."""
    open(w.config, "a").write("policy: {excerpt: refresh}\n")
    p, _ = begun(w, origin, 1)
    origin.page("127.0.0.2/0.html", b"", {"status": 503, "headers": {"Retry-After": "3000"}})
    time.sleep(1.1)
    w.run("--once", "--force", w.content + "/000.md")
    asked = len(origin.asked())
    time.sleep(1.1)
    again = w.run("--once", "--force", w.content + "/000.md")
    yield from ended(again, 0, r"000.md: http.*put off until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: ")
    if len(origin.asked()) != asked:
        yield f"asked all the same: {origin.asked()[asked:]}"
    if not is_filled(w, 0)():
        yield "000.md lost something"
    yield from stop(p, err=None)


@test
def forgets(w, origin):
    p, _ = begun(w, origin, 3)
    full = tree(w.content)
    time.sleep(1.1)
    asked = len(origin.asked())
    yield from ended(w.run("state", "forget", f"http://127.0.0.2:{origin.port}/0.html", "127.0.0.3"), 0, "", "3 records forgotten")
    yield from ended(w.run("state", "forget", w.content + "/002.md"), 0, "", "[3-9] records forgotten")
    if not until(lambda: not stays(w, full, 0.1), 5) or tree(w.content) != full:
        yield "documents changed"
    kept = w.run("undo", w.content + "/002.md")
    if kept.returncode or tree(w.content) != full:
        yield f"what was forgotten was taken back: {kept.stderr}"
    yield from ended(w.run("undo", w.content + "/001.md"), 0, "")
    if is_filled(w, 1)():
        yield "001.md is not taken back"
    yield from stop(p)
    db = sqlite3.connect(w.work + "/state/memory.db")
    if db.execute("SELECT count(*) FROM provenance WHERE path = '002.md'").fetchone()[0]:
        yield "provenance of 002.md is there"


@test
def clients_that_leave_or_lie(w, origin):
    p, before = begun(w, origin, 40)
    path = w.work + "/state/service.sock"

    def client(data):
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        s.sendall(data)
        return s

    for line in (b"x\n", b"{}\n", b'{"paths": []}\n', b'{"do": "undo"}\n', b'{"do": "rm", "what": []}\n', b'{"do": "undo", "what": [1]}\n',
                 b'{"do": "undo", "what": [""]}\n', b'{"do": "once", "what": "/"}\n', b'{"do": ["undo"], "what": []}\n', b"\xff\n"):
        with client(line) as s:
            said = json.loads(s.makefile().readline())
        if said["event"] != "refused":
            yield f"{line}: {said}"
    if [n for n in before if not is_filled(w, int(n[:3]))()]:
        yield "something was taken back"
    client(json.dumps({"do": "undo", "what": [w.content]}).encode() + b"\n").close()  # who leaves: it is done all the same
    if not until(lambda: tree(w.content) == before, 10):
        yield "not taken back after the client left"
    yield from stop(p)


@test
def reloads_and_stops_amid_it(w, origin):
    p, before = begun(w, origin, 120)
    full = tree(w.content)
    undo = w.start("undo")
    until(lambda: tree(w.content) != full, 5)
    p.send_signal(signal.SIGHUP)
    out, err = undo.communicate(timeout=20)
    now = tree(w.content)
    if undo.returncode not in (0, 75) or [n for n in now if now[n] not in (before[n], full[n])]:
        yield f"exit {undo.returncode}: {err}"
    if not until(lambda: w.run("undo", w.content).returncode == 0, 5):
        yield "no second undo"
    if tree(w.content) != before:
        yield "the second undo did not do the rest"
    yield from stop(p)


@test
def killed_amid_undo(w, origin):
    """At any instant each document is the old or the new one, and the next undo does the rest."""
    random.seed(7)
    p, before = begun(w, origin, 20)
    full = tree(w.content)
    for at in range(3):
        undo = w.start("undo", w.content)
        time.sleep(random.uniform(0.02, 0.12))
        p.kill()
        p.wait()
        undo.communicate(timeout=20)
        if undo.returncode not in (0, 75):
            yield f"{at}: the client ends with {undo.returncode}"
        now = tree(w.content)
        odd = [n for n in before if now.get(n) not in (before[n], full[n])]
        if odd:
            yield f"{at}: neither: {odd}"
        check = w.run("state", "check")
        if check.returncode:
            yield f"{at}: {check.stdout}{check.stderr}"
        p = w.start("serve")
        until(lambda: os.path.exists(w.work + "/state/service.sock"), 5)
        time.sleep(0.5)
        rest = w.run("undo", w.content)
        if rest.returncode:
            yield f"{at}: undo after it: {rest.stderr}"
        left = [n for n, t in tree(w.content).items() if t != before.get(n)]
        if left:
            yield f"{at}: not taken back: {left}"
        # fill it again: what was taken back is forgotten
        w.run("state", "forget", w.content)
        yield from stop(p, err=None)
        w.run("state", "forget", *[os.path.join(w.content, n) for n in before])
        p = w.start("serve")
        for n in range(20):
            if not until(is_filled(w, n), 20):
                yield f"{at}: {n} is not filled again"
        time.sleep(0.3)
        full = tree(w.content)
    yield from stop(p, err=None)


@test
def follows_a_rename(w, origin):
    """What was written is known under the new name: it can be taken back, and refreshed. A copy is another document."""
    open(w.config, "a").write("policy: {excerpt: refresh}\n")
    p, before = begun(w, origin, 4)
    os.rename(w.content + "/000.md", w.content + "/renamed.md")
    os.makedirs(w.content + "/2024")
    w.put("2024/moved-and-edited.md", text(w, "001.md").replace(b"The body", b"The edited body"))
    os.unlink(w.content + "/001.md")
    w.put("copy.md", text(w, "002.md"))
    time.sleep(1.5)
    origin.page("127.0.0.2/0.html", article(0).replace(b"must decide within a month", b"has to decide within a year"))
    origin.page("127.0.0.4/2.html", article(2).replace(b"must decide within a month", b"has to decide within a year"))
    yield from ended(w.run("--once", "--force", "--only", "renamed.md"), 0, "")
    if b"within a year" not in text(w, "renamed.md"):
        yield f"not refreshed: {text(w, 'renamed.md').decode()}"
    yield from ended(w.run("--once", "--force", "--only", "copy.md"), 0, "")
    if b"within a year" in text(w, "copy.md"):
        yield "a copy was refreshed, whose values are a person's"
    yield from ended(w.run("undo", w.content + "/renamed.md", w.content + "/2024", w.content + "/copy.md"), 0, "")
    if text(w, "renamed.md") != before["000.md"]:
        yield f"not what it was: {text(w, 'renamed.md').decode()}"
    if text(w, "2024/moved-and-edited.md") != before["001.md"].replace(b"The body", b"The edited body"):
        yield f"not what it was: {text(w, '2024/moved-and-edited.md').decode()}"
    if not is_filled(w, 2)() or b"/img/2.jpg" not in text(w, "copy.md"):
        yield "a copy was taken back"
    yield from stop(p)
    # without a service; a dry run sees what a real one would do, and leaves the records where they are
    os.rename(w.content + "/003.md", w.content + "/third.md")
    origin.page("127.0.0.5/3.html", article(3).replace(b"must decide within a month", b"has to decide within a year"))
    rows = lambda path: sqlite3.connect(w.work + "/state/memory.db").execute("SELECT count(*) FROM provenance WHERE path = ?", (path,)).fetchone()[0]
    yield from ended(w.run("--once", "--force", "--dry-run", "--only", "third.md"), 0, "", "1 would change")
    if rows("third.md") or not rows("003.md"):
        yield "a dry run moved the records"
    yield from ended(w.run("--once"), 0, "")
    if rows("003.md") or not rows("third.md"):
        yield "a run did not move the records"
    yield from ended(w.run("undo", w.content + "/third.md"), 0, "")
    if text(w, "third.md") != before["003.md"]:
        yield f"third.md is not what it was: {text(w, 'third.md').decode()}"


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
