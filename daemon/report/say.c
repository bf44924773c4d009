/* SPDX-License-Identifier: MIT */
#include "say.h"

void say(FILE *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == 0xc2 && i + 1 < s.len && ((unsigned char)s.ptr[i + 1] & 0xe0) == 0x80) {
			putc('?', out);
			i++;
		} else {
			putc(c < 0x20 || c == 0x7f ? '?' : c, out);
		}
	}
}

void say_lines(FILE *out, struct span lines)
{
	while (lines.len) {
		size_t n = 0;

		while (n < lines.len && lines.ptr[n] != '\t' && lines.ptr[n] != '\n')
			n++;
		say(out, span_sub(lines, 0, n));
		if (n < lines.len)
			putc(lines.ptr[n++], out);
		lines = span_sub(lines, n, lines.len);
	}
}
