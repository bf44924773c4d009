#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the status page's forms do, for whom, and where they lead.

    web_actions.py INGESTD [NAME...]
"""
import os, re, sys, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from serve import is_filled, put, text, until
from web import ask, free_port, serve, stop, wrong
from world import Tests, article, run_tests, tree

test = Tests()


def act(at, action, **form):
    headers = form.pop("headers", {})
    return ask(at, f"/act/{action}", "POST", urllib.parse.urlencode(form), **{"Content-Type": "application/x-www-form-urlencoded", **headers})


def begun(w, origin, count, more="", listen=None):
    for n in range(count):
        put(w, origin, n)
    before = tree(w.content)
    at = listen or os.path.join(w.work, "status.sock")
    p = serve(w, at if isinstance(at, str) else f"127.0.0.1:{at}", more)
    for n in range(count):
        if not until(is_filled(w, n)):
            p.kill()
            raise RuntimeError(f"{n} is not filled")
    time.sleep(0.3)
    return p, before, at


def led(answer, to, said=""):
    """303 to this page, with what was said there."""
    where = answer.headers.get("Location", "")
    got = re.fullmatch(re.escape(to) + r"said=([-.%0-9A-Za-z]+)", where)
    if answer.status != 303 or not got:
        yield f"{answer.status} to {where!r}, not {to!r}: {answer.body!r}"
        return
    text = urllib.parse.unquote(got[1], errors="strict")
    if not re.search(said, text) or len(text.encode()) > 310 or re.search("[\0-\x1f\x7f-\x9f]", text):
        yield f"said {text!r}, not {said!r}"


@test
def does_what_forms_ask(w, origin):
    p, before, at = begun(w, origin, 5, "policy: {excerpt: refresh}\n")
    full = tree(w.content)
    yield from led(act(at, "undo", kind="document", what="000.md", back="/"), "/?", "^000.md: taken back: 2 values in 1 document$")
    if text(w, "000.md") != before["000.md"] or text(w, "001.md") != full["001.md"]:
        yield "undo of a document: not that one alone"
    yield from led(act(at, "undo", kind="document", what=w.content + "/001.md", back="/document/x?a=1&said=77&b=2"), "/document/x?a=1&b=2&")
    if text(w, "001.md") != before["001.md"]:
        yield "undo by the whole path: nothing was done"
    yield from led(act(at, "undo", kind="host", what="127.0.0.4"), "/?")
    if text(w, "002.md") != before["002.md"]:
        yield "undo of a host: nothing was done"
    time.sleep(1.1)
    asked = len(origin.asked())
    origin.page("127.0.0.5/3.html", article(3).replace(b"must decide within a month", b"has to decide within a year"))
    yield from led(act(at, "refresh", kind="url", what=f"http://127.0.0.5:{origin.port}/3.html"), "/?", "asked again: 1 document changed$")
    if origin.asked()[asked:] != ["127.0.0.5/3.html"] or b"within a year" not in text(w, "003.md"):
        yield f"refresh of a URL: asked {origin.asked()[asked:]}"
    yield from led(act(at, "refresh", kind="document", what="004.md"), "/?")
    if origin.asked()[asked + 1:] != ["127.0.0.6/4.html"]:
        yield f"refresh of a document: asked {origin.asked()[asked + 1:]}"
    time.sleep(1.1)
    yield from led(act(at, "refresh", kind="host", what="127.0.0.5"), "/?")
    if origin.asked()[asked + 2:] != ["127.0.0.5/3.html"]:
        yield f"refresh of a host: asked {origin.asked()[asked + 2:]}"
    was = tree(w.content)
    for kind, what in (("url", f"http://127.0.0.5:{origin.port}/3.html"), ("host", "127.0.0.6"), ("document", "003.md")):
        yield from led(act(at, "forget", kind=kind, what=what), "/?", "^" + re.escape(what) + ": [1-9][0-9]* records? forgotten$")
    yield from led(act(at, "undo", kind="document", what="003.md"), "/?")
    if tree(w.content) != was:
        yield "what was forgotten was taken back"
    yield from led(act(at, "undo", kind="run", what="999999"), "/?")
    yield from led(act(at, "undo", kind="run", what=""), "/?", "^the last run: taken back: ")
    if is_filled(w, 4)():
        yield "undo of the last run: nothing was done"
    yield from stop(p)


@test
def leads_nowhere_else(w, origin):
    p, _, at = begun(w, origin, 1)
    for back in ("", "x", "//evil.example/", "/\\evil.example", "\\\\evil.example", "http://evil.example/", "javascript:alert(1)", " /", "///x"):
        yield from led(act(at, "undo", kind="run", what="999999", back=back), "/?")
    for back, to in (("/a b", "/a%20b?"), ("/\u00e9?x=\u00fc", "/%C3%A9?x=%C3%BC&"), ("/x#y", "/x?"), ("/a\"><b>", "/a%22%3E%3Cb%3E?"),
                     ("/document?path=a%20b", "/document?path=a%20b&"), ("/" + "x" * 9000, "/?"), ("/x\r\nSet-Cookie: a=b", None)):
        got = act(at, "undo", kind="run", what="999999", back=back)
        if to:
            yield from led(got, to)
        elif got.headers.get("Set-Cookie"):
            yield f"{back!r} made a header"
    for form in ({}, {"kind": "run"}, {"kind": "rm", "what": "x"}, {"kind": "document", "what": ""}, {"kind": "document", "what": "a\nb"},
                 {"kind": "url", "what": "x"}, {"kind": "document", "what": "y" * 17000}):
        yield from wrong(act(at, "undo", **form), 400, f"{str(form)[:60]}")
    for what in ("\u00e9" * 2000, "\u20ac" * 99, "x\u00e4" * 50, "<script>alert(1)</script>", "a&said=b#c"):
        yield from led(act(at, "forget", kind="host", what=what), "/?", "^" + re.escape(what[:30]))
    for action, form in (("refresh", {"kind": "url", "what": "no url"}), ("undo", {"kind": "run", "what": "-1"}), ("forget", {"kind": "url", "what": "host"}),
                         ("undo", {"kind": "document", "what": "/etc/passwd"}), ("refresh", {"kind": "document", "what": "../../etc/passwd"})):
        yield from led(act(at, action, **form), "/?")
    yield from stop(p)


@test
def only_for_who_may(w, origin):
    port = free_port()
    with open(w.work + "/token", "w") as f:
        f.write("a-token-of-the-test\n")
    os.chmod(w.work + "/token", 0o600)
    p, before, at = begun(w, origin, 2, f"  token: {w.work}/token\n", port)
    full = tree(w.content)
    good = dict(kind="document", what="000.md")
    for name, answer in (("without a token", act(at, "undo", **good)), ("a wrong token", act(at, "undo", token="a-token", **good)),
                         ("another site", act(at, "undo", token="a-token-of-the-test", headers={"Sec-Fetch-Site": "cross-site"}, **good)),
                         ("a neighbour", act(at, "undo", token="a-token-of-the-test", headers={"Sec-Fetch-Site": "same-site"}, **good)),
                         ("another origin", act(at, "undo", token="a-token-of-the-test", headers={"Origin": "http://evil.example"}, **good)),
                         ("no origin", act(at, "undo", token="a-token-of-the-test", headers={"Origin": "null"}, **good)),
                         ("another name", act(at, "undo", token="a-token-of-the-test", headers={"Host": "evil.example"}, **good))):
        if answer.status not in (403, 421, 400):
            yield f"{name}: {answer.status}"
    for target in ("/act/undo?kind=document&what=000.md&token=a-token-of-the-test", "/act/refresh", "/act/forget"):
        got = ask(at, target)
        if got.status != 405:
            yield f"GET {target}: {got.status}"
    if tree(w.content) != full:
        yield "something was taken back"
    yield from led(act(at, "undo", token="a-token-of-the-test", headers={"Sec-Fetch-Site": "same-origin", "Origin": f"http://127.0.0.1:{port}"}, **good), "/?")
    if text(w, "000.md") != before["000.md"]:
        yield "with the token nothing was done"
    yield from stop(p)


@test
def answers_while_it_takes_long(w, origin):
    """A second at most; and more than may be under way is refused."""
    p, _, at = begun(w, origin, 1, "policy: {excerpt: refresh}\n")
    time.sleep(1.1)
    origin.page("127.0.0.2/0.html", article(0), {"delay": 4})
    began = time.monotonic()
    yield from led(act(at, "refresh", kind="document", what="000.md"), "/?", "^000.md: is being asked again, in its turn$")
    if not 0.8 < time.monotonic() - began < 3:
        yield f"took {time.monotonic() - began:.1f} s"
    got = act(at, "undo", kind="document", what="000.md")  # which waits for nobody
    yield from led(got, "/?")
    if is_filled(w, 0)():
        yield "not taken back"
    yield from stop(p)


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
