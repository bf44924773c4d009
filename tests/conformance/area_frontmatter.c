/* SPDX-License-Identifier: MIT */
/* frontmatter: --path '["images",0,"width"]' --value 640 FILE prints FILE with that value set; where it
 * cannot be, prints nothing and exits with 1. */
#include "conformance/conformance.h"

#include <stdio.h>

#include "document/document.h"
#include "document/frontmatter.h"

static bool to_path(const json_t *in, struct edit *edit)
{
	size_t i;
	json_t *step;

	if (!json_is_array(in) || json_array_size(in) > FRONTMATTER_PATH)
		return false;
	json_array_foreach(in, i, step)
	{
		if (json_is_string(step))
			edit->path[i].key = span_of(json_string_value(step), json_string_length(step));
		else
			edit->path[i].index = (size_t)json_integer_value(step);
		edit->steps++;
	}
	return true;
}

static bool to_value(const json_t *in, struct arena *arena, struct value *ret)
{
	size_t n = json_is_array(in) ? json_array_size(in) : json_object_size(in), i = 0;
	struct value *items = ARENA_NEW_ARRAY(arena, struct value, n + 1);
	const char *key;
	json_t *item;

	if (!items)
		return false;
	ret->items = items;
	ret->count = n;
	switch (json_typeof(in)) {
	case JSON_STRING:
		ret->kind = VALUE_STRING;
		ret->text = span_of(json_string_value(in), json_string_length(in));
		return true;
	case JSON_ARRAY:
		ret->kind = VALUE_LIST;
		json_array_foreach(in, i, item)
		{
			if (!to_value(item, arena, &items[i]))
				return false;
		}
		return true;
	case JSON_OBJECT:
		ret->kind = VALUE_MAP;
		json_object_foreach((json_t *)(uintptr_t)in, key, item)
		{
			items[i].key = span_str(key);
			if (!to_value(item, arena, &items[i++]))
				return false;
		}
		return true;
	default: {
		char text[64];

		ret->kind = VALUE_PLAIN;
		if (json_is_real(in))
			snprintf(text, sizeof(text), "%.17g", json_real_value(in));
		else if (json_is_integer(in))
			snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(in));
		else
			snprintf(text, sizeof(text), "%s",
				 json_is_null(in)   ? "null"
				 : json_is_true(in) ? "true"
						    : "false");
		ret->text = arena_dup(arena, span_str(text));
		return ret->text.ptr;
	}
	}
}

static bool read_all(const char *path, struct strbuf *out)
{
	FILE *f = fopen(path, "rb");
	char part[65536];
	bool ok = f;
	size_t n;

	while (ok && (n = fread(part, 1, sizeof(part), f)) > 0)
		ok = !strbuf_add(out, part, n);
	if (f)
		fclose(f);
	return ok;
}

static int frontmatter(const struct file_call *call)
{
	CLEANUP(strbuf_release)
	struct strbuf old = STRBUF_INIT(DOCUMENT_MAX), new = STRBUF_INIT(DOCUMENT_MAX);
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(64 << 20);
	struct edit edit = {.kind = EDIT_SET};
	struct frontmatter *fm;
	struct error e = {0};
	bool ok = read_all(call->path, &old);

	for (int i = 0; i + 1 < call->argc && ok; i++) {
		json_t *in = json_loads(call->argv[i + 1], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		if (strcmp(call->argv[i], "--path") == 0)
			ok = in && to_path(in, &edit);
		else if (strcmp(call->argv[i], "--value") == 0)
			ok = in && to_value(in, &arena, &edit.value);
	}
	if (!ok || frontmatter_parse(strbuf_span(&old), &arena, &fm, &e) ||
	    frontmatter_edit(fm, &edit, &new, &e)) {
		fprintf(stderr, "%s:%u:%u: %s\n", call->path, e.line, e.col, e.text);
		return 1;
	}
	fwrite(new.ptr, 1, new.len, stdout);
	return 0;
}

const struct area areas_frontmatter[] = {{.name = "frontmatter", .file = frontmatter}, {.name = NULL}};
