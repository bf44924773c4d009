/* SPDX-License-Identifier: MIT */
#include "repository.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A work tree's or submodule's .git is a file that names the folder. */
static bool follow(char git[PATH_MAX])
{
	static const char key[] = "gitdir: ";
	char line[PATH_MAX + sizeof(key)], real[PATH_MAX];
	FILE *f = fopen(git, "re");
	bool got = f && fgets(line, sizeof(line), f) && strncmp(line, key, sizeof(key) - 1) == 0;
	const char *to = line + sizeof(key) - 1;
	char *slash = strrchr(git, '/');

	if (f)
		(void)fclose(f);
	if (!got || !slash)
		return false;
	line[strcspn(line, "\r\n")] = 0;
	if (*to != '/') {
		size_t dir = (size_t)(slash - git) + 1, n = strlen(to);

		if (dir + n >= PATH_MAX)
			return false;
		memcpy(slash + 1, to, n + 1);
		to = git;
	}
	if (!realpath(to, real))
		return false;
	memcpy(git, real, strlen(real) + 1);
	return true;
}

void repository_find(struct root *root)
{
	char git[PATH_MAX];
	size_t n = strlen(root->path);
	struct stat st;

	free(root->git);
	root->git = NULL;
	if (n + sizeof("/.git") > sizeof(git))
		return;
	memcpy(git, root->path, n + 1);
	for (;;) {
		n -= n && git[n - 1] == '/'; /* of "/" itself */
		memcpy(git + n, "/.git", sizeof("/.git"));
		if (stat(git, &st) == 0 && (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && follow(git)))) {
			root->git = strdup(git);
			return;
		}
		if (!n)
			return;
		while (n && git[n - 1] != '/')
			n--;
	}
}

const char *repository_busy(const struct root *root)
{
	static const char *const names[] = {"index.lock",   "MERGE_HEAD",       "rebase-merge",
					    "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD"};
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; root->git && i < ARRAY_SIZE(names); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", root->git, names[i]);

		if (n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0)
			return names[i];
	}
	return NULL;
}
