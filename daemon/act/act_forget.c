/* SPDX-License-Identifier: MIT */
/* act_forget.c - what the state knows is forgotten while the service goes on. */
#include "act_inner.h"

#include "base/url.h"

/* One name; of a document the claim on it, so that no task that recalled what was written writes meanwhile.
 */
struct item {
	struct pass_claim claim;
	struct act *act;
	const struct root *root; /* NULL: nobody can be at work on it */
	size_t asked;
	char path[]; /* absolute, as the state knows it, or what was typed */
};

enum act_kind act_kind(struct span name, struct arena *arena, struct span *key)
{
	struct url u;

	*key = name;
	if (!url_parse(name, NULL, arena, &u, NULL)) {
		*key = url_key(&u);
		return ACT_URL;
	}
	return span_find_byte(name, '/') < 0 && !span_ends_nocase(name, SPAN(".md")) &&
			       !span_ends_nocase(name, SPAN(".markdown"))
		       ? ACT_HOST
		       : ACT_DOCUMENT;
}

static void release(struct act *act)
{
	struct acts *a = act->acts;

	if (--act->waiting)
		return;
	if (!a->stopped)
		a->o.look(a->o.look_arg);
	if (!act->left && act->forgotten)
		act->forgotten(act->arg, act->failed ? -1 : act->records);
	pass_let(a->o.pass);
	act_end(act);
}

static void forgotten(void *arg, int64_t count)
{
	struct act *act = arg;

	act->failed |= count < 0;
	act->records += MAX(count, 0);
	release(act);
}

static void ask(struct act *act, enum store_forget_kind kind, struct span what)
{
	act->waiting++;
	if (store_forget(act->acts->o.store, kind, what, forgotten, act))
		forgotten(act, -1);
}

/* ---- documents ---- */

static void end_item(struct item *item)
{
	struct act *act = item->act;
	struct acts *a = act->acts;
	const char *relative;

	if (item->root) {
		pass_unclaim(a->o.pass, &item->claim);
		/* it is read anew */
		if (acts_root(a, item->path, &relative) &&
		    pass_add(a->o.pass, item->root, span_str(relative), PASS_CHANGED))
			act->failed = true;
	}
	free(item);
	release(act);
}

static void item_forgotten(void *arg, int64_t count)
{
	struct item *item = arg;

	item->act->failed |= count < 0;
	item->act->records += MAX(count, 0);
	if (!--item->asked)
		end_item(item);
}

static void granted(void *arg)
{
	static const enum store_forget_kind kinds[] = {STORE_FORGET_DOCUMENT, STORE_FORGET_WRITTEN};
	struct item *item = arg;
	struct span path = span_str(item->path);

	item->asked = 1;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		item->asked++;
		if (store_forget(item->act->acts->o.store, kinds[i], path, item_forgotten, item))
			item_forgotten(item, -1);
	}
	if (!--item->asked)
		end_item(item);
}

static void forget_document(struct act *act, const char *path)
{
	struct acts *a = act->acts;
	struct item *item = calloc(1, sizeof(*item) + strlen(path) + 1);
	const char *relative = "";

	if (!item) {
		act->failed = true;
		return;
	}
	memcpy(item->path, path, strlen(path));
	item->act = act;
	item->root = acts_root(a, item->path, &relative);
	act->waiting++;
	item->claim = (struct pass_claim){.fn = granted, .arg = item};
	if (!item->root || !*relative) {
		item->root = NULL;
		granted(item);
	} else if (pass_claim(a->o.pass, item->root, relative, &item->claim)) {
		item->root = NULL;
		act->failed = true;
		end_item(item);
	}
}

enum err act_forget(struct acts *a, const char *const *names, size_t count, act_forgotten_fn *done, void *arg,
		    struct act **ret, struct error *e)
{
	static const enum store_forget_kind kinds[] = {
		[ACT_URL] = STORE_FORGET_URL, [ACT_HOST] = STORE_FORGET_HOST};
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(4 * URL_MAX);
	struct act *act;
	enum err r = act_new(a, ret, &act, e);

	if (r)
		return r;
	act->forgotten = done;
	act->arg = arg;
	act->waiting = 1;
	pass_keep(a->o.pass);
	for (size_t i = 0; i < count; i++) {
		struct span key;
		enum act_kind kind;

		arena_reset(&arena);
		kind = act_kind(span_str(names[i]), &arena, &key);
		if (kind == ACT_DOCUMENT)
			forget_document(act, names[i]);
		else
			ask(act, kinds[kind], key);
	}
	release(act);
	return ERR_OK;
}
