// SPDX-License-Identifier: MIT
// pages.test.mjs: each state of the page in both sizes and colours: a picture of it, nothing wider than the window,
// nothing that axe-core finds; and what is there to be seen.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { accessible, fits, look, quit, schemes, shoot, sizes } from "./browser.mjs";
import { stop_all, until } from "./world.mjs";
import * as worlds from "./worlds.mjs";

after(quit);
after(stop_all);

async function every_way(world, name, at, ready = () => {}, allow = []) {
	for (const size of Object.keys(sizes))
		for (const scheme of schemes)
			await look(world, async page => {
				await ready(page);
				await shoot(page, `${name}-${size}-${scheme}`);
				await fits(page);
				await accessible(page);
			}, { size, scheme, at, allow });
}
const reads = (page, selector, pattern) => until(`${selector} reads ${pattern}`, async () => {
	const text = await page.locator(selector).first().textContent().catch(() => "");
	return pattern.test(text);
});

test("empty: says so, and what is to be done", async () => {
	const world = await worlds.empty();
	await every_way(world, "empty", "/", page => reads(page, "main", /0 documents/));
	await every_way(world, "empty-documents", "/documents");
	await every_way(world, "not-found", "/document/nowhere.md", () => {}, [/status of 404/]);
	await look(world, async page => {
		await reads(page, "h1", /Not found/);
		await accessible(page);
		await page.getByRole("main").getByRole("link", { name: "Documents" }).click();
		await page.waitForURL(/documents$/);
	}, { at: "/no/such/page", allow: [/status of 404/] });
	await look(world, async page => {
		assert.match(await page.title(), /ingestd/);
		assert.equal(await page.locator("main h1").count(), 1);
	});
	assert.equal(await world.stop(), 0);
});

test("busy: what is in flight, what waits and for what", async () => {
	const world = await worlds.busy();
	await until("all that can be asked is", async () => /site7/.test(await (await fetch(world.url)).text()));
	await every_way(world, "busy", "/", page => reads(page, "main", /slow\.example/));
	await look(world, async page => {
		await reads(page, "#flight", /wire\d\.slow\.example\/page-\d/);
		await reads(page, "#queue", /site\d\.example/);
		// the next time and its reason
		assert.match(await page.locator("#queue tbody tr").first().innerText(), /\bin \d+ (s|min)\b/);
		const why = await page.locator("#queue tbody tr .why").allTextContents();
		assert.ok(why.length >= 8 && why.every(t => /pause|next in line|under way|other hosts/.test(t)), why.join("; "));
		assert.equal(await page.locator("#completed .card").count(), 6);
	});
	assert.equal(await world.stop(), 0);
});

test("filled: what was completed, with before and after, source and score; a document's and a URL's own page", async () => {
	const world = await worlds.filled();
	await every_way(world, "filled", "/", page => reads(page, "#completed", /Tidal turbine/));
	await every_way(world, "documents", "/documents");
	await every_way(world, "document", "/document/news/tidal-turbine.md");
	await every_way(world, "url", "/url?u=" + encodeURIComponent("http://post.example/tidal-turbine"));
	await look(world, async page => {
		const card = page.locator("#completed .card", { hasText: "Tidal turbine" });
		await card.waitFor();
		assert.match(await card.innerText(), /has come through its first winter/);
		assert.ok(await card.locator("del").count(), "before");
		assert.ok(await card.locator("ins").count(), "after");
		assert.match(await card.locator(".source", { hasText: "og:image" }).first().innerText(), /og:image\s+\d+/);
		// no picture of a third party's: its size and host stand there
		assert.equal(await page.locator("img").count(), 0);
		assert.match(await card.locator(".pic").innerText(), /1,?200 × 630\s+post\.example/);
		await card.locator("h3 a").click();
		await page.waitForURL(/\/document\/news\/tidal-turbine\.md/);
		assert.match(await page.locator("main").innerText(), /What was written/i);
		await page.locator("a.url", { hasText: "post.example/tidal-turbine" }).first().click();
		await page.waitForURL(/\/url\?u=/);
		// every candidate, the ones that lost too
		assert.match(await page.locator("main").innerText(), /og:description[^]*og:title|og:title[^]*og:description/);
	});
	await look(world, async page => {
		await page.getByRole("searchbox").fill("hedgerows");
		await page.keyboard.press("Enter");
		await page.waitForURL(/\/documents\?q=hedgerows/);
		assert.equal(await page.locator("table.documents tbody tr").count(), 1);
		await page.getByRole("searchbox").fill("http://post.example/tidal-turbine");
		await page.keyboard.press("Enter");
		await page.waitForURL(/\/url\?u=/);
	});
	// all of it without a script
	await look(world, async page => {
		assert.equal(await page.locator("#completed .card").count(), 6);
		await page.locator("#completed .card h3 a").first().click();
		await page.waitForURL(/\/document\//);
	}, { script: false });
	assert.equal(await world.stop(), 0);
});

test("broken: what cannot be completed, and why; texts that mean harm are shown and do nothing", async () => {
	const world = await worlds.broken();
	const fails = () => fetch(world.url).then(r => r.text()).then(t => /challenge/.test(t) && /down\.example/.test(t));
	await until("what fails has failed", fails);
	await every_way(world, "broken", "/", page => reads(page, "main", /challenge/));
	await every_way(world, "broken-documents", "/documents");
	await look(world, async page => {
		const stuck = page.locator("#stuck");
		for (const [what, why] of [["wall", /challenge/], ["gone", /404/], ["login", /login/], ["thin", /thin/]])
			assert.match(await stuck.locator("li", { hasText: `A story behind ${what}` }).first().innerText(), why);
		assert.match(await page.locator("#stuck").innerText(), /'title' appears twice/);
		await reads(page, "#hosts", /reset\.example/);
		await reads(page, "#queue", /down\.example/);
		await reads(page, "#feeds", /feeds\.example/);
		await page.locator("#stuck a", { hasText: "A story behind wall" }).first().click();
		await page.waitForURL(/wall\.md/);
		assert.match(await page.locator("main").innerText(), /cf-mitigated/);
	});
	for (const [i, [name]] of worlds.hostile.entries()) {
		const at = "/document/" + encodeURIComponent(name);
		await look(world, async page => {
			const shown = await page.locator("main").innerText();
			assert.match(shown, /<script>alert\('page'\)<\/script>/, "markup stands there as text");
			// what turns or hides text is shown by its number
			assert.match(shown, /U\+202E/);
			assert.doesNotMatch(await page.content(), /[\u202a-\u202e\u2066-\u2069\u200e\u200f]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/);
			assert.equal(await page.locator("main script, main svg[onload], main img, [onclick], [onmouseover], [onerror]").count(), 0);
			await fits(page);
			await page.mouse.move(300, 300);
		}, { at, size: "phone" });
		await look(world, page => accessible(page), { at });
		await look(world, async page => {
			assert.match(await page.locator("main").innerText(), /<b>Site<\/b>/);
			assert.equal(await page.locator("main script, main b:text('Site'), main img, [onclick], [onerror]").count(), 0);
			await fits(page);
		}, { at: "/url?u=" + encodeURIComponent(`http://hostile.example/${i}`), size: "phone" });
	}
	await look(world, async page => {
		assert.match(await page.locator("main").innerText(), /javascript:alert\('url'\)/);
		assert.equal(await page.locator("a[href^='javascript' i]").count(), 0);
	}, { at: "/document/script-url.md" });
	for (const at of ["/documents?q=%3Cscript%3Ealert(1)%3C/script%3E", "/url?u=javascript:alert(1)", "/?said=%3Cimg%20src=x%20onerror=alert(1)%3E",
		"/documents?q=%22%20onfocus=alert(1)%20autofocus%20x=%22", "/document/%3Cscript%3Ealert(1)%3C/script%3E"])
		await look(world, page => page.locator("main").innerText(), { at, allow: [/status of 404/] });
	assert.equal(await world.stop(), 0);
});
