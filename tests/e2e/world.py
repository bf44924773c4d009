# SPDX-License-Identifier: MIT
"""A content folder, its configuration and state in a temporary folder, and an origin: what end-to-end tests share."""
import json, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def tree(folder):
    """{relative path: bytes} of the regular files below folder."""
    return {os.path.relpath(os.path.join(d, f), folder): open(os.path.join(d, f), "rb").read()
            for d, _, files in os.walk(folder) for f in files
            if os.path.isfile(os.path.join(d, f)) and not os.path.islink(os.path.join(d, f))}


class Origin:
    """tests/e2e/origin.py in a process of its own; pages are put below self.root/HOST/."""

    def __init__(self, *options, bind="127.0.0.1-40"):
        self.root = tempfile.mkdtemp(prefix="ingestd-origin-")
        self.log_path = self.root + ".log"
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, "origin.py"), "--root", self.root, "--bind", bind,
                                         "--log", self.log_path, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello = json.loads(self.process.stdout.readline())
        self.port = self.hello["port"]

    def put(self, pages):
        """Serves what lies in this folder (HOST/PATH), and nothing else, from now on; @PORT@ becomes the port."""
        shutil.rmtree(self.root)
        os.mkdir(self.root)
        if os.path.isdir(pages):
            for name, body in tree(pages).items():
                self.page(name, body.replace(b"@PORT@", str(self.port).encode()))

    def page(self, name, body, meta=None):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(body)
        if meta:
            json.dump(meta, open(path + ".meta", "w"))

    def asked(self):
        """Every request so far as HOST/TARGET."""
        rows = [json.loads(line) for line in open(self.log_path)] if os.path.exists(self.log_path) else []
        return [r["host"].rsplit(":", 1)[0] + r["target"] for r in rows]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        shutil.rmtree(self.root, ignore_errors=True)
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)


class World:
    def __init__(self, program, more=""):
        self.program = os.path.abspath(program)
        self.work = tempfile.mkdtemp(prefix="ingestd-world-")
        self.content = os.path.join(self.work, "content")
        os.mkdir(self.content)
        self.config = os.path.join(self.work, "ingestd.yaml")
        open(self.config, "w").write(f"content: [{self.content}]\nstate: {self.work}/state\nallow-networks: [127.0.0.0/8]\n"
                                     "pace: {gap: 0s, connections: 16}\n" + more)
        self.env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.work}
        self.env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})

    def command(self, *args):
        return [self.program, args[0], "--config", self.config, *args[1:]]

    def run(self, *args, timeout=120):
        """stdout and stderr are text whatever bytes they hold."""
        return subprocess.run(self.command(*args), env=self.env, capture_output=True, encoding="utf-8", errors="replace",
                              timeout=timeout)

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)


class Judge:
    """Counts checks; prints each that fails, and at the end how many there were."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, complaints):
        complaints = [c for c in complaints if c]
        self.passed += not complaints
        self.failed += bool(complaints)
        print("FAILED" if complaints else "ok    ", name)
        for c in complaints:
            print("    " + str(c).replace("\n", "\n    "))
        sys.stdout.flush()

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(bool(self.failed) or not self.passed)
