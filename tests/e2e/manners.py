#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the owner of a site finds in the log after several passes: nothing asked twice that still holds, and
what may have changed asked for by its validators.

    manners.py INGESTD [TEST...]

Time passes by making what the state says older."""
import json, os, sqlite3, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import Judge, Origin, World, article, document, filled

TESTS = []
DAY = 86400


def test(function):
    TESTS.append(function)
    return function


def rows(origin):
    return [json.loads(line) for line in open(origin.log_path)] if os.path.exists(origin.log_path) else []


def state(w, sql, *values):
    db = sqlite3.connect(w.work + "/state/cache.db")
    found = db.execute(sql, values).fetchall()
    db.commit()
    db.close()
    return found


def expire(w):
    state(w, "UPDATE url SET expires_at = 1")


def read(path):
    return open(path, "rb").read()


def ask_again(w, origin, url, n, name):
    """One more document that wants the same URL, and a pass: the requests it made."""
    path, before = w.put(name, document(n, url)), len(rows(origin))
    run = w.run("--once")
    if run.returncode or run.stderr:
        return rows(origin)[before:], [f"exit {run.returncode}: {run.stderr!r}"]
    return rows(origin)[before:], [] if filled(n, read(path)) else [f"{name} is not filled"]


def validators(row):
    return row["headers"].get("if-none-match"), row["headers"].get("if-modified-since")


@test
def unchanged_page(w, origin):
    """Fresh: not asked for. Old: asked by both validators, byte for byte; the page that is kept serves. Changed: fetched."""
    url = f"http://127.0.0.2:{origin.port}/0.html"
    etag, modified = 'W/"a,\\b"', "Tuesday, 07-May-24 20:30:00 GMT"
    origin.page("127.0.0.2/0.html", article(0), {"headers": {"ETag": etag, "Last-Modified": modified}})
    asked, wrong = ask_again(w, origin, url, 0, "0.md")
    yield from wrong
    if [validators(r) for r in asked if r["target"] == "/0.html"] != [(None, None)]:
        yield f"first: {asked}"
    asked, wrong = ask_again(w, origin, url, 0, "1.md")
    yield from wrong
    if asked:
        yield f"asked although fresh: {asked}"
    expire(w)
    for name in ("2.md", "3.md"):  # the second finds it fresh again
        asked, wrong = ask_again(w, origin, url, 0, name)
        yield from wrong
        want = [(304, (etag, modified))] if name == "2.md" else []
        if [(r["status"], validators(r)) for r in asked] != want:
            yield f"{name}: {asked}"
    (at, status, kept), = state(w, "SELECT expires_at, status, etag FROM url WHERE url = ?", url)
    if status != 200 or kept != etag.encode() or not 26 * DAY < at - time.time() < 31 * DAY:
        yield f"kept: {status} {kept} {at - time.time()}"
    expire(w)
    origin.page("127.0.0.2/0.html", article(0, head="<!-- new -->"), {"headers": {"ETag": '"new"', "Last-Modified": None}})
    asked, wrong = ask_again(w, origin, url, 0, "4.md")
    yield from wrong
    if [(r["status"], validators(r)) for r in asked] != [(200, (etag, modified))]:
        yield f"changed: {asked}"
    if state(w, "SELECT etag, last_modified FROM url WHERE url = ?", url) != [(b'"new"', None)]:
        yield "the validators are not those of the last answer"


@test
def redirected_page(w, origin):
    """Validators are the answering URL's: what leads there is asked without, and another URL too."""
    url = f"http://127.0.0.2:{origin.port}/_torture/redirect?to=/0.html"
    origin.page("127.0.0.2/0.html", article(0))
    _, wrong = ask_again(w, origin, url, 0, "0.md")
    yield from wrong
    expire(w)
    asked, wrong = ask_again(w, origin, url, 0, "1.md")
    yield from wrong
    if [(r["status"], bool(validators(r)[0])) for r in asked] != [(302, False), (304, True)]:
        yield f"asked: {asked}"
    expire(w)
    state(w, "UPDATE url SET final_url = final_url || '?other'")
    asked, wrong = ask_again(w, origin, url, 0, "2.md")
    yield from wrong
    if [(r["status"], validators(r)) for r in asked] != [(302, (None, None)), (200, (None, None))]:
        yield f"another answers: {asked}"


@test
def lasting_page(w, origin):
    """What a server says of freshness makes it longer, up to a limit, and never shorter."""
    for n, (control, least, most) in enumerate((("max-age=60", 26, 31), (f"max-age={60 * DAY}", 59, 61),
                                                (f"max-age={9999 * DAY}", 89, 91), (f"no-cache, max-age={60 * DAY}", 26, 31))):
        url = f"http://127.0.0.2:{origin.port}/{n}.html"
        origin.page(f"127.0.0.2/{n}.html", article(n), {"headers": {"Cache-Control": control}})
        _, wrong = ask_again(w, origin, url, n, f"{n}.md")
        yield from wrong
        days = (state(w, "SELECT expires_at FROM url WHERE url = ?", url)[0][0] - time.time()) / DAY
        if not least <= days <= most:
            yield f"{control}: {days} days"
    url = f"http://127.0.0.2:{origin.port}/secret.html"
    origin.page("127.0.0.2/secret.html", article(9), {"headers": {"Cache-Control": "no-store"}})
    _, wrong = ask_again(w, origin, url, 9, "9.md")
    yield from wrong
    if state(w, "SELECT etag, last_modified FROM url WHERE url = ?", url) != [(None, None)]:
        yield "validators of what must not be stored"


def main():
    judge = Judge()
    for function in TESTS:
        if sys.argv[2:] and function.__name__ not in sys.argv[2:]:
            continue
        w, origin = World(sys.argv[1]), Origin()
        try:
            complaints = list(function(w, origin))
        finally:
            w.close()
            origin.close()
        judge.check(function.__name__, complaints)
    judge.end()


main()
