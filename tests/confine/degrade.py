#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kernels, and sandboxes around us, that have less: a run goes on with what there is, and says so with -v alone.

    degrade.py INGESTD"""
import os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
from world import Judge, Origin, World, article, document, filled

NO_FILES, NO_CALLS = "files not at all .*, system calls by seccomp", "files by Landlock, system calls not at all"
# what the kernel answers to which call, what -v says, exit status
ROWS = [
    ("all is there", None, None, 0),
    ("no Landlock", "landlock_create_ruleset:error=ENOSYS", NO_FILES, 0),
    ("Landlock turned off", "landlock_create_ruleset:error=EOPNOTSUPP", NO_FILES, 0),
    ("Landlock withheld", "landlock_restrict_self:error=EPERM", NO_FILES, 0),
    ("no filters", "seccomp:error=EINVAL", NO_CALLS, 0),
    ("no memory", "landlock_restrict_self:error=ENOMEM", "'confine: false'", 70),
]


def main():
    judge, origin = Judge(), Origin()
    for name, inject, said, code in ROWS:
        w = World(sys.argv[1])
        try:
            origin.page("127.0.0.2/1.html", article(1))
            path = w.put("1.md", document(1, f"http://127.0.0.2:{origin.port}/1.html"))
            strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + inject.split(":")[0], "-e", "inject=" + inject] if inject else []
            run = subprocess.run([*strace, *w.command("--once", "-v")], env=w.env, capture_output=True, text=True, timeout=60)
            told = [l for l in run.stderr.splitlines() if "confine" in l]
            judge.check(name, [run.returncode != code and f"exit {run.returncode}: {run.stderr}",
                               (len(told) != 1 or not re.search(said, told[0]) if said else told) and f"said {told}",
                               code == 0 and not filled(1, open(path, "rb").read()) and "nothing is filled"])
        finally:
            w.close()
    origin.close()
    judge.end()


main()
