/* SPDX-License-Identifier: MIT */
/* scan.h - the documents of a content folder.
 *
 * Walks a folder by descriptors, so that nothing that is renamed meanwhile leads out of it, and tells of each
 * document as it finds it. Files are looked at by fstatat(2) alone and never opened: a FIFO cannot make a
 * scan wait. What cannot be opened is found out by whoever reads the document (read.h). */
#ifndef INGESTD_DOCUMENT_SCAN_H
#define INGESTD_DOCUMENT_SCAN_H

#include "base/error.h"
#include "base/file_key.h"
#include "base/span.h"

enum {
	SCAN_PATH_MAX = 4095,             /* bytes of a relative path */
	SCAN_DEPTH_MAX = 64,              /* folders below the root; one descriptor each while inside */
	SCAN_FOLDER_MAX = 2 * 1000 * 1000 /* names in one folder */
};

/* Lists end with NULL and may be NULL themselves. Patterns as in glob.h: .gitignore's, without "!". */
struct scan_options {
	const char *const *include; /* default: *.md, *.markdown */
	const char *const *exclude; /* besides the usual ones */
	bool all;                   /* leave out scan_usual_excludes */
};

/* Folders and copies that are nobody's documents: .git, node_modules, _site, public, themes, vendor, what
 * Syncthing, Dropbox, Nextcloud and OneDrive set aside in a conflict, editors' files. NULL-terminated.
 * Whatever begins with a dot is left out always. */
extern const char *const scan_usual_excludes[];

enum scan_kind {
	SCAN_DOCUMENT,
	SCAN_LEFTOVER,  /* of a replacement that was interrupted: for recover.h */
	SCAN_COMPLAINT, /* a folder that cannot be read, or no file though named like a document; see error */
	SCAN_GONE,      /* told by scan_some() alone: there is nothing (any more) */
};

struct scan_entry {
	enum scan_kind kind;
	struct span path;          /* relative to the root, NUL-terminated */
	struct file_key key;       /* of a document */
	bool linked;               /* found by a link: path is the target's */
	const struct error *error; /* of a complaint: code, and text that names the path */
};

/* Everything in entry is borrowed until it returns. False ends the scan with ERR_CANCELLED. */
typedef bool scan_fn(void *arg, const struct scan_entry *entry);

/* All documents of the folder that root is open on, by path in the order of bytes; only what is linked may
 * come out of order. A link named like a document counts as its target, when that lies in root and is not
 * found by its own name: then it is told of once. Links to folders are not followed. options may be NULL.
 * Fails with ERR_NOMEM, ERR_INVALID (a pattern), ERR_CANCELLED, or when root itself cannot be read. */
CHECKED enum err scan_folder(int root, const struct scan_options *options, scan_fn *fn, void *arg,
			     struct error *e);

/* One file or folder as a person typed it, relative to the working folder or absolute. A file is told of
 * whatever it is called; a folder is walked though its name be excluded. ERR_OUTSIDE: not within root.
 * ERR_NOTFOUND. */
CHECKED enum err scan_path(int root, const char *typed, const struct scan_options *options, scan_fn *fn,
			   void *arg, struct error *e);

/* What scan_folder() would tell of these paths, relative to root (which is "."): documents as they are,
 * folders with all that is in them, nothing of what is left out, nor of leftovers (which may be in the
 * making). A path that is not there any more, or under something that is no folder, is told of as SCAN_GONE
 * whatever it was. Fails as scan_folder(). */
CHECKED enum err scan_some(int root, const char *const *paths, size_t count,
			   const struct scan_options *options, scan_fn *fn, void *arg, struct error *e);

/* For those who walk by themselves: what scan_folder() would enter, and what it would tell of, by name alone.
 */
struct scan_filter;
CHECKED enum err scan_filter_new(const struct scan_options *options, struct scan_filter **ret,
				 struct error *e);
/* path: relative, and all folders on the way to it are entered. Leftovers are no documents. */
bool scan_filter_enters(const struct scan_filter *f, const char *path);
bool scan_filter_wants(const struct scan_filter *f, const char *path);
/* Accepts NULL, returns NULL. */
struct scan_filter *scan_filter_free(struct scan_filter *f);

#endif
