#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The status pages, over a port and over a socket of the file system: what they say, and what nobody can make them do.

    pages.py INGESTD
"""
import html.parser
import http.client
import os
import re
import socket
import signal
import sqlite3
import struct
import sys
import threading
import time
import urllib.parse
import zlib

from status import fill
from world import article, document, run_tests


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Page(html.parser.HTMLParser):
    """Links, ids, text, and whether each element that is opened is closed."""
    VOID = {"meta", "link", "input", "img", "br", "rect", "hr"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links, self.ids, self.stack, self.trouble, self.text, self.tags = [], [], [], [], "", set()
        self.labelled = []
        self.feed(text)
        self.close()
        if self.stack:
            self.trouble.append(f"left open: {self.stack}")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.stack.append(tag)
        for name in attrs:
            if name.startswith("on") or name == "style":
                self.trouble.append(f"{tag} {name}")
        if "id" in attrs:
            if attrs["id"] in self.ids:
                self.trouble.append(f"two ids {attrs['id']}")
            self.ids.append(attrs["id"])
        for name in ("aria-labelledby", "for"):
            if name in attrs:
                self.labelled.append(attrs[name])
        for name in ("href", "src", "action", "formaction"):
            if name in attrs:
                self.links.append(attrs[name])
        if tag == "script" and attrs.get("src") != "/static/page.js":
            self.trouble.append(f"a script {attrs}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        self.text += " "
        if not self.stack or self.stack[-1] != tag:
            self.trouble.append(f"</{tag}> in {self.stack[-3:]}")
        else:
            self.stack.pop()

    def handle_data(self, data):
        self.text += data if "bdi" in self.stack else data + " "


class Service:
    def __init__(self, w, listen):
        self.w = w
        if listen == "port":
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                self.port = s.getsockname()[1]
            listen = f"127.0.0.1:{self.port}"
            self.connect = lambda: http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        else:
            listen = os.path.join(w.work, "status.sock")
            self.connect = lambda: Unix(listen)
        open(w.config, "a").write(f'status: {{listen: "{listen}"}}\n')
        self.process = w.start("serve")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if self.get("/healthz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)

    def get(self, path, method="GET", headers=None, body=None):
        c = self.connect()
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, dict((k.lower(), v) for k, v in r.getheaders()), r.read().decode("utf-8")
        finally:
            c.close()

    def page(self, path):
        status, headers, text = self.get(path)
        return status, headers, Page(text)

    def close(self):
        self.process.terminate()
        return self.process.communicate(timeout=20)


def walk(service, start="/"):
    """Every page that a link of ours leads to: each is there, and sound."""
    seen, todo = set(), [start]
    while todo and len(seen) < 150:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, page = service.page(path)
        if status != 200 and not (status == 404 and path.startswith("/url?") and "Nothing is known" in page.text):
            yield f"{path}: {status}"
            continue
        if not headers["content-type"].startswith("text/html"):
            continue
        for t in page.trouble:
            yield f"{path}: {t}"
        for label in page.labelled:
            if label not in page.ids:
                yield f"{path}: no '{label}'"
        csp = headers["content-security-policy"]
        if "unsafe" in csp or "default-src 'none'" not in csp:
            yield f"{path}: {csp}"
        for link in page.links:
            if link.startswith("/") and not link.startswith(("//", "/act/", "/static/")):
                todo.append(link)
            elif not link.startswith(("/static/", "/act/", "#", "http://127.0.0.")):
                yield f"{path} links to {link}"
    yield from () if len(seen) > 10 else (f"only {seen}",)


def over(w, origin, listen):
    fill(w, origin)
    service = Service(w, listen)
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            _, _, page = service.page("/")
            if "9 documents" in page.text and "Nothing is due" in page.text:
                break
            time.sleep(0.1)
        for part in ("9 documents", "Completed last", "Cannot be completed", "the page does not tell its images", "og:description",
                     "1200 \u00d7 630", "127.0.0.2", "did not find expected"):
            if part not in page.text:
                yield f"no '{part}' in {page.text}"
        for i in ("main", "summary", "flight", "queue", "completed", "stuck", "hosts", "q", "live"):
            if i not in page.ids:
                yield f"no id {i}"
        yield from walk(service)
        for path, want in (("/documents?state=open", ["bare.md", "wall.md"]), ("/documents?state=refused", ["broken.md"]),
                           ("/documents?missing=excerpt", ["wall.md"]), ("/documents?q=news+3", ["news/3.md"]),
                           ("/documents?q=NUMBER%202", ["news/2.md"]), ("/documents?q=nowhere", []),
                           ("/documents?state=complete&after=news/1.md&after_root=" + urllib.parse.quote(w.content), ["news/2.md", "news/3.md"])):
            _, _, page = service.page(path)
            found = re.findall(r"[a-z]+/?\d*\.md", page.text)
            if sorted(set(found)) != sorted(want):
                yield f"{path}: {found}"
        _, _, page = service.page("/document/news/1.md")
        for part in ("What was written", "og:description", "complete", "Its links", "Candidates", "chosen"):
            if part not in page.text:
                yield f"/document/news/1.md: no '{part}'"
        url = f"http://127.0.0.2:{origin.port}/1.html"
        status, headers, _ = service.get("/documents?q=" + urllib.parse.quote(url))
        if status != 303 or headers["location"] != "/url?u=" + urllib.parse.quote(url):
            yield f"a URL that is searched: {status} {headers.get('location')}"
        _, _, page = service.page("/url?u=" + urllib.parse.quote(url, safe=""))
        for part in ("Verdict", "article", "og:description", "og:title", "chosen", "HTTP status 200"):
            if part not in page.text:
                yield f"/url: no '{part}'"
        wall = f"http://127.0.0.4:{origin.port}/wall.html"
        status, _, page = service.page("/url?u=" + urllib.parse.quote(wall, safe=""))
        if status != 200 or "503" not in page.text:
            yield f"the wall: {status} {page.text}"
    finally:
        service.close()


def over_a_port(w, origin):
    yield from over(w, origin, "port")


def over_a_socket(w, origin):
    yield from over(w, origin, "socket")


def foreign_paths(w, origin):
    """What is not ours is not there, and nothing outside the content folder is looked at."""
    fill(w, origin)
    os.symlink("/etc/hostname", os.path.join(w.content, "link.md"))
    os.symlink("/etc", os.path.join(w.content, "folder"))
    open(os.path.join(w.work, "secret.md"), "w").write("---\ntitle: secret\n---\n")
    service = Service(w, "port")
    try:
        os.unlink(os.path.join(w.content, "mine.md"))
        for path in ("/document/no.md", "/document/../secret.md", "/document/%2e%2e/secret.md", "/document/..%2fsecret.md", "/document//etc/passwd",
                     "/document/%2fetc/passwd", "/document/news/../../secret.md", "/document/.", "/document/", "/document/folder/hostname",
                     "/document/etc/passwd?root=/", "/document/secret.md?root=" + urllib.parse.quote(w.work), "/document/passwd?root=/etc",
                     "/document/a%00.md", "/document/" + "a" * 5000, "/document/" + "a/" * 2000, "/url", "/url?u=", "/url?u=javascript:alert(1)",
                     "/url?u=file:///etc/passwd", "/url?u=http://nobody.example/", "/copy/../ingestd.yaml", "/copy/x.png", "/static/", "/static/../web",
                     "/static/page.css/", "/Documents", "/documents/", "//", "/document/link.md?root=x"):
            status, _, text = service.get(path)
            if status not in (404, 400, 414):
                yield f"{path}: {status} {text[:300]}"
            if "root:x" in text or "secret" in text.replace("secret.md", ""):
                yield f"{path} shows {text}"
        status, _, text = service.get("/document/link.md")
        if status == 200 and open("/etc/hostname").read().strip() in text:
            yield f"a link out of the folder: {text}"
        status, _, _ = service.get("/document/news/0.md")
        if status != 200:
            yield f"a document: {status}"
        for path in ("/", "/documents", "/document/news/0.md", "/url?u=x"):
            if service.get(path, "POST", {"Content-Length": "0"})[0] != 405:
                yield f"POST {path}"
    finally:
        service.close()


EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)> \u202egnp.exe \u2066 javascript:alert(1)"


def hostile(w, origin):
    """Script, bidi and controls in titles, URLs, paths and reasons."""
    page = article(0).decode().replace("Board number 0 weighs the future of the pier", EVIL.replace("<", "&lt;").replace('"', "&quot;"))
    origin.page("127.0.0.2/0.html", page.encode())
    url = f"http://127.0.0.2:{origin.port}/0.html?q=\\\"><script>alert(2)</script>"
    w.put("'\"><script>alert(3)</script>\u202e\x1b.md",
          document(0, url).replace(b'"Board number 0 weighs the future of the pier"', ("'" + EVIL.replace("'", "''") + "'").encode()))
    w.put("js.md", b"---\ntitle: \"\\e[31m\\u202Ered\\a\"\noriginalUrl: \"javascript:alert(4)\"\n---\n")
    w.put("bad.md", "---\ntitle: {\u202e<script>alert(5)</script>\n---\n".encode())
    w.put("data.md", b"---\ntitle: t\noriginalUrl: \"data:text/html,<script>alert(6)</script>\"\n---\n")
    service = Service(w, "port")
    try:
        time.sleep(0.5)
        yield from walk(service)
        for path in ("/", "/documents", "/documents?q=" + urllib.parse.quote(EVIL), "/document/js.md",
                     "/documents?state=" + urllib.parse.quote(EVIL) + "&missing=" + urllib.parse.quote(EVIL) + "&after=" + urllib.parse.quote(EVIL),
                     "/?said=" + urllib.parse.quote(EVIL)):
            status, _, text = service.get(path)
            if status != 200:
                yield f"{path}: {status}"
            bad = [c for c in text if c in "\u202e\u2066\x1b\x07" or (ord(c) < 32 and c not in "\n\t\r")]
            if bad or "<script>alert" in text or "onerror=alert(1)>" in text:
                yield f"{path}: {bad} {text}"
        text = service.get("/documents")[2]
        if "U+202E" not in text or "U+001B" not in text:
            yield f"controls are not shown: {text}"
        if "cuckoo" in service.get("/?said=cuckoo")[2]:
            yield "anybody's link says something in our name"
    finally:
        service.close()


def huge(w, origin):
    """A document of 5 MB, one with a thousand links, a page with thousands of candidates."""
    links = "".join(f"  - title: \"{'t' * 3000} {i}\"\n    webUrl: http://127.0.0.2:{origin.port}/r{i}\n" for i in range(150))
    w.put("big.md", document(0, f"http://127.0.0.2:{origin.port}/0.html", "related:\n" + links) + b"x" * (5 << 20))
    origin.page("127.0.0.2/0.html", article(0, tail="".join(f"<img src=/i{i}.jpg width=900 height=600>" for i in range(3000))))
    service = Service(w, "port")
    try:
        end, size = time.monotonic() + 30, 0
        while time.monotonic() < end:
            begin = time.monotonic()
            status, _, text = service.get("/document/big.md")
            took = time.monotonic() - begin
            if "What was written" in text and "og:description" in text:
                break
            time.sleep(0.2)
        if status != 200 or len(text) > 3 << 20 or took > 5:
            yield f"{status}, {len(text)} bytes, {took:.2f} s"
        yield from Page(text).trouble
        if "5,2" not in text and "bytes" not in text:
            yield "no size"
    finally:
        service.close()


def busy(w, origin):
    """The state is written by the service while somebody else holds its lock: pages come all the same."""
    fill(w, origin)
    service = Service(w, "port")
    try:
        db = sqlite3.connect(os.path.join(w.work, "state", "cache.db"), isolation_level=None, timeout=10)
        db.execute("BEGIN IMMEDIATE")
        for path in ("/", "/documents", "/document/news/1.md"):
            begin = time.monotonic()
            status, _, _ = service.get(path)
            took = time.monotonic() - begin
            if status != 200 or took > 1:
                yield f"{path}: {status} after {took:.2f} s"
        db.execute("ROLLBACK")
        db.close()
        # many at once: each is answered, or told to come later
        results = []
        threads = [threading.Thread(target=lambda: results.append(service.get("/")[0])) for _ in range(30)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        if len(results) != 30 or set(results) - {200, 503} or 200 not in results:
            yield f"{results}"
    finally:
        service.close()


def picture(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress((b"\0" + b"\x2a\x6f\x97" * width) * height)) + chunk(b"IEND", b""))


def images(w, origin):
    """Pictures come from nobody, from the copies that are kept, or from where they are: as the operator says."""
    fill(w, origin, 1)
    origin.page("127.0.0.2/img/0.jpg", picture(1200, 630))
    open(w.config, "a").write(f"image-cache: {{folder: {w.work}/cache}}\n")
    own = f"http://127.0.0.2:{origin.port}/img/0.jpg"
    before = open(w.config).read()
    w.run("--once")
    for images, want in (("none", None), ("copies", "/copy/"), ("all", "/copy/")):
        open(w.config, "w").write(before + f"status.images: {images}\n")
        service = Service(w, "port")
        try:
            for path in ("/", "/document/news/0.md"):
                status, headers, text = service.get(path)
                found = re.findall(r'<img [^>]*src="([^"]*)"', text)
                if bool(found) != bool(want) or any(not f.startswith(want) for f in found):
                    yield f"{images}, {path}: {found}"
                if (" http:" in headers["content-security-policy"]) != (images == "all"):
                    yield f"{images}: {headers['content-security-policy']}"
                for f in found:
                    c = service.connect()
                    c.request("GET", f)
                    r = c.getresponse()
                    if r.status != 200 or r.getheader("Content-Type") != "image/png" or r.read() != picture(1200, 630):
                        yield f"{f}: {r.status} {r.getheader('Content-Type')}"
                    c.close()
            copy = os.listdir(os.path.join(w.work, "cache"))[0]
            if not want and service.get("/copy/" + copy)[0] != 404:
                yield f"{images}: a copy is given away"
            if want:
                os.symlink("/etc/passwd", os.path.join(w.work, "cache", "0" * 40 + ".png"))
                if service.get("/copy/" + "0" * 40 + ".png")[0] != 404:
                    yield "a link is followed"
                os.unlink(os.path.join(w.work, "cache", "0" * 40 + ".png"))
        finally:
            service.close()
    open(w.config, "w").write(before.replace(f"image-cache: {{folder: {w.work}/cache}}", "status.images: all"))
    service = Service(w, "port")
    try:
        if f'src="{own}"' not in service.get("/")[2]:
            yield "no picture of its own address: " + service.get("/")[2]
    finally:
        service.close()


def stays_up_to_date(w, origin):
    """A reload, and a state that was begun anew, are seen by the next page."""
    fill(w, origin)
    service = Service(w, "port")
    try:
        service.process.send_signal(signal.SIGHUP)
        w.put("news/9.md", document(9, f"http://127.0.0.2:{origin.port}/9.html"))
        origin.page("127.0.0.2/9.html", article(9))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if "news/9.md" in service.get("/documents?state=complete")[2]:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        yield service.get("/documents")[2]
    finally:
        out = service.close()
        if service.process.returncode:
            yield f"{service.process.returncode} {out}"


if __name__ == "__main__":
    run_tests((over_a_port, over_a_socket, foreign_paths, hostile, huge, busy, images, stays_up_to_date), sys.argv[1], sys.argv[2:])
