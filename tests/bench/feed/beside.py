#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Side by side with python3-feedparser on the same files: beside.py FOLDER|FILE... [--build FOLDER] [--show N]

For each field: in how many places both say the same, only one says something, or they differ; the first N of these are shown.
White space and markup are left out of account (feedparser keeps markup). CPU of both over all files. By hand only: feedparser
is no dependency."""
import argparse, calendar, collections, glob, html, json, os, re, resource, subprocess, sys, tempfile, time
import feedparser

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BASE = "http://feed.example/dir/feed.xml"


def plain(s):
    s = re.sub(r"<(script|style)\b.*?</\1>", "", s or "", flags=re.S | re.I)
    return re.sub(r"[\s\u00a0\u200b\ufeff]+", "", html.unescape(re.sub(r"<[a-zA-Z/!][^>]*>", "", s)))


def instant(s):
    if not s:
        return None
    s = s if "T" in s else s + "T00:00:00Z"
    return calendar.timegm(time.strptime(s[:19], "%Y-%m-%dT%H:%M:%S"))


def theirs(path):
    d = feedparser.parse(open(path, "rb").read(), response_headers={"content-location": BASE})
    out = {"feed.title": plain(d.feed.get("title")), "feed.link": d.feed.get("link"), "entries": len(d.entries)}
    for i, e in enumerate(d.entries[:50]):
        content = (e.get("content") or [{}])[0].get("value")
        out.update({f"{i}.title": plain(e.get("title")), f"{i}.link": e.get("link"), f"{i}.id": e.get("id"),
                    f"{i}.summary": plain(e.get("summary") or content), f"{i}.content": plain(content),
                    f"{i}.author": e.get("author_detail", {}).get("name") or e.get("author"),
                    f"{i}.published": calendar.timegm(e.published_parsed) if e.get("published_parsed") else None,
                    f"{i}.updated": calendar.timegm(e.updated_parsed) if "updated" in e.keys() and e.get("updated_parsed") else None,
                    f"{i}.enclosures": [x.get("href") for x in e.get("enclosures", [])] or None})
    return out


def ours(d):
    feed = d.get("feed", {})
    out = {"feed.title": plain(html.escape(feed.get("title", ""))), "feed.link": feed.get("link"), "entries": len(d.get("entries", []))}
    for i, e in enumerate(d.get("entries", [])[:50]):
        text = lambda k: plain(html.escape(e.get(k, "")))
        out.update({f"{i}.title": text("title"), f"{i}.link": e.get("link"), f"{i}.id": e.get("id"), f"{i}.summary": text("summary"),
                    f"{i}.content": text("content"), f"{i}.author": ", ".join(e.get("authors", [])) or e.get("author"),
                    f"{i}.published": instant(e.get("published")), f"{i}.updated": instant(e.get("updated")),
                    f"{i}.enclosures": [x["url"] for x in e.get("enclosures", [])] or None})
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("paths", nargs="+")
    ap.add_argument("--build", default=os.path.join(TOP, "build/release"))
    ap.add_argument("--show", type=int, default=0)
    a = ap.parse_args()
    files = [f for p in a.paths for f in (sorted(glob.glob(os.path.join(p, "**", "*"), recursive=True)) if os.path.isdir(p) else [p])
             if os.path.isfile(f) and not f.endswith((".json", ".jsonl", ".md"))]
    lines = "".join(json.dumps({"id": f, "input": f, "base": BASE}) + "\n" for f in files)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    p = subprocess.run([os.path.join(a.build, "daemon/ingestd"), "feed", "--batch", "--jobs", "1"], input=lines, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own_cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answers = [json.loads(line) for line in p.stdout.splitlines()]
    count, shown, cpu = collections.defaultdict(collections.Counter), collections.Counter(), 0
    for path, answer in zip(files, answers):
        start = time.process_time()
        other = theirs(path)
        cpu += time.process_time() - start
        mine = ours(answer)
        for key in dict.fromkeys([*other, *mine]):
            field = re.sub(r"^\d+\.", "", key)
            x, y = mine.get(key) or None, other.get(key) or None
            what = "same" if x == y else "only ingestd" if y is None else "only feedparser" if x is None else "differ"
            count[field][what] += x is not None or y is not None
            if what not in ("same", "only ingestd") and shown[field] < a.show:
                shown[field] += 1
                print(f"{os.path.basename(path)} {key}: {what}: {str(x)[:70]!r} | {str(y)[:70]!r}")
    print(f"{len(files)} files; CPU ingestd {own_cpu:.2f} s, feedparser {cpu:.2f} s")
    for field, c in count.items():
        print(f"{field:12}" + "".join(f"  {w} {c[w]}" for w in ("same", "only ingestd", "only feedparser", "differ")))


main()
