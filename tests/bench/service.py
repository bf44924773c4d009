#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The service with many documents: start, rest, a new document, a storm.

    service.py INGESTD [DOCUMENTS] [REST_SECONDS]

Prints one line a figure. Nothing is asked of anybody but an origin on 127.0.0.0/8.
"""
import json, os, re, signal, socket, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from world import Origin, World, article, document, filled


class Service:
    """`ingestd serve` that tells when it is ready, as it would tell systemd."""

    def __init__(self, w):
        path = w.work + "/notify"
        if os.path.exists(path):
            os.unlink(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.began = time.monotonic()
        self.err = w.work + "/stderr"
        with open(self.err, "w") as err:
            self.p = subprocess.Popen(w.command("serve", "--verbose"), env={**w.env, "NOTIFY_SOCKET": path}, stdout=err, stderr=err)
        self.ready = self.wait("READY=1")
        threading.Thread(target=self.drain, daemon=True).start()  # or the service would wait for us in the end

    def wait(self, what, seconds=300):
        """Seconds since the start."""
        self.socket.settimeout(seconds)
        while what not in self.socket.recv(65536).decode():
            pass
        return time.monotonic() - self.began

    def drain(self):
        self.socket.settimeout(None)
        while self.p.poll() is None:
            self.socket.recv(65536)

    def memory(self):
        status = open(f"/proc/{self.p.pid}/status").read()
        return {k: int(re.search(k + r":\s+(\d+) kB", status)[1]) for k in ("VmRSS", "VmHWM", "RssAnon")}

    def cpu(self):
        f = open(f"/proc/{self.p.pid}/stat").read().rsplit(") ", 1)[1].split()
        return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")

    def switches(self):
        """Wake-ups of each thread so far, by its name."""
        total = {}
        for t in os.listdir(f"/proc/{self.p.pid}/task"):
            status = open(f"/proc/{self.p.pid}/task/{t}/status").read()
            total[t] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.M)[1])
        return total

    def rest(self, still=3, limit=600):
        """Until it has used no processor for some seconds."""
        last, since, end = self.cpu(), time.monotonic(), time.monotonic() + limit
        while time.monotonic() - since < still and time.monotonic() < end:
            time.sleep(0.2)
            now = self.cpu()
            if now != last:
                last, since = now, time.monotonic()
        return since - self.began

    def stop(self):
        began = time.monotonic()
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(30)
        err = open(self.err).read()
        return self.p.returncode, "\n".join(l for l in err.splitlines() if "TURN" in l or "turns" in l), time.monotonic() - began


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
    w, origin = World(program), Origin()
    for n in range(count):
        w.put(f"{n % 1000:03}/{n:06}.md", b"---\ntitle: \"A complete document number %d\"\n---\n\nIts body.\n" % n)
    s = Service(w)
    print(f"{count} new documents: READY after {s.ready:.2f} s, at rest after {s.rest():.1f} s, {s.memory()} kB")
    print("stop:", s.stop())
    s = Service(w)
    print(f"{count} known documents: READY after {s.ready:.2f} s, at rest after {s.rest():.1f} s, {s.memory()} kB, {s.cpu():.2f} s of processor")
    before, cpu = s.switches(), s.cpu()
    calls = ""
    if subprocess.run(["which", "strace"], capture_output=True).returncode == 0:
        t = subprocess.run(["timeout", "-s", "INT", str(seconds), "strace", "-f", "-c", "-p", str(s.p.pid)], capture_output=True, text=True)
        calls = t.stderr
    else:
        time.sleep(seconds)
    after = s.switches()
    woken = {t: after[t] - before.get(t, 0) for t in after if after[t] != before.get(t, 0)}
    print(f"{seconds:.0f} s of rest: {s.cpu() - cpu:.2f} s of processor, wake-ups by thread {woken}, {s.memory()} kB")
    print("\n".join("    " + l for l in calls.splitlines() if l.strip()))
    took = []
    for n in range(20):
        host = f"127.0.0.{2 + n % 30}"
        origin.page(f"{host}/{n}.html", article(n))
        path = w.put(f"000/new-{n}.md", document(n, f"http://{host}:{origin.port}/{n}.html"))
        began = time.monotonic()
        while not filled(n, open(path, "rb").read()) and time.monotonic() < began + 10:
            time.sleep(0.002)
        took.append(time.monotonic() - began - 0.3)
        time.sleep(0.05)
    took.sort()
    print(f"a new document, from close(2), less 300 ms of settling: median {took[10] * 1000:.0f} ms, worst {took[-1] * 1000:.0f} ms")
    storm = min(50000, count)
    began = time.monotonic()
    for n in range(storm):
        path = os.path.join(w.content, f"{n % 1000:03}/{n:06}.md")
        open(path, "ab").write(b"More.\n")
    wrote = time.monotonic() - began
    done = s.rest() - (began - s.began)
    print(f"{storm} documents changed in {wrote:.1f} s: at rest {done:.1f} s after the first, {s.memory()} kB")
    n = 99
    origin.page("127.0.0.9/99.html", article(n))
    path = w.put("001/after.md", document(n, f"http://127.0.0.9:{origin.port}/99.html"))
    end = time.monotonic() + 10
    while not filled(n, open(path, "rb").read()) and time.monotonic() < end:
        time.sleep(0.01)
    print("and a new one after it:", "filled" if filled(n, open(path, "rb").read()) else "NOT FILLED")
    print("stop:", s.stop())
    origin.close()
    w.close()


main()
