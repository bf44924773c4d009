// SPDX-License-Identifier: MIT
// worlds.mjs: the states that the page is looked at in.
import { article, World } from "./world.mjs";

const news = [
	["tidal-turbine", "Tidal turbine passes first winter in Skarvik strait", "The tidal turbine in the Skarvik strait has come through its first winter without a day lost to storms, its owners say, and has sent ashore a tenth more power than they had hoped for."],
	["night-ferry", "Night ferry to the outer islands is back after six years", "From May the night ferry sails again three times a week, with cabins for eighty and room for forty cars; the county pays for the empty berths of the first two winters."],
	["hedgerow-count", "Volunteers count 412 kinds of plants in old hedgerows", "Over two springs 60 volunteers walked the hedgerows between Almby and the lake and found 412 kinds of plants, nine of which nobody had seen there for a century."],
	["station-cafe", "The station café opens its doors again", "Closed since the fire of 2023, the café at the old station opens on Saturday, with the same counter, a new roof and the recipe for its apple cake found behind the wall."],
	["soil-map", "A map of every field's soil, drawn by the farmers themselves", "Eleven hundred samples, taken by the farmers and read by the school's chemistry class, make the first map of the valley's soil that shows each field by itself."],
	["bridge-night", "Old railway bridge is moved in one night", "It took nine hours, four cranes and the whole fire brigade to lift the old railway bridge off its piers and lay it down beside the museum, 300 metres away."],
];
const excerpt_cut = text => text.slice(0, 70).replace(/ \S*$/, "");

export const document = (title, url, more = "") => `---\ntitle: ${quoted(title)}\n${more}publishedDateTime: 2026-03-02T07:15:00Z\noriginalUrl: ${JSON.stringify(url)}\n---\nText of a person.\n`;
// as YAML has it: what JSON leaves as it is, and YAML does not allow
const quoted = text => JSON.stringify(text).replace(/[\u007f-\u009f]/g, c => `\\x${c.charCodeAt(0).toString(16)}`);
const related = url => `related:\n- originalUrl: ${JSON.stringify(url)}\n`;
const host = i => ["post.example", "islands.example", "valley.example"][i % 3];

export const hostile = [
	["script.md", "</title><script>alert('title')</script>"],
	["attribute.md", "\"'><img src=x onerror=alert(1)> x=\" onmouseover=\"alert(2)"],
	["bidi.md", "safe \u202Egnp.exe\u202C \u2066inner\u2069 \u200Fafter"],
	["control.md", "bell \u0007 escape \u001b[31mred\u001b[0m delete \u007f c1 \u009b2J"],
	["long.md", "Donaudampfschifffahrtsgesellschaftskapitänswitwe".repeat(12)],
	["marks.md", "e" + "\u0301".repeat(200) + " stacked marks"],
	["<b onclick=alert(3)>&amp;'.md", "A name that is markup"],
];
const hostile_text = "<script>alert('page')</script><svg onload=alert('svg')> \u202Edesrever\u202C " +
	"and a sentence that goes on for long enough to be taken as the excerpt of this page, which it is not \u0007.";

// Nothing is known.
export const empty = () => World.start({});

// All is done: documents with before and after, pictures, scores.
export async function filled(config = "") {
	const pages = {}, documents = {};
	for (const [i, [name, title, text]] of news.entries()) {
		pages[`${host(i)}/${name}.html`] = article({ title, description: text, image: `http://${host(i)}/img/${name}.jpg` });
		documents[`news/${name}.md`] = document(title, `http://${host(i)}/${name}`,
			i % 2 ? "" : `excerpt: ${JSON.stringify(excerpt_cut(text))}\n` + related(`http://${host(i + 1)}/${news[(i + 1) % 6][0]}`));
	}
	documents["news/left-alone.md"] = "---\ntitle: Left alone\ningestd: false\noriginalUrl: http://post.example/tidal-turbine\n---\n";
	const world = await World.start({ pages, documents, config: "pace: {gap: 0s, connections: 4}\n" + config });
	for (const [name] of news)
		await world.says(`news/${name}.md`, "excerpt");
	return world;
}

// In the middle of its work: slow sites in flight, others waiting for their pause, some done.
export async function busy() {
	const pages = {}, documents = {};
	for (const [i, [name, title, text]] of news.entries()) {
		pages[`paper${i}.quick.example/${name}.html`] = article({ title, description: text, image: `http://paper${i}.quick.example/img/${name}.jpg` });
		documents[`done/${name}.md`] = document(title, `http://paper${i}.quick.example/${name}`);
	}
	for (let i = 0; i < 48; i++) {
		const at = i < 6 ? `wire${i}.slow.example/page-${i}` : `site${i % 8}.example/page-${i}`;
		pages[`${at}.html`] = { body: article({ title: `Page ${i}`, description: `What page ${i} is about, in a sentence that is long enough for an excerpt of it. `.repeat(2) }),
			meta: i < 6 ? { delay: 600 } : undefined };
		documents[`later/page-${i}.md`] = document(`Page ${i}`, `http://${at}`);
	}
	const world = await World.start({ pages, documents, config: "pace: {gap: 20s}\ntimeout: 10m\n" +
		"hosts: {\"*.quick.example\": {pace: {gap: 0s}}, \"*.slow.example\": {pace: {gap: 0s}}}\n" });
	for (const [name] of news)
		await world.says(`done/${name}.md`, "excerpt");
	return world;
}

// Whatever can go wrong with sites and documents, and texts that mean harm.
export async function broken() {
	const pages = {
		"wall.example/story.html": { body: "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing wall.example</h1><p>Enable JavaScript and cookies to continue</p><form id=challenge-form></form></body></html>", meta: { status: 403, headers: { "cf-mitigated": "challenge", Server: "cloudflare" } } },
		"gone.example/story.html": { body: "<h1>Not found</h1>", meta: { status: 404 } },
		"down.example/story.html": { body: "<h1>Service unavailable</h1>", meta: { status: 503, headers: { "Retry-After": "3600" } } },
		"login.example/story.html": "<html><head><title>Log in</title></head><body><form method=post action=/login><input name=user><input type=password name=password><button>Log in</button></form></body></html>",
		"thin.example/story.html": "<html><head><title>Home</title></head><body></body></html>",
		"feeds.example/feed.xml": { body: "no feed at all", meta: { status: 500 } },
	};
	const documents = {
		"unclosed.md": "---\ntitle: \"never closed\noriginalUrl: http://gone.example/story\n---\n",
		"twice.md": "---\ntitle: One\ntitle: Two\noriginalUrl: http://gone.example/story\n---\n",
		"script-url.md": document("A link that is a script", "javascript:alert('url')"),
		"odd-url.md": document("A link with markup in it", "http://gone.example/\"><script>alert('path')</script>"),
	};
	for (const name of ["wall", "gone", "down", "login", "thin"])
		documents[`${name}.md`] = document(`A story behind ${name}`, `http://${name}.example/story`);
	for (let i = 0; i < 6; i++)
		documents[`reset-${i}.md`] = document(`A story that breaks off ${i}`, `http://reset.example/_torture/reset?${i}`);
	for (const [i, [name, title]] of hostile.entries()) {
		documents[name] = document(title, `http://hostile.example/${i}`);
		pages[`hostile.example/${i}.html`] = article({ title: hostile[i][1], description: hostile_text, image: i < 2 ? "http://hostile.example/img/\"onerror=alert(4) x=.jpg" : `http://hostile.example/img/${i}.jpg`, site: "<b>Site</b>\u202E" });
	}
	const world = await World.start({ pages, documents,
		config: "pace: {gap: 0s, connections: 4}\nfeeds: [http://feeds.example/feed.xml]\nnew-documents: {folder: @CONTENT@/new}\n" });
	await world.says("script.md", "excerpt");
	return world;
}
