#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the owner of a site finds in the log after several passes: nothing asked twice that still holds, and
what may have changed asked for by its validators.

    manners.py INGESTD [TEST...]

Time passes by making what the state says older."""
import json, os, sqlite3, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import Tests, article, document, filled, run_tests

test = Tests()
DAY = 86400


def rows(origin):
    return [json.loads(line) for line in open(origin.log_path)] if os.path.exists(origin.log_path) else []


def state(w, sql, *values):
    db = sqlite3.connect(w.work + "/state/cache.db")
    found = db.execute(sql, values).fetchall()
    db.commit()
    db.close()
    return found


def expire(w, like="http%"):
    state(w, "UPDATE url SET expires_at = 1 WHERE url LIKE ?", like)


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
    if status != 200 or kept != etag.encode() or not 26 * DAY < at - time.time() < 500 * DAY:
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
    """What a server says of freshness makes it longer, up to a limit, and never shorter: an article of four days is
    looked at after one, about."""
    young = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 4 * DAY)).encode()
    for n, (control, least, most) in enumerate((("max-age=60", 0.8, 1.2), (f"max-age={60 * DAY}", 59, 76),
                                                (f"max-age={9999 * DAY}", 89, 113), (f"no-cache, max-age={60 * DAY}", 0.8, 1.2))):
        url = f"http://127.0.0.2:{origin.port}/{n}.html"
        origin.page(f"127.0.0.2/{n}.html", article(n).replace(b"2024-05-07T20:30:00+02:00", young),
                    {"headers": {"Cache-Control": control}})
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


def pages(origin, robots, meta=None, hosts=("127.0.0.2",), count=3):
    for host in hosts:
        for n in range(count):
            origin.page(f"{host}/{n}.html", article(n))
        if robots is not None:
            origin.page(f"{host}/robots.txt", robots, meta)


def pass_over(w, origin, host="127.0.0.2", count=3, more=""):
    """A pass over new documents for /0.html and so on: (targets asked for, which are filled, standard error)."""
    before = len(rows(origin))
    paths = [w.put(f"{more}{host}-{n}.md", document(n, f"http://{host}:{origin.port}/{n}.html")) for n in range(count)]
    run = w.run("--once")
    return [r["target"] for r in rows(origin)[before:]], [filled(n, read(p)) for n, p in enumerate(paths)], run.stderr


@test
def robots_rules(w, origin):
    """Asked once and first; what it forbids is not asked for, said once, and known the next time."""
    pages(origin, b"User-agent: *\nDisallow: /\n\nUser-agent: ingestd\nDisallow: /1\n")
    asked, got, said = pass_over(w, origin)
    if asked[0] != "/robots.txt" or sorted(asked) != ["/0.html", "/2.html", "/img/0.jpg", "/img/2.jpg", "/robots.txt"] or got != [True, False, True]:
        yield f"asked {asked}, filled {got}"
    if said.count("robots.txt does not allow it") != 1:
        yield f"said {said!r}"
    (outcome, at), = state(w, "SELECT outcome, expires_at FROM url WHERE url LIKE '%/1.html'")
    if outcome != "refused-by-policy" or not DAY - 60 < at - time.time() < 2 * DAY + 60:
        yield f"forbidden: {outcome} {at - time.time()}"
    asked, got, said = pass_over(w, origin, more="again-")
    if asked or got != [True, False, True]:
        yield f"again: asked {asked}, filled {got}"


@test
def robots_kept(w, origin):
    """For 24 hours, or as long as it says; then asked for by its validators."""
    for host, control, least, most in (("127.0.0.2", None, 24, 24), ("127.0.0.3", "max-age=7200", 2, 2), ("127.0.0.4", "max-age=1", 1, 1),
                                       ("127.0.0.5", "max-age=999999", 24, 24)):
        pages(origin, b"User-agent: *\nDisallow: /1\n", {"headers": {"Cache-Control": control}}, [host])
        asked, got, _ = pass_over(w, origin, host)
        (at,), = state(w, "SELECT expires_at FROM url WHERE url LIKE ?", f"robots:http://{host}:%")
        if asked[0] != "/robots.txt" or got != [True, False, True] or not least - 0.1 < (at - time.time()) / 3600 < most + 0.1:
            yield f"{control}: asked {asked}, filled {got}, kept for {(at - time.time()) / 3600} h"
    expire(w, "%")
    before = len(rows(origin))
    _, got, _ = pass_over(w, origin, more="again-")
    new = [r for r in rows(origin)[before:] if r["host"].startswith("127.0.0.2")]
    if [(r["target"], r["status"]) for r in new[:1]] != [("/robots.txt", 304)] or got != [True, False, True]:
        yield f"again: {new}, filled {got}"
    before = len(rows(origin))
    pass_over(w, origin, more="third-")
    if len(rows(origin)) != before:
        yield "a 304 does not renew it"
    expire(w, "%")
    origin.page("127.0.0.2/robots.txt", b"User-agent: *\nDisallow: /0\n")
    _, got, _ = pass_over(w, origin, more="changed-")
    if got != [False, True, True]:
        yield f"changed: filled {got}"


@test
def robots_answers(w, origin):
    """4xx: all is allowed. 5xx and 429: nothing is, until a long outage. Redirects lead to it, other hosts too."""
    rules = b"User-agent: *\nDisallow: /1\n"
    cases = (("127.0.0.2", {"status": 403}, [True, True, True]), ("127.0.0.3", {"status": 500}, [False] * 3),
             ("127.0.0.4", {"status": 429}, [False] * 3),
             ("127.0.0.5", {"status": 302, "headers": {"Location": f"http://127.0.0.9:{origin.port}/robots.txt"}}, [True, False, True]),
             ("127.0.0.6", {"status": 302, "headers": {"Location": "/_torture/chain?n=20"}}, [True] * 3),
             ("127.0.0.7", {"status": 302, "headers": {"Location": "http://10.0.0.1/robots.txt"}}, [True] * 3))
    origin.page("127.0.0.9/robots.txt", rules)
    for host, meta, want in cases:
        pages(origin, rules, meta, [host])
        asked, got, said = pass_over(w, origin, host)
        if got != want or (want == [False] * 3 and (asked != ["/robots.txt"] or "robots.txt cannot be read" not in said)):
            yield f"{host}: asked {asked}, filled {got}, said {said!r}"
    state(w, "UPDATE url SET fetched_at = fetched_at - ?, expires_at = 1 WHERE url LIKE 'robots:http://127.0.0.3:%'", 31 * DAY)
    expire(w)
    asked, got, said = pass_over(w, origin, "127.0.0.3", more="later-")
    if got != [True] * 3:
        yield f"after a long outage: asked {asked}, filled {got}, said {said!r}"


@test
def robots_silent(w, origin):
    """A server that is not there fails as one, not for its robots.txt."""
    w.put("a.md", document(0, f"http://127.0.0.60:{origin.port}/0.html"))
    pages(origin, None)
    _, got, said = pass_over(w, origin)
    if got != [True] * 3 or "no connection" not in said or "robots" in said:
        yield f"filled {got}, said {said!r}"


@test
def robots_redirect(w, origin):
    """The rules of each host that a redirect leads to count."""
    origin.page("127.0.0.3/robots.txt", b"User-agent: *\nDisallow: /\n")
    origin.page("127.0.0.3/0.html", article(0))
    origin.page("127.0.0.2/0.html", b"", {"status": 302, "headers": {"Location": f"http://127.0.0.3:{origin.port}/0.html"}})
    asked, got, said = pass_over(w, origin, count=1)
    if asked != ["/robots.txt", "/0.html", "/robots.txt"] or got != [False] or "robots.txt does not allow it" not in said:
        yield f"asked {asked}, filled {got}, said {said!r}"


@test
def robots_delay(w, origin):
    """Crawl-delay is the least gap."""
    pages(origin, b"User-agent: *\nCrawl-delay: 0.7\n")
    _, got, said = pass_over(w, origin)
    times = [r["time"] for r in rows(origin) if r["target"] != "/robots.txt"]
    if got != [True] * 3 or min(b - a for a, b in zip(times, times[1:])) < 0.65:
        yield f"filled {got}, at {times}, said {said!r}"


@test
def robots_off(w, origin):
    """A switch, for all or for one host."""
    open(w.config, "a").write("hosts: {127.0.0.2: {robots: false}}\n")
    pages(origin, b"User-agent: *\nDisallow: /\n", hosts=("127.0.0.2", "127.0.0.3"))
    asked, got, _ = pass_over(w, origin)
    if "/robots.txt" in asked or got != [True] * 3:
        yield f"off: asked {asked}, filled {got}"
    asked, got, _ = pass_over(w, origin, "127.0.0.3")
    if asked != ["/robots.txt"] or got != [False] * 3:
        yield f"on: asked {asked}, filled {got}"


@test
def waits_in_later_runs(w, origin):
    """What a site asked for holds for all of it, whoever asks next and whenever."""
    pages(origin, b"User-agent: *\nDisallow:\n")
    origin.page("127.0.0.2/1.html", b"", {"status": 503, "headers": {"Retry-After": "7200"}})
    w.put("first.md", document(1, f"http://127.0.0.2:{origin.port}/1.html"))
    run = w.run("--once")
    before = len(rows(origin))
    w.put("other.md", document(2, f"http://127.0.0.2:{origin.port}/2.html"))
    w.put("elsewhere.md", document(0, f"http://127.0.0.3:{origin.port}/0.html"))
    again = w.run("--once")
    asked = [r["host"].split(":")[0] for r in rows(origin)[before:]]
    if run.returncode or before != 2 or "127.0.0.2" in asked or "1 put off" not in again.stdout + again.stderr and filled(2, read(w.content + "/other.md")):
        yield f"asked {before}, then {asked}: {run.stderr!r}, {again.stderr!r}"
    said = w.run("explain", f"http://127.0.0.2:{origin.port}/2.html").stdout
    if "its site, 127.0.0.2, answered 503 at" not in said:
        yield f"not explained: {said!r}"
    state(w, "UPDATE url SET expires_at = 1 WHERE url LIKE 'site:%'")
    origin.page("127.0.0.2/1.html", article(1))  # or it asks for a wait again, before the picture's turn
    w.run("--once")
    if not filled(2, read(w.content + "/other.md")):
        yield "it is not asked when the time has come"


@test
def keeps_over_failures(w, origin):
    """A server that fails for a while does not make its page unknown."""
    url = f"http://127.0.0.2:{origin.port}/0.html"
    pages(origin, b"User-agent: *\nDisallow:\n", hosts=["127.0.0.2"])
    _, complaints = ask_again(w, origin, url, 0, "a.md")
    yield from complaints
    expire(w)
    origin.page("127.0.0.2/0.html", b"oops", {"status": 500})
    w.put("b.md", document(0, url))
    run, old = w.run("--once"), w.put("b.md", document(0, url))
    if "500" not in run.stderr or filled(0, read(old)):
        yield f"while it fails: {run.stderr!r}"
    expire(w)
    origin.page("127.0.0.2/0.html", article(0))
    asked, complaints = ask_again(w, origin, url, 0, "c.md")
    yield from complaints
    if [(r["target"], r["status"]) for r in asked if r["target"] != "/robots.txt"] != [("/0.html", 304)]:
        yield f"afterwards: {asked}"


@test
def robots_change(w, origin):
    """A page that was refused is asked for when the rules or the configuration have changed, no later."""
    pages(origin, b"User-agent: *\nDisallow: /\n", hosts=("127.0.0.2", "127.0.0.3"))
    pass_over(w, origin)
    asked, got, said = pass_over(w, origin)
    if asked or got != [False] * 3:
        yield f"nothing new: asked {asked}, filled {got}, said {said!r}"
    origin.page("127.0.0.2/robots.txt", b"User-agent: *\nDisallow: /2\n")
    expire(w, "robots:%")
    asked, got, said = pass_over(w, origin)
    if sorted(asked) != ["/0.html", "/1.html", "/img/0.jpg", "/img/1.jpg", "/robots.txt"] or got != [True, True, False]:
        yield f"new rules: asked {asked}, filled {got}, said {said!r}"
    open(w.config, "a").write("robots: false\n")
    before = len(rows(origin))
    w.run("--once")  # over documents that nobody touched
    asked = [r["target"] for r in rows(origin)[before:]]
    if asked != ["/2.html", "/img/2.jpg"] or not filled(2, read(w.content + "/127.0.0.2-2.md")):
        yield f"no rules: asked {asked}"


@test
def robots_accept(w, origin):
    """robots.txt is asked for as what it is."""
    pages(origin, b"")
    pass_over(w, origin)
    accept = {r["target"]: r["headers"]["accept"] for r in rows(origin)}
    if not accept["/robots.txt"].startswith("text/plain") or not accept["/0.html"].startswith("text/html"):
        yield accept


def moving(w, origin, *, status=301, to="/new.html", more="", page=None, hand=False, looks=4, days=2):
    """A page whose address ingestd wrote, and which then leads elsewhere: webUrl after each look, some days apart."""
    open(w.config, "a").write("policy: {webUrl: refresh}\n" + more)
    url = f"http://127.0.0.2:{origin.port}"
    origin.page("127.0.0.2/old.html", article(0, head=f'<link rel="canonical" href="{url}/old.html">'))
    text = document(0, url + "/old.html").replace(f'webUrl: "{url}/old.html"'.encode(), b"webUrl:")
    path, seen = w.put("a.md", text), []

    def look():
        w.run("--once")
        lines = dict(line.split(": ", 1) for line in read(path).decode().splitlines() if "Url: " in line)
        seen.append(lines["webUrl"].strip('"').removeprefix(url))
        if lines["originalUrl"] != f'"{url}/old.html"':
            seen.append("originalUrl is " + lines["originalUrl"])

    look()
    if hand:
        text = read(path)
        w.put("a.md", text.replace(b"webUrl: " + seen[-1].encode(), b"webUrl: /mine").replace(
            f"webUrl: {url}/old.html".encode(), f"webUrl: {url}/mine.html".encode()).replace(
            f'webUrl: "{url}/old.html"'.encode(), f'webUrl: "{url}/mine.html"'.encode()))
    origin.page("127.0.0.2/old.html", b"", {"status": status, "headers": {"Location": url + to}})
    origin.page("127.0.0.2" + to, page or article(0, head=f'<link rel="canonical" href="{url}{to}">'))
    for _ in range(looks):
        state(w, "UPDATE url SET expires_at = 1, move_first = move_first - ?1, move_last = move_last - ?1 WHERE url LIKE 'http%'",
              days * DAY)
        state(w, "UPDATE document SET due_at = 1")
        look()
    return seen


CHALLENGE = b"""<!doctype html><html><head><title>Just a moment...</title><meta name="robots" content="noindex">
</head><body><h1>Checking your browser before accessing the site</h1><p>Enable JavaScript and cookies to continue</p>
<div class="cf-challenge" id="challenge-form"></div><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1"></script>
</body></html>"""


@test
def refusals_are_looked_at(w, origin):
    """What comes with a refusal decides when to ask again: who asks for proof of a human is left alone for long, whatever
    the status; who is only busy is not."""
    plain = b"<!doctype html><title>Sorry</title><h1>Service unavailable</h1><p>Please come back in a few minutes.</p>"
    cases = [(503, CHALLENGE, 1, 30), (404, CHALLENGE, 1, 30), (403, CHALLENGE, 1, 30), (503, plain, 0.15, 0.34),
             (404, plain, 5, 7.01), (410, plain, 360, 401), (500, plain, 0.04, 0.34)]
    for n, (status, body, _, _) in enumerate(cases):
        origin.page(f"127.0.0.{n + 2}/x.html", body, {"status": status, "headers": {"ETag": None, "Last-Modified": None}})
        w.put(f"{n}.md", document(n, f"http://127.0.0.{n + 2}:{origin.port}/x.html"))
    run = w.run("--once", "--report", w.work + "/report")
    for n, (status, body, least, most) in enumerate(cases):
        url = f"http://127.0.0.{n + 2}:{origin.port}/x.html"
        (outcome, at, error), = state(w, "SELECT outcome, (expires_at - fetched_at) / 86400.0, error FROM url WHERE url = ?", url)
        if outcome != "http-status" or not least <= at <= most or ("challenge" in error) != (body is CHALLENGE) or f"answers {status}" not in error:
            yield f"{status}: {outcome}, again in {at} days, {error!r}"
        if body is CHALLENGE and not any("challenge" in line for line in run.stderr.splitlines() if url in line):
            yield f"{status}: not told in {run.stderr!r}"


@test
def moves_for_good(w, origin):
    """The third look in agreement, over three days at least, makes the new address the document's."""
    seen = moving(w, origin)
    if seen != ["/old.html"] * 3 + ["/new.html"] * 2:
        yield seen
    told = w.run("explain", f"http://127.0.0.2:{origin.port}/old.html").stdout
    if "permanent redirects, seen 4 times since" not in told:
        yield told


@test
def moves_permanently_by_308(w, origin):
    seen = moving(w, origin, status=308)
    if seen[-1] != "/new.html":
        yield seen


@test
def moves_not_in_a_hurry(w, origin):
    """Three looks within less than three days are not enough."""
    seen = moving(w, origin, days=0.5)
    if seen != ["/old.html"] * 5:
        yield seen


@test
def moves_for_now(w, origin):
    seen = moving(w, origin, status=302)
    if seen != ["/old.html"] * 5:
        yield seen


@test
def moves_to_no_article(w, origin):
    """A soft 404 behind a permanent redirect is no new home."""
    seen = moving(w, origin, page=b"<!doctype html><title>Page not found</title><h1>404: page not found</h1>")
    if seen != ["/old.html"] * 5:
        yield seen


@test
def moves_to_another_text(w, origin):
    page = article(7).replace(b"Board number 7 weighs the future of the pier", b"Seven recipes with rhubarb and custard")
    seen = moving(w, origin, page=page)
    if seen != ["/old.html"] * 5:
        yield seen


@test
def moves_of_a_persons_address(w, origin):
    """What a person wrote stays."""
    seen = moving(w, origin, hand=True)
    if seen != ["/old.html"] + ["/mine.html"] * 4:
        yield seen


@test
def moves_switched_off(w, origin):
    seen = moving(w, origin, more="moves: false\n")
    if seen != ["/old.html"] * 5:
        yield seen


@test
def robots_large(w, origin):
    """What stands behind 500 KiB is not read; what stands before is."""
    pages(origin, b"User-agent: *\nDisallow: /1\n" + b"# filler\n" * 120000 + b"Disallow: /2\n")
    _, got, said = pass_over(w, origin)
    if got != [True, False, True]:
        yield f"filled {got}, said {said!r}"


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
