#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A table of organizations with files that are of no use: left out with one line, the others count.

    organizations.py INGESTD
"""
import os
import sys

from world import Judge, Origin, World

PAGE = ("<!doctype html><html lang=en><title>Report pier</title><meta property=og:type content=article>"
        "<meta property=og:title content='Report pier'><article><h1>Report pier</h1>"
        + "<p>The harbour board met on Tuesday evening to decide how the old ferry pier should be used, it was said.</p>" * 6
        + "</article></html>")
DOCUMENT = """---
title: "Report pier"
webUrl: "http://127.0.0.{n}:{port}/pier.html"
type: article
excerpt: "What the board decides."
provider:
  name:
---
"""


def hostile(w, origin):
    table = os.path.join(w.work, "table")
    os.mkdir(table)
    open(w.config, "a").write("organizations: table\npolicy: {images: keep}\n")
    files = {"127.0.0.2.md": "---\nname: The Pier\n---\n", "127.0.0.3.md": "---\nname: [\n---\n",
             "127.0.0.4.md": "---\nname: Huge\n---\n" + "x" * 70000}
    for name, text in files.items():
        open(os.path.join(table, name), "w").write(text)
    # beside the others, where confinement would let it be read
    open(os.path.join(table, "secret"), "w").write("---\nname: Secret\n---\n")
    os.symlink("secret", os.path.join(table, "127.0.0.5.md"))
    os.mkfifo(os.path.join(table, "127.0.0.6.md"))
    os.mkdir(os.path.join(table, "127.0.0.7.md"))
    for n in range(2, 8):
        origin.page(f"127.0.0.{n}/pier.html", PAGE.encode())
        w.put(f"{n}.md", DOCUMENT.format(n=n, port=origin.port).encode())
    p = w.run("--once")
    if p.returncode:
        yield f"exit {p.returncode}"
    if p.stderr.count("\n") != 1 or "is left out, and 4 more: " not in p.stderr:
        yield f"said {p.stderr!r}"
    for n in range(2, 8):
        text = open(os.path.join(w.content, f"{n}.md")).read()
        name = "The Pier" if n == 2 else f'"127.0.0.{n}"'
        if f"  name: {name}\n" not in text:
            yield f"{n}: {text}"


def added_later(w, origin):
    """A domain that was written for want of a name is refreshed where the policy says so; undo takes it back."""
    table = os.path.join(w.work, "table")
    os.mkdir(table)
    open(w.config, "a").write("organizations: table\npolicy: {images: keep, provider.name: refresh}\n")
    origin.page("127.0.0.2/pier.html", PAGE.encode())
    path = w.put("a.md", DOCUMENT.format(n=2, port=origin.port).encode())
    before = open(path).read()
    for name in ("127.0.0.2", "The Pier", "The Old Pier"):
        if "Pier" in name:
            open(os.path.join(table, "127.0.0.2.md"), "w").write(f"---\nname: {name}\n---\n")
        w.run("--once")
        if f'  name: "{name}"\n' not in open(path).read():
            yield f"not {name}: {open(path).read()}"
    if len([a for a in origin.asked() if a.endswith("pier.html")]) != 1:
        yield f"asked for {origin.asked()}"
    w.run("undo", path)
    if open(path).read() != before:
        yield f"after undo: {open(path).read()}"


def no_folder(w, origin):
    open(w.config, "a").write("organizations: nowhere\n")
    p = w.run("--once")
    if p.returncode or "nowhere cannot be read" not in p.stderr:
        yield f"exit {p.returncode}, said {p.stderr!r}"


def main():
    judge = Judge()
    for function in (hostile, added_later, no_folder):
        w, origin = World(sys.argv[1]), Origin()
        try:
            judge.check(function.__name__, list(function(w, origin)))
        finally:
            w.close()
            origin.close()
    judge.end()


main()
