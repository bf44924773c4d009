/* SPDX-License-Identifier: MIT */
#include "base/field.h"

#define X(name, text) [FIELD_##name] = text,
static const char *const names[FIELD_COUNT] = {FIELD_MAP(X) FIELD_MAP_PAGE(X)};
#undef X

const char *field_name(enum field f)
{
	return names[f];
}

bool field_by_name(struct span name, enum field *ret)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (!span_eq_str(name, names[f]))
			continue;
		*ret = (enum field)f;
		return true;
	}
	return false;
}
