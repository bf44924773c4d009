/* SPDX-License-Identifier: MIT */
/* organizations.h - the folder of merge/organizations.h, read. */
#ifndef INGESTD_DAEMON_ORGANIZATIONS_H
#define INGESTD_DAEMON_ORGANIZATIONS_H

#include "merge/organizations.h"

/* Files that are of no use, and a folder that cannot be read, are left out with a line on standard error;
 * links are never followed. folder may be NULL: *ret is NULL then. ERR_NOMEM. Blocks: disk only. */
CHECKED enum err organizations_read(const char *folder, struct organizations **ret, struct error *e);

#endif
