# SPDX-License-Identifier: MIT
"""The test's hand on the virtual clock of warp.c: see there.

    clock = Warp(LIBRARY)
    w.env.update(clock.env)               # every program started with this lives on it
    origin = Origin(clock=clock)          # tests/e2e/world.py: its log has virtual times
    clock.sleep(6 * 3600)                 # nobody runs meanwhile: cron's gaps
    clock.run_until(clock.now() + DAY)    # the service lives through a day, in seconds
    clock.set(0)                          # 1970; what is monotonic goes on

All in seconds. now() is what the program's time() says, monotonic() its CLOCK_MONOTONIC."""
import mmap, os, struct, tempfile, time

MAGIC, VERSION, SIZE = 0x77617270, 1, 4096
JUMP, STEP, LIMIT, ROUND, STILL, JUMPS = (8 + 8 * i for i in range(6))
NS = 10 ** 9


class Clock:
    """For who only looks: tests/e2e/origin.py."""

    def __init__(self, path):
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), SIZE)

    def get(self, at):
        return struct.unpack_from("<q", self.map, at)[0]

    def put(self, at, value):
        struct.pack_into("<q", self.map, at, int(value))

    def now(self):
        return time.time() + (self.get(JUMP) + self.get(STEP)) / NS

    def monotonic(self):
        return time.clock_gettime(time.CLOCK_MONOTONIC) + self.get(JUMP) / NS


class Warp(Clock):
    def __init__(self, library, free=False):
        """free: whoever runs may sleep as far ahead as it likes; else to where run_until() lets it."""
        fd, self.path = tempfile.mkstemp(prefix="ingestd-clock-")
        os.write(fd, struct.pack("<II", MAGIC, VERSION).ljust(SIZE, b"\0"))
        os.close(fd)
        super().__init__(self.path)
        self.put(LIMIT, 2 ** 62 if free else 0)
        self.env = {"LD_PRELOAD": os.path.abspath(library), "WARP_CLOCK": self.path}

    def sleep(self, seconds):
        """Time passes at once, whoever may run: as after a suspend."""
        self.put(JUMP, self.get(JUMP) + seconds * NS)

    def set(self, now):
        """The wall clock is set; what has been waited for is not changed by it."""
        self.put(STEP, self.get(STEP) + (now - self.now()) * NS)

    def limit(self, monotonic):
        self.put(LIMIT, monotonic * NS)

    def run_until(self, now, timeout=120):
        """Those who run live until then, by their wall clock: what was due has been done, and all wait. False after `timeout` real seconds."""
        until = self.monotonic() + now - self.now()
        self.limit(until)
        end = time.monotonic() + timeout
        while self.monotonic() < until:
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return self.settle(end - time.monotonic())

    def settle(self, timeout=30):
        """Until all wait and nothing is in flight."""
        end, still = time.monotonic() + timeout, self.get(STILL)
        while self.get(STILL) < still + 2:
            if time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def close(self):
        self.map.close()
        os.unlink(self.path)
