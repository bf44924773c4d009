/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "document/exchange.h"

static const char acl[] = "system.posix_acl_access";

/* What says something about the very bytes or is the system's own to give: never copied. */
static bool is_systems(const char *name)
{
	return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0 ||
	       strcmp(name, "security.capability") == 0;
}

/* Labels are given by policy and need privileges: as far as it goes. A person's own and ACLs must be kept. */
static bool may_fail(const char *name)
{
	return strncmp(name, "user.", 5) != 0 && strcmp(name, acl) != 0;
}

static enum err copy_one(int from, int to, const char *name, const char *shown, struct error *e)
{
	CLEANUP_FREE char *value = malloc(XATTR_SIZE_MAX);
	ssize_t n;

	if (!value)
		return err_set(e, ERR_NOMEM, "out of memory");
	n = fgetxattr(from, name, value, XATTR_SIZE_MAX);
	if (n < 0)
		return errno == ENODATA || may_fail(name)
			       ? ERR_OK
			       : err_set_errno(e, errno, "'%s': attribute '%s'", shown, name);
	if (fsetxattr(to, name, value, (size_t)n, 0) != 0 && !may_fail(name))
		return err_set_errno(e, errno, "'%s': attribute '%s' cannot be kept", shown, name);
	return ERR_OK;
}

static enum err copy_xattrs(int from, int to, const char *shown, struct error *e)
{
	CLEANUP_FREE char *names = NULL;
	ssize_t n = flistxattr(from, NULL, 0);
	bool has_acl = false;
	enum err r = ERR_OK;

	if (n > 0) {
		/* room for one that comes meanwhile; many more is ERANGE, and then the file has changed
		 * anyway */
		names = malloc((size_t)n + 256);
		if (!names)
			return err_set(e, ERR_NOMEM, "out of memory");
		n = flistxattr(from, names, (size_t)n + 256);
	}
	if (n < 0)
		return errno == ENOTSUP || errno == ENOSYS
			       ? ERR_OK
			       : err_set_errno(e, errno, "'%s': attributes", shown);
	for (const char *at = names; !r && n && at < names + n; at += strlen(at) + 1) {
		has_acl |= strcmp(at, acl) == 0;
		if (!is_systems(at))
			r = copy_one(from, to, at, shown, e);
	}
	/* what the folder's default ACL gave the new file, and the old one has not */
	if (!r && !has_acl)
		(void)fremovexattr(to, acl);
	return r;
}

enum err copy_attributes(int from, const struct stat *st, int to, const char *shown, struct error *e)
{
	struct stat now;
	enum err r;

	if (fstat(to, &now) != 0)
		return err_set_errno(e, errno, "'%s'", shown);
	if (now.st_uid != st->st_uid && fchown(to, st->st_uid, (gid_t)-1) != 0)
		return err_set(e, ERR_OWNER, "'%s' belongs to another user, and could not be left theirs",
			       shown);
	if (now.st_gid != st->st_gid && fchown(to, (uid_t)-1, st->st_gid) != 0)
		return err_set(e, ERR_OWNER, "'%s' belongs to a group that it could not be left to", shown);
	r = copy_xattrs(from, to, shown, e);
	/* after the owner, which takes set-id bits away, and the ACL, whose mask these bits are */
	if (!r && fchmod(to, st->st_mode & 07777) != 0)
		r = err_set_errno(e, errno, "'%s': mode", shown);
	return r;
}
