/* SPDX-License-Identifier: MIT */
#include "document/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

#define MARK ".ingestd-"
enum {
	HEX = 16,
	RANDOM = 6,
	TAIL = sizeof(MARK) - 1 + 2 + HEX + 1 + HEX + 1 + RANDOM, /* what follows NAME */
	TAIL_SHORTENED = TAIL + HEX + 1
};

static bool take_hex(struct span *s, uint64_t *ret)
{
	uint64_t v = 0;

	if (s->len < HEX + 1 || s->ptr[HEX] != '-')
		return false;
	for (size_t i = 0; i < HEX; i++) {
		int digit = byte_hex(s->ptr[i]);

		if (digit < 0)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	*ret = v;
	*s = span_sub(*s, HEX + 1, s->len);
	return true;
}

bool leftover_parse(const char *filename, struct leftover *ret)
{
	struct span all = span_str(filename), tail;
	struct leftover l = {.shortened = false};
	size_t at = SIZE_MAX;

	if (all.len < 2 + TAIL || all.ptr[0] != '.')
		return false;
	/* the last mark: NAME may have one of its own */
	for (size_t i = all.len - (sizeof(MARK) - 1); i > 1; i--) {
		if (memcmp(all.ptr + i, MARK, sizeof(MARK) - 1) == 0) {
			at = i;
			break;
		}
	}
	if (at == SIZE_MAX)
		return false;
	l.name = span_sub(all, 1, at);
	tail = span_sub(all, at + sizeof(MARK) - 1, all.len);
	if (tail.len < 2 || (tail.ptr[0] != LEFTOVER_WRITING && tail.ptr[0] != LEFTOVER_READY) ||
	    tail.ptr[1] != '-')
		return false;
	l.role = (enum leftover_role)tail.ptr[0];
	tail = span_sub(tail, 2, tail.len);
	if (!take_hex(&tail, &l.old_hash) || !take_hex(&tail, &l.new_hash))
		return false;
	if (tail.len != RANDOM) {
		l.shortened = true;
		if (!take_hex(&tail, &l.name_hash) || tail.len != RANDOM)
			return false;
	}
	*ret = l;
	return true;
}

static void add_random(char ret[RANDOM + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[RANDOM];
	struct timespec now;

	/* not a secret: O_EXCL is what keeps names apart */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != sizeof(bytes)) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		for (size_t i = 0; i < RANDOM; i++)
			bytes[i] = (unsigned char)((unsigned long)now.tv_nsec >> (5 * i));
	}
	for (size_t i = 0; i < RANDOM; i++)
		ret[i] = letters[bytes[i] % 32];
	ret[RANDOM] = 0;
}

/* Bytes of name that fit in room, no UTF-8 character cut: some file systems insist. What is no UTF-8 may be
 * cut anywhere. */
static int fitting(const char *name, size_t room)
{
	size_t len = strlen(name), cut = room;

	if (len <= room)
		return (int)len;
	while (room - cut < 4 && ((unsigned char)name[cut] & 0xc0) == 0x80)
		cut--;
	return (int)(room - cut < 4 ? cut : room);
}

void leftover_name(const char *name, enum leftover_role role, uint64_t old_hash, uint64_t new_hash,
		   char ret[LEFTOVER_NAME_MAX + 1])
{
	char hash[HEX + 2] = "", random[RANDOM + 1];
	int len = (int)strlen(name);

	if (len > LEFTOVER_NAME_MAX - 1 - TAIL) {
		len = fitting(name, LEFTOVER_NAME_MAX - 1 - TAIL_SHORTENED);
		(void)snprintf(hash, sizeof(hash), "%016" PRIx64 "-", hash64(span_str(name)));
	}
	add_random(random);
	(void)snprintf(ret, LEFTOVER_NAME_MAX + 1, ".%.*s" MARK "%c-%016" PRIx64 "-%016" PRIx64 "-%s%s", len,
		       name, (char)role, old_hash, new_hash, hash, random);
}

void leftover_set_role(char *filename, enum leftover_role role)
{
	struct leftover l;

	if (leftover_parse(filename, &l))
		filename[1 + l.name.len + sizeof(MARK) - 1] = (char)role;
}

void leftover_kept_name(const char *name, char ret[LEFTOVER_NAME_MAX + 1])
{
	char random[RANDOM + 1];

	add_random(random);
	(void)snprintf(ret, LEFTOVER_NAME_MAX + 1, "%.*s" MARK "kept-%s",
		       fitting(name, LEFTOVER_NAME_MAX - (sizeof(MARK) - 1) - 5 - RANDOM), name, random);
}

enum err leftover_document(const struct leftover *l, int folder, char ret[LEFTOVER_NAME_MAX + 1],
			   struct error *e)
{
	struct dirent *entry;
	bool found = false;
	int fd;
	DIR *d;

	if (!l->shortened) {
		memcpy(ret, l->name.ptr, l->name.len);
		ret[l->name.len] = 0;
		return ERR_OK;
	}
	fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int errnum = errno;

		if (fd >= 0)
			(void)close(fd);
		return err_set_errno(e, errnum, "'%.*s'", SPAN_ARG(l->name));
	}
	while (!found && (entry = readdir(d))) {
		struct span name = span_str(entry->d_name);

		if (span_starts(name, l->name) && name.len <= LEFTOVER_NAME_MAX &&
		    hash64(name) == l->name_hash) {
			memcpy(ret, name.ptr, name.len + 1);
			found = true;
		}
	}
	(void)closedir(d);
	return found ? ERR_OK : err_set(e, ERR_NOTFOUND, "no file for '%.*s'", SPAN_ARG(l->name));
}
