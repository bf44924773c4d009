// SPDX-License-Identifier: MIT
// browser.mjs: Chromium for a test, in which nothing may go wrong unseen.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(path.join(process.env.NODE_FOLDER, "package.json"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const shots = process.env.SHOTS ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../build/browser");
export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
export const schemes = ["light", "dark"];

let browser;
export async function launch() {
	browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
	return browser;
}
export async function quit() {
	await browser?.close();
}

// Opens a page for what() and closes it. Afterwards: no dialog was opened, nothing went to the console or past the
// page's Content-Security-Policy, and no other server was asked for anything. `allow` are patterns of what may.
export async function look(world, what, { size = "desktop", scheme = "light", at = "/", script = true, allow = [] } = {}) {
	const context = await (await launch()).newContext({ viewport: sizes[size], colorScheme: scheme, locale: "en-GB",
		timezoneId: "UTC", reducedMotion: "reduce", javaScriptEnabled: script });
	const wrong = [];
	const tell = text => { if (!allow.some(a => a.test(text))) wrong.push(text); };
	const page = await context.newPage();
	page.setDefaultTimeout(30000);
	page.on("dialog", d => { tell(`dialog: ${d.message()}`); d.dismiss(); });
	page.on("console", m => tell(`console: ${m.type()}: ${m.text()}`));
	page.on("pageerror", e => tell(`error: ${e.message}`));
	page.on("popup", () => tell("a window was opened"));
	page.on("download", () => tell("a download began"));
	page.on("request", r => { if (new URL(r.url()).origin !== world.url) tell(`asked elsewhere: ${r.url()}`); });
	page.on("requestfailed", r => { if (!/ERR_ABORTED/.test(r.failure()?.errorText)) tell(`failed: ${r.url()}`); });
	if (script)
		await page.addInitScript(() => document.addEventListener("securitypolicyviolation",
			e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
	try {
		await page.goto(world.url + at);
		await what(page);
	} finally {
		await context.close();
	}
	assert.deepEqual(wrong, []);
}

// What axe-core finds against WCAG 2.2 A and AA, and its best practices.
export async function accessible(page) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
	assert.deepEqual(found.violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html.slice(0, 200)).slice(0, 3).join(" | ")}`), []);
}

// Nothing is wider than the window.
export async function fits(page) {
	const [wide, width, who] = await page.evaluate(() => {
		const room = document.documentElement.clientWidth;
		const out = [...document.querySelectorAll("body *")].filter(e => {
			const r = e.getBoundingClientRect();
			for (let p = e.parentElement; p; p = p.parentElement)
				if (getComputedStyle(p).overflowX !== "visible")
					return false;
			return r.width && r.right > room + 1;
		}).map(e => `${e.localName}.${e.className}`);
		return [document.documentElement.scrollWidth, room, out.slice(0, 5)];
	});
	assert.ok(wide <= width, `${wide} wide in ${width}: ${who}`);
}

export async function shoot(page, name) {
	fs.mkdirSync(shots, { recursive: true });
	await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
}
