/* SPDX-License-Identifier: MIT */
/* Which copies are in use is for the documents to say, not for the state: every word of every document that
 * looks like a URL or like a copy's name counts, front matter or body, well formed or not. What cannot be
 * read could refer to anything: then nothing is removed. */
#include "images_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/url.h"
#include "document/document.h"
#include "document/read.h"
#include "document/scan.h"

enum { MEMORY_MAX = 256 << 20, SCRATCH_MAX = 1 << 20, WORD_MAX = 8192 };

/* Hashes of URLs and names that documents have. */
struct set {
	uint64_t *slots; /* 0: free */
	size_t count, room;
};

struct held {
	struct span file;
	uint64_t bytes;
	int64_t used_at; /* when it was last seen to be in use, or was made */
	bool in_use, removed;
};

struct prune {
	struct job job;
	struct images *images;
	prune_fn *done;
	void *arg;
	uint64_t target;
	bool only_count;
	int64_t oldest; /* copies that were not used since then go in any case */
	struct arena arena;
	struct store_image *rows; /* ordered by URL */
	size_t row_count;
	struct held *held;
	size_t held_count, held_room;
	char **roots;
	size_t root_count;
	struct set words;
	/* in the walk */
	int root;
	struct strbuf text;
	struct arena scratch;
	struct prune_result result;
};

/* ---- the set ---- */

static bool set_grow(struct set *s)
{
	struct set bigger = {calloc(MAX(2 * s->room, 1024), sizeof(uint64_t)), s->count,
			     MAX(2 * s->room, 1024)};

	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < s->room; i++)
		if (s->slots[i]) {
			size_t at = s->slots[i] & (bigger.room - 1);

			while (bigger.slots[at])
				at = (at + 1) & (bigger.room - 1);
			bigger.slots[at] = s->slots[i];
		}
	free(s->slots);
	*s = bigger;
	return true;
}

static bool set_has(const struct set *s, uint64_t hash)
{
	for (size_t at = hash & (s->room - 1); s->room && s->slots[at]; at = (at + 1) & (s->room - 1))
		if (s->slots[at] == hash)
			return true;
	return false;
}

static bool set_add(struct set *s, uint64_t hash)
{
	size_t at;

	if (set_has(s, hash))
		return true;
	if (2 * s->count >= s->room && !set_grow(s))
		return false;
	for (at = hash & (s->room - 1); s->slots[at];)
		at = (at + 1) & (s->room - 1);
	s->slots[at] = hash;
	s->count++;
	return true;
}

static uint64_t hash_of(struct span s)
{
	return hash64(s) | 1; /* never 0 */
}

/* ---- what documents refer to ---- */

static bool ends_word(char c)
{
	return (unsigned char)c <= 0x20 || strchr("\"'<>`|^{}\\", c);
}

static bool add_url(struct prune *p, struct span word)
{
	struct url url;

	arena_reset(&p->scratch);
	if (url_parse(word, NULL, &p->scratch, &url, NULL))
		return true;
	return set_add(&p->words, hash_of(url_key(&url)));
}

/* As it stands, and without what a sentence, a link or a list may have put behind it. */
static bool add_word(struct prune *p, struct span word)
{
	if (!add_url(p, word))
		return false;
	while (word.len && strchr(").,;]!?*_", word.ptr[word.len - 1])) {
		word.len--;
		if (!add_url(p, word))
			return false;
	}
	return true;
}

static bool add_names(struct prune *p, struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		size_t n = i;

		while (n < word.len &&
		       (byte_is_digit(word.ptr[n]) || (word.ptr[n] >= 'a' && word.ptr[n] <= 'f')))
			n++;
		if (n - i == 40) {
			size_t end = n + 1;

			while (end < word.len && byte_is_alnum(word.ptr[end]))
				end++;
			if (image_copy_is_name(span_sub(word, i, end)) &&
			    !set_add(&p->words, hash_of(span_sub(word, i, end))))
				return false;
		}
		i = n;
	}
	return true;
}

static bool add_text(struct prune *p, struct span text)
{
	for (size_t i = 0, n; i < text.len; i = n + 1) {
		struct span word;
		ptrdiff_t at;

		for (n = i; n < text.len && !ends_word(text.ptr[n]);)
			n++;
		word = span_sub(text, i, MIN(n, i + WORD_MAX));
		if (word.len < 8)
			continue;
		at = span_find_nocase(word, SPAN("http"));
		if (at >= 0 && !add_word(p, span_sub(word, (size_t)at, word.len)))
			return false;
		if (word.len > 40 && !add_names(p, word))
			return false;
	}
	return true;
}

static bool on_document(void *arg, const struct scan_entry *entry)
{
	struct prune *p = arg;
	enum err r;

	if (entry->kind == SCAN_LEFTOVER)
		return true;
	if (entry->kind == SCAN_COMPLAINT) {
		p->result.result = entry->error->code;
		p->result.error = *entry->error;
		return false;
	}
	strbuf_truncate(&p->text, 0);
	r = document_read(p->root, entry->path.ptr, &p->text, NULL, &p->result.error);
	if (r == ERR_NOTFOUND)
		return true;
	if (!r && !add_text(p, strbuf_span(&p->text)))
		r = err_set(&p->result.error, ERR_NOMEM, "out of memory");
	p->result.result = r;
	return !r;
}

static void walk(struct prune *p, const char *path)
{
	const struct config *config = p->images->o.config;
	const struct scan_options options = {.include = (const char *const *)config->include,
					     .exclude = (const char *const *)config->exclude,
					     .all = !config->exclude_usual};
	struct error why;
	enum err r;

	p->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->root < 0) {
		p->result.result = err_set_errno(&p->result.error, errno, "'%s'", path);
		return;
	}
	r = scan_folder(p->root, &options, on_document, p, &why);
	if (r && !p->result.result) {
		p->result.result = r;
		p->result.error = why;
	}
	(void)close(p->root);
}

/* ---- what is there ---- */

static bool on_copy(void *arg, const char *name, uint64_t bytes, int64_t mtime)
{
	struct prune *p = arg;

	if (p->held_count == p->held_room) {
		size_t room = MAX(2 * p->held_room, 1024);
		struct held *held = realloc(p->held, room * sizeof(*held));

		if (!held)
			return false;
		p->held = held;
		p->held_room = room;
	}
	p->held[p->held_count++] =
		(struct held){.file = arena_dup(&p->arena, span_str(name)), .bytes = bytes, .used_at = mtime};
	return p->held[p->held_count - 1].file.ptr != NULL;
}

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct held *)a)->file, ((const struct held *)b)->file);
}

static int by_use(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return x->used_at != y->used_at ? (x->used_at < y->used_at ? -1 : 1) : by_name(a, b);
}

static void mark(struct prune *p)
{
	qsort(p->held, p->held_count, sizeof(*p->held), by_name);
	for (size_t i = 0; i < p->held_count; i++)
		p->held[i].in_use = set_has(&p->words, hash_of(p->held[i].file));
	for (size_t i = 0; i < p->row_count; i++) {
		const struct held key = {.file = p->rows[i].file};
		struct held *h = bsearch(&key, p->held, p->held_count, sizeof(*p->held), by_name);

		if (!h)
			continue;
		h->used_at = MAX(h->used_at, p->rows[i].used_at);
		h->in_use |= set_has(&p->words, hash_of(p->rows[i].url));
	}
}

static void remove_copies(struct prune *p)
{
	struct prune_result *r = &p->result;

	for (size_t i = 0; i < p->held_count; i++) {
		r->kept_bytes += p->held[i].bytes;
		r->in_use += p->held[i].in_use;
	}
	r->kept = p->held_count;
	qsort(p->held, p->held_count, sizeof(*p->held), by_use);
	for (size_t i = 0; i < p->held_count && !r->result; i++) {
		struct held *h = &p->held[i];

		if (h->in_use || (h->used_at >= p->oldest && r->kept_bytes <= p->target))
			continue;
		r->result =
			p->only_count ? ERR_OK : image_cache_remove(p->images->cache, h->file.ptr, &r->error);
		if (r->result == ERR_NOTFOUND)
			r->result = ERR_OK;
		if (r->result)
			break;
		h->removed = !p->only_count;
		r->kept--;
		r->kept_bytes -= h->bytes;
		r->removed++;
		r->removed_bytes += h->bytes;
	}
}

static void prune_run(struct job *job)
{
	struct prune *p = CONTAINER_OF(job, struct prune, job);
	struct error why;

	for (size_t i = 0; i < p->root_count && !p->result.result; i++)
		walk(p, p->roots[i]);
	if (!p->result.result) {
		p->result.result = image_cache_list(p->images->cache, on_copy, p, &why);
		if (p->result.result)
			p->result.error = why;
	}
	if (p->result.result)
		return;
	mark(p);
	remove_copies(p);
}

/* ---- on the loop ---- */

static void prune_free(struct prune *p)
{
	for (size_t i = 0; i < p->root_count; i++)
		free(p->roots[i]);
	free(p->roots);
	free(p->held);
	free(p->words.slots);
	strbuf_release(&p->text);
	arena_release(&p->arena);
	arena_release(&p->scratch);
	free(p);
}

static void prune_done(struct job *job)
{
	struct prune *p = CONTAINER_OF(job, struct prune, job);
	struct images *im = p->images;
	int64_t now = im->o.now();
	enum err r = ERR_OK;

	for (size_t i = 0; i < p->held_count && !r; i++) {
		if (p->held[i].removed)
			r = store_forget_copy(im->o.store, p->held[i].file);
		else if (p->held[i].in_use)
			r = store_use_copy(im->o.store, p->held[i].file, now);
	}
	p->done(p->arg, &p->result);
	prune_free(p);
}

static void fail(struct prune *p, enum err code)
{
	p->result.result = err_set(&p->result.error, code, "%s", err_text(code));
	p->done(p->arg, &p->result);
	prune_free(p);
}

static bool add_root(struct prune *p, const char *path)
{
	char **roots;

	for (size_t i = 0; i < p->root_count; i++)
		if (strcmp(p->roots[i], path) == 0)
			return true;
	roots = realloc(p->roots, (p->root_count + 1) * sizeof(*roots));
	if (!roots)
		return false;
	p->roots = roots;
	roots[p->root_count] = strdup(path);
	return roots[p->root_count] && ++p->root_count;
}

static void roots_known(void *arg, const struct span *roots, size_t count)
{
	struct prune *p = arg;
	struct images *im = p->images;
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++) {
		char *path = strndup(roots[i].ptr, roots[i].len);

		/* one that is gone has no documents any more */
		ok = path && (access(path, F_OK) != 0 || add_root(p, path));
		free(path);
	}
	if (!ok)
		fail(p, ERR_NOMEM);
	else
		lane_submit(&im->prune_lane, &p->job, prune_run, prune_done);
}

static void rows_known(void *arg, const struct store_image *rows, size_t count)
{
	struct prune *p = arg;

	p->rows = ARENA_NEW_ARRAY(&p->arena, struct store_image, count + 1);
	for (size_t i = 0; i < count && p->rows; i++)
		p->rows[p->row_count++] = (struct store_image){.url = arena_dup(&p->arena, rows[i].url),
							       .file = arena_dup(&p->arena, rows[i].file),
							       .used_at = rows[i].used_at};
	if (arena_failed(&p->arena))
		fail(p, arena_failed(&p->arena));
	else if (store_get_roots(p->images->o.store, roots_known, p))
		fail(p, ERR_NOMEM);
}

enum err prune_start(struct images *im, uint64_t target, bool only_count, prune_fn *done, void *arg)
{
	struct prune *p = calloc(1, sizeof(*p));
	bool ok = p != NULL;
	enum err r;

	if (!ok)
		return ERR_NOMEM;
	p->images = im;
	p->done = done;
	p->arg = arg;
	p->target = target;
	p->only_count = only_count;
	p->oldest = im->o.now() - (int64_t)im->o.config->image_cache_days * 24 * 3600;
	p->arena = ARENA_INIT(MEMORY_MAX);
	p->scratch = ARENA_INIT(SCRATCH_MAX);
	p->text = STRBUF_INIT(DOCUMENT_MAX);
	for (char **at = im->o.config->content; ok && at && *at; at++)
		ok = add_root(p, *at);
	for (size_t i = 0; ok && im->o.roots && i < im->o.roots->count; i++)
		ok = add_root(p, im->o.roots->at[i].path);
	/* documents that are worked on now may be about to refer to these */
	for (const struct image_entry *x = im->table; ok && x; x = x->hh.next)
		ok = !x->state.file[0] || set_add(&p->words, hash_of(span_str(x->state.file)));
	r = ok ? store_list_images(im->o.store, true, rows_known, p) : ERR_NOMEM;
	if (r)
		prune_free(p);
	return r;
}
