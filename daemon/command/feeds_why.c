/* SPDX-License-Identifier: MIT */
/* `ingestd feed --why FILE|URL`: what became of each entry, or would become of it: by which rule it was kept
 * or dropped, under which topics, in which document it is. Nothing is changed. */
#include <sys/stat.h>

#include "base/url.h"
#include "batch.h"
#include "commands.h"
#include "feeds/feeds_inner.h"
#include "fetch/reply.h"
#include "report/say.h"

struct why {
	const struct options *options;
	const struct config *config;
	const struct shape *shape;
	struct session session;
	struct fetcher *fetcher;
	struct kits kits;
	struct kit *kit;
	const struct feed_settings *settings;
	const char *url; /* of the feed as configured; NULL: it is none of ours */
	struct arena arena, kept;
	struct feed *feed;
	struct identity_keys *keys;
	struct identity_match *match;
	struct store_item *items;
	size_t item_count;
	bool known;
	int code;
	enum err flushed;
};

static const struct feed_rule *rule_at(const struct feed_rules *rules, const struct rule_hit *hit)
{
	return &rules->at[hit->rule];
}

static void print_rule(const char *what, const struct feed_rules *rules, const struct rule_hit *hit)
{
	const struct feed_rule *rule = rule_at(rules, hit);

	printf("    %s by rule %zu:", what, hit->rule + 1);
	for (size_t i = 0; i < rule->count; i++) {
		printf("%s %s ~ ", i ? "," : "", rule->conditions[i].field);
		say(stdout, span_str(rule->conditions[i].pattern));
	}
	putchar('\n');
}

static void print_rules(const struct why *w, const struct feed_entry *entry)
{
	struct rule_hit hit;
	const char *topics[DRAFT_TOPICS];
	bool dropped = rules_first(w->kit->drop, entry, &hit), exhausted = hit.exhausted;
	size_t n;

	if (dropped) {
		print_rule("dropped", &w->settings->drop, &hit);
	} else if (w->settings->keep.count) {
		if (rules_first(w->kit->keep, entry, &hit))
			print_rule("kept", &w->settings->keep, &hit);
		else
			printf("    dropped: no rule keeps it\n");
		exhausted |= hit.exhausted;
	} else {
		printf("    kept: no rule drops it\n");
	}
	if (exhausted)
		printf("    a pattern took too long on it and counted as not fitting\n");
	n = rules_topics(w->kit->topics, entry, topics, DRAFT_TOPICS);
	for (size_t i = 0; i < n; i++) {
		printf(i ? ", " : "    topics: ");
		say(stdout, span_str(topics[i]));
	}
	if (n)
		putchar('\n');
}

static void print_fate(const struct why *w, size_t i, const struct store_made *made)
{
	const struct store_item *item;

	if (w->match[i].answer == IDENTITY_SAME) {
		printf("    the same as entry %zu\n", w->match[i].index + 1);
		return;
	}
	if (w->match[i].answer == IDENTITY_NEW) {
		printf(w->known ? "    new\n" : "    not seen yet: the feed was never read\n");
		return;
	}
	item = &w->items[w->match[i].index];
	switch (item->fate) {
	case STORE_FATE_MADE: printf("    became a document"); break;
	case STORE_FATE_SEEN:
		printf("    seen at the first import, or when the state was lost: no document");
		break;
	case STORE_FATE_DROPPED: printf("    was dropped by a rule"); break;
	case STORE_FATE_SAME: printf("    the article of another feed's entry"); break;
	case STORE_FATE_ATTACHED: printf("    attached to a similar one"); break;
	case STORE_FATE_COUNT: break;
	}
	if (made && made->id && (item->fate == STORE_FATE_MADE || item->fate == STORE_FATE_SAME)) {
		printf(": ");
		if (made->path.ptr)
			say(stdout, made->path);
		else
			printf("still to be written");
	}
	putchar('\n');
}

static void print_all(void *arg, bool failed, const struct store_made *made, size_t count)
{
	struct why *w = arg;

	for (size_t i = 0; i < w->feed->entry_count; i++) {
		const struct feed_entry *entry = &w->feed->entries[i];
		struct span title = entry->title.len ? entry->title : entry->link;

		printf("%zu. ", i + 1);
		say(stdout, span_sub(title, 0, 200));
		putchar('\n');
		print_fate(w, i, !failed && i < count ? &made[i] : NULL);
		print_rules(w, entry);
	}
	session_end(&w->session, &w->flushed);
}

static void look_up(void *arg, bool failed, const struct store_feed *feed, const struct store_item *items,
		    size_t count)
{
	struct why *w = arg;
	size_t n = w->feed->entry_count;
	struct identity_keys *known = ARENA_NEW_ARRAY(&w->kept, struct identity_keys, count + 1);
	uint64_t *links = ARENA_NEW_ARRAY(&w->kept, uint64_t, n + 1);
	struct identity_policy policy = {0};

	w->keys = ARENA_NEW_ARRAY(&w->kept, struct identity_keys, n + 1);
	w->match = ARENA_NEW_ARRAY(&w->kept, struct identity_match, n + 1);
	w->items = ARENA_NEW_ARRAY(&w->kept, struct store_item, count + 1);
	if (arena_failed(&w->kept)) {
		w->code = fail(EXIT_BUG, "out of memory");
		session_end(&w->session, &w->flushed);
		return;
	}
	w->known = !failed && feed;
	for (size_t i = 0; i < count; i++) {
		w->items[i] = items[i];
		known[i] = (struct identity_keys){items[i].id,     items[i].link, items[i].bare,
						  items[i].title,  items[i].date, items[i].shallow,
						  items[i].generic};
	}
	if (feed)
		policy = (struct identity_policy){feed->ignore_ids, feed->ignore_links, feed->new_ids,
						  feed->new_links};
	for (size_t i = 0; i < n; i++) {
		if (identity_keys(w->feed, &w->feed->entries[i], &w->kept, &w->keys[i]))
			continue;
		links[i] = w->keys[i].link;
	}
	if (identity_match(&policy, known, count, w->keys, n, w->match) ||
	    store_find_made(w->session.store, links, n, print_all, w))
		print_all(w, true, NULL, 0);
}

/* The feed is there: what is known of its entries? */
static int explain(struct why *w)
{
	int code = session_open(&w->session, uv_default_loop(), w->options, w->config);

	if (code)
		return code;
	if (store_get_feed(w->session.store, span_str(w->url ? w->url : "-"), look_up, w))
		look_up(w, true, NULL, NULL, 0);
	uv_run(w->session.loop, UV_RUN_DEFAULT);
	session_close(&w->session);
	return w->code;
}

static int parse(struct why *w, struct span body, struct span type, struct span base)
{
	const struct feed_input in = {.body = body, .content_type = type, .base = base, .text_only = true};
	struct error e;

	if (feed_parse(&in, &w->arena, &w->feed, &e))
		return fail(EXIT_DATA, e.line ? "%u:%u: %s" : "%.0u%.0u%s", e.line, e.col, e.text);
	return EXIT_DONE;
}

/* ---- where it comes from ---- */

struct body {
	struct why *w;
	struct fetch_reply reply;
};

static void fetched(void *arg, struct fetch_reply *reply)
{
	struct body *b = arg;

	b->reply = *reply;
	*reply = (struct fetch_reply){.outcome = OUTCOME_NONE};
	fetcher_stop(b->w->fetcher);
}

static int from_url(struct why *w, struct span url, const struct host_settings *host)
{
	const struct fetcher_options options = {
		.config = w->config, .wait_max_ms = 60 * 1000, .version = INGESTD_VERSION};
	struct body b = {.w = w};
	struct error e;
	int code;

	if (fetcher_new(uv_default_loop(), &options, &w->fetcher, &e))
		return fail(EXIT_BUG, "%s", e.text);
	if (fetch_start_subscribed(w->fetcher, url, 0, NULL, host, fetched, &b))
		fetcher_stop(w->fetcher);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	fetcher_free(w->fetcher);
	if (b.reply.outcome != OUTCOME_PAGE)
		code = fail(EXIT_TRY_AGAIN, "%s", b.reply.error ? b.reply.error : "no feed came");
	else
		code = parse(w, strbuf_span(&b.reply.body), span_str(b.reply.content_type),
			     span_str(b.reply.final_url));
	if (!code)
		code = explain(w);
	reply_release(&b.reply);
	return code;
}

static int from_file(struct why *w, const char *path)
{
	CLEANUP(strbuf_release) struct strbuf body = STRBUF_INIT(FEED_BODY_MAX + 1);
	const char *base = w->options->base ? w->options->base : w->url;
	struct error e;
	int code;

	if (batch_read_file(path, &body, &e))
		return fail(EXIT_NO_FOLDER, "%s", e.text);
	code = parse(w, strbuf_span(&body), span_str(w->options->content_type), span_str(base));
	return code ? code : explain(w);
}

static const struct feed_config *configured(const struct config *config, struct span url)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (span_eq_str(url, config->feeds[i].url))
			return &config->feeds[i];
	return NULL;
}

int command_feed_why(const struct options *options, const struct config *config, const struct shape *shape)
{
	struct why w = {.options = options,
			.config = config,
			.shape = shape,
			.kits = {NULL, shape},
			.settings = &config->feed_defaults,
			.arena = ARENA_INIT(FEED_ARENA_MAX),
			.kept = ARENA_INIT(256 << 20)};
	const char *arg = options->args[0], *address = options->base ? options->base : arg;
	const struct feed_config *feed = NULL;
	struct stat st;
	struct error e;
	struct url url;
	bool is_url = !url_parse(span_str(address), NULL, &w.kept, &url, NULL);
	int code;

	if (is_url)
		feed = configured(config, url_key(&url));
	if (feed) {
		w.url = feed->url;
		w.settings = &feed->settings;
	}
	if (kit_for(&w.kits, config, w.settings, NULL, &w.kit, &e))
		code = fail(EXIT_BAD_CONFIG, "%s", e.text);
	else if (stat(arg, &st) == 0)
		code = from_file(&w, arg);
	else if (is_url)
		code = from_url(&w, url_key(&url), feed && feed->own_host ? &feed->host : NULL);
	else
		code = fail(EXIT_NO_FOLDER, "'%s' is neither a file nor an address", arg);
	kits_release(&w.kits);
	arena_release(&w.arena);
	arena_release(&w.kept);
	if (!code && fflush(stdout))
		code = EXIT_NO_WRITE;
	return code;
}
