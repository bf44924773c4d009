/* SPDX-License-Identifier: MIT */
#include "extract/choose_inner.h"
#include "extract/image_hint.h"
#include "extract/site_inner.h"

static const char lost_logo[] = "the site's logo or icon", lost_placeholder[] = "a placeholder",
		  lost_tiny[] = "too small", lost_avatar[] = "a person's portrait beside the text",
		  lost_other[] = "another size of the same picture", lost_kind[] = "no picture",
		  lost_shared[] = "other pages of the host show it too";
enum { IMAGES_CHOSEN = 8, TINY = 80, SMALL = 200, PERHAPS_LOGO = 8 };

/* Words of a file's name, between marks that are no letters. "default" is none of them: many hosts name real
 * pictures so. */
static bool has_word(struct span s, const char *word)
{
	struct span w = span_str(word);

	for (size_t from = 0; from + w.len <= s.len;) {
		ptrdiff_t at = span_find_nocase(span_sub(s, from, s.len), w);
		size_t b, e;

		if (at < 0)
			return false;
		b = from + (size_t)at;
		e = b + w.len;
		if ((b == 0 || !byte_is_alpha(s.ptr[b - 1])) && (e == s.len || !byte_is_alpha(s.ptr[e])))
			return true;
		from = e;
	}
	return false;
}

static struct span file_name(const struct url *u)
{
	size_t i = u->path.len;

	while (i && u->path.ptr[i - 1] != '/')
		i--;
	return span_sub(u->path, i, u->path.len);
}

/* Declared large enough to be a picture, whatever it is called. */
static bool is_large(const struct candidate *k)
{
	return k->width >= 400 && k->height >= 200;
}

/* Two words or more beside the sign's own, none of them the site's: "acme-logo-at-the-fair.jpg" is a picture,
 * "logo-white.jpg" is none. */
static bool names_more(const struct chooser *c, struct span name)
{
	static const char *const formats[] = {".jpg", ".jpeg", ".webp", ".avif"};
	struct span site = squash(c->site, c->arena), label = squash(site_label(c), c->arena);
	unsigned words = 0;
	bool photo = false;

	for (size_t i = 0; i < ARRAY_SIZE(formats) && !photo; i++)
		if (span_ends_nocase(name, span_str(formats[i]))) {
			photo = true;
			name.len -= strlen(formats[i]);
		}
	for (size_t i = 0, end; i < name.len; i = end + 1) {
		struct span word;

		for (end = i; end < name.len && byte_is_alpha(name.ptr[end]);)
			end++;
		word = squash(span_sub(name, i, end), c->arena);
		if (word.len < 3)
			continue;
		if (span_find(site, word) == 0 || span_find(label, word) == 0 ||
		    (label.len >= 3 && span_find(word, label) >= 0))
			return false;
		words++;
	}
	return photo && words >= 3; /* with the word that convicts it */
}

/* Why w is no picture of the article; NULL. A name alone convicts nothing that is declared large: it only
 * weighs less. */
static const char *fault(const struct chooser *c, struct weighed *w, const struct url *u)
{
	static const char *const logos[] = {"logo", "logos", "favicon",    "sprite",
					    "icon", "icons", "touch-icon", "sitelogo"};
	static const struct {
		const char *word;
		size_t more; /* bytes of the name beyond it, at most */
	} placeholders[] = {{"placeholder", 24}, {"spacer", 24},   {"1x1", 24},         {"no-image", 24},
			    {"noimage", 24},     {"no_image", 24}, {"lazyload", 24},    {"nophoto", 24},
			    {"blank", 8},        {"pixel", 8},     {"transparent", 10}, {"loading", 8},
			    {"grey", 8},         {"gray", 8},      {"missing", 8}};
	static const char *const avatars[] = {"avatar", "avatars", "gravatar", "headshot"};
	static const char *const kinds[] = {".mp4", ".webm", ".mp3", ".m3u8", ".pdf", ".html",
					    ".htm", ".swf",  ".ico", ".js",   ".json"};
	struct span name = file_name(u);
	bool logo = span_find_nocase(u->path, SPAN("/logos/")) >= 0 ||
		    span_find_nocase(u->path, SPAN("/icons/")) >= 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (span_ends_nocase(name, span_str(kinds[i])))
			return lost_kind;
	if ((w->from->width && w->from->width < TINY) || (w->from->height && w->from->height < TINY))
		return lost_tiny;
	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (name.len <= strlen(placeholders[i].word) + placeholders[i].more &&
		    has_word(name, placeholders[i].word))
			return lost_placeholder;
	for (size_t i = 0; i < ARRAY_SIZE(logos) && !logo; i++)
		logo = name.len < 48 && has_word(name, logos[i]);
	if (logo) {
		bool more = names_more(c, name), large = is_large(w->from);

		if (!more && !(large && name.len > 16))
			return lost_logo;
		/* both: as good as another; one of them: where there is nothing else */
		w->score = more && large ? w->score - PERHAPS_LOGO : MIN(w->score, PERHAPS_LOGO);
	}
	for (size_t i = 0; i < ARRAY_SIZE(avatars); i++)
		if (has_word(u->path, avatars[i]) || has_word(u->host, avatars[i]))
			return lost_avatar;
	return NULL;
}

struct span picture_stem(struct span name)
{
	for (size_t i = name.len; i > 1; i--)
		if (name.ptr[i - 1] == '-' || name.ptr[i - 1] == '_' || name.ptr[i - 1] == '@') {
			struct span tail = span_sub(name, i, name.len);
			bool size = tail.len > 1 && tail.len < 12;

			for (size_t k = 0; k < tail.len && size; k++)
				size = byte_is_digit(tail.ptr[k]) || tail.ptr[k] == 'x' ||
				       tail.ptr[k] == 'w' || tail.ptr[k] == 'h';
			if (size)
				name = span_sub(name, 0, i - 1);
			break;
		}
	return name;
}

/* What is the same for all sizes of a picture: the file's name without size and extension; the path for names
 * that say nothing. */
static struct span picture_key(const struct url *u, struct arena *arena)
{
	struct span name = file_name(u);
	size_t end = name.len;

	for (size_t i = name.len; i; i--)
		if (name.ptr[i - 1] == '.') {
			end = i - 1;
			break;
		}
	name = span_sub(name, 0, end);
	name = picture_stem(name);
	if (name.len < 5)
		return squash(u->query.len ? u->href : u->path, arena);
	return squash(name, arena);
}

/* The host's own picture, in every size of it, loses to any other; whether it is better than none is the
 * operator's to say. */
static void demote_shared(struct chooser *c)
{
	unsigned shared[CHOOSE_MAX];
	size_t n = 0;

	for (size_t i = 0; i < c->n && c->options->site; i++)
		if (mark_is_shared(c->options->site, MARK_IMAGE, c->w[i].value))
			shared[n++] = c->w[i].from->group;
	for (size_t i = 0; i < c->n && n; i++)
		for (size_t k = 0; k < n; k++)
			if (c->w[i].from->group == shared[k] && c->w[i].score > 0) {
				c->w[i].score = c->options->site_images ? 1 : 0;
				c->w[i].from->lost = lost_shared;
			}
}

void choose_images(struct chooser *c)
{
	struct url u[CHOOSE_MAX];
	unsigned groups = 0;

	weigh(c, FIELD_IMAGE);
	for (size_t i = 0; i < c->n; i++) {
		struct weighed *w = &c->w[i];
		unsigned width;
		const char *why;

		if (url_parse(w->value, NULL, c->arena, &u[i], NULL)) {
			w->score = 0;
			u[i] = (struct url){0};
			continue;
		}
		w->key = picture_key(&u[i], c->arena);
		why = fault(c, w, &u[i]);
		if (why) {
			w->score = 0;
			w->from->lost = why;
		} else if (w->from->score == 0) {
			w->from->lost = lost_logo;
		}
		width = w->from->width ? w->from->width : image_hint_width(&u[i]);
		if ((width && width < SMALL) || (w->from->height && w->from->height < SMALL / 2))
			w->score -= 25;
	}
	/* what the site shows as its own sign is no picture of the article, whoever else names it */
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->n && c->w[i].from->score == 0; k++)
			if (c->w[k].score > 0 && span_eq(c->w[k].value, c->w[i].value)) {
				c->w[k].score = 0;
				c->w[k].from->lost = lost_logo;
			}
	for (size_t i = 0; i < c->n; i++) {
		c->w[i].from->group = 0;
		for (size_t k = 0; k < i && !c->w[i].from->group; k++)
			if (c->w[i].key.len && span_eq(c->w[i].key, c->w[k].key))
				c->w[i].from->group = c->w[k].from->group;
		if (!c->w[i].from->group)
			c->w[i].from->group = ++groups;
	}
	weigh_support(c, 5);
	demote_shared(c);
	c->ret->images = ARENA_NEW_ARRAY(c->arena, struct image_choice, IMAGES_CHOSEN);
	if (!c->ret->images)
		return;
	while (c->ret->image_count < IMAGES_CHOSEN) {
		struct weighed *best = weigh_best(c);
		struct image_choice *into = &c->ret->images[c->ret->image_count];

		if (!best)
			break;
		*into = (struct image_choice){best->value, best->from->width, best->from->height};
		/* sizes that another source declares for the very same address */
		for (size_t i = 0; i < c->n; i++)
			if (span_eq(c->w[i].value, best->value)) {
				if (!into->width)
					into->width = c->w[i].from->width;
				if (!into->height)
					into->height = c->w[i].from->height;
			}
		if (!c->ret->image_count++)
			choose(c, FIELD_IMAGE, best);
		for (size_t i = 0; i < c->n; i++)
			if (c->w[i].from->group == best->from->group) {
				c->w[i].score = 0;
				if (c->w[i].from != best->from && c->w[i].from->lost == lost_score)
					c->w[i].from->lost = lost_other;
			}
	}
}
