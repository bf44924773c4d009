/* SPDX-License-Identifier: MIT */
/* Query parameters that only say where a reader came from. The names are common knowledge (each is in the
 * documentation of the service that adds it); none is known to choose what a page shows. */
#include "base/url.h"

static const char *const exact[] = {
	"utm",
	"fbclid",
	"gclid",
	"gclsrc",
	"dclid",
	"gbraid",
	"wbraid",
	"msclkid",
	"mc_cid",
	"mc_eid",
	"mc_tc",
	"igshid",
	"yclid",
	"_openstat",
	"twclid",
	"ttclid",
	"li_fat_id",
	"epik",
	"_ga",
	"_gl",
	"_hsenc",
	"_hsmi",
	"__hssc",
	"__hstc",
	"__hsfp",
	"hsctatracking",
	"mkt_tok",
	"vero_id",
	"vero_conv",
	"wickedid",
	"oly_anon_id",
	"oly_enc_id",
	"rb_clickid",
	"s_cid",
	"wt_mc",
	"cmpid",
	"srsltid",
	"fb_action_ids",
	"fb_action_types",
	"fb_source",
	"fb_ref",
	"action_object_map",
	"action_type_map",
	"action_ref_map",
	"spm",
	"echobox",
	"tracking_source",
	"__twitter_impression",
	"itm_source",
	"itm_medium",
	"itm_campaign",
};
static const char *const prefixes[] = {"utm_", "mtm_", "ga_", "hmb_", "otm_", "vn_"};

static bool is_tracking(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(exact); i++)
		if (span_eq_nocase(name, span_str(exact[i])))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (name.len > strlen(prefixes[i]) && span_starts_nocase(name, span_str(prefixes[i])))
			return true;
	return false;
}

static bool parameter_is_tracking(struct span parameter)
{
	return is_tracking(span_split(&parameter, '='));
}

struct span url_clean(struct span href, struct arena *arena)
{
	ptrdiff_t hash = span_find_byte(href, '#');
	struct span before = span_sub(href, 0, hash < 0 ? href.len : (size_t)hash);
	ptrdiff_t mark = span_find_byte(before, '?');
	struct span query, rest;
	bool any = false, first = true;
	char *out;
	size_t n, start;

	if (mark < 0)
		return href;
	query = span_sub(before, (size_t)mark + 1, before.len);
	for (rest = query; rest.ptr && !any;)
		any = parameter_is_tracking(span_split(&rest, '&'));
	if (!any)
		return href;
	out = arena_alloc(arena, href.len + 1);
	if (!out)
		return href;
	n = (size_t)mark;
	memcpy(out, href.ptr, n);
	out[n++] = '?';
	start = n;
	for (rest = query; rest.ptr;) {
		struct span parameter = span_split(&rest, '&');

		if (parameter_is_tracking(parameter))
			continue;
		if (!first)
			out[n++] = '&';
		first = false;
		if (parameter.len)
			memcpy(out + n, parameter.ptr, parameter.len);
		n += parameter.len;
	}
	if (n == start)
		n--; /* nothing left: the mark goes too */
	if (hash >= 0) {
		memcpy(out + n, before.ptr + before.len, href.len - before.len);
		n += href.len - before.len;
	}
	out[n] = 0;
	return span_of(out, n);
}
