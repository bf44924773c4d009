/* SPDX-License-Identifier: MIT */
#include "base/url.h"

#include <libpsl.h>

enum { NAME_MAX_LEN = 255 };

static bool is_address(struct span host)
{
	return host.len && (host.ptr[0] == '[' || byte_is_digit(host.ptr[host.len - 1]));
}

struct span url_registrable(struct span host)
{
	char name[NAME_MAX_LEN + 1];
	struct span bare = host.len && host.ptr[host.len - 1] == '.' ? span_sub(host, 0, host.len - 1) : host;
	const char *found;

	if (bare.len == 0 || bare.len > NAME_MAX_LEN || is_address(bare))
		return host;
	memcpy(name, bare.ptr, bare.len);
	name[bare.len] = 0;
	found = psl_registrable_domain(psl_builtin(), name);
	/* a suffix of ours, so the same distance from the end */
	return found ? span_sub(bare, (size_t)(found - name), bare.len) : host;
}

bool url_same_site(struct span host_a, struct span host_b)
{
	return span_eq(url_registrable(host_a), url_registrable(host_b));
}
