#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The status server: what it answers, to whom, and who cannot disturb it.

    web.py INGESTD [NAME...]

Each function marked @test gets a world and an origin of its own and gives the complaints that it has.
"""
import http.client, os, re, signal, socket, stat, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import Tests, article, document, filled, run_tests

test = Tests()


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Local(http.client.HTTPConnection):
    """Over a socket of the file system."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, got):
        self.status, self.headers, self.body = got.status, got.headers, got.read().decode()


def ask(at, target, method="GET", body=None, **headers):
    """at: a port, or the path of a socket. Underscores of header names become hyphens."""
    c = Local(at) if isinstance(at, str) else http.client.HTTPConnection("127.0.0.1", at, timeout=10)
    try:
        c.request(method, target, body, {k.replace("_", "-"): v for k, v in headers.items()})
        return Answer(c.getresponse())
    finally:
        c.close()


def is_up(at):
    def up():
        try:
            return ask(at, "/healthz").status in (200, 503)
        except OSError:
            return False
    return up


def serve(w, listen, more=""):
    """The service, listening; gives the process."""
    with open(w.config, "a") as f:
        f.write(f"status:\n  listen: '{listen}'\n{more}")
    p = w.start("serve")
    if not until(is_up(listen if listen.startswith("/") else int(listen.rsplit(":", 1)[1]))):
        p.kill()
        raise RuntimeError(f"it does not answer: {p.communicate()[1]}")
    return p


def stop(p, err=""):
    p.send_signal(signal.SIGTERM)
    _, said = p.communicate(timeout=30)
    if p.returncode:
        yield f"exit {p.returncode}: {said}"
    if err is not None and not re.fullmatch(err, said, re.S):
        yield f"standard error: {said!r}"


def wrong(answer, status, what):
    if answer.status != status:
        yield f"{what}: {answer.status}, not {status}: {answer.body[:300]!r}"


def value(text, series):
    """A number of /metrics; None when it is not there."""
    got = re.search(rf"^{re.escape(series)} (\S+)$", text, re.M)
    return float(got.group(1)) if got else None


def put(w, origin, n):
    origin.page(f"127.0.0.{2 + n % 30}/{n}.html", article(n))
    w.put(f"{n:03}.md", document(n, f"http://127.0.0.{2 + n % 30}:{origin.port}/{n}.html"))


@test
def answers_over_a_port(w, origin):
    put(w, origin, 1)
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    if not until(lambda: value(ask(port, "/metrics").body, "ingestd_documents_written_total") == 1):
        yield "the write is not counted"
    until(lambda: value(ask(port, "/metrics").body, "ingestd_last_success_timestamp_seconds"))
    got = ask(port, "/metrics")
    for series, want in (('ingestd_fetches_total{result="article"}', 1), ("ingestd_fetch_duration_seconds_count", 1),
                         ('ingestd_fields_written_total{field="excerpt"}', 1), ('ingestd_documents{state="complete"}', 1),
                         ('ingestd_documents_missing{field="excerpt"}', 0), ("ingestd_healthy", 1)):
        if value(got.body, series) != want:
            yield f"{series} is {value(got.body, series)}, not {want}"
    if not time.time() - 60 < value(got.body, "ingestd_last_success_timestamp_seconds") <= time.time() + 1:
        yield "the last success is not told"
    if got.headers["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8":
        yield f"type {got.headers['Content-Type']}"
    for name, want in (("Content-Security-Policy", r"default-src 'none'; .*frame-ancestors 'none'.*"), ("Cache-Control", "no-store"),
                       ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")):
        if not re.fullmatch(want, got.headers.get(name, "")):
            yield f"{name}: {got.headers.get(name)}"
    yield from wrong(ask(port, "/healthz", "HEAD"), 200, "HEAD")
    yield from wrong(ask(port, "/nothing"), 404, "an unknown address")
    yield from wrong(ask(port, "/healthz", "POST", "a=b"), 405, "POST")
    yield from wrong(ask(port, "/healthz", "BREW"), 405, "an unknown method")
    yield from stop(p)


@test
def answers_over_a_socket(w, origin):
    path = os.path.join(w.work, "status.sock")
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()  # what a killed service leaves
    p = serve(w, path)
    yield from wrong(ask(path, "/metrics", Host="whatever.example"), 200, "a name behind a socket")
    if stat.S_IMODE(os.stat(path).st_mode) != 0o660:
        yield f"mode {oct(os.stat(path).st_mode)}"
    p.send_signal(signal.SIGHUP)
    yield from wrong(ask(path, "/metrics"), 200, "during a reload")
    yield from stop(p)
    if os.path.exists(path):
        yield "the socket is left"


@test
def names_and_requests_that_are_refused(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    for host in ("rebind.example", f"rebind.example:{port}", "127.0.0.1.rebind.example", "[::2]", "0.0.0.0", ""):
        yield from wrong(ask(port, "/metrics", Host=host), 421, f"Host: {host}")
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]:1"):
        yield from wrong(ask(port, "/metrics", Host=host), 200, f"Host: {host}")
    for target, status in (("/%ff", 400), ("/a%00", 400), ("/healthz?%zz", 400), ("http://127.0.0.1/healthz", 400),
                           ("/" + "a" * 17000, 414)):
        yield from wrong(ask(port, target), status, target[:40])
    yield from stop(p)


@test
def refusals_are_pages_for_browsers(w, origin):
    """In the style of all others, with a way back; a program gets a line. The same headers, and nothing of what was sent."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    good = ask(port, "/").headers
    for what, target, method, body, more, status, title in (
            ("nothing there", "/<sent>", "GET", None, {}, 404, "Not found"), ("no file", "/static/<sent>", "GET", None, {}, 404, "Not found"),
            ("no copy", "/copy/<sent>", "GET", None, {}, 404, "Not found"), ("another method", "/?<sent>", "BREW", None, {}, 405, "Not like this"),
            ("a form's address", "/act/undo?<sent>", "GET", None, {}, 405, "Not like this"),
            ("a bad address", "/%ff<sent>", "GET", None, {}, 400, "Not like this"),
            ("a long address", "/<sent>" + "a" * 17000, "GET", None, {}, 414, "Not like this"),
            ("no right", "/act/undo", "POST", "kind=run&what=&back=<sent>", form, 403, "Not allowed"),
            ("another site", "/act/undo", "POST", "what=<sent>", {**form, "Sec_Fetch_Site": "cross-site"}, 403, "Not allowed"),
            ("no form", "/act/undo", "POST", "<sent>", {"Content_Type": "text/plain"}, 415, "Not like this"),
            # (which is not sent, so that nobody is cut off while writing)
            ("too much", "/act/undo", "POST", "<sent>", {**form, "Content_Length": "72000"}, 413, "Not like this")):
        target = target.replace("<", "%3C").replace(">", "%3E")
        got = ask(port, target, method, body, Accept="text/html,application/xhtml+xml,*/*;q=0.8", **more)
        yield from wrong(got, status, what)
        if got.headers["Content-Type"] != "text/html; charset=utf-8" or f"<h1>{title}</h1>" not in got.body or \
                'href="/static/page.css"' not in got.body or '<a href="/">Overview</a>' not in got.body or "http-equiv" in got.body:
            yield f"{what}: no page: {got.body[:300]}"
        if "sent" in got.body.replace("too much is sent", ""):
            yield f"{what}: what was sent comes back"
        for name in set(good.keys()) - {"Date", "Content-Type", "Content-Length", "Connection"}:
            if got.headers.get(name) != good[name]:
                yield f"{what}: {name}: {got.headers.get(name)}"
        plain = ask(port, target, method, body, Accept="*/*", **more)
        if plain.status != status or plain.headers["Content-Type"] != "text/plain; charset=utf-8" or plain.body.count("\n") != 1:
            yield f"{what}, to a program: {plain.status} {plain.body[:100]!r}"
    for target, method, allow in (("/", "BREW", "GET, HEAD"), ("/", "POST", "GET, HEAD"), ("/act/undo", "GET", "POST"), ("/act/undo", "BREW", "POST")):
        if ask(port, target, method).headers.get("Allow") != allow:
            yield f"{method} {target}: Allow: {ask(port, target, method).headers.get('Allow')}"
    for target in ("/favicon.ico", "/favicon.svg"):
        got = ask(port, target)
        if got.status != 200 or got.headers["Content-Type"] != "image/svg+xml" or not got.body.startswith("<svg "):
            yield f"{target}: {got.status} {got.headers['Content-Type']}"
    # libmicrohttpd's own have no headers of ours: they are to hold nothing of a stranger's, and end the connection
    host = b"Host: localhost\r\n"
    for what, sent in (("a longer address", b"GET /<sent>" + b"a" * 40000 + b" HTTP/1.1\r\n" + host + b"\r\n"),
                       ("a long field", b"GET /<sent> HTTP/1.1\r\n" + host + b"X: <sent>" + b"b" * 40000 + b"\r\n\r\n"),
                       ("no Host", b"GET /<sent> HTTP/1.1\r\nX: <sent>\r\n\r\n"), ("no HTTP", b"GET /<sent> HTTP/9.9\r\n" + host + b"\r\n"),
                       ("no field", b"GET / HTTP/1.1\r\n" + host + b"<sent>\r\n\r\n"),
                       ("no length", b"GET / HTTP/1.1\r\n" + host + b"Content-Length: <sent>\r\n\r\n")):
        got = raw(port, sent)
        if not re.match(rb"HTTP/1\.1 (400|414|431|505) ", got) or b"sent" in got or b"Connection: close" not in got:
            yield f"{what}: {got[:300]!r}"
    yield from stop(p)


def raw(port, sent):
    """All that comes back for these bytes, until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        got = b""
        try:
            s.sendall(sent)
            while more := s.recv(65536):
                got += more
        except ConnectionError:
            pass
        return got


def number(w, series):
    """Of the file of metrics."""
    return value(open(os.path.join(w.work, "out", "ingestd.prom")).read(), series)


def metrics_file(w):
    os.mkdir(os.path.join(w.work, "out"))
    with open(w.config, "a") as f:
        f.write(f"metrics-file: {w.work}/out/ingestd.prom\n")


@test
def file_of_metrics_of_runs(w, origin):
    metrics_file(w)
    put(w, origin, 1)
    w.run("--once")
    first = number(w, "ingestd_last_success_timestamp_seconds")
    if not first or not time.time() - 60 < first <= time.time() + 1 or number(w, "ingestd_last_pass_succeeded") != 1:
        yield f"success at {first}"
    put(w, origin, 2)
    time.sleep(1.1)
    w.run("--once")
    for series, want in (("ingestd_documents_written_total", 2), ('ingestd_fetches_total{result="article"}', 2),
                         ("ingestd_fetch_duration_seconds_count", 2), ('ingestd_documents{state="complete"}', 2),
                         ("ingestd_document_duration_seconds_count", 2)):
        if number(w, series) != want:
            yield f"after two runs {series} is {number(w, series)}, not {want}"
    second = number(w, "ingestd_last_success_timestamp_seconds")
    if not second > first:
        yield "the second success is not told"
    before = open(f"{w.work}/out/ingestd.prom").read()
    if w.run("--once", "--dry-run").returncode or open(f"{w.work}/out/ingestd.prom").read() != before:
        yield "a dry run wrote it"
    origin.page("127.0.0.5/3.html", article(3), {"delay": 20})
    w.put("003.md", document(3, f"http://127.0.0.5:{origin.port}/3.html"))
    p = w.start("--once")
    until(lambda: any("/3.html" in a for a in origin.asked()), 5)
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=30)
    if number(w, "ingestd_last_pass_succeeded") != 0 or number(w, "ingestd_last_success_timestamp_seconds") != second:
        yield "a run that was ended counts as a success"
    if number(w, "ingestd_last_pass_timestamp_seconds") < second or number(w, "ingestd_documents_written_total") != 2:
        yield "or what was counted before is lost"
    if [n for n in os.listdir(f"{w.work}/out")] != ["ingestd.prom"]:
        yield f"left: {os.listdir(w.work + '/out')}"


@test
def each_failure_is_told_in_the_file(w, origin):
    metrics_file(w)
    put(w, origin, 1)
    w.run("--once")
    success = number(w, "ingestd_last_success_timestamp_seconds")
    for what, args in (("no state", ["--state", w.config]), ("no folder", [f"{w.work}/nowhere"]), ("no report", ["--report", f"{w.work}/nowhere/report"])):
        w.run("--once")
        success = number(w, "ingestd_last_success_timestamp_seconds")
        ran = w.run("--once", *args)
        if not ran.returncode or number(w, "ingestd_last_pass_succeeded") != 0 or \
                number(w, "ingestd_last_success_timestamp_seconds") != success:
            yield f"{what}: exit {ran.returncode}, succeeded {number(w, 'ingestd_last_pass_succeeded')}"


@test
def file_of_metrics_of_the_service(w, origin):
    metrics_file(w)
    put(w, origin, 1)
    p = w.start("serve")
    if not until(lambda: os.path.exists(f"{w.work}/out/ingestd.prom") and number(w, "ingestd_last_pass_succeeded") == 1):
        yield "no pass is told"
    put(w, origin, 2)
    until(lambda: filled(2, open(os.path.join(w.content, "002.md"), "rb").read()))
    ran = w.run("--once")  # which the service does
    if ran.returncode:
        yield f"--once beside it: {ran.returncode}"
    yield from stop(p)
    if number(w, "ingestd_documents_written_total") != 2 or number(w, "process_open_fds") is not None:
        yield f"at the end: {number(w, 'ingestd_documents_written_total')} writes"
    if number(w, 'ingestd_documents{state="complete"}') != 2:
        yield "not two are complete"


@test
def is_not_well_while_the_disk_is_full(w, origin):
    """A small file system of its own, where the machine lets us mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", w.content]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        return
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    try:
        if not until(lambda: ask(port, "/healthz").status == 200):
            yield f"at first: {ask(port, '/healthz').body}"
        origin.page("127.0.0.3/1.html", article(1))
        w.put("001.md", document(1, f"http://127.0.0.3:{origin.port}/1.html", "more: " + "x" * 40000 + "\n"))
        if not until(lambda: ask(port, "/healthz").status == 503):
            yield "a full disk is well"
        if "no space left" not in ask(port, "/healthz").body:
            yield f"why: {ask(port, '/healthz').body}"
        subprocess.run(["mount", "-o", "remount,size=1m", w.content], check=True)
        p.send_signal(signal.SIGUSR1)
        if not until(lambda: ask(port, "/healthz").status == 200):
            yield f"with room again: {ask(port, '/healthz').body}"
        yield from stop(p, None)
    finally:
        p.kill()
        p.wait()
        subprocess.run(["umount", w.content], check=True)


@test
def sockets_that_systemd_passes(w, origin):
    """As sd_listen_fds(3) has it: descriptor 3, and who it is for."""
    def start(listener):
        pass_on = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); " \
                  "os.execv(sys.argv[2], sys.argv[2:])"
        return subprocess.Popen([sys.executable, "-c", pass_on, str(listener.fileno()), *w.command("serve")],
                                env={**w.env, "LISTEN_FDS": "1"}, pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
    path = os.path.join(w.work, "passed.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        p = start(listener)
        time.sleep(1)
        yield from stop(p, r"ingestd: a socket unit passes a socket that nobody answers: .*\n")
        with open(w.config, "a") as f:
            f.write("status: {listen: systemd}\n")
        p = start(listener)
        if not until(is_up(path)):
            yield "it does not answer"
        p.send_signal(signal.SIGHUP)
        yield from wrong(ask(path, "/metrics"), 200, "during a reload")
        yield from stop(p)
        if not os.path.exists(path):
            yield "a socket that is not its own is gone"
    with socket.socket() as listener:  # a socket that others reach
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        p = start(listener)
        time.sleep(1)
        yield from stop(p, r"ingestd: status.listen: systemd: descriptor 3 is to be .*\n")
    p = w.start("serve")
    time.sleep(1)
    yield from stop(p, r"ingestd: status.listen: systemd: no socket was passed.*\n")


@test
def numbers_are_well_formed(w, origin):
    """As promtool check metrics asks for, which is not everywhere."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    put(w, origin, 1)
    until(lambda: value(ask(port, "/metrics").body, "ingestd_documents_written_total") == 1)
    lines = ask(port, "/metrics").body.split("\n")
    if lines.pop() != "":
        yield "no final line end"
    helped, typed, seen, buckets = set(), {}, set(), {}
    for line in lines:
        comment = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line)
        sample = re.fullmatch(r'([a-z_]+)(?:\{([a-z]+)="([^"\\]+)"\})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?)', line)
        if comment:
            kind, name, rest = comment.groups()
            if kind == "TYPE":
                typed[name] = rest
            elif name in helped:
                yield f"{name} is explained twice"
            else:
                helped.add(name)
            continue
        if not sample:
            yield f"no sample: {line!r}"
            continue
        name, label, of, number = sample.groups()
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        base = base if typed.get(base) == "histogram" else name
        if base not in helped or base not in typed or not line.startswith(list(typed)[-1]):
            yield f"{name} is not explained, or not together"
        if (name, of) in seen:
            yield f"{name} {of} twice"
        seen.add((name, of))
        if (typed[base] == "counter") != name.endswith("_total"):
            yield f"{name} is a {typed[base]}"
        if label == "le":
            if float(number) < buckets.get(base, 0):
                yield f"{name} falls at {of}"
            buckets[base] = float(number)
        if name.endswith("_count") and float(number) != buckets[base]:
            yield f"{name} is not its last bucket"
    if len(seen) < 100:
        yield f"{len(seen)} samples"
    yield from stop(p)


@test
def two_cannot_listen(w, origin):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with open(w.config, "a") as f:
            f.write(f"status: {{listen: '127.0.0.1:{taken.getsockname()[1]}'}}\n")
        put(w, origin, 1)
        p = w.start("serve")
        if not until(lambda: filled(1, open(os.path.join(w.content, "001.md"), "rb").read())):
            yield "the service does not go on without"
    yield from stop(p, r"ingestd: status.listen: '127.0.0.1:\d+': Address already in use\n")


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
