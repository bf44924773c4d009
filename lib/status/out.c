/* SPDX-License-Identifier: MIT */
#include "status/out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/text.h"

void out_span(struct out *o, struct span s)
{
	if (!o->failed && s.len)
		o->failed = strbuf_add_span(o->to, s);
}

void out_text(struct out *o, const char *literal)
{
	out_span(o, span_str(literal));
}

void out_f(struct out *o, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_span(o, span_of(text, n < 0 ? 0 : MIN((size_t)n, sizeof(text) - 1)));
}

uint32_t out_next(struct span s, unsigned *size)
{
	/* the longest character is four bytes */
	if (text_utf8_valid(span_sub(s, 0, 1)))
		*size = 1;
	else if (text_utf8_valid(span_sub(s, 0, 2)) == 2)
		*size = 2;
	else if (text_utf8_valid(span_sub(s, 0, 3)) == 3)
		*size = 3;
	else if (s.len >= 4 && text_utf8_valid(span_sub(s, 0, 4)) == 4)
		*size = 4;
	else {
		*size = 1;
		return 0xfffd;
	}
	return text_utf8_get(span_sub(s, 0, *size), size);
}

bool out_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f && c != 0x200d && c != 0x200c) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

void out_visible(struct out *o, struct span s)
{
	while (s.len && !o->failed) {
		unsigned size;
		uint32_t c = out_next(s, &size);

		if (c == '\n' || c == '\t' || c == '\r')
			out_text(o, " ");
		else if (c == 0xfffd)
			out_text(o, "\xef\xbf\xbd");
		else if (out_is_control(c))
			out_f(o, "<U+%04" PRIX32 ">", c);
		else
			out_span(o, span_sub(s, 0, size));
		s = span_sub(s, size, s.len);
	}
}

const char *out_time(int64_t at, char buf[32])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!at)
		return "";
	if (at == INT64_MAX || !gmtime_r(&t, &tm) || !strftime(buf, 32, "%Y-%m-%d %H:%M:%S", &tm))
		return "never";
	return buf;
}

const char *out_distance(int64_t at, int64_t now, char buf[32])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	int64_t far;

	if (at == INT64_MAX)
		return "never";
	far = at > now ? at - now : now - at;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		/* hours up to two days, and so on: 36 h says more than 1 d */
		if (far < units[i].seconds * (units[i].seconds > 1 ? 2 : 1))
			continue;
		(void)snprintf(buf, 32, at > now ? "in %" PRId64 " %s" : "%" PRId64 " %s ago",
			       far / units[i].seconds, units[i].name);
		return buf;
	}
	return "now";
}

const char *out_count(int64_t n, char buf[32])
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n < 0 ? 0 : n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = 0;
	return buf;
}
