/* SPDX-License-Identifier: MIT */
/* rescue.h - a damaged file is moved out of the way, never deleted; what cannot be rebuilt has a copy. */
#ifndef INGESTD_STORE_RESCUE_H
#define INGESTD_STORE_RESCUE_H

#include "store/database.h"
#include "store/place.h"

enum { RESCUE_NAME = 96 };

/* FILE and its WAL become FILE.damaged-20260131T235959Z; name gets the new name. keep: of older ones so many
 * stay (a cache may be large), 0 for all. A file that is not there is a success with an empty name. */
CHECKED enum err rescue_set_aside(const struct place *p, const char *file, unsigned keep,
				  char name[RESCUE_NAME], struct error *e);

/* Whether FILE is missing or empty while FILE.copy is there: it was lost, not never made. */
bool rescue_is_lost(const struct place *p, const char *file);

/* FILE.copy becomes FILE, which must not be there; the copy stays. Opened and checked before it is used.
 * ERR_NOTFOUND: no copy. ERR_DAMAGED: the copy is. *when gets the time of the copy. */
CHECKED enum err rescue_restore(const struct place *p, const struct schema *schema, int64_t *when,
				struct error *e);

/* Replaces FILE.copy by what d holds now, checked and synced. Outside a transaction. */
CHECKED enum err rescue_copy(const struct place *p, struct database *d, struct error *e);

/* When FILE.copy was made, in seconds since 1970; false when there is none. */
bool rescue_copied_at(const struct place *p, const char *file, int64_t *when);

#endif
