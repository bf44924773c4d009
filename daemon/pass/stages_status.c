/* SPDX-License-Identifier: MIT */
/* stages_status.c - what is put down of a document when its task ends, for those who look (store/look.h). */
#include "pass_inner.h"

#include <stdio.h>

/* The URL that its first gap waits for; NULL: none of those that were asked for. */
static const struct url_state *blamed(const struct task *t)
{
	for (size_t i = 0; i < t->url_count; i++)
		if (t->urls[i] && t->open_url.ptr && span_eq_str(t->open_url, t->urls[i]->key))
			return t->urls[i];
	return NULL;
}

static const struct url_state *put_off(const struct task *t)
{
	const struct url_state *u = blamed(t);

	if (u && u->deferred)
		return u;
	for (size_t i = 0; i < t->url_count; i++)
		if (t->urls[i] && t->urls[i]->deferred)
			return t->urls[i];
	return NULL;
}

/* The first picture that the page names and that was asked for in vain; NULL. */
static const struct image_state *vain_picture(const struct task *t)
{
	for (size_t i = 0; i < t->probe_count; i++)
		if (t->probes[i]->known != MERGE_IMAGE_GOOD)
			return t->probes[i];
	return NULL;
}

/* Its page is what it should be and does not say it, or what it names is not to be had. */
static void not_said(const struct task *t, struct task_reason *reason)
{
	static const char *const why[] = {
		[MERGE_IMAGE_GOOD] = "",
		[MERGE_IMAGE_NONE] = "there is no picture at",
		[MERGE_IMAGE_LATER] = "the picture could not be asked for:",
		[MERGE_IMAGE_FORBIDDEN] = "its site lets nobody ask for the picture:",
	};
	const struct image_state *picture = t->missing & 1u << FIELD_IMAGE ? vain_picture(t) : NULL;
	const unsigned untold = picture ? t->missing & ~(1u << FIELD_IMAGE) : t->missing;
	const char *before = "the page does not tell its ";
	size_t n = 0;

	for (enum field f = 0; f < FIELD_LINK_COUNT && n < sizeof(reason->text); f++) {
		if (!(untold & 1u << f))
			continue;
		n += (size_t)snprintf(reason->text + n, sizeof(reason->text) - n, "%s%s", before,
				      field_name(f));
		before = ", ";
	}
	if (picture && n < sizeof(reason->text))
		(void)snprintf(reason->text + n, sizeof(reason->text) - n, "%s%s %s", n ? "; " : "",
			       why[picture->known], picture->url);
}

void task_status(const struct task *t, enum store_state state, struct task_reason *reason,
		 struct store_status *ret)
{
	const struct url_state *u = state == STORE_STATE_WAITING ? put_off(t) : blamed(t);

	*ret = (struct store_status){
		.state = state,
		.missing = t->missing,
		.gaps = t->open,
		.title = t->title,
		.looked_at = t->pass->o.now(),
	};
	reason->text[0] = 0;
	if (state == STORE_STATE_REFUSED) {
		(void)snprintf(reason->text, sizeof(reason->text), "%s", t->error.text);
		ret->line = t->error.line;
		ret->col = t->error.col;
	} else if ((state == STORE_STATE_OPEN || state == STORE_STATE_WAITING) && u) {
		ret->url = span_str(u->key);
		if (t->open_verdict)
			ret->verdict = span_str(t->open_verdict);
		if (u->error)
			(void)snprintf(reason->text, sizeof(reason->text), "%s", u->error);
		else if (state == STORE_STATE_OPEN)
			not_said(t, reason);
	} else if (state == STORE_STATE_OPEN && t->problem_count) {
		(void)snprintf(reason->text, sizeof(reason->text), "%s", t->problems[0].error.text);
		ret->line = t->problems[0].error.line;
	}
	if (reason->text[0])
		ret->reason = span_str(reason->text);
}
