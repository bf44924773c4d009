#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server for tests: pages from a folder, and every way to misbehave.

    origin.py [--root DIR] [--bind 127.0.0.1-40]... [--port N] [--tls DIR] [--log FILE] [--delay SECONDS] [--clock FILE]

Prints one line of JSON when it listens: {"port": N, "tls": {"good": N, "expired": N, ...}, "ca": FILE}. It ends
when its standard input ends, or by SIGTERM. Listens on 127.0.0.0/8 only; `127.0.2.1-9` binds nine addresses.

Pages: the file ROOT/HOST/PATH, else ROOT/_default/PATH, HOST being the Host field without its port; a folder
gives its index.html, and PATH.html is tried for PATH. FILE.meta beside it, JSON, may give {"status": 200,
"headers": {"ETag": "..."}, "delay": 0.5}. A query is part of the name if such a file exists ("a?b=c"). Files get ETag and
Last-Modified and, being images, ranges (not with {"ranges": false}); /img/ANY.jpg and .png are there unasked; a matching If-None-Match or If-Modified-Since gets 304. gzip where the client asks for it.

It answers as a proxy too (http only): with `proxy: http://127.0.0.1:PORT` in a configuration, http://any.name/path is
the file ROOT/any.name/path, without any name being looked up.

Misbehaviour: /_torture/NAME?parameters, see the functions marked @route. --tls makes certificates in DIR by
openssl and serves the same over TLS on one port per certificate: good, wrong-name, expired, self-signed,
no-intermediate (all are signed by or through DIR/ca.pem, except self-signed).

The log has one JSON object a line and request: time, connection (number), client, host, method, target, headers,
status, `ended` (when it had been answered) and `sent`, the header of the answer. --clock: by the virtual clock of tests/warp.
"""
import argparse
import asyncio
import collections
import email.utils
import gzip
import hashlib
import json
import mimetypes
import os
import re
import signal
import ssl
import struct
import socket
import sys
import time
import urllib.parse
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "warp"))
import warp  # noqa: E402
from certificates import make_certificates  # noqa: E402

ROUTES = {}
SEEN = collections.Counter()  # how often a torture URL was asked for
CLOCK = None


def now():
    return CLOCK.now() if CLOCK else time.time()


def route(function):
    ROUTES[function.__name__.replace("_", "-")] = function
    return function


class Request:
    def __init__(self, method, target, headers, writer):
        self.method, self.target, self.headers, self.writer = method, target, headers, writer
        self.path, _, self.query = target.partition("?")
        self.args = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))
        self.status = 0
        self.close = False
        self.sent, self.body = {}, b""  # header of the answer, for the log
        self.note = lambda: None  # writes the log's line, once

    async def raw(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status=200, headers=(), body=b"", length=True):
        """A plain answer; headers: (name, value) pairs."""
        self.status, self.sent, self.body = status, {name.lower(): value for name, value in headers}, body
        self.note()  # before the client can know of it, so that who reads the log then finds it
        lines = [f"HTTP/1.1 {status} {'OK' if status == 200 else 'Status'}",
                 "Date: " + email.utils.formatdate(now(), usegmt=True)]
        lines += [f"{name}: {value}" for name, value in headers]
        if length and status not in (204, 304):
            lines.append(f"Content-Length: {len(body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        await self.raw(head + (b"" if self.method == "HEAD" else body))


HTML = ("Content-Type", "text/html; charset=utf-8")


def page(text="hello", size=0):
    body = f"<!doctype html><title>{text}</title><p>{text}</p>".encode()
    return body + b"<p>filler</p>" * max(0, (size - len(body)) // 13)


# ---- good manners ----

@route
async def ok(q):
    """size, delay (seconds), type"""
    await asyncio.sleep(float(q.args.get("delay", 0)))
    await q.answer(headers=[("Content-Type", q.args.get("type", HTML[1]))],
                   body=page("ok", int(q.args.get("size", 0))))


@route
async def echo(q):
    """The request's header as text inside a page."""
    await q.answer(headers=[HTML], body=page() + json.dumps(q.headers).encode())


@route
async def say(q):
    """status, and each h=NAME:VALUE; the request's header as text"""
    headers = [tuple(v.split(":", 1)) for k, v in urllib.parse.parse_qsl(q.query) if k == "h"]
    await q.answer(int(q.args.get("status", 200)), [HTML, *headers], page() + json.dumps(q.headers).encode())


@route
async def wall(q):
    """Leads to itself and sets a cookie until cookie=NAME comes back; none: sets none; fresh: another each time, many=N"""
    if q.args["cookie"] + "=" in q.headers.get("cookie", ""):
        await echo(q)
        return
    SEEN["wall"] += "fresh" in q.args
    name = f"c{SEEN['wall']}" if "fresh" in q.args else q.args["cookie"]
    cookies = [] if "none" in q.args else [("Set-Cookie", f"{name}x{i}=1" if i else f"{name}=1") for i in range(int(q.args.get("many", 1)))]
    await q.answer(302, [("Location", q.target), *cookies])


@route
async def redirect(q):
    """to, status"""
    await q.answer(int(q.args.get("status", 302)), [("Location", q.args["to"])])


@route
async def chain(q):
    """n redirects, then a page"""
    n = int(q.args.get("n", 3))
    if n:
        await q.answer(302, [("Location", f"/_torture/chain?n={n - 1}")])
    else:
        await q.answer(headers=[HTML], body=page("end of chain"))


@route
async def status(q):
    """code, retry (Retry-After), type, size"""
    headers = [("Content-Type", q.args.get("type", HTML[1]))]
    if "retry" in q.args:
        headers.append(("Retry-After", q.args["retry"]))
    await q.answer(int(q.args["code"]), headers, page("status", int(q.args.get("size", 0))))


@route
async def retry_once(q):
    """429 with Retry-After (retry, default 1) the first time, then a page"""
    SEEN[q.target] += 1
    if SEEN[q.target] == 1:
        await q.answer(429, [("Retry-After", q.args.get("retry", "1"))])
    else:
        await q.answer(headers=[HTML], body=page("after a wait"))


@route
async def empty(q):
    await q.answer(headers=[HTML])


@route
async def no_type(q):
    await q.answer(body=page("no type"))


# ---- slow ----

@route
async def sleep(q):
    """Says nothing for s seconds, then closes."""
    await asyncio.sleep(float(q.args.get("s", 600)))
    q.close = True


@route
async def slow_header(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        await q.raw(b"a")
        await asyncio.sleep(0.2)


@route
async def slow_body(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<p>")
    while True:
        await q.raw(b"a")
        await asyncio.sleep(0.2)


@route
async def drip_body(q):
    """Fast enough for any least speed, too slow to end: rate bytes a second"""
    rate = int(q.args.get("rate", 2000))
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<p>")
    while True:
        await q.raw(b"a" * (rate // 5))
        await asyncio.sleep(0.2)


# ---- endless ----

@route
async def endless_body(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html>")
    while True:
        await q.raw(b"<p>more</p>" * 4096)


@route
async def endless_chunks(q):
    """One byte each."""
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await q.raw(b"1\r\na\r\n" * 4096)


@route
async def endless_error(q):
    await q.raw(b"HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\n\r\n<!doctype html>")
    while True:
        await q.raw(b"<p>more</p>" * 4096)


@route
async def endless_redirect_body(q):
    await q.raw(b"HTTP/1.1 302 Found\r\nLocation: /_torture/ok\r\n\r\n")
    while True:
        await q.raw(b"more" * 4096)


@route
async def endless_nothing(q):
    """gzip that decodes to nothing: empty stored blocks for ever"""
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
                b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
    while True:
        await q.raw(b"\x00\x00\x00\xff\xff" * 8192)


@route
async def header_flood(q):
    await q.raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        await q.raw(b"".join(b"X-%d: %s\r\n" % (i, b"a" * 900) for i in range(20)))


@route
async def header_line(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * int(q.args.get("size", 200000)) +
                b"\r\nContent-Length: 0\r\n\r\n")


@route
async def header_many(q):
    await q.answer(headers=[HTML] + [(f"X-{i}", "a") for i in range(int(q.args.get("n", 150)))], body=page())


@route
async def interim_flood(q):
    while True:
        await q.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)


@route
async def bomb(q):
    """gzip of mb megabytes of zeros"""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n")
    for _ in range(int(q.args.get("mb", 200))):
        data = pack.compress(bytes(1 << 20))
        if data:
            await q.raw(data)
    await q.raw(pack.flush())
    q.close = True


@route
async def location_long(q):
    await q.answer(302, [("Location", "/" + "a" * int(q.args.get("size", 1 << 20)))])


# ---- broken ----

@route
async def close_at_once(q):
    q.close = True


@route
async def close_in_header(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
    q.close = True


@route
async def length_long(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>short")
    q.close = True


@route
async def length_short(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n" + page(size=1000))
    q.close = True


@route
async def length_twice(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n"
                + b"a" * 20)
    q.close = True


@route
async def close_in_chunk(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<p>")
    q.close = True


@route
async def chunk_garbage(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<p>\r\n")
    q.close = True


@route
async def reset(q):
    """A TCP reset in the middle of the body, `after` (0.1) seconds"""
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>short")
    await asyncio.sleep(float(q.args.get("after", 0.1)))
    s = q.writer.get_extra_info("socket")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    q.close = True


@route
async def nested(q):
    body = page()
    for _ in range(int(q.args.get("n", 3))):
        body = gzip.compress(body)
    await q.answer(headers=[HTML, ("Content-Encoding", ", ".join(["gzip"] * int(q.args.get("n", 3))))], body=body)


@route
async def gzip_broken(q):
    """Broken when compressed, whole when the client asks for identity; `always` breaks both"""
    if "gzip" in q.headers.get("accept-encoding", "") or "always" in q.args:
        await q.answer(headers=[HTML, ("Content-Encoding", "gzip")], body=b"\x1f\x8b\x08this is no gzip" * 9)
    else:
        await q.answer(headers=[HTML], body=page("identity"))


@route
async def coding_unknown(q):
    await q.answer(headers=[HTML, ("Content-Encoding", "rot13")], body=page())


@route
async def garbage(q):
    await q.raw(b"\x00\x01\x02SSH-2.0-OpenSSH\r\n" * 9)
    q.close = True


@route
async def http09(q):
    await q.raw(page())
    q.close = True


@route
async def header_nul(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nX-A\x00B: c\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>")
    q.close = True


@route
async def header_8bit(q):
    """Names that are no names, values with controls; the page itself is good"""
    body = page("8bit")
    await q.raw(b"HTTP/1.1 200 OK\r\nX-\xff\xe4: c\r\nX-V: a\x01\xffb\r\n : d\r\n"
                b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@route
async def header_no_colon(q):
    await q.raw(b"HTTP/1.1 200 OK\r\nno colon at all\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>")


@route
async def header_folded(q):
    body = page("folded")
    await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset=utf-8\r\nContent-Length: %d\r\n\r\n"
                % len(body) + body)


@route
async def interim(q):
    """A few 1xx, then a page"""
    body = page("after 103")
    await q.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 +
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


# ---- pages from the folder ----

def find_file(root, host, path, query):
    path = urllib.parse.unquote(path)
    if ".." in path.split("/"):
        return None
    for base in (host, "_default"):
        for name in ((f"{path}?{query}" if query else path), path, path.rstrip("/") + "/index.html", path + ".html"):
            full = os.path.join(root, base, name.lstrip("/"))
            if os.path.isfile(full) and not full.endswith(".meta"):
                return full
    return None


def png(width, height):
    """A black picture, whole and small."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress((b"\0" + b"\0" * ((width + 7) // 8)) * height, 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) +
            chunk(b"IDAT", rows) + chunk(b"IEND", b""))


async def serve_picture(q):
    """What the pages of tests show: /img/ANY.jpg is there unless a file says otherwise."""
    body = png(1200, 630)
    headers = [("Content-Type", "image/png"), ("ETag", '"picture"'), ("Accept-Ranges", "bytes")]
    if q.headers.get("if-none-match") == '"picture"':
        await q.answer(304, headers)
        return
    await send_part(q, headers, body)


async def send_part(q, headers, body):
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", q.headers.get("range", ""))
    if not part or int(part[1]) >= len(body):
        await q.answer(200, headers, body)
        return
    first, last = int(part[1]), min(int(part[2] or len(body) - 1), len(body) - 1)
    await q.answer(206, [*headers, ("Content-Range", f"bytes {first}-{last}/{len(body)}")], body[first:last + 1])


@route
async def image(q):
    """A picture of 1200x630 in a bad way: kind"""
    body, kind = png(1200, 630), q.args["kind"]
    headers = [("Content-Type", "image/png")]
    if kind == "2gb":
        q.status = 200
        q.note()
        await q.raw(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2147483648\r\n\r\n" + body[:60])
        while True:
            await q.raw(bytes(65536))
    elif kind == "drip":
        q.note()
        await q.raw(b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-8191/90000\r\nContent-Length: 8192\r\n\r\n")
        for byte in body:
            await q.raw(bytes([byte]))
            await asyncio.sleep(1)
    elif kind == "wrong-range" and "range" in q.headers:
        await q.answer(206, [*headers, ("Content-Range", f"bytes 9-{len(body) - 1}/{len(body)}")], body[9:])
    elif kind == "no-range" and "range" in q.headers:
        await q.answer(416, [("Content-Range", "bytes */0")])
    elif kind == "hotlink" and not q.headers.get("referer", "").startswith(q.args["from"]):
        await q.answer(403, [HTML], page("not for you"))
    elif kind == "html":
        await q.answer(200, headers, page("a picture, they said"))
    elif kind == "json":
        await q.answer(200, headers, b'{"error": "no such picture", "status": 404, "padding": "................"}')
    elif kind == "video":
        await q.answer(200, headers, b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(4000))
    elif kind == "huge":
        await q.answer(200, headers, body[:16] + struct.pack(">II", 1 << 31, 1 << 31) + body[24:])
    elif kind == "bomb":
        await q.answer(200, headers, png(12000, 12000))
    elif kind == "cut":
        await q.answer(200, headers, body[:-9])
    elif kind == "svg":
        await q.answer(200, headers, b'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600">' + q.args["with"].encode() + b"</svg>")
    elif kind == "late-size":
        exif = b"".join(b"\xff\xe1\xff\xff" + bytes(65533) for _ in range(2))
        await send_part(q, [("Content-Type", "image/jpeg")], b"\xff\xd8" + exif + b"\xff\xc0\0\x0b\x08\2\x76\4\xb0\1\1\x11\0" +
                        b"\xff\xda\0\x08\1\1\0\0\x3f\0abc\xff\xd9")
    else:
        await q.answer(200, headers, body)


async def serve_file(q, root, delay):
    host = q.headers.get("host", "").rsplit(":", 1)[0] if not q.headers.get("host", "").endswith("]") else ""
    name = root and find_file(root, host, q.path, q.query)
    if not name and re.search(r"/img/[^/]*\.(jpg|png)$", q.path):
        await serve_picture(q)
        return
    if not name:
        await q.answer(404, [HTML], page("not here"))
        return
    meta = {}
    if os.path.exists(name + ".meta"):
        with open(name + ".meta", encoding="utf-8") as f:
            meta = json.load(f)
    with open(name, "rb") as f:
        body = f.read()
    headers = {"Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
               "ETag": '"%s"' % hashlib.sha1(body).hexdigest()[:16],
               "Last-Modified": email.utils.formatdate(os.stat(name).st_mtime, usegmt=True)}
    headers.update(meta.get("headers", {}))
    await asyncio.sleep(meta.get("delay", delay))
    match = q.headers.get("if-none-match")
    fresh = match == headers.get("ETag") if match else \
        headers.get("Last-Modified") and q.headers.get("if-modified-since") == headers.get("Last-Modified")
    headers = {k: v for k, v in headers.items() if v is not None}
    if fresh and meta.get("status", 200) == 200:
        await q.answer(304, [(k, v) for k, v in headers.items() if k in ("ETag", "Last-Modified")])
        return
    if "gzip" in q.headers.get("accept-encoding", "") and "Content-Encoding" not in headers and len(body) > 200:
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        body = gzip.compress(body, 1)
    if meta.get("status", 200) == 200 and headers["Content-Type"].startswith("image/") and meta.get("ranges", True):
        await send_part(q, [*headers.items(), ("Accept-Ranges", "bytes")], body)
        return
    await q.answer(meta.get("status", 200), list(headers.items()), body)


# ---- the server ----

class Origin:
    def __init__(self, options):
        self.options = options
        self.log = open(options.log, "a", buffering=1, encoding="utf-8") if options.log else None
        self.connections = 0

    async def read_request(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        if target.startswith("http://"):  # we are the proxy
            headers["host"], _, path = target.split("://", 1)[1].partition("/")
            target = "/" + path
        return Request(method, target, headers, writer)

    def log_line(self, q, number, at, writer):
        def write():
            q.note = lambda: None
            if self.log:
                self.log.write(json.dumps({"time": at, "connection": number, "client": writer.get_extra_info("peername")[0],
                                           "host": q.headers.get("host"), "method": q.method, "target": q.target,
                                           "headers": q.headers, "status": q.status, "ended": now(), "sent": q.sent,
                                           **({"body": q.body.decode("latin-1")} if q.path == "/robots.txt" else {})}) + "\n")
        return write

    async def serve(self, q):
        await serve_file(q, self.options.root, self.options.delay)

    async def connection(self, reader, writer):
        self.connections += 1
        number = self.connections
        try:
            while True:
                q = await self.read_request(reader, writer)
                name = q.path.removeprefix("/_torture/")
                q.note = self.log_line(q, number, now(), writer)
                try:
                    if q.path.startswith("/_torture/") and name in ROUTES:
                        await ROUTES[name](q)
                    else:
                        await self.serve(q)
                finally:
                    q.note()
                if q.close:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ssl.SSLError,
                TimeoutError):
            pass
        finally:
            writer.close()


def addresses(text):
    first, _, last = text.partition("-")
    head, _, low = first.rpartition(".")
    if not first.startswith("127."):
        raise argparse.ArgumentTypeError("127.0.0.0/8 only")
    return [f"{head}.{i}" for i in range(int(low), int(last or low) + 1)]


async def listen(origin, hosts, port, tls=None):
    """The same port on every address."""
    for _ in range(50):
        sockets = []
        try:
            for host in hosts:
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((host, port or (sockets[0].getsockname()[1] if sockets else 0)))
                sockets.append(s)
        except OSError:
            for s in [*sockets, s]:
                s.close()
            if port:
                raise
            continue
        for s in sockets:
            await asyncio.start_server(origin.connection, sock=s, ssl=tls, limit=1 << 20, backlog=1024)
        return sockets[0].getsockname()[1]
    raise OSError("no port is free on all addresses")


async def main(kind=Origin):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--root")
    parser.add_argument("--bind", action="append", type=addresses)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", metavar="DIR")
    parser.add_argument("--log")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--clock")
    options = parser.parse_args()
    if options.clock:
        global CLOCK
        CLOCK = warp.Clock(options.clock)
    hosts = [a for some in options.bind or [["127.0.0.1"]] for a in some]
    origin = kind(options)
    said = {"port": await listen(origin, hosts, options.port), "tls": {}}
    if options.tls:
        for name in make_certificates(options.tls):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(options.tls, name + ".pem"),
                                    os.path.join(options.tls, name + ".key"))
            said["tls"][name] = await listen(origin, hosts, 0, context)
        said["ca"] = os.path.abspath(os.path.join(options.tls, "ca.pem"))
    print(json.dumps(said), flush=True)
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)  # broken connections are this server's trade
    loop.add_signal_handler(signal.SIGTERM, end.set)
    loop.add_signal_handler(signal.SIGINT, end.set)
    if not sys.stdin.isatty():
        loop.run_in_executor(None, lambda: (sys.stdin.buffer.read(), loop.call_soon_threadsafe(end.set)))
    await end.wait()
    os._exit(0)  # whoever is being tortured just then need not be waited for


if __name__ == "__main__":
    asyncio.run(main())
