/* SPDX-License-Identifier: MIT */
#include "base/url_host.h"

#include <pthread.h>
#include <stdio.h>
#include <unicode/uidna.h>

/* --- IPv4 --- */

/* One part: decimal, 0x hexadecimal or 0 octal. False: not a number. Saturates. */
static bool ipv4_number(struct span s, uint64_t *ret)
{
	unsigned radix = 10;
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	if (s.len >= 2 && s.ptr[0] == '0' && byte_lower(s.ptr[1]) == 'x') {
		radix = 16;
		s = span_sub(s, 2, s.len);
	} else if (s.len >= 2 && s.ptr[0] == '0') {
		radix = 8;
		s = span_sub(s, 1, s.len);
	}
	for (size_t i = 0; i < s.len; i++) {
		int d = byte_hex(s.ptr[i]);

		if (d < 0 || (unsigned)d >= radix)
			return false;
		v = MIN(v * radix + (unsigned)d, UINT64_C(1) << 40);
	}
	*ret = v;
	return true;
}

static struct span without_final_dot(struct span s)
{
	return s.len && s.ptr[s.len - 1] == '.' ? span_sub(s, 0, s.len - 1) : s;
}

/* "Ends in a number": then it is an address or nothing. */
static bool is_ipv4_like(struct span s)
{
	uint64_t v;
	bool digits;
	size_t at;

	s = without_final_dot(s);
	for (at = s.len; at > 0 && s.ptr[at - 1] != '.'; at--)
		;
	s = span_sub(s, at, s.len);
	digits = s.len > 0;
	for (size_t i = 0; i < s.len; i++)
		digits = digits && byte_is_digit(s.ptr[i]);
	return digits || (s.len >= 2 && ipv4_number(s, &v) && byte_lower(s.ptr[1]) == 'x');
}

static enum err parse_ipv4(struct span s, uint32_t *ret)
{
	uint64_t parts[4], sum = 0;
	size_t n = 0;
	struct span rest = without_final_dot(s);

	while (rest.ptr) {
		if (n == 4 || !ipv4_number(span_split(&rest, '.'), &parts[n]))
			return ERR_INVALID;
		n++;
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (parts[i] > 255)
			return ERR_INVALID;
		sum |= parts[i] << (8 * (3 - i));
	}
	if (n == 0 || parts[n - 1] >= UINT64_C(1) << (8 * (5 - n)))
		return ERR_INVALID;
	*ret = (uint32_t)(sum + parts[n - 1]);
	return ERR_OK;
}

/* --- IPv6 --- */

/* The dotted tail of an IPv6 address, into two pieces. */
static bool ipv6_dotted(struct span s, uint16_t piece[2])
{
	uint64_t v[4];

	for (unsigned i = 0; i < 4; i++) {
		struct span part;

		if (!s.ptr)
			return false;
		part = span_split(&s, '.');
		if (!span_to_uint(part, 255, &v[i]) || (part.len > 1 && part.ptr[0] == '0'))
			return false;
	}
	if (s.ptr)
		return false;
	piece[0] = (uint16_t)(v[0] << 8 | v[1]);
	piece[1] = (uint16_t)(v[2] << 8 | v[3]);
	return true;
}

/* The standard's IPv6 parser, on what stands between the brackets. */
static bool parse_ipv6(struct span s, uint16_t piece[8])
{
	unsigned n = 0;
	int compress = -1;
	size_t i = 0;

	memset(piece, 0, 8 * sizeof(*piece));
	if (s.len && s.ptr[0] == ':') {
		if (s.len < 2 || s.ptr[1] != ':')
			return false;
		i = 2;
		compress = (int)++n; /* "::" stands for one piece at least */
	}
	while (i < s.len) {
		unsigned value = 0, len = 0;
		size_t start = i;

		if (n == 8)
			return false;
		if (s.ptr[i] == ':') {
			if (compress >= 0)
				return false;
			i++;
			compress = (int)++n;
			continue;
		}
		for (; len < 4 && i < s.len && byte_hex(s.ptr[i]) >= 0; len++)
			value = value << 4 | (unsigned)byte_hex(s.ptr[i++]);
		if (i < s.len && s.ptr[i] == '.') {
			if (len == 0 || n > 6 || !ipv6_dotted(span_sub(s, start, s.len), piece + n))
				return false;
			n += 2;
			break;
		}
		if (i < s.len) {
			if (s.ptr[i] != ':' || ++i == s.len)
				return false;
		}
		piece[n++] = (uint16_t)value;
	}
	if (compress >= 0) {
		unsigned tail = n - (unsigned)compress;

		memmove(piece + 8 - tail, piece + compress, tail * sizeof(*piece));
		memset(piece + compress, 0, (8 - n) * sizeof(*piece));
		return true;
	}
	return n == 8;
}

static void print_ipv6(const uint16_t piece[8], struct url_host *ret)
{
	unsigned best = 0, longest = 1, n = 0;

	for (unsigned i = 0, run = 0; i < 8; i++) {
		run = piece[i] ? 0 : run + 1;
		if (run > longest) {
			longest = run;
			best = i + 1 - run;
		}
	}
	ret->text[n++] = '[';
	for (unsigned i = 0; i < 8; i++) {
		if (longest > 1 && i == best) {
			ret->text[n++] = ':';
			if (i == 0)
				ret->text[n++] = ':';
			i += longest - 1;
			continue;
		}
		n += (unsigned)snprintf(ret->text + n, 8, i < 7 ? "%x:" : "%x", (unsigned)piece[i]);
	}
	ret->text[n++] = ']';
	ret->len = n;
	ret->ip = true;
}

/* --- domains --- */

static pthread_once_t idna_once = PTHREAD_ONCE_INIT;
static UIDNA *idna; /* never closed: immutable, shared by all threads */

static void idna_open(void)
{
	UErrorCode e = U_ZERO_ERROR;

	idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
				       UIDNA_NONTRANSITIONAL_TO_UNICODE,
			       &e);
	if (U_FAILURE(e))
		idna = NULL;
}

/* What UTS #46 of Unicode 15.1 and 16 reads otherwise than ICU 72 (Unicode 15): once disallowed, since then
 * mapped or ignored (0). */
static uint32_t newer_mapping(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} maps[] = {{0x4c0, 0x4cf},     {0x1e9e, 0xdf},    {0x2132, 0x214e},
		    {0x2183, 0x2184},   {0x2f868, 0x36fc}, {0x2f874, 0x5f53},
		    {0x2f91f, 0x243ab}, {0x2f95f, 0x7aee}, {0x2f9bf, 0x45d7}};

	if (c < 0x4c0)
		return c;
	if (c >= 0x10a0 && c <= 0x10c5)
		return c - 0x10a0 + 0x2d00;
	if (c >= 0x206a && c <= 0x206f)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (maps[i].from == c)
			return maps[i].to;
	return c;
}

static enum err domain_to_ascii(struct span s, struct url_host *ret)
{
	static const uint32_t allowed = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
					UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
					UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode e = U_ZERO_ERROR;
	UChar wide[URL_HOST_MAX], ascii[URL_HOST_MAX];
	int32_t n = 0, len, i = 0;

	while (i < (int32_t)s.len) {
		UChar32 c;
		uint32_t to;
		UBool bad = false;

		U8_NEXT(s.ptr, i, (int32_t)s.len, c);
		if (c < 0)
			return ERR_INVALID; /* would become U+FFFD, which no domain may hold */
		to = newer_mapping((uint32_t)c);
		if (to)
			U16_APPEND(wide, n, URL_HOST_MAX, to, bad);
		if (bad)
			return ERR_TOOBIG;
	}
	pthread_once(&idna_once, idna_open);
	if (!idna)
		return ERR_NOMEM;
	len = uidna_nameToASCII(idna, wide, n, ascii, URL_HOST_MAX, &info, &e);
	if (e == U_MEMORY_ALLOCATION_ERROR)
		return ERR_NOMEM;
	if (e == U_BUFFER_OVERFLOW_ERROR || len > URL_HOST_MAX)
		return ERR_TOOBIG;
	if (U_FAILURE(e) || (info.errors & ~allowed) || len <= 0)
		return ERR_INVALID;
	for (i = 0; i < len; i++) {
		if (ascii[i] > 0x7f)
			return ERR_INVALID;
		ret->text[i] = (char)ascii[i];
	}
	ret->len = (size_t)len;
	return ERR_OK;
}

/* The standard's forbidden domain code points. */
static bool byte_is_forbidden(char c)
{
	return (unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || strchr("#/:<>?@[\\]^|%", c) != NULL;
}

static enum err parse_domain(struct span s, struct url_host *ret)
{
	bool ascii = true;
	size_t n = 0;
	uint32_t address;
	enum err r;

	if (s.len > sizeof(ret->text))
		return ERR_TOOBIG;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '%' && i + 2 < s.len && byte_hex(s.ptr[i + 1]) >= 0 && byte_hex(s.ptr[i + 2]) >= 0) {
			c = (char)(byte_hex(s.ptr[i + 1]) << 4 | byte_hex(s.ptr[i + 2]));
			i += 2;
		}
		ascii = ascii && (unsigned char)c < 0x80;
		ret->text[n++] = byte_lower(c);
	}
	ret->len = n;
	if (!ascii) {
		char copy[URL_HOST_MAX];

		memcpy(copy, ret->text, n);
		r = domain_to_ascii(span_of(copy, n), ret);
		if (r)
			return r;
	}
	if (ret->len == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < ret->len; i++)
		if (byte_is_forbidden(ret->text[i]))
			return ERR_INVALID;
	ret->ip = is_ipv4_like(span_of(ret->text, ret->len));
	if (!ret->ip)
		return ERR_OK;
	r = parse_ipv4(span_of(ret->text, ret->len), &address);
	if (r)
		return r;
	ret->len = (size_t)snprintf(ret->text, sizeof(ret->text), "%u.%u.%u.%u", address >> 24,
				    address >> 16 & 255, address >> 8 & 255, address & 255);
	return ERR_OK;
}

enum err url_host_parse(struct span s, struct url_host *ret)
{
	uint16_t piece[8];

	if (s.len == 0)
		return ERR_INVALID;
	if (s.ptr[0] != '[')
		return parse_domain(s, ret);
	if (s.ptr[s.len - 1] != ']' || s.len < 4 || !parse_ipv6(span_sub(s, 1, s.len - 1), piece))
		return ERR_INVALID;
	print_ipv6(piece, ret);
	return ERR_OK;
}
