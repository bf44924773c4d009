/* SPDX-License-Identifier: MIT */
/* head_inner.h - what stands behind a page's head, before it is made a tree: for head.c only. */
#ifndef INGESTD_EXTRACT_HEAD_INNER_H
#define INGESTD_EXTRACT_HEAD_INNER_H

#include "extract/jsonld.h"
#include "extract/repair.h"

enum {
	HEAD_HEADINGS = 4,  /* h1 of a page that are read */
	HEAD_SCRIPTS = 16,  /* JSON-LD blocks */
	HEAD_NAME_MIN = 5,  /* bytes of a picture's name that are looked for */
	HEAD_H1_MAX = 2048, /* bytes of a heading */
};

struct head_body {
	const struct repaired *r;
	struct span rest;                    /* of the source */
	struct span headings[HEAD_HEADINGS]; /* what each h1 says; SPAN_NONE: cannot be told from here */
	unsigned heading_count;
	struct jsonld_block blocks[HEAD_SCRIPTS];
	unsigned block_count;
	bool states_more; /* than is kept here */
};

/* What of the body of r's page could state a title, an excerpt or a picture. Borrows from r. */
void head_body_look(const struct repaired *r, struct arena *arena, struct head_body *ret);

/* Whether microdata, RDFa or a class name a title or a publisher. */
bool head_body_names(const struct head_body *b);
/* Whether an element that names a picture so may say its size. */
bool head_body_sizes(const struct head_body *b, struct span picture);

#endif
