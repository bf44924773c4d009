#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Refreshes real documents from which values were taken, and looks at every line that changes.

    seeds.py INGESTD FILE... [--show]

Each FILE is a document in the shape of the seed (https becomes http; the origin is the proxy, so that host names stay
what they are). Its excerpt and images go, and of each `related` all but the URL of the first entry. The origin serves a
page for each link that says what the document had said; an excerpt that was cut off goes on there. Then: a dry run, a run,
and a second run. Checked: every document that has a link comes back as it was, but for keys that are not ingestd's
(isCached, quality), completed excerpts and their quoting; the second run does nothing. --show prints the diffs."""
import html, os, re, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import yaml
from origin import png
from world import Judge, Origin, World, tree

MORE = " companies, the letter says, until there is a law that governs it."


def front(text):
    m = re.match(r"\ufeff?---\r?\n(.*?\n)---", text, re.S)
    try:
        return yaml.load(m.group(1), yaml.BaseLoader) if m else None
    except yaml.YAMLError:
        return None


def links(doc):
    if not isinstance(doc, dict):
        return
    url = doc.get("originalUrl") or doc.get("webUrl")
    if isinstance(url, str) and url.startswith("http"):
        yield url, doc
    for entry in doc.get("related") or []:
        if isinstance(entry, dict) and str(entry.get("webUrl", "")).startswith("http"):
            yield entry["webUrl"], entry


def whole(excerpt):
    text = " ".join(html.unescape(str(excerpt or "")).split())
    return text if not text or re.search(r"[.!?\u2026][\"')\u201d\u2019]*$", text) else text.rstrip(" .,;:-\u2026") + MORE


def page(link):
    e = lambda s: html.escape(str(s), quote=True)
    meta = [("og:type", "video.other" if link.get("type") == "video" else "article"), ("og:title", link.get("title", "")),
            ("og:site_name", (link.get("provider") or {}).get("name", "")), ("og:description", whole(link.get("excerpt"))),
            ("article:published_time", link.get("publishedDateTime", ""))]
    for image in (link.get("images") or [])[:1]:
        meta += [("og:image", image.get("url", "")), ("og:image:width", image.get("width", "")), ("og:image:height", image.get("height", ""))]
    head = "".join(f'<meta property="{k}" content="{e(v)}">\n' for k, v in meta if v)
    text = "".join(f"<p>{e(whole(link.get('excerpt')))} Paragraph {n} of the article goes on at some length, as articles do, so that there is "
                   f"something to read here, with commas, and with a full stop at its end.</p>\n" for n in range(1, 7))
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{e(link.get("title", ""))}</title>\n{head}</head><body><article>'
            f'<h1>{e(link.get("title", ""))}</h1>\n{text}</article></body></html>').encode()


def take_away(text):
    """The excerpt, the images and all but the URL of the first related entry; by lines, as a person would."""
    eol = r"\r?\n"
    text = re.sub(rf'^excerpt:.*{eol}', "", text, count=1, flags=re.M)
    text = re.sub(rf'^images:{eol}(?:[ -].*{eol})+(?:{eol})?', "", text, count=1, flags=re.M)
    m = re.search(rf'^related:{eol}((?:  - .*{eol})(?:    .*{eol})*)', text, re.M)
    if m:
        url = re.search(r'webUrl: *(.*?)\r?\n', m.group(1))
        text = text[:m.start(1)] + f"  - webUrl: {url.group(1)}\n" + text[m.end(1):]
    return text


def normal(text):
    """What may differ: keys that are not ours, and how a completed excerpt is written."""
    text = re.sub(r"^ *(isCached|quality):.*\r?\n|^    title:.*\r?\n", "", text, flags=re.M)
    return re.sub(r'^( *excerpt: ).*?\r?\n', r"\1...\n", text, flags=re.M)


def main():
    show = "--show" in sys.argv
    program, files = sys.argv[1], [f for f in sys.argv[2:] if f != "--show"]
    origin, judge = Origin(), Judge()
    w = World(program, f"proxy: http://127.0.0.1:{origin.port}\n")
    before, gapped, linked = {}, {}, set()
    for n, path in enumerate(files):
        text = open(path, encoding="utf-8", newline="").read().replace("https://", "http://")
        name = f"{n:03d}.md"
        before[name], gapped[name] = text, take_away(text)
        open(os.path.join(w.content, name), "w", encoding="utf-8", newline="").write(gapped[name])
        for url, link in links(front(text)):
            linked.add(name)
            host, _, path = url.split("://", 1)[1].partition("/")
            path = path.split("#")[0]
            for image in (link.get("images") or [])[:1]:
                at = str(image.get("url", "")).split("://", 1)[-1].split("#")[0]
                origin.page(at, png(int(image.get("width") or 800), int(image.get("height") or 600)),
                            {"headers": {"Content-Type": "image/png"}})
            origin.page(f"{host}/{path or 'index.html'}" + ("index.html" if path.endswith("/") else ""), page(link),
                        {"headers": {"Content-Type": "text/html; charset=utf-8"}})
    dry = w.run("--once", "--dry-run", "--check")
    judge.check("the dry run has changes to show", [dry.returncode != 1 and dry.stderr or ""])
    if show:
        print(dry.stdout)
    first = w.run("--once", "-v")
    judge.check("the run ends well", [first.returncode and first.stderr])
    after = {n: t.decode() for n, t in tree(w.content).items()}
    for name in sorted(before):
        wrong = normal(after[name]) != normal(before[name]) if name in linked else after[name] != gapped[name]
        judge.check(f"{name} {os.path.basename(files[int(name[:3])])}{'' if name in linked else ' (no link)'}", [wrong and subprocess.run(
            ["diff", "-u", "/dev/fd/3", os.path.join(w.content, name)], pass_fds=(3,), capture_output=True, text=True).stdout
            if os.dup2(os.memfd_create("x"), 3) and os.write(3, before[name].encode()) and os.lseek(3, 0, 0) == 0 else "unreadable"])
    asked = len(origin.asked())
    second = w.run("--once")
    judge.check("the second run does nothing", [second.stdout, second.stderr, second.returncode, len(origin.asked()) - asked,
                                                {n: t.decode() for n, t in tree(w.content).items()} != after and "wrote"])
    print(f"{len(files)} documents, {len(linked)} with links, {asked} requests")
    origin.close()
    w.close()
    judge.end()


main()
