#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a feed's author could do to harm, at the sizes that issue 6 names: hostile.py [--build FOLDER] [NAME...]

Each input is written, given to `ingestd feed`, and its CPU, peak memory and end are printed. A run over 20 s of CPU, over
1.5 GB, or ended by a signal is a failure. Run by hand: the files take up to 64 MiB each."""
import argparse, os, resource, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
MIB = 1 << 20
FULL = 64 * MIB - 4096
HEAD = '<rss version="2.0"><channel><title>t</title>'


def fill(head, piece, tail="", size=FULL):
    return (head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail).encode()


def laughs():
    names = "".join(f'<!ENTITY l{i} "{f"&l{i-1};" * 10}">' for i in range(1, 30))
    return f'<!DOCTYPE rss [<!ENTITY l0 "{"ha" * 500}">{names}]>{HEAD}<item><title>&l29;</title></item></channel></rss>'.encode()


CASES = {
    "over the ceiling": lambda: b"<rss>" + b" " * (64 * MIB),
    "1,000,000 items": lambda: (HEAD + "".join(f"<item><title>{i}</title></item>" for i in range(1000000)) + "</channel></rss>").encode(),
    "items of 10 MB": lambda: (HEAD + "".join(f"<item><guid>{i}</guid><description>{'&lt;p&gt;word ' * (10 * MIB // 14)}</description></item>" for i in range(6))).encode(),
    "billion laughs": laughs,
    "quadratic entity": lambda: f'<!DOCTYPE rss [<!ENTITY a "{"a" * 4000}">]>{HEAD}<item><title>{"&a;" * 1000000}</title></item>'.encode(),
    "external entity": lambda: f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>{HEAD}<item><title>&x;</title></item></channel></rss>'.encode(),
    "XInclude": lambda: f'{HEAD}<item><title><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>safe</title></item></channel></rss>'.encode(),
    "depth": lambda: fill(HEAD + "<item><title>", "<a>"),
    "depth outside": lambda: fill(HEAD, "<a>"),
    "attributes": lambda: fill(HEAD + "<item ", "a='b' "),
    "one tag's attributes without end": lambda: fill(HEAD + "<item ", "a='"),
    "quotes missing": lambda: fill(HEAD + "<item>", '<a b="<a b=\''),
    "comments without end": lambda: fill(HEAD, "<!-- >"),
    "comments without end in a text": lambda: fill(HEAD + "<item><title>", "<!-- >", "</title></item>"),
    "CDATA without end": lambda: fill(HEAD + "<item><title>", "<![CDATA["),
    "declarations without end": lambda: fill(HEAD, "<!D[ >"),
    "declarations with quotes": lambda: fill(HEAD, "<!D'> <!D\"[<!ENTITY '"),
    "instructions without end": lambda: fill(HEAD, "<?x >"),
    "end tags of nothing": lambda: fill(HEAD, "</b"),
    "end tags of nothing, deep": lambda: fill(HEAD + "<a>" * 250, "</b>"),
    "titles not closed": lambda: fill(HEAD + "<item>", "<title>x"),
    "authors not closed": lambda: fill(HEAD, "<author>x"),
    "authors with comments": lambda: fill(HEAD, "<author><!-- ></author>"),
    "authors in authors": lambda: fill(HEAD + "<item>", "<author><name>"),
    "images not closed": lambda: fill(HEAD, "<image>x"),
    "items not closed": lambda: fill(HEAD, "<item>"),
    "namespaces": lambda: fill(HEAD, "<item xmlns:a='u'>"),
    "ampersands": lambda: fill(HEAD + "<item><title>", "&", "</title></item>"),
    "references": lambda: fill(HEAD + "<item><description>", "&amp;amp;", "</description></item>"),
    "less-than signs": lambda: fill(HEAD + "<item><description>", "&lt;", "</description></item>"),
    "tags in a text without end": lambda: fill(HEAD + "<item><description><![CDATA[", "<a b='<", "]]></description></item>"),
    "quotes in a text": lambda: fill(HEAD + "<item><description><![CDATA[", "<a b='>", "]]></description></item>"),
    "scripts in a text": lambda: fill(HEAD + "<item><description><![CDATA[", "<script>", "]]></description></item>"),
    "comments in a text": lambda: fill(HEAD + "<item><description><![CDATA[", "<!-- >", "]]></description></item>"),
    "controls": lambda: fill(HEAD + "<item><title>", "\x01\x02", "</title></item>"),
    "NULs": lambda: b"\0" * FULL,
    "no UTF-8": lambda: HEAD.encode() + b"<item><title>" + b"\xff\xfe\xc3" * (FULL // 3 - 100),
    "categories": lambda: fill(HEAD + "<item>", "<category>x</category>"),
    "categories, all different": lambda: (HEAD + "<item>" + "".join(f"<category>{i}</category>" for i in range(2000000))).encode(),
    "one tag's xml:base each": lambda: fill(HEAD, "<item xml:base='http://x.example/a/'><link>b</link></item>"),
    "relative links": lambda: fill(f'<rss xml:base="http://x.example/"><channel>', "<item><link>b</link></item>"),
    "dates": lambda: fill(HEAD, "<item><pubDate>some time or other on a day in 2024</pubDate></item>"),
    "JSON of numbers": lambda: fill('{"items":[', "1,"),
    "JSON of brackets": lambda: fill('{"items":', "["),
    "JSON of items": lambda: fill('{"version":"1","items":[', '{"id":1},', '{"id":2}]}', 14 * MIB),
    "JSON without end": lambda: fill('{"version":"1","items":[{"title":"', "x"),
    "ends nowhere": lambda: fill(HEAD + "<item><description>", "word "),
}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("names", nargs="*")
    ap.add_argument("--build", default=os.path.join(TOP, "build/release"))
    a = ap.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="ingestd-feed-") as work:
        path = os.path.join(work, "feed")
        for name, make in CASES.items():
            if a.names and not any(n in name for n in a.names):
                continue
            if not (child := os.fork()):  # what is large here would count as the program's
                with open(path, "wb") as f:
                    f.write(make())
                os._exit(0)
            os.waitpid(child, 0)
            length = os.path.getsize(path)
            start = time.monotonic()
            p = subprocess.Popen([os.path.join(a.build, "daemon/ingestd"), "feed", "--quiet", "--base", "http://feed.example/", path],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            out = subprocess.Popen(["wc", "-c"], stdin=p.stdout, stdout=subprocess.PIPE)
            p.stdout.close()
            said = p.stderr.read(400).decode("utf-8", "replace").strip()
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            size = int(out.communicate()[0])
            cpu, rss = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
            wrong = cpu > 20 or rss > 1500 or p.returncode < 0
            bad += wrong
            print(f"{'BAD ' if wrong else ''}{name}: {length / 1e6:.1f} MB, {cpu:.2f} s CPU, {rss:.0f} MiB, exit {p.returncode}, {size / 1e6:.1f} MB out"
                  + (f", {said[-100:]}" if said else ""), flush=True)
    sys.exit(bad > 0)


main()
