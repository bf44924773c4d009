/* SPDX-License-Identifier: MIT */
#include "document/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "document/beneath.h"
#include "document/document.h"
#include "document/exchange.h"
#include "document/read.h"

enum state {
	PREPARED,  /* temp is written */
	SYNCED,    /* temp is on disk and has its lasting role */
	COMMITTED, /* exchanged: temp is the old file */
	DONE       /* there is no temp of ours */
};

struct replace {
	enum state state;
	enum replace_how how;
	struct replace_options options;
	struct span expected, text;
	char path[BENEATH_PATH_MAX + 1]; /* for messages: of the target, where path was a link */
	const char *name;                /* in path */
	char temp[LEFTOVER_NAME_MAX + 1], kept[LEFTOVER_NAME_MAX + 1];
	int folder, old, new;
	struct stat was;     /* the document when it was prepared */
	struct file_key key; /* of the new one */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static enum err changed(const struct replace *r, struct error *e)
{
	return err_set(e, ERR_CHANGED, "'%s' changed since it was read", r->path);
}

static enum err check_situation(const struct replace *r, struct error *e)
{
	if (r->options.foreign)
		return ERR_OK;
	if (r->was.st_uid != geteuid())
		return err_set(e, ERR_OWNER, "'%s' belongs to another user", r->path);
	if (r->was.st_nlink > 1)
		return err_set(e, ERR_LINKED, "'%s' has more than one hard link", r->path);
	return ERR_OK;
}

static enum err write_temp(struct replace *r, struct error *e)
{
	uint64_t old_hash = hash64(r->expected), new_hash = hash64(r->text);

	do {
		leftover_name(r->name, LEFTOVER_WRITING, old_hash, new_hash, r->temp);
		r->new = openat(r->folder, r->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (r->new < 0 && errno == EEXIST);
	if (r->new < 0)
		return err_set_errno(e, errno, "'%s': cannot write beside it", r->path);
	r->state = PREPARED;
	if (!write_all(r->new, r->text))
		return err_set_errno(e, errno, "'%s': cannot write its new text", r->path);
	return copy_attributes(r->old, &r->was, r->new, r->path, e);
}

static enum err prepare(struct replace *r, int root, const char *path, struct error *e)
{
	bool equal;
	enum err err;

	if (r->text.len > DOCUMENT_MAX)
		return err_set(e, ERR_TOOBIG, "'%s': new text is over %d bytes", path, DOCUMENT_MAX);
	err = beneath_resolve(root, path, r->path, e);
	if (!err)
		err = beneath_folder(root, r->path, &r->folder, &r->name, e);
	if (!err) {
		/* name points into path, which stays */
		err = read_open(r->folder, r->name, r->path, &r->old, &r->was, e);
	}
	if (err == ERR_NOTFOUND)
		return err_set(e, ERR_CHANGED, "'%s' is gone", path);
	if (!err)
		err = check_situation(r, e);
	if (err)
		return err;
	if (read_equals(r->old, r->expected, &equal) != ERR_OK)
		return err_set_errno(e, errno, "'%s'", r->path);
	if (!equal)
		return changed(r, e);
	return write_temp(r, e);
}

enum err replace_prepare(int root, const char *path, struct span expected, struct span text,
			 const struct replace_options *options, struct replace **ret, struct error *e)
{
	struct replace *r = calloc(1, sizeof(*r));
	enum err err;

	if (!r)
		return err_set(e, ERR_NOMEM, "out of memory");
	r->folder = r->old = r->new = -1;
	r->state = DONE;
	r->expected = expected;
	r->text = text;
	if (options)
		r->options = *options;
	err = prepare(r, root, path, e);
	close_fd(&r->old);
	if (err) {
		replace_free(r);
		return err;
	}
	*ret = r;
	return ERR_OK;
}

/* From now on temp may hold what is not ours. */
static enum err set_ready(struct replace *r, struct error *e)
{
	char ready[LEFTOVER_NAME_MAX + 1];

	memcpy(ready, r->temp, sizeof(ready));
	leftover_set_role(ready, LEFTOVER_READY);
	if (renameat(r->folder, r->temp, r->folder, ready) != 0)
		return err_set_errno(e, errno, "'%s': cannot rename its new text", r->path);
	memcpy(r->temp, ready, sizeof(ready));
	r->state = SYNCED;
	return ERR_OK;
}

enum err replace_sync(struct replace *r, struct error *e)
{
	if (r->state != PREPARED)
		return ERR_OK;
	if (fsync(r->new) != 0)
		return err_set_errno(e, errno, "'%s': cannot put its new text on disk", r->path);
	return set_ready(r, e);
}

/* Whether the file open as old is as it was prepared from; its ctime too, unless our own renaming moved that.
 */
static bool old_as_read(const struct replace *r, bool exchanged)
{
	struct stat st;
	struct file_key now, then = file_key_of(&r->was);
	bool equal;

	if (fstat(r->old, &st) != 0)
		return false;
	now = file_key_of(&st);
	if (exchanged)
		now.ctime_ns = then.ctime_ns;
	return file_key_eq(now, then) && st.st_mode == r->was.st_mode && st.st_uid == r->was.st_uid &&
	       st.st_gid == r->was.st_gid && st.st_nlink == r->was.st_nlink &&
	       read_equals(r->old, r->expected, &equal) == ERR_OK && equal;
}

static enum err keep_temp(struct replace *r, struct error *e)
{
	r->state = DONE;
	lease_drop(r->old);
	return keep(r->folder, r->temp, r->name, r->kept, e);
}

/* After an exchange that must not stand: temp is the old file, or what else came out. */
static enum err take_back(struct replace *r, bool new_leased, struct error *e)
{
	struct inode new = inode_of(r->new);
	bool equal;

	if (r->how == REPLACE_SAFE && !new_leased && lease_take(r->new) != LEASE_HELD)
		return keep_temp(r, e); /* somebody has the new text open: it may become theirs */
	if (read_equals(r->new, r->text, &equal) != ERR_OK || !equal ||
	    !inode_eq(inode_at(r->folder, r->name), new) ||
	    exchange(r->folder, r->temp, r->name, new) != ERR_OK) {
		lease_drop(r->new);
		return keep_temp(r, e); /* both were changed, each by somebody */
	}
	r->state = DONE;
	lease_drop(r->old); /* whoever waited goes on, in the document */
	/* gone, kept because somebody wrote to it, or left for the next run: either way the edit has won */
	return put_away(r->folder, r->temp, r->new, r->text, true, r->name, r->kept, e);
}

static enum err commit_exchange(struct replace *r, struct error *e)
{
	struct inode old = inode_of(r->old);
	enum err err;

	if (r->how == REPLACE_SAFE && lease_take(r->new) != LEASE_HELD)
		return err_set(e, ERR_BUSY, "'%s': somebody has its new text open", r->path);
	err = exchange(r->folder, r->temp, r->name, old);
	if (err == ERR_UNSUPPORTED)
		return err;
	if (err == ERR_CHANGED) {
		/* taken back, or never made: temp is the new text, unless a person saved over that as well */
		r->state = DONE;
		if (!inode_eq(inode_at(r->folder, r->temp), inode_of(r->new)))
			err = keep(r->folder, r->temp, r->name, r->kept, e);
		else
			err = put_away(r->folder, r->temp, r->new, r->text, true, r->name, r->kept, e);
		return err ? err : changed(r, e);
	}
	if (err)
		return err_set_errno(e, errno, "'%s': cannot exchange it", r->path);
	r->state = COMMITTED;
	/* at once: the longer the look waits, the more can go wrong unseen */
	if (r->how == REPLACE_SAFE && !lease_intact(r->old)) {
		err = take_back(r, true, e);
		return err ? err : err_set(e, ERR_BUSY, "'%s' is being opened by somebody else", r->path);
	}
	if (!old_as_read(r, true)) {
		err = take_back(r, true, e);
		return err ? err : changed(r, e);
	}
	lease_drop(r->new);
	return ERR_OK;
}

static enum err commit_rename(struct replace *r, struct error *e)
{
	r->how = REPLACE_RENAMED;
	if (!inode_eq(inode_at(r->folder, r->name), inode_of(r->old)) || !old_as_read(r, false))
		return changed(r, e);
	if (renameat(r->folder, r->temp, r->folder, r->name) != 0)
		return err_set_errno(e, errno, "'%s': cannot rename its new text", r->path);
	r->state = COMMITTED;
	return ERR_OK;
}

enum err replace_commit(struct replace *r, struct error *e)
{
	enum lease lease = LEASE_NONE;
	struct stat st;
	enum err err;

	if (r->state == PREPARED) {
		err = set_ready(r, e); /* a caller that does without syncing */
		if (err)
			return err;
	}
	assert(r->state == SYNCED);
	err = read_open(r->folder, r->name, r->path, &r->old, &st, e);
	if (err == ERR_NOTFOUND)
		return err_set(e, ERR_CHANGED, "'%s' is gone", r->path);
	if (err)
		return err;
	if (r->options.at_best == REPLACE_SAFE)
		lease = lease_take(r->old);
	if (lease == LEASE_BUSY)
		err = err_set(e, ERR_BUSY, "'%s' is open in another program", r->path);
	else if (!old_as_read(r, false))
		err = changed(r, e);
	if (err) {
		close_fd(&r->old);
		return err;
	}
	r->how = lease == LEASE_HELD ? REPLACE_SAFE : REPLACE_UNLEASED;
	err = r->options.at_best == REPLACE_RENAMED ? ERR_UNSUPPORTED : commit_exchange(r, e);
	if (err == ERR_UNSUPPORTED)
		err = commit_rename(r, e);
	if (!err && fstat(r->new, &st) == 0)
		r->key = file_key_of(&st);
	if (err)
		close_fd(&r->old);
	return err;
}

enum err replace_sync_folders(struct replace *const *batch, size_t count, struct error *e)
{
	CLEANUP_FREE struct inode *synced = calloc(MAX(count, 1), sizeof(*synced));
	size_t n = 0;
	enum err err = ERR_OK;

	if (!synced)
		return err_set(e, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct inode folder;
		size_t k = 0;

		if (batch[i]->state != COMMITTED)
			continue;
		folder = inode_of(batch[i]->folder);
		while (k < n && !inode_eq(synced[k], folder))
			k++;
		if (k < n)
			continue;
		synced[n++] = folder;
		/* some network file systems have no such thing: then there is nothing to wait for */
		if (fsync(batch[i]->folder) != 0 && errno != EINVAL)
			err = err_set_errno(e, errno, "'%s': cannot put its folder on disk", batch[i]->path);
	}
	return err;
}

enum err replace_finish(struct replace *r, struct error *e)
{
	enum err err;

	if (r->state != COMMITTED)
		return ERR_OK;
	if (r->how == REPLACE_RENAMED) {
		r->state = DONE;
		return ERR_OK;
	}
	/* looks at the content again, under the lease */
	err = put_away(r->folder, r->temp, r->old, r->expected, false, r->name, r->kept, e);
	r->state = DONE;
	if (err == ERR_BUSY) {
		err = take_back(r, false, e);
		return err ? err : err_set(e, ERR_BUSY, "'%s' was opened by somebody else", r->path);
	}
	return err;
}

struct file_key replace_key(const struct replace *r)
{
	return r->key;
}

enum replace_how replace_how(const struct replace *r)
{
	return r->how;
}

const char *replace_kept(const struct replace *r)
{
	return r->kept;
}

struct replace *replace_free(struct replace *r)
{
	if (!r)
		return NULL;
	if (r->state == COMMITTED)
		(void)!replace_finish(r, NULL);
	if (r->state == PREPARED || r->state == SYNCED) {
		/* not exchanged, so nobody's text but ours; unless an exchange failed half way */
		if (inode_eq(inode_at(r->folder, r->temp), inode_of(r->new)))
			(void)unlinkat(r->folder, r->temp, 0);
	}
	close_fd(&r->old);
	close_fd(&r->new);
	close_fd(&r->folder);
	free(r);
	return NULL;
}

enum err replace_document(int root, const char *path, struct span expected, struct span text,
			  const struct replace_options *options, enum replace_how *how, struct file_key *key,
			  struct error *e)
{
	struct replace *r = NULL;
	enum err synced, err = replace_prepare(root, path, expected, text, options, &r, e);

	if (err || !r)
		return err;
	err = replace_sync(r, e);
	if (!err)
		err = replace_commit(r, e);
	if (!err) {
		synced = replace_sync_folders(&r, 1, e);
		err = replace_finish(r, synced ? NULL : e);
		if (!err)
			err = synced;
	}
	if (!err && how)
		*how = replace_how(r);
	if (!err && key)
		*key = replace_key(r);
	replace_free(r);
	return err;
}
