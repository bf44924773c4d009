# SPDX-License-Identifier: MIT
"""Ways into the operator's network. Each row: its name, what a stranger writes, and what holds it.

`inside` are addresses of the machine itself (the namespace that ingestd runs in); PUBLIC and ALSO are web servers on
the Internet (the other namespace). {id} becomes the row's number: it
stands in the path, and so in the log of whoever is asked.

Walls: guard (lib/http/guard.c: a build without it lets the row through), own (daemon/fetch/own_address.c: so does one without that),
kernel (the guard refuses; without it a connection is tried, and the kernel has nowhere to go), parser (it is no URL that could
be asked for, whatever the guard says), nobody (ingestd does not look for what lies behind such a thing at all, or asks through
libcurl's settings alone)."""

PUBLIC, ALSO, OWN, OWN6 = "45.33.0.1", "45.33.0.2", "45.0.0.2", "2600:3c00:0:1::2"  # nobody listens at 45.33.0.99

# spellings of a host; what they mean
HOSTS = [
    # IPv4, by the WHATWG URL Standard's host parser
    ("dotted", "127.0.0.1", "guard"), ("two parts", "127.1", "guard"), ("three parts", "127.0.1", "guard"),
    ("decimal", "2130706433", "guard"), ("hex", "0x7f000001", "guard"), ("hex parts", "0x7f.0x0.0x0.0x1", "guard"),
    ("octal", "017700000001", "guard"), ("octal parts", "0177.0.0.01", "guard"), ("mixed", "0x7f.1", "guard"),
    ("trailing dot", "127.0.0.1.", "guard"), ("leading zeros", "127.000.000.001", "guard"), ("empty hex", "127.0x.0x.1", "guard"),
    ("percent-encoded", "%31%32%37.0.0.1", "guard"), ("full-width", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "guard"),
    ("ideographic stops", "127\u30020\u30020\u30021", "guard"), ("circled", "\u2460\u2461\u2466.0.0.1", "guard"),
    ("soft hyphen", "127.0.0\u00ad.1", "guard"), ("zero", "0", "guard"), ("any", "0.0.0.0", "guard"),
    ("end of loopback", "127.255.255.254", "guard"), ("localhost", "localhost", "guard"), ("localhost.", "localhost.", "guard"),
    ("upper case", "LOCALHOST", "guard"), ("hosts file", "ip6-loopback", "guard"), ("hosts file, inside", "intranet", "guard"),
    # the IANA IPv4 Special-Purpose Address Registry
    ("10/8", "10.0.0.1", "guard"), ("172.16/12", "172.16.0.1", "guard"), ("its end", "172.31.255.254", "guard"),
    ("192.168/16", "192.168.1.1", "guard"), ("metadata", "169.254.169.254", "guard"), ("metadata, decimal", "2852039166", "guard"),
    ("metadata, hex", "0xa9fea9fe", "guard"), ("carrier-grade NAT", "100.64.0.1", "guard"), ("metadata in it", "100.100.100.200", "guard"),
    ("protocols", "192.0.0.192", "guard"), ("benchmarks", "198.18.0.1", "guard"), ("their end", "198.19.255.254", "guard"),
    ("documentation 1", "192.0.2.1", "guard"), ("documentation 2", "198.51.100.1", "guard"), ("documentation 3", "203.0.113.1", "guard"),
    ("6to4 relay", "192.88.99.1", "guard"), ("AS112", "192.31.196.1", "guard"), ("AMT", "192.52.193.1", "guard"),
    ("AS112 direct", "192.175.48.1", "guard"), ("class E", "240.0.0.1", "kernel"), ("broadcast", "255.255.255.255", "kernel"),
    ("multicast", "224.0.0.1", "kernel"), ("this network", "0.0.0.1", "kernel"),
    # the IPv6 one
    ("::1", "[::1]", "guard"), ("::1, long", "[0:0:0:0:0:0:0:1]", "guard"), ("::", "[::]", "guard"),
    ("mapped", "[::ffff:127.0.0.1]", "guard"), ("mapped, hex", "[::ffff:7f00:1]", "guard"), ("mapped private", "[::ffff:10.0.0.1]", "guard"),
    ("mapped metadata", "[::ffff:a9fe:a9fe]", "guard"), ("compatible", "[::127.0.0.1]", "guard"), ("SIIT", "[::ffff:0:127.0.0.1]", "guard"),
    ("NAT64", "[64:ff9b::7f00:1]", "guard"), ("NAT64 private", "[64:ff9b::10.0.0.1]", "guard"), ("NAT64 local use", "[64:ff9b:1::7f00:1]", "guard"),
    ("6to4", "[2002:7f00:1::1]", "guard"), ("6to4 private", "[2002:a00:1::1]", "guard"), ("Teredo", "[2001:0:a00:1::1]", "guard"),
    ("ORCHID", "[2001:20::1]", "guard"), ("ULA", "[fd00::1]", "guard"), ("ULA, lower half", "[fc00::1]", "guard"),
    ("metadata ULA", "[fd00:ec2::254]", "guard"), ("site-local", "[fec0::1]", "guard"), ("link-local", "[fe80::1]", "kernel"),
    ("link-local, zone", "[fe80::1%25lo]", "parser"), ("loopback, zone", "[::1%25lo]", "parser"), ("all nodes", "[ff02::1]", "kernel"),
    ("multicast", "[ff0e::1]", "kernel"), ("discard", "[100::1]", "guard"), ("documentation", "[2001:db8::1]", "guard"),
    ("documentation, new", "[3fff::1]", "guard"), ("SRv6", "[5f00::1]", "guard"), ("AS112", "[2620:4f:8000::1]", "guard"),
    # this machine's public face
    ("own address", OWN, "own"), ("own address, v6", f"[{OWN6}]", "own"), ("own, mapped", f"[::ffff:{OWN}]", "own"),
    ("own, decimal", str(int.from_bytes(bytes(map(int, OWN.split("."))), "big")), "own"),
    # names: see tests/e2e/dns.py and serve.py
    ("name, loopback", "a-127-0-0-1.test", "guard"), ("name, private", "a-10-0-0-1.test", "guard"), ("name, metadata", "a-169-254-169-254.test", "guard"),
    ("name, ::1", "v6-0-0-0-0-0-0-0-1.test", "guard"), ("name, ULA", "v6-fd00-0-0-0-0-0-0-1.test", "guard"),
    ("name, mapped", "v6-0-0-0-0-0-ffff-7f00-1.test", "guard"), ("name, NAT64", "v6-64-ff9b-0-0-0-0-7f00-1.test", "guard"),
    ("name, own", "a-45-0-0-2.test", "own"), ("name, CNAME", "alias-inside.test", "guard"), ("name, dot", "a-10-0-0-1.test.", "guard"),
    ("name, upper case", "A-10-0-0-1.TEST", "guard"), ("dead public first", "a-45-33-0-99.a-127-0-0-1.test", "guard, mixed"),
    ("private first", "a-127-0-0-1.a-45-33-0-99.test", "guard, mixed"), ("v6 private, v4 dead", "v6-fd00-0-0-0-0-0-0-1.a-45-33-0-99.test", "guard, mixed"),
    ("rebinding", "a-45-33-0-1.then-127-0-0-1.test", "guard"),  # asked for a second time: the table's first round was public
]

# other things that can be wrong with a URL as it stands in a document
URLS = [
    ("user name", "http://x@127.0.0.1/{id}", "guard"), ("user name like a host", f"http://{PUBLIC}@127.0.0.1/{{id}}", "guard"),
    ("password", "http://x:y@127.0.0.1/{id}", "guard"), ("two @", f"http://a@{PUBLIC}@127.0.0.1/{{id}}", "guard"),
    ("one slash", "http:/127.0.0.1/{id}", "guard"), ("no slash", "http:127.0.0.1/{id}", "guard"), ("many slashes", "http:////127.0.0.1/{id}", "guard"),
    ("backslashes", "http:\\\\127.0.0.1\\{id}", "guard"), ("backslash before @", f"http://127.0.0.1\\@{PUBLIC}/{{id}}", "guard"),
    ("tab in it", "ht\ttp://127.0.\t0.1/{id}", "guard"), ("upper case", "HTTP://127.0.0.1/{id}", "guard"),
    ("https", "https://127.0.0.1/{id}", "guard"), ("port of mail", f"http://{PUBLIC}:25/{{id}}", "guard"), ("port of ssh", f"http://{PUBLIC}:22/{{id}}", "guard"),
    ("port 0", f"http://{PUBLIC}:0/{{id}}", "kernel"), ("loopback, high port", "http://127.0.0.1:8080/{id}", "guard"),
    ("file", "file:///etc/passwd?{id}", "parser"), ("file with a host", "file://127.0.0.1/etc/passwd?{id}", "parser"),
    ("gopher", "gopher://127.0.0.1:8080/_{id}", "parser"), ("dict", "dict://127.0.0.1:8080/{id}", "parser"), ("ftp", "ftp://127.0.0.1/{id}", "parser"),
    ("ldap", "ldap://127.0.0.1:8080/{id}", "parser"), ("unix", "unix:///run/docker.sock?{id}", "parser"), ("http+unix", "http+unix://%2Frun%2Fdocker.sock/{id}", "parser"),
    ("javascript", "javascript:fetch('http://127.0.0.1/{id}')", "parser"), ("data", "data:text/html,{id}", "parser"), ("ws", "ws://127.0.0.1/{id}", "parser"),
    ("new line", "http://127.0.0.1/{id}\r\nX: y", "guard"), ("NUL", "http://127.0.0.1\0.example/{id}", "parser"), ("space", "http://127.0.0.1 .example/{id}", "parser"),
]

# what a public page answers with: (status, header lines); the row's own URL is http://PUBLIC/r/ID
TO = "http://127.0.0.1/{id}"
REDIRECTS = [(f"{status}", status, [("Location", TO)], "guard") for status in (300, 301, 302, 303, 307, 308)] + [
    ("to private", 302, [("Location", "http://10.0.0.1/{id}")], "guard"), ("to metadata", 302, [("Location", "http://169.254.169.254/latest/{id}")], "guard"),
    ("to ::1", 302, [("Location", "http://[::1]/{id}")], "guard"), ("to mapped", 302, [("Location", "http://[::ffff:7f00:1]/{id}")], "guard"),
    ("to decimal", 302, [("Location", "http://2130706433/{id}")], "guard"), ("to a name", 302, [("Location", "http://a-10-0-0-1.test/{id}")], "guard"),
    ("to ourselves", 302, [("Location", f"http://{OWN}/{{id}}")], "own"), ("no scheme", 302, [("Location", "//127.0.0.1/{id}")], "guard"),
    ("backslashes", 302, [("Location", "\\\\127.0.0.1\\{id}")], "guard"), ("slash and backslash", 302, [("Location", "/\\127.0.0.1/{id}")], "guard"),
    ("tabs", 302, [("Location", "htt\tp://127.0.0.1/{id}")], "parser"), ("spaces around", 302, [("Location", "  http://127.0.0.1/{id}  ")], "guard"),
    ("user name", 302, [("Location", f"http://{PUBLIC}@127.0.0.1/{{id}}")], "guard"), ("user name, backslash", 302, [("Location", f"http://127.0.0.1\\@{PUBLIC}/{{id}}")], "guard"),
    ("fragment", 302, [("Location", f"http://127.0.0.1#@{PUBLIC}/{{id}}")], "guard, no path"), ("port of mail", 302, [("Location", f"http://{PUBLIC}:25/{{id}}")], "guard"),
    ("to file", 302, [("Location", "file:///etc/passwd?{id}")], "parser"), ("to gopher", 302, [("Location", "gopher://127.0.0.1:8080/_{id}")], "parser"),
    ("to dict", 302, [("Location", "dict://127.0.0.1:8080/{id}")], "parser"), ("to ftp", 302, [("Location", "ftp://127.0.0.1/{id}")], "parser"),
    ("to smb", 302, [("Location", "smb://127.0.0.1/{id}")], "parser"), ("two locations", 302, [("Location", f"http://{ALSO}/r/0"), ("Location", TO)], "nobody"),
    ("over another", 302, [("Location", f"http://{ALSO}/to/{{id}}")], "guard"), ("Refresh", 200, [("Refresh", "0; url=" + TO)], "nobody"),
    ("Alt-Svc", 200, [("Alt-Svc", 'http/1.1="127.0.0.1:8080"; ma=99999')], "nobody"), ("Content-Location", 200, [("Content-Location", TO)], "nobody"),
]

# a document's page with this in its head: what it names must not be asked for inside
PAGES = [
    ("meta refresh", '<meta http-equiv="refresh" content="0; url={to}">', "nobody"), ("canonical", '<link rel="canonical" href="{to}">', "nobody"),
    ("og:url", '<meta property="og:url" content="{to}">', "nobody"), ("og:image", '<meta property="og:image" content="{to}.png">', "nobody"),
    ("twitter:image", '<meta name="twitter:image" content="{to}.png">', "nobody"),
    ("image of JSON-LD", '<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","image":"{to}.png"}}</script>', "nobody"),
    ("feed", '<link rel="alternate" type="application/rss+xml" href="{to}">', "nobody"), ("AMP", '<link rel="amphtml" href="{to}">', "nobody"),
    ("icon", '<link rel="icon" href="{to}.ico">', "nobody"), ("oEmbed", '<link rel="alternate" type="application/json+oembed" href="{to}">', "nobody"),
    ("frame", '<iframe src="{to}"></iframe>', "nobody"), ("base", '<base href="http://127.0.0.1/{id}/">', "nobody"),
    ("style sheet", '<link rel="stylesheet" href="{to}">', "nobody"), ("prefetch", '<link rel="preconnect" href="http://127.0.0.1/"><link rel="prefetch" href="{to}">', "nobody"),
    ("image in the text", '<p><img src="{to}.jpg" width="1200" height="800"></p>', "nobody"),
    ("DTD", '<!DOCTYPE html SYSTEM "{to}">', "nobody"), ("entity", '<!ENTITY x SYSTEM "{to}">', "nobody"),
]
