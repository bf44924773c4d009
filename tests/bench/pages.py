#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pages.py INGESTD [ROWS]: how soon the status pages come while the state is busy with ROWS (1,000,000) documents.

The service finds a state of ROWS documents and an empty folder, and forgets them one by one: a write for each, as fast
as the database takes them. Meanwhile pages are asked for, one after the other. Prints the 50th and 99th percentile and
the worst of each page in ms; exit 1 when a 99th percentile is over 100.
"""
import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time


def fill(state, root, rows):
    """What a run over an empty folder made, with so many documents."""
    db = sqlite3.connect(os.path.join(state, "cache.db"), isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN")
    db.execute("INSERT OR IGNORE INTO root (path) VALUES (?)", (root,))
    number = db.execute("SELECT id FROM root WHERE path = ?", (root,)).fetchone()[0]
    db.executemany("INSERT INTO document VALUES (?,?,1,?,4096,1,1,1,1,1,9000000000,?,?,?,?,?,?,NULL,0,0,1700000000)",
                   ((number, f"news/{i % 365}/a-document-of-{i}.md", i, "open" if i % 10 == 0 else "complete", 2 if i % 10 == 0 else 0,
                     int(i % 10 == 0), f"What was said of matter {i} at the meeting", "the page does not tell its excerpt" if i % 10 == 0 else None,
                     f"https://www{i % 5000}.news.example/{i}" if i % 10 == 0 else None) for i in range(rows)))
    db.execute("DELETE FROM tally")
    db.execute("INSERT INTO tally SELECT root, state, missing, count(*) FROM document GROUP BY 1, 2, 3")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return number


def main():
    program, rows = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    bad = False
    with tempfile.TemporaryDirectory(prefix="bench-pages-", dir="/var/tmp") as work:
        content, state, config = (os.path.join(work, n) for n in ("content", "state", "ingestd.yaml"))
        os.mkdir(content)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        with open(config, "w") as f:
            f.write(f'content: [{content}]\nstate: {state}\nstatus: {{listen: "127.0.0.1:{port}"}}\n')
        subprocess.run([program, "--once", "--config", config, "--quiet"], check=True)
        fill(state, content, rows)
        service = subprocess.Popen([program, "serve", "--config", config])
        try:
            times = {p: [] for p in ("/", "/documents", "/documents?state=open", "/documents?q=matter+999999", "/documents?missing=excerpt",
                                     "/document/news/1/a-document-of-1.md")}
            end, left = time.monotonic() + 60, rows
            while time.monotonic() < end:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    connection.connect()
                    break
                except OSError:
                    time.sleep(0.01)
            begin = time.monotonic()
            end = begin + 60
            while left > rows // 20 and time.monotonic() < end:
                for path, list_ in times.items():
                    t = time.monotonic()
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                    list_.append((time.monotonic() - t) * 1000)
                    if answer.status not in (200, 404):
                        print(f"{path}: {answer.status}")
                        bad = True
                db = sqlite3.connect(f"file:{state}/cache.db?mode=ro", uri=True)
                left = db.execute("SELECT sum(count) FROM tally").fetchone()[0] or 0
                db.close()
            took = time.monotonic() - begin
        finally:
            service.terminate()
            service.wait()
    print(f"{rows:,} documents, {rows - left:,} of them forgotten in {took:.1f} s meanwhile")
    for path, list_ in times.items():
        list_.sort()
        p99 = list_[len(list_) * 99 // 100]
        bad |= p99 > 100
        print(f"{path:42} {len(list_):5} times  p50 {list_[len(list_) // 2]:7.1f}  p99 {p99:7.1f}  worst {list_[-1]:7.1f} ms")
    sys.exit(bad)


main()
