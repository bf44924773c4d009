/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "extract/charset.h"

#define BAD "\xef\xbf\xbd"

static const struct decode_row {
	const char *name, *label, *in, *want;
} decode_rows[] = {
	{"windows-1252 by an old name", "iso-8859-1", "\x93x\x94\x81", "“x”\xc2\x81"},
	{"windows-1255 has U+05BA", "cp1255", "\xca", "\xd6\xba"},
	{"a hole of windows-1253", "windows-1253", "\xaa", BAD},
	{"koi8-u", "koi8-u", "\xae\xbe", "ўЎ"},
	{"x-user-defined", "x-user-defined", "a\x80\xff", "a\xef\x9e\x80\xef\x9f\xbf"},
	{"replacement", "iso-2022-kr", "abc", BAD},
	{"utf-8: overlong", "utf8", "\xc0\xaf", BAD BAD},
	{"utf-8: cut character", "utf8", "\xe2\x82x", BAD "x"},
	{"utf-8: surrogate", "utf8", "\xed\xa0\x80", BAD BAD BAD},
	{"utf-16: lone and paired surrogates", "utf-16le", "\x3d\xd8\x01\xde\x3d\xd8x\1", "😁" BAD "\xc5\xb8"},
	{"utf-16: odd byte", "utf-16be", "\1xa", "\xc5\xb8" BAD},
	{"shift_jis", "x-sjis", "\x82\xa0\xb1\x87\x40\x5c", "あｱ①\\"},
	{"shift_jis: ASCII after a lead stays", "sjis", "\x81<b>", BAD "<b>"},
	{"shift_jis: wrong pair goes whole", "sjis", "\x81\xfd.", BAD "."},
	{"shift_jis: private area", "sjis", "\xf0\x40", "\xee\x80\x80"},
	{"shift_jis: lead at the end", "sjis", "a\x82", "a" BAD},
	{"euc-jp", "euc-jp", "\xa4\xa2\x8e\xb1\x8f\xb0\xa1", "あｱ丂"},
	{"euc-jp: ASCII after a lead stays", "euc-jp", "\xa4<\x8f\xb0<", BAD "<" BAD "<"},
	{"iso-2022-jp", "iso-2022-jp", "a\33$B$\"\33(Bb\33(J\\\33(I1\33(B", "aあb¥ｱ"},
	{"iso-2022-jp: two escapes", "iso-2022-jp", "\33$B\33(Ba", BAD "a"},
	{"iso-2022-jp: lone escape", "iso-2022-jp", "\33x", BAD "x"},
	{"euc-kr", "ks_c_5601-1987", "\xb0\xa1\x81\x41<", "가갂<"},
	{"euc-kr: ASCII stays", "euc-kr", "\xb0<", BAD "<"},
	{"big5", "big5", "\xa4\xa4\x88\x62\x88\x66", "中\xc3\x8a\xcc\x84\xc3\x8a"},
	{"big5: ASCII stays", "big5", "\xa4<", BAD "<"},
	{"gbk", "gb2312", "\xd6\xd0\x80\xff", "中€" BAD},
	{"gbk: ASCII stays", "gbk", "\xd6<", BAD "<"},
	{"gb18030: four bytes, first and last", "gb18030", "\x81\x30\x81\x30\x84\x31\xa4\x37",
	 "\xc2\x80\xef\xbf\xbd"},
	{"gb18030: beyond the plane", "gb18030", "\x94\x39\xda\x33", "💩"},
	{"gb18030: the one that moved", "gb18030", "\x81\x35\xf4\x37\xa8\xbc", "\xee\x9f\x87ḿ"},
	{"gb18030: an ideographic space", "gb18030", "\xa3\xa0", "\xe3\x80\x80"},
	{"gb18030: out of range", "gb18030", "\x84\x31\xa5\x30", BAD},
	{"gb18030: broken fourth", "gb18030", "\x81\x30\x81x", BAD "0亁"},
	{"gb18030: cut", "gb18030", "\x81\x30\x81", BAD},
};

static void decodes(void **state)
{
	const struct decode_row *row = *state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1000000);
	enum charset charset = charset_by_label(span_str(row->label));
	struct span got;
	char text[200] = "";

	assert_int_not_equal(charset, CHARSET_NONE);
	assert_int_equal(charset_decode(span_str(row->in), charset, &arena, &got), ERR_OK);
	memcpy(text, got.ptr, got.len);
	assert_string_equal(text, row->want);
}

#define META "<meta charset=koi8-r>"
static const struct sniff_row {
	const char *name, *in, *type, *want;
} sniff_rows[] = {
	{"nothing: windows-1252", "x", NULL, "windows-1252"},
	{"nothing, but UTF-8", "\xc3\xa4", NULL, "UTF-8"},
	{"nothing, and no UTF-8", "\xe4", NULL, "windows-1252"},
	{"BOM before all", "\xef\xbb\xbf" META, "text/html; charset=gbk", "UTF-8"},
	{"UTF-16 BOM", "\xff\xfe<", "text/html; charset=gbk", "UTF-16LE"},
	{"header before meta", META, "text/html; x=y; Charset=\"GBK\"", "GBK"},
	{"header unknown", META, "text/html; charset=foo", "KOI8-R"},
	{"meta", META, "text/html", "KOI8-R"},
	{"meta in a comment", "<!--" META "-->", NULL, "windows-1252"},
	{"meta after an empty comment", "<!-->" META, NULL, "KOI8-R"},
	{"meta in an attribute", "<p title='" META "'>", NULL, "windows-1252"},
	{"pragma", "<META content='text/html; charset = \"big5\"' HTTP-EQUIV=content-type>", NULL, "Big5"},
	{"content alone", "<meta content='text/html; charset=big5'>", NULL, "windows-1252"},
	{"second charset of a content", "<meta http-equiv=content-type content='charset x; charset=big5'>",
	 NULL, "Big5"},
	{"unknown, then known", "<meta charset=foo>" META, NULL, "KOI8-R"},
	{"UTF-16 in a meta is UTF-8", "<meta charset=utf-16>", NULL, "UTF-8"},
	{"x-user-defined in a meta", "<meta charset=x-user-defined>", NULL, "windows-1252"},
	{"unfinished", "<meta charset=koi8-r", NULL, "windows-1252"},
	{"a single-byte slip", META "\xd0\xb0", NULL, "UTF-8"},
	{"no slip", META "\xc1", NULL, "KOI8-R"},
	{"xml declaration of XHTML", "<?xml version='1.0' encoding='koi8-r'?><html>", NULL, "KOI8-R"},
	{"xml: declaration", "<?xml version='1.0' encoding = 'koi8-r'?>" META, "text/xml", "KOI8-R"},
	{"xml: UTF-8 else", META, "application/rss+xml", "UTF-8"},
	{"text: meta means nothing", META, "text/plain", "windows-1252"},
};

static void sniffs(void **state)
{
	const struct sniff_row *row = *state;
	struct span type = span_str(row->type);
	size_t bom;

	assert_string_equal(charset_name(charset_sniff(span_str(row->in), type, charset_kind_of(type), &bom)),
			    row->want);
}

static void late_meta_counts_but_no_script(void **state)
{
	(void)state;
	static char page[5000];
	size_t bom;

	memset(page, ' ', 2000);
	strcpy(page + 2000, "<script>'<meta charset=gbk>'</script>" META);
	assert_int_equal(charset_sniff(span_str(page), SPAN_NONE, CHARSET_HTML, &bom), CHARSET_KOI8_R);
}

static void borrows(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1000);
	struct span in = SPAN("\xef\xbb\xbf<p>\xc3\xa4"), got;

	assert_int_equal(charset_to_utf8(in, SPAN_NONE, &arena, &got), ERR_OK);
	assert_ptr_equal(got.ptr, in.ptr + 3);
	assert_int_equal(charset_to_utf8(SPAN_NONE, SPAN_NONE, &arena, &got), ERR_OK);
	assert_non_null(got.ptr);
}

static void knows_labels(void **state)
{
	(void)state;
	assert_int_equal(charset_by_label(SPAN(" Latin1\n")), CHARSET_WINDOWS_1252);
	assert_int_equal(charset_by_label(SPAN("866")), CHARSET_IBM866);
	assert_int_equal(charset_by_label(SPAN("x-x-big5")), CHARSET_BIG5);
	assert_int_equal(charset_by_label(SPAN("utf-7")), CHARSET_NONE);
	assert_int_equal(charset_by_label(SPAN("")), CHARSET_NONE);
	assert_int_equal(charset_by_label(SPAN_NONE), CHARSET_NONE);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(late_meta_counts_but_no_script),
		cmocka_unit_test(borrows),
		cmocka_unit_test(knows_labels),
	};

	return RUN_ROWS("charset/decode", decode_rows, decodes) +
	       RUN_ROWS("charset/sniff", sniff_rows, sniffs) +
	       cmocka_run_group_tests_name("charset", more, NULL, NULL);
}
