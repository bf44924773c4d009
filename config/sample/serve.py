#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""serve.py FOLDER: serves FOLDER/ADDRESS/... on each loopback ADDRESS, all on one free port.

Prints the port when it listens, then a line for each request; ends when who started it does.
PATH is answered from PATH.html; PATH.html.head may give a status line and header fields. /images/NAME-WxH.png is
a picture of that size.
"""
import http.server
import os
import re
import struct
import sys
import threading
import time
import zlib
from pathlib import Path

root = Path(sys.argv[1]).resolve()
parent = os.getppid()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(width, height):
    rows = (b"\0" + b"\x2a\x6f\x97" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sample"
    sys_version = ""

    def do_GET(self):
        path = self.path.split("?")[0]
        size = re.fullmatch(r"/images/[a-z-]+-(\d{1,4})x(\d{1,4})\.png", path)
        if size:
            return self.answer(200, {"Content-Type": "image/png"}, picture(int(size[1]), int(size[2])))
        site = root / self.server.server_address[0]
        page = (site / (path.strip("/") + ".html")).resolve()
        if site not in page.parents or not page.is_file():
            return self.answer(404, {"Content-Type": "text/plain"}, b"not here\n")
        status, fields = "200", {"Content-Type": "text/html; charset=utf-8"}
        head = page.with_name(page.name + ".head")
        if head.is_file():
            status, *lines = head.read_text().splitlines()
            fields = dict(line.split(": ", 1) for line in lines)
        return self.answer(int(status), fields, page.read_bytes())

    def answer(self, status, fields, body):
        tag = '"%08x"' % zlib.crc32(body)
        if status == 200:
            fields["ETag"] = tag
            if self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        print(f"{self.server.server_address[0]} {self.command} {self.path} {code}", flush=True)


def listen():
    """One free port on every address."""
    addresses = sorted(p.name for p in root.iterdir() if p.is_dir())
    for _ in range(50):
        servers, port = [], 0
        try:
            for address in addresses:
                servers.append(http.server.ThreadingHTTPServer((address, port), Handler))
                port = servers[0].server_address[1]
            return servers
        except OSError:
            for server in servers:
                server.server_close()
    sys.exit("no port that is free on all of " + " ".join(addresses))


servers = listen()
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(servers[0].server_address[1], flush=True)
while os.getppid() == parent:
    time.sleep(0.5)
