/* SPDX-License-Identifier: MIT */
/* organizations.h - the operator's table of sites: names, where a page does not say its own, and pictures.
 *
 * A file a site: `example.org.md`, whose front matter has `name` (or `title`), and may have `images`, a list
 * of `url`, `width` and `height`. Pure: the files' bytes are given. Once ended it may be asked on any thread.
 */
#ifndef INGESTD_MERGE_ORGANIZATIONS_H
#define INGESTD_MERGE_ORGANIZATIONS_H

#include "base/error.h"
#include "document/document.h"

enum {
	ORGANIZATIONS_MAX = 20000,
	ORGANIZATION_BYTES = 64 * 1024, /* of one file */
	ORGANIZATION_NAME = 100,        /* characters */
	ORGANIZATION_IMAGES = 4,        /* of one site; more are left out */
	ORGANIZATION_URL = 1000,        /* bytes; a longer one is left out */
};

struct organizations;

/* NULL: out of memory. */
struct organizations *organizations_new(void);
/* Whether a file of that name is one of the table: "DOMAIN.md" or "DOMAIN.markdown", a dot in DOMAIN, not
 * hidden. */
bool organizations_is_file(struct span file);
/* file: such a name; text: all of it. Nothing is borrowed. ERR_INVALID: no host's name, or the front matter
 * gives none to the site that can be used. ERR_TOOBIG: too many, or too much of one. As of
 * frontmatter_parse(). After an error the table is as it was and can be used. */
CHECKED enum err organizations_add(struct organizations *o, struct span file, struct span text,
				   struct error *e);
/* No more are added. Of two for the same site the name that sorts first counts. */
void organizations_end(struct organizations *o);
/* Of all that it says, whatever order it was added in. */
uint64_t organizations_hash(const struct organizations *o);
size_t organizations_count(const struct organizations *o);
/* The name for a host (lower case A-labels), else for its registrable domain; SPAN_NONE. Lives as long as
 * o, which may be NULL. */
struct span organizations_name(const struct organizations *o, struct span host);
/* The same for pictures, the host's own or those of its registrable domain, in the order of the file; 0.
 * Their urls are absolute, or begin with a slash. */
size_t organizations_images(const struct organizations *o, struct span host, const struct image **ret);
/* Whether any site has pictures; o may be NULL. */
bool organizations_have_images(const struct organizations *o);
/* Accepts NULL, returns NULL. */
struct organizations *organizations_free(struct organizations *o);

#endif
