#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the commands say and with what they end, when all goes well and when it does not.

    commands.py INGESTD [NAME...]

Each function marked @test gets a world and an origin of its own and gives the complaints that it has. Full disks are
small tmpfs in a mount namespace of our own: this needs root or user namespaces, and fails without.
"""
import json, os, re, signal, stat, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import Tests, World, article, document, filled, run_tests, tree

test = Tests()
LATE = 4  # seconds that a page takes which nobody should wait for


def serve(origin, numbers, meta=None):
    for n in numbers:
        origin.page(f"127.0.0.{2 + n % 30}/{n}.html", article(n), meta)


def put(w, origin, count, more="", meta=None):
    """count documents, each with a page on a host of its own; their names."""
    serve(origin, range(count), meta)
    for n in range(count):
        w.put(f"{n:03}.md", document(n, f"http://127.0.0.{2 + n % 30}:{origin.port}/{n}.html", more))
    return [f"{n:03}.md" for n in range(count)]


def state_of(w, names):
    """(filled, old, neither)"""
    kinds = [0, 0, 0]
    for n, name in enumerate(names):
        text = open(os.path.join(w.content, name), "rb").read()
        old = b"excerpt" not in text and text.endswith(b"The body of %d.\n" % n)
        kinds[0 if filled(n, text) else 1 if old else 2] += 1
    return tuple(kinds)


def ended(p, code, err=None, out=None):
    """err, out: what has to be found; "" is silence; None is anything."""
    if p.returncode != code:
        yield f"exit {p.returncode}, not {code}: {p.stderr}"
    for what, got, want in (("standard error", p.stderr, err), ("standard output", p.stdout, out)):
        if want == "" and got or want and not re.search(want, got):
            yield f"{what}: {got!r}, not {want!r}"


def one_line(p):
    return [] if p.stderr.count("\n") == 1 else [f"not one line: {p.stderr!r}"]


# ---- usage, configuration ----

@test
def usage(w, origin):
    for args in [["--nonsense"], ["--once", "--check"], ["--once", "-q", "-v"], ["--once", "--max-time", "soon"], ["--report"],
                 ["explain"], ["--once", "--jobs", "0"], ["somewhere"], []]:
        p = subprocess.run([w.program, *args], env=w.env, capture_output=True, text=True)
        yield from (f"{args}: {c}" for c in ended(p, 64, "ingestd: .", ""))
    yield from ended(subprocess.run([w.program, "--help"], env=w.env, capture_output=True, text=True), 0, "", "usage: ingestd --once")
    yield from ended(subprocess.run([w.program, "--version"], env=w.env, capture_output=True, text=True), 0, "", r"(?s)ingestd.*SQLite \d")
    p = subprocess.run([w.program, "--help"], env=w.env, capture_output=True, text=True)
    if p.stdout.count("\n") > 40 or max(map(len, p.stdout.split("\n"))) > 80:
        yield f"--help is {p.stdout.count(chr(10))} lines, {max(map(len, p.stdout.split(chr(10))))} wide"


@test
def no_folder(w, origin):
    for args in [["--once", w.work + "/nowhere"], ["--once", "--dry-run", w.work + "/nowhere/x.md"], ["explain", w.work + "/nowhere.md"]]:
        p = w.run(*args)
        yield from (f"{args}: {c}" for c in [*ended(p, 66, "ingestd: .*nowhere"), *one_line(p)])
    os.rmdir(w.content)
    yield from ended(w.run("--once"), 66, "ingestd: .*content")


@test
def bad_configuration(w, origin):
    good = open(w.config).read()
    for line, said in [("contnet: [x]", r":5:1: .*contnet.*content"), ("pace: {gap: soon}", r":5:\d+: "), ("transfers: 0", r":5:12: .*0"),
                       ("policy: {title: never}", r":5:\d+: .*never"), ("hosts: [a]", r":5:\d+: "), ("x: [", r":\d+:\d+: "),
                       ("state: /a", r":5:1: .*state")]:
        open(w.config, "w").write(good + line + "\n")
        for args in [["--once"], ["--check-config"]]:
            p = w.run(*args)
            yield from (f"{line}: {c}" for c in [*ended(p, 78, re.escape(w.config) + said, ""), *one_line(p)])
    os.unlink(w.config)
    yield from ended(w.run("--once"), 78, re.escape(w.config))


# ---- trouble of the machine ----

def mount(folder, size):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder], check=True)


def full_disk(w, origin, folder, size, more):
    mount(folder, size)
    try:
        names = put(w, origin, 30, more)
        first = w.run("--once")
        yield from ended(first, 74, "ingestd: .*no space|full")
        yield from one_line(first)
        done, old, broken = state_of(w, names)
        if broken or not old:
            yield f"{done} documents are filled, {old} old, {broken} neither"
        again = w.run("--once", "--json")
        yield from ended(again, 74, "ingestd: .*no space|full")
        subprocess.run(["mount", "-o", "remount,size=50m", folder], check=True)
        yield from ended(w.run("--once"), 0, "", "")
        done, old, broken = state_of(w, names)
        if done != 30:
            yield f"with room: {done} documents are filled, {old} old, {broken} neither"
        if [n for n in tree(w.content) if n not in names]:
            yield f"left: {sorted(tree(w.content))}"
        yield from ended(w.run("--once"), 0, "", "")
    finally:
        subprocess.run(["umount", folder], check=True)


@test
def content_on_a_full_disk(w, origin):
    yield from full_disk(w, origin, w.content, "700k", "x: " + "y" * 20000 + "\n")


@test
def state_on_a_full_disk(w, origin):
    for n, size in enumerate(["20k", "100k", "180k", "250k", "400k"]):
        inner = World(w.program)
        try:
            yield from (f"{size}: {c}" for c in full_disk(inner, origin, inner.work + "/state", size, "x: " + "y" * 20000 + "\n"))
        finally:
            inner.close()


@test
def read_only_disk(w, origin):
    names = put(w, origin, 3)
    mount(w.content + "/disk", "1m")
    w.put("disk/000.md", open(w.content + "/000.md", "rb").read())
    subprocess.run(["mount", "-o", "remount,ro", w.content + "/disk"], check=True)
    p = w.run("--once")
    yield from [*ended(p, 0, "disk/000.md: .*[Rr]ead-only"), *one_line(p)]
    yield from ended(w.run("--once"), 0, "", "")
    if state_of(w, names) != (3, 0, 0):
        yield f"{state_of(w, names)}"
    subprocess.run(["umount", w.content + "/disk"], check=True)


@test
def lock_held(w, origin):
    names = put(w, origin, 3, meta={"delay": 2})
    first = w.start("--once")
    time.sleep(0.7)
    for args in [["--once", "--no-wait"], ["undo", "--run", "1"]]:
        p = w.run(*args)
        yield from [*ended(p, 75, rf"ingestd: .*\b{first.pid}\b", ""), *one_line(p)]
    out, err = first.communicate()
    if first.returncode or out or err or state_of(w, names) != (3, 0, 0):
        yield f"the holder: exit {first.returncode}, {err}, {state_of(w, names)}"


@test
def damaged_state(w, origin):
    names = put(w, origin, 3)
    harm = {"of other bytes": lambda b: os.urandom(len(b)), "cut": lambda b: b[:len(b) // 2],
            "of a bad page": lambda b: b[:4096] + os.urandom(4096) + b[8192:]}
    w.run("--once")
    full = tree(w.content)
    for file, lines in (("cache.db", 1), ("memory.db", 2)):  # the second line: what it was restored from
        for how, change in harm.items():
            path = f"{w.work}/state/{file}"
            open(path, "r+b").write(change(open(path, "rb").read()))
            if how == "cut":
                os.truncate(path, os.path.getsize(path) // 2)
            p = w.run("--once")
            yield from (f"{file} {how}: {c}" for c in ended(p, 0, f"ingestd: .*{file}.*is kept as", ""))
            if p.stderr.count("\n") != lines or tree(w.content) != full:
                yield f"{file} {how}: {p.stderr!r}"
            yield from (f"{file} {how}, next: {c}" for c in ended(w.run("--once"), 0, "", ""))
    if state_of(w, names) != (3, 0, 0):
        yield str(state_of(w, names))


@test
def closed_files(w, origin):
    """What is opened first must not become standard error: messages would be written into it."""
    names = put(w, origin, 10)
    w.put("bad.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    report = w.work + "/report"
    p = subprocess.run(" ".join(w.command("--once", "-v", "--report", report)) + " <&- >&- 2>&-", shell=True, env=w.env)
    if p.returncode or state_of(w, names) != (10, 0, 0):
        yield f"exit {p.returncode}, {state_of(w, names)}"
    for line in open(report, encoding="utf-8"):
        json.loads(line)


@test
def few_descriptors(w, origin):
    """Our own shortage is no server's failure."""
    names = put(w, origin, 60)
    p = subprocess.run(["prlimit", "--nofile=48", *w.command("--once")], env=w.env, capture_output=True, text=True)
    yield from ended(p, 0)
    if state_of(w, names)[2] or "no connection" in p.stderr:
        yield f"{state_of(w, names)}: {p.stderr}"
    yield from ended(w.run("--once"), 0, "", "")
    if state_of(w, names) != (60, 0, 0):
        yield f"with enough: {state_of(w, names)}"


NO_NETWORK = {  # what documents point to, and what runs the program
    "every host refuses": ("http://127.0.1.{n}:1025/{n}.html", []),
    "no name resolves": ("http://name{n}.invalid:8080/{n}.html", []),
    "no interface is up": ("http://127.0.1.{n}:8080/{n}.html", ["unshare", "-n"]),
}


@test
def no_network(w, origin):
    for what, (url, how) in NO_NETWORK.items():
        inner = World(w.program)
        try:
            for n in range(20):
                inner.put(f"{n:03}.md", document(n, url.format(n=n)))
            for which in ("first", "second"):
                p = subprocess.run(how + inner.command("--once", "--json"), env=inner.env, capture_output=True, text=True)
                yield from (f"{what}, {which} run: {c}" for c in [*ended(p, 75, "ingestd: .*network"), *one_line(p)])
                events = [json.loads(l) for l in p.stdout.splitlines()]
                if events[-1]["known"] or events[-1]["failed"]:
                    yield f"{what}, {which} run: held against somebody: {events[-1]}"
            p = inner.run("explain", url.format(n=1))
            yield from (f"{what}: {c}" for c in ended(p, 0, "", "nothing is known"))
        finally:
            inner.close()
    # one dead link among living ones is its own fault, and is remembered
    names = put(w, origin, 5)
    w.put("dead.md", document(9, "http://127.0.1.1:1025/x.html"))
    yield from ended(w.run("--once"), 0, r"dead.md: http://127.0.1.1:1025/x.html: no connection: Connection refused\n$", "")
    yield from ended(w.run("--once"), 0, "", "")
    yield from ended(w.run("explain", "http://127.0.1.1:1025/x.html"), 0, "", "(?s)refused.*not asked again before")


@test
def signals(w, origin):
    for number in (signal.SIGINT, signal.SIGTERM):
        for wait in (0.05, 0.3, 1.0):
            inner = World(w.program)
            try:
                names = put(inner, origin, 40, meta={"delay": LATE})
                serve(origin, range(0, 40, 2))
                p = inner.start("--once")
                time.sleep(wait)
                p.send_signal(number)
                began = time.monotonic()
                out, err = p.communicate()
                took = time.monotonic() - began
                where = f"signal {int(number)} after {wait} s: "
                # before the handlers stand, the signal itself ends it
                if p.returncode not in (128 + number, -number if wait < 0.3 else 128 + number) or out or err or took > LATE / 2:
                    yield f"{where}exit {p.returncode} after {took:.1f} s: {err}{out}"
                if state_of(inner, names)[2] or [n for n in tree(inner.content) if n not in names]:
                    yield f"{where}{state_of(inner, names)} {sorted(tree(inner.content))[:3]}"
                if wait == 1.0 and not state_of(inner, names)[0]:
                    yield where + "nothing was done before"
                if wait == 1.0 and number == signal.SIGTERM:
                    serve(origin, range(40))
                    yield from (where + c for c in ended(inner.run("--once"), 0, "", ""))
                    if state_of(inner, names) != (40, 0, 0):
                        yield f"{where}the next run: {state_of(inner, names)}"
            finally:
                inner.close()


@test
def a_signal_among_many(w, origin):
    """Documents whose pages are known already are not hurried through either."""
    serve(origin, range(30))
    for n in range(5000):
        w.put(f"{n % 50}/{n}.md", document(n % 30, f"http://127.0.0.{2 + n % 30}:{origin.port}/{n % 30}.html"))
    p = w.start("--once")
    time.sleep(0.6)
    p.send_signal(signal.SIGTERM)
    began = time.monotonic()
    out, err = p.communicate()
    if p.returncode != 143 or out or err or time.monotonic() - began > 2:
        yield f"exit {p.returncode} after {time.monotonic() - began:.1f} s: {out}{err}"


@test
def max_time(w, origin):
    names = put(w, origin, 10)
    serve(origin, range(5), {"delay": LATE + 2})
    began = time.monotonic()
    p = w.run("--once", "--max-time", "2s", "-v")
    yield from ended(p, 0, None, "stopped by --max-time")
    if time.monotonic() - began > LATE or state_of(w, names) != (5, 5, 0):
        yield f"after {time.monotonic() - began:.1f} s: {state_of(w, names)}"
    serve(origin, range(5))
    yield from ended(w.run("--once"), 0, "", "")
    if state_of(w, names) != (10, 0, 0):
        yield f"the next run: {state_of(w, names)}"


# ---- what a run says, and what it is about ----

@test
def report_and_json(w, origin):
    put(w, origin, 5)
    w.put("bad.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    w.put(b"latin-\xe9.md".decode("utf-8", "surrogateescape"), b"---\ntitle: \xe9\noriginalUrl: http://127.0.0.2/\n---\n")
    report = w.work + "/report"
    p = w.run("--once", "--json", "--report", report)
    yield from ended(p, 0, "")
    lines = [json.loads(l) for l in p.stdout.splitlines()]
    if [json.loads(l) for l in open(report)] != lines:
        yield "report and --json differ"
    kinds = sorted(e["event"] for e in lines)
    if kinds != ["document"] * 5 + ["fetch"] * 5 + ["image"] * 5 + ["problem"] * 2 + ["summary"] or lines[-1]["event"] != "summary":
        yield f"events: {kinds}"
    if lines[-1]["changed"] != 5 or lines[-1]["fields"] != 10 or lines[-1]["refused"] != 2:
        yield f"summary: {lines[-1]}"
    # killed: the old report stays, whole
    before = open(report).read()
    put(w, origin, 5, meta={"delay": LATE})
    p = w.start("--once", "--force", "--report", report)
    time.sleep(1)
    p.kill()
    p.communicate()
    if open(report).read() != before:
        yield "a killed run changed the report"
    yield from ended(w.run("--once", "--report", w.work + "/no/such/folder"), 73, "ingestd: .*such/folder", "")


@test
def only(w, origin):
    names = put(w, origin, 6)
    os.mkdir(w.content + "/old")
    os.rename(w.content + "/005.md", w.content + "/old/005.md")
    asked = len(origin.asked())
    yield from ended(w.run("--once", "--only", "old/*"), 0, "", "")
    yield from ended(w.run("--once", "--only", "127.0.0.3"), 0, "", "")
    yield from ended(w.run("--once", w.content + "/002.md"), 0, "", "")
    names[5] = "old/005.md"
    if state_of(w, names) != (3, 3, 0) or len(origin.asked()) - asked != 3 * 3:  # each of a host of its own, with its robots.txt and a picture
        yield f"{state_of(w, names)}, asked {origin.asked()[asked:]}"
    yield from ended(w.run("--once"), 0, "", "")
    if state_of(w, names) != (6, 0, 0) or len(origin.asked()) - asked != 6 * 3:
        yield f"{state_of(w, names)}, asked {origin.asked()[asked:]}"


@test
def only_a_host(w, origin):
    """The links of other hosts stay as they are, to a value's last space, and are not put down as looked at."""
    open(w.config, "a").write("policy: {title: tidy}\n")
    serve(origin, [1, 2])
    more = f'related:\n  - title: "Two  \u2009spaces"\n    excerpt:\n    originalUrl: http://127.0.0.4:{origin.port}/2.html\n'
    w.put("a.md", document(1, f"http://127.0.0.3:{origin.port}/1.html", more))
    yield from ended(w.run("--once", "--only", "127.0.0.3"), 0, "", "")
    text = open(w.content + "/a.md", encoding="utf-8").read()
    if not filled(1, text.encode()) or more not in text:
        yield text
    yield from ended(w.run("--once"), 0, "", "")
    text = open(w.content + "/a.md", encoding="utf-8").read()
    if "Two spaces" not in text or "Harbour board 2" not in text:
        yield text


@test
def complaints_of_a_part(w, origin):
    """Told once, whichever documents the run is about."""
    put(w, origin, 2)
    for name in ("a", "b"):
        w.put(name + "/bad.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    yield from ended(w.run("--once", w.content + "/a"), 0, r"^a/bad.md:\d+:\d+: .*\n$", "")
    yield from ended(w.run("--once", w.content + "/a"), 0, "", "")
    yield from ended(w.run("--once", "--dry-run", "-q"), 0, "", "")
    yield from ended(w.run("--once"), 0, r"^b/bad.md:\d+:\d+: .*\n$", "")
    yield from ended(w.run("--once", w.content + "/a"), 0, "", "")
    yield from ended(w.run("--once"), 0, "", "")
    # mended, and broken again: new
    w.put("a/bad.md", b"---\ntitle: a\n---\n")
    yield from ended(w.run("--once"), 0, "", "")
    w.put("a/bad.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    yield from ended(w.run("--once"), 0, r"^a/bad.md:\d+:\d+: .*\n$", "")


@test
def several_folders(w, origin):
    """Where there are several, a line says which document is meant."""
    bad = b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n"
    other = w.work + "/other"
    os.mkdir(other)
    text = open(w.config).read().replace(f"[{w.content}]", f"[{w.content}, {other}]")
    open(w.config, "w").write(text)
    w.put("x.md", bad)
    yield from ended(w.run("--once"), 0, f"^{w.content}/x.md:4:1: .*\n$", "")
    open(other + "/x.md", "wb").write(bad)
    yield from ended(w.run("--once"), 0, f"^{other}/x.md:4:1: .*\n$", "")
    yield from ended(w.run("--once"), 0, "", "")


@test
def force(w, origin):
    put(w, origin, 1)
    w.put("dead.md", document(9, f"http://127.0.0.9:{origin.port}/dead.html"))
    yield from ended(w.run("--once"), 0, r"dead.md: .*404", "")
    asked = len(origin.asked())
    yield from ended(w.run("--once"), 0, "", "")
    if origin.asked()[asked:]:
        yield f"asked for {origin.asked()[asked:]}"
    origin.page("127.0.0.9/dead.html", article(9))
    yield from ended(w.run("--once", "--force"), 0, "", "")
    if not filled(9, open(w.content + "/dead.md", "rb").read()):
        yield "not filled by --force"


@test
def dry_run_and_colour(w, origin):
    names = put(w, origin, 2)
    before = tree(w.content)
    p = w.run("--once", "--dry-run", "--check")
    yield from ended(p, 1, "", r"(?s)^2 documents: 2 would change.*--- .*000\.md.*\n\+excerpt: .*\n\+images:")
    if tree(w.content) != before or "\033" in p.stdout:
        yield "it wrote, or coloured a pipe"
    for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, None)):
        # a terminal: script(1)'s, in which lines end with CR LF
        p = subprocess.run(["script", "-qec", " ".join(w.command("--once", "--dry-run")), "/dev/null"], env={**w.env, "TERM": "xterm", **more},
                           capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if coloured is not None and ("\033[32m" in p.stdout or "\033[3" in p.stdout) != coloured:
            yield f"{more}: coloured is not {coloured}: {p.stdout[:2000]!r}"
    yield from ended(w.run("--once"), 0, "", "")
    yield from ended(w.run("--once", "--dry-run", "--check"), 0, "", "2 documents: 0 would change")
    if state_of(w, names) != (2, 0, 0):
        yield "not filled"


@test
def quiet_and_verbose(w, origin):
    put(w, origin, 1)
    w.put("bad.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    yield from ended(w.run("--once", "-v"), 0, r"(?s)(?=.*000\.md: set excerpt, images)(?=.*/0\.html: page 200 article)(?=.*bad\.md:)", "1 changed")
    yield from ended(w.run("--once", "-v"), 0, "", "2 unchanged")
    w.put("new.md", b"---\ntitle: [\noriginalUrl: http://127.0.0.2/\n---\n")
    yield from ended(w.run("--once", "--dry-run", "-q"), 0, "", "")


# ---- taking back, explaining ----

def undone(w, origin, args, names, expect, value="excerpt"):
    p = w.run("undo", *args)
    yield from ended(p, 0, "")
    got = [n for n in names if value.encode() not in open(os.path.join(w.content, n), "rb").read()]
    if got != expect:
        yield f"undo {args} took back {got}, not {expect}: {p.stdout}"


@test
def undo(w, origin):
    names = put(w, origin, 4)
    before = tree(w.content)
    yield from ended(w.run("--once", w.content + "/000.md", w.content + "/001.md"), 0, "", "")
    yield from ended(w.run("--once"), 0, "", "")
    full = tree(w.content)
    # what a person changed since stays; what stands beside it goes
    text = full["001.md"].replace(b"Harbour board 1 must decide", b"The board must decide")
    w.put("001.md", text)
    yield from ended(w.run("undo", "--run", "1", "--dry-run"), 0, "", "(?s)1 values? .*stay")
    yield from undone(w, origin, ["--run", "1"], names, ["000.md"])
    if tree(w.content)["000.md"] != before["000.md"]:
        yield "000.md is not what it was"
    now = tree(w.content)["001.md"]
    if b"The board must decide" not in now or b"/img/1.jpg" in now:
        yield f"001.md: {now.decode()}"
    asked = len(origin.asked())
    yield from ended(w.run("--once"), 0, "", "")
    yield from ended(w.run("--once", "--force"), 0, "", "")
    if tree(w.content)["000.md"] != before["000.md"] or tree(w.content)["001.md"] != now:
        yield "the next run wrote again what was undone"
    yield from undone(w, origin, ["--host", "127.0.0.4"], names, ["000.md", "002.md"])
    yield from undone(w, origin, [w.content + "/003.md"], names, ["000.md", "002.md", "003.md"])
    if {n: t for n, t in tree(w.content).items() if n != "001.md"} != {n: t for n, t in before.items() if n != "001.md"}:
        yield "not what it was"
    yield from ended(w.run("--once"), 0, "", "")
    yield from undone(w, origin, ["--run", "1"], names, ["000.md", "002.md", "003.md"])
    if origin.asked()[asked:] and len(origin.asked()) - asked > 4:
        yield f"asked for {origin.asked()[asked:]}"
    yield from ended(w.run("undo", "--run", "99"), 0, "", "")
    yield from ended(w.run("undo", w.work + "/nowhere"), 66, "nowhere")


@test
def undo_last(w, origin):
    """Without a choice it is the last run that wrote; its number is in the summary."""
    names = put(w, origin, 3)
    before = tree(w.content)
    yield from ended(w.run("--once", "-v", w.content + "/000.md"), 0, None, "^run 1: ")
    yield from ended(w.run("--once", "-v"), 0, None, "^run 2: ")
    yield from ended(w.run("--once"), 0, "", "")
    yield from undone(w, origin, [], names, ["001.md", "002.md"])
    if tree(w.content)["001.md"] != before["001.md"]:
        yield "001.md is not what it was"
    yield from undone(w, origin, [], names, ["001.md", "002.md"])


@test
def odd_names(w, origin):
    """Whatever a file is called or says: whole events, diffs that git takes, and nothing that a terminal would obey."""
    names = [n.encode() for n in ("new\nline", "a\tab", "sp ace", 'a"quote', "back\\slash", "esc\033[31m", "c1\x9b31m", "\u00e4" * 126, "-x")] + [b"latin-\xe9"]
    names = [os.fsdecode(n + b".md") for n in names]
    for n, name in enumerate(names):
        origin.page(f"127.0.0.{2 + n}/{n}.html", article(n))
        w.put(name, document(n, f"http://127.0.0.{2 + n}:{origin.port}/{n}.html"))
    # a complaint that is cut inside a character, and one with what a terminal would obey
    w.put("cut.md", "---\ntitle: a\noriginalUrl: \"ftp://h/{}\"\n---\n".format("x" * 111 + "\u00e9" * 9).encode())
    w.put("obey.md", '---\ntitle: a\noriginalUrl: "ftp://h/\\x9b31m\\x1b[31m"\n---\n'.encode())
    os.mkfifo(w.content + os.fsdecode(b"/pipe-\xe9\033.md"))
    p = w.run("--once", "--dry-run", "--json")
    yield from ended(p, 0, "")
    events = [json.loads(l) for l in p.stdout.splitlines()]
    kinds = {k: [e for e in events if e["event"] == k] for k in ("document", "problem")}
    if len(kinds["document"]) != len(names) or len(kinds["problem"]) != 3 or len({e["path"] for e in kinds["document"]}) != len(names):
        yield f"events: {[(e['event'], e.get('path')) for e in events]}"
    if [e for e in kinds["document"] if "latin-\ufffd.md" == e["path"]] == []:
        yield f"paths: {[e['path'] for e in kinds['document']]}"
    for more in ({}, {"NO_COLOR": "1"}):
        p = subprocess.run(["script", "-qec", " ".join(w.command("--once", "--dry-run", "-v")), "/dev/null"], env={**w.env, "TERM": "xterm", **more},
                           capture_output=True, stdin=subprocess.DEVNULL)
        text = re.sub("\033\\[(1|3[126])?m|\r\033\\[K", "", p.stdout.decode("utf-8", "replace"))
        if not more and "would change" not in text or re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text):
            yield f"{more}: a terminal would obey {re.findall('.*[^ -~].*', text)[:3]!r} {text[:300]}"
    subprocess.run(["git", "init", "-q"], cwd=w.content, env=w.env, check=True)
    diff = subprocess.run(w.command("--once", "--dry-run"), env=w.env, capture_output=True).stdout
    p = subprocess.run(["git", "apply", "-"], cwd=w.content, env=w.env, input=diff[diff.index(b"\n--- ") + 1:] if b"\n--- " in diff else b"", capture_output=True)
    if p.returncode or not all(filled(n, open(os.path.join(w.content, name), "rb").read()) for n, name in enumerate(names)):
        yield f"git apply: {p.returncode} {p.stderr}"


@test
def edited_while_it_waits(w, origin):
    """A link that a person adds while the pages come is not taken for looked at."""
    names = put(w, origin, 2, meta={"delay": 2})
    p = w.start("--once")
    time.sleep(0.8)
    more = f"related:\n  - originalUrl: http://127.0.0.9:{origin.port}/7.html\n"
    origin.page("127.0.0.9/7.html", article(7))
    w.put("000.md", document(0, f"http://127.0.0.2:{origin.port}/0.html", more))
    p.communicate()
    w.run("--once")
    if b"Board number 7" not in open(w.content + "/000.md", "rb").read():
        yield "the link that was added waits for what the others wait for"
    yield from ended(w.run("--once"), 0, "", "")


@test
def undo_that_cannot(w, origin):
    """What could not be taken back is still there to be taken back."""
    names = put(w, origin, 1)
    before = tree(w.content)
    w.run("--once")
    os.link(w.content + "/000.md", w.work + "/other")
    yield from ended(w.run("undo", w.content + "/000.md"), 0, "000.md: .*link", None)
    os.unlink(w.work + "/other")
    yield from undone(w, origin, [w.content + "/000.md"], names, names)
    if tree(w.content) != before:
        yield "not what it was"


@test
def explain(w, origin):
    put(w, origin, 2)
    url = f"http://127.0.0.2:{origin.port}/0.html"
    path = w.content + "/000.md"
    yield from ended(w.run("explain", path), 0, "", "(?s)excerpt +missing.*nothing is known of it")
    yield from ended(w.run("explain", url), 0, "", "nothing is known of it")
    other = article(0, head='<meta name="date" content="2021-01-02">')
    origin.page("127.0.0.2/0.html", other)
    w.run("--once", "--dry-run")
    # another day is not the same
    yield from ended(w.run("explain", url), 0, "", "(?s)2021-01-02\n +from date, line \\d+; lost: another source is trusted more")
    for what in (path, url):
        yield from (f"{what}: {c}" for c in ended(w.run("explain", what), 0, "", "(?s)verdict: article.*excerpt\n +\\* +\\d+ .*from og:description.*lost: "))
    w.run("--once")
    yield from ended(w.run("explain", path), 0, "", "complete")
    yield from ended(w.run("explain", w.content), 64, "folder", "")
    asked = len(origin.asked())
    yield from ended(w.run("extract", url), 0, "", "Board number 0")
    yield from ended(w.run("extract", "--explain", url), 0, "", "(?s)verdict: article.*from og:description, line \\d+")
    asked += 1
    if len(origin.asked(asked + 1)) != asked + 1:
        yield f"extract asked for {origin.asked()[asked:]}"


@test
def explain_shows_nothing_raw(w, origin):
    """What a page, a document or a file's name holds is not obeyed by a terminal."""
    odd = "\033[31m\x9b32m\x7f"
    origin.page("127.0.0.2/0.html", article(0, f'<meta name="twitter:title" content="An {odd} odd title"><link rel="canonical" href="/{odd}">'))
    path = w.put(f"x{odd}.md", document(0, f"http://127.0.0.2:{origin.port}/0.html", 'related:\n  - originalUrl: "ftp://h/\\x9b\\e[31m"\n'))
    bad = w.put(f"y{odd}.md", b"---\ntitle: [\n---\n")
    w.run("--once")
    for args in [["explain", path], ["explain", bad], ["explain", w.content + "/" + odd], ["extract", "--explain", w.put("p.html", article(0, f"<title>{odd}</title>"))]]:
        p = w.run(*args)
        if p.returncode not in (0, 66) or re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", p.stdout + p.stderr):
            yield f"{args}: exit {p.returncode}: {re.findall('.*[^ -~].*', p.stdout + p.stderr)!r}"


@test
def report_into_what_is_no_file(w, origin):
    """A device (/dev/null), a pipe or a link (/dev/stdout) is written into, not put aside for a file."""
    put(w, origin, 1)
    link, pipe = w.work + "/link", w.work + "/pipe"
    os.symlink("target", link)
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    for name in (link, pipe):
        yield from ended(w.run("--once", "--report", name), 0, "", "")
    if not os.path.islink(link) or not os.path.exists(link) or '"summary"' not in open(link).read():
        yield "the link is no link any more, or leads to nothing"
    if not stat.S_ISFIFO(os.stat(pipe).st_mode) or b'"summary"' not in os.read(held, 65536):
        yield "the pipe is none any more, or is empty"
    os.close(held)
    p = w.run("--once", "--report", "/dev/stdout")
    yield from ended(p, 0, "", '"summary"')
    if [n for n in os.listdir(w.work) if ".ingestd-" in n]:
        yield f"left: {os.listdir(w.work)}"


def main():
    if not os.environ.get("COMMANDS_INSIDE"):
        args = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
        sys.exit(subprocess.run(args + [sys.executable, *sys.argv], env={**os.environ, "COMMANDS_INSIDE": "1"}).returncode)
    run_tests(test, sys.argv[1], sys.argv[2:], seconds=True)


if __name__ == "__main__":
    main()
