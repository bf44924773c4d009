#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The access log of a town of sites (town.py) over a simulated month, judged by rules.py.

    month.py LIBRARY INGESTD [--days N] [--every HOURS] [--log FILE] [--service]

`--once` as cron starts it, every HOURS (6) for N (45) days, on the clock of tests/warp; each day somebody writes a document
more. --service: one that lives all the time instead. Prints each rule, how many lines it has judged, and each complaint."""
import argparse, json, os, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "warp")]
import rules
import town
from warp import Warp
from world import Judge, Origin, World, document

HOUR, DAY = 3600, 86400


def links():
    """(site, target) of all documents, site by site in turns."""
    return [(site, f"/{n + 1}") for n in range(20) for site in town.SITES if n < town.PAGES.get(site, town.PAGES_USUALLY)]


def known(url):
    site, _, target = url.removeprefix("http://").partition("/")
    return (site, "/" + target) in KNOWN or site in town.FEEDS or site in ("chain.example", "new.moved.example", "movedslowly.example")


KNOWN = set(links())


def read_log(path):
    rows = []
    for line in open(path):
        r = json.loads(line)
        rows.append(rules.Row(r["time"], r["host"], r["target"], r["status"], r["headers"], r["sent"], r["ended"], r["method"],
                              r.get("body", ""), r["connection"], r["client"]))
    return rows


def found(w):
    """What somebody writes before all begins."""
    for n, (site, target) in enumerate(links()):
        w.put(f"{site}{target.replace('/', '-')}.md", document(n, f"http://{site}{target}"))


def later(w, day):
    """A document that somebody writes then, of a page that others have too."""
    site, target = links()[day * 7 % len(links())]
    w.put(f"later-{day}.md", document(day, f"http://{site}{target}"))


def serve(options, w, clock):
    """The service through all these days; it is stopped and started again in the middle."""
    starts, complaints, said = [], [], open(w.work + "/said", "w+")
    first = clock.now()
    for day, until in ((0, options.days // 2), (options.days // 2, options.days)):
        starts.append(clock.now())
        process = subprocess.Popen(w.command("serve"), env=w.env, stdout=said, stderr=said)
        for day in range(day, until):
            later(w, day)
            if not clock.run_until(first + (day + 1) * DAY, 100):
                complaints.append(f"it does not come to rest on day {day}")
        process.terminate()
        clock.limit(2 ** 32)
        process.wait(30)
        clock.limit(0)
        if process.returncode:
            complaints.append(f"exit {process.returncode}")
    said.seek(0)
    complaints += [line for line in said if "bug" in line.lower() or "memory" in line]
    return starts, complaints


def live(options, w, clock):
    """`--once` again and again. Returns when the program was started, and what went wrong with it."""
    starts, complaints = [], []
    first = clock.now()
    for at in range(0, options.days * DAY, options.every * HOUR):
        clock.sleep(max(0, first + at - clock.now()))
        if at % DAY == 0:
            later(w, at // DAY)
        starts.append(clock.now())
        run = w.run("--once", "--quiet")
        if run.returncode:
            complaints.append(f"day {at / DAY:.2f}: exit {run.returncode}: {run.stderr}")
    return starts, complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("program")
    parser.add_argument("--days", type=int, default=45)
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--log")
    parser.add_argument("--service", action="store_true")
    options = parser.parse_args()
    began, result = time.monotonic(), Judge()
    clock = Warp(options.library, free=not options.service)
    origin = Origin(clock=clock, bind="127.0.0.1", program=os.path.join(HERE, "town.py"))
    w = World(options.program)
    try:
        open(w.config, "w").write(f"content: [{w.content}]\nstate: {w.work}/state\nallow-networks: [127.0.0.0/8]\n"
                                  f"contact: https://example.org/reader\nproxy: http://127.0.0.1:{origin.port}\n"
                                  "feeds:\n" + "".join(f"  - http://{name}/feed\n" for name in town.FEEDS))
        found(w)
        w.env.update(clock.env)
        starts, complaints = (serve if options.service else live)(options, w, clock)
        log = read_log(origin.log_path)
        if options.log:
            os.replace(origin.log_path, options.log)
    finally:
        w.close()
        origin.close()
        clock.close()
    result.check(f"{len(starts)} starts, {len(log)} requests at {len({r.host for r in log})} hosts in {options.days} days, "
                 f"{time.monotonic() - began:.0f} s", complaints)
    broken = rules.judge(log, rules.Expect(known=known, starts=tuple(starts), feeds=lambda url: url.endswith("/feed")))
    for name, paragraph, _ in rules.RULES:
        result.check(f"{name:16} {paragraph}", broken.get(name, [])[:12] + ([f"... {len(broken[name])} in all"] if len(broken.get(name, [])) > 12 else []))
    result.check("there was something to judge", [f"no {s}" for s in (200, 304, 404, 410, 429, 500, 503, 301, 308) if s not in {r.status for r in log}])
    result.end()


main()
