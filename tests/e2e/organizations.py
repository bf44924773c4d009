#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A table of organizations with files that are of no use: left out with one line, the others count.

    organizations.py INGESTD
"""
import os
import sys

from world import run_tests

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


def pictures(w, origin):
    """A site's picture follows the table where the policy says so, its document's other bytes stay, undo takes it back."""
    table = os.path.join(w.work, "table")
    os.mkdir(table)
    open(w.config, "a").write("organizations: table\npolicy: {images: keep, provider.images: refresh}\n")
    text = DOCUMENT.replace("  name:\n", "  name: 'The Pier' # mine\n").format(n=2, port=origin.port)
    there = text.replace("# mine\n", "# mine\n  images:\n    - url: https://my.example/old.png\n")
    w.put("a.md", there.encode())
    path = w.put("b.md", text.encode())
    for size in (0, 50, 60, 60):
        images = f"images: [{{url: /pier.png, width: {size}, height: {size}}}]\n" if size else ""
        images = images.replace("/pier", "/other") if size == 60 else images
        open(os.path.join(table, "127.0.0.2.md"), "w").write(f"---\nname: Other\n{images}---\n")
        w.run("--once")
        name = {50: "pier", 60: "other"}.get(size)
        want = text
        if size:
            want = text.replace("# mine\n", f'# mine\n  images:\n    - url: "/{name}.png"\n      width: {size}\n      height: {size}\n')
        if open(path).read() != want:
            yield f"{size}: {open(path).read()}"
    if origin.asked():
        yield f"asked for {origin.asked()}"
    if open(os.path.join(w.content, "a.md")).read() != there:
        yield "a person's picture was changed"
    w.run("undo", path)
    w.run("undo", path)
    if open(path).read() != text:
        yield f"after undo: {open(path).read()}"
    p = w.run("--once")
    if open(path).read() != text:
        yield f"came again after undo: {open(path).read()}, {p.stdout}"


def explained(w, origin):
    """`explain` says what the table has for a document's site, in the form of the folder, and that it has nothing."""
    table = os.path.join(w.work, "table")
    os.mkdir(table)
    open(w.config, "a").write("organizations: table\npolicy: {images: keep}\n")
    open(os.path.join(table, "127.0.0.2.md"), "w").write("---\nname: The Pier\nimages: [{url: /pier.png, width: 50, height: 40}]\n---\n")
    there = "  name: The Pier\n  images:\n    - url: https://my.example/pier.png\n"
    w.put("a.md", DOCUMENT.replace("  name:\n", there).format(n=2, port=origin.port).encode())
    gap = "    provider.images    to be what the table of organizations has\n"
    for n, want in ((2, gap + "      * https://my.example/pier.png (50x40)\n           from the table of organizations\n"),
                    (3, gap + "      the table of organizations has none for this site\n")):
        path = w.put(f"{n}.md", DOCUMENT.replace("  name:\n", "  name: The Pier\n").format(n=n, port=origin.port).encode())
        p = w.run("explain", path)
        if p.returncode or want not in p.stdout:
            yield f"{n}: exit {p.returncode}: {p.stdout}{p.stderr}"
    w.run("--once")
    if "    - url: \"https://my.example/pier.png\"\n" not in open(os.path.join(w.content, "2.md")).read():
        yield "something else was written"
    p = w.run("explain", os.path.join(w.content, "2.md"))
    if "provider.images" in p.stdout or "complete" not in p.stdout:
        yield f"when it is there: {p.stdout}"


def no_folder(w, origin):
    open(w.config, "a").write("organizations: nowhere\n")
    p = w.run("--once")
    if p.returncode or "nowhere cannot be read" not in p.stderr:
        yield f"exit {p.returncode}, said {p.stderr!r}"


if __name__ == "__main__":
    run_tests((hostile, added_later, pictures, explained, no_folder), sys.argv[1])
