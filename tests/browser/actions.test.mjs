// SPDX-License-Identifier: MIT
// actions.test.mjs: refresh, undo and forget from the page: with the token they work, without it nothing does.
import assert from "node:assert/strict";
import * as http from "node:http";
import test, { after } from "node:test";
import { look, quit } from "./browser.mjs";
import { stop_all, token, until } from "./world.mjs";
import * as worlds from "./worlds.mjs";

after(quit);
after(stop_all);

test("actions: with the token refresh, undo and forget; without it, and from other sites, nothing", async () => {
	const world = await worlds.filled();
	const name = "news/tidal-turbine.md", at = `/document/${name}`;
	const filled = world.text(name);
	const send = async (label, secret) => {
		let answered;
		await look(world, async page => {
			await page.locator("input[name=token]").first().fill(secret);
			const answer = page.waitForResponse(r => r.request().method() === "POST");
			await page.getByRole("button", { name: label, exact: true }).first().click();
			answered = (await answer).status();
			await page.waitForLoadState();
			if (answered === 303)
				await page.locator("#said").waitFor();
		}, { at, allow: [/status of 403/] });
		return answered;
	};
	for (const label of ["Refresh now", "Undo", "Forget"])
		assert.equal(await send(label, "not-the-token-at-all"), 403, label);
	assert.equal(world.text(name), filled);
	assert.equal(await send("Refresh now", token), 303);
	assert.equal(world.text(name), filled);
	assert.equal(await send("Undo", token), 303);
	await until("it is taken back", () => world.text(name) !== filled);
	assert.ok(!world.text(name).includes("images"));
	assert.equal(await send("Forget", token), 303);
	// another site's form, with a token that leaked
	for (const headers of [{ Origin: "http://evil.example" }, { "Sec-Fetch-Site": "cross-site" }, { Host: "evil.example" }]) {
		const status = await new Promise((resolve, reject) => {
			const body = `kind=document&what=x&back=%2F&token=${token}`;
			const r = http.request({ host: "127.0.0.1", port: world.port, path: "/act/refresh", method: "POST",
				headers: { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": body.length, ...headers } },
			answer => resolve(answer.statusCode));
			r.on("error", reject);
			r.end(body);
		});
		assert.ok(status === 403 || status === 421 || status === 400, `${JSON.stringify(headers)}: ${status}`);
	}
	assert.equal((await fetch(`${world.url}/act/undo`)).status, 405, "by GET nothing");
	assert.equal(await world.stop(), 0);
});
