/* SPDX-License-Identifier: MIT */
#include "images_inner.h"

#include "base/url.h"

enum { TRIES_LATER = 3, COPY_AGAIN_SECONDS = 7 * 24 * 3600 };

enum err images_new(const struct images_options *options, struct images **ret, struct error *e)
{
	struct images *im = calloc(1, sizeof(*im));
	struct error why;

	if (!im)
		return err_set(e, ERR_NOMEM, "out of memory");
	im->o = *options;
	im->no_room_end = &im->no_room;
	lane_init(&im->keep_lane, options->loop, 4);
	lane_init(&im->prune_lane, options->loop, 1);
	if (options->config->image_cache && !options->dry_run && keep_open(im, &why)) {
		char text[sizeof(why.text) + 64];

		(void)snprintf(text, sizeof(text), "the image cache cannot be used: %s", why.text);
		if (options->report)
			report_problem(options->report, SPAN_NONE, SPAN_NONE, 0, 0, SPAN_NONE, text);
	}
	*ret = im;
	return ERR_OK;
}

static void images_land(struct image_entry *x)
{
	if (!x->f)
		return;
	image_copy_drop(&x->f->copy);
	strbuf_release(&x->f->head);
	free(x->f);
	x->f = NULL;
}

void images_settled(struct image_entry *x)
{
	struct images *im = x->images;

	images_land(x);
	x->phase = IMAGE_READY;
	x->state.ready = true;
	im->busy--;
	for (struct image_waiter *w = x->waiters, *next; w; w = next) {
		next = w->next;
		w->ready(w->arg);
		free(w);
	}
	x->waiters = NULL;
}

/* ---- rows ---- */

static bool is_passing(const struct store_image *row)
{
	switch (row->outcome) {
	case OUTCOME_DNS:
	case OUTCOME_CONNECT:
	case OUTCOME_TLS:
	case OUTCOME_TIMEOUT:
	case OUTCOME_PROTOCOL: return true;
	case OUTCOME_STATUS: return row->status >= 500 || row->status == 408 || row->status == 429;
	case OUTCOME_NONE:
	case OUTCOME_PAGE:
	case OUTCOME_NOT_HTML:
	case OUTCOME_TOO_LARGE:
	case OUTCOME_REDIRECT:
	case OUTCOME_REFUSED:
	case OUTCOME_COUNT:
	default: return false;
	}
}

static enum image_type type_by_mime(struct span mime)
{
	for (enum image_type t = IMAGE_JPEG; t < IMAGE_TYPES; t++)
		if (span_eq_str(mime, image_mime(t)))
			return t;
	return IMAGE_NONE;
}

void images_from_row(struct image_entry *x)
{
	const struct store_image *row = &x->row;
	struct image_state *s = &x->state;

	s->type = type_by_mime(row->type);
	s->width = row->width;
	s->height = row->height;
	s->referer = row->referer;
	s->expires_at = row->expires_at;
	s->file[0] = 0;
	if (s->type != IMAGE_NONE && s->width && s->height)
		s->known = MERGE_IMAGE_GOOD;
	else if (row->forbidden)
		s->known = MERGE_IMAGE_FORBIDDEN;
	else if (is_passing(row) && row->failures < TRIES_LATER)
		s->known = MERGE_IMAGE_LATER;
	else
		s->known = MERGE_IMAGE_NONE;
	if (row->file.len && image_copy_is_name(row->file))
		(void)snprintf(s->file, sizeof(s->file), "%.*s", SPAN_ARG(row->file));
	s->copy_tried |= row->copied_at && x->images->o.now() < row->copied_at + COPY_AGAIN_SECONDS;
}

static bool take_row(struct image_entry *x, const struct store_image *row)
{
	struct store_image copy = *row;
	struct span *const texts[] = {&copy.final_url, &copy.error, &copy.etag,      &copy.last_modified,
				      &copy.type,      &copy.file,  &copy.copy_error};
	size_t room = 0;
	char *text, *to;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		room += texts[i]->len;
	text = to = malloc(room + 1);
	if (!text)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!texts[i]->ptr)
			continue;
		memcpy(to, texts[i]->ptr, texts[i]->len);
		texts[i]->ptr = to;
		to += texts[i]->len;
	}
	free(x->row_text); /* what row points into, perhaps: the copies are made */
	x->row_text = text;
	x->row = copy;
	x->row.url = span_str(x->state.url);
	return true;
}

void images_put(struct image_entry *x, const struct store_image *row)
{
	/* without memory it is asked for again next time, no worse */
	if (!take_row(x, row))
		return;
	images_from_row(x);
	/* a state that cannot be written is told by store_flush() at the end */
	if (store_put_image(x->images->o.store, &x->row))
		return;
}

/* ---- wanting ---- */

static bool copy_is_wanted(const struct image_entry *x)
{
	return x->want_copy && x->images->cache && x->state.known == MERGE_IMAGE_GOOD && !x->state.file[0] &&
	       !x->state.copy_tried;
}

/* Whether a known copy is still there: somebody may have removed it. */
static void check_copy(struct image_entry *x)
{
	struct images *im = x->images;

	if (!x->state.file[0] || !im->cache || image_cache_has(im->cache, x->state.file))
		return;
	x->state.copy_tried = false;
	x->row.file = SPAN_NONE;
	x->row.copied_at = 0;
	if (store_forget_copy(im->o.store, span_str(x->state.file)))
		return; /* told at the end */
	x->state.file[0] = 0;
}

static void looked_up(void *arg, const struct store_image *row)
{
	struct image_entry *x = arg;
	struct images *im = x->images;
	bool usable;

	if (im->pruning && row->file.len) {
		x->next = im->held;
		im->held = x;
		return;
	}
	usable = row->outcome != OUTCOME_NONE && row->expires_at > im->o.now() && !im->o.force;

	if (row->outcome != OUTCOME_NONE && take_row(x, row)) {
		images_from_row(x);
		check_copy(x);
	}
	if (im->o.force)
		x->state.copy_tried = false;
	if (usable && !copy_is_wanted(x))
		images_settled(x);
	else
		images_ask(x);
}

void images_look_up(struct image_entry *x)
{
	struct images *im = x->images;

	x->next = NULL;
	if (store_get_image(im->o.store, span_str(x->state.url), looked_up, x)) {
		/* the state cannot say: in the next run */
		x->state.deferred = true;
		x->state.known = MERGE_IMAGE_LATER;
		images_settled(x);
	}
}

static void begin(struct image_entry *x)
{
	x->phase = IMAGE_LOOKUP;
	x->state.ready = false;
	x->images->busy++;
	images_look_up(x);
}

static struct image_entry *entry_new(struct images *im, struct span url)
{
	struct image_entry *x = calloc(1, sizeof(*x));
	char *copy = strndup(url.ptr, url.len);

	if (!x || !copy) {
		free(x);
		free(copy);
		return NULL;
	}
	x->images = im;
	x->state.url = copy;
	x->state.known = MERGE_IMAGE_LATER;
	x->row.url = span_of(copy, url.len);
	HASH_ADD_KEYPTR(hh, im->table, copy, url.len, x);
	return x;
}

enum err images_want(struct images *im, struct span url, struct span referer, bool copy,
		     images_ready_fn *ready, void *arg, const struct image_state **ret)
{
	struct image_entry *x;
	struct image_waiter *w;
	bool fresh;

	HASH_FIND(hh, im->table, url.ptr, url.len, x);
	fresh = !x;
	if (!x)
		x = entry_new(im, url);
	if (!x)
		return ERR_NOMEM;
	/* the least of them, so that the order of arrival does not matter */
	if (referer.len && (!x->referer || span_cmp(referer, span_str(x->referer)) < 0) &&
	    (fresh || x->phase == IMAGE_LOOKUP)) {
		char *text = strndup(referer.ptr, referer.len);

		if (text) {
			free(x->referer);
			x->referer = text;
		}
	}
	x->want_copy |= copy;
	if (!fresh && x->phase == IMAGE_READY && !(copy_is_wanted(x) && !x->state.deferred)) {
		*ret = &x->state;
		return ERR_OK;
	}
	w = malloc(sizeof(*w));
	if (!w)
		return ERR_NOMEM;
	if (fresh || x->phase == IMAGE_READY)
		begin(x);
	*ret = &x->state;
	if (x->phase == IMAGE_READY) { /* the state is not to be had */
		free(w);
		return ERR_OK;
	}
	*w = (struct image_waiter){x->waiters, ready, arg};
	x->waiters = w;
	return ERR_OK;
}

enum err images_fact(const struct images *im, const struct image_state *state, struct arena *arena,
		     struct merge_image *ret)
{
	const char *prefix = im->o.config->image_cache_url;

	*ret = (struct merge_image){.url = span_str(state->url),
				    .state = state->known,
				    .type = state->type,
				    .width = state->width,
				    .height = state->height,
				    .copy_tried = state->copy_tried || !im->cache,
				    .copy = SPAN_NONE};
	if (state->file[0]) {
		size_t n = prefix ? strlen(prefix) : 0;
		char *text = arena_alloc(arena, n + strlen(state->file) + 1);

		if (!text)
			return arena_failed(arena);
		memcpy(text, prefix ? prefix : "", n);
		memcpy(text + n, state->file, strlen(state->file) + 1);
		ret->copy = prefix ? span_str(text) : span_of(text, 0);
	}
	return ERR_OK;
}

void images_forget(struct images *im)
{
	struct image_entry *x, *next;

	if (im->busy)
		return;
	HASH_ITER(hh, im->table, x, next)
	{
		HASH_DEL(im->table, x);
		images_land(x);
		free((void *)(uintptr_t)x->state.url);
		free(x->referer);
		free(x->row_text);
		free(x);
	}
	im->pruned = im->full = false;
}

struct images *images_free(struct images *im)
{
	if (!im)
		return NULL;
	images_forget(im);
	keep_close(im);
	free(im);
	return NULL;
}
