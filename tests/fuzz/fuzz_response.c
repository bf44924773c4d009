/* SPDX-License-Identifier: MIT */
/* uses: http */
/* Input: two bytes of status, then Location, Retry-After, Content-Type and body, each ended by a line feed.
 */
#include "base/hash.h"
#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct guard g = {0};
	struct url url;
	struct response_decision d;
	struct span rest;

	if (size < 2 || url_parse(SPAN("https://a.example/x/y?z"), NULL, &arena, &url, NULL)) {
		arena_release(&arena);
		return 0;
	}
	rest = span_of((const char *)data + 2, size - 2);
	uint64_t seen = hash64(url_key(&url));
	struct response r = {.status = (unsigned)(data[0] << 8 | data[1]) % 1000};
	struct response_context c = {.guard = &g,
				     .url = &url,
				     .wanted = url.href,
				     .seen = &seen,
				     .seen_count = 1,
				     .now = 1700000000};

	r.location = span_split(&rest, '\n');
	r.retry_after = span_split(&rest, '\n');
	r.content_type = span_split(&rest, '\n');
	r.body = rest;
	if (response_decide(&r, &c, &arena, &d) == ERR_OK) {
		assert(d.retry_at <= c.now + (int64_t)400 * 86400);
		assert(d.site_free_at == 0 || d.site_free_at > c.now);
		if (d.action == RESPONSE_REDIRECT)
			assert(guard_url(&g, &d.to, NULL) == ERR_OK && span_eq_str(d.to.scheme, "https"));
		else if (d.action == RESPONSE_GIVE_UP)
			assert(d.text[0] && d.retry_at > c.now);
		for (const char *p = d.text; *p; p++)
			assert(*p >= 0x20 && *p < 0x7f);
	}
	arena_release(&arena);
	return 0;
}
