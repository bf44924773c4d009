/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include "base/strbuf.h"
#include "base/text.h"

json_t *json_text(struct span s)
{
	json_t *j = s.ptr ? json_stringn(s.ptr, s.len) : json_null();
	CLEANUP(strbuf_release) struct strbuf repaired = STRBUF_INIT(3 * s.len);

	if (!j && !text_utf8_repair(s, &repaired))
		j = json_stringn(strbuf_span(&repaired).ptr, repaired.len);
	return j ? j : json_sprintf("(%zu bytes)", s.len);
}

json_t *json_text_str(const char *s)
{
	return json_text(span_str(s));
}
