/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/date.h"
#include "config/print.h"

/* A text of lines, quoted: whatever it holds, it is read back. */
static void put_lines(struct out *o, const char *text)
{
	struct span rest = span_str(text), line;

	/* put_text() knows single lines; between them stands an escape */
	put(o, "\"");
	while ((line = span_split(&rest, '\n')).ptr) {
		for (size_t i = 0; i < line.len && !o->r; i++) {
			if (line.ptr[i] == '"' || line.ptr[i] == '\\')
				o->r = strbuf_add_byte(o->b, '\\');
			if (!o->r)
				o->r = (unsigned char)line.ptr[i] < 0x20
					       ? strbuf_addf(o->b, "\\x%02x", (unsigned)line.ptr[i])
					       : strbuf_add_byte(o->b, line.ptr[i]);
		}
		if (rest.ptr)
			put(o, "\\n");
	}
	put(o, "\"");
}

static void put_default(struct out *o, const struct feed_default *d)
{
	if (d->items) {
		put(o, "[");
		for (size_t i = 0; d->items[i]; i++) {
			put(o, i ? ", " : "");
			put_text(o, d->items[i]);
		}
		put(o, "]");
	} else if (d->plain) {
		put(o, d->text);
	} else {
		put_text(o, d->text);
	}
}

static void put_rule(struct out *o, const struct feed_rule *rule)
{
	put(o, "{");
	for (size_t i = 0; i < rule->count; i++) {
		put(o, i ? ", " : "");
		put(o, rule->conditions[i].field);
		put(o, ": ");
		put_lines(o, rule->conditions[i].pattern);
	}
	put(o, "}");
}

static void put_rules(struct out *o, const struct feed_rules *rules, unsigned indent)
{
	if (!rules->count)
		put(o, "[]");
	for (size_t i = 0; i < rules->count; i++) {
		put(o, "\n");
		put_spaces(o, indent + 2);
		if (rules->at[i].topic) {
			put_lines(o, rules->at[i].topic);
			put(o, ": ");
		} else {
			put(o, "- ");
		}
		put_rule(o, &rules->at[i]);
	}
}

static void put_first(struct out *o, const struct feed_first *f)
{
	struct date day = {.seconds = f->since};
	char buf[32];

	switch (f->kind) {
	case FEED_FIRST_ALL: put(o, "all"); return;
	case FEED_FIRST_SINCE: put(o, date_format(&day, buf)); return;
	case FEED_FIRST_NEWEST: break;
	}
	(void)snprintf(buf, sizeof(buf), "%u", f->newest);
	put(o, buf);
}

void put_feed_value(struct out *o, const struct key *k, const void *at, const void *base, unsigned indent)
{
	const struct feed_settings *f = base;

	switch (k->type) {
	case KEY_BLOCK:
		if (*(const char *const *)at)
			put_lines(o, *(const char *const *)at);
		else
			put(o, "null");
		return;
	case KEY_DEFAULTS:
		if (!f->default_count)
			put(o, "{}");
		for (size_t i = 0; i < f->default_count; i++) {
			put(o, "\n");
			put_spaces(o, indent + 2);
			put(o, f->defaults[i].key);
			put(o, ": ");
			put_default(o, &f->defaults[i]);
		}
		return;
	case KEY_TOPICS:
		if (!f->topics.count) {
			put(o, "{}");
			return;
		}
		put_rules(o, at, indent);
		return;
	case KEY_RULES: put_rules(o, at, indent); return;
	case KEY_FIRST: put_first(o, at); return;
	default: return;
	}
}

bool is_feed_block(const struct key *k, const void *at, const void *base)
{
	switch (k->type) {
	case KEY_DEFAULTS: return ((const struct feed_settings *)base)->default_count > 0;
	case KEY_TOPICS:
	case KEY_RULES: return ((const struct feed_rules *)at)->count > 0;
	default: return false;
	}
}

void put_feeds(struct out *o, struct config *c, const key_set *set)
{
	put(o, c->feed_count ? "feeds:\n" : "feeds: [] # default\n");
	for (size_t i = 0; i < c->feed_count; i++) {
		struct feed_config *f = &c->feeds[i];

		put(o, "  - url: ");
		put_text(o, f->url);
		put(o, "\n");
		if (f->name) {
			put(o, "    name: ");
			put_text(o, f->name);
			put(o, "\n");
		}
		if (f->category) {
			put(o, "    category: ");
			put_text(o, f->category);
			put(o, "\n");
		}
		put_settings(o, &(struct bases){.host = &f->host, .feed = &f->settings}, set[i], 4);
	}
}
