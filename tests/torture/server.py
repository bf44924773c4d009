# SPDX-License-Identifier: MIT
"""More ways for a server to misbehave than tests/e2e/origin.py has: those that need their own bytes on the wire, and HTTP/2.

Each case has an address of its own, 127.0.4.1 and up over plain TCP, 127.0.2.1 and up over TLS with HTTP/2; all on one port
each. A case is a function of a connection's reader and writer."""
import asyncio, itertools, json, os, socket, ssl, struct, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import origin

PAGE = b"<!doctype html><html><title>good</title><p>good</p></html>"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nX-Filler: 12345678\r\n\r\n" % len(PAGE) + PAGE
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

# head -c 4G /dev/zero | brotli -q 5 -w 24: after the head the same bytes come again and again, 128 MiB each time
BROTLI_HEAD = bytes.fromhex(
    "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b"
    "40f7fe9fffffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bffcfffff7f002400e2b00074effff9ffff0f8004"
    "401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff"
    "1f000980382c00ddfb7ffeffff032001108705a07bffcfffff7f")
BROTLI_MORE = bytes.fromhex(
    "002400e2b00074effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9f"
    "ffffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bffcfffff7f")


async def flush(writer, data):
    if writer.transport.is_closing():
        raise ConnectionError
    writer.write(data)
    await writer.drain()
    await asyncio.sleep(0)  # drain() may not have waited, and others want their turn


def sends(*parts, linger=0.0):
    """These bytes, then the end; the last again and again where it is a list."""
    async def case(_, writer):
        for part in parts:
            if isinstance(part, list):
                while True:
                    await flush(writer, part[0])
            await flush(writer, part)
        await asyncio.sleep(linger)
    return case


def many(head, part, times):
    async def case(_, writer):
        await flush(writer, head)
        for _ in range(times):
            await flush(writer, part)
    return case


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n\r\n"
ZSTD_FRAME = b"\x28\xb5\x2f\xfd\x00\x50"  # a window of 1 MiB
ZSTD_RLE = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"\0"  # 128 KiB of one byte

# name, what the server does, outcomes that are right, part of the reason
PLAIN = [
    ("brotli bomb, 10 GB", many(HTML + b"Content-Encoding: br\r\n\r\n" + BROTLI_HEAD, BROTLI_MORE, 80), ["too-large"], "body has more than"),
    ("zstd bomb, 10 GB", many(HTML + b"Content-Encoding: zstd\r\n\r\n" + ZSTD_FRAME, ZSTD_RLE * 1024, 80), ["too-large"], "body has more than"),
    ("brotli that decodes to nothing", sends(HTML + b"Content-Encoding: br\r\n\r\n\x0b", [b"\x06" * 4096]), ["protocol", "too-large", "page"], ""),
    ("zstd that decodes to nothing", sends(HTML + b"Content-Encoding: zstd\r\n\r\n", [b"\x50\x2a\x4d\x18\0\0\0\0" * 4096]), ["too-large", "timeout", "protocol"], ""),
    ("zstd with a window of 2 GB", sends(HTML + b"Content-Encoding: zstd\r\n\r\n\x28\xb5\x2f\xfd\x00\xa8" + ZSTD_RLE * 9), ["protocol"], "content coding"),
    ("deflate that is no deflate", sends(HTML + b"Content-Encoding: deflate\r\n\r\n" + b"\x78\x9c\xff" * 99), ["protocol"], "content coding"),
    ("gzip inside brotli", sends(HTML + b"Content-Encoding: gzip, br\r\n\r\n" + BROTLI_HEAD), ["protocol"], "more than one content coding"),
    ("99 codings", sends(HTML + b"Content-Encoding: " + b"gzip, " * 99 + b"br\r\n\r\nx"), ["protocol"], "more than one content coding"),
    ("chunk length of 20 digits", sends(CHUNKED + b"fffffffffffffffffff\r\nx\r\n"), ["protocol"], "chunk"),
    ("negative chunk length", sends(CHUNKED + b"-1\r\nx\r\n"), ["protocol"], "chunk"),
    ("chunk extension of 1 MB", sends(CHUNKED + b"1;" + b"x" * (1 << 20) + b"\r\na\r\n0\r\n\r\n"), ["page", "too-large", "protocol"], ""),
    ("endless chunk extension", sends(CHUNKED + b"1;", [b"x" * 65536]), ["too-large", "timeout", "protocol"], ""),
    ("endless trailers", sends(CHUNKED + chunk(PAGE) + b"0\r\n", [b"X-A: " + b"b" * 90 + b"\r\n" * 1]), ["too-large", "timeout", "protocol"], ""),
    ("chunks of one byte", sends(CHUNKED + b"1\r\na\r\n" * 30000 + b"0\r\n\r\n", linger=0.2), ["page"], ""),
    ("chunked and a length", sends(HTML + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(PAGE) + b"0\r\n\r\n", linger=0.2), ["page", "protocol"], ""),
    ("length of 30 digits", sends(HTML + b"Content-Length: 999999999999999999999999999999\r\n\r\nx"), ["protocol", "too-large", "page"], ""),
    ("negative length", sends(HTML + b"Content-Length: -5\r\n\r\n" + PAGE), ["protocol", "page"], ""),
    ("length that is no number", sends(HTML + b"Content-Length: many\r\n\r\n" + PAGE), ["protocol", "page"], ""),
    ("two lengths in one", sends(HTML + b"Content-Length: 5, 9\r\n\r\n" + PAGE), ["protocol", "page"], ""),
    ("status of 4 digits", sends(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"), ["protocol", "http-status"], ""),
    ("status 000", sends(b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"), ["protocol", "http-status"], ""),
    ("status 199 for ever", sends([b"HTTP/1.1 199 Wait\r\n\r\n" * 50]), ["too-large", "protocol"], ""),
    ("101 unasked", sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", linger=3), ["protocol", "timeout", "connect", "http-status"], ""),
    ("HTTP/9.9", sends(b"HTTP/9.9 200 OK\r\n\r\n" + PAGE), ["protocol"], ""),
    ("HTTP/2 without being asked", sends(b"\0\0\0\x04\0\0\0\0\0" * 9), ["protocol"], "not HTTP"),
    ("bare line feeds", sends(GOOD.replace(b"\r\n", b"\n")), ["page", "protocol"], ""),
    ("carriage returns alone", sends(GOOD.replace(b"\r\n", b"\r")), ["protocol", "timeout", "connect"], ""),
    ("name with a NUL", sends(HTML + b"X-\0A: b\r\nContent-Length: 0\r\n\r\n"), ["protocol"], ""),
    ("value with a NUL", sends(HTML + b"X-A: b\0c\r\nContent-Length: 0\r\n\r\n"), ["protocol"], ""),
    ("name of 8-bit bytes", sends(HTML + b"\xff\xfe\xfd: b\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE), ["page"], ""),
    ("name of 60 KB", sends(HTML + b"X" * 60000 + b": b\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE), ["page"], ""),
    ("redirect to 1 MB", sends(b"HTTP/1.1 302 X\r\nLocation: /" + b"a" * (1 << 20) + b"\r\nContent-Length: 0\r\n\r\n"), ["too-large"], "header"),
    ("redirect to nothing", sends(b"HTTP/1.1 302 X\r\nLocation:\r\nContent-Length: 0\r\n\r\n"), ["redirect"], ""),
    ("redirect to 8-bit bytes", sends(b"HTTP/1.1 302 X\r\nLocation: http://\xff\xfe/\r\nContent-Length: 0\r\n\r\n"), ["redirect", "refused-by-policy", "dns"], ""),
    ("redirect without Location", sends(b"HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n"), ["redirect"], "without saying where"),
    ("300 cookies of 4 KB", sends(HTML + b"".join(b"Set-Cookie: a%d=%s\r\n" % (i, b"b" * 200) for i in range(90)) + b"Content-Length: 0\r\n\r\n"), ["page"], ""),
    ("304 unasked, with a body", sends(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"), ["protocol"], "304"),
    ("204 with a body", sends(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), ["page", "not-html", "protocol"], ""),
    ("206 unasked", sends(b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/99\r\nContent-Length: 5\r\n\r\nhello"), ["protocol"], "206"),
    ("an answer before the request", None, ["page", "protocol"], ""),
    ("two answers", sends(GOOD + b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"), ["page"], ""),
    ("Retry-After of 30 digits", sends(b"HTTP/1.1 503 X\r\nRetry-After: 999999999999999999999999999999\r\nContent-Length: 0\r\n\r\n"), ["http-status"], "503"),
    ("Retry-After in the past", sends(b"HTTP/1.1 503 X\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n"), ["http-status"], "503"),
    ("Retry-After that is negative", sends(b"HTTP/1.1 429 X\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n"), ["http-status"], "429"),
] + [(f"cut after {n} bytes", sends(GOOD[:n]), ["page"] if n == len(GOOD) else ["connect", "protocol"], "") for n in range(len(GOOD) + 1)]


# ---- HTTP/2 ----

DATA, HEADERS, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
OK = b"\x88" + b"\x0f\x10\x09text/html"  # :status 200, content-type


def frame(kind, flags, stream, data=b""):
    return struct.pack(">I", len(data))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + data


def h2(*frames, again=None, linger=0.3):
    """frames: (kind, flags, data) on the request's stream, or bytes as they are; `again` for ever."""
    async def case(reader, writer):
        assert await reader.readexactly(24) == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        await flush(writer, frame(SETTINGS, 0, 0))
        while True:
            size, kind, _, stream = struct.unpack(">IBBI", b"\0" + await reader.readexactly(9))
            await reader.readexactly(size)
            if kind == HEADERS:
                break
        make = lambda f: f if isinstance(f, bytes) else frame(f[0], f[1], 0 if f[0] in (SETTINGS, PING, GOAWAY) else stream, f[2])
        for f in frames:
            await flush(writer, make(f))
        while again:
            await flush(writer, make(again) * 50)
        await asyncio.sleep(linger)
    return case


HTTP2 = [
    ("h2: a good answer", h2((HEADERS, END_HEADERS, OK), (DATA, END_STREAM, PAGE)), ["page"], ""),
    ("h2: reset before the header", h2((RESET, 0, struct.pack(">I", 2))), ["protocol", "connect"], ""),
    ("h2: refused stream", h2((RESET, 0, struct.pack(">I", 7))), ["protocol", "connect"], ""),
    ("h2: reset after the header", h2((HEADERS, END_HEADERS, OK), (RESET, 0, struct.pack(">I", 8))), ["protocol", "connect"], ""),
    ("h2: reset in the body", h2((HEADERS, END_HEADERS, OK), (DATA, 0, b"<p>half"), (RESET, 0, struct.pack(">I", 2))), ["protocol", "connect"], ""),
    ("h2: reset after the header, and the end", h2((HEADERS, END_HEADERS, OK), (RESET, 0, struct.pack(">I", 8)), linger=0), ["protocol", "connect"], ""),
    ("h2: reset in the body, and the end", h2((HEADERS, END_HEADERS, OK), (DATA, 0, b"<p>half"), (RESET, 0, struct.pack(">I", 2)), linger=0), ["protocol", "connect"], ""),
    ("h2: a whole page, and the end", h2((HEADERS, END_HEADERS, OK), (DATA, END_STREAM, PAGE + b"\n<!-- 3 ms -->\n"), linger=0), ["page"], ""),
    ("h2: go away", h2((GOAWAY, 0, struct.pack(">II", 0, 2))), ["protocol", "connect"], ""),
    ("h2: go away, enhance your calm", h2((GOAWAY, 0, struct.pack(">II", 0, 11) + b"too_many")), ["protocol", "connect"], ""),
    ("h2: garbage", h2(b"\xff" * 999), ["protocol", "connect", "tls"], ""),
    ("h2: HTTP/1.1", h2(GOOD), ["protocol", "connect", "tls"], ""),
    ("h2: header that does not decode", h2((HEADERS, END_HEADERS, b"\xff" * 99)), ["protocol", "connect"], ""),
    ("h2: endless continuation", h2((HEADERS, 0, OK), again=(CONTINUATION, 0, b"\x40\x01a" + b"\x7e" + b"b" * 126)), ["protocol", "connect", "too-large", "timeout"], ""),
    ("h2: endless pings", h2(again=(PING, 0, b"12345678")), ["timeout", "protocol", "connect"], ""),
    ("h2: endless settings", h2(again=(SETTINGS, 0, b"")), ["timeout", "protocol", "connect"], ""),
    ("h2: endless empty data", h2((HEADERS, END_HEADERS, OK), again=(DATA, 0, b"")), ["timeout", "protocol", "connect", "too-large"], ""),
    ("h2: endless data", h2((HEADERS, END_HEADERS, OK), again=(DATA, 0, b"<p>more</p>" * 90)), ["too-large"], ""),
    ("h2: pushes", h2((PUSH, END_HEADERS, struct.pack(">I", 2) + OK)), ["protocol", "connect"], ""),
    ("h2: nothing after the request", h2(linger=30), ["timeout"], ""),
    ("h2: cut off", h2((HEADERS, END_HEADERS, OK), (DATA, 0, b"<p>half"), linger=0), ["protocol", "connect"], ""),
    ("h2: frame longer than allowed", h2(struct.pack(">I", 1 << 22)[1:] + bytes([DATA, 0]) + struct.pack(">I", 1) + b"x" * 99999), ["protocol", "connect"], ""),
    ("h2: length that lies", h2((HEADERS, END_HEADERS, OK + b"\x0f\x0d\x0299"), (DATA, END_STREAM, PAGE)), ["protocol", "connect", "page"], ""),
]


class Server:
    def __init__(self, folder):
        self.loop = asyncio.new_event_loop()
        names = origin.make_certificates(folder)
        assert "good" in names
        self.ca = os.path.join(folder, "ca.pem")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(os.path.join(folder, "good.pem"), os.path.join(folder, "good.key"))
        self.tls.set_alpn_protocols(["h2"])

    async def start(self):
        self.loop.set_exception_handler(lambda *_: None)
        plain = {f"127.0.4.{n + 1}": case for n, (_, case, _, _) in enumerate(PLAIN)}
        self.port = await self.listen(plain, None)
        self.tls_port = await self.listen({f"127.0.2.{n + 1}": case for n, (_, case, _, _) in enumerate(HTTP2)}, self.tls)

    async def listen(self, cases, tls):
        for _ in itertools.count():
            sockets, port = [], 0
            try:
                for address in cases:
                    s = socket.socket()
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind((address, port))
                    port = s.getsockname()[1]
                    sockets.append(s)
                break
            except OSError:
                for s in [*sockets, s]:
                    s.close()
        for s, case in zip(sockets, cases.values()):
            await asyncio.start_server(self.serve(case, tls), sock=s, ssl=tls, backlog=512)
        return port

    def serve(self, case, tls):
        async def one(reader, writer):
            try:
                if case is None:
                    await flush(writer, GOOD)
                if not tls:
                    await reader.readuntil(b"\r\n\r\n")
                if case:
                    await case(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, OSError, AssertionError):
                pass
            finally:
                writer.close()
        return one


def main():
    """server.py FOLDER: prints the ports as JSON, ends with its standard input."""
    server = Server(sys.argv[1])
    asyncio.set_event_loop(server.loop)
    server.loop.run_until_complete(server.start())
    print(json.dumps({"port": server.port, "tls": server.tls_port, "ca": server.ca}), flush=True)
    server.loop.run_in_executor(None, lambda: (sys.stdin.read(), os._exit(0)))
    server.loop.run_forever()


if __name__ == "__main__":
    main()
