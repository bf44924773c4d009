/* SPDX-License-Identifier: MIT */
/* place.h - the folder of the state: made, locked, and with a note that says how it was left.
 *
 * The lock is an open file description lock on "lock", which holds the pid: it dies with the process, and
 * closing another descriptor of the file does not drop it. */
#ifndef INGESTD_STORE_PLACE_H
#define INGESTD_STORE_PLACE_H

#include "base/error.h"

struct place {
	char *path; /* absolute */
	int dir, lock;
	char note[512]; /* what the last to leave noted; empty after a kill */
};

/* Makes the folder and its parents (0700), takes the lock, reads the note and removes it.
 * ERR_BUSY: held by another; the text names its pid. ERR_UNSUPPORTED: locks do not work there. */
CHECKED enum err place_enter(const char *folder, struct place *ret, struct error *e);
/* clean: every file was closed in order; notes how they are. Unlocks. */
void place_leave(struct place *p, bool clean);
/* The file is, by inode, size and times, the one that was noted. */
bool place_is_as_left(const struct place *p, const char *file);

#endif
