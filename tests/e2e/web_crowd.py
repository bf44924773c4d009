#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The status server among people who mean it ill, or hold what they have: crowds, the slow, the rude, other sites' pages.

    web_crowd.py PROBE [WITHOUT [NAME...]]

PROBE is the program with the routes of tests/e2e/web_probe.c. Each function marked @test gets a world and an origin.
Those marked @guard are run with WITHOUT too, which has no protection (tests/e2e/web_without.c), and have to complain then, of each row
where there are some: what cannot be seen to fail protects nobody.
"""
import os, re, resource, signal, socket, struct, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from web import ask, free_port, put, serve, stop, until, value, wrong
from world import Tests, filled, run_tests

test, guard = Tests(), Tests()
CROWD = 10000


def connect(port, n=0, timeout=5):
    """From an address of its own for every few thousand, since ports are finite."""
    s = socket.socket()
    s.settimeout(timeout)
    s.bind((f"127.1.{n // 5000}.1", 0))
    s.connect(("127.0.0.1", port))
    return s


def descriptors(p):
    return len(os.listdir(f"/proc/{p.pid}/fd"))


def resident(p):
    return int(open(f"/proc/{p.pid}/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def switches(p):
    """How often the main thread has waited for something."""
    return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", open(f"/proc/{p.pid}/task/{p.pid}/status").read(), re.M).group(1))


def is_answered(port, within):
    """A person who asks at once."""
    began = time.monotonic()
    try:
        return ask(port, "/healthz").status in (200, 503) and time.monotonic() - began < within
    except OSError:
        return False


def until_closed(sockets, seconds):
    """How many of them the server has closed by then."""
    end, left = time.monotonic() + seconds, set(sockets)
    while left and time.monotonic() < end:
        for s in list(left):
            s.setblocking(False)
            try:
                while s.recv(65536):
                    pass
                left.discard(s)
            except BlockingIOError:
                pass
            except OSError:
                left.discard(s)
        time.sleep(0.05)
    return len(sockets) - len(left)


def close_all(sockets):
    for s in sockets:
        s.close()


@test
@guard
def ten_thousand_idle_connections(w, origin):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    crowd = min(CROWD, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    held, unanswered, most = [], 0, 0
    base, memory, work = descriptors(p), resident(p), list(range(30))
    try:
        for i in range(crowd):
            try:
                held.append(connect(port, i))
            except OSError:
                yield f"the {i}th cannot connect any more"
                break
            if i % 300 == 0 and work:
                put(w, origin, work.pop())  # what there is to do goes on
            if i % 500 == 499 and not is_answered(port, 2):
                unanswered += 1
                if unanswered > 2:
                    break
            if i % 100 == 0:
                most = max(most, descriptors(p))
        if unanswered:
            yield f"among {len(held)} idle connections a person waits in vain"
        if most - base > 64 + 40:
            yield f"{most - base} descriptors more than at rest"
        if resident(p) - memory > 30:
            yield f"{resident(p) - memory:.1f} MB more than at rest"
        done = set(range(30)) - set(work)
        if not until(lambda: all(filled(n, open(f"{w.content}/{n:03}.md", "rb").read()) for n in done)):
            yield "documents wait"
        print(f"    {len(held)} held; at the most {most - base} descriptors and {resident(p) - memory:.1f} MB more than at rest")
    finally:
        close_all(held)
    yield from stop(p, None)


@test
@guard
def slow_ones(w, origin):
    """Silent, writing a byte at a time, and never reading: all are closed in the end, and a person is answered meanwhile."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    base = descriptors(p)
    silent = [connect(port) for _ in range(20)]
    writers = [connect(port) for _ in range(20)]
    readers = [connect(port) for _ in range(16)]
    posters = [connect(port) for _ in range(4)]
    for s in posters:
        s.sendall(b"POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nwhat=")
    for s in writers:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
    for s in readers:
        s.setblocking(False)
        try:
            while True:
                s.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        except OSError:
            pass
    if not is_answered(port, 2):
        yield "a person waits in vain"
    end, gone = time.monotonic() + 25, set()
    while time.monotonic() < end and len(gone) < len(writers):
        for s in set(writers) - gone:
            try:
                s.sendall(b"x")
            except OSError:
                gone.add(s)
        time.sleep(0.25)
    if len(gone) < len(writers):
        yield f"{len(writers) - len(gone)} of {len(writers)} may write for ever"
    for what, sockets in (("be silent", silent), ("begin a form", posters)):
        closed = until_closed(sockets, 5)
        if closed < len(sockets):
            yield f"{len(sockets) - closed} of {len(sockets)} may {what} for ever"
    if not until(lambda: descriptors(p) <= base + 2, 10):
        yield f"{descriptors(p) - base} descriptors are held by who does not read"
    close_all(silent + writers + readers + posters)
    yield from stop(p, None)


def raw(port, *parts, end=False):
    """All that comes back for these bytes."""
    s = connect(port, timeout=10)
    got = b""
    try:
        for part in parts:
            s.sendall(part)
        if end:
            s.shutdown(socket.SHUT_WR)
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
            if not end and got.count(b"\r\n\r\n") and not parts[-1].startswith(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2):
                break
    except OSError:
        pass
    finally:
        s.close()
    return got


@test
def a_megabyte(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    memory, big = resident(p), b"a" * (1 << 20)
    for what, sent, status in (
            ("line", b"GET /" + big + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", rb"414|431|400"),
            ("method", big + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n", rb"4\d\d|501"),
            ("field", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + big + b"\r\n\r\n", rb"431|413"),
            ("fields", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 180000 + b"\r\n", rb"431|413"),
            ("query", b"GET /healthz?" + b"a=b&" * 262144 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", rb"414|431|400"),
            ("body", b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n" + big, rb"405|413"),
            ("body of GET", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048576\r\n\r\n" + big, rb"413"),
            ("chunks", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
             b"10000\r\n" + big[:65536] + b"\r\n", rb"411")):
        for _ in range(20):
            got = raw(port, sent)
            # who goes on writing may be cut off before the answer is read
            if got and not re.match(rb"HTTP/1\.[01] (" + status + rb") ", got):
                yield f"{what}: {got[:60]!r}"
                break
    if not is_answered(port, 2):
        yield "a person waits in vain"
    if resident(p) - memory > 20:
        yield f"{resident(p) - memory:.1f} MB more than before"
    yield from stop(p)


@test
def rude_ones(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    ask(port, "/metrics")  # SQLite keeps the descriptor of the first reader while the writer has the file open
    base = descriptors(p)
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    got = raw(port, one * 199 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    if got.count(b"HTTP/1.1 200 OK") + got.count(b"HTTP/1.1 503") != 200:
        yield f"{got.count(b'HTTP/1.1 ')} answers to 200 requests at once"
    if not raw(port, one, end=True).startswith(b"HTTP/1.1 "):
        yield "who stops writing after the request gets no answer"
    for sent in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 5000,
                 b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n",
                 b"GET /healthz HTTP/1.1\r\n\r\n", b"GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                 b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"):
        got = raw(port, sent, end=True)
        if b"HTTP/1.1 200" in got:
            yield f"{sent[:40]!r} is answered {got[:40]!r}"
    for i in range(300):  # gone before the answer, in all ways
        s = connect(port)
        s.sendall((b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)[:i])
        if i % 2:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    # libmicrohttpd does not see at once that who had asked before has gone; then WEB_SILENT_MS is what ends it
    if not until(lambda: descriptors(p) <= base, 25):
        left = [os.readlink(f"/proc/{p.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{p.pid}/fd")]
        yield f"{descriptors(p) - base} descriptors are left of: {sorted(left)}"
    if not is_answered(port, 2):
        yield "a person waits in vain"
    yield from stop(p)


@test
@guard
def names_that_were_let_point_here(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    yield from wrong(ask(port, "/metrics", Host=f"rebind.example:{port}"), 421, "a stranger's name")
    yield from stop(p)


TOKEN = "0123456789abcdefghij"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def with_token(w):
    with open(w.work + "/token", "w") as f:
        os.fchmod(f.fileno(), 0o600)
        f.write(TOKEN + "\n")
    return f"  token: {w.work}/token\n"


@test
@guard
def forms_of_other_sites(w, origin):
    """The browser of somebody who has the token, led astray by a page that he looks at."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}", with_token(w))
    for what, more in (("a page", {"Sec_Fetch_Site": "cross-site", "Origin": "http://evil.example"}),
                       ("another port", {"Sec_Fetch_Site": "same-site", "Origin": "http://127.0.0.1:1"}),
                       ("an older browser", {"Origin": "http://evil.example"}), ("a sandbox", {"Origin": "null"}),
                       ("one that lies about the site", {"Sec_Fetch_Site": "cross-site", "Origin": f"http://127.0.0.1:{port}"})):
        yield from wrong(ask(port, "/act", "POST", f"token={TOKEN}&what=x", **FORM, **more), 403, what)
    if ask(port, "/acted").body != "0\n":
        yield "something was done"
    for what, more in (("the page itself", {"Sec_Fetch_Site": "same-origin", "Origin": f"http://127.0.0.1:{port}"}), ("a program", {}),
                       ("an older browser, the page itself", {"Origin": f"http://127.0.0.1:{port}"})):
        yield from wrong(ask(port, "/act", "POST", f"token={TOKEN}&what=x", **FORM, **more), 200, what)
    yield from stop(p)


def form(body, *head):
    return b"\r\n".join((b"POST /act HTTP/1.1", b"Host: localhost", b"Content-Type: application/x-www-form-urlencoded", *head,
                         b"Content-Length: %d" % len(body), b"", body))


def get(target, *head):
    return b"\r\n".join((b"GET " + target + b" HTTP/1.1", b"Host: localhost", *head, b"", b""))


BEARER = b"Authorization: Bearer " + TOKEN.encode()
JSON = form(b"{}", BEARER).replace(b"x-www-form-urlencoded", b"json")
# What is sent, and the one status that it may have; each limit from above and, where it is ours, from below.
REFUSED = [
    ("an address of 17 KB", get(b"/acted?" + b"a" * 17000), 414),
    ("an address of 40 KB", get(b"/acted?" + b"a" * 40000), 414),
    ("an address of 65 parts", get(b"/acted?" + b"&".join([b"a"] * 65)), 414),
    ("a field of 40 KB", get(b"/acted", b"X: " + b"a" * 40000), 431),
    ("3000 fields", get(b"/acted", *[b"X: y"] * 3000), 431),
    ("a form of 66 KB", form(b"what=" + b"x" * 66000, BEARER), 413),
    ("a form of 65 fields", form(b"&".join([b"a=b"] * 65), BEARER), 400),
    ("a form in chunks", get(b"/act", BEARER, b"Content-Type: application/x-www-form-urlencoded", b"Transfer-Encoding: chunked")
     .replace(b"GET", b"POST") + b"3\r\na=b\r\n0\r\n\r\n", 411),
    ("a body of what has none", get(b"/acted", b"Content-Length: 3") + b"a=b", 413),
    ("json", JSON, 415),
    ("plain text", JSON.replace(b"application/json", b"text/plain"), 415),
    ("no type", JSON.replace(b"Content-Type: application/json\r\n", b""), 415),
    ("no token", form(b"what=x"), 403),
    ("a wrong token", form(b"what=x&token=" + TOKEN[:-1].encode() + b"k"), 403),
    ("a wrong token in the header", form(b"what=x", BEARER[:-1] + b"k"), 403),
    ("a page of 17 MB", get(b"/big/17"), 500),
]
TAKEN = [get(b"/acted?" + b"a" * 16000), get(b"/acted?" + b"&".join([b"a"] * 64)), get(b"/acted", b"X: " + b"a" * 12000), get(b"/big/16"),
         form(b"what=" + b"x" * 65000, BEARER), form(b"&".join([b"a=b"] * 64), BEARER), form(b"what=x&token=" + TOKEN.encode())]


def status_of(port, sent):
    """Who goes on writing may be cut off before the answer is read."""
    for _ in range(5):
        got = re.match(rb"HTTP/1\.1 (\d+) ", raw(port, sent))
        if got:
            return int(got.group(1))
    return None


@test
@guard
def what_is_refused(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}", with_token(w))
    for what, sent, want in REFUSED:
        got = status_of(port, sent)
        if got != want:
            yield f"{what}: {got}, not {want}"
    if ask(port, "/acted").body != "0\n":
        yield "something was done"
    yield from stop(p)


what_is_refused.rows = len(REFUSED) + 1


@test
def what_is_just_not_too_much(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}", with_token(w))
    for sent in TAKEN:
        if status_of(port, sent) != 200:
            yield f"{status_of(port, sent)}: {sent[:60]!r}"
    yield from stop(p)


@test
def who_may_act(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}", with_token(w))
    for what, body, more, status in (
            ("nobody", "what=x", {}, 403), ("a wrong token", "token=0123456789abcdefghik", {}, 403), ("an empty one", "token=", {}, 403),
            ("a part of it", "token=" + TOKEN[:16], {}, 403), ("in the address", "what=x", {"target": f"/act?token={TOKEN}"}, 403),
            ("a wrong one in the header", f"token={TOKEN}", {"Authorization": "Bearer 0123456789abcdefghik"}, 403),
            ("the form", f"what=a+b%21&token={TOKEN}", {}, 200), ("the header", "what=x", {"Authorization": "Bearer " + TOKEN}, 200),
            ("GET", None, {"method": "GET", "Authorization": "Bearer " + TOKEN}, 405),
            ("JSON", "{}", {"Authorization": "Bearer " + TOKEN, "Content_Type": "application/json"}, 415),
            ("text", f"token={TOKEN}", {"Content_Type": "text/plain"}, 415),
            ("bad escapes", "what=%zz", {"Authorization": "Bearer " + TOKEN}, 400),
            ("a control character", "what=%00", {"Authorization": "Bearer " + TOKEN}, 400),
            ("a large form", "what=" + "x" * 65000, {"Authorization": "Bearer " + TOKEN}, 200),
            ("a larger one", "what=" + "x" * 66000, {"Authorization": "Bearer " + TOKEN}, 413),
            ("many fields", "&".join(["a=b"] * 65), {"Authorization": "Bearer " + TOKEN}, 400)):
        more = {**FORM, **more}
        got = ask(port, more.pop("target", "/act"), more.pop("method", "POST"), body, **more)
        yield from wrong(got, status, what)
        if what == "the form" and got.body != "acted 1: a b!\n":
            yield got.body
    got = ask(port, "/see?to=/a%0d%0aSet-Cookie:x")
    if got.headers.get("Set-Cookie") or got.status != 303 or "Location" in got.headers:
        yield f"a header was made: {got.headers}"
    yield from stop(p)


@test
@(guard if os.geteuid() == 0 else lambda function: function)
def who_may_act_over_a_socket(w, origin):
    path = os.path.join(w.work, "status.sock")
    p = serve(w, path)
    yield from wrong(ask(path, "/act", "POST", "what=x", **FORM), 200, "the service's user")
    if os.geteuid() == 0:
        os.chmod(path, 0o666)
        os.chmod(w.work, 0o755)
        os.seteuid(65534)
        try:
            yield from wrong(ask(path, "/act", "POST", "what=x", **FORM), 403, "somebody else")
            yield from wrong(ask(path, "/acted"), 200, "who only looks")
        finally:
            os.seteuid(0)
    yield from stop(p)


@test
def answers_that_do_not_come(w, origin):
    """A handler that never answers holds nobody up, neither others nor the end."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    held = [connect(port) for _ in range(60)]
    for s in held:
        s.sendall(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not until(lambda: ask(port, "/waiting").body == "60\n"):
        yield f"{ask(port, '/waiting').body} wait"
    if not is_answered(port, 2):
        yield "a person waits in vain"
    p.send_signal(signal.SIGHUP)
    for s in held:
        if not s.recv(100).startswith(b"HTTP/1.1 503"):
            yield "a reload leaves one without an answer"
            break
    close_all(held)
    if not until(lambda: ask(port, "/waiting").body == "0\n", 5):
        yield f"handlers were not told: {ask(port, '/waiting').body}"
    s = connect(port)
    s.sendall(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until(lambda: ask(port, "/waiting").body == "1\n")
    began = time.monotonic()
    yield from stop(p)
    if time.monotonic() - began > 3:
        yield f"the end took {time.monotonic() - began:.1f} s"
    s.close()


@test
@guard
def large_answers_that_nobody_takes(w, origin):
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    yield from wrong(ask(port, "/big/16"), 200, "as much as may be")
    yield from wrong(ask(port, "/big/17"), 500, "more")
    memory, held = resident(p), [connect(port) for _ in range(60)]
    for s in held:
        s.sendall(b"GET /big/8 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not is_answered(port, 3):
        yield "a person waits in vain"
    if resident(p) - memory > 100:
        yield f"{resident(p) - memory:.0f} MB are held"
    close_all(held)
    if not until(lambda: ask(port, "/big/16").status == 200, 5):
        yield "and stay so"
    yield from stop(p)


@test
def many_ask_for_numbers(w, origin):
    """At the same time, while the service reloads."""
    port = free_port()
    p = serve(w, f"127.0.0.1:{port}")
    bad, ends = [], time.monotonic() + 3

    def scrape():
        while time.monotonic() < ends:
            try:
                got = ask(port, "/metrics")
                if got.status != 200 or value(got.body, "ingestd_last_success_timestamp_seconds") is None:
                    bad.append(f"{got.status} {got.body[:80]}")
            except OSError as e:
                # a kept connection may be closed by a reload before it is used
                if not isinstance(e, (ConnectionResetError, BrokenPipeError)):
                    bad.append(repr(e))
    threads = [threading.Thread(target=scrape) for _ in range(20)]
    for t in threads:
        t.start()
    for _ in range(4):
        time.sleep(0.5)
        p.send_signal(signal.SIGHUP)
    for t in threads:
        t.join()
    if bad:
        yield f"{len(bad)} times: {bad[0]}"
    yield from stop(p)


@test
def nobody_asks(w, origin):
    """A server that listens costs nothing."""
    path = os.path.join(w.work, "status.sock")
    p = serve(w, path)
    until(lambda: value(ask(path, "/metrics").body, "ingestd_last_success_timestamp_seconds"))
    seen = []
    while len(seen) < 8 and 0 not in seen:  # what was asked before may have an end of its own
        before = switches(p)
        time.sleep(3)
        seen.append(switches(p) - before)
    if 0 not in seen:
        yield f"wake-ups in 3 s each: {seen}"
    yield from stop(p)


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[3:], without=(sys.argv[2:3] or [None])[0], guards=guard)
