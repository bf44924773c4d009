/* SPDX-License-Identifier: MIT */
/* uses: status */
/* Input: target, Host, Origin, Sec-Fetch-Site and Authorization, each ended by a line feed, then a form. */
#include "status/request.h"

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const struct form *f)
{
	assert(f->count <= REQUEST_PAIRS_MAX);
	for (size_t i = 0; i < f->count; i++) {
		struct span name = span_str(f->at[i].name), value = span_str(f->at[i].value);

		assert(name.ptr && value.ptr);
		assert(text_utf8_valid(name) == name.len && text_utf8_valid(value) == value.len);
		assert(form_get(f, f->at[i].name) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(REQUEST_ARENA_MAX);
	struct span rest = span_of((const char *)data, MIN(size, (size_t)REQUEST_FORM_MAX));
	struct span target = span_split(&rest, '\n'), host = span_split(&rest, '\n'),
		    origin = span_split(&rest, '\n'), site = span_split(&rest, '\n'),
		    authorization = span_split(&rest, '\n');
	struct form query, form;
	const char *path;

	if (!request_target(target, &arena, &path, &query)) {
		assert(*path == '/' && strlen(path) <= target.len);
		check_form(&query);
	}
	if (!form_parse(rest, &arena, &form))
		check_form(&form);
	/* letters of a name: what is our own is digits, dots, a port, brackets or one word */
	if (request_host_is_own(host))
		assert(span_find(host, SPAN("example")) < 0 && span_find_byte(host, '@') < 0);
	if (origin.ptr && !site.ptr && request_is_same_site(site, origin, host))
		assert(host.len && span_ends_nocase(origin, host));
	if (request_token_is(request_bearer(authorization), SPAN("0123456789abcdef")))
		assert(span_find(authorization, SPAN("0123456789abcdef")) > 0);
	arena_release(&arena);
	return 0;
}
