/* SPDX-License-Identifier: MIT */
/* charset.h - bytes of a page into UTF-8, as the WHATWG Encoding Standard says
 * (https://encoding.spec.whatwg.org/) and the HTML standard's encoding sniffing.
 *
 * One deviation from it: a page that is valid UTF-8 throughout, beyond ASCII, is UTF-8, even if a single-byte
 * encoding is named in its <meta>: that name is then always a slip. */
#ifndef INGESTD_EXTRACT_CHARSET_H
#define INGESTD_EXTRACT_CHARSET_H

#include "base/arena.h"

/* The standard's names. From UTF_8 on, what is no single-byte table. */
#define CHARSET_MAP(X)                      \
	X(IBM866, "IBM866")                 \
	X(ISO_8859_2, "ISO-8859-2")         \
	X(ISO_8859_3, "ISO-8859-3")         \
	X(ISO_8859_4, "ISO-8859-4")         \
	X(ISO_8859_5, "ISO-8859-5")         \
	X(ISO_8859_6, "ISO-8859-6")         \
	X(ISO_8859_7, "ISO-8859-7")         \
	X(ISO_8859_8, "ISO-8859-8")         \
	X(ISO_8859_8_I, "ISO-8859-8-I")     \
	X(ISO_8859_10, "ISO-8859-10")       \
	X(ISO_8859_13, "ISO-8859-13")       \
	X(ISO_8859_14, "ISO-8859-14")       \
	X(ISO_8859_15, "ISO-8859-15")       \
	X(ISO_8859_16, "ISO-8859-16")       \
	X(KOI8_R, "KOI8-R")                 \
	X(KOI8_U, "KOI8-U")                 \
	X(MACINTOSH, "macintosh")           \
	X(WINDOWS_874, "windows-874")       \
	X(WINDOWS_1250, "windows-1250")     \
	X(WINDOWS_1251, "windows-1251")     \
	X(WINDOWS_1252, "windows-1252")     \
	X(WINDOWS_1253, "windows-1253")     \
	X(WINDOWS_1254, "windows-1254")     \
	X(WINDOWS_1255, "windows-1255")     \
	X(WINDOWS_1256, "windows-1256")     \
	X(WINDOWS_1257, "windows-1257")     \
	X(WINDOWS_1258, "windows-1258")     \
	X(X_MAC_CYRILLIC, "x-mac-cyrillic") \
	X(UTF_8, "UTF-8")                   \
	X(UTF_16BE, "UTF-16BE")             \
	X(UTF_16LE, "UTF-16LE")             \
	X(GBK, "GBK")                       \
	X(GB18030, "gb18030")               \
	X(BIG5, "Big5")                     \
	X(EUC_JP, "EUC-JP")                 \
	X(ISO_2022_JP, "ISO-2022-JP")       \
	X(SHIFT_JIS, "Shift_JIS")           \
	X(EUC_KR, "EUC-KR")                 \
	X(X_USER_DEFINED, "x-user-defined") \
	X(REPLACEMENT, "replacement")
#define X(name, text) CHARSET_##name,
enum charset { CHARSET_MAP(X) CHARSET_NONE };
#undef X

/* "windows-1252" and so on; static; NULL for CHARSET_NONE. */
const char *charset_name(enum charset charset);

/* One of the standard's 228 labels, white space around it and case aside; CHARSET_NONE for all else. */
enum charset charset_by_label(struct span label);

/* What decides where neither a BOM nor the Content-Type does. */
enum charset_kind {
	CHARSET_HTML, /* <meta>, all of the page; else UTF-8 if it is that, else windows-1252 */
	CHARSET_XML,  /* the XML declaration; else UTF-8 */
	CHARSET_TEXT, /* UTF-8 if it is that, else windows-1252 */
};
/* By a Content-Type value; SPAN_NONE gives HTML. */
enum charset_kind charset_kind_of(struct span content_type);

/* Never CHARSET_NONE. content_type may be SPAN_NONE. *bom: bytes at the start that are no text. */
enum charset charset_sniff(struct span bytes, struct span content_type, enum charset_kind kind, size_t *bom);

/* Malformed bytes become U+FFFD, one for each maximal subpart. Valid UTF-8 is borrowed, all else lies in the
 * arena; never SPAN_NONE. ERR_NOMEM, ERR_TOOBIG: the arena's. */
CHECKED enum err charset_decode(struct span bytes, enum charset charset, struct arena *arena,
				struct span *ret);

/* Both in one. */
CHECKED enum err charset_to_utf8(struct span bytes, struct span content_type, struct arena *arena,
				 struct span *ret);

#endif
