/* SPDX-License-Identifier: MIT */
/* uses: feed */
#include "base/text.h"
#include "extract/extract.h"
#include "feed/feed_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span s)
{
	assert(!s.ptr || (s.len && text_utf8_valid(s) == s.len));
}

static void check_all(const struct span *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(list[i]);
}

/* Whatever is in the feed: texts are valid UTF-8 and never empty, lists keep their ceilings, places exist. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(256 << 20);
	CLEANUP(strbuf_release) struct strbuf out = STRBUF_INIT(1 << 30);
	const struct feed_input in = {.body = span_of((const char *)data, size),
				      .base = SPAN("https://feed.example/dir/feed.xml"),
				      .text_only = size % 3 == 0};
	struct feed *f;
	struct error e;

	if (!ready)
		extract_init();
	ready = true;
	if (feed_parse(&in, &arena, &f, &e)) {
		assert(e.code == ERR_SYNTAX && e.text[0]);
		return 0;
	}
	const struct span texts[] = {f->title,    f->description, f->link,         f->id,
				     f->language, f->generator,   f->self,         f->hub,
				     f->next,     f->author,      f->prev_archive, f->new_url};
	check_all(texts, ARRAY_SIZE(texts));
	check_all(f->tags, f->tag_count);
	check_all(f->authors, f->author_count);
	assert(f->entry_count <= FEED_ENTRY_MAX && f->warning_count <= FEED_WARNING_MAX);
	assert(f->warning_count <= f->trouble_count);
	for (size_t i = 0; i < f->warning_count; i++)
		assert(f->warnings[i].line && f->warnings[i].col && f->warnings[i].text);
	for (size_t i = 0; i < f->entry_count; i++) {
		const struct feed_entry *entry = &f->entries[i];
		const struct span all[] = {entry->title,    entry->link,     entry->id,
					   entry->summary,  entry->content,  entry->html,
					   entry->language, entry->comments, entry->source_title,
					   entry->image.url};

		check_all(all, ARRAY_SIZE(all));
		check_all(entry->tags, entry->tag_count);
		check_all(entry->authors, entry->author_count);
		assert(entry->id.len <= FEED_ID_MAX);
		assert(MAX(entry->tag_count, entry->enclosure_count) <= FEED_LIST_MAX);
		for (size_t k = 0; k < entry->enclosure_count; k++)
			check(entry->enclosures[k].url);
	}
	assert(!feed_to_json(f, SPAN_NONE, size % 2, &out, NULL, NULL));
	assert(text_utf8_valid(strbuf_span(&out)) == out.len);
	return 0;
}
