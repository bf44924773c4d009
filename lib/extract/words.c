/* SPDX-License-Identifier: MIT */
#include "extract/words.h"

/* Sorted, for lookup() goes by the first letter; `begins` words match longer ones too. */
static const struct {
	const char *word;
	uint8_t len;
	bool begins;
	unsigned bits;
} vocabulary[] = {
	{"ad", 2, false, WORD_AD},
	{"ads", 3, false, WORD_AD},
	{"advert", 6, true, WORD_AD},
	{"archive", 7, true, WORD_ASIDE},
	{"article", 7, false, WORD_ARTICLE},
	{"articlebody", 11, false, WORD_ARTICLE},
	{"artikel", 7, false, WORD_ARTICLE},
	{"aside", 5, false, WORD_ASIDE},
	{"auteur", 6, true, WORD_AUTHOR},
	{"author", 6, true, WORD_AUTHOR},
	{"autor", 5, true, WORD_AUTHOR},
	{"autore", 6, false, WORD_AUTHOR},
	{"avatar", 6, true, WORD_AVATAR},
	{"badge", 5, false, WORD_LOGO},
	{"bajada", 6, false, WORD_SUMMARY},
	{"banner", 6, false, WORD_AD},
	{"bio", 3, false, WORD_BIO},
	{"biography", 9, false, WORD_BIO},
	{"breadcrumb", 10, true, WORD_ASIDE},
	{"byline", 6, true, WORD_AUTHOR},
	{"bylines", 7, false, WORD_AUTHOR},
	{"calendar", 8, false, WORD_EVENT},
	{"carousel", 8, false, WORD_ASIDE},
	{"chapeau", 7, false, WORD_SUMMARY},
	{"chapo", 5, false, WORD_SUMMARY},
	{"comment", 7, true, WORD_COMMENT},
	{"commenter", 9, true, WORD_COMMENT},
	{"content", 7, false, WORD_ARTICLE},
	{"contributor", 11, true, WORD_AUTHOR},
	{"created", 7, false, WORD_PUBLISHED | WORD_DATE},
	{"creator", 7, false, WORD_AUTHOR},
	{"credit", 6, true, WORD_META},
	{"date", 4, true, WORD_DATE},
	{"dateline", 8, false, WORD_DATE},
	{"datum", 5, false, WORD_DATE},
	{"day", 3, false, WORD_DATE},
	{"deck", 4, false, WORD_SUMMARY},
	{"dek", 3, false, WORD_SUMMARY},
	{"details", 7, false, WORD_META},
	{"discussion", 10, false, WORD_COMMENT},
	{"disqus", 6, true, WORD_COMMENT},
	{"entradilla", 10, false, WORD_SUMMARY},
	{"entry", 5, false, WORD_ARTICLE},
	{"event", 5, false, WORD_EVENT},
	{"events", 6, false, WORD_EVENT},
	{"fecha", 5, false, WORD_DATE},
	{"footer", 6, false, WORD_ASIDE},
	{"gravatar", 8, false, WORD_AVATAR},
	{"headline", 8, false, WORD_TITLE},
	{"headshot", 8, false, WORD_AVATAR},
	{"icon", 4, false, WORD_LOGO},
	{"info", 4, false, WORD_META},
	{"ingress", 7, false, WORD_SUMMARY},
	{"intro", 5, false, WORD_SUMMARY},
	{"journalist", 10, true, WORD_AUTHOR},
	{"latest", 6, false, WORD_ASIDE},
	{"lede", 4, false, WORD_SUMMARY},
	{"logo", 4, true, WORD_LOGO},
	{"manchet", 7, false, WORD_SUMMARY},
	{"masthead", 8, false, WORD_ASIDE},
	{"menu", 4, false, WORD_ASIDE},
	{"meta", 4, false, WORD_META},
	{"metadata", 8, false, WORD_META},
	{"modified", 8, false, WORD_MODIFIED},
	{"more", 4, false, WORD_ASIDE},
	{"nav", 3, false, WORD_ASIDE},
	{"navbar", 6, false, WORD_ASIDE},
	{"navigation", 10, false, WORD_ASIDE},
	{"newsletter", 10, true, WORD_ASIDE},
	{"placeholder", 11, false, WORD_LOGO},
	{"popular", 7, false, WORD_ASIDE},
	{"post", 4, false, WORD_ARTICLE},
	{"posted", 6, false, WORD_PUBLISHED | WORD_DATE},
	{"postedon", 8, false, WORD_PUBLISHED | WORD_DATE},
	{"posthead", 8, false, WORD_ARTICLE},
	{"promo", 5, false, WORD_ASIDE},
	{"pubdate", 7, false, WORD_PUBLISHED | WORD_DATE},
	{"publication", 11, false, WORD_PUBLISHED},
	{"publish", 7, true, WORD_PUBLISHED | WORD_DATE},
	{"rail", 4, false, WORD_ASIDE},
	{"readmore", 8, false, WORD_ASIDE},
	{"recent", 6, false, WORD_ASIDE},
	{"recirc", 6, true, WORD_ASIDE},
	{"recommend", 9, true, WORD_ASIDE},
	{"related", 7, false, WORD_ASIDE},
	{"replies", 7, false, WORD_COMMENT},
	{"reply", 5, false, WORD_COMMENT},
	{"reporter", 8, false, WORD_AUTHOR},
	{"respond", 7, false, WORD_COMMENT},
	{"share", 5, false, WORD_META},
	{"sidebar", 7, true, WORD_ASIDE},
	{"signature", 9, false, WORD_AUTHOR},
	{"sottotitolo", 11, false, WORD_SUMMARY},
	{"sponsor", 7, true, WORD_AD},
	{"sprite", 6, false, WORD_LOGO},
	{"standfirst", 10, false, WORD_SUMMARY},
	{"story", 5, false, WORD_ARTICLE},
	{"subhead", 7, false, WORD_SUMMARY},
	{"subheading", 10, false, WORD_SUMMARY},
	{"subheadline", 11, false, WORD_SUMMARY},
	{"submitted", 9, false, WORD_PUBLISHED | WORD_DATE | WORD_META},
	{"subtitle", 8, false, WORD_SUMMARY},
	{"summary", 7, false, WORD_SUMMARY},
	{"teaser", 6, true, WORD_ASIDE},
	{"thread", 6, false, WORD_COMMENT},
	{"time", 4, false, WORD_DATE},
	{"timestamp", 9, false, WORD_DATE},
	{"title", 5, false, WORD_TITLE},
	{"trending", 8, false, WORD_ASIDE},
	{"untertitel", 10, false, WORD_SUMMARY},
	{"updated", 7, false, WORD_MODIFIED},
	{"updatedate", 10, false, WORD_MODIFIED},
	{"username", 8, false, WORD_AUTHOR},
	{"vorspann", 8, false, WORD_SUMMARY},
	{"weather", 7, false, WORD_EVENT},
	{"widget", 6, false, WORD_ASIDE},
	{"writer", 6, false, WORD_AUTHOR},
	{"zeit", 4, false, WORD_DATE},
};

/* Page builders call each part of a page so ("elementor-widget"); only what is a widget first is beside the
 * text ("widget", "widget_recent_entries"). */
static bool means_part(const char *w, size_t len, bool first)
{
	return !first && len == 6 && !memcmp(w, "widget", 6);
}

static unsigned lookup(const char *w, size_t len)
{
	static uint8_t
		first[28]; /* where each letter's rows begin; filled once, always with the same values */
	unsigned bits = 0;
	unsigned letter = (unsigned)(w[0] - 'a');

	if (!__atomic_load_n(&first[27], __ATOMIC_ACQUIRE)) {
		for (unsigned l = 0, i = 0; l < 26; l++) {
			while (i < ARRAY_SIZE(vocabulary) && (unsigned)(vocabulary[i].word[0] - 'a') < l)
				i++;
			__atomic_store_n(&first[l], (uint8_t)i, __ATOMIC_RELAXED);
		}
		__atomic_store_n(&first[26], (uint8_t)ARRAY_SIZE(vocabulary), __ATOMIC_RELAXED);
		__atomic_store_n(&first[27], 1, __ATOMIC_RELEASE);
	}
	if (letter > 25)
		return 0;
	for (size_t i = first[letter]; i < first[letter + 1]; i++) {
		size_t n = vocabulary[i].len;

		if (n <= len && (n == len || vocabulary[i].begins) && !memcmp(vocabulary[i].word, w, n))
			bits |= vocabulary[i].bits;
	}
	return bits;
}

unsigned words_of(struct span v)
{
	char word[24];
	unsigned bits = 0, name = 0; /* of the name at hand */
	size_t n = 0;
	bool utility = false, first = true; /* word of the name */

	if (v.len > 512)
		v.len = 512;
	for (size_t i = 0; i <= v.len; i++) {
		char c = i < v.len ? v.ptr[i] : ' ';
		bool capital = c >= 'A' && c <= 'Z' && i && v.ptr[i - 1] >= 'a' && v.ptr[i - 1] <= 'z';

		if ((!byte_is_alpha(c) || capital) && n) {
			if (n > 1 && !means_part(word, n, first))
				name |= lookup(word, n);
			n = 0;
			first = false;
		}
		/* "md:[grid-area:sidebar]" lays out, it names nothing */
		utility |= c == ':';
		if (byte_is_space(c)) {
			bits |= utility ? 0 : name;
			name = 0;
			utility = false;
			first = true;
		}
		if (byte_is_alpha(c)) {
			if (n < sizeof(word))
				word[n++] = byte_lower(c);
		}
	}
	return bits;
}

unsigned words_of_node(const struct node *n)
{
	unsigned bits = 0;

	if (node_is_text(n))
		return 0;
	for (uint32_t i = 0; i < n->size; i++)
		if (n->attrs[i].id == ATTR_CLASS || n->attrs[i].id == ATTR_ID)
			bits |= words_of(span_of(n->attrs[i].value_ptr ? n->attrs[i].value_ptr : "",
						 n->attrs[i].value_len));
	return bits;
}

/* The same, remembered: ancestors are asked for again and again. */
static unsigned words_known(struct words_cache *cache, const struct node *n)
{
	size_t at = ((uintptr_t)n >> 6) % ARRAY_SIZE(cache->nodes);

	if (cache->nodes[at] != n) {
		cache->nodes[at] = n;
		cache->bits[at] = words_of_node(n);
	}
	return cache->bits[at];
}

void words_set_heading(struct words_cache *cache, const struct node *heading)
{
	cache->heading_known = heading != NULL;
	for (const struct node *n = heading; n; n = n->parent)
		if (n->depth <= WRAPPER_DEPTH_KNOWN)
			cache->wrappers[n->depth] = n;
}

unsigned words_around(struct words_cache *cache, const struct node *n)
{
	unsigned bits = 0;

	for (; n && n->parent && n->tag != TAG_BODY && n->tag != TAG_HTML; n = n->parent) {
		unsigned here = n->tag == TAG_TEXT ? 0 : words_known(cache, n);

		switch (n->tag) {
		case TAG_ASIDE:
		case TAG_NAV:
		case TAG_FOOTER: here |= WORD_ASIDE; break;
		case TAG_ARTICLE:
		case TAG_MAIN: here |= WORD_ARTICLE; break;
		default: break;
		}
		if (cache->heading_known ? n->depth <= WRAPPER_DEPTH_KNOWN && cache->wrappers[n->depth] == n
					 : n->depth <= WRAPPER_DEPTH)
			here &= ~(unsigned)(WORD_ASIDE | WORD_META | WORD_AD | WORD_COMMENT);
		bits |= here;
	}
	return bits;
}
