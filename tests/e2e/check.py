#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`--check-config`: which unit fits the content, and what neither could write.

    check.py INGESTD
"""
import os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import Judge, World

OTHER, NAME = 65534, "nobody"
# name, what makes it so, more configuration, lines wanted, lines that must not be
ROWS = [
    ("the owner's", lambda w: own(w, OTHER, ".", "a.md"), "", [f"2 documents, for ingestd@{NAME}.service"], ["neither"]),
    ("root's", lambda w: own(w, 0, ".", "a.md", "sub", "sub/b.md"), "", ["better give them an owner"], ["neither"]),
    ("a file of another", lambda w: (own(w, OTHER, "."), own(w, 0, "a.md")), "", ["neither unit could write a.md: a file of root"], []),
    ("which is allowed", lambda w: (own(w, OTHER, "."), own(w, 0, "a.md")), "foreign-documents: true\n", [], ["neither"]),
    ("a folder of another", lambda w: (own(w, OTHER, ".", "sub/b.md", "a.md"), own(w, 0, "sub")), "",
     ["neither unit could write sub/b.md: its folder"], ["a.md"]),
    ("which the group may write", lambda w: (own(w, OTHER, ".", "sub/b.md", "a.md"), group(w, "sub")), "", [], ["neither"]),
    ("two names", lambda w: (os.link(w.content + "/a.md", w.content + "/c.md"), own(w, OTHER, ".", "a.md")), "",
     ["a.md: a file with several names"], []),
    ("elsewhere", lambda w: own(w, OTHER, ".", "a.md"), "", ["other-content.conf"], ["home.conf"]),
    ("control characters", lambda w: (own(w, OTHER, "."), w.put("x\x1b[2Jy.md", b"")), "", [r"x\?\[2Jy.md"], ["\x1b"]),
]


def own(w, uid, *names):
    for name in names:
        os.chown(os.path.join(w.content, name), uid, uid)


def group(w, name):
    path = os.path.join(w.content, name)
    os.chown(path, 0, OTHER)
    os.chmod(path, 0o775)


def complaints(program, make, more, wanted, unwanted):
    w = World(program, more)
    w.put("a.md", b"---\ntitle: x\n---\n")
    w.put("sub/b.md", b"---\ntitle: x\n---\n")
    own(w, OTHER, "sub", "sub/b.md")
    make(w)
    said = w.run("--check-config")
    if said.returncode or said.stderr:
        yield f"exit {said.returncode}: {said.stderr}"
    for pattern in wanted:
        if not re.search(pattern, said.stdout):
            yield f"'{pattern}' is missing: {said.stdout}"
    for text in unwanted:
        if text in said.stdout:
            yield f"'{text}' is there: {said.stdout}"
    if w.run("--check-config", "--quiet").stdout:
        yield "--quiet says something"
    w.close()


def main():
    if os.geteuid():
        sys.exit(77)  # whose files are another's needs root
    judge = Judge()
    for name, *row in ROWS:
        judge.check(name, complaints(sys.argv[1], *row))
    judge.end()


if __name__ == "__main__":
    main()
