/* SPDX-License-Identifier: MIT */
/* repair_attrs.h - the attributes of one tag; inside repair only. */
#ifndef INGESTD_EXTRACT_REPAIR_ATTRS_H
#define INGESTD_EXTRACT_REPAIR_ATTRS_H

#include "extract/tree.h"

/* Bytes by what they mean inside a tag. */
enum { C_SPACE = 1, C_SLASH = 2, C_GT = 4, C_EQ = 8, C_QUOTE = 16 };
extern const unsigned char repair_classes[256];
#define IS(p, mask) (repair_classes[(unsigned char)*(p)] & (mask))

enum { ATTR_SLOTS = 256 }; /* of the cache of names */

struct attr_reader {
	struct arena *arena;
	struct attr *room; /* free attributes */
	size_t left;
	bool failed;
	struct attr_slot {
		const char *name; /* as some tag of this page wrote it */
		uint16_t len, id;
		const char *known; /* in lower case */
	} slots[ATTR_SLOTS];
};

/* p: behind a tag's name. Gives what is behind its '>', NULL when the page ends first. *ret gets the
 * attributes, *count their number; ret NULL: they are only stepped over. */
const char *repair_attrs(struct attr_reader *r, const char *p, const char *end, const struct attr **ret,
			 uint16_t *count);

/* At most max bytes of a name, cut at a character. */
static inline size_t repair_name_len(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	for (n = max; n && ((unsigned char)p[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

#endif
