/* SPDX-License-Identifier: MIT */
#include "unit/rows.h"

#include "image/size.h"

#define B(literal)                              \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define SOI "\xff\xd8"
#define SOF(n) "\xff" n "\0\x11\x08\0\x14\0\x1e\x03\1\x11\0\2\x11\0\3\x11\0" /* 30x20 */
#define SOS "\xff\xda\0\2"
#define EXIF_LE(o)       \
	"\xff\xe1\0\x22" \
	"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0" o "\0\0\0\0\0\0\0"
#define EXIF_BE(o)       \
	"\xff\xe1\0\x22" \
	"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0" o "\0\0\0\0\0\0"
#define PNG "\x89PNG\r\n\x1a\n"
#define IHDR(w, h) "\0\0\0\rIHDR" w h "\x08\6\0\0\0crc."
#define FTYP(brand)  \
	"\0\0\0\x10" \
	"ftyp" brand "\0\0\0\0"
#define PITM "\0\0\0\x0epitm\0\0\0\0\0\1"
#define ISPE(w, h) "\0\0\0\x14ispe\0\0\0\0\0\0\0" w "\0\0\0" h
#define IROT(n) "\0\0\0\x09irot" n
#define CLAP(w, h)   \
	"\0\0\0\x28" \
	"clap\0\0\0" w "\0\0\0\1\0\0\0" h "\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1"
/* the second ispe is another item's, and larger */
#define IPMA(props) "ipma\0\0\0\0\0\0\0\2\0\1" props "\0\2\1\2"
#define META(size, iprp, ipco, children) \
	"\0\0\0" size "meta\0\0\0\0" PITM "\0\0\0" iprp "iprp\0\0\0" ipco "ipco" children
#define TWO ISPE("\x1e", "\x14") ISPE("\x64", "\x64")

static const struct row {
	const char *name;
	struct span in;
	enum image_answer want;
	enum image_type type;
	uint32_t width, height;
} rows[] = {
	{"nothing", B(""), IMAGE_NOT},
	{"zeros", B("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), IMAGE_NOT},
	{"JSON", B("{\"error\": \"no such image, sorry about that\"}"), IMAGE_NOT},
	{"HTML", B("<!DOCTYPE html><html><body><svg width=\"1\" height=\"1\"/></body></html>"), IMAGE_NOT},
	{"HTML without a document type", B("<html><svg width=\"1\" height=\"1\"/></html>"), IMAGE_NOT},
	{"video",
	 B("\0\0\0\x14"
	   "ftypisom\0\0\2\0mp41\0\0\0\x08"
	   "free"),
	 IMAGE_NOT},

	{"JPEG", B(SOI SOF("\xc0") SOS), IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, progressive", B(SOI SOF("\xc2") SOS), IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, tables are no frames",
	 B(SOI "\xff\xc4\0\7\0\0\0\0\0\xff\xcc\0\4\0\0\xff\xc8\0\4\0\0" SOF("\xc1") SOS), IMAGE_KNOWN,
	 IMAGE_JPEG, 30, 20},
	{"JPEG, fill bytes and stray bytes", B(SOI "\xff\xff\xfe\0\3xyz" SOF("\xc0") SOS), IMAGE_KNOWN,
	 IMAGE_JPEG, 30, 20},
	{"JPEG, frame inside a segment", B(SOI "\xff\xe2\0\x15" SOF("\xc0") SOF("\xc0") SOS), IMAGE_KNOWN,
	 IMAGE_JPEG, 30, 20},
	{"JPEG, EXIF 6", B(SOI EXIF_LE("\6") SOF("\xc0")), IMAGE_KNOWN, IMAGE_JPEG, 20, 30},
	{"JPEG, EXIF 8, other byte order", B(SOI EXIF_BE("\x08") SOF("\xc0")), IMAGE_KNOWN, IMAGE_JPEG, 20,
	 30},
	{"JPEG, EXIF 4", B(SOI EXIF_BE("\4") SOF("\xc0")), IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, EXIF 9", B(SOI EXIF_BE("\x09") SOF("\xc0")), IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, EXIF behind the frame", B(SOI SOF("\xc0") EXIF_LE("\5") SOS), IMAGE_KNOWN, IMAGE_JPEG, 20,
	 30},
	{"JPEG, EXIF that points out",
	 B(SOI "\xff\xe1\0\x12"
	       "Exif\0\0II*\0\xff\xff\xff\xff\0\0" SOF("\xc0") SOS),
	 IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, EXIF with too many entries",
	 B(SOI "\xff\xe1\0\x14"
	       "Exif\0\0II*\0\x08\0\0\0\xff\xff\0\0" SOF("\xc0") SOS),
	 IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, cut behind the frame", B(SOI SOF("\xc0")), IMAGE_KNOWN, IMAGE_JPEG, 30, 20},
	{"JPEG, cut in a segment", B(SOI "\xff\xe0\x7f\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	 IMAGE_TRUNCATED, IMAGE_JPEG},
	{"JPEG, scan without a frame", B(SOI SOS SOF("\xc0")), IMAGE_DAMAGED, IMAGE_JPEG},
	{"JPEG, length below its own", B(SOI "\xff\xe0\0\1" SOF("\xc0")), IMAGE_DAMAGED, IMAGE_JPEG},
	{"JPEG, frame too short", B(SOI "\xff\xc0\0\7\x08\0\x14\0\x1e" SOF("\xc0")), IMAGE_DAMAGED,
	 IMAGE_JPEG},
	{"JPEG, no lines", B(SOI "\xff\xc0\0\x11\x08\0\0\0\x1e\3\0\0\0\0\0\0\0\0\0" SOF("\xc0")),
	 IMAGE_DAMAGED, IMAGE_JPEG},

	{"PNG", B(PNG IHDR("\0\0\1\0", "\0\0\0\2")), IMAGE_KNOWN, IMAGE_PNG, 256, 2},
	{"PNG, animated",
	 B(PNG IHDR("\0\0\0\1", "\0\0\0\2") "\0\0\0\x08"
					    "acTL"),
	 IMAGE_KNOWN, IMAGE_PNG, 1, 2},
	{"PNG, Apple's", B(PNG "\0\0\0\4CgBI....crc." IHDR("\0\0\0\1", "\0\0\0\2")), IMAGE_KNOWN, IMAGE_PNG,
	 1, 2},
	{"PNG, 2^31", B(PNG IHDR("\x80\0\0\0", "\0\0\0\2")), IMAGE_DAMAGED, IMAGE_PNG},
	{"PNG, no width", B(PNG IHDR("\0\0\0\0", "\0\0\0\2")), IMAGE_DAMAGED, IMAGE_PNG},
	{"PNG, another chunk first", B(PNG "\0\0\0\rIDAT\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0"), IMAGE_DAMAGED,
	 IMAGE_PNG},
	{"PNG, cut", B(PNG "\0\0\0\rIHDR\0\0"), IMAGE_TRUNCATED, IMAGE_PNG},

	{"GIF", B("GIF89a\2\1\3\0"), IMAGE_KNOWN, IMAGE_GIF, 258, 3},
	{"GIF, another version", B("GIF90a\2\1\3\0"), IMAGE_NOT},
	{"GIF, no size", B("GIF87a\0\0\3\0"), IMAGE_DAMAGED, IMAGE_GIF},
	{"GIF, cut", B("GIF87a\1\0\3"), IMAGE_TRUNCATED, IMAGE_GIF},

	{"WebP, lossy", B("RIFF\x20\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x2c\x41\x08\x80"), IMAGE_KNOWN,
	 IMAGE_WEBP, 300, 8},
	{"WebP, lossy, no key frame", B("RIFF\x20\0\0\0WEBPVP8 \x0a\0\0\0\1\0\0\x9d\x01\x2a\x2c\x41\x08\x80"),
	 IMAGE_DAMAGED, IMAGE_WEBP},
	{"WebP, lossless", B("RIFF\x20\0\0\0WEBPVP8L\5\0\0\0\x2f\x40\x81\x1e\0"), IMAGE_KNOWN, IMAGE_WEBP,
	 321, 123},
	{"WebP, lossless, no signature", B("RIFF\x20\0\0\0WEBPVP8L\5\0\0\0\x2e\x40\x81\x1e\0"), IMAGE_DAMAGED,
	 IMAGE_WEBP},
	{"WebP, extended", B("RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\1\0\1"), IMAGE_KNOWN,
	 IMAGE_WEBP, 1 << 24, 65538},
	{"WebP, unknown", B("RIFF\x20\0\0\0WEBPXXXX\x0a\0\0\0\0\0\0\0\1\0\0\1\0\1"), IMAGE_DAMAGED,
	 IMAGE_WEBP},
	{"RIFF of another kind", B("RIFF\x20\0\0\0WAVEfmt \x0a\0\0\0\0\0\0\0\1\0\0\1\0\1"), IMAGE_NOT},

	{"BMP", B("BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\2\0\0\0\xfd\xff\xff\xff"), IMAGE_KNOWN, IMAGE_BMP, 2,
	 3},
	{"BMP, old", B("BM\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\0\0\2\0\3\0\1\0\1\0"), IMAGE_KNOWN, IMAGE_BMP, 2, 3},
	{"BM in a text", B("BMW builds cars, and this is a text about them"), IMAGE_NOT},

	{"ICO",
	 B("\0\0\1\0\2\0\x10\x10\0\0\1\0\x20\0\1\0\0\0\x26\0\0\0\0\x20\0\0\1\0\x20\0\1\0\0\0\x26\0\0\0"),
	 IMAGE_KNOWN, IMAGE_ICO, 256, 32},
	{"CUR", B("\0\0\2\0\1\0\x10\x11\0\0\1\0\x20\0\1\0\0\0\x16\0\0\0"), IMAGE_KNOWN, IMAGE_ICO, 16, 17},
	{"ICO, none", B("\0\0\1\0\0\0\x10\x11\0\0\1\0\x20\0\1\0\0\0\x16\0\0\0"), IMAGE_NOT},
	{"ICO, data in the directory", B("\0\0\1\0\1\0\x10\x11\0\0\1\0\x20\0\1\0\0\0\x15\0\0\0"), IMAGE_NOT},
	{"ICO, cut", B("\0\0\1\0\2\0\x10\x10\0\0\1\0\x20\0\1\0\0\0\x26\0\0\0\0\x20"), IMAGE_TRUNCATED,
	 IMAGE_ICO},

	{"ICNS", B("icns\0\0\0\x19is32\0\0\0\x09.ic07\0\0\0\x08"), IMAGE_KNOWN, IMAGE_ICNS, 128, 128},
	{"ICNS, member past the end", B("icns\0\0\0\x18is32\0\0\0\x19ic07\0\0\0\x08"), IMAGE_DAMAGED,
	 IMAGE_ICNS},
	{"ICNS, the next member far away",
	 B("icns\xff\xff\xff\xf0is32\xf0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), IMAGE_KNOWN, IMAGE_ICNS, 16,
	 16},
	{"ICNS, member of no length", B("icns\0\0\0\x18is32\0\0\0\0ic07\0\0\0\x08"), IMAGE_DAMAGED,
	 IMAGE_ICNS},

	{"TIFF", B("II*\0\x08\0\0\0\2\0\0\1\3\0\1\0\0\0\2\0\0\0\1\1\4\0\1\0\0\0\3\0\0\0"), IMAGE_KNOWN,
	 IMAGE_TIFF, 2, 3},
	{"TIFF, directory far away", B("MM\0*\xff\xff\xff\xf0\0\0"), IMAGE_TRUNCATED, IMAGE_TIFF},
	{"TIFF, no height", B("II*\0\x08\0\0\0\1\0\0\1\3\0\1\0\0\0\2\0\0\0"), IMAGE_DAMAGED, IMAGE_TIFF},

	{"AVIF", B(FTYP("avif") META("\x6a", "\x50", "\x30", TWO) "\0\0\0\x18" IPMA("\1\1")), IMAGE_KNOWN,
	 IMAGE_AVIF, 30, 20},
	{"HEIC, turned",
	 B(FTYP("heic") META("\x74", "\x5a", "\x39", TWO IROT("\1")) "\0\0\0\x19" IPMA("\2\1\3")),
	 IMAGE_KNOWN, IMAGE_HEIC, 20, 30},
	{"HEIF, upside down",
	 B(FTYP("mif1") META("\x74", "\x5a", "\x39", TWO IROT("\2")) "\0\0\0\x19" IPMA("\2\1\3")),
	 IMAGE_KNOWN, IMAGE_HEIF, 30, 20},
	{"AVIF, cropped, then turned",
	 B(FTYP("avif") META("\x9d", "\x83", "\x61",
			     TWO IROT("\1") CLAP("\x1c", "\x0a")) "\0\0\0\x1a" IPMA("\3\1\4\3")),
	 IMAGE_KNOWN, IMAGE_AVIF, 10, 28},
	{"AVIF, property past its box",
	 B(FTYP("avif") META("\x6a", "\x50", "\x24", TWO) "\0\0\0\x18" IPMA("\1\1")), IMAGE_DAMAGED,
	 IMAGE_AVIF},
	{"AVIF, associations past their box",
	 B(FTYP("avif") META("\x6a", "\x50", "\x30", TWO) "\0\0\0\x18" IPMA("\xff\1")), IMAGE_DAMAGED,
	 IMAGE_AVIF},
	{"AVIF, a box shorter than its head", B(FTYP("avif") "\0\0\0\2meta\0\0\0\0\0\0\0\0"), IMAGE_DAMAGED,
	 IMAGE_AVIF},
	{"AVIF, a box that never ends", B(FTYP("avif") "\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xf0"),
	 IMAGE_DAMAGED, IMAGE_AVIF},
	{"AVIF, a box over 2^62", B(FTYP("avif") "\0\0\0\1mdat\x7f\xff\xff\xff\xff\xff\xff\xf0"),
	 IMAGE_TRUNCATED, IMAGE_AVIF},
	{"AVIF, cut", B(FTYP("avif") "\0\0\0\x71meta\0\0\0\0" PITM), IMAGE_TRUNCATED, IMAGE_AVIF},

	/* bits: div8, (h/8 - 1), ratio 1:1, all default */
	{"JPEG XL", B("\xff\x0a\x4f\2\0\0"), IMAGE_KNOWN, IMAGE_JXL, 64, 64},
	{"JPEG XL, in boxes",
	 B("\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x10"
	   "ftypjxl \0\0\0\0\0\0\0\x0ejxlc\xff\x0a\x4f\2\0\0"),
	 IMAGE_KNOWN, IMAGE_JXL, 64, 64},
	{"JPEG XL, in a partial box",
	 B("\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x10"
	   "ftypjxl \0\0\0\0\0\0\0\x12jxlp\0\0\0\0\xff\x0a\x4f\2\0\0"),
	 IMAGE_KNOWN, IMAGE_JXL, 64, 64},
	{"JPEG XL, cut", B("\xff\x0a\x4f"), IMAGE_TRUNCATED, IMAGE_JXL},
	/* h 8, ratio 2:1, not default, extra fields, orientation 6 */
	{"JPEG XL, turned", B("\xff\x0a\xc1\x2d\1\0\0\0\0\0\0\0\0\0"), IMAGE_KNOWN, IMAGE_JXL, 8, 16},

	{"SVG", B("<svg width=\"3\" height=\"4\"/>"), IMAGE_KNOWN, IMAGE_SVG, 3, 4},
	{"SVG, units", B("<svg width='1in' height='2.54cm'>"), IMAGE_KNOWN, IMAGE_SVG, 96, 96},
	{"SVG, more units", B("<svg width=' 1.5e1pt ' height='2em'>"), IMAGE_KNOWN, IMAGE_SVG, 20, 32},
	{"SVG, viewBox", B("<svg viewBox='-1,-1 3.4 4.6' stroke-width='9'>"), IMAGE_KNOWN, IMAGE_SVG, 3, 5},
	{"SVG, percent", B("<svg width='100%' height='50%' viewBox='0 0 3 4'>"), IMAGE_KNOWN, IMAGE_SVG, 3,
	 4},
	{"SVG, one and the ratio", B("<svg height='8' viewBox='0 0 3 4'>"), IMAGE_KNOWN, IMAGE_SVG, 6, 8},
	{"SVG, one and no ratio", B("<svg height='8'>"), IMAGE_DAMAGED, IMAGE_SVG},
	{"SVG, zero", B("<svg width='0' height='8' viewBox='0 0 3 4'>"), IMAGE_DAMAGED, IMAGE_SVG},
	{"SVG, enormous", B("<svg width='9e99' height='9e99'>"), IMAGE_DAMAGED, IMAGE_SVG},
	{"SVG, no quotes", B("<svg width=3 height=4>"), IMAGE_DAMAGED, IMAGE_SVG},
	{"SVG, prolog",
	 B("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <svg> --><!DOCTYPE svg [<!ENTITY a \"]>\"><!--]>-->"
	   "]>\n<s:svg width='3' height='4'>"),
	 IMAGE_KNOWN, IMAGE_SVG, 3, 4},
	{"SVG, a size by entity",
	 B("<!DOCTYPE svg [<!ENTITY a '9'>]><svg width='&a;' height='&a;' viewBox='0 0 3 4'>"), IMAGE_KNOWN,
	 IMAGE_SVG, 3, 4},
	{"SVG, UTF-16",
	 B("\xff\xfe<\0s\0v\0g\0 \0w\0i\0d\0t\0h\0=\0'\0"
	   "3\0'\0 \0h\0e\0i\0g\0h\0t\0=\0'\0"
	   "4\0'\0/\0>\0"),
	 IMAGE_KNOWN, IMAGE_SVG, 3, 4},
	{"SVG, cut", B("<svg width='3' height='4'"), IMAGE_TRUNCATED, IMAGE_SVG},
	{"AVIF, a first box shorter than its head", B(FTYP("avif") "\0\0\0\7free\0\0\0\0\0\0\0\0"),
	 IMAGE_DAMAGED, IMAGE_AVIF},
	{"AVIF, a last property past all boxes",
	 B(FTYP("avif") "\0\0\0\x56meta\0\0\0\0" PITM "\0\0\0\x3ciprp\0\0\0\x18" IPMA(
		 "\1\1") "\0\0\0\x1cipco\0\0\0\x15ispe\0\0\0\0\0\0\0\x1e\0\0\0\x14"),
	 IMAGE_DAMAGED, IMAGE_AVIF},
	{"AVIF, many properties of an item",
	 B(FTYP("avif")
		   META("\x79", "\x5f", "\x1c",
			ISPE("\x1e", "\x14")) "\0\0\0\x3bipma\0\0\0\0\0\0\0\1\0\1\x28\1\1\1\1\1\1\1\1\1\1\1\1"
					      "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"),
	 IMAGE_KNOWN, IMAGE_AVIF, 30, 20},
	{"AVIF, no association where one is counted",
	 B(FTYP("avif") META("\x4e", "\x34", "\x1c", ISPE("\x1e", "\x14")) "\0\0\0\x10ipma\0\0\0\0\0\0\0\1"),
	 IMAGE_DAMAGED, IMAGE_AVIF},
	{"AVIF, too many brands", B("\0\0\2\0ftypavif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	 IMAGE_DAMAGED},
	{"ICO, too many entries", B("\0\0\1\0\1\4\x10\x11\0\0\1\0\x20\0\1\0\0\0\xff\xff\xff\0"), IMAGE_NOT},
	{"PNG, Apple's, too long",
	 B(PNG "\0\0\0\x41"
	       "CgBI........................"),
	 IMAGE_DAMAGED, IMAGE_PNG},
	{"SVG, too many digits", B("<svg width='00000000000000000000000000000000000000003' height='4'>"),
	 IMAGE_DAMAGED, IMAGE_SVG},
	{"XML of another kind", B("<?xml version='1.0'?><rss version='2.0'><svg/></rss>"), IMAGE_NOT},
};

static void measures(void **state)
{
	const struct row *row = *state;
	struct image_size s, head;
	enum image_answer a = IMAGE_MORE;
	size_t n = 0;

	assert_int_equal(image_measure(row->in, true, &s), row->want);
	assert_int_equal(s.type, row->type);
	assert_int_equal(s.width, row->width);
	assert_int_equal(s.height, row->height);
	assert_int_equal(s.need, 0);
	/* the way there: each MORE asks for more, and what is said before the end is what the whole says */
	for (; n <= row->in.len; n = head.need) {
		a = image_measure(span_sub(row->in, 0, n), false, &head);
		if (a != IMAGE_MORE)
			break;
		assert_true(head.need > n);
		assert_int_equal(head.width, 0);
	}
	if (a != IMAGE_MORE && !(a == IMAGE_DAMAGED && row->want == IMAGE_TRUNCATED)) {
		assert_int_equal(a, row->want);
		assert_memory_equal(&head, &s, sizeof(s));
	}
}

static void has_ceilings(void **state)
{
	(void)state;
	static char text[IMAGE_SVG_MAX + 100] = "<!--";
	struct span far = SPAN(FTYP("avif") "\0\0\0\1mdat\0\0\0\1\0\0\0\0");
	char heic[64] = FTYP("avif");
	struct image_size s;

	memset(text + 4, ' ', sizeof(text) - 4);
	assert_int_equal(image_measure(span_of(text, IMAGE_SVG_MAX - 1), false, &s), IMAGE_MORE);
	assert_int_equal(image_measure(span_of(text, IMAGE_SVG_MAX), false, &s), IMAGE_NOT);
	memcpy(text, "<svg", 4);
	assert_int_equal(image_measure(span_of(text, IMAGE_SVG_MAX), false, &s), IMAGE_DAMAGED);
	memcpy(text + IMAGE_SVG_MAX, "width='1' height='1'>", 21);
	assert_int_equal(image_measure(span_of(text, sizeof(text)), true, &s), IMAGE_DAMAGED);
	memcpy(heic, far.ptr, far.len);
	assert_int_equal(image_measure(span_of(heic, sizeof(heic)), false, &s), IMAGE_DAMAGED);
	assert_int_equal(s.need, 0);
}

static void names(void **state)
{
	(void)state;
	assert_null(image_mime(IMAGE_NONE));
	assert_string_equal(image_mime(IMAGE_SVG), "image/svg+xml");
	assert_string_equal(image_mime(IMAGE_JPEG), "image/jpeg");
}

int main(void)
{
	static const struct CMUnitTest more[] = {cmocka_unit_test(has_ceilings), cmocka_unit_test(names)};

	return RUN_ROWS("image/size", rows, measures) +
	       cmocka_run_group_tests_name("image", more, NULL, NULL);
}
