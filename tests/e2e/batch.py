#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`extract --batch`: lines in, lines out, on several threads.

    batch.py INGESTD
"""
import json, subprocess, sys, threading

from world import Judge, World, article


def that_nobody_reads(w):
    """It ends, however many are at work; and each line that it answers is JSON."""
    page = w.put("p.html", article(0))
    line = json.dumps({"id": "x", "html": page, "url": "http://h.example/"}) + "\n"
    p = subprocess.Popen(w.command("extract", "--batch", "--jobs", "8"), env=w.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdout.close()
    try:
        threading.Thread(target=lambda: feed(p.stdin, line * 3000), daemon=True).start()
        if p.wait(20) != 74:
            yield f"exit {p.returncode}"
    except subprocess.TimeoutExpired:
        yield "it hangs"
        p.kill()
    lines = [line, "[]\n", "\n", '{"id":"a","html":"/' + "x" * 100 + "\u00e9" * 400 + '"}\n', '{"id":7}\n', "\ud800\n"]
    p = subprocess.run(w.command("extract", "--batch", "--jobs", "3"), env=w.env, input="".join(lines).encode("utf-8", "surrogatepass"), capture_output=True)
    answers = [json.loads(l) if l else None for l in p.stdout.split(b"\n")[:-1]]
    if len(answers) != len(lines) or not all(answers):
        yield f"{p.stdout}"


def whose_printing_is_held_up(w):
    """While an answer cannot be printed the lines behind it are worked on, up to so many and so many bytes; in order."""
    for more in ([1000000] * 12, [100] * 2000):
        p = subprocess.Popen(w.command("extract", "--batch", "--jobs", "2"), env=w.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ids = [f"{n} " + "x" * length for n, length in enumerate([200000] + [10000] * 200 + more)]
        given = []

        def give(some):
            for i in some:
                p.stdin.write(json.dumps({"id": i}) + "\n")
                p.stdin.flush()
                given.append(i)
            if len(given) == len(ids):
                p.stdin.close()

        def stands_still(some):
            thread = threading.Thread(target=give, args=(some,), daemon=True)
            thread.start()
            seen = -1
            while thread.is_alive() and len(given) != seen:
                seen = len(given)
                thread.join(0.7)
            return thread.is_alive()

        try:
            if stands_still(ids[:201]):
                yield "the others wait for who cannot print"
            if not stands_still(ids[201:]):
                yield f"it takes all of {len(more)} more"
            if [json.loads(l).get("id") for l in p.stdout] != ids or p.wait(20):
                yield "not every answer, or not in order"
        finally:
            p.kill()


def feed(to, text):
    try:
        to.write(text)
        to.close()
    except OSError:
        pass  # nobody reads that either


def main():
    judge = Judge()
    for function in (that_nobody_reads, whose_printing_is_held_up):
        w = World(sys.argv[1])
        try:
            judge.check(function.__name__, list(function(w)))
        finally:
            w.close()
    judge.end()


main()
