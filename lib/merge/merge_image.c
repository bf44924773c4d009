/* SPDX-License-Identifier: MIT */
#include "merge/merge_inner.h"

#include "base/url.h"

enum {
	TRIED_MAX = 5,    /* candidates of one link that are measured */
	SIDE_MIN = 64,    /* pixels: less is an icon, a spacer, a counter */
	RATIO_MAX = 6,    /* longer is a banner, a divider */
	GOOD_WIDTH = 200, /* less is shown where there is no other */
	GOOD_HEIGHT = 120,
	GOOD_RATIO_TENTHS = 35,
	IMAGES_MAX = 8,
};

enum fit { FIT_NOT, FIT_POOR, FIT_GOOD };

/* How well a picture of that type and size stands for an article. */
static enum fit fit_of(const struct merge_image *k)
{
	uint64_t low = MIN(k->width, k->height), high = MAX(k->width, k->height);

	if (k->type == IMAGE_ICO || k->type == IMAGE_ICNS || k->type == IMAGE_TIFF)
		return FIT_NOT;
	if (k->type != IMAGE_SVG && (low < SIDE_MIN || high > low * RATIO_MAX))
		return FIT_NOT;
	/* drawings have no size of their own; the others few browsers show */
	if (k->type == IMAGE_SVG || k->type == IMAGE_BMP || k->type == IMAGE_HEIC || k->type == IMAGE_HEIF ||
	    k->type == IMAGE_JXL)
		return high > low * RATIO_MAX ? FIT_NOT : FIT_POOR;
	if (k->width < GOOD_WIDTH || k->height < GOOD_HEIGHT || high * 10 > low * GOOD_RATIO_TENTHS)
		return FIT_POOR;
	return FIT_GOOD;
}

static struct span key_of(struct merger *m, struct span url)
{
	struct url u;

	return url_parse(url, NULL, m->arena, &u, NULL) ? SPAN_NONE : url_key(&u);
}

static const struct merge_image *find(const struct merger *m, struct span key)
{
	for (size_t i = 0; i < m->options->image_count; i++)
		if (span_eq(m->options->images[i].url, key))
			return &m->options->images[i];
	return NULL;
}

/* Once for each URL of a document; the first who asks gives the Referer. */
static void want_image(struct merger *m, struct span key, struct span referer)
{
	struct patch *p = m->patch;

	for (size_t i = 0; i < p->image_want_count; i++)
		if (span_eq(p->image_wants[i].url, key))
			return;
	p->image_wants[p->image_want_count++] = (struct merge_image_want){key, referer, m->options->copies};
}

/* What is known of an image. NULL: it was asked for now, or has no URL that can be fetched. */
static const struct merge_image *look(struct merger *m, struct span url, struct span referer, bool copy)
{
	struct span key = key_of(m, url);
	const struct merge_image *k = key.len ? find(m, key) : NULL;

	if (key.len && (!k || (copy && m->options->copies && k->state == MERGE_IMAGE_GOOD && !k->copy.ptr &&
			       !k->copy_tried))) {
		want_image(m, key, referer);
		return NULL;
	}
	return k;
}

static struct image image_of(const struct merger *m, struct span url, const struct merge_image *k)
{
	struct image image = {.url = url, .width = k->width, .height = k->height};

	if (m->options->copies_local && k->copy.len)
		image.url = k->copy;
	else
		image.cached = m->options->copies && !m->options->copies_local && k->copy.ptr;
	return image;
}

/* The best of those that are measured to be good; a poor one where there is no good one. Asks for one after
 * the other. False: more has to be known first, or will be known later. */
static bool pick(struct merger *m, const struct metadata *md, struct span from, size_t max, struct image *ret,
		 size_t *count)
{
	struct image poor = {0};
	bool have_poor = false;

	*count = 0;
	for (size_t i = 0; i < MIN(md->image_count, (size_t)TRIED_MAX) && *count < max; i++) {
		const struct image_choice *choice = &md->images[i];
		size_t asked = m->patch->image_want_count;
		const struct merge_image *k = look(m, choice->url, from, false);
		enum fit fit;

		if (m->patch->image_want_count > asked)
			return false;
		if (!k || k->state == MERGE_IMAGE_NONE)
			continue;
		if (k->state == MERGE_IMAGE_LATER) {
			/* a worse one now would stand there for good */
			m->patch->images_later++;
			return false;
		}
		if (k->state == MERGE_IMAGE_FORBIDDEN) {
			/* nobody may look: what the page itself says first of all */
			if (i == 0)
				ret[(*count)++] = (struct image){
					.url = choice->url, .width = choice->width, .height = choice->height};
			continue;
		}
		fit = fit_of(k);
		if (fit == FIT_NOT || (fit == FIT_POOR && have_poor))
			continue;
		look(m, choice->url, from, true);
		if (m->patch->image_want_count > asked)
			return false;
		if (fit == FIT_GOOD) {
			ret[(*count)++] = image_of(m, choice->url, k);
		} else {
			poor = image_of(m, choice->url, k);
			have_poor = true;
		}
	}
	if (!*count && have_poor)
		ret[(*count)++] = poor;
	return *count > 0;
}

/* As the page declares, unmeasured. */
static bool pick_declared(const struct metadata *md, struct image *ret, size_t *count)
{
	if (!md->image_count)
		return false;
	ret[0] = (struct image){
		.url = md->images[0].url, .width = md->images[0].width, .height = md->images[0].height};
	*count = 1;
	return true;
}

bool merge_set_image(struct merger *m, const struct want *want, const struct metadata *md, struct span from)
{
	const struct link *link = &m->doc->links[want->link];
	const struct candidate *c = md->chosen[FIELD_IMAGE];
	struct image *images = ARENA_NEW_ARRAY(m->arena, struct image, IMAGES_MAX);
	size_t count = 0, max = MIN(MAX(m->options->images_max, 1u), (unsigned)IMAGES_MAX);
	struct merge_change *change;

	if (!images || !c)
		return false;
	if (link->image_count && merge_is_worse(want, FIELD_IMAGE, c)) {
		merge_complete_images(m, want);
		return true;
	}
	if (!(m->options->measure ? pick(m, md, from, max, images, &count)
				  : pick_declared(md, images, &count)))
		return false;
	if (merge_is_again(want->gaps[FIELD_IMAGE]) && link->image_count &&
	    span_eq(images[0].url, link->images[0].url)) {
		merge_complete_images(m, want); /* the mark of a copy, say */
		return true;
	}
	change = merge_add(m, want, FIELD_IMAGE, c->source, from);
	change->score = c->score;
	change->change.images = images;
	change->change.image_count = count;
	return true;
}

void merge_complete_images(struct merger *m, const struct want *want)
{
	const struct link *link = &m->doc->links[want->link];
	size_t count = MIN(link->image_count, (size_t)IMAGES_MAX);
	struct image *images = ARENA_NEW_ARRAY(m->arena, struct image, IMAGES_MAX);
	bool any = false;
	struct merge_change *change;

	for (size_t i = 0; i < count && images && m->options->measure; i++) {
		const struct image *old = &link->images[i];
		const struct merge_image *k = old->url.len ? look(m, old->url, link->url, true) : NULL;

		images[i] = (struct image){.url = old->url};
		if (!k || k->state != MERGE_IMAGE_GOOD)
			continue;
		images[i].width = k->width;
		images[i].height = k->height;
		images[i].cached = old->unmarked && k->copy.ptr;
		any |= !old->width || !old->height || images[i].cached;
	}
	if (!any)
		return;
	change = merge_add(m, want, FIELD_IMAGE, SPAN("the image's first bytes"), link->images[0].url);
	change->score = want->scores[FIELD_IMAGE]; /* it is the same picture */
	change->change.images = images;
	change->change.image_count = count;
}

bool merge_measure_image(const struct merge_options *options, struct patch *patch, struct arena *arena,
			 struct span referer, struct image *ret)
{
	struct merger m = {.options = options, .arena = arena, .patch = patch};
	struct image_choice one = {.url = ret->url, .width = ret->width, .height = ret->height};
	const struct metadata md = {.images = &one, .image_count = 1};
	size_t count;

	return pick(&m, &md, referer, 1, ret, &count);
}
