# SPDX-License-Identifier: MIT
"""What a site's owner may expect of ingestd, as rules over an access log. Each row of RULES: name, where it stands,
and a function that yields a complaint for each line of the log that breaks it. "manual" is a comment of lib/http/*.h or
config/ingestd.yaml; RFCs are meant by section.

A log is a list of Row, in order of time, over all sites; tests/e2e/origin.py writes such lines."""
import collections, email.utils, re, urllib.parse
from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class Row:
    time: float
    host: str
    target: str
    status: int = 200
    headers: dict = field(default_factory=dict)
    sent: dict = field(default_factory=dict)
    ended: float = 0
    method: str = "GET"
    body: str = ""
    connection: int = 0
    client: str = ""
    broken: bool = False  # what was sent with 200 was no feed: only the test's own server knows

    def __post_init__(self):
        self.ended = self.ended or self.time
        self.url = f"http://{self.host}{self.target}"
        self.site = site_of(self.host)
        self.is_robots = self.target == "/robots.txt"

    def __str__(self):
        return f"{self.time:.1f} {self.host}{self.target} {self.status}"


@dataclass
class Expect:
    """What the rules have to know of the configuration and of the documents."""
    gap: float = 1
    connections: int = 2
    known: object = None  # function(url): something leads there; None: all are known
    starts: tuple = ()    # when the program was started
    feeds: object = None  # function(url): it is a feed that somebody subscribed to; None: there are none

    def is_feed(self, row):
        return bool(self.feeds and self.feeds(row.url))


def site_of(host):
    """The registrable domain; the tests' names have no other double suffix."""
    name = host.rsplit(":", 1)[0]
    if re.fullmatch(r"[\d.]+|\[.*\]", name):
        return name
    labels = name.split(".")
    return ".".join(labels[-3 if labels[-2:] == ["co", "uk"] else -2:])


def by(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups.values()


def pairs(rows, key=lambda r: r.url):
    """Each two that follow one another at one URL (site, ...)."""
    for group in by(rows, key):
        yield from zip(group, group[1:])


def absolute(row, location):
    return urllib.parse.urljoin(row.url, location)


def redirects(row):
    return row.status in (301, 302, 303, 307, 308) and "location" in row.sent


# ---- the request itself ----

def agent(log, _):
    for row in log:
        if not re.fullmatch(r"ingestd/\d+\.\d+\.\d+( \(\+(https?://|mailto:)[^ ()]+\))?", row.headers.get("user-agent", "")):
            yield f"{row}: {row.headers.get('user-agent')!r}"


def one_agent(log, _):
    names = {row.headers.get("user-agent") for row in log}
    if len(names) > 1:
        yield f"{len(names)} names: {names}"


def accepts(log, _):
    for row in log:
        for name in ("accept", "accept-language"):
            if name not in row.headers:
                yield f"{row}: no {name}"


def compression(log, _):
    refused = set()  # decoding may have failed: once it may be asked without
    for row in log:
        if "gzip" not in row.headers.get("accept-encoding", "") and row.url not in refused:
            yield f"{row}: {row.headers.get('accept-encoding')!r}"
        if "content-encoding" in row.sent:
            refused.add(row.url)


def method(log, _):
    for row in log:
        if row.method != "GET":
            yield f"{row}: {row.method}"


def cookies(log, _):
    """None is kept beyond one chain of redirects."""
    given = {}  # URL: when a redirect that set a cookie led there
    for row in log:
        if "cookie" in row.headers and not given.get(row.url, row.time - HOUR) > row.time - MINUTE:
            yield f"{row}: {row.headers['cookie']!r}"
        if redirects(row) and ("set-cookie" in row.sent or "cookie" in row.headers):
            given[absolute(row, row.sent["location"])] = row.time


def referer(log, _):
    for row in log:
        if "referer" in row.headers and not row.headers.get("accept", "").startswith("image/"):
            yield f"{row}: {row.headers['referer']!r}"


def credentials(log, _):
    for row in log:
        for name in ("authorization", "from", "x-forwarded-for"):
            if name in row.headers:
                yield f"{row}: {name}"


def no_cache(log, _):
    for row in log:
        if "cache-control" in row.headers or "pragma" in row.headers:
            yield f"{row}: asks caches to be left out"


def parameters(log, expect):
    for row in log:
        if expect.known and not row.is_robots and not expect.known(row.url):
            yield f"{row}: nothing leads there"


def led_here(log):
    """The rows that a redirect led to just before, by their identity."""
    led, found = {}, set()
    for row in log:
        if row.time - led.get(row.url, -HOUR) < 10 * MINUTE:
            found.add(id(row))
        if redirects(row):
            led[absolute(row, row.sent["location"])] = row.time
    return found


def undecodable(a, b):
    """One retry without compression is right (manual: README)."""
    return "content-encoding" in a.sent and "gzip" not in b.headers.get("accept-encoding", "")


def fragments(log, _):
    for row in log:
        if "#" in row.target or "@" in row.host:
            yield f"{row}: a fragment, or user-info"


# ---- pacing ----

def gap(log, expect):
    for a, b in pairs(log, lambda r: r.site):
        if b.time - a.time < expect.gap * 0.5:  # a busy machine notes some late
            yield f"{b}: {b.time - a.time:.3f} s after {a.host}{a.target}"


def connections(log, expect):
    for group in by(log, lambda r: r.site):
        for row in group:
            running = [r for r in group if r.time <= row.time < r.ended]
            if len(running) > expect.connections:
                yield f"{row}: beside {len(running) - 1} others"


def jitter(log, expect):
    """Where a queue is worked off, its gaps differ: else many machines march in step."""
    for group in by(log, lambda r: r.site):
        gaps = sorted(b.time - a.time for a, b in zip(group, group[1:]) if expect.gap * 0.9 < b.time - a.time < expect.gap * 1.3)
        low, high = (gaps[len(gaps) // 4], gaps[len(gaps) * 3 // 4]) if gaps else (0, 0)
        if len(gaps) >= 16 and high - low < expect.gap * 0.01:
            yield f"{group[0].site}: half of {len(gaps)} gaps are between {low:.3f} and {high:.3f} s"


def burst(log, expect):
    """By second t after the first request, at most 16 + 256 t^2 sites."""
    for start in expect.starts:
        rows, sites = [row for row in log if 0 <= row.time - start < 2], set()
        for row in rows:
            sites.add(row.site)
            t = row.time - rows[0].time + 0.1
            if len(sites) > 17 + 256 * t * t:
                yield f"{start:.1f}: {len(sites)} sites after {t:.3f} s"
                break


def in_step(log, expect):
    """Who starts at the full hour, as everybody's cron does, does not ask everybody at once in it."""
    first = []
    for start in expect.starts:
        seen = {}
        for row in log:
            if 0 <= row.time - start < MINUTE:
                seen.setdefault(row.site, row.time - start)
        first += [at % 1 for at in seen.values()]
    if len(first) >= 20 and expect.gap >= 1 and sum(at < 0.2 for at in first) > 0.6 * len(first):
        yield f"{sum(at < 0.2 for at in first)} of {len(first)} sites are asked within 0.2 s of a start"


# ---- what was known is not asked again ----

def fresh_until(row):
    """By RFC 9111, section 4.2, for a private cache; 0: nothing said."""
    control = dict((p.strip().lower().partition("=")[::2]) for p in row.sent.get("cache-control", "").split(","))
    if row.status not in (200, 304) or "no-store" in control or "no-cache" in control:
        return 0
    if control.get("max-age", "").strip('"').isdigit():
        return row.time + int(control["max-age"].strip('"')) - int(row.sent.get("age", 0))
    try:
        return email.utils.parsedate_to_datetime(row.sent["expires"]).timestamp() if "expires" in row.sent else 0
    except ValueError:
        return 0


def fresh(log, _):
    for a, b in pairs(log):
        until = fresh_until(a)
        cap = a.time + (DAY if a.is_robots else 90 * DAY)
        if b.time < min(until, cap) - 2:
            yield f"{b}: fresh for another {until - b.time:.0f} s"


def twice(log, _):
    """Not within one run: only a Retry-After, or a body that cannot be decoded, brings it back at once, or a redirect."""
    led = led_here(log)
    for a, b in pairs(log):
        if b.time - a.time < 10 * MINUTE and retry_after(a) is None and not undecodable(a, b) and not {id(a), id(b)} & led:
            yield f"{b}: {b.time - a.time:.1f} s after {a.status}"


FLOORS = ((200, 299, 5 * HOUR), (304, 304, 5 * HOUR), (410, 410, 365 * DAY), (404, 404, 5 * DAY), (401, 403, DAY), (407, 407, DAY),
          (451, 451, DAY), (429, 429, 4 * HOUR), (503, 503, 4 * HOUR), (408, 408, HOUR), (425, 425, HOUR), (500, 599, HOUR),
          (400, 499, DAY))


def lifetimes(only):
    def rule(log, expect):
        led = led_here(log)
        for a, b in pairs(log):
            if undecodable(a, b) or {id(a), id(b)} & led or (expect.is_feed(a) and a.status < 400):
                continue
            for low, high, floor in FLOORS:
                if low <= a.status <= high:
                    floor = min(floor, HOUR if a.status == 404 else 4 * HOUR) if expect.is_feed(a) and a.status != 410 else floor
                    if only(a.status) and not a.is_robots and b.time - a.time < floor - 2 and retry_after(a) is None:
                        yield f"{b}: {(b.time - a.time) / HOUR:.1f} h after {a.status}"
                    break
    return rule


def polls(log, expect):
    for a, b in pairs([r for r in log if expect.is_feed(r)]):
        if b.time - a.time < HOUR - 1 and not undecodable(a, b):
            yield f"{b}: {(b.time - a.time) / MINUTE:.1f} min after the last time"


def bare_polls(log, expect):
    """A feed without validators costs its whole size each time."""
    for a, b in pairs([r for r in log if expect.is_feed(r)]):
        if a.status == 200 and not a.broken and not {"etag", "last-modified"} & set(a.sent) and b.time - a.time < DAY - MINUTE:
            yield f"{b}: {(b.time - a.time) / HOUR:.1f} h after one without validators"


def even_polls(log, expect):
    """Feeds are not all asked at the same minute of the hour."""
    first = {}
    for row in log:
        if expect.is_feed(row) and not any(0 <= row.time - start < MINUTE for start in expect.starts):  # cron's are cron's
            first.setdefault(row.url, []).append(row.time % HOUR)
    last = [times[-1] for times in first.values() if len(times) > 5]
    if len(last) >= 8 and max(last) - min(last) < 2 * MINUTE:
        yield f"{len(last)} feeds within {max(last) - min(last):.0f} s of the hour"


def validators(log, _):
    """What the last answer gave is sent back, byte for byte."""
    have, led = {}, led_here(log)
    for row in log:
        if id(row) in led:  # what was kept for one who came directly is not looked up for one who was sent
            continue
        etag, modified = have.get(row.url, (None, None))
        for name, value in (("if-none-match", etag), ("if-modified-since", modified)):
            if value is not None and row.headers.get(name) != value:
                yield f"{row}: {name} is {row.headers.get(name)!r}, not {value!r}"
        if row.broken:
            have.pop(row.url, None)  # nobody wants to be told that it is still so
        elif row.status == 200:
            have[row.url] = row.sent.get("etag"), row.sent.get("last-modified")
        elif row.status == 304:
            have[row.url] = row.sent.get("etag", etag), row.sent.get("last-modified", modified)
        elif row.status < 500 and row.status != 429:
            have.pop(row.url, None)  # it is something else now: both are right


def invented(log, _):
    """None that this URL has not given."""
    given = collections.defaultdict(set)
    for row in log:
        for name in ("if-none-match", "if-modified-since"):
            if name in row.headers and row.headers[name] not in given[row.url]:
                yield f"{row}: {name} {row.headers[name]!r}"
        given[row.url] |= {row.sent.get("etag"), row.sent.get("last-modified")}


# ---- failures ----

def retry_after(row):
    """When the site wants to be asked again; None: it does not say."""
    value = row.sent.get("retry-after")
    if value is None or not (row.status in (429, 503) or 300 <= row.status < 400):
        return None
    if value.strip().isdigit():
        return row.time + min(int(value), 7 * DAY)
    try:
        return min(email.utils.parsedate_to_datetime(value).timestamp(), row.time + 7 * DAY)
    except ValueError:
        return None


def waits(log, _):
    for group in by(log, lambda r: r.site):
        until, who = 0, None
        for row in group:
            if row.time < until - 1:
                yield f"{row}: {until - row.time:.0f} s before what {who} asked for"
            at = retry_after(row)
            if at and at > until:
                until, who = at, row


def too_many(log, _):
    for group in by(log, lambda r: r.site):
        until = 0
        for row in group:
            if row.time < until - 2:
                yield f"{row}: {(until - row.time) / HOUR:.1f} h early"
            if row.status == 429 and retry_after(row) is None:
                until = row.ended + 4 * HOUR


def growth(log, _):
    """Waits grow from failure to failure, taken over all URLs that keep failing."""
    early, late = [], []
    for group in by(log, lambda r: r.url):
        failures = [r for r in group if r.status >= 500 and not r.is_robots and retry_after(r) is None]
        gaps = [b.time - a.time for a, b in zip(failures, failures[1:])]
        if len(gaps) >= 5:
            early += gaps[:2]
            late += gaps[3:]
    if len(early) >= 4 and sum(late) / len(late) < 1.5 * sum(early) / len(early):
        yield f"the first waits are {sum(early) / len(early) / HOUR:.1f} h, the later ones {sum(late) / len(late) / HOUR:.1f} h"


def same_waits(log, expect):
    """Full jitter: URLs that fail alike are not asked again alike, unless it is cron that says when."""
    gaps, log = [], [r for r in log if not any(0 <= r.time - start < MINUTE for start in expect.starts[1:])]
    for group in by(log, lambda r: r.url):
        failures = [r for r in group if r.status >= 500 and not r.is_robots and retry_after(r) is None]
        gaps += [b.time - a.time for a, b in zip(failures[:1], failures[1:2])]
    if len(gaps) >= 8 and max(gaps) < 1.05 * min(gaps):
        yield f"{len(gaps)} first waits between {min(gaps) / HOUR:.2f} and {max(gaps) / HOUR:.2f} h"


# ---- redirects ----

def hops(log, _):
    led = {}  # URL: (hops so far, when)
    for row in log:
        count, when = led.get(row.url, (0, 0))
        count = count if row.time - when < MINUTE else 0
        if count > 8:
            yield f"{row}: after {count} redirects"
        if redirects(row):
            led[absolute(row, row.sent["location"])] = count + 1, row.time


# ---- robots.txt ----

def robots_state(log):
    """Yields (row, the last answer to /robots.txt of its origin, by redirects too) for all rows but those."""
    last, led = {}, {}
    for row in log:
        asked_for = led.pop(row.url, None) if row.url in led else [row.host] if row.is_robots else None
        if asked_for:
            for host in asked_for:
                if redirects(row):
                    led.setdefault(absolute(row, row.sent["location"]), []).append(host)
                    last[host] = row
                elif row.status == 304 and host in last:
                    last[host].renewed = row.time
                else:
                    last[host] = row
                    row.renewed = row.time
            if row.is_robots and row.host in asked_for:
                continue
            continue
        yield row, last.get(row.host)


def robots_first(log, expect):
    for row, robots in robots_state(log):
        if expect.is_feed(row):  # subscribed to by a person
            continue
        if not robots:
            yield f"{row}: its robots.txt was never asked for"
        elif row.time - getattr(robots, "renewed", robots.time) > DAY + HOUR:
            yield f"{row}: robots.txt is {(row.time - robots.renewed) / HOUR:.0f} h old"


def groups(body):
    """{agent: [(path, allowed)]} and {agent: delay}, after RFC 9309, section 2.2: independent of lib/http/robots.c."""
    rules, delays, agents, in_rules = collections.defaultdict(list), {}, [], False
    for line in body.splitlines():
        key, colon, value = line.split("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            agents = [] if in_rules else agents
            agents.append(value.lower())
            in_rules = False
        elif key in ("allow", "disallow"):
            in_rules = True
            for name in agents:
                rules[name] += [(value, key == "allow")] if value else []
                rules[name] = rules[name]
        elif key == "crawl-delay":
            in_rules = True
            for name in agents:
                delays[name] = float(value)
    return rules, delays


def mine(table):
    return table.get("ingestd", table.get("*"))


def allowed(body, target):
    best = (-1, True)
    for path, allow in mine(groups(body)[0]) or []:
        pattern = re.escape(path).replace(r"\*", ".*")
        pattern = pattern[:-2] + "$" if pattern.endswith(r"\$") else pattern
        if re.match(pattern, target):
            best = max(best, (len(path), allow))
    return best[1]


def robots_obeyed(log, expect):
    for row, robots in robots_state(log):
        if not expect.is_feed(row) and robots and robots.status == 200 and not allowed(robots.body, row.target):
            yield f"{row}: robots.txt does not allow it"


def robots_broken(log, expect):
    for row, robots in robots_state(log):
        if not expect.is_feed(row) and robots and (robots.status == 429 or robots.status >= 500):
            yield f"{row}: robots.txt is answered by {robots.status}"


def robots_often(log, _):
    led = led_here(log)
    for a, b in pairs([r for r in log if r.is_robots]):
        if b.time - a.time < HOUR and retry_after(a) is None and not {id(a), id(b)} & led:
            yield f"{b}: {b.time - a.time:.0f} s after the last time"


def crawl_delay(log, _):
    last = {}
    for row, robots in robots_state(log):
        delay = mine(groups(robots.body)[1]) if robots and robots.status == 200 else None
        before = last.get(row.site)
        if delay and before and row.time - before.time < min(delay, 300) * 0.95:
            yield f"{row}: {row.time - before.time:.2f} s after {before}, {delay} s are asked for"
        last[row.site] = row


RULES = [
    ("agent", "RFC 9110, 10.1.5; manual: contact", agent),
    ("one-agent", "etiquette 16: stable", one_agent),
    ("accepts", "RFC 9110, 12.5.1 and 12.5.4", accepts),
    ("compression", "RFC 9110, 12.5.3; etiquette 15", compression),
    ("method", "etiquette 27", method),
    ("cookies", "RFC 6265, 5.4 may; etiquette 17 no", cookies),
    ("referer", "RFC 9110, 10.1.3; etiquette 17", referer),
    ("credentials", "RFC 9110, 11.6.2 and 10.1.2", credentials),
    ("no-cache", "RFC 9111, 5.2.1; etiquette 17: no cache busters", no_cache),
    ("parameters", "etiquette 17: no added parameters", parameters),
    ("fragments", "RFC 9110, 4.2.4 and 7.1", fragments),
    ("gap", "manual: pace.gap", gap),
    ("connections", "manual: pace.connections", connections),
    ("jitter", "manual: http/pace.h, up to an eighth", jitter),
    ("burst", "manual: http/pace.h, a start; etiquette 19", burst),
    ("in-step", "etiquette 19: never hundreds at :00", in_step),
    ("fresh", "RFC 9111, 4.2", fresh),
    ("twice", "manual: http/response.h", twice),
    ("good-lifetime", "manual: plan/due.h", lifetimes(lambda s: s < 400)),
    ("polls", "etiquette 6: at most once per hour", polls),
    ("bare-polls", "etiquette 6: once per 24 hours without validators", bare_polls),
    ("even-polls", "etiquette 7 and 19: jitter", even_polls),
    ("gone", "RFC 9110, 15.5.11; manual: http/response.h, gone", lifetimes(lambda s: s == 410)),
    ("fades", "RFC 9110, 15.5.5; manual: http/response.h, missing", lifetimes(lambda s: s == 404)),
    ("refused", "etiquette 11; manual: http/response.h, forbidden", lifetimes(lambda s: 400 <= s < 500 and s not in (404, 408, 410, 425, 429))),
    ("busy", "RFC 6585, 4; RFC 9110, 15.6.4; etiquette 10", lifetimes(lambda s: s in (429, 503))),
    ("broken", "RFC 9110, 15.6; manual: http/response.h, broken", lifetimes(lambda s: s in (408, 425) or s >= 500 and s != 503)),
    ("validators", "RFC 9110, 13.1.2 and 13.1.3; RFC 9111, 4.3.1", validators),
    ("invented", "RFC 9110, 8.8; etiquette 1 and 4", invented),
    ("retry-after", "RFC 9110, 10.2.3", waits),
    ("too-many", "RFC 6585, 4; etiquette 10", too_many),
    ("growth", "manual: http/response.h, base * 2^(failures - 1)", growth),
    ("same-waits", "manual: http/response.h, full jitter", same_waits),
    ("hops", "manual: http/response.h, RESPONSE_HOPS", hops),
    ("robots-first", "RFC 9309, 2.3 and 2.4", robots_first),
    ("robots-obeyed", "RFC 9309, 2.2.2", robots_obeyed),
    ("robots-broken", "RFC 9309, 2.3.1.4", robots_broken),
    ("robots-often", "RFC 9309, 2.4; manual: daemon/fetch/gate.h", robots_often),
    ("crawl-delay", "manual: robots", crawl_delay),
]


def without_automatic_retries(log):
    """A connection that the server closes instead of answering may be no more than an idle one that timed out: the request
    may be repeated at once on another (RFC 9110, 9.2.2), and counts as one."""
    last, kept = {}, []
    for row in log:
        before = last.get(row.url)
        if not (before and before.status == 0 and row.time - before.time < 0.1 and row.connection != before.connection):
            kept.append(row)
        last[row.url] = row
    return kept


def judge(log, expect):
    """{rule: complaints}, only those that have some."""
    log = without_automatic_retries(sorted(log, key=lambda r: r.time))
    found = {name: list(rule(log, expect)) for name, _, rule in RULES}
    return {name: complaints for name, complaints in found.items() if complaints}
