/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds_inner.h"

enum { NAMES_MAX = 100 };

static struct kit *kit_free(struct kit *k)
{
	if (!k)
		return NULL;
	rules_free(k->keep);
	rules_free(k->drop);
	rules_free(k->topics);
	strbuf_release(&k->template);
	free(k->defaults);
	free(k->items);
	free(k->folder);
	free(k);
	return NULL;
}

void kits_release(struct kits *kits)
{
	for (struct kit *k = kits->first, *next; k; k = next) {
		next = k->next;
		kit_free(k);
	}
	kits->first = NULL;
}

/* Lists are made once and copied from there: their addresses tell. */
static bool same(const struct feed_settings *a, const struct feed_settings *b)
{
	return a->folder == b->folder && a->file_name == b->file_name && a->template == b->template &&
	       a->defaults == b->defaults && a->topics.at == b->topics.at && a->keep.at == b->keep.at &&
	       a->drop.at == b->drop.at;
}

static enum err add_rules(const struct feed_rules *from, const char *key, struct rules **ret, struct error *e)
{
	struct rule *list = calloc(from->count + 1, sizeof(*list));
	struct rule_condition *conditions = calloc(from->count + 1, RULE_CONDITIONS * sizeof(*conditions));
	struct error why = {.text = "out of memory"};
	enum err r = list && conditions ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; i < from->count && !r; i++) {
		struct rule_condition *own = &conditions[i * RULE_CONDITIONS];

		list[i] = (struct rule){from->at[i].topic, own,
					MIN(from->at[i].count, (size_t)RULE_CONDITIONS)};
		for (size_t k = 0; k < list[i].count; k++)
			own[k] = (struct rule_condition){from->at[i].conditions[k].field,
							 from->at[i].conditions[k].pattern};
	}
	if (!r)
		r = rules_make(list, from->count, ret, &why);
	free(list);
	free(conditions);
	return r ? err_set(e, r, "new-documents.%s: %s", key, why.text) : ERR_OK;
}

static enum err add_defaults(struct kit *k, struct error *e)
{
	const struct feed_settings *s = k->from;
	size_t lists = 0, at = 0;

	for (size_t i = 0; i < s->default_count; i++)
		for (char **item = s->defaults[i].items; item && *item; item++)
			lists++;
	k->defaults = calloc(s->default_count + 1, sizeof(*k->defaults));
	k->items = calloc(lists + 1, sizeof(*k->items));
	if (!k->defaults || !k->items)
		return err_set(e, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < s->default_count; i++) {
		const struct feed_default *d = &s->defaults[i];
		struct template_value *v = &k->defaults[k->default_count++];

		*v = (struct template_value){d->key, d->plain ? TEMPLATE_PLAIN : TEMPLATE_TEXTUAL,
					     span_str(d->text), &k->items[at], 0};
		if (!d->items)
			continue;
		v->kind = TEMPLATE_LIST;
		for (char **item = d->items; *item; item++) {
			k->items[at++] = span_str(*item);
			v->count++;
		}
	}
	return ERR_OK;
}

static enum err check_template(const struct kit *k, struct error *e)
{
	const char *names[NAMES_MAX + 1];
	struct error why;
	size_t n = 0;
	enum err r;

	for (size_t i = 0; draft_names[i] && n < NAMES_MAX; i++)
		names[n++] = draft_names[i];
	for (size_t i = 0; i < k->default_count && n < NAMES_MAX; i++)
		names[n++] = k->defaults[i].name;
	names[n] = NULL;
	r = template_check(strbuf_span(&k->template), names, &why);
	return r ? err_set(e, r, "new-documents.template: %s", why.text) : ERR_OK;
}

/* What comes of it has to be a document that is read back. */
static enum err try_template(const struct kit *k, const struct shape *shape, struct error *e)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 << 20);
	static const struct feed_entry entry = {
		.title = {"A \"title\": with # signs", 23},
		.link = {"https://a.example/article", 25},
		.summary = {"A summary.", 10},
		.published = {true, {.seconds = 1700000000, .has_time = true, .has_zone = true}},
	};
	static const struct feed feed = {.title = {"A feed", 6}};
	static const char *const topics[] = {"One", "Two"};
	const struct draft_source from = {.feed = &feed,
					  .entry = &entry,
					  .shape = shape,
					  .feed_url = SPAN("https://a.example/feed"),
					  .template = strbuf_span(&k->template),
					  .pattern = span_str(k->from->file_name),
					  .folder = SPAN(""),
					  .defaults = k->defaults,
					  .default_count = k->default_count,
					  .topics = topics,
					  .topic_count = 2,
					  .excerpt_min = 1,
					  .excerpt_max = 300,
					  .now = 1700000000};
	struct document *doc;
	struct draft d;
	struct error why = {.text = "out of memory"};
	enum err r = draft_make(&from, &arena, &d);

	if (!r)
		r = document_parse(d.text, shape, &arena, &doc, &why);
	if (r)
		return err_set(e, r, "new-documents.template: what it gives cannot be read back: line %u: %s",
			       why.line, why.text);
	if (!doc->link_count)
		return err_set(
			e, ERR_INVALID,
			"new-documents.template: what it gives has no link where `fields` looks for one");
	return ERR_OK;
}

/* Where documents go: the folder as it really lies in a content folder. It may not be there yet. */
static enum err place(struct kit *k, const struct config *config, const struct roots *roots, struct error *e)
{
	const char *wanted = k->from->folder ? k->from->folder : config->content ? config->content[0] : NULL;
	char real[PATH_MAX];
	size_t best = 0;

	if (!wanted)
		return err_set(e, ERR_NOTFOUND,
			       "new-documents.folder: there is no content folder to put them in");
	if (!realpath(wanted, real))
		(void)snprintf(real, sizeof(real), "%s", wanted);
	for (size_t i = 0; i < roots->count; i++) {
		const char *path = roots->at[i].path;
		size_t n = strlen(path);

		if (strncmp(real, path, n) != 0 || (real[n] && real[n] != '/' && n > 1) || n < best ||
		    !roots->at[i].whole)
			continue;
		best = n;
		k->root = &roots->at[i];
	}
	if (!k->root)
		return err_set(e, ERR_OUTSIDE, "new-documents.folder: '%.200s' lies in no content folder",
			       wanted);
	while (real[best] == '/')
		best++;
	k->folder = strdup(real + best);
	return k->folder ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory");
}

static enum err fill(struct kit *k, const struct shape *shape, struct error *e)
{
	const struct feed_settings *s = k->from;
	struct error why;
	enum err r = add_rules(&s->keep, "keep", &k->keep, e);

	if (!r)
		r = add_rules(&s->drop, "drop", &k->drop, e);
	if (!r)
		r = add_rules(&s->topics, "topics", &k->topics, e);
	if (!r)
		r = add_defaults(k, e);
	if (!r && file_pattern_check(span_str(s->file_name), &why))
		r = err_set(e, ERR_INVALID, "new-documents.name: %s", why.text);
	if (!r)
		r = s->template ? strbuf_add_str(&k->template, s->template)
				: template_default(shape, &k->template);
	if (!r)
		r = check_template(k, e);
	return r ? r : try_template(k, shape, e);
}

enum err kit_for(struct kits *kits, const struct config *config, const struct feed_settings *settings,
		 const struct roots *roots, struct kit **ret, struct error *e)
{
	struct kit *k = kits->first;
	enum err r;

	while (k && !same(k->from, settings))
		k = k->next;
	if (k) {
		*ret = k;
		return ERR_OK;
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		return err_set(e, ERR_NOMEM, "out of memory");
	k->from = settings;
	k->template = STRBUF_INIT(TEMPLATE_BYTES);
	r = fill(k, kits->shape, e);
	if (!r && roots)
		r = place(k, config, roots, e);
	if (r) {
		kit_free(k);
		return r;
	}
	k->next = kits->first;
	kits->first = k;
	*ret = k;
	return ERR_OK;
}

enum err feeds_check(const struct config *config, const struct shape *shape, struct error *e)
{
	CLEANUP(kits_release) struct kits kits = {NULL, shape};
	struct kit *k;
	enum err r = kit_for(&kits, config, &config->feed_defaults, NULL, &k, e);

	for (size_t i = 0; i < config->feed_count && !r; i++) {
		struct error why;

		r = kit_for(&kits, config, &config->feeds[i].settings, NULL, &k, &why);
		if (r)
			r = err_set(e, r, "feeds: %.120s: %s", config->feeds[i].url, why.text);
	}
	return r;
}
