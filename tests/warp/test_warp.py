#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The virtual clock keeps its promises.

    test_warp.py LIBRARY WARP_PROBE INGESTD"""
import json, os, socket, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from warp import Warp
from world import Judge, Origin, World, article, document, filled, tree

LIBRARY, PROBE, PROGRAM = sys.argv[1:4]
DAY = 86400


def probe(clock, *args):
    began, now = time.monotonic(), clock.now()
    run = subprocess.run([PROBE, *args], env={**os.environ, **clock.env}, capture_output=True, text=True, timeout=60)
    return run.stdout.strip(), time.monotonic() - began, clock.now() - now


def a_day():
    """Timers, pool and conditions come when they should, and nobody waits for them."""
    clock = Warp(LIBRARY, free=True)
    said, real, virtual = probe(clock, "day")
    clock.close()
    print(f"       {virtual:.1f} s of clock in {real:.2f} s")
    yield said != "ok" and said
    yield not DAY <= virtual < DAY + 60 and f"{virtual} s have passed"
    yield real > 5 and f"it took {real} s"  # 0.5 s on an idle machine


def an_answer():
    """What is in flight is waited for at real speed."""
    clock, server = Warp(LIBRARY, free=True), socket.create_server(("127.0.0.1", 0))

    def serve():
        with server.accept()[0] as s:
            time.sleep(0.3)
            s.send(b"x")
    threading.Thread(target=serve).start()
    said, _, virtual = probe(clock, "answer", str(server.getsockname()[1]))
    clock.close()
    yield said != "ok" and said
    yield not 0.3 < virtual < 10 and f"{virtual} s have passed"


def the_limit():
    """Nobody gets past what the test allows; and a clock that is set back changes no waiting."""
    clock = Warp(LIBRARY)
    p = subprocess.Popen([PROBE, "day"], env={**os.environ, **clock.env}, stdout=subprocess.PIPE, text=True)
    began = clock.now()
    yield not clock.run_until(began + 3 * 3600 + 900) and "it does not come to rest"
    yield not 0 <= clock.now() - began - 3 * 3600 - 900 < 30 and f"{clock.now() - began} s have passed"
    clock.limit(2 ** 32)
    yield p.communicate(timeout=60)[0] != "ok\n" and "the rest of the day"
    for year, at in (("1970", 0), ("2100", 4102444800)):
        clock.set(at)
        said = subprocess.run(["date", "+%Y"], env={**os.environ, **clock.env}, capture_output=True, text=True).stdout.strip()
        yield said != year and f"it is {said}, not {year}"
    clock.close()


def a_pass():
    """The program itself: a gap of 20 s between pages and pictures is kept, and not waited for."""
    clock = Warp(LIBRARY, free=True)
    origin, w = Origin(clock=clock), World(PROGRAM)
    text = open(w.config).read().replace("gap: 0s, connections: 16", "gap: 20s, connections: 1")
    open(w.config, "w").write(text)
    w.env.update(clock.env)
    try:
        for n in range(20):
            origin.page(f"127.0.0.2/{n}.html", article(n))
            w.put(f"{n}.md", document(n, f"http://127.0.0.2:{origin.port}/{n}.html"))
        began = time.monotonic()
        run = w.run("--once")
        real = time.monotonic() - began
        times = [json.loads(line)["time"] for line in open(origin.log_path)]
        print(f"       {len(times)} requests over {times[-1] - times[0]:.0f} s of clock in {real:.2f} s")
        yield run.returncode and f"exit {run.returncode}: {run.stderr}"
        yield [n for n, t in tree(w.content).items() if not filled(int(n[:-3]), t)]
        yield len(times) != 41 and f"{len(times)} requests"
        yield min([b - a for a, b in zip(times, times[1:])], default=0) < 20 and f"gaps: {[b - a for a, b in zip(times, times[1:])]}"
        yield real > 20 and f"it took {real} s"
    finally:
        w.close()
        origin.close()
        clock.close()


judge = Judge()
for test in (a_day, an_answer, the_limit, a_pass):
    judge.check(test.__name__, list(test()))
judge.end()
