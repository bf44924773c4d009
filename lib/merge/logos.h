/* SPDX-License-Identifier: MIT */
/* logos.h - how a folder's documents show the pictures of the operator's table of organizations.
 *
 * The table has paths ("/assets/a-50x50.jpg"), and documents may have them with the site's address before
 * them, and one size of several: as the documents beside a new value have it, so is that value. */
#ifndef INGESTD_MERGE_LOGOS_H
#define INGESTD_MERGE_LOGOS_H

#include "document/order.h"
#include "merge/organizations.h"

enum { LOGO_BEFORE = 500 }; /* bytes; what stands before a path of the table */

struct logos {
	bool used;          /* some document has a picture of its site */
	struct span before; /* put before paths of the table; may be empty */
	size_t index;       /* which of a site's pictures */
};

/* Zeroed: nobody has voted. */
struct logo_votes {
	bool used;
	struct {
		struct span before;
		size_t index;
		unsigned votes;
	} forms[ORDER_DOCUMENTS];
	size_t count;
};

/* The vote of one document, by its article; what it needs to remember goes into the arena. Of more than
 * ORDER_DOCUMENTS different forms the later ones do not count. */
CHECKED enum err logos_vote(const struct organizations *o, const struct document *doc, struct arena *arena,
			    struct logo_votes *v);
/* What most have; where as many have another, what sorts first. Borrows from what was voted. */
struct logos logos_elected(const struct logo_votes *v);

/* What the table has for the site of an article's link, in that form; its url is SPAN_NONE where that is
 * nothing. from: where the page was found, which tells the site of a document that does not; SPAN_NONE. logos
 * may be NULL.
 */
struct image logos_picture(const struct organizations *o, const struct logos *logos, const struct link *link,
			   struct span from, struct arena *arena);

#endif
