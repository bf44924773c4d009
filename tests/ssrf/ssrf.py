#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every way of table.py into the operator's network, tried in a network of two namespaces: the machine that ingestd runs on,
and the Internet. `allow-networks` is empty, so it is the real rule that is tested. None may be open; and with the guard taken
out (the two programs named last), each that the guard alone holds has to be seen open, or the row would prove nothing.

    ssrf.py FETCH_PROBE INGESTD FETCH_PROBE_WITHOUT_GUARD INGESTD_WITHOUT_GUARD [--table]

Needs root, for `unshare -n -m`; exits with 77 where that is not possible."""
import collections, ctypes, json, os, re, shutil, socket, ssl, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from dns import AAAA, Dns
from table import ALSO, HOSTS, OWN, OWN6, PAGES, PUBLIC, REDIRECTS, URLS
from world import Judge, World, article, document

INSIDE4 = ("10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 "
           "192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24").split()
INSIDE6 = "64:ff9b::/32 2002::/16 2001::/23 2001:db8::/32 fc00::/7 fec0::/10 100::/64 3fff::/20 5f00::/16 2620:4f:8000::/48 ::/96 ::ffff:0:0:0/96".split()
PORTS = (80, 443, 21, 70, 3128, 8080)


class Names(Dns):
    """tests/e2e/dns.py, with v6-H-H-H-H-H-H-H-H too, and alias-NAME an alias for something inside."""

    def answer(self, query, room):
        delay, reply = super().answer(query, room)
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += 1 + query[at]
        six = [l[3:].replace("-", ":") for l in labels if l.startswith("v6-")]
        if six and query[at + 1:at + 3] == AAAA.to_bytes(2, "big"):
            record = b"\xc0\x0c" + AAAA.to_bytes(2, "big") + b"\0\x01\0\0\0\0\0\x10" + socket.inet_pton(socket.AF_INET6, six[0])
            reply = query[:2] + b"\x81\x80\0\x01\0\x01\0\0\0\0" + query[12:at + 5] + record
        return delay, reply


class Server:
    """Listens in the namespace that the thread is in, and answers by what `pages` says; all that is asked is in `hits`."""

    def __init__(self, ports, pages, address="0.0.0.0"):
        self.hits, self.pages = [], pages
        for family, any_address in ((socket.AF_INET, address), (socket.AF_INET6, "::"))[:1 if address == ALSO else 2]:
            for port in ports:
                s = socket.socket(family)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                s.bind((any_address, port))
                s.listen(256)
                threading.Thread(target=self.accept, args=(s, port), daemon=True).start()

    def accept(self, listener, port):
        while True:
            s, _ = listener.accept()
            threading.Thread(target=self.serve, args=(s, port), daemon=True).start()

    def serve(self, s, port):
        first = True
        try:
            s.settimeout(10)
            while True:
                head = b""
                if port == 443:  # whoever gets so far is in
                    head = s.recv(4096)
                    self.hits.append(f"{port} /https")
                    return
                while b"\r\n\r\n" not in head:
                    more = s.recv(4096)
                    if not more:
                        if first:
                            self.hits.append(f"{port} /nothing {head!r}")
                        return
                    head += more
                first = False
                target = head.split(b" ")[1].decode("latin-1")
                self.hits.append(f"{port} {target}")
                status, headers, body = self.pages(target)
                s.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n".encode() +
                          b"".join(f"{n}: {v}\r\n".encode("latin-1") for n, v in headers) + b"\r\n" + body)
        except OSError:
            self.hits += [f"{port} /broke-off"] if first else []
        finally:
            s.close()


HTML = ("Content-Type", "text/html; charset=utf-8")


def rows():
    """(id, kind, name, URL as a stranger writes it, wall)"""
    table = [("host", name, f"http://{host}/{{id}}", wall) for name, host, wall in HOSTS]
    table += [("URL", *row) for row in URLS]
    table += [("redirect", name, f"http://{PUBLIC}/r/{{id}}", wall) for name, _, _, wall in REDIRECTS]
    table += [("page", name, f"http://{PUBLIC}/p/{{id}}", wall) for name, _, wall in PAGES]
    table += [("robots", "redirect", "http://robots.test/{id}", "guard"), ("proxy", "http_proxy and so on", f"http://{PUBLIC}/r/0?{{id}}", "nobody")]
    return [(f"row{n:03}", kind, name, url.replace("{id}", f"row{n:03}"), wall) for n, (kind, name, url, wall) in enumerate(table)]


def internet(target):
    """The answers of the public server."""
    found = re.search(r"row(\d+)", target)
    row = ROWS[int(found[1])] if found else None
    if target.startswith("/to/"):
        return 302, [("Location", "http://127.0.0.1/" + row[0])], b""
    if target == "/robots.txt":
        return 404, [], b""
    if row and row[1] == "redirect" and target.startswith("/r/"):
        _, status, headers, _ = REDIRECTS[[r[0] for r in ROWS if r[1] == "redirect"].index(row[0])]
        return status, [HTML] + [(n, v.replace("{id}", row[0])) for n, v in headers], article(1)
    if row and row[1] == "page" and target.startswith("/p/"):
        _, html, _ = PAGES[[r[0] for r in ROWS if r[1] == "page"].index(row[0])]
        html = html.replace("{to}", f"http://127.0.0.1/{row[0]}").replace("{id}", row[0]).replace("{{", "{").replace("}}", "}")
        body = article(1, html).replace(b'<meta property="og:image" content="/img/1.jpg">', b"") if "mage" in row[2] else article(1, html)
        return 200, [HTML], body
    return 200, [HTML], article(1)


def robots_of(target):
    if target == "/robots.txt":
        return 302, [("Location", "http://127.0.0.1/" + ROBOTS_ROW)], b""
    return internet(target)


ROWS = rows()
ROBOTS_ROW = [r[0] for r in ROWS if r[1] == "robots"][0]


# ---- the network ----

def sh(command):
    subprocess.run(command, shell=True, check=True)


def two_namespaces():
    """We are in the first; returns a function that calls another in the second."""
    keeper = subprocess.Popen(["unshare", "-n", "sleep", "300"])
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    while os.readlink(f"/proc/{keeper.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
        pass
    there = os.open(f"/proc/{keeper.pid}/ns/net", os.O_RDONLY)
    inside = f"nsenter --net=/proc/{keeper.pid}/ns/net "
    sh("ip link set lo up; ip link add v0 type veth peer name v1 netns %d" % keeper.pid)
    for name in ("all", "default", "v0"):  # addresses are usable at once
        open(f"/proc/sys/net/ipv6/conf/{name}/accept_dad", "w").write("0")
    sh(f"ip addr add {OWN}/24 dev v0; ip -6 addr add {OWN6}/64 dev v0 nodad; ip link set v0 up")
    sh("".join(f"ip route add local {n} dev lo;" for n in INSIDE4) + "".join(f"ip -6 route add local {n} dev lo;" for n in INSIDE6))
    sh(f"{inside} sh -c 'ip link set lo up; ip addr add 45.0.0.1/24 dev v1; ip -6 addr add 2600:3c00:0:1::1/64 dev v1 nodad; ip link set v1 up; "
       f"ip route add local 45.33.0.0/16 dev lo; ip -6 route add local 2600:3c00::/64 dev lo'")
    sh("ip route add default via 45.0.0.1; ip -6 route add default via 2600:3c00:0:1::1")
    setns = ctypes.CDLL(None, use_errno=True).setns

    def there_do(function):
        assert setns(there, 0x40000000) == 0
        try:
            return function()
        finally:
            assert setns(here, 0x40000000) == 0
    return keeper, there_do


def names_here(folder):
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\n"),
                       ("hosts", f"127.0.0.1 localhost\n::1 ip6-loopback\n10.0.0.1 intranet\n{ALSO} robots.test\n")):
        open(os.path.join(folder, name), "w").write(text)
        sh(f"mount --bind {folder}/{name} /etc/{name}")


# ---- the runs ----

ENVIRONMENT = {name: "http://127.0.0.1:3128" for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}


def fetch(probe, folder, dns):
    """{id: (outcome, error)} by the client alone."""
    config = os.path.join(folder, "ingestd.yaml")
    open(config, "w").write("pace: {gap: 0s, connections: 16}\ntimeout: 10s\n")
    dns.seen.clear()
    dns.seen["a-45-33-0-1.then-127-0-0-1.test", 1] = 1  # the first time it was public
    todo = {url.replace("\0", "\\0"): id for id, kind, _, url, _ in ROWS if kind in ("host", "URL", "redirect", "proxy")}
    found = {}
    out = subprocess.run([probe, "--config", config, "--connect-timeout", "3000", "--", *todo], env={"HOME": folder, **ENVIRONMENT},
                         capture_output=True, timeout=100)
    for line in out.stdout.decode("utf-8", "replace").splitlines():
        reply = json.loads(line, strict=False)
        if "url" in reply:
            id = re.search(r"row\d+", reply["url"])
            if id:
                found[id[0]] = reply["outcome"], reply.get("error")
    return found, out


def pass_over(program):
    """A pass over documents whose pages name things inside."""
    w = World(program)
    try:
        open(w.config, "w").write(f"content: [{w.content}]\nstate: {w.work}/state\npace: {{gap: 0s, connections: 16}}\n")
        for n, (id, kind, _, url, _) in enumerate(ROWS):
            if kind in ("page", "robots"):
                w.put(f"{id}.md", document(n, url))
        return w.run("--once", **ENVIRONMENT)
    finally:
        w.close()


def open_rows(hits):
    """Rows that somebody inside, or a port that is not open to pages, was asked for."""
    return {id[0] for hit in hits for id in [re.search(r"row\d+", hit)] if id}


def main():
    if os.environ.get("SSRF_INSIDE") != "yes":
        probe = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True)
        if os.geteuid() != 0 or probe.returncode or not shutil.which("ip"):
            print("no network namespaces here: skipped")
            sys.exit(77)
        os.execvpe("unshare", ["unshare", "-n", "-m", sys.executable, *sys.argv], {**os.environ, "SSRF_INSIDE": "yes"})
    judge, folder = Judge(), tempfile.mkdtemp(prefix="ingestd-ssrf-")
    keeper, there = two_namespaces()
    try:
        names_here(folder)
        dns = Names(53)
        inside = Server(PORTS, lambda target: (200, [HTML], article(1)))
        web = there(lambda: Server((80,), internet, PUBLIC))
        there(lambda: Server((80,), robots_of, ALSO))
        forbidden = there(lambda: Server((22, 25), internet))
        guarded, bare = sys.argv[1:3], sys.argv[3:5]
        found, out = fetch(guarded[0], folder, dns)
        once = pass_over(guarded[1])
        held = list(inside.hits) + list(forbidden.hits)
        judge.check(f"{len(ROWS)} rows, none open", held)
        judge.check("the public server was asked", [len(web.hits) < 30 and f"{len(web.hits)} times", once.returncode and once.stderr])
        inside.hits.clear(), forbidden.hits.clear()
        unguarded, _ = fetch(bare[0], folder, dns)
        pass_over(bare[1])
        opened = open_rows(inside.hits + forbidden.hits)
        for id, kind, name, url, wall in ROWS:
            outcome, error = found.get(id, ("-", None))
            without = "open" if id in opened else unguarded.get(id, ("-", ""))[0]
            if "--table" in sys.argv:
                print(f"{id[3:]} {kind:9} {name:22} {wall:7} {outcome:18} {(error or '')[:70]:70} | {without}".encode("ascii", "backslashreplace").decode())
            complaints = []
            if kind in ("host", "URL") and outcome not in ("refused-by-policy", *(["connect"] if wall == "guard, mixed" else [])):
                complaints.append(f"{url!r}: {outcome}, {error}")
            seen = without == "open" or url.startswith("https") and "443 /https" in inside.hits or wall == "guard, no path" and without == "page"
            if wall.startswith(("guard", "own")) and not seen:
                complaints.append(f"{url!r}: not open without the guard: {without}, {unguarded.get(id)}")
            if wall == "kernel" and without not in ("connect", "timeout", "open"):
                complaints.append(f"{url!r}: not tried without the guard: {without}")
            if complaints:
                judge.check(f"{id} {kind}: {name}", complaints)
        kinds = collections.Counter(r[4].split(",")[0] for r in ROWS)
        judge.check(f"without the guard {len(opened)} are open; held by {dict(kinds)}", [len(opened) < 60 and "too few"])
    finally:
        keeper.kill()
        shutil.rmtree(folder)
    judge.end()


main()
