/* SPDX-License-Identifier: MIT */
#include "extract/slug.h"

static bool parts_words(char c)
{
	return c == '-' || c == '_';
}

struct span slug_of(struct span path)
{
	struct span best = SPAN_NONE, part;
	unsigned most = 1;

	while ((part = span_split(&path, '/')).ptr) {
		unsigned marks = 0;

		part = span_sub(part, 0, SLUG_MAX);
		for (size_t i = 0; i < part.len; i++)
			marks += parts_words(part.ptr[i]);
		if (marks > most) {
			most = marks;
			best = part;
		}
	}
	return best;
}

static bool has_letter(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!byte_is_digit(word.ptr[i]))
			return true;
	return false;
}

enum { STEM = 5, STEM_WORD_MIN = 4 };

static bool has_digit(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (byte_is_digit(word.ptr[i]))
			return true;
	return false;
}

static unsigned count_words(struct span slug, struct span text, bool stems, unsigned *words)
{
	unsigned n = 0;

	*words = 0;
	for (size_t i = 0, begin = 0; i <= slug.len; i++) {
		struct span word;

		/* what follows a full stop is the kind of file */
		if (i < slug.len && !parts_words(slug.ptr[i]) && slug.ptr[i] != '.')
			continue;
		word = span_sub(slug, begin, i);
		begin = i + 1;
		if (stems ? word.len >= STEM_WORD_MIN && !has_digit(word)
			  : word.len > 2 && has_letter(word)) {
			++*words;
			n += span_find_nocase(text, stems ? span_sub(word, 0, STEM) : word) >= 0;
		}
		if (i < slug.len && slug.ptr[i] == '.')
			break;
	}
	return n;
}

unsigned slug_words_in(struct span slug, struct span text, unsigned *words)
{
	return count_words(slug, text, false, words);
}

unsigned slug_stems_in(struct span slug, struct span text, unsigned *words)
{
	return count_words(slug, text, true, words);
}
