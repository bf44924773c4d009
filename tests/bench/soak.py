#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The service through days, on a clock that jumps over the waiting (tests/warp): memory, descriptors, requests.

    soak.py INGESTD WARP_LIBRARY [DAYS (7)] [DOCUMENTS (300)]

Each day brings new documents, some pages change, some documents are edited. At the end the clock says 2100 for a day
and 1970 for another, and is right again. Fails when memory or descriptors grow, or when a wrong clock brings a burst.
"""
import os, re, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), d) for d in ("e2e", "warp")]
from world import Origin, World, article, document
from warp import Warp

DAY = 86400
HOSTS = 30


def page(origin, n, published, head=""):
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(published)).encode()
    origin.page(f"127.0.0.{2 + n % HOSTS}/{n}.html", article(n, head).replace(b"2024-05-07T20:30:00+02:00", date))


def main():
    program, library = sys.argv[1:3]
    days, count = [int(a) for a in sys.argv[3:5]] + [7, 300][len(sys.argv) - 3:]
    clock = Warp(library)
    w, origin = World(program, more="policy: {excerpt: refresh}\nbudget: 60\n"), Origin(clock=clock)
    w.env.update(clock.env)
    made, born = 0, {}

    def new(more, at):
        nonlocal made
        for _ in range(more):
            born[made] = at
            page(origin, made, at)
            w.put(f"{made % 7}/{made:04}.md", document(made, f"http://127.0.0.{2 + made % HOSTS}:{origin.port}/{made}.html"))
            made += 1

    begin = clock.now()
    new(count, begin - 3 * DAY)
    err = open(w.work + "/stderr", "w+")
    p = subprocess.Popen(w.command("serve"), env=w.env, stdout=err, stderr=err)
    asked, rows = 0, []

    def live(name, until):
        nonlocal asked
        if not clock.run_until(until):
            print(f"{name}: the clock does not get there")
        status = open(f"/proc/{p.pid}/status").read()
        memory, anon = (int(re.search(k + r":\s+(\d+)", status)[1]) for k in ("VmRSS", "RssAnon"))
        descriptors = len(os.listdir(f"/proc/{p.pid}/fd"))
        now = len(origin.asked())
        rows.append((name, memory, anon, descriptors, now - asked))
        print(f"{name:12} {memory:7} kB ({anon} of its own), {descriptors:3} descriptors, {now - asked:5} requests, {made} documents", flush=True)
        asked = now

    for day in range(1, days + 1):
        live(f"day {day}", begin + day * DAY)
        at = clock.now()
        new(20, at)
        for n in range(day % 5, made, 10):
            page(origin, n, born[n], f"<!-- day {day} -->")
        for n in range(day % 7, made, 50):
            with open(os.path.join(w.content, f"{n % 7}/{n:04}.md"), "ab") as f:
                f.write(b"Edited.\n")
    now = clock.now()
    clock.set(4102444800)
    live("2100", 4102444800 + DAY)
    clock.set(now + DAY)
    live("right again", clock.now() + DAY)
    clock.set(3600)
    live("1970", 3600 + DAY)
    clock.set(now + 3 * DAY)
    live("right again", clock.now() + DAY)
    p.send_signal(signal.SIGTERM)
    p.wait(20)
    err.seek(0)
    said = err.read()
    bad = [f"exit {p.returncode}: {said[-2000:]}"] if p.returncode else []
    steady = rows[1:days]
    if max(r[2] for r in steady[len(steady) // 2:]) > 1.2 * max(r[2] for r in steady[:len(steady) // 2 + 1]) + 1000:
        bad.append("its memory grows")
    if max(r[3] for r in steady) > min(r[3] for r in steady) + 4:
        bad.append("descriptors grow")
    if max(r[4] for r in rows[days:]) > 60 * 24 * 2 + 200:
        bad.append("a burst at a wrong clock")
    print("\n".join(bad) or "flat")
    print(f"said: {said!r}"[:600])
    clock.close()
    origin.close()
    w.close()
    sys.exit(bool(bad))


main()
