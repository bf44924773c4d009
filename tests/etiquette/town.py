#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Some tens of sites with manners of their own, behind one proxy: tests/e2e/origin.py with other pages.

A site is a row of SITES: name, and a function (request, seconds since the town was opened) that answers it, or None for the
common article. ROBOTS: what its /robots.txt is, 404 otherwise. PAGES: how many pages of it documents link to.

All pages lack an image, so their documents have a gap for ever and ask again as soon as they may."""
import asyncio, email.utils, hashlib, os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), os.path.join(HERE, "..", "warp")]
import origin

HOUR, DAY = 3600, 86400
HTML = origin.HTML

TEXT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Board {n} weighs the future of the pier at {host}</title>
<meta property="og:type" content="article"><meta property="og:title" content="Board {n} weighs the future of the pier at {host}">
<meta property="og:description" content="Harbour board {n} must decide within a month what becomes of the old ferry pier, and the
 neighbours, the fishermen and the sailing school each have their own idea of it.{more}">
<meta property="article:published_time" content="{published}"></head><body><main><article>
<h1>Board {n} weighs the future of the pier at {host}</h1>
<p>Harbour board {n} met on Tuesday evening to decide how the old ferry pier should be used once the new terminal opens.</p>
<p>Members heard from fishermen, from the sailing school and from {n} families who have lived beside the pier for years.</p>
<p>A vote is expected before the end of the month, the chair said, although several members asked for more time to read.{more}</p>
</article></main></body></html>
"""


OPENED = 0  # the day the town was


def text(q, more=""):
    n = 1 + sum(q.target.encode()) % 90
    published = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(OPENED - n % 13 * 3 * DAY - HOUR))
    return TEXT.format(n=n, host=q.headers["host"], more=more, published=published).encode()


def etag(body, weak=False):
    return ("W/" if weak else "") + '"%s"' % hashlib.sha1(body).hexdigest()[:16]


async def page(q, body, etag=None, modified=None, **more):
    """A 200, or the 304 that its validators allow (RFC 9110, 13.2.2)."""
    fields = [HTML] + [(k.replace("_", "-").title(), v) for k, v in more.items()]
    fields += [("ETag", etag)] if etag else []
    fields += [("Last-Modified", modified)] if modified else []
    match = q.headers.get("if-none-match")
    same = match == etag if match else modified and q.headers.get("if-modified-since") == modified
    if same and (etag or modified):
        await q.answer(304, [f for f in fields if f[0] not in ("Content-Type",)])
    else:
        await q.answer(200, fields, body)


MODIFIED = "Tue, 07 May 2024 20:30:00 GMT"


def answers(status, *fields, until=10 ** 9, only=None):
    """This status, until then; then articles."""
    async def answer(q, now):
        if now > until or (only and only not in q.target):
            await page(q, text(q), etag(text(q)))
        else:
            await q.answer(status, [HTML, *fields], origin.page(f"status {status}"))
    return answer


def date_of(seconds):
    return email.utils.formatdate(origin.now() + seconds, usegmt=True)


async def both(q, _):
    await page(q, text(q), etag(text(q)), MODIFIED)


async def weak(q, _):
    await page(q, text(q), 'W/"odd,  \\" tag"')


async def modified_only(q, _):
    await page(q, text(q), None, "Tuesday, 07-May-24 20:30:00 GMT")


async def unheard(q, _):
    """ETags that it never compares."""
    await q.answer(200, [HTML, ("ETag", etag(text(q)))], text(q))


async def changing(q, now):
    body = text(q, f" Edition {int(now // (3 * DAY))}.")
    await page(q, body, etag(body), email.utils.formatdate(origin.now() // (3 * DAY) * 3 * DAY, usegmt=True))


async def flaky(q, now):
    """Cannot answer from the 26th to the 32nd day."""
    if 26 * DAY < now < 32 * DAY:
        await q.answer(500, [HTML], origin.page("broken"))
    else:
        await both(q, now)


async def new_tag(q, now):
    await page(q, text(q), f'"{now:.0f}"')


async def dropped_tag(q, now):
    """From the 20th day on there are none."""
    await page(q, text(q), *([etag(text(q)), MODIFIED] if now < 20 * DAY else []))


async def long_lived(q, _):
    await page(q, text(q), etag(text(q)), cache_control=f"public, max-age={40 * DAY}")


async def expires(q, _):
    await page(q, text(q), etag(text(q)), expires=date_of(35 * DAY), age="100")


async def busy_seconds(q, now):
    if now < 2 * DAY:
        await q.answer(429, [HTML, ("Retry-After", "7200")], origin.page("slower"))
    else:
        await both(q, now)


async def busy_date(q, now):
    if now < 2 * DAY:
        await q.answer(503, [HTML, ("Retry-After", date_of(30 * HOUR))], origin.page("later"))
    else:
        await both(q, now)


async def busy_at_times(q, now):
    """Every third request is one too many."""
    busy_at_times.count = getattr(busy_at_times, "count", 0) + 1
    if busy_at_times.count % 3 == 0:
        await q.answer(429, [HTML, ("Retry-After", "90")], origin.page("slower"))
    else:
        await both(q, now)


async def moved(q, _):
    status = {"/1": 301, "/2": 302, "/3": 308, "/4": 303, "/5": 307}.get(q.target, 301)
    await q.answer(status, [("Location", f"http://new.moved.example/to{q.target}"), ("Set-Cookie", "seen=1; Path=/")])


async def moved_slowly(q, _):
    await q.answer(301, [("Location", f"/to{q.target}"), ("Retry-After", "40")]) if not q.target.startswith("/to") else await both(q, 0)


async def circle(q, _):
    await q.answer(302, [("Location", "/2" if q.target == "/1" else "/1")])


async def chain(q, _):
    n = int(q.target.strip("/").partition("?")[0] or 0)
    await q.answer(302, [("Location", f"/{n + 1}")])


async def with_cookies(q, _):
    await page(q, text(q), etag(text(q)), set_cookie="id=1; Path=/; Max-Age=99999999")


async def back_later(q, now):
    await (both(q, now) if now > 12 * DAY else q.answer(404, [HTML], origin.page("not here")))


async def closes(q, _):
    q.status, q.close = 0, True


async def slow(q, now):
    await asyncio.sleep(0.05)
    await both(q, now)


async def broken_gzip(q, now):
    if "gzip" in q.headers.get("accept-encoding", ""):
        await q.answer(200, [HTML, ("Content-Encoding", "gzip")], b"\x1f\x8b\x08no gzip at all")
    else:
        await both(q, now)


def feed(every, items=6, **fields):
    """A feed with a new item each `every` seconds, /feed; its articles are at /a/NUMBER."""
    async def answer(q, now):
        if q.target != "/feed":
            await page(q, text(q), etag(text(q)))
            return
        newest = int(now // every)
        body = ("<?xml version='1.0'?><rss version='2.0'><channel><title>" + q.headers["host"] + "</title>" + "".join(
            f"<item><title>Board {n} weighs the future of the pier</title><link>http://{q.headers['host']}/a/{n}</link><guid>{n}</guid>"
            f"<pubDate>{email.utils.formatdate(OPENED + n * every, usegmt=True)}</pubDate></item>"
            for n in range(newest, newest - items, -1)) + "</channel></rss>").encode()
        sent = {**fields, "content_type": "application/rss+xml"}
        known = sent.pop("bare", None)
        await page(q, body, *([None, None] if known else [etag(body), MODIFIED[:-12] + "12:34:56 GMT"]), **sent)
    return answer


async def feed_busy(q, now):
    if q.target == "/feed" and now % (5 * DAY) < DAY:
        await q.answer(503, [("Retry-After", date_of(9 * HOUR))], b"")
    else:
        await feed(2 * DAY)(q, now)


async def feed_gone(q, now):
    await (q.answer(410, [HTML], b"") if now > 7 * DAY else feed(DAY)(q, now))


FEEDS = {
    "daily.feeds.example": feed(DAY), "hourly.feed1.example": feed(HOUR), "bare.feed2.example": feed(DAY, bare=True),
    "promises.feed3.example": feed(2 * DAY, cache_control=f"max-age={7 * HOUR}"), "still.feed4.example": feed(10 ** 9), "busy.feed5.example": feed_busy,
    "gone.feed6.example": feed_gone, "broken.feed7.example": answers(500), "missing.feed8.example": answers(404),
    "forbidden.feed9.example": answers(403), **{f"feed.more{n}.example": feed(5 * DAY + n * HOUR) for n in range(10)},
}
SITES = {
    **FEEDS,
    "both.example": both, "weak.example": weak, "modified.example": modified_only, "bare.example": None, "unheard.example": unheard,
    "changing.example": changing, "flaky.example": flaky, "newtag.example": new_tag, "dropped.example": dropped_tag, "long.example": long_lived,
    "expires.example": expires, "seconds.example": busy_seconds, "date.example": busy_date, "attimes.example": busy_at_times,
    "toomany.example": answers(429, until=9 * DAY), "unavailable.example": answers(503), "broken.example": answers(500),
    "gateway.example": answers(502, until=9 * DAY), "gone.example": answers(410), "missing.example": answers(404),
    "back.example": back_later, "forbidden.example": answers(403), "login.example": answers(401), "legal.example": answers(451),
    "teapot.example": answers(418), "moved.example": moved, "new.moved.example": both, "movedslowly.example": moved_slowly,
    "circle.example": circle, "chain.example": chain, "cookies.example": with_cookies, "closes.example": closes, "slow.example": slow,
    "gzip.example": broken_gzip, "a.shared.example": both, "b.shared.example": both, "www.shared.example": both,
    "north.co.uk": both, "south.co.uk": both, "private.example": both, "delay.example": both, "nobots.example": both,
    "robotsdown.example": both, "robotsbusy.example": both, "robotsaway.example": both, "robotskept.example": both,
    "robotsturn.example": both, "robotsforbidden.example": both, "robotschange.example": both,
    **{f"unavailable{n}.example": answers(503) for n in range(6)}, **{f"broken{n}.example": answers(500) for n in range(6)},
}
PAGES = {**dict.fromkeys(FEEDS, 0), "both.example": 14, "busy.example": 3, "moved.example": 5, "chain.example": 1, "circle.example": 2, "new.moved.example": 0}
PAGES_USUALLY = 3


def rules(body, *fields):
    async def answer(q, _):
        await page(q, body.encode(), etag(body.encode()), **dict(fields))
    return answer


async def robots_down(q, now):
    await (q.answer(500, [HTML], b"") if now < 4 * DAY else q.answer(404, [HTML], b""))


async def robots_busy(q, now):
    await (q.answer(429, [("Retry-After", "5000")], b"") if now < DAY else q.answer(404, [HTML], b""))


async def robots_away(q, _):
    await q.answer(302, [("Location", "http://private.example/robots.txt")])


async def robots_turn(q, now):
    body = b"User-agent: *\nDisallow: /\n" if 5 * DAY < now < 40 * DAY else b"User-agent: *\nDisallow:\n"
    await page(q, body, etag(body))


ROBOTS = {
    "private.example": rules("User-agent: *\nDisallow: /\n\nUser-agent: ingestd\nDisallow: /2\nAllow: /2$\nDisallow: /3\n"),
    "delay.example": rules("User-agent: *\nCrawl-delay: 12\nDisallow:\n"),
    "nobots.example": rules("User-agent: *\nDisallow: /\n"),
    "both.example": rules("User-agent: *\nDisallow: /search\n"),
    "robotsdown.example": robots_down, "robotsbusy.example": robots_busy, "robotsaway.example": robots_away,
    "robotskept.example": rules("User-agent: *\nDisallow: /3\n", ("cache_control", "max-age=7200")),
    "robotsturn.example": robots_turn, "robotsforbidden.example": answers(403),
    "closes.example": closes,
}


class Town(origin.Origin):
    def __init__(self, options):
        super().__init__(options)
        global OPENED
        OPENED = self.opened = origin.now()

    async def serve(self, q):
        site, now = q.headers.get("host", ""), origin.now() - self.opened
        if site not in SITES:
            await q.answer(502, [HTML], origin.page("no such site"))
        elif q.path == "/robots.txt":
            await (ROBOTS[site](q, now) if site in ROBOTS else q.answer(404, [HTML], b""))
        elif SITES[site]:
            await SITES[site](q, now)
        else:
            await page(q, text(q))


if __name__ == "__main__":
    asyncio.run(origin.main(Town))
