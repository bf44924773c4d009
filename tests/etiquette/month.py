#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The access log of a town of sites (town.py) over a simulated month, judged by rules.py.

    month.py LIBRARY INGESTD [--days N] [--every HOURS] [--log FILE] [--service]

`--once` as cron starts it, every HOURS (6) for N (45) days, on the clock of tests/warp; each day somebody writes a document
more. --service: one that lives all the time instead. Prints each rule, how many lines it has judged, and each complaint."""
import argparse, json, os, sys, time

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
    return (site, "/" + target) in KNOWN or site in ("chain.example", "new.moved.example", "movedslowly.example")


KNOWN = set(links())


def read_log(path):
    rows = []
    for line in open(path):
        r = json.loads(line)
        rows.append(rules.Row(r["time"], r["host"], r["target"], r["status"], r["headers"], r["sent"], r["ended"], r["method"],
                              r.get("body", ""), r["connection"], r["client"]))
    return rows


def live(options, w, clock):
    """Returns when the program was started, and what went wrong with it."""
    starts, complaints, todo = [], [], links()
    first = clock.now()
    for n, (site, target) in enumerate(todo):
        w.put(f"{site}{target.replace('/', '-')}.md", document(n, f"http://{site}{target}"))
    for at in range(0, options.days * DAY, options.every * HOUR):
        clock.sleep(max(0, first + at - clock.now()))
        if at % DAY == 0:
            site, target = todo[at // DAY * 7 % len(todo)]
            w.put(f"later-{at // DAY}.md", document(at // DAY, f"http://{site}{target}"))
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
    options = parser.parse_args()
    began, result = time.monotonic(), Judge()
    clock = Warp(options.library, free=True)
    origin = Origin(clock=clock, bind="127.0.0.1", program=os.path.join(HERE, "town.py"))
    w = World(options.program)
    try:
        open(w.config, "w").write(f"content: [{w.content}]\nstate: {w.work}/state\nallow-networks: [127.0.0.0/8]\n"
                                  f"contact: https://example.org/reader\nproxy: http://127.0.0.1:{origin.port}\n")
        w.env.update(clock.env)
        starts, complaints = live(options, w, clock)
        log = read_log(origin.log_path)
        if options.log:
            os.replace(origin.log_path, options.log)
    finally:
        w.close()
        origin.close()
        clock.close()
    result.check(f"{len(starts)} starts, {len(log)} requests at {len({r.host for r in log})} hosts in {options.days} days, "
                 f"{time.monotonic() - began:.0f} s", complaints)
    found = rules.judge(log, rules.Expect(known=known, starts=tuple(starts)))
    for name, paragraph, _ in rules.RULES:
        result.check(f"{name:16} {paragraph}", found.get(name, [])[:12] + ([f"... {len(found[name])} in all"] if len(found.get(name, [])) > 12 else []))
    result.check("there was something to judge", [f"no {s}" for s in (200, 304, 404, 410, 429, 500, 503, 301, 308) if s not in {r.status for r in log}])
    result.end()


main()
