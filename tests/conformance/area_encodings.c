/* SPDX-License-Identifier: MIT */
/* encodings: a file's text as UTF-8. sniff: {"encoding"} of a file. labels: {"label"} gives {"encoding"}. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "extract/charset.h"

static bool read_file(const char *path, struct strbuf *out)
{
	FILE *f = fopen(path, "rb");
	bool ok = f;
	char piece[65536];

	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(out, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	return ok;
}

static int encodings(const struct file_call *call)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(64 << 20);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(256 << 20);
	struct span text;

	if (!read_file(call->path, &b) ||
	    charset_to_utf8(strbuf_span(&b), span_str(call->content_type), &arena, &text))
		return 1;
	fwrite(text.ptr, 1, text.len, stdout);
	return 0;
}

static int sniff(const struct file_call *call)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(64 << 20);
	struct span type = span_str(call->content_type);
	size_t bom;

	if (!read_file(call->path, &b))
		return 1;
	printf("{\"encoding\": \"%s\"}\n",
	       charset_name(charset_sniff(strbuf_span(&b), type, charset_kind_of(type), &bom)));
	return 0;
}

static json_t *label(const json_t *in)
{
	return json_pack("{ss?}", "encoding", charset_name(charset_by_label(json_text(in, "label"))));
}

const struct area areas_encodings[] = {{.name = "encodings", .file = encodings},
				       {.name = "sniff", .file = sniff},
				       {.name = "labels", .line = label},
				       {.name = NULL}};
