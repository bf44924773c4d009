/* SPDX-License-Identifier: MIT */
/* exchange.h - the steps that replace.h and recover.h are made of (lib/document's own).
 *
 * A lease (fcntl(2), F_SETLEASE) is granted only while nobody else has the file open, and whoever opens it
 * then waits until we have let go: so content seen under an intact lease is content that nobody is changing.
 * Being waited for is told by a signal, for which we choose SIGURG: ignored unless a program asks for it,
 * where the default SIGIO would end the process. Nobody has to set up anything. */
#ifndef INGESTD_DOCUMENT_EXCHANGE_H
#define INGESTD_DOCUMENT_EXCHANGE_H

#include <sys/stat.h>

#include "base/error.h"
#include "base/span.h"
#include "document/leftover.h"

enum lease {
	LEASE_NONE, /* the file system has none, or the file is another user's */
	LEASE_BUSY, /* somebody has it open */
	LEASE_HELD
};

/* Also to learn whether a lease that is held is still intact: BUSY when somebody waits. */
enum lease lease_take(int fd);
/* Nobody has come since it was taken. */
bool lease_intact(int fd);
void lease_drop(int fd);

/* Which file, as long as it is open or linked somewhere. */
struct inode {
	uint64_t dev, ino;
};

static inline bool inode_eq(struct inode a, struct inode b)
{
	return a.dev == b.dev && a.ino == b.ino;
}
/* ino 0 when there is none. */
struct inode inode_at(int folder, const char *name);
struct inode inode_of(int fd);

/* Exchanges the files at temp and name, in the hope that the one at name was `want`. If another came out,
 * somebody saved at name in that instant: theirs goes back, and so on until nobody interferes. ERR_OK: want
 * lies at temp now. ERR_CHANGED: the exchange was taken back; what lies at temp is what was there before,
 * unless somebody overwrote it meanwhile. ERR_UNSUPPORTED: no such thing as exchanging here; others as of
 * rename(2). errno is set on failure. */
CHECKED enum err exchange(int folder, const char *temp, const char *name, struct inode want);

/* Removes the file at temp, open as fd, if it holds exactly `known` and nobody has it open. With `patient` it
 * waits a little for those who have, and what is a person's after all gets a name where they find it, put
 * into kept (LEFTOVER_NAME_MAX + 1 bytes, "" when nothing was kept). document: name of the document, in the
 * same folder. ERR_OK: temp is gone, the lease on fd dropped. ERR_CHANGED: it was kept; so too when a person
 * turned out to be writing to it after it was gone. ERR_BUSY: not patient, and somebody has it or it holds
 * something else; as it was, lease and all. Others: it is still there, for the next run. */
CHECKED enum err put_away(int folder, const char *temp, int fd, struct span known, bool patient,
			  const char *document, char *kept, struct error *e);

/* Gives the file at temp a lasting name. */
CHECKED enum err keep(int folder, const char *temp, const char *document, char *kept, struct error *e);

/* write(2) until all is written. False with errno. */
CHECKED bool write_all(int fd, struct span text);

/* Mode, owner, group, ACL and other extended attributes of the file open as `from`, put on the one open as
 * `to`. ERR_OWNER: they cannot be kept. */
CHECKED enum err copy_attributes(int from, const struct stat *st, int to, const char *shown, struct error *e);

#endif
