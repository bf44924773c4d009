#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs `ingestd --once` over each case folder beside this file and compares the documents byte for byte.

    run.py INGESTD [CASE...]

A case; @PORT@ in its files becomes the origin's port:
    in/             documents as they are
    pages/HOST/...  what the origin serves; HOST is an address such as 127.0.0.2. FILE.meta: see tests/e2e/origin.py
    want/           documents as they have to be afterwards; those that are not there must not have changed
    config.yaml     added to the configuration (optional)
    requests        what may be asked for, HOST/PATH, one a line, each once (optional)
    say             a piece of standard error a line that has to be said (optional; without it: silence)
    code            exit code (optional; default 0)

After the first run a second one must ask for nothing, write nothing, and say nothing."""
import os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from world import Judge, Origin, World, tree


def lines(*path):
    path = os.path.join(*path)
    return [l for l in open(path, encoding="utf-8").read().splitlines() if l] if os.path.exists(path) else None


def differences(work, want, got):
    for name in sorted(set(want) | set(got)):
        if want.get(name) == got.get(name):
            continue
        for label, files in (("want", want), ("got", got)):
            open(os.path.join(work, label), "wb").write(files.get(name, b""))
        yield f"{name} is not as wanted:\n" + subprocess.run(["diff", "-u", work + "/want", work + "/got"], capture_output=True,
                                                             encoding="utf-8", errors="replace").stdout


def complaints(program, origin, case):
    more = os.path.join(case, "config.yaml")
    w = World(program, open(more).read() if os.path.exists(more) else "")
    port = str(origin.port).encode()
    try:
        for name, text in tree(os.path.join(case, "in")).items():
            path = os.path.join(w.content, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "wb").write(text.replace(b"@PORT@", port))
        before = tree(w.content)
        want = dict(before)
        want.update({n: t.replace(b"@PORT@", port) for n, t in tree(os.path.join(case, "want")).items()})
        origin.put(os.path.join(case, "pages"))
        earlier = len(origin.asked())

        dry = w.run("--once", "--dry-run", "--check")
        if dry.returncode != (1 if want != before else 0):
            yield f"--dry-run --check ended with {dry.returncode}: {dry.stderr}"
        if tree(w.content) != before:
            yield "--dry-run changed documents"
        asked = origin.asked()[earlier:]
        first = w.run("--once")
        code = int((lines(case, "code") or ["0"])[0])
        if first.returncode != code:
            yield f"exit {first.returncode}, not {code}: {first.stderr}"
        if origin.asked()[earlier:] != asked:
            yield f"asked again after the dry run: {origin.asked()[earlier + len(asked):]}"
        say = lines(case, "say")
        for line in say or []:
            if line.replace("@PORT@", str(origin.port)) not in first.stderr:
                yield f"not said: {line!r}, but {first.stderr!r}"
        if say is None and first.stderr:
            yield f"said: {first.stderr!r}"
        may = lines(case, "requests")
        if may is not None and sorted(may) != sorted(asked):
            yield f"asked for {sorted(asked)}, not {sorted(may)}"
        after = tree(w.content)
        yield from differences(w.work, want, after)
        second = w.run("--once")
        if second.returncode != code or second.stderr or second.stdout:
            yield f"the second run: exit {second.returncode}, said {second.stderr!r} {second.stdout!r}"
        if origin.asked()[earlier:] != asked:
            yield f"the second run asked for {origin.asked()[earlier + len(asked):]}"
        if tree(w.content) != after:
            yield "the second run wrote"
    finally:
        w.close()


def main():
    program = sys.argv[1]
    cases = sys.argv[2:] or sorted(n for n in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, n, "in")))
    origin, judge = Origin(), Judge()
    for name in cases:
        judge.check(name, complaints(program, origin, os.path.join(HERE, name)))
    origin.close()
    judge.end()


main()
