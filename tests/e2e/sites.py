#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What pages of one host share is the host's: learnt over a run, whatever order the pages come in, and over runs.

    sites.py INGESTD [NAME...]
"""
import os, random, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import Tests, World, document, run_tests, tree

test = Tests()
DEFAULT = "Everything about the coast, its people and its weather, every day of the year, from the Harbour Gazette."
CARD = "/img/card-1200x630.jpg"
LEAD = "Harbour board {n} met on Tuesday evening to decide how the old ferry pier should be used once the new terminal opens for all."


def page(n, excerpt=None, card=True, photo=True, suffix=""):
    """An article; by default with the host's card and a picture of its own in the text."""
    own = f'<img src="/img/photo-{n}.jpg" width="1000" height="700" alt="The pier">' if photo else ""
    image = CARD if card else f"/img/{n}.jpg"
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Board number {n} weighs the future of the pier{suffix}</title>
<meta property="og:type" content="article"><meta property="og:description" content="{excerpt or f'Board {n} must decide within a month what becomes of the pier by the harbour.'}">
<meta property="og:image" content="{image}"><meta property="article:published_time" content="2024-05-07T20:30:00+02:00"></head>
<body><main><article><h1>Board number {n} weighs the future of the pier</h1>{own}<p>{LEAD.format(n=n)}</p>
<p>Members heard from fishermen, from the sailing school and from {n} families who have lived beside the pier for years.</p>
<p>A vote is expected before the end of the month, the chair said, although several members asked for more time to read.</p>
</article></main></body></html>
""".encode()


def value(text, key):
    m = re.search(rf"(?m)^\s*-?\s*{key}: +\"?(.*?)\"?$", text.decode())
    return m and m.group(1)


def url(origin, n, host=2):
    return f"http://127.0.0.{host}:{origin.port}/{n}.html"


def run(w, *args):
    p = w.run("--once", *args)
    return [f"{args}: exit {p.returncode}: {p.stderr}"] if p.returncode else []


def quiet(w, origin):
    """The run right after asks for nothing and writes nothing."""
    before, asked = tree(w.content), len(origin.asked())
    yield from run(w)
    if tree(w.content) != before:
        yield "the second run wrote"
    if len(origin.asked()) != asked:
        yield f"the second run asked for {origin.asked()[asked:]}"


@test
def a_third_share_a_card(w, origin):
    """Of 12 pages of a host 4 have its card, 2 its description; in whatever order they come, the outcome is the same."""
    outcomes = {}
    dice = random.Random(7)
    for order in range(6):
        other = World(w.program)
        slow = dice.sample(range(12), 12)
        for n in range(12):
            # the later ones redirect to a page of the same host, or are of another that has one page only
            meta = {"delay": 0.03 * slow[n]} if order else None
            origin.page(f"127.0.0.2/{n}.html", page(n, DEFAULT if n in (3, 5) else None, card=n % 3 == 0, photo=n != 9), meta)
            other.put(f"{n:02}.md", document(n, url(origin, n)))
        yield from run(other)
        yield from quiet(other, origin)
        outcomes.setdefault(tuple(sorted(tree(other.content).items())), []).append(order)
        other.close()
    if len(outcomes) != 1:
        yield f"{len(outcomes)} outcomes: {list(outcomes.values())}"
    files = dict(next(iter(outcomes)))
    for n in range(12):
        text = files[f"{n:02}.md"]
        if n in (3, 5) and value(text, "excerpt") != LEAD.format(n=n):
            yield f"{n}: excerpt is {value(text, 'excerpt')!r}"
        want = f"/img/{n}.jpg" if n % 3 else f"/img/photo-{n}.jpg"
        if n == 9:
            if b"images" in text:
                yield f"9: has the card: {text}"
        elif want.encode() not in text:
            yield f"{n}: no {want} in {text}"


@test
def the_card_where_it_is_wanted(w, origin):
    open(w.config, "a").write("shared-images: true\n")
    for n in range(3):
        origin.page(f"127.0.0.2/{n}.html", page(n, photo=n > 0))
        w.put(f"{n}.md", document(n, url(origin, n)))
    yield from run(w)
    files = tree(w.content)
    for n in range(3):
        if (CARD if n == 0 else f"/img/photo-{n}.jpg").encode() not in files[f"{n}.md"]:
            yield f"{n}: {files[f'{n}.md']}"
    yield from quiet(w, origin)


@test
def noticed_later(w, origin):
    """Documents written when nobody knew; one of them was edited by a person since."""
    for n in range(3):
        # each on its own host's only page: nothing is shared yet
        origin.page(f"127.0.0.{2 + n}/{n}.html", page(n, DEFAULT))
        w.put(f"{n}.md", document(n, url(origin, n, 2 + n)))
    yield from run(w)
    files = tree(w.content)
    for n in range(3):
        if value(files[f"{n}.md"], "excerpt") != DEFAULT or CARD.encode() not in files[f"{n}.md"]:
            yield f"{n}: the page's word was not taken: {files[f'{n}.md']}"
    mine = files["1.md"].replace(DEFAULT.encode(), b"What I think of it.").replace(b"card-1200x630", b"mine")
    w.put("1.md", mine)
    for n in (0, 1, 2):  # a second page of each host
        origin.page(f"127.0.0.{2 + n}/{n + 10}.html", page(n + 10, DEFAULT))
    w.put("10.md", document(10, url(origin, 10, 2)))
    w.put("11.md", document(11, url(origin, 11, 3)))
    before = len(origin.asked())
    dry = w.run("--once", "--dry-run")
    if "card-1200x630" not in dry.stdout:
        yield f"--dry-run does not show what it would take back: {dry.stdout}"
    yield from run(w)
    asked = sorted(a for a in origin.asked()[before:] if "robots" not in a and "/img/" not in a)
    if asked != ["127.0.0.2/10.html", "127.0.0.3/11.html"]:
        yield f"asked for {asked}"
    after = tree(w.content)
    for n in (0, 10, 11):
        text = after[f"{n}.md"]
        if value(text, "excerpt") != LEAD.format(n=n) or f"/img/photo-{n}.jpg".encode() not in text or CARD.encode() in text:
            yield f"{n}: still the host's: {text}"
    if after["1.md"] != mine:
        yield f"a person's values were touched: {after['1.md']}"
    if after["2.md"] != files["2.md"]:
        yield f"nothing is known against it: {after['2.md']}"
    yield from quiet(w, origin)


@test
def nothing_better(w, origin):
    """What was written stays where the page has nothing else: a refresh that finds nothing empties nothing."""
    origin.page("127.0.0.2/0.html", page(0, photo=False))
    w.put("0.md", document(0, url(origin, 0)))
    yield from run(w)
    before = tree(w.content)["0.md"]
    origin.page("127.0.0.2/1.html", page(1, photo=False))
    w.put("1.md", document(1, url(origin, 1)))
    yield from run(w)
    after = tree(w.content)
    if after["0.md"] != before or CARD.encode() not in before:
        yield f"0: {after['0.md']}"
    if CARD.encode() in after["1.md"]:
        yield f"1: {after['1.md']}"
    yield from quiet(w, origin)


@test
def titles(w, origin):
    """The end of each title is not the site's name, and yet no part of any title."""
    for n in range(4):
        origin.page(f"127.0.0.2/{n}.html", page(n, card=False, suffix=" - Coast Weekly").replace(b"<h1>Board", b"<h1>The board"))
        w.put(f"{n}.md", document(n, url(origin, n)).replace(f'title: "Board number {n} weighs the future of the pier"'.encode(), b"title:"))
    yield from run(w)
    for n in range(4):
        got = value(tree(w.content)[f"{n}.md"], "title")
        if got is None or "Coast Weekly" in got:
            yield f"{n}: {got!r}"


@test
def explained(w, origin):
    for n in range(2):
        origin.page(f"127.0.0.2/{n}.html", page(n, DEFAULT))
        w.put(f"{n}.md", document(n, url(origin, n)))
    yield from run(w)
    p = w.run("explain", url(origin, 0))
    for want in ("other pages of the host say the same", "other pages of the host show it too"):
        if want not in p.stdout:
            yield f"not explained: {p.stdout}"


if __name__ == "__main__":
    run_tests(test, sys.argv[1], sys.argv[2:])
