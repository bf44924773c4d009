/* SPDX-License-Identifier: MIT */
#include "fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <uthash.h>

#include "base/hash.h"
#include "base/url.h"
#include "document/attach.h"
#include "document/create.h"
#include "document/diff.h"
#include "document/read.h"
#include "document/replace.h"
#include "feed/identity.h"
#include "feed/score.h"
#include "pass_inner.h"

enum { WORDS_MIN = 80 }; /* bytes of letters that an excerpt needs to tell one article from another */

/* Names that new documents of this pass have been given: two of them may want the same one before either is
 * there. A name stays given. */
struct name {
	UT_hash_handle hh;
	uint64_t owner; /* the draft's number */
	char path[];    /* "ROOT//PATH" */
};

struct fresh_names {
	uv_mutex_t lock;
	struct name *table;
};

struct fresh_names *fresh_names_new(void)
{
	struct fresh_names *n = calloc(1, sizeof(*n));

	if (n)
		uv_mutex_init(&n->lock);
	return n;
}

struct fresh_names *fresh_names_free(struct fresh_names *n)
{
	struct name *name, *next;

	if (!n)
		return NULL;
	HASH_ITER(hh, n->table, name, next)
	{
		HASH_DEL(n->table, name);
		free(name);
	}
	uv_mutex_destroy(&n->lock);
	free(n);
	return NULL;
}

/* False: another draft has it. Out of memory counts as given: creating fails where it is taken. place: the
 * root's path, or the kind of another name. */
static bool claim(struct fresh_names *n, const struct task *t, const char *place, struct span path)
{
	size_t len = strlen(place) + 2 + path.len;
	struct name *mine = calloc(1, sizeof(*mine) + len + 1), *other;

	if (!mine)
		return true;
	mine->owner = (uint64_t)t->fresh->id;
	(void)snprintf(mine->path, len + 1, "%s//", place);
	memcpy(mine->path + len - path.len, path.ptr, path.len); /* may have NULs */
	uv_mutex_lock(&n->lock);
	HASH_FIND(hh, n->table, mine->path, len, other);
	if (!other)
		HASH_ADD_KEYPTR(hh, n->table, mine->path, len, mine);
	else
		free(mine);
	uv_mutex_unlock(&n->lock);
	return !other || other->owner == (uint64_t)t->fresh->id;
}

/* ---- its text ---- */

enum err fresh_look(struct task *t)
{
	enum err r;

	strbuf_truncate(&t->old_text, 0);
	r = strbuf_add_span(&t->old_text, t->fresh->draft.text);
	return r ? err_set(&t->error, r, "%s", err_text(r)) : ERR_OK;
}

static bool in_patch(const struct patch *p, enum field f)
{
	for (size_t i = 0; i < p->change_count; i++)
		if (p->changes[i].change.related < 0 && p->changes[i].change.field == f)
			return true;
	return false;
}

/* The feed's picture, measured as a page's is. False: not, or not yet. */
static bool feed_image(struct task *t, const struct merge_options *options, struct image *ret)
{
	const struct draft *d = &t->fresh->draft;

	*ret = (struct image){.url = d->fallback[FIELD_IMAGE], .width = d->width, .height = d->height};
	if (!ret->url.len || t->patch->image_want_count || t->patch->images_later)
		return false; /* the article's comes first */
	return !options->measure || merge_measure_image(options, t->patch, &t->arena, d->source, ret);
}

enum err fresh_fill(struct task *t, const struct document *doc, const struct merge_options *options)
{
	const struct draft *d = &t->fresh->draft;
	const struct link *article = doc->link_count ? &doc->links[0] : NULL;
	struct merge_change *changes;
	struct image *image = ARENA_NEW(&t->arena, struct image);

	if (!article || article->related >= 0)
		return ERR_OK;
	changes = ARENA_NEW_ARRAY(&t->arena, struct merge_change, t->patch->change_count + FIELD_LINK_COUNT);
	if (!changes || !image)
		return err_set(&t->error, ERR_NOMEM, "out of memory");
	if (t->patch->change_count)
		memcpy(changes, t->patch->changes, t->patch->change_count * sizeof(*changes));
	t->patch->changes = changes;
	for (enum field f = 0; f < FIELD_LINK_COUNT; f++) {
		const struct field_state *state = &article->fields[f];

		if (!d->fallback[f].len || state->presence == FIELD_PRESENT || !state->editable ||
		    in_patch(t->patch, f))
			continue;
		if (f == FIELD_IMAGE && !feed_image(t, options, image))
			continue;
		changes[t->patch->change_count++] = (struct merge_change){
			.change = {.kind = CHANGE_SET,
				   .related = -1,
				   .field = f,
				   .value = d->fallback[f],
				   .images = f == FIELD_IMAGE ? image : NULL,
				   .image_count = f == FIELD_IMAGE},
			.source = SPAN("feed"),
			.from = d->source,
		};
		t->patch->unfilled -= t->patch->unfilled > 0;
		if (!t->patch->unfilled || doc->link_count == 1)
			t->patch->missing &= t->patch->unfilled ? ~(1u << f) : 0;
	}
	return ERR_OK;
}

/* ---- its name ---- */

enum there { THERE_NOTHING, THERE_OURS, THERE_OTHER };

/* As it was written then; where it has a score, up to that. */
static bool is_ours(struct span text, const struct draft *d)
{
	struct span mine = span_sub(d->text, 0, d->text.len - 4);
	char mark[DRAFT_MARK];

	if (d->mark) {
		draft_mark(d->mark, false, mark);
		for (size_t i = 0; i + strlen(mark) <= mine.len; i++)
			if (memcmp(mine.ptr + i, mark, strlen(mark) - 1) == 0) /* both differ in the last */
				mine.len = i;
	}
	return span_starts(text, mine);
}

/* What has that name: a document of the same article is this one, written before somebody killed us. Without
 * a link the text tells. */
static enum there look_there(struct task *t, const char *path)
{
	CLEANUP(strbuf_release) struct strbuf text = STRBUF_INIT(DOCUMENT_MAX);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	const struct draft *d = &t->fresh->draft;
	struct document *doc, *mine;
	uint64_t key;
	enum err r;

	if (faccessat(t->root->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || errno == ENOTDIR ? THERE_NOTHING : THERE_OTHER;
	r = document_read(t->root->fd, path, &text, NULL, NULL);
	if (!r)
		r = document_parse(strbuf_span(&text), t->shape, &arena, &doc, NULL);
	if (r)
		return THERE_OTHER;
	if (!d->url.len) {
		if (document_parse(d->text, t->shape, &arena, &mine, NULL))
			return THERE_OTHER;
		return is_ours(strbuf_span(&text), d) ? THERE_OURS : THERE_OTHER;
	}
	key = identity_link_key(d->url, &arena);
	if (!doc->link_count || doc->links[0].related >= 0 || !key)
		return THERE_OTHER;
	return identity_link_key(doc->links[0].url, &arena) == key ? THERE_OURS : THERE_OTHER;
}

enum err fresh_name(struct task *t)
{
	const struct draft *d = &t->fresh->draft;

	for (unsigned copy = 1; copy <= FILE_COPIES; copy++) {
		CLEANUP(strbuf_release) struct strbuf path = STRBUF_INIT(FILE_NAME_BYTES + 4096);
		enum err r = strbuf_add_span(&path, d->folder);
		enum there there;
		char *own;

		if (!r && d->folder.len)
			r = strbuf_add_byte(&path, '/');
		if (!r)
			r = file_pattern_expand(d->pattern, &d->name, copy, &path);
		if (r)
			return err_set(&t->error, r, "no name for it: %s", err_text(r));
		if (!claim(t->pass->names, t, t->root->path, strbuf_span(&path)))
			continue;
		there = look_there(t, strbuf_cstr(&path));
		if (there == THERE_OTHER)
			continue;
		own = strdup(strbuf_cstr(&path));
		if (!own)
			return err_set(&t->error, ERR_NOMEM, "out of memory");
		free(t->path);
		t->path = own;
		t->fresh->existed = there == THERE_OURS;
		return ERR_OK;
	}
	return err_set(&t->error, ERR_CHANGED, "%d documents have that name already", FILE_COPIES);
}

/* The text is all ours, lines of keys and quoted values: a blank line goes before each block that lacks one.
 */
static enum err space_blocks(const struct strbuf *from, struct strbuf *to)
{
	static const char *const blocks[] = {"provider:", "topics:", "images:", "related:"};
	struct span rest = strbuf_span(from), line, before = SPAN("---");
	enum err r = ERR_OK;

	while (!r && (line = span_split(&rest, '\n')).ptr) {
		bool block = false;

		for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
			block |= span_eq_str(line, blocks[i]);
		if (block && before.len && !span_eq(before, SPAN("---")))
			r = strbuf_add_byte(to, '\n');
		if (!r && (line.len || rest.ptr))
			r = strbuf_add_span(to, line);
		if (!r && rest.ptr)
			r = strbuf_add_byte(to, '\n');
		before = line;
	}
	return r;
}

/* Of a text that is long enough to be nobody's by chance; letters and digits alone. */
static uint64_t words_key(struct span text)
{
	char buf[1024];
	size_t n = 0;

	for (size_t i = 0; i < text.len && n < sizeof(buf); i++)
		if (byte_is_alnum(text.ptr[i]) || (unsigned char)text.ptr[i] >= 0x80)
			buf[n++] = byte_lower(text.ptr[i]);
	return n < WORDS_MIN ? 0 : hash64(span_of(buf, n));
}

static bool claim_key(const struct task *t, const char *kind, uint64_t key)
{
	return claim(t->pass->names, t, kind, span_of((const char *)&key, sizeof(key)));
}

/* What it is known by, as the whole text says; where a page was read, its address when that is another. */
static enum err find_likeness(struct task *t, struct span text)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	struct fresh *f = t->fresh;
	struct document *doc;
	struct span url = SPAN_NONE;
	enum err r = document_parse(text, t->shape, &arena, &doc, &t->error);

	f->like = (struct store_likeness){0, 0};
	if (r || !doc->link_count || doc->links[0].related >= 0)
		return r;
	if (t->known_count && t->known[0].page.ptr && t->known[0].final_url.len)
		url = t->known[0].final_url;
	if (doc->links[0].fields[FIELD_WEBURL].value.len)
		url = doc->links[0].fields[FIELD_WEBURL].value;
	if (url.len)
		f->like.canonical = identity_link_key(url, &arena);
	f->like.words = words_key(doc->links[0].fields[FIELD_EXCERPT].value);
	if (f->draft.attach)
		f->rival = (f->like.canonical && !claim_key(t, "address", f->like.canonical)) ||
			   (f->like.words && !claim_key(t, "words", f->like.words));
	return ERR_OK;
}

static enum err attach_to(struct task *t, struct span mine, struct strbuf *old, struct strbuf *new,
			  bool *there)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	const struct fresh *f = t->fresh;
	struct document *doc, *own;
	enum err r = document_read(f->similar_root->fd, f->similar, old, NULL, &t->error);

	if (!r)
		r = document_parse(strbuf_span(old), t->shape, &arena, &doc, &t->error);
	if (!r)
		r = document_parse(mine, t->shape, &arena, &own, &t->error);
	if (r)
		return r;
	if (!own->link_count || own->links[0].related >= 0 || doc->opted_out)
		return err_set(&t->error, ERR_UNSUPPORTED, "there is nothing to attach");
	const struct link *l = &own->links[0];
	const struct attachment entry = {
		.title = l->fields[FIELD_TITLE].value,
		.excerpt = l->fields[FIELD_EXCERPT].value,
		.date = l->fields[FIELD_DATE].value,
		.url = l->url,
		.type = l->fields[FIELD_TYPE].value,
		.provider = l->fields[FIELD_PROVIDER_NAME].value,
		.domain = l->fields[FIELD_PROVIDER_DOMAIN].value,
	};

	return document_attach(doc, t->shape, strbuf_span(old), &entry, there, new, &t->error);
}

void fresh_attach(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);
	CLEANUP(strbuf_release)
	struct strbuf old = STRBUF_INIT(DOCUMENT_MAX), new = STRBUF_INIT(DOCUMENT_MAX);
	const struct replace_options options = {.foreign = t->options->config->foreign_documents};
	struct span mine = strbuf_span(t->new_text.len ? &t->new_text : &t->old_text);
	bool there = false;

	t->result = attach_to(t, mine, &old, &new, &there);
	if (!t->result && !there)
		t->result = replace_document(t->fresh->similar_root->fd, t->fresh->similar, strbuf_span(&old),
					     strbuf_span(&new), &options, NULL, NULL, &t->error);
}

enum err fresh_space(struct task *t)
{
	CLEANUP(strbuf_release) struct strbuf spaced = STRBUF_INIT(DOCUMENT_MAX);
	enum err r;

	if (!t->fresh->draft.spaced)
		return ERR_OK;
	r = space_blocks(t->new_text.len ? &t->new_text : &t->old_text, &spaced);
	strbuf_truncate(&t->new_text, 0);
	if (!r)
		r = strbuf_add_span(&t->new_text, strbuf_span(&spaced));
	return r ? err_set(&t->error, r, "%s", err_text(r)) : ERR_OK;
}

static enum err score(struct task *t)
{
	CLEANUP(strbuf_release) struct strbuf whole = STRBUF_INIT(DOCUMENT_MAX);
	enum err r = score_fill(&t->fresh->draft, strbuf_span(t->new_text.len ? &t->new_text : &t->old_text),
				t->shape, t->now, &whole, &t->error);

	strbuf_truncate(&t->new_text, 0);
	if (!r)
		r = strbuf_add_span(&t->new_text, strbuf_span(&whole));
	return r ? err_set(&t->error, r, "no score for it: %s", err_text(r)) : ERR_OK;
}

enum err fresh_finish(struct task *t)
{
	enum err r = t->patch->change_count ? ERR_OK : fresh_space(t);

	if (!r && t->fresh->draft.mark)
		r = score(t);
	if (r)
		return r;
	struct span text = strbuf_span(t->new_text.len ? &t->new_text : &t->old_text);

	r = find_likeness(t, text);
	if (r)
		return r;
	strbuf_truncate(&t->diff, 0);
	if (!t->options->want_diff || t->fresh->existed)
		return ERR_OK;
	return diff_unified(span_str(t->path), SPAN_NONE, text, t->options->colour, &t->diff);
}

void fresh_write(struct task *t)
{
	struct span text = strbuf_span(t->new_text.len ? &t->new_text : &t->old_text);

	t->result = create_document(t->root->fd, t->path, text, &t->key, &t->error);
	if (!t->result)
		t->content = hash128(text);
}

/* ---- on the loop ---- */

bool fresh_waits(const struct task *t, int64_t *retry_at)
{
	bool waits = t->lost || t->fresh->rival;

	*retry_at = 0;
	for (size_t i = 0; i < t->url_count; i++) {
		waits |= t->urls[i]->deferred;
		*retry_at = MAX(*retry_at, t->urls[i]->deferred ? t->urls[i]->expires_at : 0);
	}
	return waits && t->fresh->deadline > t->now;
}

void fresh_end(struct task *t, enum fresh_end end, int64_t retry_at)
{
	struct fresh *f = t->fresh;

	if (f->ended)
		return;
	f->ended = true;
	t->fresh = NULL;
	free(f->similar);
	f->similar = NULL;
	f->done(f, end, t->path, retry_at);
}

/* ---- coming in ---- */

enum err pass_add_fresh(struct pass *p, struct fresh *f)
{
	CLEANUP(strbuf_release) struct strbuf path = STRBUF_INIT(FILE_NAME_BYTES + 4096);
	static const struct file_key none = {.ino = 0};
	struct task *t;
	enum err r = p->stopped ? ERR_CANCELLED : strbuf_add_span(&path, f->draft.folder);

	/* the name it would like; MERGING settles it */
	if (!r && f->draft.folder.len)
		r = strbuf_add_byte(&path, '/');
	if (!r)
		r = file_pattern_expand(f->draft.pattern, &f->draft.name, 1, &path);
	if (r)
		return r;
	t = task_new(p, &p->task_options, f->root, strbuf_span(&path), &none);
	if (!t)
		return ERR_NOMEM;
	t->fresh = f;
	f->ended = f->existed = f->rival = false;
	f->similar = NULL;
	pass_take(p, t, PASS_CHANGED);
	pass_advance(p);
	return ERR_OK;
}

void pass_hold(struct pass *p)
{
	p->holds++;
}

void pass_release(struct pass *p)
{
	assert(p->holds);
	p->holds--;
	pass_advance(p);
}
