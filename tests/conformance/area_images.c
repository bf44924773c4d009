/* SPDX-License-Identifier: MIT */
/* images: type and size of a file. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "image/size.h"

static int images(const struct file_call *call)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(64 << 20);
	FILE *f = fopen(call->path, "rb");
	struct image_size size;
	char piece[65536];
	bool ok = f;

	for (size_t n; ok && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		ok = strbuf_add(&b, piece, n) == ERR_OK;
	if (f)
		fclose(f);
	if (!ok || image_measure(strbuf_span(&b), true, &size) != IMAGE_KNOWN)
		return 1;
	printf("{\"width\": %u, \"height\": %u, \"mime\": \"%s\"}\n", size.width, size.height,
	       image_mime(size.type));
	return 0;
}

const struct area areas_images[] = {{.name = "images", .file = images}, {.name = NULL}};
