#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What --once makes of pages that are no articles, judged by the bytes of the documents. Run by hand:

    once.py INGESTD [--suite FOLDER] [NAME...]

Each case gets a host of its own behind the origin, which serves as the proxy, a document without excerpt and images,
and one run over all of them. A page that is an article has to change its document; any other must not. Without --suite
the cases are the folders of tests/pages that want a verdict. --suite: a folder with cases.jsonl, lines of {"name",
"input", "status", "headers", "url", "requested_url", "known_title", "expect": {"write"}}.
"""
import argparse, json, os, sys
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "e2e"))
from world import Origin, World, tree


def own_cases():
    pages = os.path.join(TESTS, "pages")
    for name in sorted(os.listdir(pages)):
        want = json.load(open(os.path.join(pages, name, "want.json"), encoding="utf-8"))
        if "verdict" not in want:
            continue
        path = os.path.join(pages, name, "request.json")
        request = json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}
        yield {"name": name, "body": open(os.path.join(pages, name, "page.html"), "rb").read(), "write": want["verdict"] == "article",
               **request}


def suite_cases(folder):
    for line in open(os.path.join(folder, "cases.jsonl"), encoding="utf-8"):
        c = json.loads(line)
        yield {**c, "body": open(os.path.join(folder, c["input"]), "rb").read(), "write": c["expect"]["write"]}


def on_host(url, n):
    """(the URL as it is asked for, where the origin keeps it). The host is the case's own; so is the domain of our own pages,
    which all are of one: a refusal of one of them puts off the others."""
    u = urlsplit(url)
    path = (u.path or "/") + ("?" + u.query if u.query else "")
    host = u.hostname[:-4] + f"c{n}" if u.hostname.endswith(".test") else f"c{n}.{u.hostname}"
    return f"http://{host}{path}", host + (path + "index.html" if path.endswith("/") else path)


def put(origin, w, n, case):
    url, requested = case.get("url") or "https://www.gazette.test/news/story", case.get("requested_url")
    headers = {k: v for k, v in case.get("headers", []) if k.lower() not in ("content-length", "content-encoding", "transfer-encoding",
                                                                             "connection", "location", "set-cookie", "date")}
    headers.setdefault("Content-Type", "text/html; charset=utf-8")
    asked, file = on_host(url, n)
    origin.page(file, case["body"], {"status": case.get("status") or 200, "headers": headers})
    if requested and requested != url:
        to = asked
        asked, file = on_host(requested, n)
        origin.page(file, b"", {"status": 302, "headers": {"Location": to}})
    title = json.dumps(case["known_title"]) if case.get("known_title") else ""
    text = f'---\ntitle: {title}\noriginalUrl: {json.dumps(asked)}\nwebUrl:\ntype: article\n---\n'.encode()
    w.put(f"{n:04}.md", text)
    return text


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("ingestd")
    ap.add_argument("--suite")
    ap.add_argument("names", nargs="*")
    a = ap.parse_args()
    cases = [c for c in (suite_cases(a.suite) if a.suite else own_cases()) if not a.names or c["name"] in a.names]
    origin = Origin()
    w = World(a.ingestd, f"proxy: http://127.0.0.1:{origin.port}\n")
    before, unserved = {}, []
    for n, case in enumerate(cases):
        try:
            before[n] = put(origin, w, n, case)
        except OSError as e:  # an address that is no file's name
            unserved.append((case["name"], e))
    p = w.run("--once", timeout=900)
    after = tree(w.content)
    lies, losses = [], []
    for n, text in before.items():
        changed = after[f"{n:04}.md"] != text
        if changed and not cases[n]["write"]:
            lies.append(cases[n]["name"])
        if not changed and cases[n]["write"]:
            losses.append(cases[n]["name"])
    for kind, names in (("lie", lies), ("loss", losses)):
        for name in names:
            print(kind, name)
    for name, e in unserved:
        print("not served", name, e)
    print(f"{len(before)} cases: {len(before) - len(lies) - len(losses)} right, {len(lies)} lies, {len(losses)} losses; exit {p.returncode}")
    w.close()
    origin.close()
    sys.exit(bool(lies or losses))


main()
