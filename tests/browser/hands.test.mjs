// SPDX-License-Identifier: MIT
// hands.test.mjs: what a person does: by keyboard alone, and while the page updates itself.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { accessible, look, quit, shoot } from "./browser.mjs";
import { article, stop_all, until } from "./world.mjs";
import * as worlds from "./worlds.mjs";

after(quit);
after(stop_all);

// Where the focus is, told from any other place.
const focused = page => page.evaluate(() => {
	const e = document.activeElement;
	if (!e || e === document.body)
		return null;
	const all = [...document.querySelectorAll("*")], box = e.getBoundingClientRect(), style = getComputedStyle(e);
	return { at: all.indexOf(e), name: `${e.localName} ${e.className} ${(e.textContent || e.id).trim().slice(0, 40)}`,
		seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
		marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none" };
});
const reachable = page => page.evaluate(() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary, [tabindex='0']")]
	.filter(e => e.checkVisibility?.() ?? e.getClientRects().length).map(e => [...document.querySelectorAll("*")].indexOf(e)));

async function walk(page) {
	const seen = [];
	for (let i = 0; i < 400; i++) {
		await page.keyboard.press("Tab");
		const now = await focused(page);
		if (!now || seen.some(s => s.at === now.at))
			break;
		assert.ok(now.seen, `focus is where it is seen: ${now.name}`);
		assert.ok(now.marked, `focus is marked: ${now.name}`);
		if (seen.length)
			assert.ok(now.at > seen.at(-1).at, `${now.name} comes after ${seen.at(-1).name}`);
		seen.push(now);
	}
	return seen;
}

test("by keyboard: skip link, order, every control, what unfolds, a search that goes on", async () => {
	const world = await worlds.filled();
	for (const at of ["/", "/documents", "/document/news/tidal-turbine.md", "/url?u=" + encodeURIComponent("http://post.example/tidal-turbine")])
		await look(world, async page => {
			const seen = await walk(page);
			assert.match(seen[0].name, /skip/i);
			assert.deepEqual((await reachable(page)).filter(n => !seen.some(s => s.at === n)), [], "all of them are reached");
		}, { at });
	await look(world, async page => {
		await page.keyboard.press("Tab");
		await page.keyboard.press("Enter");
		assert.equal(await page.evaluate(() => document.activeElement.id), "main");
		await page.keyboard.press("Tab");
		assert.ok(await page.evaluate(() => document.activeElement.closest("main")), "next is in the content");
		const summary = page.locator("summary").first();
		await summary.focus();
		await page.keyboard.press("Enter");
		assert.ok(await summary.evaluate(e => e.parentElement.open), "Enter unfolds");
		await page.keyboard.press("Space");
		assert.ok(!await summary.evaluate(e => e.parentElement.open), "Space folds");
	});
	// so many that no search is through within the time that an answer may take
	world.remember_many(120000);
	await look(world, async page => {
		await page.locator("#q").focus();
		await page.keyboard.type("zebra");
		await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
		assert.match(await page.locator("#so-far").innerText(), /None found yet\. Only a part of the documents.*up to many\/\d+\.md: there are more/);
		await accessible(page);
		await shoot(page, "search-so-far");
		for (let parts = 0; await page.locator("#so-far").count() && parts < 100; parts++) {
			await page.keyboard.press("Shift+Tab"); // to the last control of the page
			assert.equal(await page.evaluate(() => document.activeElement.textContent), "Search on from there");
			await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
		}
		assert.match(await page.locator("main").innerText(), /No more documents fit: this was the last part of them\.\s+From the first again/);
	}, { at: "/documents" });
	assert.equal(await world.stop(), 0);
});

test("live: what is new appears; focus, what was unfolded, scroll position and selection stay", async () => {
	const world = await worlds.filled();
	await look(world, async page => {
		await page.locator("#completed .card").first().waitFor();
		await page.evaluate(() => { globalThis.mark = document.activeElement; });
		const summary = page.locator("#completed summary").last();
		await summary.click();
		await summary.focus();
		const before = await page.evaluate(() => {
			globalThis.mark = document.activeElement;
			const range = document.createRange();
			range.selectNodeContents(document.querySelector("#completed h3 bdi"));
			getSelection().removeAllRanges();
			getSelection().addRange(range);
			return { y: scrollY, text: String(getSelection()), n: document.querySelector("h1").textContent };
		});
		const [was, host] = ["http://post.example/tidal-turbine", "post.example"];
		world.page(`${host}/new.html`, article({ title: "What came in meanwhile", description: "While the page was open a new document came in, and was completed before anybody had reloaded anything." }));
		world.document("news/new.md", worlds.document("What came in meanwhile", was.replace("tidal-turbine", "new")));
		await world.says("news/new.md", "excerpt");
		await page.locator("#completed .card", { hasText: "What came in meanwhile" }).waitFor();
		const now = await page.evaluate(() => ({ same: globalThis.mark === document.activeElement, there: globalThis.mark.isConnected,
			open: globalThis.mark.parentElement.open, text: String(getSelection()) }));
		assert.deepEqual(now, { same: true, there: true, open: true, text: before.text });
		assert.notEqual(await page.locator("h1").first().textContent(), before.n);
	});
	// told when the service is gone, and when it is back no more
	await look(world, async page => {
		await world.stop();
		await until("it is told", async () => /does not answer/.test(await page.locator("#live").textContent()), 40);
	}, { allow: [/ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_SOCKET/, /^failed: /] });
});
