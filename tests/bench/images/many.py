#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many images behind a real nginx: bytes asked for each size, then copies of all, and what that takes.

    many.py INGESTD [--count N] [--photos FOLDER]

--photos: serve these files (their bytes decide which are pictures) instead of made ones. By hand; no test runs it."""
import argparse, os, random, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "e2e"))
from origin import png
from world import World, article, document

CONF = """daemon off; worker_processes 1; error_log stderr crit; pid {root}/pid; events {{ worker_connections 1024; }}
http {{ types {{ text/html html; image/jpeg jpg; }} default_type application/octet-stream; sendfile on; keepalive_requests 100000;
log_format bytes '$request_uri $status $bytes_sent $http_range'; access_log {root}/log bytes;
client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
server {{ listen 127.0.0.2:{port}; root {root}/www; }} }}
"""


def rss(p):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{p.pid}/status").read()).group(1))


def watched(w, *args):
    began, most = time.monotonic(), 0
    p = w.start(*args)
    while p.poll() is None:
        try:
            most = max(most, rss(p))
        except (OSError, AttributeError):
            pass
        time.sleep(0.05)
    out = p.communicate()
    return most / 1024, time.monotonic() - began, out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("ingestd")
    ap.add_argument("--count", type=int, default=10000)
    ap.add_argument("--photos")
    a = ap.parse_args()
    root = tempfile.mkdtemp(prefix="ingestd-nginx-")
    os.makedirs(root + "/www/i")
    os.chmod(root, 0o755)
    with __import__("socket").socket() as s:
        s.bind(("127.0.0.2", 0))
        port = s.getsockname()[1]
    open(root + "/conf", "w").write(CONF.format(root=root, port=port))
    nginx = subprocess.Popen(["nginx", "-c", root + "/conf", "-p", root])
    w = World(a.ingestd)
    photos = sorted(os.path.join(a.photos, f) for f in os.listdir(a.photos)) if a.photos else [None] * a.count
    chance = random.Random(1)
    try:
        for n, photo in enumerate(photos):
            if photo:
                shutil.copy(photo, f"{root}/www/i/{n}.jpg")
            else:
                open(f"{root}/www/i/{n}.jpg", "wb").write(png(600 + n % 7, 400) + chance.randbytes(20000 + n % 9 * 5000))
            page = re.sub(rb"/img/\d+\.jpg", f"/i/{n}.jpg".encode(), article(n)).replace(b'"1200"', b'"0"').replace(b'"630"', b'"0"')
            open(f"{root}/www/{n}.html", "wb").write(page)
            w.put(f"{n}.md", document(n, f"http://127.0.0.2:{port}/{n}.html"))
        size = sum(os.path.getsize(f"{root}/www/i/{n}.jpg") for n in range(len(photos)))
        most, seconds, out = watched(w, "--once", "-q")
        rows = [line.split() for line in open(root + "/log") if line.startswith("/i/")]
        each = {}
        for uri, status, sent, *_ in rows:
            each[uri] = each.get(uri, 0) + int(sent)
        got = sorted(each.values())
        written = sum("\nimages:" in open(f"{w.content}/{n}.md").read() for n in range(len(photos)))
        print(f"{len(photos)} images of {size / 1e6:.0f} MB: measured in {seconds:.1f} s, {most:.0f} MB RSS; {written} documents got one; "
              f"{len(rows)} requests; bytes an image, header included: median {got[len(got) // 2]}, 90 % {got[len(got) * 9 // 10]}, most {got[-1]}")
        if a.photos:
            return
        open(w.config, "a").write(f"image-cache: {{folder: {w.work}/cache, url: /c/, size: 20GiB}}\n")
        most, seconds, out = watched(w, "--once", "-q")
        print(out[1], end="")
        marked = sum("isCached: true" in open(f"{w.content}/{n}.md").read() for n in range(len(photos)))
        copies = len([f for f in os.listdir(w.work + "/cache") if f.endswith(".png")])
        print(f"copied: {copies} files, {marked} documents marked, in {seconds:.1f} s, {most:.0f} MB RSS{out[1]}")
        most, seconds, out = watched(w, "images", "verify")
        print(f"verify: {out[0].strip()}; {seconds:.1f} s, {most:.0f} MB RSS")
        most, seconds, out = watched(w, "images", "prune")
        print(f"prune: {out[0].strip()}; {seconds:.1f} s, {most:.0f} MB RSS")
        os.unlink(root + "/log")
        nginx.send_signal(10)
        time.sleep(0.2)
        most, seconds, out = watched(w, "--once", "-q")
        print(f"again: {seconds:.1f} s, {most:.0f} MB RSS, {sum(1 for _ in open(root + '/log'))} requests")
    finally:
        nginx.terminate()
        nginx.wait()
        w.close()
        shutil.rmtree(root, ignore_errors=True)


main()
