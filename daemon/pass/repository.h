/* SPDX-License-Identifier: MIT */
/* repository.h - whether git is at work on the files of a content folder.
 *
 * While it is, nothing is written: what it checks out, merges or rebases would be mixed with what we write.
 */
#ifndef INGESTD_DAEMON_REPOSITORY_H
#define INGESTD_DAEMON_REPOSITORY_H

#include "roots.h"

/* Finds the repository that the folder lies in, if any; may come later or go. */
void repository_find(struct root *root);
/* The file or folder that says so (a static name, "index.lock"); NULL: it is not, or there is none. Any
 * thread; some stat(2) of one folder. */
const char *repository_busy(const struct root *root);

#endif
