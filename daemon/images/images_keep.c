/* SPDX-License-Identifier: MIT */
#include "images_inner.h"

#include <inttypes.h>
#include <jansson.h>

/* ---- the folder ---- */

static bool add_size(void *arg, const char *name, uint64_t bytes, int64_t mtime)
{
	struct images *im = arg;

	(void)name;
	im->copied_bytes += bytes;
	im->newest = MAX(im->newest, mtime);
	return true;
}

enum err keep_open(struct images *im, struct error *e)
{
	enum err r = image_cache_open(im->o.config->image_cache, &im->cache, e);

	if (!r)
		r = image_cache_list(im->cache, add_size, im, e);
	if (r)
		im->cache = image_cache_close(im->cache);
	else /* somebody killed us between a copy and the index */
		im->index_stale = im->newest && image_cache_mtime(im->cache, "images.json") <= im->newest;
	return r;
}

void keep_close(struct images *im)
{
	im->cache = image_cache_close(im->cache);
}

/* ---- room ---- */

/* One line for the whole run, and no copies until documents let go of some. */
static void say_full(struct images *im, const char *why)
{
	char text[512];

	if (im->full)
		return;
	im->full = true;
	(void)snprintf(text, sizeof(text), "no more copies of images are kept: %s", why);
	report_problem(im->o.report, SPAN_NONE, SPAN_NONE, 0, 0, SPAN_NONE, text);
}

static void no_copy(struct image_entry *x)
{
	x->f->copying = false;
	x->state.copy_tried = true;
	if (x->state.known == MERGE_IMAGE_GOOD && x->state.expires_at > x->images->o.now())
		images_settled(x);
	else
		images_ask(x);
}

static void room_made(void *arg, const struct prune_result *result)
{
	struct images *im = arg;
	struct image_entry *list = im->no_room, *held = im->held, *next;
	char text[200];

	im->held = NULL;
	im->pruning = false;
	im->pruned = true;
	im->no_room = NULL;
	im->no_room_end = &im->no_room;
	if (result->result) {
		say_full(im, result->error.text);
	} else {
		im->copied_bytes = result->kept_bytes;
		im->index_stale |= result->removed > 0;
		if (!result->removed) {
			(void)snprintf(text, sizeof(text),
				       "those that documents refer to fill image-cache.size (%" PRIu64
				       " files, %" PRIu64 " bytes)",
				       result->kept, result->kept_bytes);
			say_full(im, text);
		}
	}
	for (struct image_entry *x = list; x; x = next) {
		next = x->next;
		x->next = NULL;
		if (im->full)
			no_copy(x);
		else
			images_ask(x);
	}
	for (struct image_entry *x = held; x; x = next) {
		next = x->next;
		if (x->phase == IMAGE_LOOKUP)
			images_look_up(x);
		else
			keep_copy(x);
	}
}

static void begin_prune(struct images *im)
{
	if (!im->pruning || im->keeping || !im->prune_target)
		return;
	uint64_t target = im->prune_target - 1;

	im->prune_target = 0;
	if (prune_start(im, target, false, room_made, im))
		room_made(im,
			  &(struct prune_result){.result = ERR_NOMEM, .error = {.text = "out of memory"}});
}

bool keep_has_room(struct image_entry *x)
{
	struct images *im = x->images;
	uint64_t max = im->o.config->image_cache_bytes;

	if (im->copied_bytes < max && !im->full && !x->f->no_room)
		return true;
	x->f->no_room = false;
	if (im->full) {
		no_copy(x);
		return false;
	}
	if (im->pruned) {
		say_full(im, "image-cache.size is reached");
		no_copy(x);
		return false;
	}
	x->next = NULL;
	*im->no_room_end = x;
	im->no_room_end = &x->next;
	if (im->pruning)
		return false;
	im->pruning = true;
	im->prune_target = max - MIN(max, MAX(max / 8, x->f->total)) + 1;
	begin_prune(im);
	return false;
}

bool keep_reserve(struct image_entry *x, uint64_t bytes)
{
	struct images *im = x->images;

	keep_unreserve(x);
	if (im->copied_bytes + im->reserved + bytes > im->o.config->image_cache_bytes)
		return false;
	x->f->reserved = bytes;
	im->reserved += bytes;
	return true;
}

void keep_unreserve(struct image_entry *x)
{
	x->images->reserved -= x->f->reserved;
	x->f->reserved = 0;
}

/* ---- keeping one ---- */

void keep_failed(struct image_entry *x, const struct error *why, bool persist)
{
	struct images *im = x->images;
	struct store_image row = x->row;
	char text[sizeof(why->text) + 64];

	if (why->code == ERR_FULL || why->code == ERR_READONLY || why->code == ERR_ACCESS)
		say_full(im, why->text);
	x->state.copy_tried = true;
	row.copy_error = span_str(why->text);
	if (persist) {
		row.copied_at = im->o.now();
		images_put(x, &row);
	}
	(void)snprintf(text, sizeof(text), "no copy is kept: %s", why->text);
	keep_unreserve(x);
	image_copy_drop(&x->f->copy);
	images_tell(x, text);
	images_settled(x);
}

static void keep_run(struct job *job)
{
	struct image_entry *x = CONTAINER_OF(job, struct image_flight, job)->entry;

	x->f->copy_error.code = ERR_OK;
	x->f->kept =
		image_copy_keep(&x->f->copy, x->f->size.type, x->f->file, &x->f->shared, &x->f->copy_error);
}

static void keep_done(struct job *job)
{
	struct image_entry *x = CONTAINER_OF(job, struct image_flight, job)->entry;
	struct images *im = x->images;
	struct store_image row;

	keep_unreserve(x);
	im->keeping--;
	if (x->f->kept) {
		/* damaged on its way or at its source: it may be whole the next time; the folder's own
		 * troubles are nothing to remember of the image */
		keep_failed(x, &x->f->copy_error,
			    x->f->kept == ERR_DAMAGED || x->f->kept == ERR_UNSAFE ||
				    x->f->kept == ERR_UNSUPPORTED || x->f->kept == ERR_TOOBIG);
		begin_prune(im);
		return;
	}
	row = x->row;
	row.file = span_str(x->f->file);
	row.copied_at = row.used_at = im->o.now();
	row.copy_error = SPAN_NONE;
	if (!x->f->shared)
		im->copied_bytes += row.bytes;
	im->index_stale = true;
	images_put(x, &row);
	memcpy(x->state.file, x->f->file, sizeof(x->f->file));
	images_tell(x, NULL);
	images_settled(x);
	begin_prune(im);
}

void keep_copy(struct image_entry *x)
{
	struct images *im = x->images;

	x->phase = IMAGE_KEEPING;
	/* a fast network brings more than a disk can sync: those that wait are many, and must be small */
	if (!x->f->copy.resting && image_copy_rest(&x->f->copy, &x->f->copy_error)) {
		keep_failed(x, &x->f->copy_error, false);
		return;
	}
	if (im->pruning) {
		x->next = im->held;
		im->held = x;
		return;
	}
	x->next = NULL;
	im->keeping++;
	lane_submit(&im->keep_lane, &x->f->job, keep_run, keep_done);
}

/* ---- the index ---- */

struct index {
	struct job job;
	struct images *images;
	char *text;
	struct error error;
	enum err result;
};

static void index_run(struct job *job)
{
	struct index *i = CONTAINER_OF(job, struct index, job);

	i->result = image_cache_write(i->images->cache, "images.json", span_str(i->text), &i->error);
}

static void index_done(struct job *job)
{
	struct index *i = CONTAINER_OF(job, struct index, job);
	struct images *im = i->images;

	if (i->result)
		report_problem(im->o.report, SPAN_NONE, SPAN_NONE, 0, 0, SPAN_NONE, i->error.text);
	im->indexing = false;
	free(i->text);
	free(i);
}

static char *index_text(const struct images *im, const struct store_image *rows, size_t count)
{
	const char *prefix = im->o.config->image_cache_url;
	json_t *all = json_object();
	char *text;

	for (size_t i = 0; i < count; i++) {
		const struct store_image *r = &rows[i];
		json_t *one =
			json_pack("{ss% ss% si si}", "file", r->file.ptr, r->file.len, "type", r->type.ptr,
				  r->type.len, "width", (int)r->width, "height", (int)r->height);

		if (one && prefix)
			json_object_set_new(one, "url", json_sprintf("%s%.*s", prefix, SPAN_ARG(r->file)));
		if (one)
			json_object_setn_new(all, r->url.ptr, r->url.len, one);
	}
	text = json_dumps(all, JSON_INDENT(1));
	json_decref(all);
	return text;
}

static void index_rows(void *arg, const struct store_image *rows, size_t count)
{
	struct images *im = arg;
	struct index *i = calloc(1, sizeof(*i));

	if (i)
		i->text = index_text(im, rows, count);
	if (!i || !i->text) {
		free(i);
		im->indexing = false;
		return;
	}
	i->images = im;
	lane_submit(&im->prune_lane, &i->job, index_run, index_done);
}

void images_settle(struct images *im)
{
	if (!im->cache || !im->index_stale || im->indexing)
		return;
	im->index_stale = false;
	im->indexing = !store_list_images(im->o.store, true, index_rows, im);
}

void images_reindex(struct images *im)
{
	im->index_stale = true;
	images_settle(im);
}

bool images_has_cache(const struct images *im)
{
	return im->cache != NULL;
}
