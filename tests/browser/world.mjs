// SPDX-License-Identifier: MIT
// world.mjs: a site to read, documents, and the real service over them, each in a temporary folder; hosts of any
// name, since the service asks through tests/e2e/origin.py as its proxy.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import * as readline from "node:readline";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
export const program = path.resolve(process.env.INGESTD ?? path.join(here, "../../build/release/daemon/ingestd"));
export const token = "a-token-of-the-browser-tests";
export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// Waits for what may take a while: 30 s, on a busy machine.
export async function until(what, test, seconds = 30) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const value = await test();
		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`not within ${seconds} s: ${what}`);
		await pause(100);
	}
}

async function free_port() {
	const server = net.createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address();
	server.close();
	await once(server, "close");
	return port;
}

const escape = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);

// A page that says what it is about.
export function article({ title, description, image, site = "The Skarvik Post", text }) {
	const body = text ?? `${description} `.repeat(8);
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta property="og:type" content="article"><meta property="og:title" content="${escape(title)}">
<meta property="og:site_name" content="${escape(site)}">
<meta property="og:description" content="${escape(description)}">
${image ? `<meta property="og:image" content="${escape(image)}">
<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">` : ""}
<meta property="article:published_time" content="2026-03-02T07:15:00Z"></head>
<body><article><h1>${escape(title)}</h1><p>${escape(body)}</p></article></body></html>`;
}

const running = new Set();
// What a failed test has left.
export async function stop_all() {
	for (const world of running)
		await world.stop().catch(() => {});
}

export class World {
	static async start({ pages = {}, documents = {}, config = "" }) {
		const w = new World();
		running.add(w);
		w.folder = fs.mkdtempSync(path.join(os.tmpdir(), "ingestd-browser-"));
		w.content = path.join(w.folder, "site");
		for (const name of ["site", "origin", "home"])
			fs.mkdirSync(path.join(w.folder, name));
		w.origin = spawn("python3", [path.join(here, "../e2e/origin.py"), "--root", path.join(w.folder, "origin")],
			{ stdio: ["pipe", "pipe", "inherit"] });
		const [hello] = await once(readline.createInterface(w.origin.stdout), "line");
		w.origin_port = JSON.parse(hello).port;
		for (const [name, page] of Object.entries(pages))
			w.page(name, page.body ?? page, page.meta);
		for (const [name, text] of Object.entries(documents))
			w.document(name, text);
		w.port = await free_port();
		w.url = `http://127.0.0.1:${w.port}`;
		fs.writeFileSync(path.join(w.folder, "token"), token + "\n", { mode: 0o600 });
		fs.writeFileSync(path.join(w.folder, "ingestd.yaml"), `content: [${w.content}]
state: ${path.join(w.folder, "state")}
proxy: http://127.0.0.1:${w.origin_port}
allow-networks: [127.0.0.0/8]
status: {listen: "127.0.0.1:${w.port}", token: ${path.join(w.folder, "token")}}
${config.replaceAll("@CONTENT@", w.content)}`);
		w.log = "";
		w.service = spawn(program, ["serve", "--config", path.join(w.folder, "ingestd.yaml")],
			{ env: { PATH: process.env.PATH, HOME: path.join(w.folder, "home"), TZ: "UTC" }, stdio: ["ignore", "pipe", "pipe"] });
		for (const stream of [w.service.stdout, w.service.stderr])
			stream.on("data", bytes => { w.log += bytes; });
		await until(`the service answers`, async () => {
			if (w.service.exitCode !== null)
				throw new Error(`the service ended: ${w.log}`);
			return fetch(w.url, { signal: AbortSignal.timeout(5000) }).then(r => r.ok, () => false);
		});
		return w;
	}

	page(name, body, meta) {
		const file = path.join(this.folder, "origin", name);
		fs.mkdirSync(path.dirname(file), { recursive: true });
		fs.writeFileSync(file, body);
		if (meta)
			fs.writeFileSync(file + ".meta", JSON.stringify(meta));
	}

	document(name, text) {
		const file = path.join(this.content, name);
		fs.mkdirSync(path.dirname(file), { recursive: true });
		fs.writeFileSync(file + ".new", text);
		fs.renameSync(file + ".new", file);
	}

	// Rows of the state as of so many documents more.
	remember_many(n) {
		execFileSync("python3", ["-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
columns = [c[1] for c in db.execute("PRAGMA table_info(document)")]
values = {"path": "printf('many/%06d.md', i)", "title": "'One of many'"}
db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) INSERT INTO document (" + ", ".join(columns) +
           ") SELECT " + ", ".join(values.get(c, "d." + c) for c in columns) + " FROM n, (SELECT * FROM document LIMIT 1) d", (int(sys.argv[2]),))
db.commit()
`, path.join(this.folder, "state/cache.db"), String(n)]);
	}

	text(name) {
		return fs.readFileSync(path.join(this.content, name), "utf8");
	}

	// Waits until the document says that.
	says(name, text) {
		return until(`${name} says ${text}\n${this.log}`, () => this.text(name).includes(text));
	}

	// The service's exit status.
	async stop() {
		running.delete(this);
		if (this.service.exitCode === null) {
			this.service.kill("SIGTERM");
			await once(this.service, "exit");
		}
		this.origin.stdin.end();
		await once(this.origin, "exit");
		fs.rmSync(this.folder, { recursive: true });
		return this.service.exitCode;
	}
}
