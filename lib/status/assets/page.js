// SPDX-License-Identifier: MIT
// Keeps the sections of a page up to date: fetches the page again and changes, in those that differ, only what
// differs. Focus, scroll position, selected text and what was unfolded stay.
"use strict";
(() => {
	const QUICK = 2500, CALM = 10000, RETRY = 5000;
	const live = document.getElementById("live");
	let timer = 0, asking = null, failed = false;

	const key = node => node.nodeType === 1 && node.id ? node.id : null;

	function attributes(from, to) {
		for (const { name } of [...from.attributes])
			if (!to.hasAttribute(name) && !(name === "open" && from.localName === "details"))
				from.removeAttribute(name);
		for (const { name, value } of to.attributes)
			if (from.getAttribute(name) !== value && !(name === "open" && from.localName === "details"))
				from.setAttribute(name, value);
	}

	function alike(a, b) {
		return a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);
	}

	// Makes `from` what `to` is, node by node.
	function morph(from, to) {
		if (from.nodeType !== 1) {
			if (from.nodeValue !== to.nodeValue)
				from.nodeValue = to.nodeValue;
			return;
		}
		if (from.isEqualNode(to))
			return;
		attributes(from, to);
		const named = new Map();
		for (const child of from.children)
			if (child.id)
				named.set(child.id, child);
		let at = from.firstChild;
		for (const want of [...to.childNodes]) {
			const known = key(want) && named.get(want.id);
			if (known && known !== at && alike(known, want)) {
				from.insertBefore(known, at);
				morph(known, want);
			} else if (at && alike(at, want)) {
				const next = at.nextSibling;
				morph(at, want);
				at = next;
			} else {
				from.insertBefore(document.importNode(want, true), at);
			}
		}
		while (at) {
			const next = at.nextSibling;
			at.remove();
			at = next;
		}
	}

	function take(text) {
		const page = new DOMParser().parseFromString(text, "text/html");
		for (const section of document.querySelectorAll("[data-live]")) {
			const now = page.getElementById(section.id);
			if (now)
				morph(section, now);
		}
		for (const now of page.querySelectorAll("[data-live]"))
			if (!document.getElementById(now.id)) {
				const before = now.previousElementSibling && document.getElementById(now.previousElementSibling.id);
				if (before)
					before.after(document.importNode(now, true));
			}
		const asof = page.getElementById("asof");
		if (asof)
			document.getElementById("asof").textContent = asof.textContent;
	}

	function tell(ok) {
		if (ok !== failed)
			return;
		failed = !ok;
		live.textContent = ok ? "" : "The service does not answer; this page shows what it was.";
		live.className = ok ? "" : "stale";
	}

	async function update() {
		clearTimeout(timer);
		if (document.hidden)
			return;
		asking = new AbortController();
		const patience = setTimeout(() => asking.abort(), 15000);
		try {
			const answer = await fetch(location.href, { signal: asking.signal, cache: "no-store", credentials: "same-origin" });
			if (answer.ok)
				take(await answer.text());
			tell(answer.ok);
		} catch {
			tell(false);
		}
		clearTimeout(patience);
		const busy = document.querySelector(".dot.work, #flight .lines");
		timer = setTimeout(update, failed ? RETRY : busy ? QUICK : CALM);
	}

	if (!document.querySelector("[data-live]") || !live)
		return;
	document.addEventListener("visibilitychange", () => {
		if (!document.hidden)
			update();
	});
	// the result of an action is shown once
	if (document.getElementById("said")) {
		const here = new URL(location.href);
		here.searchParams.delete("said");
		history.replaceState(null, "", here);
	}
	timer = setTimeout(update, QUICK);
})();
