/* SPDX-License-Identifier: MIT */
#include "merge/merge_inner.h"

#include "base/date.h"
#include "base/text.h"
#include "base/tracking.h"
#include "base/url.h"
#include "extract/squash.h"

struct merge_change *merge_add(struct merger *m, const struct want *want, enum field field,
			       struct span source, struct span from)
{
	struct merge_change *c = &m->patch->changes[m->patch->change_count++];

	*c = (struct merge_change){
		.change = {.kind = CHANGE_SET, .related = m->doc->links[want->link].related, .field = field},
		.source = source,
		.from = from,
		.link = want->link,
	};
	return c;
}

/* Documents hold instants in UTC, as the seed has them. */
static struct span date_value(struct merger *m, struct span value)
{
	struct date date;
	char buf[32];

	if (!date_parse(value, &date))
		return SPAN_NONE;
	date.has_time = true;
	return arena_dup(m->arena, span_str(date_format(&date, buf)));
}

static struct span value_of(struct merger *m, enum field field, const struct candidate *c)
{
	if (field == FIELD_DATE)
		return date_value(m, c->value);
	if (field == FIELD_WEBURL)
		return url_clean(c->value, m->options->tracking, m->arena);
	return c->value;
}

/* Drops what an editor or a CMS puts where it cut: dots, an ellipsis, white space. */
static struct span without_ellipsis(struct span s)
{
	for (size_t before = s.len + 1; s.len < before;) {
		before = s.len;
		s = span_trim(s);
		if (span_ends(s, SPAN("\xe2\x80\xa6")))
			s.len -= 3;
		while (s.len && s.ptr[s.len - 1] == '.')
			s.len--;
	}
	return s;
}

/* Invariant 4's exception, checked where it counts whatever extract_complete() thinks. */
static bool begins(struct merger *m, struct span old, struct span new)
{
	struct span o = without_ellipsis(text_normal(old, m->arena)), n = text_normal(new, m->arena);

	return o.len && span_starts(n, o) && n.len > o.len;
}

static struct choose_options choosing(const struct merger *m, const struct site_defaults *site)
{
	return (struct choose_options){.excerpt_min = m->options->excerpt_min,
				       .excerpt_max = m->options->excerpt_max,
				       .now = m->options->now,
				       .tracking = m->options->tracking,
				       .site = site,
				       .site_images = m->options->site_images};
}

static void complete_excerpt(struct merger *m, const struct want *want, struct page *page, struct span from)
{
	const struct link *link = &m->doc->links[want->link];
	const struct choose_options options = choosing(m, NULL);
	struct span old = link->fields[FIELD_EXCERPT].value;
	struct span whole = extract_complete(page, old, &options, m->arena);

	if (whole.len && begins(m, old, whole))
		merge_add(m, want, FIELD_EXCERPT, SPAN("completed from the page"), from)->change.value =
			whole;
}

/* Half or more of the words of one stand in the other. */
static bool is_same_title(struct merger *m, struct span a, struct span b)
{
	struct span in = squash(b, m->arena), rest = a, word;
	size_t words = 0, found = 0;

	while (rest.len && (word = span_split(&rest, ' ')).ptr) {
		word = squash(word, m->arena);
		if (word.len < 3)
			continue;
		words++;
		found += span_find(in, word) >= 0;
	}
	return 2 * found >= words;
}

/* A redirect is only a claim: temporary ones never change an address, nor do those to another text or to the
 * front page. */
static bool may_move(struct merger *m, const struct want *want, const struct known *known,
		     const struct metadata *md, struct span to)
{
	struct span title = m->doc->links[want->link].fields[FIELD_TITLE].value;
	const struct candidate *now = md->chosen[FIELD_TITLE];
	struct url url;

	if (!m->options->moves || !known->moved || url_parse(to, NULL, m->arena, &url, NULL))
		return false;
	if (url.path.len <= 1 && !url.query.len)
		return false;
	return !title.len || (now && is_same_title(m, title, now->value));
}

/* Whether an address of ours stays as it is. */
static bool stays(struct merger *m, const struct want *want, const struct known *known,
		  const struct metadata *md, struct span to)
{
	enum gap gap = want->gaps[FIELD_WEBURL];
	bool redirected = known->final_url.len && !span_eq(known->final_url, want->url);

	if (gap != GAP_MOVE && (gap == GAP_FILL || !redirected))
		return false;
	return !may_move(m, want, known, md, to);
}

enum { TABLE_SCORE = 20 }; /* more than the address (10), less than anything that a page says */

/* A name that is only the address is none: the operator's table knows better. */
static const struct candidate *named(struct merger *m, const struct metadata *md, struct span from)
{
	const struct candidate *c = md->chosen[FIELD_PROVIDER_NAME];
	const struct candidate *domain = md->chosen[FIELD_PROVIDER_DOMAIN];
	struct candidate *own;
	struct span name = SPAN_NONE;
	struct url url;

	if (!m->options->organizations || (c && !(domain && span_eq_nocase(c->value, domain->value))))
		return c;
	if (!url_parse(from, NULL, m->arena, &url, NULL))
		name = organizations_name(m->options->organizations, url.host);
	own = name.len ? ARENA_NEW(m->arena, struct candidate) : NULL;
	if (!own)
		return c;
	own->field = FIELD_PROVIDER_NAME;
	own->value = name;
	own->source = MERGE_TABLE;
	own->score = MAX(c ? c->score : 0, TABLE_SCORE);
	return own;
}

/* bits of enum field */
static void leave_open(struct merger *m, const struct want *want, unsigned fields)
{
	if (fields && !m->patch->unfilled)
		m->patch->unfilled_want = (size_t)(want - m->plan->wants);
	for (unsigned left = fields; left; left &= left - 1)
		m->patch->unfilled++;
	m->patch->missing |= fields;
}

static void fill(struct merger *m, const struct want *want, const struct known *known,
		 const struct metadata *md)
{
	struct span from = known->final_url;
	const struct link *link = &m->doc->links[want->link];

	for (int f = 0; f < FIELD_LINK_COUNT; f++) {
		enum gap gap = want->gaps[f];
		const struct candidate *c = f == FIELD_PROVIDER_NAME ? named(m, md, from) : md->chosen[f];
		struct span value;
		bool done = false;

		if (gap == GAP_NONE || gap == GAP_TIDY || gap == GAP_SIZE || gap == GAP_LOGO)
			continue;
		if (gap == GAP_CUT_OFF) {
			complete_excerpt(m, want, known->page, from);
			continue;
		}
		if (f == FIELD_IMAGE) {
			done = merge_set_image(m, want, md, from);
		} else if (c) {
			value = value_of(m, (enum field)f, c);
			done = value.len > 0;
			if (done && f == FIELD_WEBURL && stays(m, want, known, md, value))
				continue;
			if (done && !merge_is_worse(want, (enum field)f, c) &&
			    !(merge_is_again(gap) && span_eq(value, link->fields[f].value))) {
				struct merge_change *change =
					merge_add(m, want, (enum field)f, c->source, from);

				change->change.value = value;
				change->score = c->score;
			}
		}
		if (!done && gap == GAP_FILL)
			leave_open(m, want, 1u << f);
	}
}

/* The normal form of a value that stands there; SPAN_NONE when it has none. */
static struct span tidied(struct merger *m, enum field field, struct span value)
{
	struct url url;

	switch (field) {
	case FIELD_TITLE:
	case FIELD_EXCERPT:
	case FIELD_PROVIDER_NAME: return text_normal(value, m->arena);
	case FIELD_DATE: return date_value(m, value);
	case FIELD_WEBURL:
		if (url_parse(value, NULL, m->arena, &url, NULL))
			return SPAN_NONE;
		return url_clean(value, m->options->tracking, m->arena);
	default: return SPAN_NONE;
	}
}

static void tidy(struct merger *m, const struct want *want)
{
	const struct link *link = &m->doc->links[want->link];

	for (int f = 0; f < FIELD_LINK_COUNT; f++) {
		struct span value;

		if (want->gaps[f] != GAP_TIDY)
			continue;
		value = tidied(m, (enum field)f, link->fields[f].value);
		if (value.len && !span_eq(value, link->fields[f].value))
			merge_add(m, want, (enum field)f, SPAN("tidy"), SPAN_NONE)->change.value = value;
	}
}

static bool is_article(const struct want *want, const struct known *known)
{
	return want->url.ptr && known->page && known->page->verdict == VERDICT_ARTICLE;
}

enum err merge_document(const struct document *doc, const struct plan *plan, struct known *known,
			const struct merge_options *options, struct arena *arena, struct patch **ret,
			struct error *e)
{
	struct merger m = {doc, plan, options, arena, ARENA_NEW(arena, struct patch)};
	struct choose_options choose;
	enum err r = ERR_OK;

	if (m.patch) {
		m.patch->changes =
			ARENA_NEW_ARRAY(arena, struct merge_change, plan->want_count * FIELD_LINK_COUNT + 1);
		m.patch->image_wants = ARENA_NEW_ARRAY(arena, struct merge_image_want,
						       MERGE_IMAGE_WANTS * plan->want_count + 1);
	}
	if (!m.patch || arena_failed(arena))
		return err_set(e, arena_failed(arena), "merging: %s", err_text(arena_failed(arena)));
	for (size_t i = 0; i < plan->want_count && !r; i++) {
		const struct want *want = &plan->wants[i];
		struct metadata md;

		tidy(&m, want);
		if (want->gaps[FIELD_IMAGE] == GAP_SIZE)
			merge_complete_images(&m, want);
		if (is_article(want, &known[i])) {
			choose = choosing(&m, known[i].site);
			r = extract_choose(known[i].page, &choose, false, arena, &md);
			if (!r)
				fill(&m, want, &known[i], &md);
		} else if (want->url.ptr) {
			leave_open(&m, want, plan_missing(want->gaps));
		}
		if (!r && want->gaps[FIELD_PROVIDER_IMAGE] == GAP_LOGO)
			merge_set_logo(&m, want,
				       is_article(want, &known[i]) ? known[i].final_url : SPAN_NONE);
	}
	if (!r)
		r = arena_failed(arena);
	if (r)
		return err_set(e, r, "merging: %s", err_text(r));
	*ret = m.patch;
	return ERR_OK;
}
