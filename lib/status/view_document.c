/* SPDX-License-Identifier: MIT */
#include "status/view_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/url.h"
#include "document/read.h"

enum { WRITTEN_ROWS = 1000 };

static bool is_folder(const struct view_options *o, struct span root)
{
	for (size_t i = 0; i < o->folder_count; i++)
		if (span_eq(o->folders[i], root))
			return true;
	return false;
}

/* Relative, and nowhere up: what document_read() refuses as well, but then by a look at the disk. */
static bool is_plain_path(struct span path)
{
	struct span rest = path, step;

	if (!path.len || path.ptr[0] == '/' || span_find_byte(path, 0) >= 0)
		return false;
	while (rest.len && (step = span_split(&rest, '/')).ptr)
		if (!step.len || span_eq(step, SPAN(".")) || span_eq(step, SPAN("..")))
			return false;
	return true;
}

enum err view_text_read(const struct view_options *o, struct span root, struct span path, struct arena *a,
			struct view_text *ret, struct error *e)
{
	const char *folder = arena_strdup(a, root), *name = arena_strdup(a, path);
	enum err r;
	int fd;

	ret->doc = NULL;
	if (!folder || !name)
		return err_set(e, ERR_NOMEM, "out of memory");
	if (!is_folder(o, root) || !is_plain_path(path))
		return err_set(e, ERR_NOTFOUND, "there is no such document");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, errno, "cannot open '%s'", folder);
	r = document_read(fd, name, &ret->bytes, NULL, e);
	(void)close(fd);
	if (!r)
		r = document_parse(strbuf_span(&ret->bytes), o->shape, a, &ret->doc, e);
	return r;
}

/* ---- links ---- */

static void take_field(const struct field_state *from, struct arena *a, struct view_field *ret)
{
	ret->value = from->presence == FIELD_PRESENT ? view_plain(from->value, VALUE_MAX, a) : SPAN_NONE;
	ret->line = from->line;
}

static void take_links(const struct document *doc, struct arena *a, struct view_document *d)
{
	size_t n = MIN(doc->link_count, (size_t)VIEW_LINKS);

	d->links = ARENA_NEW_ARRAY(a, struct view_link, n + 1);
	d->opted_out = doc->opted_out;
	d->links_more = doc->link_count - n;
	for (size_t i = 0; i < n && d->links; i++) {
		const struct link *link = &doc->links[i];
		struct view_link *to = &d->links[d->link_count++];

		to->related = link->related;
		to->line = link->line;
		to->url = view_plain(link->url, URL_MAX, a);
		to->key = view_url_key(link->url, a);
		for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
			take_field(&link->fields[f], a, &to->fields[f]);
	}
}

static void take_head(struct look *l, const struct document *doc, struct arena *a, struct view_document *d)
{
	const struct link *first = doc->link_count ? &doc->links[0] : NULL;

	if (!first || first->related >= 0)
		return;
	if (first->fields[FIELD_TITLE].value.len)
		d->title = view_plain(first->fields[FIELD_TITLE].value, VALUE_MAX, a);
	d->excerpt = view_plain(first->fields[FIELD_EXCERPT].value, 2 * VALUE_MAX, a);
	if (first->image_count)
		view_image_of(l, &first->images[0], a, &d->image);
}

/* ---- gaps, and what their URLs answered ---- */

static bool has_url(const struct view_document *d, struct span url)
{
	for (size_t i = 0; i < d->url_count; i++)
		if (span_eq(d->urls[i].url, url))
			return true;
	return false;
}

static enum err take_plan(struct look *l, const struct view_options *o, const struct plan *plan,
			  struct arena *a, struct view_document *d, struct error *e)
{
	enum err r = ERR_OK;

	for (size_t i = 0; i < plan->want_count && !r; i++) {
		const struct want *want = &plan->wants[i];

		if (want->link >= d->link_count)
			continue;
		for (enum field f = 0; f < FIELD_LINK_COUNT; f++)
			d->links[want->link].fields[f].gap = want->gaps[f];
		if (!want->url.ptr || d->url_count == VIEW_LINKS || has_url(d, want->url))
			continue;
		r = explain_url(l, o->config, o->now, want->url, a, &d->urls[d->url_count++], e);
	}
	/* complete: where its values are from all the same */
	if (!r && !d->url_count && d->link_count && d->links[0].key.ptr)
		r = explain_url(l, o->config, o->now, d->links[0].key, a, &d->urls[d->url_count++], e);
	return r;
}

static enum err read_written(struct look *l, struct arena *a, struct view_document *d,
			     struct written **written, size_t *count, struct error *e)
{
	struct look_written *rows;
	size_t n;
	enum err r = look_written(l, d->root, d->path, 0, WRITTEN_ROWS, a, &rows, &n, e);

	*written = ARENA_NEW_ARRAY(a, struct written, n + 1);
	d->changes = ARENA_NEW_ARRAY(a, struct view_change, VIEW_CHANGES);
	*count = 0;
	for (size_t i = 0; i < n && !r && *written && d->changes; i++) {
		const struct store_provenance *row = &rows[i].row;

		(*written)[(*count)++] = (struct written){.article = row->related < 0,
							  .url = row->url,
							  .field = row->field,
							  .after = row->after,
							  .undone = span_eq_str(row->source, PLAN_UNDONE),
							  .from = row->from,
							  .score = row->score};
		if (d->change_count < VIEW_CHANGES)
			view_change_of(row, a, &d->changes[d->change_count++]);
	}
	d->changes_more = n > VIEW_CHANGES;
	return r;
}

static enum err read_text(struct look *l, const struct view_options *o, const struct written *written,
			  size_t count, struct arena *a, struct view_document *d, struct error *e)
{
	struct view_text text = {.bytes = STRBUF_INIT(DOCUMENT_MAX)};
	struct plan *plan;
	enum err r = view_text_read(o, d->root, d->path, a, &text, &d->trouble), failed = ERR_OK;

	d->bytes = text.bytes.len;
	if (!r) {
		take_links(text.doc, a, d);
		take_head(l, text.doc, a, d);
		r = plan_document(text.doc, o->config->policy, written, count, a, &plan, &d->trouble);
	}
	if (!r)
		d->trouble = (struct error){.text = ""};
	if (!r && d->links)
		failed = take_plan(l, o, plan, a, d, e);
	strbuf_release(&text.bytes);
	return failed ? failed : r;
}

enum err view_document(struct look *l, const struct view_options *o, struct span root, struct span path,
		       struct arena *a, struct view_document *ret, struct error *e)
{
	struct written *written;
	size_t count;
	bool known;
	enum err r;

	*ret = (struct view_document){.root = arena_dup(a, root), .path = arena_dup(a, path)};
	if (!is_folder(o, root) || !is_plain_path(path))
		return err_set(e, ERR_NOTFOUND, "there is no such document");
	r = look_document(l, root, path, a, &ret->known, e);
	known = !r;
	if (r && r != ERR_NOTFOUND)
		return r;
	if (known)
		ret->title = ret->known.status.title;
	ret->urls = ARENA_NEW_ARRAY(a, struct explained, VIEW_LINKS + 1);
	if (!ret->urls)
		return err_set(e, arena_failed(a), "%s", err_text(arena_failed(a)));
	r = read_written(l, a, ret, &written, &count, e);
	if (r)
		return r;
	r = read_text(l, o, written, count, a, ret, e);
	if (r == ERR_NOMEM || arena_failed(a))
		return err_set(e, r ? r : arena_failed(a), "out of memory");
	/* what cannot be read is shown with what is known; what was never there is not */
	if (r && !known && !ret->change_count)
		return err_set(e, ERR_NOTFOUND, "there is no such document");
	return ERR_OK;
}
