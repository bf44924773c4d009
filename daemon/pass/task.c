/* SPDX-License-Identifier: MIT */
#include "pass_inner.h"

#include "base/hash.h"
#include "base/url.h"
#include "document/diff.h"
#include "document/read.h"
#include "document/replace.h"
#include "extract/page_json.h"
#include "fresh.h"
#include "repository.h"

enum {
	TASK_ARENA_MAX = 256 * 1024 * 1024, /* parsed documents and stored pages of one task */
	DIFF_MAX = 32 * 1024 * 1024,
};

struct task *task_new(struct pass *pass, const struct task_options *options, const struct root *root,
		      struct span path, const struct file_key *key)
{
	struct task *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->path = strndup(path.ptr, path.len);
	if (!t->path) {
		free(t);
		return NULL;
	}
	t->pass = pass;
	t->options = options;
	t->shape = options->shape;
	t->root = root;
	t->key = *key;
	t->arena = ARENA_INIT(TASK_ARENA_MAX);
	t->old_text = STRBUF_INIT(DOCUMENT_MAX);
	t->new_text = STRBUF_INIT(DOCUMENT_MAX);
	t->diff = STRBUF_INIT(DIFF_MAX);
	return t;
}

void task_slim(struct task *t)
{
	arena_release(&t->arena);
	strbuf_release(&t->old_text);
	strbuf_release(&t->new_text);
	strbuf_release(&t->diff);
	t->written = NULL;
	t->known = NULL;
	t->images = NULL;
	t->image_count = 0;
	t->want_urls = t->want_titles = NULL;
	t->article = SPAN_NONE;
	t->problems = NULL;
	t->patch = NULL;
	t->changes = NULL;
	t->title = t->open_url = SPAN_NONE;
	t->written_count = t->known_count = t->site_count = t->want_count = t->problem_count = 0;
}

void task_free(struct task *t)
{
	task_slim(t);
	for (size_t i = 0; i < t->url_count; i++)
		urls_release(t->pass->urls, t->urls[i]);
	free(t->urls);
	free(t->probes);
	errand_release(t->errand);
	free(t->was_path);
	free(t->path);
	free(t);
}

enum err task_recall(struct task *t, const struct store_provenance *rows, size_t count)
{
	t->written = ARENA_NEW_ARRAY(&t->arena, struct written, count + 1);
	for (size_t i = 0; i < count && t->written; i++)
		t->written[t->written_count++] = (struct written){
			.article = rows[i].related < 0,
			.url = arena_dup(&t->arena, rows[i].url),
			.field = rows[i].field,
			.after = arena_dup(&t->arena, rows[i].after),
			.undone = span_eq_str(rows[i].source, PLAN_UNDONE),
			.from = arena_dup(&t->arena, rows[i].from),
			.score = rows[i].score,
		};
	return arena_failed(&t->arena);
}

/* Reads, parses, plans: the beginning of both READING and MERGING. */
static enum err look(struct task *t, struct document **doc, struct plan **plan)
{
	enum err r = t->fresh ? fresh_look(t)
			      : document_read(t->root->fd, t->path, &t->old_text, &t->key, &t->error);

	if (!r) {
		t->content = hash128(strbuf_span(&t->old_text));
		r = document_parse(strbuf_span(&t->old_text), t->shape, &t->arena, doc, &t->error);
	}
	if (!r && (*doc)->link_count && (*doc)->links[0].related < 0)
		t->title = (*doc)->links[0].fields[FIELD_TITLE].value;
	if (!r)
		sites_mark_written(t, *doc);
	if (!r && organizations_have_images(t->options->organizations)) {
		t->logos = folders_logos(t->options->folders, t->root, t->path);
		(*doc)->logos = t->logos->used ? LOGOS_USED : LOGOS_EMPTY;
	}
	if (!r)
		r = plan_document(*doc, t->options->config->policy, t->written, t->written_count, &t->arena,
				  plan, &t->error);
	return r;
}

static bool host_is(struct span url, const char *host, struct arena *arena)
{
	struct url u;
	struct span h = span_str(host);

	if (url_parse(url, NULL, arena, &u, NULL))
		return false;
	return span_eq_nocase(u.host, h) || (u.host.len > h.len && span_ends_nocase(u.host, h) &&
					     u.host.ptr[u.host.len - h.len - 1] == '.');
}

static bool left_out(struct task *t, const struct want *want)
{
	const char *host = t->errand && t->errand->host ? t->errand->host : t->options->only_host;
	const char *url = t->errand ? t->errand->url : NULL;

	return (host && (!want->url.ptr || !host_is(want->url, host, &t->arena))) ||
	       (url && !span_eq_str(want->url, url));
}

static enum err note_wants(struct task *t, const struct document *doc, const struct plan *plan)
{
	t->want_urls = ARENA_NEW_ARRAY(&t->arena, struct span, plan->want_count + 1);
	t->want_titles = ARENA_NEW_ARRAY(&t->arena, struct span, plan->want_count + 1);
	t->problems = ARENA_NEW_ARRAY(&t->arena, struct task_problem, plan->problem_count + 1);
	if (arena_failed(&t->arena))
		return arena_failed(&t->arena);
	for (size_t i = 0; i < plan->want_count; i++) {
		const struct want *want = &plan->wants[i];
		bool seen = false;

		if (left_out(t, want)) {
			t->partial = true;
			continue;
		}
		for (size_t k = 0; k < t->want_count; k++)
			seen |= span_eq(t->want_urls[k], want->url);
		if (seen || !want->url.ptr)
			continue;
		t->want_titles[t->want_count] = doc->links[want->link].fields[FIELD_TITLE].value;
		t->want_urls[t->want_count++] = want->url;
	}
	for (size_t i = 0; i < plan->problem_count; i++)
		t->problems[t->problem_count++] = (struct task_problem){plan->problems[i].error, SPAN_NONE};
	return ERR_OK;
}

void task_read(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);
	struct document *doc;
	struct plan *plan;

	t->result = look(t, &doc, &plan);
	if (t->result)
		return;
	t->ignored = !doc->link_count || doc->opted_out;
	for (size_t i = 0; i < doc->link_count && !t->article.ptr; i++)
		if (doc->links[i].related < 0)
			t->article = arena_dup(&t->arena, doc->links[i].url);
	t->result = note_wants(t, doc, plan);
	for (size_t i = 0; i < plan->problem_count; i++)
		t->missing |= plan->problems[i].missing;
	/* tidying needs no page, yet the document has to be merged */
	t->wanting = plan->want_count > 0; /* also when tidying is all, which needs no page */
	if (t->result)
		(void)err_set(&t->error, t->result, "%s", err_text(t->result));
}

static enum err gather_known(struct task *t, const struct plan *plan, struct known **ret)
{
	struct known *known = ARENA_NEW_ARRAY(&t->arena, struct known, plan->want_count + 1);

	if (!known)
		return ERR_NOMEM;
	for (size_t i = 0; i < plan->want_count; i++) {
		const struct want *want = &plan->wants[i];

		for (size_t k = 0; k < t->known_count && want->url.ptr; k++) {
			if (!t->known[k].page.ptr || !span_eq(t->known[k].url, want->url))
				continue;
			known[i].final_url = t->known[k].final_url;
			known[i].site = sites_of(t, t->known[k].final_url, &t->arena);
			known[i].moved = t->known[k].moved;
			/* a page of an older kind counts as not known; its URL is due again */
			enum err r = page_from_json(t->known[k].page, &t->arena, &known[i].page, NULL);
			if (r == ERR_NOMEM)
				return r;
			if (r)
				known[i].page = NULL;
			break;
		}
	}
	*ret = known;
	return ERR_OK;
}

/* Nothing is missing: what is asked is whether something better is known. */
static bool only_renews(const struct plan *plan)
{
	for (size_t i = 0; i < plan->want_count; i++)
		for (int f = 0; f < FIELD_LINK_COUNT; f++)
			if (plan->wants[i].gaps[f] != GAP_NONE && plan->wants[i].gaps[f] != GAP_RENEW)
				return false;
	return true;
}

/* Not even tidied. */
static void drop_left_out(struct task *t, struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->want_count; i++)
		if (!left_out(t, &plan->wants[i]))
			plan->wants[n++] = plan->wants[i];
	plan->want_count = n;
}

/* The new values as they stand in the new text: what provenance and reports show. */
static enum err note_changes(struct task *t, const struct document *doc)
{
	size_t n = t->patch->change_count;
	struct document *after;
	enum err r;

	t->changes = ARENA_NEW_ARRAY(&t->arena, struct report_change, n);
	t->change_urls = ARENA_NEW_ARRAY(&t->arena, struct span, n);
	if (arena_failed(&t->arena))
		return arena_failed(&t->arena);
	r = document_parse(strbuf_span(&t->new_text), t->shape, &t->arena, &after, &t->error);
	if (!r && after->link_count != doc->link_count)
		r = err_set(&t->error, ERR_UNSAFE, "cannot be edited safely: its links would change");
	for (size_t i = 0; i < n && !r; i++) {
		const struct merge_change *c = &t->patch->changes[i];

		t->changes[i] = (struct report_change){
			.related = c->change.related,
			.field = c->change.field,
			.before = doc->links[c->link].fields[c->change.field].raw,
			.after = after->links[c->link].fields[c->change.field].raw,
			.source = c->source,
			.from = c->from,
			.score = c->score,
		};
		t->change_urls[i] = doc->links[c->link].url;
	}
	return r;
}

static enum err render(struct task *t, const struct document *doc)
{
	size_t n = t->patch->change_count;
	struct change *changes = ARENA_NEW_ARRAY(&t->arena, struct change, n);
	enum err r;

	if (!changes)
		return err_set(&t->error, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		changes[i] = t->patch->changes[i].change;
	r = document_apply(doc, changes, n, &t->new_text, &t->error);
	if (!r && t->fresh)
		r = fresh_space(t);
	if (!r)
		r = note_changes(t, doc);
	if (r || !(t->errand && t->errand->dry_run ? t->errand->want_diff : t->options->want_diff))
		return r;
	return diff_unified(span_str(t->path), strbuf_span(&t->old_text), strbuf_span(&t->new_text),
			    t->errand ? t->errand->colour : t->options->colour, &t->diff);
}

/* What stays open, and the title that it will have: for people who look. */
static void note_open(struct task *t, const struct document *doc, const struct plan *plan,
		      const struct known *known)
{
	size_t first = t->patch->unfilled_want;

	t->missing = t->patch->missing;
	for (size_t i = 0; i < plan->problem_count; i++)
		t->missing |= plan->problems[i].missing;
	if (t->patch->unfilled)
		t->open_url = plan->wants[first].url;
	if (t->patch->unfilled && known[first].page && known[first].page->verdict != VERDICT_ARTICLE)
		t->open_verdict = verdict_name(known[first].page->verdict);
	for (size_t i = 0; i < t->patch->change_count; i++) {
		const struct change *c = &t->patch->changes[i].change;

		if (c->related < 0 && c->field == FIELD_TITLE && doc->link_count)
			t->title = c->value;
	}
}

void task_merge(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);
	const struct config *config = t->options->config;
	struct merge_options options = {
		.excerpt_min = config->excerpt_min,
		.excerpt_max = config->excerpt_max,
		.now = t->now,
		.tracking = &config->tracking,
		.site_images = config->shared_images,
		.moves = config->moves,
		.measure = true,
		.copies = config->image_cache && !t->options->dry_run,
		.copies_local = config->image_cache_local,
		.images_max = config->images,
		.images = t->images,
		.image_count = t->image_count,
		.organizations = t->options->organizations,
	};
	struct document *doc;
	struct plan *plan;
	struct known *known;
	struct hash128 before = t->content;

	t->shape = folders_shape(t->options->folders, t->root, t->path);
	t->result = look(t, &doc, &plan);
	options.logos = t->logos;
	/* what was added meanwhile was not asked for: it is looked at again */
	t->lost |= !t->result && !hash128_eq(before, t->content);
	if (!t->result)
		drop_left_out(t, plan);
	if (!t->result)
		t->result = gather_known(t, plan, &known);
	if (!t->result)
		t->result = merge_document(doc, plan, known, &options, &t->arena, &t->patch, &t->error);
	if (!t->result && t->fresh)
		t->result = fresh_fill(t, doc, &options);
	if (t->result)
		return;
	t->open = t->patch->unfilled;
	note_open(t, doc, plan, known);
	t->renewed = only_renews(plan);
	if (t->fresh)
		t->result = fresh_name(t);
	if (!t->result && t->patch->change_count)
		t->result = render(t, doc);
	if (!t->result && t->fresh)
		t->result = fresh_finish(t);
}

void task_write(struct job *job)
{
	struct task *t = CONTAINER_OF(job, struct task, job);
	const struct replace_options options = {.foreign = t->options->config->foreign_documents};

	const char *git = repository_busy(t->root);

	/* git began while the document was worked on */
	if (git) {
		t->result = err_set(&t->error, ERR_BUSY, "git is at work in its repository ('%s')", git);
		return;
	}
	if (t->fresh) {
		fresh_write(t);
		return;
	}
	t->result = replace_document(t->root->fd, t->path, strbuf_span(&t->old_text),
				     strbuf_span(&t->new_text), &options, NULL, &t->key, &t->error);
	if (!t->result)
		t->content = hash128(strbuf_span(&t->new_text));
}
