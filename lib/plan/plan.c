/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include "base/text.h"
#include "base/url.h"

struct planner {
	const enum policy *policy;
	const struct written *written;
	size_t written_count;
};

/* The newest record of a value, when that value still stands there; an older one that happens to match is not
 * what does. */
static const struct written *record_of(const struct planner *p, const struct link *link, enum field field)
{
	for (size_t i = 0; i < p->written_count; i++) {
		const struct written *w = &p->written[i];

		if (w->field == field && w->article == (link->related < 0) && span_eq(w->url, link->url))
			return span_eq(w->after, link->fields[field].raw) ? w : NULL;
	}
	return NULL;
}

static bool lacks_size(const struct link *link)
{
	const struct image *first = link->images;

	return link->image_count && first->url.len && (!first->width || !first->height || first->unmarked);
}

/* Absent counts as missing for what every document should have; the other keys may be absent by design (a
 * video has no webUrl), save where the link has nothing but its URL. */
static bool missing(const struct link *link, enum field field)
{
	switch (link->fields[field].presence) {
	case FIELD_ABSENT: return field == FIELD_EXCERPT || field == FIELD_IMAGE || link->bare;
	case FIELD_NULL:
	case FIELD_EMPTY: return true;
	case FIELD_PRESENT: break;
	}
	return false;
}

/* Where the article's provider is there or will be: they stand below it. */
static bool lacks_logo(const struct document *doc, const struct link *link)
{
	const struct field_state *f = link->fields;

	if (f[FIELD_PROVIDER_IMAGE].presence != FIELD_ABSENT)
		return f[FIELD_PROVIDER_IMAGE].presence != FIELD_PRESENT;
	return doc->logos == LOGOS_USED && link->related < 0 &&
	       (link->bare || f[FIELD_PROVIDER_NAME].presence != FIELD_ABSENT ||
		f[FIELD_PROVIDER_DOMAIN].presence != FIELD_ABSENT);
}

static enum gap logo_gap(const struct planner *p, const struct document *doc, const struct link *link)
{
	enum policy policy = p->policy[FIELD_PROVIDER_IMAGE];
	const struct written *record = record_of(p, link, FIELD_PROVIDER_IMAGE);

	if (doc->logos == LOGOS_NONE || !link->fields[FIELD_PROVIDER_IMAGE].editable ||
	    policy == POLICY_KEEP || (record && record->undone))
		return GAP_NONE;
	return lacks_logo(doc, link) || (record && policy == POLICY_REFRESH) ? GAP_LOGO : GAP_NONE;
}

static enum gap gap_of(const struct planner *p, const struct link *link, enum field field)
{
	const struct field_state *state = &link->fields[field];
	enum policy policy = p->policy[field];
	const struct written *record = record_of(p, link, field);

	if (!state->editable || policy == POLICY_KEEP || (record && record->undone))
		return GAP_NONE;
	if (missing(link, field))
		return GAP_FILL;
	if (state->presence != FIELD_PRESENT)
		return GAP_NONE;
	if (record && policy == POLICY_REFRESH)
		return GAP_REFRESH;
	if (record && record->renew)
		return GAP_RENEW;
	if (field == FIELD_IMAGE && lacks_size(link))
		return GAP_SIZE;
	if (record)
		return field == FIELD_WEBURL ? GAP_MOVE : GAP_NONE;
	if (field == FIELD_EXCERPT && !text_ends_closed(state->value))
		return GAP_CUT_OFF;
	return policy == POLICY_TIDY ? GAP_TIDY : GAP_NONE;
}

static enum err resolve(const struct link *link, struct arena *arena, struct span *ret, struct error *e)
{
	struct url url;
	enum err r = url_parse(link->url, NULL, arena, &url, e);

	if (r == ERR_NOMEM)
		return r;
	if (r)
		return err_set_at(e, r, link->line, 0,
				  "'%.*s' is not a URL that can be fetched (http or https)",
				  (int)MIN(link->url.len, 120), link->url.ptr ? link->url.ptr : "");
	*ret = url_key(&url);
	return ERR_OK;
}

/* Fills the gaps of one link's want. Says whether there is any, and whether a page is needed for it. */
static void look(const struct planner *p, const struct document *doc, const struct link *link,
		 struct want *want, bool *any, bool *page)
{
	*any = *page = false;
	for (int f = 0; f < FIELD_LINK_COUNT; f++) {
		const struct written *record = record_of(p, link, (enum field)f);

		want->gaps[f] =
			f == FIELD_PROVIDER_IMAGE ? logo_gap(p, doc, link) : gap_of(p, link, (enum field)f);
		want->scores[f] = record ? record->score : 0;
		if (want->gaps[f] == GAP_NONE || want->gaps[f] == GAP_MOVE)
			continue;
		*any = true;
		*page |= want->gaps[f] != GAP_TIDY && want->gaps[f] != GAP_SIZE && want->gaps[f] != GAP_LOGO;
	}
}

unsigned plan_missing(const enum gap *gaps)
{
	unsigned bits = 0;

	for (int f = 0; f < FIELD_LINK_COUNT; f++)
		bits |= gaps[f] == GAP_FILL ? 1u << f : 0;
	return bits;
}

enum err plan_document(const struct document *doc, const enum policy *policy, const struct written *written,
		       size_t written_count, struct arena *arena, struct plan **ret, struct error *e)
{
	struct planner p = {policy, written, written_count};
	struct plan *plan = ARENA_NEW(arena, struct plan);

	if (plan) {
		plan->wants = ARENA_NEW_ARRAY(arena, struct want, doc->link_count + 1);
		plan->problems = ARENA_NEW_ARRAY(arena, struct plan_problem, doc->link_count + 1);
	}
	if (arena_failed(arena))
		return err_set(e, arena_failed(arena), "planning: %s", err_text(arena_failed(arena)));
	for (size_t i = 0; i < doc->link_count && !doc->opted_out; i++) {
		struct want want = {.link = i, .url = SPAN_NONE};
		struct error why;
		bool page, any;
		enum err r = ERR_OK;

		look(&p, doc, &doc->links[i], &want, &any, &page);
		if (page)
			r = resolve(&doc->links[i], arena, &want.url, &why);
		if (r == ERR_NOMEM)
			return err_set(e, r, "planning: %s", err_text(r));
		if (r)
			plan->problems[plan->problem_count++] =
				(struct plan_problem){i, why, plan_missing(want.gaps)};
		else if (any)
			plan->wants[plan->want_count++] = want;
	}
	*ret = plan;
	return ERR_OK;
}
