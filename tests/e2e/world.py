# SPDX-License-Identifier: MIT
"""A content folder, its configuration and state in a temporary folder, and an origin: what end-to-end tests share."""
import json, os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))


def tree(folder):
    """{relative path: bytes} of the regular files below folder."""
    found = {}
    for d, _, files in os.walk(folder):
        for path in (os.path.join(d, f) for f in files):
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    found[os.path.relpath(path, folder)] = open(path, "rb").read()
                except FileNotFoundError:
                    pass  # a service may be writing
    return found


class Origin:
    """tests/e2e/origin.py in a process of its own; pages are put below self.root/HOST/."""

    def __init__(self, *options, bind="127.0.0.1-40", clock=None, program=os.path.join(HERE, "origin.py")):
        """clock: a Warp of tests/warp, whose time the log shows."""
        if clock:
            options += ("--clock", clock.path)
        self.root = tempfile.mkdtemp(prefix="ingestd-origin-")
        self.log_path = self.root + ".log"
        self.process = subprocess.Popen([sys.executable, program, "--root", self.root, "--bind", bind,
                                         "--log", self.log_path, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello = json.loads(self.process.stdout.readline())
        self.port = self.hello["port"]

    def put(self, pages):
        """Serves what lies in this folder (HOST/PATH), and nothing else, from now on; @PORT@ becomes the port."""
        shutil.rmtree(self.root)
        os.mkdir(self.root)
        if os.path.isdir(pages):
            for name, body in tree(pages).items():
                self.page(name, body.replace(b"@PORT@", str(self.port).encode()))

    def page(self, name, body, meta=None):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(body)
        if meta:
            json.dump(meta, open(path + ".meta", "w"))
        elif os.path.exists(path + ".meta"):
            os.unlink(path + ".meta")

    def asked(self, at_least=0):
        """Every request so far as HOST/TARGET. The log follows the answer: waits a moment for so many."""
        end = time.monotonic() + 5
        while True:
            rows = [line for line in open(self.log_path)] if os.path.exists(self.log_path) else []
            if len(rows) >= at_least or time.monotonic() > end:
                break
            time.sleep(0.02)
        rows = [json.loads(line) for line in rows if line.endswith("\n")]
        return [r["host"].rsplit(":", 1)[0] + r["target"] for r in rows]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        shutil.rmtree(self.root, ignore_errors=True)
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)


ARTICLE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Board number {n} weighs the future of the pier</title>
<meta property="og:type" content="article"><meta property="og:title" content="Board number {n} weighs the future of the pier">
<meta property="og:description" content="{excerpt}">
<meta property="og:image" content="/img/{n}.jpg"><meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">
<meta property="article:published_time" content="2024-05-07T20:30:00+02:00">{head}</head><body><main><article>
<h1>Board number {n} weighs the future of the pier</h1>
<p>Harbour board {n} met on Tuesday evening to decide how the old ferry pier should be used once the new terminal opens.</p>
<p>Members heard from fishermen, from the sailing school and from {n} families who have lived beside the pier for years.</p>
<p>A vote is expected before the end of the month, the chair said, although several members asked for more time to read.</p>
</article></main>{tail}</body></html>
"""
EXCERPT = ("Harbour board {n} must decide within a month what becomes of the old ferry pier, and the neighbours, the fishermen and "
           "the sailing school each have their own idea of it.")


def article(n, head="", tail=""):
    """A page that fills document(n, ...)."""
    return ARTICLE.format(n=n, excerpt=EXCERPT.format(n=n), head=head, tail=tail).encode()


def document(n, url, more=""):
    """A document without excerpt and images."""
    return f"""---
category: news
title: "Board number {n} weighs the future of the pier"
publishedDateTime: 2024-05-07T18:30:00Z
originalUrl: "{url}"
webUrl: "{url}"
type: article
{more}published: false   # mine

provider:
  name: The Harbour Gazette
  domain: 127.0.0.2
---

The body of {n}.
""".encode()


def filled(n, text):
    """Whether text is document(n, ...) with what the page says, and all that was there before."""
    lines = text.decode("utf-8", "replace").splitlines()
    return EXCERPT.format(n=n) in text.decode("utf-8", "replace") and f"/img/{n}.jpg" in text.decode("utf-8", "replace") and \
        all(l in lines for l in document(n, "").decode().splitlines() if "Url" not in l)


NOBODY = 65534


class World:
    """user: run the program as this user instead of root, who may read and write everything."""

    def __init__(self, program, more="", user=None, parent=None):
        self.program = os.path.abspath(program)
        self.user = user if os.geteuid() == 0 else None
        self.work = tempfile.mkdtemp(prefix="ingestd-world-", dir=parent)
        self.content = os.path.join(self.work, "content")
        os.mkdir(self.content)
        self.config = os.path.join(self.work, "ingestd.yaml")
        open(self.config, "w").write(f"content: [{self.content}]\nstate: {self.work}/state\nallow-networks: [127.0.0.0/8]\n"
                                     "pace: {gap: 0s, connections: 16}\n" + more)
        self.env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.work}
        self.started = []
        self.env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})

    def put(self, name, text):
        """A file of the content folder."""
        path = os.path.join(self.content, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(text)
        return path

    def own(self):
        """Gives all that is there to the user that the program runs as."""
        if self.user is not None:
            subprocess.run(["chown", "-Rh", f"{self.user}:{self.user}", self.work], check=True)

    def command(self, *args):
        su = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user is not None else []
        return [*su, self.program, args[0], "--config", self.config, *args[1:]]

    def start(self, *args, **more):
        self.started.append(subprocess.Popen(self.command(*args), env={**self.env, **more}, stdout=subprocess.PIPE,
                                             stderr=subprocess.PIPE, encoding="utf-8", errors="replace"))
        return self.started[-1]

    def run(self, *args, timeout=120, **more):
        """stdout and stderr are text whatever bytes they hold. more: of the environment."""
        return subprocess.run(self.command(*args), env={**self.env, **more}, capture_output=True, encoding="utf-8", errors="replace",
                              timeout=timeout)

    def close(self):
        """What a test that failed has left running ends too."""
        for p in self.started:
            if p.poll() is None:
                p.kill()
                p.wait()
        shutil.rmtree(self.work, ignore_errors=True)


class Judge:
    """Counts checks; prints each that fails, and at the end how many there were."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, complaints):
        complaints = [c for c in complaints if c]
        self.passed += not complaints
        self.failed += bool(complaints)
        print("FAILED" if complaints else "ok    ", name)
        for c in complaints:
            print("    " + str(c).replace("\n", "\n    "))
        sys.stdout.flush()

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(bool(self.failed) or not self.passed)


class Tests(list):
    """The functions of a file that are marked with it: `test = Tests()`, then `@test`."""

    def __call__(self, function):
        self.append(function)
        return function


def run_tests(tests, program, names=(), *, without=None, guards=(), seconds=False):
    """Calls each with a World and an Origin of its own, those of these names alone if there are any; it gives the complaints
    that it has. without: a program without what protects it, with which those of guards have to complain as well, each of
    function.rows (or one). seconds: tells how long each took. Ends the program."""
    judge = Judge()
    for function in tests:
        if names and function.__name__ not in names:
            continue
        for which in (program, without if function in guards else None):
            if not which:
                continue
            w, origin = World(which), Origin()
            began = time.monotonic()
            try:
                complaints = list(function(w, origin))
            finally:
                origin.close()
                w.close()
            name = function.__name__ + (f" ({time.monotonic() - began:.1f} s)" if seconds else "")
            if which == without:
                name += " (without)"
                least, got = getattr(function, "rows", 1), len(complaints)
                complaints = [] if got >= least else [f"without its protection it fails {got} times, not {least}", *complaints]
            judge.check(name, complaints)
    judge.end()
