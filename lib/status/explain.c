/* SPDX-License-Identifier: MIT */
#include "status/explain.h"

#include "base/url.h"
#include "extract/page_json.h"
#include "extract/site.h"

const char *explain_gap(enum gap gap)
{
	static const char *const texts[] = {
		[GAP_NONE] = "",
		[GAP_FILL] = "missing: to be filled",
		[GAP_CUT_OFF] = "cut off, it seems: to be completed if the page continues it",
		[GAP_SIZE] = "lacks width or height",
		[GAP_REFRESH] = "written by ingestd: to be refreshed",
		[GAP_TIDY] = "to be put into the normal form if it is not",
		[GAP_LOGO] = "to be what the table of organizations has",
		[GAP_MOVE] = "written by ingestd: follows the page if that has moved for good",
		[GAP_RENEW] =
			"written by ingestd, and what other pages of the host say too: to be chosen again",
	};

	return texts[gap];
}

const struct candidate *explain_next(const struct page *page, enum field field, size_t *at)
{
	/* twice over the list: those that were chosen, then those that lost */
	while (*at < 2 * page->candidate_count) {
		bool lost = *at >= page->candidate_count;
		const struct candidate *c = &page->candidates[lost ? *at - page->candidate_count : *at];

		++*at;
		if (c->field == field && (c->lost != NULL) == lost)
			return c;
	}
	return NULL;
}

enum err explain_page_of(const struct store_result *result, const struct site_defaults *site,
			 const struct config *config, int64_t now, struct arena *a, struct explained *ret)
{
	const struct choose_options options = {.site = site,
					       .site_images = config->shared_images,
					       .excerpt_min = config->excerpt_min,
					       .excerpt_max = config->excerpt_max,
					       .now = now,
					       .tracking = &config->tracking};
	struct metadata md;
	enum err r;

	ret->page = NULL;
	ret->outdated = false;
	if (!result->page.ptr)
		return ERR_OK;
	r = page_from_json(result->page, a, &ret->page, NULL);
	if (!r)
		r = extract_choose(ret->page, &options, true, a, &md);
	if (!r)
		return ERR_OK;
	ret->page = NULL;
	ret->outdated = r == ERR_DAMAGED;
	return ret->outdated ? ERR_OK : r;
}

/* What was said of all of its site, in answer to whichever URL. */
static enum err read_block(struct look *l, int64_t now, struct arena *a, struct explained *ret,
			   struct error *e)
{
	struct strbuf key = STRBUF_INIT(URL_MAX);
	struct url url;
	enum err r = url_parse(ret->url, NULL, a, &url, NULL);

	if (r)
		return r == ERR_NOMEM ? r : ERR_OK;
	r = strbuf_addf(&key, STORE_SITE_PREFIX "%.*s", SPAN_ARG(url_registrable(url.host)));
	if (!r) {
		ret->block.url = arena_dup(a, strbuf_span(&key));
		r = look_result(l, a, &ret->block, e);
	}
	strbuf_release(&key);
	if (ret->block.outcome != OUTCOME_STATUS || ret->block.expires_at <= now)
		ret->block = (struct store_result){.outcome = OUTCOME_NONE};
	return r;
}

enum err explain_url(struct look *l, const struct config *config, int64_t now, struct span url,
		     struct arena *a, struct explained *ret, struct error *e)
{
	struct store_site site = {.host = SPAN_NONE};
	struct site_defaults defaults;
	enum err r;

	*ret = (struct explained){.url = url, .result = {.url = url}};
	r = look_result(l, a, &ret->result, e);
	if (!r)
		r = read_block(l, now, a, ret, e);
	if (r || !ret->result.page.ptr)
		return r;
	site.host = site_host(ret->result.final_url, a);
	r = look_site(l, a, &site, e);
	defaults = (struct site_defaults){site.values, site.count};
	if (!r)
		r = explain_page_of(&ret->result, &defaults, config, now, a, ret);
	return r;
}
