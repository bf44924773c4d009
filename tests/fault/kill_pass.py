#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills whole passes, and edits documents while passes run; looks at what is left.

    kill_pass.py INGESTD service [N [DOCUMENTS]]
                                         the service killed at N (8) random instants of its work on DOCUMENTS (60)
    kill_pass.py INGESTD random [N]      killed at N (15) random instants of a pass over 60 documents
    kill_pass.py INGESTD calls [all] [CALL...]
                                         killed at the k-th write, sync, rename, unlink of a thread; k grows fast,
                                         with `all` it takes every value
    kill_pass.py INGESTD race [SAVES]    editors save 50 documents SAVES (2000) times while passes run

After a kill every document is the old or the new one, byte for byte; the state opens; the next run ends with 0 and
in silence, completes every document, leaves no file of its own behind, asks for no page that the state already had;
the one after it asks for nothing. At the end everything is taken back: the documents are the old ones again.

The full runs: service 200 500; random 100; calls all; race 10000. `calls` needs strace: without it the test fails.
"""
import json, os, random, re, shutil, signal, sqlite3, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from world import Origin, World, article, document, filled, tree

DOCUMENTS = 60
CALLS = ["write", "pwrite64", "fsync", "fdatasync", "renameat", "renameat2", "unlinkat", "ftruncate"]


def fail(what):
    sys.exit("FAILED: " + what)


def host(n):
    return f"127.0.0.{2 + n % 30}"


class Passes:
    """Old and new documents, and a world that is put back for each round."""

    def __init__(self, program, documents=DOCUMENTS):
        self.origin, self.w = Origin(), World(program)
        self.old = {}
        for n in range(documents):
            name = f"{'ab'[n % 2]}/{n:02}.md"
            self.origin.page(f"{host(n)}/{n}.html", article(n))
            self.old[name] = document(n, f"http://{host(n)}:{self.origin.port}/{n}.html", "pad: " + "x" * (n % 60 * 200) + "\n")
        self.begin()
        began = time.monotonic()
        self.must(self.w.run("--once"), "the reference run")
        self.takes = time.monotonic() - began
        self.new = tree(self.w.content)
        if sorted(self.new) != sorted(self.old) or not all(filled(int(name[2:-3]), t) for name, t in self.new.items()):
            fail("the reference run did not fill all documents")

    def begin(self):
        for folder in (self.w.content, self.w.work + "/state"):
            shutil.rmtree(folder, ignore_errors=True)
        for name, text in self.old.items():
            self.w.put(name, text)
        self.asked = len(self.origin.asked())

    def requests(self):
        return self.origin.asked()[self.asked:]

    def must(self, p, where):
        if p.returncode or p.stderr or p.stdout:
            fail(f"{where}: exit {p.returncode}: {p.stderr}{p.stdout}")

    def stored(self):
        """What cache.db knows of, read from a copy, as HOST/TARGET."""
        with tempfile.TemporaryDirectory() as copy:
            for name in ("cache.db", "cache.db-wal"):
                if os.path.exists(f"{self.w.work}/state/{name}"):
                    shutil.copy(f"{self.w.work}/state/{name}", copy)
            try:
                db = sqlite3.connect(copy + "/cache.db")
                rows = [r[0] for r in db.execute("SELECT url FROM url")]
                db.close()
            except sqlite3.OperationalError:
                return []  # killed before there were tables
        rows = [re.sub(r"^robots:(.*)", r"\1/robots.txt", url) for url in rows]
        return [re.sub(r"^http://([^:/]+):\d+", r"\1", url) for url in rows]

    def serve(self, where):
        """The service, until all is done."""
        socket = self.w.work + "/state/service.sock"
        if os.path.exists(socket):
            os.unlink(socket)
        p = self.w.start("serve")
        end = time.monotonic() + 60
        while not os.path.exists(socket) and time.monotonic() < end:  # else SIGTERM may find no handler yet
            time.sleep(0.01)
        while tree_now(self.w.content) != self.new and time.monotonic() < end:
            time.sleep(0.02)
        p.send_signal(signal.SIGTERM)
        out, err = p.communicate(timeout=20)
        if p.returncode or err or out:
            fail(f"{where}: exit {p.returncode}: {err}{out}")

    def after_kill(self, where, serve=False):
        """Gives (new documents, leftovers, stored results)."""
        now = tree(self.w.content)
        new = left = 0
        for name, text in now.items():
            if name not in self.old:
                left += 1
                if ".ingestd-" not in name or "kept" in name:
                    fail(f"{where}: {name} lies there")
            elif text == self.new[name]:
                new += 1
            elif text != self.old[name]:
                fail(f"{where}: {name} is neither old nor new ({len(text)} bytes)")
        if not set(self.old) <= set(now):
            fail(f"{where}: {sorted(set(self.old) - set(now))} are gone")
        stored = self.stored()
        if serve:
            self.serve(f"{where}: the next service")
        else:
            self.must(self.w.run("--once"), f"{where}: the next run")
        asked = self.requests()  # by both runs: what the killed one asked last may be in the log only now
        again = [r for r in stored if asked.count(r) != 1]
        if again:
            fail(f"{where}: asked again for {again}, whose results were stored")
        if tree(self.w.content) != self.new:
            fail(f"{where}: after the next run: {[n for n, t in tree(self.w.content).items() if self.new.get(n) != t]}")
        self.must(self.w.run("--once"), f"{where}: the run after the next")
        if self.requests() != asked:
            fail(f"{where}: the run after the next asked again")
        return new, left, len(stored)

    def end(self, where):
        """Provenance is whole: all can be taken back."""
        p = self.w.run("undo", self.w.content)
        if p.returncode or tree(self.w.content) != self.old:
            fail(f"{where}: undo: exit {p.returncode}: {p.stderr}; "
                 f"{[n for n, t in tree(self.w.content).items() if self.old.get(n) != t]} are not as they were")
        self.w.close()
        self.origin.close()


def tree_now(folder):
    """tree(), while files come and go."""
    while True:
        try:
            return tree(folder)
        except FileNotFoundError:
            pass


def service_kills(program, count=8, documents=DOCUMENTS):
    passes = Passes(program, documents)
    passes.begin()
    began = time.monotonic()
    passes.serve("the reference service")
    takes = time.monotonic() - began
    total = [0, 0, 0]
    for i in range(count):
        passes.begin()
        p = passes.w.start("serve")
        time.sleep(random.uniform(0, takes))
        p.send_signal(signal.SIGKILL)
        p.communicate()
        total = [a + b for a, b in zip(total, passes.after_kill(f"kill {i}", serve=True))]
    print(f"the service killed at {count} random instants of {takes:.2f} s of work on {documents} documents: {total[0]} of "
          f"{count * documents} documents new, the others old, {total[1]} leftovers, all gone after the next; {total[2]} results "
          f"stored, none asked for again")
    passes.end("at the end")


def random_kills(program, count=15):
    passes = Passes(program)
    total = [0, 0, 0]
    for i in range(count):
        passes.begin()
        p = passes.w.start("--once")
        time.sleep(random.uniform(0, passes.takes))
        p.send_signal(signal.SIGKILL)
        p.communicate()
        total = [a + b for a, b in zip(total, passes.after_kill(f"kill {i}"))]
        if i % 10 == 0:  # taken back after a pass that was killed
            passes.must(passes.w.run("undo", passes.w.content), f"kill {i}: undo")
            if tree(passes.w.content) != passes.old:
                fail(f"kill {i}: undo left {[n for n, t in tree(passes.w.content).items() if passes.old.get(n) != t]}")
    print(f"{count} kills at random instants of a pass that takes {passes.takes:.2f} s: {total[0]} of {count * DOCUMENTS} documents new, "
          f"the others old, {total[1]} leftovers, all gone after the next run; {total[2]} results stored, none asked for again")
    passes.begin()
    passes.must(passes.w.run("--once"), "the last run")
    passes.end("at the end")


def kills_at_calls(program, *options):
    every, calls = "all" in options, [o for o in options if o != "all"] or CALLS
    if not shutil.which("strace"):
        fail("no strace here")
    passes = Passes(program)
    # leaks cannot be looked for while traced; strace counts each thread's calls, so one thread shall make them all
    traced = {**passes.w.env, "ASAN_OPTIONS": "detect_leaks=0", "UV_THREADPOOL_SIZE": "1"}
    print(f"{'killed at':10} {'k':>12} {'kills':>6} {'new':>6} {'of':>6} {'leftovers':>10} {'stored':>7}")
    for call in calls:
        total, kills, k, last = [0, 0, 0], 0, 1, 0
        while k < 4000:
            passes.begin()
            got = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                  f"inject={call}:signal=SIGKILL:when={k}", *passes.w.command("--once")],
                                 env=traced, capture_output=True, text=True)
            if got.returncode == 0:
                break
            if got.returncode not in (-9, 137):
                fail(f"{call} {k}: exit {got.returncode}: {got.stderr}")
            total = [a + b for a, b in zip(total, passes.after_kill(f"kill at {call} {k}"))]
            kills, last = kills + 1, k
            k += 1 if every else k + k // 2 + 1
        print(f"{call:10} {'1 to ' + str(last):>12} {kills:6} {total[0]:6} {kills * DOCUMENTS:6} {total[1]:10} {total[2]:7}", flush=True)
        if not kills and call not in ("renameat", "ftruncate"):
            fail(f"no thread ever calls {call}: the test has lost its subject")
    passes.begin()
    passes.must(passes.w.run("--once"), "the last run")
    passes.end("at the end")


class Editor(threading.Thread):
    """Saves some documents as fast as it can, an edit more each time; knows nothing of what others write there, and
    looks before each save whether its last edit is still there."""

    def __init__(self, w, names, texts, saves):
        super().__init__()
        self.w, self.names, self.texts, self.saves, self.done, self.lost, self.kept = w, names, texts, saves, dict.fromkeys(names, 0), [], 0

    def holds(self, name, edit):
        """Whether the edit is in the document, or in a file kept for the person; both may be underway for a moment."""
        folder = os.path.join(self.w.content, os.path.dirname(name))
        for _ in range(200):
            for each in sorted(os.listdir(folder), key=lambda n: n != os.path.basename(name)):
                if each == os.path.basename(name) or ".ingestd-kept-" in each and each.startswith(os.path.basename(name)):
                    try:
                        with open(os.path.join(folder, each), "rb") as f:
                            if b"edit %d.\n" % edit in f.read():
                                self.kept += each != os.path.basename(name)
                                return True
                    except FileNotFoundError:
                        pass
            time.sleep(0.01)
        return False

    def save(self, name):
        path, edit = os.path.join(self.w.content, name), self.done[name] + 1
        text = self.texts[name] + b"edit %d.\n" % edit
        way = random.randrange(3)
        if way == 0:
            with open(path, "r+b", 0) as f:
                f.truncate()
                f.write(text)
        elif way == 1:
            with open(path, "r+b", 0) as f:
                f.write(text)
                f.truncate(len(text))
        else:
            with open(path + "~", "wb", 0) as f:
                f.write(text)
            os.rename(path + "~", path)
        self.done[name] = edit

    def run(self):
        while sum(self.done.values()) < self.saves:
            name = random.choice(self.names)
            if self.done[name] and not self.holds(name, self.done[name]):
                self.lost.append((name, self.done[name]))
            self.save(name)
            time.sleep(random.choice((0, 0.001, 0.005, 0.02, 0.1)))


def race(program, saves=2000):
    origin, w = Origin(), World(program)
    names = [f"{n:02}.md" for n in range(50)]
    texts = {}
    for n, name in enumerate(names):
        origin.page(f"{host(n)}/{n}.html", article(n))
        texts[name] = document(n, f"http://{host(n)}:{origin.port}/{n}.html")
        w.put(name, texts[name])
    editors = [Editor(w, names[i::10], texts, saves // 10) for i in range(10)]
    for editor in editors:
        editor.start()
    count = {"runs": 0, "changed": 0, "dropped": 0, "refused": 0}
    while any(e.is_alive() for e in editors):
        p = w.run("--once", "--json")
        if p.returncode:
            fail(f"a run ended with {p.returncode}: {p.stderr}")
        summary = json.loads(p.stdout.splitlines()[-1])
        count["runs"] += 1
        for key in ("changed", "dropped", "refused"):
            count[key] += summary[key]
    for editor in editors:
        editor.join()
        for name, edit in editor.done.items():
            if edit and not editor.holds(name, edit):
                editor.lost.append((name, edit))
    lost, kept = [l for e in editors for l in e.lost], sum(e.kept for e in editors)
    print(f"{sum(sum(e.done.values()) for e in editors)} saves in place and by rename against {count['changed']} replacements in "
          f"{count['runs']} runs, {count['dropped']} given up for an edit, {count['refused']} read half saved; "
          f"edits lost: {len(lost)}, in kept files: {kept}")
    if lost:
        fail(f"lost: {lost[:20]}")
    p = w.run("--once")
    stray = [n for n in tree(w.content) if n not in names and "-kept-" not in n]
    bad = [n for n, name in enumerate(names) if not filled(n, open(os.path.join(w.content, name), "rb").read())]
    if p.returncode or p.stderr or stray or (bad and not kept):
        fail(f"at rest: exit {p.returncode}: {p.stderr}; {stray} left, {bad} not filled")
    if count["changed"] < saves / 20:
        fail("too few replacements: nothing was tested")
    w.close()
    origin.close()


if sys.argv[2] == "calls":
    kills_at_calls(sys.argv[1], *sys.argv[3:])
else:
    {"service": service_kills, "random": random_kills, "race": race}[sys.argv[2]](sys.argv[1], *map(int, sys.argv[3:]))
