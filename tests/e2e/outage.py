#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No network for days, on the virtual clock: the service blames nobody, asks little, and goes on when there is one.

    outage.py INGESTD WARP [DAYS]
"""
import os, signal, sqlite3, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "warp")]
from serve import is_filled, put, until
from warp import Warp
from world import Judge, Origin, World

HOUR, DAY = 3600, 86400
DOCUMENTS = 12  # each with a host of its own


def link(how):
    """Down, it has no address either, so that nobody waits in vain, which would be at real speed; up, the kernel gives it its own."""
    if how == "down":
        subprocess.run(["ip", "address", "flush", "dev", "lo"], check=True)
    subprocess.run(["ip", "link", "set", "lo", how], check=True)


def days_without(program, library, days):
    clock = Warp(library)
    w, origin = World(program), Origin(clock=clock)
    w.env.update(clock.env)
    try:
        put(w, origin, 1)
        p = w.start("serve")
        clock.run_until(clock.now() + 60)
        if not until(is_filled(w, 1)):
            yield "1 is not filled"
        clock.run_until(clock.now() + 600)  # what fails just after an answer is taken for the server's fault
        link("down")
        for n in range(2, 2 + DOCUMENTS):
            put(w, origin, n)
        began, real = clock.now(), time.monotonic()
        for day in range(days):
            if not clock.run_until(began + (day + 1) * DAY, 120):
                yield f"day {day + 1} does not end"
            if p.poll() is not None:
                yield f"it ended on day {day + 1}: {p.communicate()[1]}"
                return
            if day == 0:  # one that comes on the second day
                put(w, origin, 2 + DOCUMENTS)
        if any(is_filled(w, n)() for n in range(2, 3 + DOCUMENTS)):
            yield "filled without a network"
        link("up")
        back = clock.now()
        while clock.now() < back + HOUR and not all(is_filled(w, n)() for n in range(2, 3 + DOCUMENTS)):
            clock.run_until(clock.now() + 60)
            time.sleep(0.05)
        waited = clock.now() - back
        missing = [n for n in range(2, 3 + DOCUMENTS) if not is_filled(w, n)()]
        if missing:
            yield f"not filled {waited / 60:.0f} minutes after it: {missing}"
        print(f"{days} days in {time.monotonic() - real:.1f} s; all filled {waited / 60:.0f} minutes after the network came back")
        p.send_signal(signal.SIGTERM)
        _, err = p.communicate(timeout=30)
        if p.returncode:
            yield f"exit {p.returncode}: {err}"
        if len(err.splitlines()) > 6 * (DOCUMENTS + 1):  # that a host fails, and that it answers again
            yield f"{len(err.splitlines())} lines are said: {err[:500]}"
        db = sqlite3.connect(w.work + "/state/cache.db")
        blamed = db.execute("SELECT url, outcome, failures FROM url WHERE failures > 0").fetchall()
        if blamed:
            yield f"held against somebody: {blamed}"
        asked = [a for a in origin.asked() if not a.endswith("/robots.txt")]
        if len(asked) != len(set(asked)):
            yield f"asked twice: {asked}"
    finally:
        origin.close()
        clock.close()
        w.close()


def main():
    program, library = sys.argv[1:3]
    days = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    if os.environ.get("OUTAGE_INSIDE") is None:  # in a network of its own, whose only link can go
        if os.geteuid():
            sys.exit(77)
        os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, "OUTAGE_INSIDE": "1"})
    link("up")
    judge = Judge()
    judge.check("days_without", days_without(program, library, days))
    judge.end()


if __name__ == "__main__":
    main()
