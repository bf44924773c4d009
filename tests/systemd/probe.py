#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tries, inside a unit's sandbox, what the unit forbids; a line per attempt: "bites NAME" or "OPEN NAME".

    probe.py OWN_FOLDER
"""
import ctypes, mmap, os, socket, sys

libc = ctypes.CDLL(None, use_errno=True)
own = sys.argv[1]


def call(name, *args):
    if getattr(libc, name)(*args) == -1:
        raise OSError(ctypes.get_errno(), name)


def write(path):
    with open(path, "w") as f:
        f.write("x")


def write_execute():
    at = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(at))
    call("mprotect", ctypes.c_void_p(address), ctypes.c_size_t(4096), 7)


def others():
    if any(int(p) != os.getpid() for p in os.listdir("/proc") if p.isdigit() and
           os.stat("/proc/" + p).st_uid == 0):
        return
    raise OSError("nobody else is seen")


def listed(folder):
    if not os.listdir(folder):
        raise OSError("empty")


TRIES = [
    ("ProtectSystem: /usr", lambda: write("/usr/x")),
    ("ProtectSystem: /etc", lambda: write("/etc/x")),
    ("ProtectSystem: /var/lib", lambda: write("/var/lib/x")),
    ("ProtectHome: /home", lambda: listed("/home")),
    ("ProtectHome: /root", lambda: listed("/root")),
    ("PrivateTmp: what others keep in /tmp", lambda: open("/tmp/of-others")),
    ("PrivateDevices: /dev/kmsg", lambda: open("/dev/kmsg")),
    ("PrivateUsers, CapabilityBoundingSet: setuid", lambda: call("setuid", 0)),
    ("ProtectProc: processes of others", others),
    ("ProcSubset: /proc/cpuinfo", lambda: open("/proc/cpuinfo")),
    ("ProtectKernelTunables: /proc/sys", lambda: write("/proc/sys/kernel/domainname")),
    ("ProtectControlGroups: /sys/fs/cgroup", lambda: os.mkdir("/sys/fs/cgroup/x")),
    ("ProtectKernelLogs: syslog", lambda: call("klogctl", 3, ctypes.create_string_buffer(64), 64)),
    ("ProtectKernelModules: init_module", lambda: call("syscall", 175, 0, 0, 0)),
    ("ProtectClock: settimeofday", lambda: call("settimeofday", ctypes.create_string_buffer(16), None)),
    ("ProtectHostname: sethostname", lambda: socket.sethostname("x")),
    ("RestrictNamespaces: unshare", lambda: call("unshare", 0x00020000)),
    ("RestrictRealtime: SCHED_FIFO", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
    ("RestrictSUIDSGID: chmod u+s", lambda: (write(own + "/s"), os.chmod(own + "/s", 0o4755))),
    ("LockPersonality: personality", lambda: call("personality", 0x0400000)),
    ("MemoryDenyWriteExecute: mprotect", write_execute),
    ("RestrictAddressFamilies: AF_PACKET", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
    ("RestrictAddressFamilies: AF_BLUETOOTH", lambda: socket.socket(31, socket.SOCK_STREAM)),
    ("SystemCallFilter: mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None)),
    ("SystemCallFilter: ptrace", lambda: call("ptrace", 16, 1, 0, 0)),
    ("SystemCallFilter: bpf", lambda: call("syscall", 321, 0, 0, 0)),
    ("SystemCallFilter: chroot", lambda: os.chroot("/tmp")),
]
MUST = [
    ("writes its own content", lambda: write(own + "/x")),
    ("connects", lambda: socket.create_connection(("127.0.0.1", 9), 1)),
]

for name, attempt in TRIES:
    try:
        attempt()
        print("OPEN ", name)
    except OSError as e:
        print("bites", name, "-", e.strerror or e)
for name, attempt in MUST:
    try:
        attempt()
        print("may  ", name)
    except ConnectionRefusedError:
        print("may  ", name)
    except OSError as e:
        print("CANNOT", name, "-", e.strerror)
