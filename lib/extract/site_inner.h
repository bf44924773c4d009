/* SPDX-License-Identifier: MIT */
/* site_inner.h - marks, for the choice. */
#ifndef INGESTD_EXTRACT_SITE_INNER_H
#define INGESTD_EXTRACT_SITE_INNER_H

#include "extract/choose_inner.h"
#include "extract/site.h"

enum mark_kind {
	MARK_EXCERPT,
	MARK_EXCERPT_START, /* for what was cut: never decides about a page's own description */
	MARK_IMAGE,
	MARK_TITLE,
	MARK_TITLE_HEAD,
	MARK_TITLE_TAIL,
};

/* key: squashed, for images the address. */
uint64_t mark_value(enum mark_kind kind, struct span key);
/* d may be NULL. */
bool mark_is_shared(const struct site_defaults *d, enum mark_kind kind, struct span key);

#endif
