#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill_feeds.py INGESTD [few | CALL...]: kills runs that make new documents, at the k-th of each kind of call.

Two feeds, seven items that are new, one of them in both feeds and one without an article; the run is killed at the
k-th rename, link, sync and write for every k that it gets to (few: the calls that give a document its name, and some
syncs and writes between a document and its identity). After a kill nobody's document is half there; the next runs end
with 0 and make what is missing: none twice, none lost, none under another name; a document that a person then deletes
does not come back, and a forced run makes nothing more. Needs strace: without it the test fails."""
import os, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from world import EXCERPT, Origin, World, article, tree

HOSTS = ["127.0.0.2", "127.0.0.3"]
CALLS = ["renameat2", "linkat", "fsync", "fdatasync", "pwrite64", "write"]
FEW = {"renameat2": [1, 4, 7], "fsync": [2, 8, 13], "fdatasync": [9, 15], "pwrite64": [70]}


def fail(what):
    sys.exit("FAILED: " + what)


class Feeds:
    def __init__(self, program):
        self.origin, self.world = Origin(), World(program)
        feeds = [f"http://{host}:{self.origin.port}/feed.xml" for host in HOSTS]
        open(self.world.config, "a").write("feeds:\n" + "".join(f"  - {url}\n" for url in feeds))
        for n in range(8):
            self.origin.page(f"{HOSTS[n % 2]}/{n}.html", article(n))
        self.publish([0], [1])
        self.must("the first run")
        self.first = tree(self.world.content)
        shutil.copytree(self.world.work + "/state", self.world.work + "/kept")
        self.publish([0, 2, 4, 6], [1, 3, 5, 7, 6, 8])
        self.must("the reference run", "--force")
        self.all = tree(self.world.content)
        if len(self.first) != 2 or len(self.all) != 9:
            fail(f"the reference made {sorted(self.all)}")

    def item(self, n):
        link = f"<link>http://{HOSTS[n % 2]}:{self.origin.port}/{n}.html</link>" if n < 8 else ""
        return (f"<item><title>Board number {n} weighs the future of the pier</title>{link}<guid isPermaLink='false'>item-{n}</guid>"
                f"<pubDate>Wed, 0{n + 1} May 2024 12:00:00 GMT</pubDate></item>")

    def publish(self, *feeds):
        for host, numbers in zip(HOSTS, feeds):
            self.origin.page(f"{host}/feed.xml", (f"<rss version='2.0'><channel><title>Harbour News</title>"
                                                  f"{''.join(map(self.item, numbers))}</channel></rss>").encode(),
                             {"headers": [["Content-Type", "application/rss+xml"]]})

    def begin(self):
        shutil.rmtree(self.world.content)
        shutil.rmtree(self.world.work + "/state")
        os.mkdir(self.world.content)
        shutil.copytree(self.world.work + "/kept", self.world.work + "/state")
        for name, text in self.first.items():
            self.world.put(name, text)

    def must(self, where, *options):
        done = self.world.run("--once", *options)
        if done.returncode or done.stderr or done.stdout:
            fail(f"{where}: exit {done.returncode}: {done.stderr}{done.stdout}")

    def killed(self, call, k):
        """None: the run did not get to the k-th; else how many documents were there."""
        self.begin()
        # strace counts each thread's calls, so one thread shall make them all
        env = {**self.world.env, "ASAN_OPTIONS": "detect_leaks=0", "UV_THREADPOOL_SIZE": "1"}
        done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                               f"inject={call}:signal=SIGKILL:when={k}", *self.world.command("--once", "--force")],
                              env=env, capture_output=True, text=True)
        if done.returncode not in (0, -9, 137):
            fail(f"{call} {k}: exit {done.returncode}: {done.stderr}")
        return None if done.returncode == 0 else self.look(f"killed at {call} {k}")

    def documents(self):
        return {name: text for name, text in tree(self.world.content).items() if ".ingestd-" not in name}

    def look(self, where):
        there = self.documents()
        for name, text in there.items():
            if self.all.get(name) != text:
                fail(f"{where}: {name} is there, and not as it should be:\n{text.decode()}")
        self.must(f"{where}: the next run", "--force")
        if tree(self.world.content) != self.all:
            now = tree(self.world.content)
            fail(f"{where}: after the next run: lost {sorted(set(self.all) - set(now))}, new {sorted(set(now) - set(self.all))}, "
                 f"changed {[n for n in now if n in self.all and now[n] != self.all[n]]}")
        for name in sorted(set(self.all) - set(self.first)):
            os.unlink(os.path.join(self.world.content, name))
        self.must(f"{where}: the run after the next", "--force")
        if tree(self.world.content) != self.first:
            fail(f"{where}: deleted, and made again: {sorted(set(tree(self.world.content)) - set(self.first))}")
        return len(there) - len(self.first)

    def close(self):
        self.world.close()
        self.origin.close()


def main():
    few = "few" in sys.argv
    calls = list(FEW) if few else sys.argv[2:] or CALLS
    if not shutil.which("strace"):
        fail("no strace here")
    feeds, sum_kills, sum_there = Feeds(sys.argv[1]), 0, 0
    try:
        for call in calls:
            kills, there = 0, []
            for k in FEW[call] if few else range(1, 4000):
                found = feeds.killed(call, k)
                if found is None:
                    break
                kills += 1
                there.append(found)
            print(f"{call:10} killed {kills:4} times; of 7 new documents there were then: "
                  f"{', '.join(f'{n} ({there.count(n)} times)' for n in sorted(set(there)))}", flush=True)
            sum_kills, sum_there = sum_kills + kills, sum_there + sum(there)
        if sum_kills < 6 or not sum_there:
            fail("too few kills: the test has lost its subject")
    finally:
        feeds.close()
    print(f"{sum_kills} kills: none twice, none lost, none made again")


main()
