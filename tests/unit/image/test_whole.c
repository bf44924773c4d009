/* SPDX-License-Identifier: MIT */
/* Whole files of every type, made here: each passes, none of its beginnings does. */
#include "unit/rows.h"

#include <zlib.h>

#include "base/strbuf.h"
#include "image/whole.h"

#define ADD(b, literal) assert_int_equal(strbuf_add((b), literal, sizeof(literal) - 1), ERR_OK)

static void add_be32(struct strbuf *b, uint32_t v)
{
	const uint8_t p[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	assert_int_equal(strbuf_add(b, p, 4), ERR_OK);
}

static void add_le32(struct strbuf *b, uint32_t v)
{
	const uint8_t p[] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	assert_int_equal(strbuf_add(b, p, 4), ERR_OK);
}

static void add_bytes(struct strbuf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(strbuf_add_byte(b, (char)(i * 7 % 251)), ERR_OK);
}

static void png_chunk(struct strbuf *b, const char *type, size_t n)
{
	size_t at;

	add_be32(b, (uint32_t)n);
	at = b->len;
	assert_int_equal(strbuf_add(b, type, 4), ERR_OK);
	add_bytes(b, n);
	add_be32(b, (uint32_t)crc32(0, (const Bytef *)b->ptr + at, (uInt)(n + 4)));
}

static void make_png(struct strbuf *b)
{
	ADD(b, "\x89PNG\r\n\x1a\n");
	png_chunk(b, "IHDR", 13);
	png_chunk(b, "tEXt", 20000); /* longer than the window */
	png_chunk(b, "IDAT", 300);
	png_chunk(b, "IDAT", 0);
	png_chunk(b, "IEND", 0);
}

static void make_jpeg(struct strbuf *b)
{
	ADD(b, "\xff\xd8\xff\xe0\0\x10"
	       "JFIF\0\1\1\0\0\1\0\1\0\0");
	ADD(b, "\xff\xc2\0\x0b\x08\0\x14\0\x1e\1\1\x11\0");
	ADD(b, "\xff\xda\0\x08\1\1\0\0\x3f\0"
	       "abc\xff\0"
	       "def\xff\xd0"
	       "ghi\xff\xff\xff\xd3");
	for (int i = 0; i < 20000; i++)
		ADD(b, "x");
	ADD(b, "\xff\xda\0\x08\1\1\0\0\x3f\0second\xff\xd9");
}

static void make_gif(struct strbuf *b)
{
	ADD(b, "GIF89a\x1e\0\x14\0\x80\0\0\0\0\0\xff\xff\xff");
	ADD(b, "\x21\xf9\4\0\0\0\0\0");
	ADD(b, "\x2c\0\0\0\0\x1e\0\x14\0\x80\1\1\1\2\2\2\2\3abc\2de\0\x3b");
}

static void make_webp(struct strbuf *b)
{
	ADD(b, "RIFF");
	add_le32(b, 4 + 8 + 10 + 8 + 11 + 1);
	ADD(b, "WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0VP8L\x0b\0\0\0\x2f"
	       "0123456789\0");
}

static void make_avif(struct strbuf *b)
{
	ADD(b, "\0\0\0\x10"
	       "ftypavif\0\0\0\0");
	ADD(b, "\0\0\0\x28meta\0\0\0\0\0\0\0\x1c"
	       "iloc\0\0\0\0\x44\0\0\1\0\1\0\0\0\1");
	add_be32(b, 0x10 + 0x28 + 8);
	add_be32(b, 20);
	b->ptr[0x10 + 3] = (char)(b->len - 0x10);
	b->ptr[0x10 + 12 + 3] = (char)(b->len - 0x10 - 12);
	add_be32(b, 28);
	ADD(b, "mdat");
	add_bytes(b, 20);
}

/* The same without a size for mdat: only iloc tells where the picture ends. */
static void make_heic(struct strbuf *b)
{
	make_avif(b);
	memcpy(b->ptr + 8, "heic", 4);
	memset(b->ptr + b->len - 28, 0, 4);
	/* what counts from mdat on */
	b->ptr[b->len - 28 - 5] = (char)(b->len - 20);
}

static void make_jxl(struct strbuf *b)
{
	ADD(b, "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
	       "ftypjxl \0\0\0\0jxl ");
	ADD(b, "\0\0\0\x10jxlp\0\0\0\0\xff\x0a..");
	ADD(b, "\0\0\0\x10jxlp\x80\0\0\1....");
}

static void make_bmp(struct strbuf *b)
{
	ADD(b, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\3\0\0\0\xfe\xff\xff\xff\1\0\x18\0\0\0\0\0");
	add_bytes(b, 0x36 - b->len);
	memset(b->ptr + 30, 0, 8);
	add_bytes(b, 24); /* two rows of three pixels, each filled up to 12 bytes */
}

static void make_bmp_packed(struct strbuf *b)
{
	make_bmp(b);
	b->ptr[30] = 1;
	b->ptr[34] = 24;
}

static void make_ico(struct strbuf *b)
{
	ADD(b, "\0\0\1\0\2\0\x10\x10\0\0\1\0\x20\0\x08\0\0\0\x26\0\0\0"
	       "\x20\x20\0\0\1\0\x20\0\x08\0\0\0\x2e\0\0\0"
	       "0123456701234567");
}

#define SVG "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"

static void make_svg(struct strbuf *b)
{
	ADD(b, "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\""
	       " \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">" SVG
	       "<style>a{fill:url(#g)}</style><use xlink:href=\"#a\"/>"
	       "<image href=\"data:image/png;base64,AAAA\"/><g style=\"fill:url('#g')\"/></svg>");
}

static const struct row {
	const char *name;
	enum image_type type;
	void (*make)(struct strbuf *);
} rows[] = {
	{"PNG", IMAGE_PNG, make_png},
	{"JPEG", IMAGE_JPEG, make_jpeg},
	{"GIF", IMAGE_GIF, make_gif},
	{"WebP", IMAGE_WEBP, make_webp},
	{"AVIF", IMAGE_AVIF, make_avif},
	{"HEIC, mdat to the end", IMAGE_HEIC, make_heic},
	{"JPEG XL", IMAGE_JXL, make_jxl},
	{"BMP", IMAGE_BMP, make_bmp},
	{"BMP, packed", IMAGE_BMP, make_bmp_packed},
	{"ICO", IMAGE_ICO, make_ico},
	{"SVG", IMAGE_SVG, make_svg},
};

static void only_the_whole_passes(void **state)
{
	const struct row *row = *state;
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	struct error e;

	row->make(&b);
	assert_int_equal(image_whole_span(strbuf_span(&b), row->type, &e), ERR_OK);
	for (size_t n = 0; n<b.len; n += b.len> 4096 && n > 64 && n + 64 < b.len ? 37 : 1)
		assert_int_not_equal(image_whole_span(span_of(b.ptr, n), row->type, &e), ERR_OK);
	assert_true(strlen(image_suffix(row->type)) >= 4);
	/* what stands behind the end of a picture does not matter; an XML text is another matter */
	ADD(&b, "\0\0\0");
	assert_int_equal(image_whole_span(strbuf_span(&b), row->type, &e),
			 row->type == IMAGE_SVG ? ERR_DAMAGED : ERR_OK);
}

static const struct bad_row {
	const char *name;
	enum image_type type;
	void (*make)(struct strbuf *);
	size_t at; /* this byte is made another; from the end when over 1,000,000 */
} bad_rows[] = {
	{"PNG, a byte of a chunk", IMAGE_PNG, make_png, 1000},
	{"PNG, a checksum", IMAGE_PNG, make_png, 8 + 8 + 13},
	{"PNG, its header's name", IMAGE_PNG, make_png, 12},
	{"JPEG, a marker", IMAGE_JPEG, make_jpeg, 2},
	{"JPEG, no frame", IMAGE_JPEG, make_jpeg, 21},
	{"GIF, a block", IMAGE_GIF, make_gif, 19},
	{"WebP, the picture's name", IMAGE_WEBP, make_webp, 31},
	{"AVIF, an extent", IMAGE_AVIF, make_avif, 0x10 + 12 + 28},
	{"ICO, an offset", IMAGE_ICO, make_ico, 20},
};

static void sees_damage(void **state)
{
	const struct bad_row *row = *state;
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	struct error e;

	row->make(&b);
	b.ptr[row->at] = (char)(b.ptr[row->at] ^ 0x41);
	assert_int_equal(image_whole_span(strbuf_span(&b), row->type, &e), ERR_DAMAGED);
}

static const struct svg_row {
	const char *name, *text;
	enum err want;
} svg_rows[] = {
	{"plain", SVG "<path d=\"M0 0\"/></svg>", ERR_OK},
	{"script", SVG "<script>1</script></svg>", ERR_UNSAFE},
	{"script with a prefix", "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"><s:script/></s:svg>",
	 ERR_UNSAFE},
	{"event handler", SVG "<g onclick=\"x()\"/></svg>", ERR_UNSAFE},
	{"event handler of the root", "<svg onload=\"x()\"/>", ERR_UNSAFE},
	{"HTML inside", SVG "<foreignObject/></svg>", ERR_UNSAFE},
	{"reference outside", SVG "<image xlink:href=\"http://a.example/b.png\"/></svg>", ERR_UNSAFE},
	{"reference to another file", SVG "<use href=\"other.svg#a\"/></svg>", ERR_UNSAFE},
	{"javascript", SVG "<a href=\"javascript:x()\"/></svg>", ERR_UNSAFE},
	{"javascript in character references", SVG "<a href=\"&#106;avascript:x()\"/></svg>", ERR_UNSAFE},
	{"an SVG in a data URL", SVG "<use href=\"data:image/svg+xml,x\"/></svg>", ERR_UNSAFE},
	{"animated reference", SVG "<set attributeName=\"xlink:href\" to=\"javascript:x()\"/></svg>",
	 ERR_UNSAFE},
	{"style outside", SVG "<g style=\"fill:url(http://a.example/x)\"/></svg>", ERR_UNSAFE},
	{"style sheet outside", SVG "<style>g{fill:url( 'http://a.example/x')}</style></svg>", ERR_UNSAFE},
	{"import", SVG "<style><![CDATA[@import 'x.css';]]></style></svg>", ERR_UNSAFE},
	{"escaped import", SVG "<style>@\\69mport 'x.css'</style></svg>", ERR_UNSAFE},
	{"style sheet by instruction", "<?xml-stylesheet href=\"x.css\"?>" SVG "</svg>", ERR_UNSAFE},
	{"entity bomb", "<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" SVG "&b;</svg>",
	 ERR_UNSAFE},
	{"external entity", "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" SVG "&a;</svg>",
	 ERR_UNSAFE},
	{"another root", "<html><svg/></html>", ERR_DAMAGED},
	{"not well-formed", SVG "<g></svg>", ERR_DAMAGED},
	{"nothing", "", ERR_DAMAGED},
};

static void keeps_no_svg_that_acts(void **state)
{
	const struct svg_row *row = *state;
	struct error e;

	assert_int_equal(image_whole_span(span_str(row->text), IMAGE_SVG, &e), row->want);
}

/* In pieces of the parser's own choice. */
static void reads_styles_as_one(void **state)
{
	(void)state;
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(1 << 20);
	struct error e;

	for (size_t pad = 4000; pad < 4200; pad += 3) {
		strbuf_truncate(&b, 0);
		ADD(&b, SVG "<style>");
		for (size_t i = 0; i < pad; i++)
			ADD(&b, " ");
		ADD(&b, "@import 'x'</style></svg>");
		assert_int_equal(image_whole_span(strbuf_span(&b), IMAGE_SVG, &e), ERR_UNSAFE);
	}
}

static bool refuses(void *arg, uint64_t at, void *to, size_t n)
{
	(void)arg, (void)at, (void)to, (void)n;
	return false;
}

static void says_what_cannot_be_read(void **state)
{
	(void)state;
	struct image_source source = {1000, refuses, NULL};
	struct error e;

	for (enum image_type t = IMAGE_JPEG; t < IMAGE_TYPES; t++)
		assert_int_equal(image_whole(&source, t, &e),
				 t == IMAGE_TIFF || t == IMAGE_ICNS ? ERR_UNSUPPORTED : ERR_IO);
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(reads_styles_as_one),
						 cmocka_unit_test(says_what_cannot_be_read)};

	return RUN_ROWS("whole", rows, only_the_whole_passes) + RUN_ROWS("whole/bad", bad_rows, sees_damage) +
	       RUN_ROWS("whole/svg", svg_rows, keeps_no_svg_that_acts) +
	       cmocka_run_group_tests_name("whole/more", more, NULL, NULL);
}
