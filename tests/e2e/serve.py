#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The service: what appears, changes and is due is worked on; signals; one at a time.

    serve.py INGESTD [NAME...]

Each function marked @test gets a world and an origin of its own and gives the complaints that it has.
"""
import os, re, signal, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import Judge, Origin, World, article, document, filled, tree

TESTS = []


def test(function):
    TESTS.append(function)
    return function


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
    judge = Judge()
    for function in TESTS:
        if names and function.__name__ not in names:
            continue
        w, origin = World(program), Origin()
        try:
            judge.check(function.__name__, function(w, origin))
        finally:
            origin.close()
            w.close()
    judge.end()


if __name__ == "__main__":
    main()
