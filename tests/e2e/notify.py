#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the service tells systemd, heard by a socket of ours: sd_notify(3).

    notify.py INGESTD [NAME...]
"""
import os, re, signal, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve import is_filled, put, until
from world import Tests, run_tests

test = Tests()


class Ear:
    """NOTIFY_SOCKET."""

    def __init__(self, w):
        self.path = w.work + "/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []

    def listen(self, seconds):
        self.socket.settimeout(seconds)
        try:
            self.heard.append(self.socket.recv(4096).decode())
            return True
        except TimeoutError:
            return False

    def hears(self, what, seconds=20):
        """Whether a message with that line comes, or came and was not asked for yet."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while self.heard:
                if re.search(f"^{what}$", self.heard.pop(0), re.M):
                    return True
            self.listen(max(0.01, end - time.monotonic()))
        return False


@test
def life(w, origin):
    """READY only when it works; a reload has its beginning, with a time, and its end; STOPPING."""
    ear = Ear(w)
    put(w, origin, 1)
    p = w.start("serve", NOTIFY_SOCKET=ear.path)
    if not ear.hears("READY=1"):
        yield "no READY=1"
    if not until(is_filled(w, 1)):
        yield "nothing was filled"
    now = time.monotonic_ns() // 1000
    p.send_signal(signal.SIGHUP)
    if not ear.hears(r"RELOADING=1\nMONOTONIC_USEC=\d+") :
        yield "no RELOADING=1 with MONOTONIC_USEC="
    if not ear.hears("READY=1"):
        yield "no READY=1 after the reload"
    open(w.config, "a").write("nonsense: [\n")
    p.send_signal(signal.SIGHUP)
    if not ear.hears(r"RELOADING=1\nMONOTONIC_USEC=\d+") or not ear.hears("READY=1"):
        yield "a refused reload has no end"
    p.send_signal(signal.SIGTERM)
    if not ear.hears("STOPPING=1"):
        yield "no STOPPING=1"
    p.communicate(timeout=30)
    if p.returncode:
        yield f"exit {p.returncode}"


@test
def status(w, origin):
    ear = Ear(w)
    put(w, origin, 1)
    p = w.start("serve", NOTIFY_SOCKET=ear.path)
    if not ear.hears(r"STATUS=.*\b1 documents?\b.*"):
        yield "no STATUS= with a count"
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)


@test
def watchdog(w, origin):
    """Twice in its time, from the loop; not when WATCHDOG_PID is another's."""
    ear = Ear(w)
    p = w.start("serve", NOTIFY_SOCKET=ear.path, WATCHDOG_USEC="400000")
    began = time.monotonic()
    for n in range(5):
        if not ear.hears("WATCHDOG=1", 10):
            yield f"tick {n} is missing"
            break
    if time.monotonic() - began < 0.6:
        yield "five ticks came at once"
    p.send_signal(signal.SIGSTOP)
    while ear.listen(0.5):
        pass
    ear.heard.clear()
    if ear.hears("WATCHDOG=1", 0.5):
        yield "a tick without a loop"
    p.send_signal(signal.SIGCONT)
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)
    p = w.start("serve", NOTIFY_SOCKET=ear.path, WATCHDOG_USEC="200000", WATCHDOG_PID="1")
    ear.heard.clear()
    if not ear.hears("READY=1") or ear.hears("WATCHDOG=1", 0.6):
        yield "ticks for another's watchdog"
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)


@test
def nobody_reads(w, origin):
    """A reader that has stopped holds nothing up; what matters comes when it reads again."""
    ear = Ear(w)
    put(w, origin, 1)
    flood = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    flood.setblocking(False)
    flood.connect(ear.path)
    sent = 0
    try:
        while sent < 10000:
            flood.send(b"X=1")
            sent += 1
    except BlockingIOError:
        pass
    p = w.start("serve", NOTIFY_SOCKET=ear.path, WATCHDOG_USEC="400000")
    if not until(is_filled(w, 1), 10):
        yield "it does nothing while nobody reads"
    for n in range(2, 15):  # more statuses than are kept
        put(w, origin, n)
        until(is_filled(w, n), 3)
    p.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    heard, end = [], time.monotonic() + 2
    while time.monotonic() < end and ear.listen(1):
        heard.append(ear.heard.pop())
    heard = [h for h in heard if h != "X=1"]
    kinds = [h.split("=")[0] for h in heard if not h.startswith("WATCHDOG")]
    kinds = [k for n, k in enumerate(kinds) if not n or kinds[n - 1] != k]
    if [k for k in kinds if k != "STATUS"] != ["READY", "RELOADING", "READY"] and \
            [k for k in kinds if k != "STATUS"] != ["READY", "RELOADING"]:
        yield f"heard {heard}"
    p.send_signal(signal.SIGTERM)
    try:
        p.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        yield "it does not end"
        p.kill()


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
