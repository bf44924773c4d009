#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures, from what a page names to what stands in the document and in the image cache.

    images.py INGESTD [TEST...]

The full disk is a small tmpfs in a mount namespace of our own: it needs root, and is left out without."""
import hashlib, json, os, random, re, shutil, signal, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from origin import png
from world import NOBODY, Tests, World, article, document, run_tests, tree

test = Tests()
ARTICLE = article(0).decode()
CACHE = "image-cache: {{folder: {0}/cache, url: /pictures/}}\n"


def page(images, declared=(0, 0)):
    """An article that names these pictures, the best first."""
    head = "".join(f'<meta property="og:image" content="{i}">' +
                   (f'<meta property="og:image:width" content="{declared[0]}"><meta property="og:image:height" content="{declared[1]}">' if declared[0] else "")
                   for i in images)
    return re.sub(r'<meta property="og:image.*630">', lambda m: head, ARTICLE).encode()


def rows(origin):
    return [json.loads(line) for line in open(origin.log_path)] if os.path.exists(origin.log_path) else []


def pictures(text):
    """[(url, width, height, cached)] of the document's own list."""
    if isinstance(text, bytes):
        text = text.decode()
    block = re.search(r"^images:\n((?:[ -].*\n)+)", text, re.M)
    found = []
    for entry in re.findall(r"  - url: .*\n(?:    .*\n)*", block.group(1) if block else ""):
        value = dict(re.findall(r"(\w+): \"?([^\"\n]*)", entry))
        found.append((value["url"], int(value.get("width", 0)), int(value.get("height", 0)), value.get("isCached") == "true"))
    return found


class Site:
    def __init__(self, w, origin):
        self.w, self.origin, self.n = w, origin, 0
        self.at = f"http://127.0.0.2:{origin.port}"

    def add(self, images, declared=(0, 0), name=None, more=""):
        """A document whose page names these pictures; a name alone is a kind of bad picture."""
        self.n += 1
        images = [i if re.match("[a-z]+:|/", i) else f"/_torture/image?kind={i}" for i in images]
        self.origin.page(f"127.0.0.2/{self.n}.html", page(images, declared))
        return self.w.put(name or f"{self.n}.md", document(0, f"{self.at}/{self.n}.html", more))

    def run(self, *args, **more):
        before = len(rows(self.origin))
        run = self.w.run("--once", *args, **more)
        return run, [r for r in rows(self.origin)[before:] if not re.search(r"^/\d+\.html$|robots\.txt$", r["target"])]


def read(path):
    return open(path, "rb").read()


def state(w, sql, *values):
    db = sqlite3.connect(w.work + "/state/cache.db")
    found = db.execute(sql, values).fetchall()
    db.commit()
    db.close()
    return found


@test
def bytes_tell_the_size(w, origin):
    """By a range of a few bytes, without a Referer, once for all documents, and not again."""
    s = Site(w, origin)
    body = png(640, 400) + os.urandom(3000000)
    origin.page("127.0.0.2/big.png", body)
    docs = [s.add(["/big.png"], declared=(300, 200))]
    docs += [w.put(f"same{n}.md", document(0, f"{s.at}/1.html")) for n in range(4)]
    run, asked = s.run()
    if run.stderr or [pictures(read(d)) for d in docs] != [[(s.at + "/big.png", 640, 400, False)]] * 5:
        yield f"{run.stderr!r} {[pictures(read(d)) for d in docs]}"
    if [(r["target"], r["headers"].get("range"), r["headers"].get("referer"), r["status"]) for r in asked] != \
            [("/big.png", "bytes=0-8191", None, 206)] or not asked[0]["headers"]["accept"].startswith("image/"):
        yield asked
    again = w.put("again.md", document(0, f"{s.at}/1.html"))
    run, asked = s.run()
    if asked or pictures(read(again)) != [(s.at + "/big.png", 640, 400, False)]:
        yield f"again: {asked}"
    state(w, "UPDATE image SET expires_at = 1")
    again = w.put("later.md", document(0, f"{s.at}/1.html"))
    run, asked = s.run()
    if [r["status"] for r in asked] != [304] or pictures(read(again)) != [(s.at + "/big.png", 640, 400, False)]:
        yield f"old: {asked}"


@test
def bad_answers(w, origin):
    """What is no picture is passed over; what hides its size is asked for twice; what has no ranges is cut off."""
    s = Site(w, origin)
    open(w.config, "a").write("limits: {slow: 256B, slow-for: 1s}\n")
    good = f"{s.at}/img/N.png"
    origin.page("127.0.0.2/noranges.png", png(500, 400) + bytes(8 << 20), {"ranges": False})
    cases = {"html": good, "json": good, "video": good, "huge": good, "data:image/png;base64,iVBORw0KGgo=": good, "/gone.png": good,
             "2gb": (1200, 630), "wrong-range": (1200, 630), "no-range": (1200, 630), "late-size": (1200, 630), "cut": (1200, 630),
             "bomb": (12000, 12000), "/noranges.png": (500, 400), "drip": None}
    # one that is too slow makes its host wait: it has one of its own
    slow = f"http://127.0.0.3:{origin.port}/_torture/image?kind=drip"
    docs = {kind: s.add([kind if kind != "drip" else slow, good.replace("N", str(n))], name=f"{n}.md") for n, kind in enumerate(cases)}
    run, asked = s.run("-v")
    for n, (kind, want) in enumerate(cases.items()):
        got = pictures(read(docs[kind]))
        want = want.replace("N", str(n)) if isinstance(want, str) else want
        if [(g[0] if isinstance(want, str) else g[1:3]) for g in got] != ([want] if want else []):
            yield f"{kind}: {got}, not {want}"
    sizes = dict(re.findall(r"(\S+): page \d+ \S+ \d+x\d+, (\d+) bytes", run.stderr))
    for name, most in (("/noranges.png", 400000), ("kind=2gb", 400000), ("kind=late-size", 180000), ("kind=bomb", 20000)):
        yield from (f"{name}: {n} bytes read" for url, n in sizes.items() if url.endswith(name) and int(n) > most)
    ranges = [r["headers"].get("range") for r in asked if r["target"].endswith("late-size")]
    if ranges[:1] != ["bytes=0-8191"] or len(ranges) > 3:
        yield ranges


@test
def hotlink(w, origin):
    """The article's address is told to those only who ask for it, and that is noted."""
    s = Site(w, origin)
    doc = s.add([f"/_torture/image?kind=hotlink&from={s.at}/1.html"])
    run, asked = s.run()
    if [r["headers"].get("referer") for r in asked] != [None, s.at + "/1.html"] or [p[1:3] for p in pictures(read(doc))] != [(1200, 630)]:
        yield f"{asked} {run.stderr}"
    if "only with a Referer" not in w.run("images").stdout:
        yield w.run("images").stdout


@test
def existing_picture(w, origin):
    """What a person chose gets its size, without the page being asked for; what is not there leaves all as it is."""
    s = Site(w, origin)
    text = document(0, f"{s.at}/none.html").decode().replace("published: false", 'excerpt: "Mine."\npublished: false')
    there = w.put("a.md", text.replace("\n---\n\nThe", f'\nimages:\n  - url: "{s.at}/img/mine.png"\n---\n\nThe').encode())
    gone = w.put("b.md", text.replace("\n---\n\nThe", f'\nimages:\n  - url: "{s.at}/gone.png"\n---\n\nThe').encode())
    before = read(gone)
    run = w.run("--once")
    if pictures(read(there)) != [(s.at + "/img/mine.png", 1200, 630, False)] or read(gone) != before or ".html" in str(origin.asked()):
        yield f"{run.stderr} {pictures(read(there))} {origin.asked()}"


@test
def copies(w, origin):
    """Whole, once, by content; the mark beside the original; an index; nothing to do the next time."""
    s = Site(w, origin)
    open(w.config, "a").write(CACHE.format(w.work))
    body = png(640, 400)
    origin.page("127.0.0.2/a.png", body)
    origin.page("127.0.0.2/b.png", body)
    docs = [s.add([u]) for u in ("/a.png", "/b.png", "cut", "svg&with=<script/>", "svg&with=<g/>", "2gb")]
    run, asked = s.run()
    name = hashlib.sha256(body).hexdigest()[:40] + ".png"
    want = [[(s.at + u, 640, 400, True)] for u in ("/a.png", "/b.png")]
    if [pictures(read(d)) for d in docs[:2]] != want or run.stderr:
        yield f"{[pictures(read(d)) for d in docs[:2]]} {run.stderr!r}"
    if [p[0][3] for p in map(pictures, map(read, docs[2:]))] != [False, False, True, False]:
        yield [pictures(read(d)) for d in docs[2:]]
    files = tree(w.work + "/cache")
    index = json.loads(files.pop("images.json"))
    if files.get(name) != body or len(files) != 2 or index[s.at + "/a.png"] != index[s.at + "/b.png"] or \
            index[s.at + "/a.png"] != {"file": name, "type": "image/png", "width": 640, "height": 400, "url": "/pictures/" + name}:
        yield f"{sorted(files)} {index}"
    if len([r for r in asked if r["target"] == "/a.png"]) != 1 or any(r["headers"].get("range") for r in asked if r["target"] == "/a.png"):
        yield asked
    after = tree(w.content)
    run, asked = s.run()
    if asked or run.stderr or tree(w.content) != after:
        yield f"again: {asked} {run.stderr!r}"
    verify = w.run("images", "verify")
    if verify.returncode or "2 copies are whole, 0 bad" not in verify.stdout:
        yield f"{verify}"
    path = f"{w.work}/cache/{name}"
    open(path, "r+b").write(b"x")
    if w.run("images", "verify").returncode != 1:
        yield "a damaged copy is whole"


@test
def local_copies(w, origin):
    s = Site(w, origin)
    open(w.config, "a").write(CACHE.format(w.work).replace("}", ", local: true}"))
    doc = s.add(["/img/a.png"])
    run, _ = s.run()
    name = hashlib.sha256(png(1200, 630)).hexdigest()[:40] + ".png"
    if pictures(read(doc)) != [(f"/pictures/{name}", 1200, 630, False)]:
        yield f"{pictures(read(doc))} {run.stderr}"
    os.utime(f"{w.work}/cache/{name}", (1, 1))
    state(w, "UPDATE image SET used_at = 1")
    if not os.path.exists(f"{w.work}/cache/{name}") or "0 copies removed" not in w.run("images", "prune").stdout:
        yield "a copy in use went"


@test
def marks_what_is_there(w, origin):
    """Where copies are kept, complete documents get theirs."""
    s = Site(w, origin)
    doc = s.add(["/img/a.png"])
    s.run()
    before = read(doc).decode()
    open(w.config, "a").write(CACHE.format(w.work))
    s.run()
    if read(doc).decode() != before.replace("    height: 630\n", "    height: 630\n    isCached: true\n"):
        yield read(doc).decode()


@test
def pruning(w, origin):
    """Unused and old goes, or for want of room; in use stays, and then no more is kept, which is said once."""
    s = Site(w, origin)
    open(w.config, "a").write(CACHE.format(w.work).replace("}", ", size: 1MiB}"))
    for n in range(6):
        origin.page(f"127.0.0.2/{n}.png", png(640, 400) + random.Random(n).randbytes(300000))
    docs = [s.add([f"/{n}.png"]) for n in range(6)]
    run, _ = s.run()
    kept = [n for n, d in enumerate(docs) if pictures(read(d))[0][3]]
    files = [f for f in tree(w.work + "/cache") if f.endswith(".png")]
    if len(kept) != 3 or len(files) != 3 or run.stderr.count("no more copies of images are kept") != 1 or "that documents refer to fill" not in run.stderr:
        yield f"kept {kept}, {len(files)} files: {run.stderr!r}"
    if any(len(pictures(read(d))) != 1 or pictures(read(d))[0][1] != 640 for d in docs):
        yield "without a copy there is no picture"
    os.unlink(docs[kept[0]])
    prune = w.run("images", "prune")
    if "0 copies removed" not in prune.stdout or "2 of them in use" not in prune.stdout:
        yield f"young: {prune.stdout} {prune.stderr}"
    run, _ = s.run("--force")
    more = [n for n, d in enumerate(docs) if os.path.exists(d) and pictures(read(d))[0][3]]
    if run.stderr.count("no more copies") > 1 or len(more) != 3:
        yield f"room was made for {more}: {run.stderr!r}"
    os.unlink(docs[more[0]])
    state(w, "UPDATE image SET used_at = 1, copied_at = 1")
    for f in os.listdir(w.work + "/cache"):
        os.utime(f"{w.work}/cache/{f}", (1, 1))
    dry, prune = w.run("images", "prune", "--dry-run"), w.run("images", "prune")
    if "would be: 1 copies removed" not in dry.stdout or "1 copies removed" not in prune.stdout or \
            len([f for f in tree(w.work + "/cache") if f.endswith(".png")]) != 2:
        yield f"old: {dry.stdout} {prune.stdout} {prune.stderr}"
    w.put("broken.md", b"---\nx: [\n" + f"see {s.at}/5.png".encode())
    if w.run("images", "prune").returncode:
        yield "a document that is not well formed keeps copies from being removed"


@test
def planted(w, origin):
    """What has a copy's name and is none is neither followed nor written to."""
    s = Site(w, origin)
    open(w.config, "a").write(CACHE.format(w.work))
    os.mkdir(w.work + "/cache")
    name = hashlib.sha256(png(1200, 630)).hexdigest()[:40] + ".png"
    target = w.work + "/target"
    open(target, "w").write("mine")
    os.symlink(target, f"{w.work}/cache/{name}")
    doc = s.add(["/img/a.png"])
    run, _ = s.run()
    if open(target).read() != "mine" or not os.path.islink(f"{w.work}/cache/{name}") or pictures(read(doc))[0][3]:
        yield f"{open(target).read()} {pictures(read(doc))} {run.stderr}"
    os.unlink(f"{w.work}/cache/{name}")
    os.rename(w.work + "/cache", w.work + "/elsewhere")
    os.symlink(w.work + "/elsewhere", w.work + "/cache")  # the operator's own choice
    s.run("--force")
    if not os.path.isfile(f"{w.work}/elsewhere/{name}") or [f for f in os.listdir(w.work + "/elsewhere") if f[0] == "."]:
        yield f"{os.listdir(w.work + '/elsewhere')}"


@test
def no_writing(w, origin):
    """A folder that is a file, may not be written to, or lies nowhere: said once, and documents are filled."""
    for how in ("file", "read-only", "nowhere"):
        inner = World(w.program, user=NOBODY)
        try:
            os.chmod(inner.work, 0o755)
            s, cache = Site(inner, origin), inner.work + "/cache"
            open(inner.config, "a").write(CACHE.format(inner.work + ("/no/where" if how == "nowhere" else "")))
            doc = s.add(["/img/a.png"])
            inner.own()
            if how == "file":
                open(cache, "w").close()
            elif how == "read-only":
                os.mkdir(cache, 0o555)
            run, _ = s.run()
            if [p[1:] for p in pictures(read(doc))] != [(1200, 630, False)] or run.stderr.count("\n") != 1 or "cache" not in run.stderr:
                yield f"{how}: {pictures(read(doc))} {run.stderr!r}"
        finally:
            inner.close()


@test
def full_disk(w, origin):
    """Copies that do not fit are not there at all; the rest of the run goes on; with room they come."""
    if os.geteuid() or os.environ.get("IMAGES_IN_NAMESPACE"):
        return
    run = subprocess.run(["unshare", "-m", sys.executable, __file__, w.program, "full_disk_inside"], env={**os.environ, "IMAGES_IN_NAMESPACE": "1"},
                         capture_output=True, text=True)
    if run.returncode:
        yield run.stdout + run.stderr


def full_disk_inside(w, origin):
    s, cache = Site(w, origin), w.work + "/cache"
    os.mkdir(cache)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", cache], check=True)
    try:
        open(w.config, "a").write(CACHE.format(w.work))
        for n in range(5):
            origin.page(f"127.0.0.2/{n}.png", png(640, 400) + os.urandom(200000))
        docs = [s.add([f"/{n}.png"]) for n in range(5)]
        run, _ = s.run()
        kept = [d for d in docs if pictures(read(d))[0][3]]
        if not 1 <= len(kept) <= 3 or any(pictures(read(d))[0][1] != 640 for d in docs) or run.stderr.count("no more copies") != 1:
            yield f"{len(kept)} kept: {run.stderr!r}"
        if w.run("images", "verify").returncode or [f for f in os.listdir(cache) if f[0] == "."]:
            yield f"{os.listdir(cache)}"
        subprocess.run(["mount", "-o", "remount,size=4m", cache], check=True)
        run, _ = s.run("--force")
        if not all(pictures(read(d))[0][3] for d in docs) or w.run("images", "verify").returncode:
            yield f"with room: {run.stderr!r}"
    finally:
        subprocess.run(["umount", "-l", cache])


@test
def killed(w, origin):
    """At any moment: every copy is whole, and the next runs end what was begun."""
    s, chance = Site(w, origin), random.Random(7)
    open(w.config, "a").write(CACHE.format(w.work))
    for n in range(40):
        origin.page(f"127.0.0.2/{n}.png", png(640, 400) + chance.randbytes(100000))
        s.add([f"/{n}.png"])
    for turn in range(8):
        p = w.start("--once")
        time.sleep(chance.uniform(0.02, 0.25))
        p.send_signal(signal.SIGKILL)
        p.communicate()
        for name, body in tree(w.work + "/cache").items() if os.path.exists(w.work + "/cache") else ():
            if name[0] != "." and name != "images.json" and hashlib.sha256(body).hexdigest()[:40] != name[:40]:
                yield f"turn {turn}: {name} is not whole"
    run, _ = s.run()
    marked = [pictures(t)[0][3] for t in tree(w.content).values()]
    verify = w.run("images", "verify")
    if run.returncode or marked != [True] * 40 or "40 copies are whole, 0 bad" not in verify.stdout:
        yield f"{run.stderr!r} {marked.count(True)} {verify.stdout}"
    if len(json.load(open(w.work + "/cache/images.json"))) != 40:
        yield "the index lacks some"


@test
def shared_card(w, origin):
    """A third of a site's pages show one card: none of them gets it; a real figure beside it is taken; by policy it is better than none."""
    count = 24
    for n in range(count):
        text = article(n).decode().replace(f"/img/{n}.jpg", "/img/card.jpg" if n % 3 == 0 else f"/img/own-{n}.jpg")
        if n % 6 == 0:
            text = text.replace("<p>Members", f'<figure><img src="/img/figure-{n}.jpg" width="800" height="500"></figure><p>Members')
        origin.page(f"127.0.0.2/{n}.html", text.encode())
        w.put(f"{n}.md", document(n, f"http://127.0.0.2:{origin.port}/{n}.html"))

    def got():
        return [re.sub(r".*/img/|\.jpg$", "", (pictures(read(f"{w.content}/{n}.md")) or [("-",)])[0][0]) for n in range(count)]
    w.run("--once")
    want = [f"figure-{n}" if n % 6 == 0 else "-" if n % 3 == 0 else f"own-{n}" for n in range(count)]
    if got() != want:
        yield f"{got()}"
    open(w.config, "a").write("shared-images: true\n")
    w.run("--once")
    if got() != [g if g != "-" else "card" for g in want]:
        yield f"by policy: {got()}"


if __name__ == "__main__":
    if sys.argv[2:] == ["full_disk_inside"]:  # in a mount namespace of its own
        test(full_disk_inside)
    run_tests(test, sys.argv[1], sys.argv[2:], seconds="IMAGES_TIMES" in os.environ)
