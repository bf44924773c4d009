#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`ingestd feed` against a site on the loopback: feed_command.py PROGRAM

A feed's own address, pages that name one feed, several, none, and none at all; files, batches, and how each ends."""
import http.server, json, os, subprocess, sys, tempfile, threading

RSS = '<rss version="2.0"><channel><title>T & U</title><item><title>One</title><link>one</link></item></channel></rss>'
LINK = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages = {
        "/feed.xml": ("text/xml", RSS),
        "/wrong-type": ("text/html", RSS),
        "/moved": ("/feed.xml", 301),
        "/one": ("text/html", "<html><head>" + LINK.format("Main", "/feed.xml") + LINK.format("Comments", "/comments/feed") + "</head></html>"),
        "/several": ("text/html", "<html>" + LINK.format("News\x1b[31m", "/news.xml") + LINK.format("Blog", "/blog.xml") + "</html>"),
        "/named-wrongly": ("text/html", "<html>" + LINK.format("Main", "/several") + "</html>"),
        "/guess": ("text/html", "<html><body><p>nothing here</p></body></html>"),
        "/large": ("text/xml", "<rss>" + " " * 70000),
    }
    asked = []

    def do_GET(self):
        Site.asked.append((self.path, self.headers.get("Accept", "")))
        kind, body = self.pages.get(self.path, (None, None))
        if isinstance(body, int):
            self.send_response(body)
            self.send_header("Location", kind)
            body = b""
        else:
            self.send_response(200 if kind else 404)
            body = (body or "no").encode()
            self.send_header("Content-Type", kind or "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *a):
        pass


def main():
    bad = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory(prefix="ingestd-feed-") as work:
        config = os.path.join(work, "c.yaml")
        open(config, "w").write(f"state: {work}/state\nallow-networks: [127.0.0.0/8]\npace: {{gap: 0s}}\nlimits: {{feed: 64KiB}}\n")
        file = os.path.join(work, "f.xml")
        open(file, "w").write(RSS)

        def run(*args, code=0, out=None, err=None, given=""):
            p = subprocess.run([sys.argv[1], "feed", "--config", config, *args], input=given, capture_output=True, text=True, timeout=60)
            text = " ".join(args)
            if p.returncode != code:
                bad.append(f"{text}: exit {p.returncode}, not {code}: {p.stderr}")
            if out is not None and out not in p.stdout:
                bad.append(f"{text}: {out!r} is not in {p.stdout!r}")
            if err is not None and err not in p.stderr:
                bad.append(f"{text}: {err!r} is not in {p.stderr!r}")
            return p.stdout

        for path in ("/feed.xml", "/wrong-type", "/moved", "/one", "/guess"):
            got = json.loads(run(root + path, out='"title": "One"') or "{}")
            link = (got.get("entries") or [{}])[0].get("link")
            if link != root + "/one":
                bad.append(f"{path}: the entry's link is {link}")
        if "atom+xml" not in Site.asked[0][1]:
            bad.append(f"asked with Accept: {Site.asked[0][1]}")
        run(root + "/feed.xml", err=f"{root}/feed.xml:1:38: bare '&'")
        got = run(root + "/several", code=65, out=f"{root}/news.xml\tNews", err="several feeds")
        if f"{root}/blog.xml\tBlog\n" not in got or "\x1b" in got:
            bad.append(f"the list of feeds is {got!r}")
        run(root + "/named-wrongly", code=65, err="an HTML page, not a feed")
        run(root + "/large", code=75, err="too-large")
        run(root + "/missing", code=75, err="http-status")
        del Site.pages["/feed.xml"]
        run(root + "/guess", code=65, err="no feed is named")
        run(file, "--base", "http://x.example/a/", out='"link": "http://x.example/a/one"', err=f"{file}:1:38: bare '&'")
        run(os.path.join(work, "nowhere"), code=66)
        run(work, code=66)
        run(code=64)
        lines = run("--batch", given=json.dumps({"id": "a", "input": file, "base": "http://x.example/"}) + '\n{"id": "b", "input": "/nowhere"}\nx\n').splitlines()
        answers = [json.loads(x) for x in lines]
        if [x.get("id") for x in answers] != ["a", "b", None] or answers[0]["entries"][0]["link"] != "http://x.example/one" or not answers[1].get("error"):
            bad.append(f"--batch answers {lines}")
    server.shutdown()
    for b in bad:
        print(b)
    print(f"{len(bad)} wrong")
    sys.exit(bool(bad))


main()
