/* SPDX-License-Identifier: MIT */
/* feeds_there.c - which articles the content folders have already: asked when a feed is read for the first
 * time.
 *
 * An entry whose article is there does not become a second document. And where nothing at all is known of
 * feeds though their articles are there, the state was lost: then nothing that a feed has now is new. */
#include "base/file_key.h"
#include "document/document.h"
#include "document/read.h"
#include "document/scan.h"
#include "feeds_inner.h"

enum { THERE_MAX = 4 * 1024 * 1024 };

struct walk {
	struct there *there;
	const struct feeds *feeds;
	const struct root *root;
};

static bool add(struct there *t, uint64_t key)
{
	if (t->count == t->room) {
		size_t room = MAX(2 * t->room, (size_t)1024);
		uint64_t *more = realloc(t->keys, room * sizeof(*more));

		if (!more)
			return false;
		t->keys = more;
		t->room = room;
	}
	t->keys[t->count++] = key;
	return true;
}

static bool on_entry(void *arg, const struct scan_entry *entry)
{
	struct walk *w = arg;
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(DOCUMENT_MAX);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct document *doc;
	uint64_t key;

	if (entry->kind != SCAN_DOCUMENT || w->there->count >= THERE_MAX)
		return true;
	if (document_read(w->root->fd, entry->path.ptr, &text, NULL, NULL) ||
	    document_parse(strbuf_span(&text), w->feeds->o.shape, &arena, &doc, NULL))
		return true;
	if (!doc->link_count || doc->links[0].related >= 0)
		return true;
	key = identity_link_key(doc->links[0].url, &arena);
	return !key || add(w->there, key);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void build(struct feeds *f)
{
	const struct config *config = f->o.config;
	const struct scan_options options = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.all = !config->exclude_usual,
	};

	for (size_t i = 0; i < f->o.roots->count; i++) {
		struct walk w = {&f->there, f, &f->o.roots->at[i]};
		struct error e;

		/* what cannot be read is not there */
		if (w.root->whole && !w.root->gone && scan_folder(w.root->fd, &options, on_entry, &w, &e))
			continue;
	}
	if (f->there.count)
		qsort(f->there.keys, f->there.count, sizeof(uint64_t), by_number);
	f->there.built = true;
}

bool there_has(struct feeds *f, uint64_t link)
{
	bool found;

	uv_mutex_lock(&f->there.lock);
	if (!f->there.built)
		build(f);
	found = link && f->there.count &&
		bsearch(&link, f->there.keys, f->there.count, sizeof(uint64_t), by_number);
	uv_mutex_unlock(&f->there.lock);
	return found;
}

void there_forget(struct there *t)
{
	free(t->keys);
	t->keys = NULL;
	t->count = t->room = 0;
	t->built = false;
}
