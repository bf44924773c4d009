/* SPDX-License-Identifier: MIT */
#include "extract/words.h"

/* Sorted, for lookup() goes by the first letter; `begins` words match longer ones too. */
static const struct {
	const char *word;
	unsigned bits;
	bool begins;
} vocabulary[] = {
	{"ad", WORD_AD, false},
	{"ads", WORD_AD, false},
	{"advert", WORD_AD, true},
	{"archive", WORD_ASIDE, true},
	{"article", WORD_ARTICLE, false},
	{"articlebody", WORD_ARTICLE, false},
	{"artikel", WORD_ARTICLE, false},
	{"aside", WORD_ASIDE, false},
	{"auteur", WORD_AUTHOR, true},
	{"author", WORD_AUTHOR, true},
	{"autor", WORD_AUTHOR, true},
	{"autore", WORD_AUTHOR, false},
	{"avatar", WORD_AVATAR, true},
	{"badge", WORD_LOGO, false},
	{"banner", WORD_AD, false},
	{"bio", WORD_BIO, false},
	{"biography", WORD_BIO, false},
	{"breadcrumb", WORD_ASIDE, true},
	{"byline", WORD_AUTHOR, true},
	{"bylines", WORD_AUTHOR, false},
	{"calendar", WORD_EVENT, false},
	{"carousel", WORD_ASIDE, false},
	{"chapo", WORD_SUMMARY, false},
	{"comment", WORD_COMMENT, true},
	{"commenter", WORD_COMMENT, true},
	{"content", WORD_ARTICLE, false},
	{"contributor", WORD_AUTHOR, true},
	{"created", WORD_PUBLISHED | WORD_DATE, false},
	{"creator", WORD_AUTHOR, false},
	{"credit", WORD_META, true},
	{"date", WORD_DATE, true},
	{"dateline", WORD_DATE, false},
	{"datum", WORD_DATE, false},
	{"day", WORD_DATE, false},
	{"deck", WORD_SUMMARY, false},
	{"dek", WORD_SUMMARY, false},
	{"details", WORD_META, false},
	{"discussion", WORD_COMMENT, false},
	{"disqus", WORD_COMMENT, true},
	{"entry", WORD_ARTICLE, false},
	{"event", WORD_EVENT, false},
	{"events", WORD_EVENT, false},
	{"fecha", WORD_DATE, false},
	{"footer", WORD_ASIDE, false},
	{"gravatar", WORD_AVATAR, false},
	{"headline", WORD_TITLE, false},
	{"headshot", WORD_AVATAR, false},
	{"icon", WORD_LOGO, false},
	{"info", WORD_META, false},
	{"intro", WORD_SUMMARY, false},
	{"journalist", WORD_AUTHOR, true},
	{"latest", WORD_ASIDE, false},
	{"lede", WORD_SUMMARY, false},
	{"logo", WORD_LOGO, true},
	{"masthead", WORD_ASIDE, false},
	{"menu", WORD_ASIDE, false},
	{"meta", WORD_META, false},
	{"metadata", WORD_META, false},
	{"modified", WORD_MODIFIED, false},
	{"more", WORD_ASIDE, false},
	{"nav", WORD_ASIDE, false},
	{"navbar", WORD_ASIDE, false},
	{"navigation", WORD_ASIDE, false},
	{"newsletter", WORD_ASIDE, true},
	{"placeholder", WORD_LOGO, false},
	{"popular", WORD_ASIDE, false},
	{"post", WORD_ARTICLE, false},
	{"posted", WORD_PUBLISHED | WORD_DATE, false},
	{"postedon", WORD_PUBLISHED | WORD_DATE, false},
	{"posthead", WORD_ARTICLE, false},
	{"promo", WORD_ASIDE, true},
	{"pubdate", WORD_PUBLISHED | WORD_DATE, false},
	{"publication", WORD_PUBLISHED, false},
	{"publish", WORD_PUBLISHED | WORD_DATE, true},
	{"rail", WORD_ASIDE, false},
	{"readmore", WORD_ASIDE, false},
	{"recent", WORD_ASIDE, false},
	{"recirc", WORD_ASIDE, true},
	{"recommend", WORD_ASIDE, true},
	{"related", WORD_ASIDE, false},
	{"replies", WORD_COMMENT, false},
	{"reply", WORD_COMMENT, false},
	{"reporter", WORD_AUTHOR, false},
	{"respond", WORD_COMMENT, false},
	{"share", WORD_META, false},
	{"sidebar", WORD_ASIDE, true},
	{"signature", WORD_AUTHOR, false},
	{"sponsor", WORD_AD, true},
	{"sprite", WORD_LOGO, false},
	{"standfirst", WORD_SUMMARY, false},
	{"story", WORD_ARTICLE, false},
	{"subheadline", WORD_SUMMARY, false},
	{"submitted", WORD_PUBLISHED | WORD_DATE | WORD_META, false},
	{"subtitle", WORD_SUMMARY, false},
	{"summary", WORD_SUMMARY, false},
	{"teaser", WORD_ASIDE, true},
	{"thread", WORD_COMMENT, false},
	{"time", WORD_DATE, false},
	{"timestamp", WORD_DATE, false},
	{"title", WORD_TITLE, false},
	{"trending", WORD_ASIDE, false},
	{"updated", WORD_MODIFIED, false},
	{"updatedate", WORD_MODIFIED, false},
	{"weather", WORD_EVENT, false},
	{"widget", WORD_ASIDE, false},
	{"writer", WORD_AUTHOR, false},
	{"zeit", WORD_DATE, false},
};

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
		size_t n = strlen(vocabulary[i].word);

		if (n <= len && (n == len || vocabulary[i].begins) && !memcmp(vocabulary[i].word, w, n))
			bits |= vocabulary[i].bits;
	}
	return bits;
}

unsigned words_of(struct span v)
{
	char word[24];
	unsigned bits = 0;
	size_t n = 0;

	if (v.len > 512)
		v.len = 512;
	for (size_t i = 0; i <= v.len; i++) {
		char c = i < v.len ? v.ptr[i] : ' ';
		bool capital = c >= 'A' && c <= 'Z' && i && v.ptr[i - 1] >= 'a' && v.ptr[i - 1] <= 'z';

		if ((!byte_is_alpha(c) || capital) && n) {
			if (n > 1)
				bits |= lookup(word, n);
			n = 0;
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

unsigned words_around(const struct node *n)
{
	unsigned bits = 0;

	for (; n && n->parent && n->tag != TAG_BODY && n->tag != TAG_HTML; n = n->parent) {
		unsigned here = words_of_node(n);

		switch (n->tag) {
		case TAG_ASIDE:
		case TAG_NAV:
		case TAG_FOOTER: here |= WORD_ASIDE; break;
		case TAG_ARTICLE:
		case TAG_MAIN: here |= WORD_ARTICLE; break;
		case TAG_TEXT: here = 0; break;
		default: break;
		}
		/* an outer wrapper's "sidebar" tells of the page's layout ("has-sidebar"), not of what is in
		 * it */
		if (n->depth <= 4)
			here &= ~(unsigned)(WORD_ASIDE | WORD_META | WORD_AD | WORD_COMMENT);
		bits |= here;
	}
	return bits;
}
