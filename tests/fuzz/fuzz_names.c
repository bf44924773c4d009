/* SPDX-License-Identifier: MIT */
/* uses: document */
/* fuzz_names.c - what stands in a folder: a name read as a leftover's, and matched as a path; the first line
 * is the pattern. */
#include "base/hash.h"
#include "document/glob.h"
#include "document/leftover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[5000], made[LEFTOVER_NAME_MAX + 1];
	struct glob *g;
	struct leftover l;
	char *name;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	name = strchrnul(text, '\n');
	if (*name)
		*name++ = 0;
	if (glob_new((const char *const[]){text, NULL}, NULL, &g, NULL) == ERR_OK) {
		(void)glob_matches(g, name, true);
		glob_free(g);
	}
	if (leftover_parse(name, &l) && (l.name.ptr < name || l.name.ptr + l.name.len > name + strlen(name)))
		abort();
	if (*name && strlen(name) <= LEFTOVER_NAME_MAX && !strchr(name, '/')) {
		leftover_name(name, LEFTOVER_READY, 1, 2, made);
		if (!leftover_parse(made, &l) || (!l.shortened && !span_eq_str(l.name, name)) ||
		    (l.shortened && l.name_hash != hash64(span_str(name))))
			abort();
		leftover_kept_name(name, made);
		if (leftover_parse(made, &l))
			abort();
	}
	return 0;
}
