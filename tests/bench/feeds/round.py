#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""round.py INGESTD BARE [FEEDS [HOSTS]]: one round over feeds of which 95 % have not changed, over TLS, in CPU, beside
libcurl alone making the same requests (bare.c). nginx serves; by hand."""
import os, re, resource, shutil, subprocess, sys, tempfile, time

FEEDS = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
HOSTS = int(sys.argv[4]) if len(sys.argv) > 4 else 200
PORT = 18443


def host(n):
    return f"127.0.{1 + n % HOSTS // 250}.{1 + n % HOSTS % 250}"


def feed(n, stamp):
    return ("<?xml version='1.0'?><rss version='2.0'><channel><title>Feed %d</title><link>https://%s/</link><lastBuildDate>%s</lastBuildDate>" % (n, host(n), stamp)
            + "".join("<item><title>Item %d of %d</title><link>https://%s/a/%d-%d</link><guid>%d-%d</guid><pubDate>Tue, 07 May 2024 18:%02d:00 GMT</pubDate>"
                      "<description>%s</description></item>" % (i, n, host(n), n, i, n, i, i, "A text of some length, as such things have. " * 15)
                      for i in range(20)) + "</channel></rss>")


def cpu(args):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(args, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began, done


def main():
    work = tempfile.mkdtemp(prefix="ingestd-round-")
    os.chmod(work, 0o755)
    root = f"{work}/www"
    os.makedirs(root)
    for n in range(FEEDS):
        open(f"{root}/{n}.xml", "w").write(feed(n, "one"))
    sans = ",".join(f"IP:{host(n)}" for n in range(HOSTS))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=feeds",
                    "-addext", f"subjectAltName={sans}", "-keyout", f"{work}/key.pem", "-out", f"{work}/cert.pem"], check=True, capture_output=True)
    open(f"{work}/nginx.conf", "w").write(f"""daemon off; pid {work}/nginx.pid; error_log {work}/error.log; worker_processes 1;
events {{ worker_connections 4096; }}
http {{ access_log off; types {{ application/rss+xml xml; }} keepalive_requests 100000;
  client_body_temp_path {work}; proxy_temp_path {work}; fastcgi_temp_path {work}; uwsgi_temp_path {work}; scgi_temp_path {work};
  server {{ listen {PORT} ssl; root {root}; ssl_certificate {work}/cert.pem; ssl_certificate_key {work}/key.pem; }} }}
""")
    nginx = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf", "-p", work])
    try:
        time.sleep(1)
        os.makedirs(f"{work}/content")
        urls = [f"https://{host(n)}:{PORT}/{n}.xml" for n in range(FEEDS)]
        open(f"{work}/ingestd.yaml", "w").write(
            f"content: [{work}/content]\nstate: {work}/state\nallow-networks: [127.0.0.0/8]\npace: {{gap: 0s, connections: 16}}\nca-file: {work}/cert.pem\n"
            f"http-version: 1.1\nnew-documents: {{first-import: 0}}\nfeeds:\n" + "".join(f"  - {u}\n" for u in urls))
        command = [sys.argv[1], "--once", "--config", f"{work}/ingestd.yaml", "-q", "--force", "--report", f"{work}/report"]
        first = cpu(command)
        print(f"first round, all new: {first[0]:.2f} s of CPU, {first[1]:.1f} s; exit {first[2].returncode} {first[2].stderr[:300]}")
        etags = {n: f'"{int(os.stat(f"{root}/{n}.xml").st_mtime):x}-{os.stat(f"{root}/{n}.xml").st_size:x}"' for n in range(FEEDS)}
        order = sorted(range(FEEDS), key=lambda n: urls[n])
        open(f"{work}/urls", "w").write("".join(f"{urls[n]} {etags[n]}\n" for n in order))
        best = {"bare": 1e9, "ingestd": 1e9}
        for lap in range(3):
            for n in range(lap, FEEDS, 20):  # 5 % say something else, though nothing new
                open(f"{root}/{n}.xml", "w").write(feed(n, f"lap {lap}"))
            took, wall, done = cpu([sys.argv[2], f"{work}/urls", f"{work}/cert.pem", "64"])
            best["bare"] = min(best["bare"], took)
            print(f"bare:    {took:.2f} s of CPU, {wall:.1f} s: {done.stdout.strip()}")
            took, wall, done = cpu(command)
            best["ingestd"] = min(best["ingestd"], took)
            report = open(f"{work}/report").read()
            print(f"ingestd: {took:.2f} s of CPU, {wall:.1f} s: {len(re.findall(r'.status.: ?304', report))} unchanged, exit {done.returncode} {done.stderr[:300]}")
            for n in range(lap, FEEDS, 20):
                etags[n] = f'"{int(os.stat(f"{root}/{n}.xml").st_mtime):x}-{os.stat(f"{root}/{n}.xml").st_size:x}"'
            open(f"{work}/urls", "w").write("".join(f"{urls[n]} {etags[n]}\n" for n in order))
        print(f"{FEEDS} feeds of {HOSTS} hosts: {best['ingestd'] / best['bare']:.2f} times bare libcurl")
    finally:
        nginx.terminate()
        nginx.wait()
        shutil.rmtree(work)


main()
