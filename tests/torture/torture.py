#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The client on the rack: each case's outcome, time and peak memory, and that the others of the same run do not notice.

    torture.py FETCH_PROBE [--table]

First all cases of server.py in one run with 500 good URLs: each case ends with a reason that is right, every good URL is a
page, and the run keeps its bounds. --table: then each case of it and of tests/e2e/test_fetch.py alone in a process (against one
that fetches a good page), one line each."""
import concurrent.futures, json, os, re, resource, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
import server
import test_fetch
from world import Judge

GOOD = 500
RSS_MAX_KB = 96 << 10
LIMITS = ("allow-networks: [127.0.0.1/32, 127.0.1.0/24, 127.0.2.0/24, 127.0.4.0/24]\nlimits: {page: 128KiB}\ntimeout: 6s\n"
          "pace: {gap: 0s, connections: 16}\n")


class Cases:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ingestd-torture-")
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "server.py"), os.path.join(self.folder, "ours")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        said = json.loads(self.process.stdout.readline())
        self.config = os.path.join(self.folder, "ingestd.yaml")
        open(self.config, "w").write(LIMITS + f"ca-file: {said['ca']}\n")
        self.other = test_fetch.Origin(self.folder)
        self.good = [f"http://127.0.1.{80 + n % 10}:{self.other.port}/_torture/ok?n={n}" for n in range(GOOD)]
        self.rows = {f"http://127.0.4.{n + 1}:{said['port']}/": row for n, row in enumerate(server.PLAIN)}
        self.rows |= {f"https://127.0.2.{n + 1}:{said['tls']}/": row for n, row in enumerate(server.HTTP2)}

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.other.stop()
        shutil.rmtree(self.folder)


def fetch(config, urls):
    out = subprocess.run([sys.argv[1], "--config", config, "--connect-timeout", "5000", "--low-speed", "5"], input="\n".join(urls) + "\n", text=True,
                         stdout=subprocess.PIPE, timeout=200, check=True)
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    return {line["url"]: line for line in lines[:-1]}, lines[-1]


def alone(config, name, url):
    """One line of the table."""
    try:
        got, totals = fetch(config, [url])
    except subprocess.SubprocessError as e:
        return f"{name[:44]:44} DIED: {e}"
    line, = got.values()
    error = re.sub(r"^https?://\S+ ", "", line["error"] or "")
    return f"{name[:44]:44} {line['outcome']:18} {line['ms']:6} ms {line['wire']:9} B {totals['rss_kb'] / 1024:6.1f} MiB  {error[:90]}"


def table(cases):
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        print(f"{'case':44} {'outcome':18} {'time':>9} {'wire':>11} {'peak RSS':>10}  reason")
        rows = [("(a good page)", cases.good[0])] + [(row[0], url) for url, row in cases.rows.items() if not row[0].startswith("cut after")]
        lines = list(pool.map(lambda row: alone(cases.config, *row), rows))
        port = cases.other.port
        rows = [(row[0], f"http://127.0.1.{n + 1}:{port}/_torture/{row[0].replace('{p}', str(port))}") for n, row in enumerate(test_fetch.TORTURE)]
        lines += pool.map(lambda row: alone(cases.config, *row), rows)
    for line in lines:
        print(line)


def main():
    judge, cases = Judge(), Cases()
    try:
        began = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        got, totals = fetch(cases.config, [*cases.rows, *cases.good])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took, cpu = time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        complaints = []
        for url, (name, _, outcomes, text) in cases.rows.items():
            line = got[url]
            right = line["outcome"] in outcomes and text in (line["error"] or "") and (line["error"] or line["outcome"] in ("page", "not-html"))
            complaints.append(not right and f"{name}: {line['outcome']}: {line['error']}")
            complaints.append(line["wire"] > 3 << 20 and f"{name}: {line['wire']} bytes were taken")
        judge.check(f"each of {len(cases.rows)} cases ends as it should", complaints)
        judge.check(f"{len(cases.good)} good URLs of the same run all complete", [f"{u}: {got[u]}" for u in cases.good if got[u]["outcome"] != "page"])
        bounds = totals["sanitized"] is False
        judge.check(f"in {took:.1f} s, CPU {cpu:.1f} s, peak RSS {totals['rss_kb'] / 1024:.1f} MiB",
                    [bounds and totals["rss_kb"] > RSS_MAX_KB and "too much memory", took > 60 and "too long", totals["network_down"] and "the network is down"])
        if "--table" in sys.argv:
            table(cases)
    finally:
        cases.close()
    judge.end()


main()
