#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interrupts replacements in every way there is and looks at what is left.

    replace_faults.py DRIVE kill     killed at each system call of a batch, then recovered
    replace_faults.py DRIVE random   killed at random instants while editors save the same documents
    replace_faults.py DRIVE errors   each call that can fails with ENOSPC, EIO and others
    replace_faults.py DRIVE full     on a small tmpfs, until it is full (root, or user namespaces)

Needs strace for kill and errors. What cannot be tested here fails: there is no silent skip.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

DRIVE = sys.argv[1]
NAMES = ["a.md", "d/b.md", "d/c.md"]
GROWTH = b"twenty bytes a line\n" * 1000


def old_text(name):
    return b"old text of " + name.encode() + b"\n" + b"x" * 5000


def new_text(name):
    return b"new" + old_text(name)[3:] + GROWTH


def make(folder, names=NAMES):
    os.makedirs(folder + "/d")
    for name in names:
        with open(f"{folder}/{name}", "wb") as f:
            f.write(old_text(name))


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def fail(what):
    sys.exit("FAILED: " + what)


def whole(folder, where, names=NAMES):
    """Every document is the old or the new one; how many are new."""
    new = 0
    for name in names:
        text = read(f"{folder}/{name}")
        if text == new_text(name):
            new += 1
        elif text != old_text(name):
            fail(f"{where}: {name} is neither old nor new ({len(text)} bytes)")
    return new


def drive(*args):
    return subprocess.run([DRIVE, *args], capture_output=True, text=True)


def recover(folder, where):
    got = drive("recover", folder)
    if got.returncode:
        fail(f"{where}: recover says {got.stdout}{got.stderr}")
    return re.findall(r"^(removed|restored|kept|left) ", got.stdout, re.M)


def strace(inject, folder, log="/dev/null"):
    call = inject.split(":")[0]
    return subprocess.run(["strace", "-f", "-qq", "-o", log, "-e", f"trace={call}",
                           "-e", f"inject={inject}", DRIVE, "fill", folder, "1"],
                          capture_output=True, text=True)


def kill():
    """Killed on entering the k-th call of each kind, so after everything that came before it."""
    print(f"{'killed at':12} {'kills':>5} {'left files':>10} {'removed':>8} {'new':>4} of {'all':>4}")
    for call in ["openat", "write", "fchmod", "fremovexattr", "fsync", "renameat", "fcntl", "renameat2",
                 "pread64", "unlinkat", "close"]:
        kills = leftovers = removed = new = 0
        for k in range(1, 1000):
            with tempfile.TemporaryDirectory(prefix="kill-", dir=".") as top:
                folder, where = top + "/x", f"kill at {call} {k}"
                make(folder)
                got = strace(f"{call}:signal=SIGKILL:when={k}", folder)
                if got.returncode == 0:
                    break
                if got.returncode not in (-9, 137):
                    fail(f"{where}: exit {got.returncode}: {got.stderr}")
                kills += 1
                new += whole(folder, where)
                leftovers += len(files(folder)) - len(NAMES)
                did = recover(folder, where)
                if files(folder) != NAMES or set(did) - {"removed"}:
                    fail(f"{where}: after recovery ({did}): {files(folder)}")
                removed += len(did)
                whole(folder, where)
                drive("fill", folder)
                if whole(folder, where) != len(NAMES) or files(folder) != NAMES:
                    fail(f"{where}: not completed by the next run")
        if kills == 0 and call not in ("fremovexattr",):
            fail(f"{call} was never called: strace or the protocol changed")
        print(f"{call:12} {kills:5} {leftovers:10} {removed:8} {new:4} of {kills * len(NAMES):4}")


class Editor(threading.Thread):
    """Saves one document as fast as it can, an edit more each time."""

    def __init__(self, folder, name, edit):
        super().__init__()
        self.folder, self.name_, self.edit, self.stop = folder, name, edit, False

    def run(self):
        path = f"{self.folder}/{self.name_}"
        while not self.stop:
            edit, way = self.edit + 1, random.randrange(3)
            line = b"e %d\n" % edit
            if way == 0:
                with open(path, "ab", 0) as f:
                    f.write(line)
            elif way == 1:
                with open(path, "r+b", 0) as f:
                    f.truncate()
                    f.write(b"patch: by hand\n" + line)
            else:
                with open(path + ".save", "wb", 0) as f:
                    f.write(b"patch: by hand\n" + line)
                os.rename(path + ".save", path)
            self.edit = edit
            time.sleep(random.random() * 0.002)


def last_edit(text):
    found = re.findall(rb"^e (\d+)$", text, re.M)
    return int(found[-1]) if found else -1


def random_kills(rounds=100):
    count = {"removed": 0, "restored": 0, "kept": 0, "left": 0, "saves": 0}
    in_kept = 0
    with tempfile.TemporaryDirectory(prefix="random-", dir=".") as folder:
        names = [f"{i}.md" for i in range(6)]
        edits = dict.fromkeys(names, 0)
        for name in names:
            with open(f"{folder}/{name}", "wb") as f:
                f.write(b"patch: 0\ne 0\n")
        for i in range(rounds):
            editors = [Editor(folder, name, edits[name]) for name in names]
            child = subprocess.Popen([DRIVE, "loop", folder, "4", "3"], stderr=subprocess.DEVNULL)
            for editor in editors:
                editor.start()
            time.sleep(random.uniform(0.01, 0.12))
            child.send_signal(signal.SIGKILL)
            child.wait()
            time.sleep(0.005)
            for editor in editors:
                editor.stop = True
            for editor in editors:
                editor.join()
            for what in recover(folder, f"round {i}"):
                count[what] += 1
            for editor in editors:
                count["saves"] += editor.edit - edits[editor.name_]
                edits[editor.name_] = editor.edit
                at = last_edit(read(f"{folder}/{editor.name_}"))
                if at == editor.edit:
                    continue
                kept = [n for n in files(folder) if n.startswith(editor.name_ + ".ingestd-kept-")]
                if not any(b"e %d\n" % editor.edit in read(f"{folder}/{n}") for n in kept):
                    fail(f"round {i}: {editor.name_}: edit {editor.edit} is lost, last is {at}; {files(folder)}")
                in_kept += 1
            stray = [n for n in files(folder) if n not in names and ".ingestd-kept-" not in n]
            if stray:
                fail(f"round {i}: {stray} left after recovery")
    print(f"{rounds} kills, {count['saves']} saves meanwhile; leftovers: {count['removed']} removed, "
          f"{count['restored']} restored, {count['kept']} kept; edits lost: 0, of these in kept files: {in_kept}")


def errors():
    table = [  # call, errno, exit allowed, leftovers allowed before recovery
        ("openat", "ENOSPC", (0, 2, 73, 74), False), ("write", "ENOSPC", (0, 74), False),
        ("write", "EIO", (0, 73), False), ("fchmod", "EPERM", (0, 73), False),
        ("fsync", "EIO", (0, 73), False), ("fsync", "ENOSPC", (0, 73, 74), False),
        ("renameat", "ENOSPC", (0, 74), False), ("renameat", "EIO", (0, 73), False),
        ("renameat2", "EIO", (0, 73), False), ("renameat2", "EINVAL", (0,), False),
        ("fcntl", "EINVAL", (0,), False), ("fcntl", "EAGAIN", (0,), False),
        ("unlinkat", "EIO", (0, 73), True), ("pread64", "EIO", (0, 73), True),
    ]
    for call, errno, allowed, left in table:
        runs = failed = 0
        for k in range(1, 1000):
            with tempfile.TemporaryDirectory(prefix="errors-", dir=".") as top:
                folder, log, where = top + "/x", top + "/log", f"{errno} from {call} {k}"
                make(folder)
                got = strace(f"{call}:error={errno}:when={k}", folder, log)
                if b"(INJECTED)" not in read(log):
                    break
                # 1, 2, 64, 127: it did not come as far as replacing anything
                if got.returncode not in allowed + (1, 2, 64, 127):
                    fail(f"{where}: exit {got.returncode}, {got.stderr}")
                new = whole(folder, where)
                if not left and files(folder) != NAMES:
                    fail(f"{where}: {files(folder)}")
                recover(folder, where)
                whole(folder, where)
                if files(folder) != NAMES:
                    fail(f"{where}: after recovery {files(folder)}")
                runs += 1
                failed += new < len(NAMES)
        print(f"{call:10} {errno:7}: {runs} runs, {failed} with a document left old")
        if not runs or (call in ("write", "fsync", "renameat") and not failed):
            fail(f"no {call} was made to fail")


def full():
    inside = os.environ.get("FAULTS_INSIDE")
    if not inside:
        args = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
        sys.exit(subprocess.run(args + [sys.executable, *sys.argv],
                                env={**os.environ, "FAULTS_INSIDE": "1"}).returncode)
    with tempfile.TemporaryDirectory(prefix="full-", dir=".") as top:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", top], check=True)
        try:
            folder = top + "/x"
            names = [f"d/{i:02}.md" for i in range(40)]
            make(folder, names)
            for _ in range(2):
                got = drive("fill", folder)
                if got.returncode != 74 or "FULL: " not in got.stderr:
                    fail(f"exit {got.returncode}, {got.stderr}")
                new = whole(folder, "full disk", names)
                if files(folder) != names:
                    fail(f"left: {files(folder)}")
            if not 0 < new < len(names):
                fail(f"{new} documents were new: nothing was tested")
            print(f"full disk: exit 74, {new} of {len(names)} documents new, the others old, nothing left beside them")
        finally:
            subprocess.run(["umount", top], check=True)


if sys.argv[2] in ("kill", "errors") and not shutil.which("strace"):
    fail("no strace here")
{"kill": kill, "random": random_kills, "errors": errors, "full": full}[sys.argv[2]]()
