/* SPDX-License-Identifier: MIT */
/* uses: status */
/* Input: a stranger's text, which stands in every place of a page, of the terminal's text and of the JSON. */
#include "status/html.h"
#include "status/view_text.h"

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 4 << 20 };

/* Bytes in pages that mean something, beside those that are ours alone. */
static void count_marks(struct span html, size_t *marks)
{
	for (size_t i = 0; i < html.len; i++) {
		unsigned char c = (unsigned char)html.ptr[i];

		*marks += c == '<' || c == '>' || c == '"';
		assert(c >= 0x20 || c == '\n' || c == '\t' || c == '\r');
		assert(c != 0x7f);
	}
	assert(text_utf8_valid(html) == html.len);
}

static void overview(struct span s, struct strbuf *out)
{
	struct view_change change = {
		.row = {.id = 1, .related = -1, .field = FIELD_TITLE, .source = s, .from = s},
		.before = s,
		.after = s};
	struct view_card card = {
		.root = s, .path = s, .title = s, .excerpt = s, .changes = &change, .change_count = 1};
	struct view_stuck stuck = {
		.document = {s, {.path = s}, {.state = STORE_STATE_OPEN, .title = s, .reason = s}},
		.evidence = &s,
		.evidence_count = 1};
	struct view_host host = {.host = s, .why = s};
	struct store_poll feed = {.url = s, .title = s, .reason = s};
	struct view v = {.now = 1700000000,
			 .cards = &card,
			 .card_count = 1,
			 .stuck = &stuck,
			 .stuck_count = 1,
			 .hosts = &host,
			 .host_count = 1,
			 .feeds = &feed,
			 .feed_count = 1};
	const struct html_page page = {
		.now = 1700000000, .may_act = true, .images = "none", .said = s, .here = s};
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(OUT_MAX), json = STRBUF_INIT(OUT_MAX);

	if (html_overview(&page, &v, out))
		return;
	if (view_as_text(&v, &text))
		return;
	for (size_t i = 0; i < text.len; i++)
		assert((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n');
	assert(text_utf8_valid(strbuf_span(&text)) == text.len);
	if (view_as_json(&v, &json))
		return;
	assert(span_find_byte(strbuf_span(&json), '\n') == (ptrdiff_t)json.len - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of((const char *)data, MIN(size, (size_t)10000));
	CLEANUP(strbuf_release)
	struct strbuf html = STRBUF_INIT(OUT_MAX), attribute = STRBUF_INIT(OUT_MAX),
		      query = STRBUF_INIT(OUT_MAX);
	struct out a = {&attribute, ERR_OK}, q = {&query, ERR_OK};
	size_t marks = 0;

	html_attribute(&a, s);
	if (!a.failed)
		count_marks(strbuf_span(&attribute), &marks);
	assert(!marks && span_find_byte(strbuf_span(&attribute), '\'') < 0);
	html_query(&q, s);
	for (size_t i = 0; i < query.len; i++)
		assert(byte_is_alnum(query.ptr[i]) || strchr("-._~/%", query.ptr[i]));
	overview(s, &html);
	count_marks(strbuf_span(&html), &marks);
	return 0;
}
