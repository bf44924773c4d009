#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`ingestd state`: printed, checked, exported, and forgotten in part; also beside a service.

    state.py INGESTD [NAME...]
"""
import json, os, signal, sqlite3, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve import is_filled, put, stop, text, until
from world import Tests, run_tests

test = Tests()


def filled_world(w, origin, count=3):
    for n in range(count):
        put(w, origin, n)
    return w.run("--once")


@test
def prints(w, origin):
    filled_world(w, origin)
    people, program = w.run("state"), w.run("state", "--json")
    for word in ("cache.db: ", "memory.db: ", "provenance", "run 1: 20", "3 documents, 3 changed"):
        if word not in people.stdout:
            yield f"'{word}' is missing: {people.stdout}"
    said = json.loads(program.stdout)
    if said["holder"] != 0 or said["files"][0]["rows"]["document"] != 3 or said["runs"][0]["summary"]["changed"] != 3:
        yield program.stdout
    if people.returncode or program.returncode:
        yield f"exit {people.returncode}, {program.returncode}"


@test
def prints_beside_a_service(w, origin):
    put(w, origin, 1)
    p = w.start("serve")
    if not until(is_filled(w, 1)):
        yield "1 is not filled"
    said = w.run("state")
    if f"in use by process {p.pid}" not in said.stdout or said.returncode:
        yield said.stdout + said.stderr
    forget = w.run("state", "forget", "127.0.0.3")
    if forget.returncode or forget.stdout != "2 records forgotten\n":
        yield f"forget: exit {forget.returncode}: {forget.stdout}{forget.stderr}"
    yield from stop(p)


@test
def nothing_there(w, origin):
    said = w.run("state")
    if said.returncode != 66:
        yield f"exit {said.returncode}"
    if os.path.exists(w.work + "/state"):
        yield "a folder was made"


@test
def exports(w, origin):
    filled_world(w, origin)
    db = sqlite3.connect(w.work + "/state/memory.db")
    db.execute("UPDATE provenance SET before = x'ff00fe' WHERE id = 1")
    db.commit()
    db.close()
    said = w.run("state", "export")
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    rows = [line["row"] for line in lines if line["table"] == "provenance"]
    if len(rows) < 3 or {r["path"] for r in rows} != {"000.md", "001.md", "002.md"}:
        yield f"{len(rows)} rows"
    if rows and rows[0]["before"] != {"hex": "ff00fe"}:
        yield f"bytes became {rows[0]['before']}"
    if [line["row"]["summary"]["changed"] for line in lines if line["table"] == "run"] != [3]:
        yield "the run is not told"


@test
def checks(w, origin):
    filled_world(w, origin)
    if w.run("state", "check").returncode:
        yield "a sound state is not"
    path = w.work + "/state/memory.db"
    size = os.path.getsize(path)
    with open(path, "r+b") as f:
        for at in range(4096, size, 4096):
            f.seek(at + 100)
            f.write(b"\xff" * 3000)
    said = w.run("state", "check")
    if said.returncode != 1 or "memory.db" not in said.stdout:
        yield f"exit {said.returncode}: {said.stdout}{said.stderr}"


@test
def forgets_a_url(w, origin):
    filled_world(w, origin)
    url = f"http://127.0.0.3:{origin.port}/1.html"
    before = len(origin.asked())
    said = w.run("state", "forget", url)
    if said.stdout != "1 records forgotten\n":
        yield said.stdout + said.stderr
    w.put("004.md", open(w.content + "/001.md", "rb").read().replace(b"excerpt", b"former"))
    again = w.run("--once")
    asked = [path for path in origin.asked()[before:]]
    if len(asked) != 1:
        yield f"asked {asked}: {again.stderr}"


@test
def forgets_a_host(w, origin):
    filled_world(w, origin)
    said = w.run("state", "forget", "127.0.0.2")
    if not said.stdout.endswith("records forgotten\n") or said.stdout.startswith("0"):
        yield said.stdout + said.stderr
    db = sqlite3.connect(w.work + "/state/cache.db")
    left = [row[0] for row in db.execute("SELECT url FROM url")]
    if any("//127.0.0.2:" in u for u in left) or not any("//127.0.0.3:" in u for u in left):
        yield f"left: {left}"
    if db.execute("SELECT count(*) FROM page WHERE id NOT IN (SELECT id FROM url)").fetchone()[0]:
        yield "pages without a URL"


@test
def forgets_what_was_written(w, origin):
    """Then it is a person's: undo does not touch it."""
    filled_world(w, origin)
    before = text(w, "001.md")
    said = w.run("state", "forget", w.content + "/001.md")
    if said.returncode or said.stdout.startswith("0"):
        yield said.stdout + said.stderr
    w.run("undo")
    if text(w, "001.md") != before:
        yield "undone"
    if text(w, "002.md") == before or b"excerpt" in text(w, "002.md"):
        yield "the others are not undone"


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
