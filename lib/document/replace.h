/* SPDX-License-Identifier: MIT */
/* replace.h - a document gets a new text whole or not at all, and nobody's edit is lost by it.
 *
 *                        NAME          .NAME.ingestd-?-OLD-NEW-RANDOM ("temp")
 *     prepare            old           w: part of new     killed: temp goes, it has never been NAME
 *     sync    fsync      old           x: new             killed: temp holds NEW, it goes
 *     commit  exchange   new           x: old             killed: temp holds OLD, it goes
 *               or       new           x: edited          killed: temp goes back to NAME: it is an edit
 *                                                         that came between reading and exchanging
 *             exchange   edited        x: new             (the edit won: ERR_CHANGED)
 *     folder sync
 *     finish  unlink     new           -
 *
 * OLD and NEW are hashes of what NAME was expected to hold and of the new text. An exchange is one step, so
 * temp's name cannot tell on which side of it a kill came; its content does, and is compared with the hashes
 * (recover.h). A text that is neither is a person's and is never removed; where NAME has since been changed
 * too it gets the name NAME.ingestd-kept-RANDOM, not hidden and no document.
 *
 * Why this is enough. From before the exchange a lease (exchange.h) holds up everybody who opens the old
 * file. What lies at temp after the exchange is looked at: it must be the file that was read, the lease
 * intact, the content the same; otherwise both change places again at once. Who saves by renaming a file over
 * NAME is seen by what came out of the exchange. A second look follows in finish, some milliseconds later,
 * for an opener who had found the old file by name before the exchange and came to open it only after the
 * first look; and a third after its name is gone. The new file is leased too until the first look is over, so
 * that taking the exchange back is as safe as making it.
 *
 * No signal needs to be handled or ignored: see exchange.h. Everything here may be called on any thread, one
 * document by one thread at a time. A replacement holds two descriptors from prepare on and three from commit
 * on: keep batches within a hundred or so. */
#ifndef INGESTD_DOCUMENT_REPLACE_H
#define INGESTD_DOCUMENT_REPLACE_H

#include "base/error.h"
#include "base/file_key.h"
#include "base/span.h"

/* How safe it was: file systems without exchange or leases (NFS, FUSE) and files of other users get less. */
enum replace_how {
	REPLACE_SAFE,     /* by lease and exchange */
	REPLACE_UNLEASED, /* by exchange: who had the file open and wrote in that instant may have lost it */
	REPLACE_RENAMED,  /* by comparing and renaming: so may who saved in that instant */
};

/* All zero: the defaults. */
struct replace_options {
	bool foreign; /* also documents that belong to another user (who stays their owner), or have more than
			 one hard link (the other names keep the old text) */
	enum replace_how at_best; /* tests: do without what the system has */
};

struct replace;

/* Writes text to a temp beside the document. path is relative to root; a link is written through to its
 * target, which has to lie in root. expected: the whole text that the document was read as. expected, text
 * and root are borrowed until replace_free(). ERR_CHANGED: it holds something else by now, or is gone.
 * ERR_OWNER, ERR_LINKED: see options. ERR_KIND, ERR_OUTSIDE, ERR_ACCESS, ERR_READONLY, ERR_FULL, ERR_TOOBIG
 * (text over DOCUMENT_MAX), ERR_IO, ERR_NOMEM. The document is untouched and no temp is left. options may be
 * NULL. */
CHECKED enum err replace_prepare(int root, const char *path, struct span expected, struct span text,
				 const struct replace_options *options, struct replace **ret,
				 struct error *e);

/* Puts the temp on disk. This is what takes time: call it for many documents at once on many threads. */
CHECKED enum err replace_sync(struct replace *r, struct error *e);

/* The exchange. ERR_CHANGED: somebody changed the document since it was read; plan anew. ERR_BUSY: somebody
 * has it open, or came to open it; try again later. Either way the document is as they want it. */
CHECKED enum err replace_commit(struct replace *r, struct error *e);

/* Puts the exchanges on disk: one fsync for each folder of the batch. Those that were not committed are
 * passed over. On failure the documents are exchanged all the same, but may be the old ones after a power
 * cut; finish them. */
CHECKED enum err replace_sync_folders(struct replace *const *batch, size_t count, struct error *e);

/* Removes the old text after a last look. ERR_CHANGED, ERR_BUSY: as for commit. Other errors: the document is
 * the new one, the old text is left for the next run to remove. */
CHECKED enum err replace_finish(struct replace *r, struct error *e);

/* After commit: what the document is now, and how it came to be. */
struct file_key replace_key(const struct replace *r);
enum replace_how replace_how(const struct replace *r);
/* After ERR_CHANGED: name of a file in the document's folder that keeps a person's text, "" when there is
 * none. */
const char *replace_kept(const struct replace *r);

/* Takes away what is not finished: before commit the temp, after it the old text as replace_finish() does.
 * Accepts NULL, returns NULL. */
struct replace *replace_free(struct replace *r);

/* All of it for one document. *how and *key may be NULL. */
CHECKED enum err replace_document(int root, const char *path, struct span expected, struct span text,
				  const struct replace_options *options, enum replace_how *how,
				  struct file_key *key, struct error *e);

/* For reports and the like, which nobody edits: written beside path, synced, renamed over it. What is at path
 * and no regular file (a terminal, a pipe) is written to as it is. path is relative to the working folder. */
CHECKED enum err file_write_atomic(const char *path, struct span text, struct error *e);

#endif
