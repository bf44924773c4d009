/* SPDX-License-Identifier: MIT */
/* http: {"op": "reuse", "status", "headers", "received", "now"} gives {"action", "if_none_match",
 * "if_modified_since"}; {"op": "conditional", "headers"} the last two; {"op": "after", "status", "headers",
 * "now", "url"} gives {"outcome", "url", "permanent", "not_before", "fresh_until",
 * "skip_hours", "skip_days"}; "feed", a feed's text, may say more about when to come again. */
#include "conformance/conformance.h"

#include "base/hash.h"
#include "feed/feed.h"
#include "http/freshness.h"
#include "http/response.h"

enum { FIELDS_MAX = 64 };

struct call {
	struct freshness_field fields[FIELDS_MAX];
	size_t count;
	unsigned status;
	int64_t now, received;
};

static int64_t number(const json_t *in, const char *key)
{
	return json_integer_value(json_object_get(in, key));
}

static void read_call(const json_t *in, struct call *c)
{
	const json_t *list = json_object_get(in, "headers"), *one;
	size_t i;

	c->count = 0;
	json_array_foreach(list, i, one)
	{
		const json_t *name = json_array_get(one, 0), *value = json_array_get(one, 1);

		if (c->count == FIELDS_MAX || !json_is_string(name) || !json_is_string(value))
			continue;
		c->fields[c->count++] = (struct freshness_field){
			span_of(json_string_value(name), json_string_length(name)),
			span_of(json_string_value(value), json_string_length(value)),
		};
	}
	c->status = (unsigned)number(in, "status");
	c->now = number(in, "now");
	c->received = json_object_get(in, "received") ? number(in, "received") : c->now;
}

static struct span field(const struct call *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (span_eq_nocase(c->fields[i].name, span_str(name)))
			return c->fields[i].value;
	return SPAN_NONE;
}

static json_t *reuse(const struct call *c, const struct freshness *f)
{
	static const char *const actions[] = {"reuse", "validate", "fetch"};
	enum freshness_action action = freshness_decide(f, c->now);
	bool validate = action == FRESHNESS_VALIDATE;

	return json_pack("{ss so so}", "action", actions[action], "if_none_match",
			 json_from_span(validate ? f->etag : SPAN_NONE), "if_modified_since",
			 json_from_span(validate ? f->last_modified : SPAN_NONE));
}

static const char *word_for(const struct call *c, const struct response_decision *d)
{
	if (d->action == RESPONSE_DONE)
		return "ok";
	if (d->action == RESPONSE_UNCHANGED)
		return "unchanged";
	if (d->action == RESPONSE_REDIRECT)
		return "redirect";
	if (c->status == 429 || c->status == 503)
		return "wait";
	return c->status == 410 ? "gone" : "error";
}

static json_t *time_or_null(int64_t at)
{
	return at ? json_integer(at) : json_null();
}

/* What the feed itself asks for; lengthens *not_before. */
static enum err feed_hints(struct span text, const struct call *c, int64_t *not_before, json_t *ret)
{
	static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
					   "Friday", "Saturday", "Sunday"};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(16 << 20);
	const struct feed_input input = {text, field(c, "content-type"), SPAN_NONE};
	json_t *hours = json_array(), *names = json_array();
	struct feed *feed = NULL;
	enum err r = feed_parse(&input, &arena, &feed, NULL);

	for (int i = 0; i < 24 && !r; i++)
		if (feed->skip_hours >> i & 1)
			json_array_append_new(hours, json_integer(i));
	for (int i = 0; i < 7 && !r; i++)
		if (feed->skip_days >> (i + 1) % 7 & 1)
			json_array_append_new(names, json_string(days[i]));
	json_object_set_new(ret, "skip_hours", hours);
	json_object_set_new(ret, "skip_days", names);
	if (r)
		return r;
	if (feed->ttl_minutes)
		*not_before = MAX(*not_before, c->now + feed->ttl_minutes * INT64_C(60));
	if (feed->period_seconds)
		*not_before = MAX(*not_before, c->now + feed->period_seconds);
	return ERR_OK;
}

static json_t *after(const json_t *in, const struct call *c, const struct freshness *f)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct guard guard = {0};
	struct url url;
	struct response r = {.status = c->status,
			     .location = field(c, "location"),
			     .retry_after = field(c, "retry-after"),
			     .content_type = field(c, "content-type")};
	struct response_decision d;
	uint64_t seen;

	if (url_parse(json_text(in, "url"), NULL, &arena, &url, NULL))
		return json_pack("{}");
	seen = hash64(url_key(&url));
	struct response_context context = {.guard = &guard,
					   .url = &url,
					   .wanted = url_key(&url),
					   .seen = &seen,
					   .seen_count = 1,
					   .now = c->now,
					   .conditional = true};

	if (response_decide(&r, &context, &arena, &d))
		return json_pack("{}");
	struct span text = json_text(in, "feed");
	int64_t not_before = d.action == RESPONSE_RETRY ? d.retry_at : 0;
	json_t *ret = json_object();

	if (text.ptr && feed_hints(text, c, &not_before, ret))
		json_object_clear(ret); /* no feed: nothing is hinted */
	json_object_update_new(
		ret, json_pack("{ss so sb so so}", "outcome", word_for(c, &d), "url",
			       d.action == RESPONSE_REDIRECT ? json_from_span(url_key(&d.to)) : json_null(),
			       "permanent", d.permanent, "not_before", time_or_null(not_before),
			       "fresh_until", time_or_null(f->fresh_until)));
	return ret;
}

static json_t *http(const json_t *in)
{
	struct span op = json_text(in, "op");
	struct call c;
	struct freshness f;

	read_call(in, &c);
	freshness_read(span_eq_str(op, "conditional") ? 200 : c.status, c.fields, c.count, c.received, &f);
	if (span_eq_str(op, "reuse"))
		return reuse(&c, &f);
	if (span_eq_str(op, "after"))
		return after(in, &c, &f);
	return json_pack("{so so}", "if_none_match", json_from_span(f.etag), "if_modified_since",
			 json_from_span(f.last_modified));
}

const struct area areas_http[] = {{.name = "http", .line = http}, {.name = NULL}};
