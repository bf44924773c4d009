/* SPDX-License-Identifier: MIT */
/* maintext_inner.h - between the files of maintext; nobody else's. */
#ifndef INGESTD_EXTRACT_MAINTEXT_INNER_H
#define INGESTD_EXTRACT_MAINTEXT_INNER_H

#include "extract/maintext.h"

/* What a name in class, id or role says of an element. */
enum {
	WORD_OUT = 1,     /* something beside the article */
	WORD_COMMENT = 2, /* what readers wrote */
	WORD_META = 4,    /* about the article: byline, date, tags, captions; out when short */
	WORD_TEXT = 8,    /* the article's text */
	WORD_AUTHOR = 32, /* who wrote the article */
	WORD_WEAK = 16,   /* perhaps something beside it: out unless it reads as text */
	WORD_PART = 64,   /* as WORD_WEAK, unless the page is built of such parts */
	WORD_THING =
		128, /* article, entry, post, story: with WORD_INSIDE in one name it is the text's own box */
	WORD_INSIDE = 256,   /* body, content, text */
	WORD_BODY = 512,     /* both of these in one name */
	WORD_PICTURE = 1024, /* a picture's box: out when it shows one and says little */
	/* said by microdata and roles, not by names */
	WORD_HEADLINE = 2048,
	WORD_STANDFIRST = 4096,
};

/* Fast look-up of words; one for each page. */
struct vocabulary {
	uint16_t begin[27];
};
void vocabulary_init(struct vocabulary *w);
/* The sum of what the words of a class or id say. */
unsigned vocabulary_says(const struct vocabulary *w, struct span names);

/* Starts like "Read more:", "Lesen Sie auch"; for short blocks. */
bool vocabulary_points_elsewhere(struct span text);
/* Tells that links earn money: "We may earn a commission"; for paragraphs. */
bool vocabulary_discloses(struct span text);
/* Asks the reader to follow on some network or to take a newsletter; for short paragraphs. */
bool vocabulary_calls(struct span text);
/* Heads something else than the article: "About the author", "Ähnliche Artikel"; for headings. */
bool vocabulary_heads_other(struct span text);

enum { BLOCKS_MAX = 100 * 1000 }; /* of a page, containers too; what follows is not read */

enum block_kind {
	BLOCK_TEXT,
	BLOCK_PARAGRAPH,
	BLOCK_HEADING,
	BLOCK_ITEM,
	BLOCK_CELL,
	BLOCK_PRE,
	BLOCK_QUOTE
};

struct block {
	struct span text;    /* folded */
	uint32_t container;  /* index */
	uint32_t size;       /* weighted characters: an ideograph counts as three */
	uint32_t link_size;  /* of it, in links */
	uint16_t sentences;  /* ends of sentences */
	uint8_t kind, level; /* level: of a heading */
	uint8_t keep;
};

struct container {
	const struct node *node;
	uint32_t parent;             /* index; the first is its own */
	uint32_t end;                /* one past its last descendant */
	uint32_t first, last;        /* blocks [first, last) within */
	unsigned words;              /* WORD_* */
	bool out, aside, hidden;     /* out: left out. aside: the tag or style says so */
	bool announced;              /* of a list that the text before it announces */
	float size, link_size, good; /* sums over what is not out */
};

struct blocks {
	struct block *blocks;
	struct container *containers;
	size_t block_count, block_room, container_count, container_room;
	struct arena *arena;
	bool failed, full;
};

enum { ELSEWHERE = 400 }; /* good text outside, from which on a container is no longer all there is */

/* What little the strict rules leave of some pages is too little: then names and styles are not believed. */
enum effort { STRICT, LENIENT };

/* Marks containers that are something beside the article; their sums stand, none is marked yet. */
void blocks_leave_out(struct blocks *b, enum effort effort);

/* Reads the tree into blocks and containers, both in document order. */
CHECKED enum err blocks_read(const struct tree *tree, struct arena *arena, struct blocks *ret);

#endif
