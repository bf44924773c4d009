/* SPDX-License-Identifier: MIT */
/* uses: document */
/* fuzz_diff.c - two texts, parted by the first NUL: the diff, applied to the old one, gives the new one. */
#include "document/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line of *s with its LF. */
static struct span line(struct span *s)
{
	ptrdiff_t lf = span_find_byte(*s, '\n');
	struct span l = span_sub(*s, 0, lf < 0 ? s->len : (size_t)lf + 1);

	*s = span_sub(*s, l.len, s->len);
	return l;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void add(struct strbuf *b, struct span s)
{
	must(strbuf_add_span(b, s) == ERR_OK);
}

static void apply(struct span old, struct span diff, struct strbuf *out)
{
	size_t at = 0; /* lines of old taken */

	(void)line(&diff);
	(void)line(&diff);
	while (diff.len) {
		struct span l = line(&diff);

		if (span_starts(l, SPAN("@@ -"))) {
			char head[64] = "";
			size_t start, count = 1;
			char *end;

			memcpy(head, l.ptr + 4, MIN(l.len - 4, sizeof(head) - 1));
			start = strtoul(head, &end, 10);
			if (*end == ',')
				count = strtoul(end + 1, NULL, 10);
			for (; at + (count > 0) < start; at++)
				add(out, line(&old));
			continue;
		}
		must(l.len > 0);
		if (l.ptr[0] == '\\')
			continue;
		if (span_starts(diff, SPAN("\\ No newline")))
			l.len--;
		if (l.ptr[0] != '+') {
			must(span_eq(line(&old), span_sub(l, 1, l.len)));
			at++;
		}
		if (l.ptr[0] != '-')
			add(out, span_sub(l, 1, l.len));
	}
	add(out, old);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span new = span_of((const char *)data, size), old = span_split(&new, 0);
	struct strbuf diff = STRBUF_INIT(10 * size + 1000), out = STRBUF_INIT(size + 1),
		      shown = STRBUF_INIT(SIZE_MAX / 2);

	if (old.ptr && new.ptr && size < 100000) {
		must(diff_unified(SPAN("x"), old, new, false, &diff) == ERR_OK);
		must(diff_unified(old, old, new, true, &shown) == ERR_OK);
		if (diff.len) {
			apply(old, strbuf_span(&diff), &out);
			must(span_eq(strbuf_span(&out), new));
		} else {
			must(span_eq(old, new));
		}
	}
	strbuf_release(&diff);
	strbuf_release(&out);
	strbuf_release(&shown);
	return 0;
}
