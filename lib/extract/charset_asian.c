/* SPDX-License-Identifier: MIT */
/* The multi-byte encodings, decoded by the standard's state machines (which bytes belong together, what an
 * error takes with it) over tables that are filled once from iconv's converters. iconv alone would not do: it
 * names no maximal subparts, and a call a character costs more than the rest of the page. */
#include <iconv.h>
#include <pthread.h>

#include "extract/charset_inner.h"

enum {
	JIS_ROW = 94,
	JIS0208_SIZE = 188 * 60, /* Shift_JIS counts two rows of 94 a lead byte */
	EUDC_BEGIN = 8836,
	EUDC_END = 10716,
	GB_TRAILS = 190,
	BIG5_TRAILS = 157,
	LEADS = 126, /* 81 to FE */
	GB4_SIZE = 39420,
};

static uint32_t jis0208[JIS0208_SIZE], jis0212[JIS_ROW * JIS_ROW];
static uint32_t euc_kr[LEADS * GB_TRAILS], gbk[LEADS * GB_TRAILS];
static uint32_t big5[LEADS * BIG5_TRAILS][2];
static uint16_t gb4[GB4_SIZE];

/* One sequence through an iconv converter into at most two code points; 0 where it has no meaning. */
static void convert(iconv_t cd, const unsigned char *bytes, size_t n, uint32_t ret[2])
{
	char *in = (char *)(uintptr_t)bytes, *out = (char *)ret;
	size_t left = n, room = 2 * sizeof(ret[0]);

	ret[0] = ret[1] = 0;
	(void)iconv(cd, NULL, NULL, NULL, NULL);
	/* the last call lets go of what a converter keeps back to combine it */
	if (iconv(cd, &in, &left, &out, &room) == (size_t)-1 || left ||
	    iconv(cd, NULL, NULL, &out, &room) == (size_t)-1)
		ret[0] = ret[1] = 0;
	if (ret[0] == CHARSET_BAD)
		ret[0] = 0;
}

static iconv_t converter(const char *name)
{
	return iconv_open("UCS-4LE", name);
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "UCS-4LE is taken for uint32_t");

static void fill_japanese(void)
{
	iconv_t sjis = converter("CP932"), euc = converter("EUC-JP-MS");
	uint32_t c[2];

	for (unsigned p = 0; p < JIS0208_SIZE && sjis != (iconv_t)-1; p++) {
		unsigned lead = p / 188, trail = p % 188;
		unsigned char bytes[2] = {(unsigned char)(lead + (lead < 0x1f ? 0x81 : 0xc1)),
					  (unsigned char)(trail + (trail < 0x3f ? 0x40 : 0x41))};

		if (p >= EUDC_BEGIN && p < EUDC_END)
			continue;
		convert(sjis, bytes, 2, c);
		jis0208[p] = c[0];
	}
	for (unsigned p = 0; p < JIS_ROW * JIS_ROW && euc != (iconv_t)-1; p++) {
		const unsigned char bytes[3] = {0x8f, (unsigned char)(0xa1 + p / JIS_ROW),
						(unsigned char)(0xa1 + p % JIS_ROW)};

		convert(euc, bytes, 3, c);
		/* its private area is no letter of JIS X 0212 */
		jis0212[p] = c[0] >= 0xe000 && c[0] < 0xf900 ? 0 : c[0];
	}
	if (sjis != (iconv_t)-1)
		iconv_close(sjis);
	if (euc != (iconv_t)-1)
		iconv_close(euc);
}

static void fill_pairs(const char *name, uint32_t *table, unsigned first_trail, bool skip_del)
{
	iconv_t cd = converter(name);
	uint32_t c[2];

	for (unsigned p = 0; p < LEADS * GB_TRAILS && cd != (iconv_t)-1; p++) {
		unsigned trail = p % GB_TRAILS + first_trail;
		const unsigned char bytes[2] = {(unsigned char)(0x81 + p / GB_TRAILS),
						(unsigned char)(trail + (skip_del && trail >= 0x7f))};

		convert(cd, bytes, 2, c);
		table[p] = c[0];
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}

static void fill_korean(void)
{
	fill_pairs("CP949", euc_kr, 0x41, false);
}

static void fill_big5(void)
{
	iconv_t cd = converter("BIG5-HKSCS");

	for (unsigned p = 0; p < LEADS * BIG5_TRAILS && cd != (iconv_t)-1; p++) {
		unsigned trail = p % BIG5_TRAILS;
		const unsigned char bytes[2] = {(unsigned char)(0x81 + p / BIG5_TRAILS),
						(unsigned char)(trail + (trail < 0x3f ? 0x40 : 0x62))};

		convert(cd, bytes, 2, big5[p]);
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}

/* The four-byte part of GB 18030 numbers in their order those code points of the plane that two bytes do not
 * reach, by the standard of 2000: what later editions moved into the two-byte part keeps its place here. */
static void fill_gb(void)
{
	static const uint16_t moved[][2] = {
		{0xfe10, 0xe78d},
		{0xfe12, 0xe78e},
		{0xfe11, 0xe78f},
		{0xfe13, 0xe790},
		{0xfe14, 0xe791},
		{0xfe15, 0xe792},
		{0xfe16, 0xe793},
		{0xfe17, 0xe794},
		{0xfe18, 0xe795},
		{0xfe19, 0xe796},
		{0x9fb4, 0xe81e},
		{0x9fb5, 0xe826},
		{0x9fb6, 0xe82b},
		{0x9fb7, 0xe82c},
		{0x9fb8, 0xe832},
		{0x9fb9, 0xe843},
		{0x9fba, 0xe854},
		{0x9fbb, 0xe864},
		{0x1e3f, 0xe7c7},
		/* to the second plane */
		{0, 0xe816},
		{0, 0xe817},
		{0, 0xe818},
		{0, 0xe831},
		{0, 0xe83b},
		{0, 0xe855},
	};
	static uint8_t two[0x10000];
	size_t n = 0;

	fill_pairs("GB18030", gbk, 0x40, true);
	for (size_t p = 0; p < ARRAY_SIZE(gbk); p++)
		if (gbk[p] < 0x10000)
			two[gbk[p]] = 1;
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		two[moved[i][0]] = 0;
		two[moved[i][1]] = 1;
	}
	gbk[(0xa3 - 0x81) * GB_TRAILS + 0xa0 - 0x41] = 0x3000; /* the standard's own */
	for (unsigned c = 0x80; c < 0x10000 && n < GB4_SIZE; c++)
		if (!two[c] && (c < 0xd800 || c >= 0xe000)) {
			/* the one that changed places */
			gb4[n++] = (uint16_t)(c == 0x1e3f ? 0xe7c7 : c);
		}
}

static bool in(unsigned c, unsigned low, unsigned high)
{
	return c >= low && c <= high;
}

/* An error takes the lead byte, and the trail with it unless that is ASCII. */
static size_t put_pair(struct charset_out *o, uint32_t c, unsigned trail)
{
	charset_put(o, c ? c : CHARSET_BAD);
	return c || trail >= 0x80 ? 2 : 1;
}

static size_t shift_jis(const unsigned char *p, size_t n, struct charset_out *o)
{
	unsigned lead = p[0], trail;
	uint32_t c = 0;

	if (lead == 0x80 || in(lead, 0xa1, 0xdf)) {
		charset_put(o, lead == 0x80 ? 0x80 : 0xff61 - 0xa1 + lead);
		return 1;
	}
	if (!(in(lead, 0x81, 0x9f) || in(lead, 0xe0, 0xfc)) || n < 2) {
		charset_put(o, CHARSET_BAD);
		return 1;
	}
	trail = p[1];
	if (in(trail, 0x40, 0x7e) || in(trail, 0x80, 0xfc)) {
		unsigned at =
			(lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + trail - (trail < 0x7f ? 0x40 : 0x41);

		c = at >= EUDC_BEGIN && at < EUDC_END ? 0xe000 - EUDC_BEGIN + at : jis0208[at];
	}
	return put_pair(o, c, trail);
}

static size_t euc_jp(const unsigned char *p, size_t n, struct charset_out *o)
{
	unsigned lead = p[0], trail = n > 1 ? p[1] : 0;
	uint32_t c = 0;

	if (!(in(lead, 0xa1, 0xfe) || lead == 0x8e || lead == 0x8f) || n < 2) {
		charset_put(o, CHARSET_BAD);
		return 1;
	}
	if (lead == 0x8f && in(trail, 0xa1, 0xfe)) {
		unsigned last = n > 2 ? p[2] : 0;

		if (in(last, 0xa1, 0xfe))
			c = jis0212[(trail - 0xa1) * JIS_ROW + last - 0xa1];
		charset_put(o, c ? c : CHARSET_BAD);
		return n > 2 && (c || last >= 0x80) ? 3 : 2;
	}
	if (lead == 0x8e && in(trail, 0xa1, 0xdf))
		c = 0xff61 - 0xa1 + trail;
	else if (lead >= 0xa1 && in(trail, 0xa1, 0xfe))
		c = jis0208[(lead - 0xa1) * JIS_ROW + trail - 0xa1];
	return put_pair(o, c, trail);
}

static size_t korean(const unsigned char *p, size_t n, struct charset_out *o)
{
	uint32_t c = 0;

	if (!in(p[0], 0x81, 0xfe) || n < 2) {
		charset_put(o, CHARSET_BAD);
		return 1;
	}
	if (in(p[1], 0x41, 0xfe))
		c = euc_kr[(p[0] - 0x81u) * GB_TRAILS + p[1] - 0x41u];
	return put_pair(o, c, p[1]);
}

static size_t big_five(const unsigned char *p, size_t n, struct charset_out *o)
{
	const uint32_t *c = NULL;

	if (!in(p[0], 0x81, 0xfe) || n < 2) {
		charset_put(o, CHARSET_BAD);
		return 1;
	}
	if (in(p[1], 0x40, 0x7e) || in(p[1], 0xa1, 0xfe))
		c = big5[(p[0] - 0x81u) * BIG5_TRAILS + p[1] - (p[1] < 0x7f ? 0x40u : 0x62u)];
	if (c && c[1]) {
		charset_put(o, c[0]);
		charset_put(o, c[1]);
		return 2;
	}
	return put_pair(o, c ? c[0] : 0, p[1]);
}

static size_t gb18030(const unsigned char *p, size_t n, struct charset_out *o)
{
	uint32_t c = 0;

	if (p[0] == 0x80) {
		charset_put(o, 0x20ac);
		return 1;
	}
	if (p[0] == 0xff || n < 2) {
		charset_put(o, CHARSET_BAD);
		return 1;
	}
	if (in(p[1], 0x30, 0x39)) {
		unsigned at;

		if (n < 4 && (n == 2 || in(p[2], 0x81, 0xfe))) {
			/* the bytes end within it */
			charset_put(o, CHARSET_BAD);
			return n;
		}
		if (!in(p[2], 0x81, 0xfe) || !in(p[3], 0x30, 0x39)) {
			charset_put(o, CHARSET_BAD);
			return 1;
		}
		at = ((p[0] - 0x81u) * 10 + p[1] - 0x30u) * 1260 + (p[2] - 0x81u) * 10 + p[3] - 0x30u;
		if (at < GB4_SIZE)
			c = gb4[at];
		else if (at >= 189000 && at <= 189000 + 0xfffff)
			c = at - 189000 + 0x10000;
		charset_put(o, c ? c : CHARSET_BAD);
		return 4;
	}
	if (in(p[1], 0x40, 0x7e) || in(p[1], 0x80, 0xfe))
		c = gbk[(p[0] - 0x81u) * GB_TRAILS + p[1] - (p[1] < 0x7f ? 0x40u : 0x41u)];
	return put_pair(o, c, p[1]);
}

enum jp_state { JP_ASCII, JP_ROMAN, JP_KATAKANA, JP_DOUBLE, JP_NONE };

/* What the escape at p (of n bytes) switches to. */
static enum jp_state jp_escape(const unsigned char *p, size_t n)
{
	unsigned a = n > 2 ? p[1] : 0, b = n > 2 ? p[2] : 0;

	if (a == '$')
		return b == '@' || b == 'B' ? JP_DOUBLE : JP_NONE;
	if (a != '(')
		return JP_NONE;
	return b == 'B' ? JP_ASCII : b == 'J' ? JP_ROMAN : b == 'I' ? JP_KATAKANA : JP_NONE;
}

static uint32_t jp_single(unsigned c, enum jp_state state)
{
	if (c >= 0x80 || c == 0x0e || c == 0x0f || (state == JP_KATAKANA && !in(c, 0x21, 0x5f)))
		return CHARSET_BAD;
	if (state == JP_KATAKANA)
		return 0xff61 - 0x21 + c;
	if (state == JP_ROMAN && (c == 0x5c || c == 0x7e))
		return c == 0x5c ? 0xa5 : 0x203e;
	return c;
}

static void iso_2022_jp(const unsigned char *p, size_t n, struct charset_out *o)
{
	enum jp_state state = JP_ASCII;
	bool escaped = false; /* the last thing was an escape: another one is an error */

	for (size_t i = 0; i < n;) {
		unsigned c = p[i], trail = i + 1 < n ? p[i + 1] : 0;
		enum jp_state to = c == 0x1b ? jp_escape(p + i, n - i) : JP_NONE;
		uint32_t found;

		if (to != JP_NONE) {
			if (escaped)
				charset_put(o, CHARSET_BAD);
			escaped = true;
			state = to;
			i += 3;
			continue;
		}
		escaped = false;
		if (state != JP_DOUBLE || c == 0x1b || !in(c, 0x21, 0x7e)) {
			charset_put(o, c == 0x1b || state == JP_DOUBLE ? CHARSET_BAD : jp_single(c, state));
			i++;
			continue;
		}
		found = in(trail, 0x21, 0x7e) ? jis0208[(c - 0x21) * JIS_ROW + trail - 0x21] : 0;
		charset_put(o, found ? found : CHARSET_BAD);
		/* an escape is read again, any other byte goes with the error */
		i += trail == 0x1b ? 1 : 2;
	}
}

void charset_decode_asian(const unsigned char *p, size_t n, enum charset charset, struct charset_out *o)
{
	static pthread_once_t japanese_once = PTHREAD_ONCE_INIT, korean_once = PTHREAD_ONCE_INIT,
			      big5_once = PTHREAD_ONCE_INIT, gb_once = PTHREAD_ONCE_INIT;
	static const struct {
		pthread_once_t *once;
		void (*fill)(void);
		size_t (*step)(const unsigned char *p, size_t n, struct charset_out *o);
	} decoders[CHARSET_NONE] = {
		[CHARSET_GBK] = {&gb_once, fill_gb, gb18030},
		[CHARSET_GB18030] = {&gb_once, fill_gb, gb18030},
		[CHARSET_BIG5] = {&big5_once, fill_big5, big_five},
		[CHARSET_EUC_JP] = {&japanese_once, fill_japanese, euc_jp},
		[CHARSET_SHIFT_JIS] = {&japanese_once, fill_japanese, shift_jis},
		[CHARSET_ISO_2022_JP] = {&japanese_once, fill_japanese, NULL},
		[CHARSET_EUC_KR] = {&korean_once, fill_korean, korean},
	};

	if (!decoders[charset].once || pthread_once(decoders[charset].once, decoders[charset].fill))
		return;
	if (!decoders[charset].step) {
		iso_2022_jp(p, n, o);
		return;
	}
	for (size_t i = 0; i < n;) {
		if (p[i] < 0x80)
			*o->next++ = (char)p[i++];
		else
			i += decoders[charset].step(p + i, n - i, o);
	}
}
