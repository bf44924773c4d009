#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The service: what appears, changes and is due is worked on; signals; one at a time.

    serve.py INGESTD [NAME...]

Each function marked @test gets a world and an origin of its own and gives the complaints that it has.
"""
import json, os, re, signal, sqlite3, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import Tests, article, document, filled, run_tests

test = Tests()


def until(what, seconds=20):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


def text(w, name):
    try:
        return open(os.path.join(w.content, name), "rb").read()
    except FileNotFoundError:
        return b""


def put(w, origin, n, more=""):
    """Document n, with its page on a host of its own."""
    host = f"127.0.0.{2 + n % 30}"
    origin.page(f"{host}/{n}.html", article(n))
    w.put(f"{n:03}.md", document(n, f"http://{host}:{origin.port}/{n}.html", more))


def is_filled(w, n):
    return lambda: filled(n, text(w, f"{n:03}.md"))


def stop(p, code=0, err="", seconds=5):
    began = time.monotonic()
    p.send_signal(signal.SIGTERM)
    out, said = p.communicate(timeout=30)
    if p.returncode != code:
        yield f"exit {p.returncode}, not {code}: {said}"
    if err is not None and not re.fullmatch(err, said, re.S):
        yield f"standard error: {said!r}"
    if time.monotonic() - began > seconds:
        yield f"SIGTERM took {time.monotonic() - began:.1f} s"


@test
def fills_what_is_there(w, origin):
    for n in range(5):
        put(w, origin, n)
    p = w.start("serve")
    for n in range(5):
        if not until(is_filled(w, n)):
            yield f"{n} is not filled"
    yield from stop(p)
    before = len(origin.asked())
    again = w.run("--once")
    if again.returncode or len(origin.asked()) != before:
        yield f"a run after it asked again: {again.stderr}"


@test
def passes_when_told(w, origin):
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    put(w, origin, 2)
    p.send_signal(signal.SIGUSR1)
    if not until(is_filled(w, 2)):
        yield "2 is not filled"
    yield from stop(p)


@test
def sees_what_editors_do(w, origin):
    put(w, origin, 0)
    p = w.start("serve", "--verbose")
    if not until(is_filled(w, 0)):
        yield "0 is not filled"
    path = lambda n: os.path.join(w.content, f"{n:03}.md")
    hidden = lambda n: os.path.join(w.work, f"{n}.text")
    texts = {}
    for n in range(1, 9):  # written elsewhere, to be brought in
        put(w, origin, n)
        texts[n] = text(w, f"{n:03}.md")
        os.rename(path(n), hidden(n))
    began = time.monotonic()
    open(path(1), "wb").write(texts[1])  # a shell
    os.rename(hidden(2), path(2))  # moved in
    open(path(3) + ".tmp", "wb").write(texts[3])  # sed -i, most editors
    os.rename(path(3) + ".tmp", path(3))
    os.link(hidden(4), path(4))  # a hard link, whose other name goes
    os.unlink(hidden(4))
    os.makedirs(w.content + "/deep/er")  # a folder with a document before it can be watched
    os.rename(hidden(5), w.content + "/deep/er/005.md")
    os.makedirs(w.work + "/made/sub")  # a folder that is moved in
    os.rename(hidden(6), w.work + "/made/sub/006.md")
    os.rename(w.work + "/made", w.content + "/made")
    with open(path(7), "wb") as f:  # in two parts
        f.write(texts[7][:100])
        f.flush()
        time.sleep(0.15)
        f.write(texts[7][100:])
    open(path(8), "wb").write(texts[8])  # git checkout: away, made, written
    os.unlink(path(8))
    open(path(8), "wb").write(texts[8])
    names = {n: f"{n:03}.md" for n in range(1, 9)} | {5: "deep/er/005.md", 6: "made/sub/006.md"}
    for n, name in names.items():
        if not until(lambda: filled(n, text(w, name)), 8):
            yield f"{name} is not filled"
    took = time.monotonic() - began
    if took > 4:
        yield f"took {took:.1f} s"
    # a folder that moves within, and a new document in it
    os.rename(w.content + "/made/sub", w.content + "/moved")
    put(w, origin, 9)
    os.rename(path(9), w.content + "/moved/009.md")
    if not until(lambda: filled(9, text(w, "moved/009.md")), 8):
        yield "moved/009.md is not filled"
    # what is changed is looked at again: a person empties a field
    emptied = text(w, "001.md").replace(b"published: false", b"published: true")
    emptied = re.sub(rb"excerpt: .*\n", b"excerpt: ''\n", emptied)
    open(path(1), "wb").write(emptied)
    asked = len(origin.asked())
    if not until(lambda: b"excerpt: ''" not in text(w, "001.md"), 8):
        yield "an emptied excerpt is not filled again"
    if len(origin.asked()) != asked:
        yield f"asked again for what was known: {origin.asked()[asked:]}"
    yield from stop(p, err=None)


@test
def own_writes_wake_nobody(w, origin):
    for n in range(3):
        put(w, origin, n)
    p = w.start("serve", "--json")
    for n in range(3):
        until(is_filled(w, n))
    time.sleep(1.5)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=30)
    runs = [l for l in out.splitlines() if '"summary"' in l]
    if len(runs) != 1:
        yield f"{len(runs)} runs: {runs}"


@test
def folder_goes_and_comes_back(w, origin):
    open(w.config, "a").write("confine: false\n")
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    os.rename(w.content, w.work + "/away")
    time.sleep(0.5)
    os.mkdir(w.content)
    put(w, origin, 2)
    if not until(is_filled(w, 2), 15):
        yield "2 is not filled"
    yield from stop(p, err=r"ingestd: content folder '\S+' is gone; [^\n]*\n")


@test
def waits_for_git(w, origin):
    os.makedirs(w.work + "/.git/rebase-merge")
    put(w, origin, 1)
    p = w.start("serve")
    if not until(lambda: any("/1.html" in a for a in origin.asked())):
        yield "not asked while git is at work"
    time.sleep(0.8)
    if is_filled(w, 1)():
        yield "written during a rebase"
    os.rename(w.work + "/.git/rebase-merge", w.work + "/.git/MERGE_HEAD")
    time.sleep(0.6)
    if is_filled(w, 1)():
        yield "written during a merge"
    os.rmdir(w.work + "/.git/MERGE_HEAD")
    if not until(is_filled(w, 1), 3):
        yield "not written after it"
    yield from stop(p)


@test
def another_folder_ends_it(w, origin):
    """Confined to the folder that was there: who starts it again finds the new one."""
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    os.rename(w.content, w.work + "/away")
    os.mkdir(w.content)
    put(w, origin, 2)
    _, err = p.communicate(timeout=30)
    if p.returncode != 75 or not re.fullmatch(r"ingestd: content folder '\S+' is gone; [^\n]*\ningestd: content folder '\S+' is another "
                                              r"one now[^\n]*\n", err):
        yield f"exit {p.returncode}: {err!r}"


@test
def reloads(w, origin):
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    good = open(w.config).read()
    open(w.config, "w").write(good + "paec: {gap: 1s}\n")
    p.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    open(w.config, "w").write(good + "exclude: [\"002.md\"]\n")
    p.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    put(w, origin, 2)
    put(w, origin, 3)
    p.send_signal(signal.SIGUSR1)
    if not until(is_filled(w, 3)):
        yield "3 is not filled"
    if b"excerpt" in text(w, "002.md"):
        yield "what the new configuration leaves out was filled"
    yield from stop(p, err=r"ingestd: \S+:5:1: found unknown key 'paec'[^\n]*stays as it was\n")


@test
def reloads_amid_work(w, origin):
    """What a reload interrupts goes on after it, not when a site's trouble would be looked at again."""
    for n in range(10):
        put(w, origin, n % 2 + 30 * (n // 2))  # on two hosts, which are asked one page after the other
    p = w.start("serve")
    if not until(lambda: len(origin.asked()) > 4):
        yield "nothing is asked"
    p.send_signal(signal.SIGHUP)
    last = [n % 2 + 30 * (n // 2) for n in range(10)]
    if not until(lambda: all(is_filled(w, n)() for n in last), 20):
        yield f"not filled: {[n for n in last if not is_filled(w, n)()]}"
    yield from stop(p, err=None)


@test
def one_at_a_time(w, origin):
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    second = w.run("serve")
    if second.returncode != 75 or str(p.pid) not in second.stderr:
        yield f"a second service: exit {second.returncode}: {second.stderr}"
    yield from stop(p)


@test
def does_what_once_hands_over(w, origin):
    put(w, origin, 1)
    put(w, origin, 2)
    w.put("deep/bad.md", b"---\na: [\n---\n")
    p = w.start("serve")
    for n in 1, 2:
        if not until(is_filled(w, n)):
            yield f"{n} is not filled"
    put(w, origin, 3)
    put(w, origin, 4)
    origin.page("127.0.0.6/4.html", b"", {"status": 404})
    once = w.run("--once", "--json", w.content + "/003.md")
    if once.returncode or not is_filled(w, 3)():
        yield f"a file: exit {once.returncode}, {once.stdout}{once.stderr}"
    lines = [json.loads(l) for l in once.stdout.splitlines()]
    if [l["event"] for l in lines] != ["document", "summary"] or lines[0]["path"] != "003.md" or not lines[0]["changes"] \
            or lines[1]["changed"] != 1:
        yield f"a file: {lines}"
    once = w.run("--once", "--json", w.content + "/003.md")
    if once.returncode or json.loads(once.stdout.splitlines()[-1])["unchanged"] != 1:
        yield f"the same again: {once.stdout}{once.stderr}"
    seen = any("/4.html" in a for a in origin.asked())  # and told of by the service itself
    once = w.run("--once", w.content)
    if once.returncode or once.stdout or not seen and not re.search(r"^004.md: http://\S*/4.html: .*404", once.stderr, re.M):
        yield f"a folder: exit {once.returncode}, {once.stdout}{once.stderr}"
    once = w.run("--once", "--verbose")
    if once.returncode or "by the running service: 5 documents" not in once.stdout:
        yield f"all: exit {once.returncode}, {once.stdout}{once.stderr}"
    once = w.run("--once", w.work)
    if once.returncode != 75 or str(p.pid) not in once.stderr:
        yield f"outside: exit {once.returncode}, {once.stdout}{once.stderr}"
    yield from stop(p, err=None)
    if os.path.exists(w.work + "/state/service.sock"):
        yield "the socket is left"


@test
def keeps_up_with_a_restless_file(w, origin):
    put(w, origin, 1)
    path = os.path.join(w.content, "001.md")
    p = w.start("serve")
    lines = []
    for n in range(25):
        with open(path, "ab") as f:
            lines.append(b"Line %d.\n" % n)
            f.write(lines[-1])
        time.sleep(0.1)
    if not until(is_filled(w, 1), 15):
        yield "not filled when it came to rest"
    if not text(w, "001.md").endswith(b"".join(lines)):
        yield "lines are lost"
    yield from stop(p)


@test
def blames_nobody_for_the_network(w, origin):
    p = subprocess.run(["unshare", "-n", sys.executable, os.path.abspath(__file__), w.program, "network_goes_inside"],
                       capture_output=True, text=True)
    if p.returncode:
        yield p.stdout + p.stderr


def network_goes_inside(w, origin):
    link = lambda how: subprocess.run(["ip", "link", "set", "lo", how], check=True)
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    link("down")
    for n in range(2, 8):
        put(w, origin, n)
    time.sleep(3)
    if any(is_filled(w, n)() for n in range(2, 8)):
        yield "filled without a network"
    link("up")
    for n in range(2, 8):
        if not until(is_filled(w, n), 40):
            yield f"{n} is not filled after it"
    yield from stop(p, err=None)
    db = sqlite3.connect(w.work + "/state/cache.db")
    blamed = db.execute("SELECT url, outcome, failures FROM url WHERE failures > 0").fetchall()
    if blamed:
        yield f"held against somebody: {blamed}"


@test
def undoes_after_a_killed_undo(w, origin):
    put(w, origin, 1)
    before = text(w, "001.md")
    w.run("--once")
    if not is_filled(w, 1)():
        yield "not filled"
    db = sqlite3.connect(w.work + "/state/memory.db")  # as one leaves it that was killed before it wrote
    db.execute("INSERT INTO provenance (run, root, path, related, url, field, was_absent, before, after, source, time) SELECT "
               "run + 1, root, path, related, url, field, 0, after, coalesce(before, x''), 'undo', time FROM provenance")
    db.commit()
    db.close()
    for args in ([w.content + "/001.md"], [w.content]):
        p = w.run("undo", *args)
        if p.returncode or text(w, "001.md") != before:
            yield f"undo {args}: exit {p.returncode}: {p.stderr}{text(w, '001.md')}"


@test
def stops_in_time(w, origin):
    for n in range(40):
        put(w, origin, n)
        host = f"127.0.0.{2 + n % 30}"
        origin.page(f"{host}/{n}.html", article(n), {"delay": 20})
    p = w.start("serve")
    until(lambda: len(origin.asked(1)) >= 1, 5)
    yield from stop(p, err=None)
    for n in range(40):
        if text(w, f"{n:03}.md") and not filled(n, text(w, f"{n:03}.md")) and b"excerpt" in text(w, f"{n:03}.md"):
            yield f"{n} is neither"


def main():
    program, names = sys.argv[1], sys.argv[2:]
    if names == ["network_goes_inside"]:  # in a network of its own
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        test(network_goes_inside)
    run_tests(test, program, names)


if __name__ == "__main__":
    main()
