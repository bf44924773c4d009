/* SPDX-License-Identifier: MIT */
#include "extract/charset.h"

#include "base/text.h"
#include "extract/charset_inner.h"

#define X(name, text) [CHARSET_##name] = text,
static const char *const names[CHARSET_NONE] = {CHARSET_MAP(X)};
#undef X

static const uint16_t tables[CHARSET_UTF_8][128] = {
#include "extract/charset_tables.inc"
};

const char *charset_name(enum charset charset)
{
	return charset < CHARSET_NONE ? names[charset] : NULL;
}

enum charset_kind charset_kind_of(struct span content_type)
{
	struct span type = span_trim(span_split(&content_type, ';'));

	if (!type.len || span_starts_nocase(type, SPAN("text/html")) ||
	    span_starts_nocase(type, SPAN("application/xhtml")))
		return CHARSET_HTML;
	if (span_ends_nocase(type, SPAN("/xml")) || span_ends_nocase(type, SPAN("+xml")))
		return CHARSET_XML;
	return CHARSET_TEXT;
}

/* The charset parameter of a Content-Type. */
static enum charset by_content_type(struct span type)
{
	(void)span_split(&type, ';');
	while (type.ptr && type.len) {
		struct span value = span_split(&type, ';'), name = span_trim(span_split(&value, '='));

		if (!span_eq_nocase(name, SPAN("charset")) || !value.ptr)
			continue;
		value = span_trim(value);
		if (value.len && (value.ptr[0] == '"' || value.ptr[0] == '\'')) {
			value = span_sub(value, 1, value.len);
			value = span_split(&value, value.ptr[-1]);
		}
		return charset_by_label(value);
	}
	return CHARSET_NONE;
}

static enum charset by_xml_declaration(struct span bytes)
{
	struct span head = span_sub(bytes, 0, 1024);
	ptrdiff_t end, at;
	char quote;

	/* without a BOM, but two bytes a character */
	if (head.len >= 4 && !memcmp(head.ptr, "<\0?\0", 4))
		return CHARSET_UTF_16LE;
	if (head.len >= 4 && !memcmp(head.ptr, "\0<\0?", 4))
		return CHARSET_UTF_16BE;
	end = span_starts(head, SPAN("<?xml")) ? span_find_byte(head, '>') : -1;
	if (end < 0)
		return CHARSET_NONE;
	head = span_sub(head, 0, (size_t)end);
	at = span_find(head, SPAN("encoding"));
	if (at < 0)
		return CHARSET_NONE;
	head = span_trim(span_sub(head, (size_t)at + 8, head.len));
	if (!head.len || head.ptr[0] != '=')
		return CHARSET_NONE;
	head = span_trim(span_sub(head, 1, head.len));
	quote = head.len ? head.ptr[0] : 0;
	if (quote != '"' && quote != '\'')
		return CHARSET_NONE;
	head = span_sub(head, 1, head.len);
	end = span_find_byte(head, quote);
	if (end < 0)
		return CHARSET_NONE;
	switch (charset_by_label(span_sub(head, 0, (size_t)end))) {
	case CHARSET_UTF_16BE:
	case CHARSET_UTF_16LE: return CHARSET_UTF_8; /* it could not have been read if it were */
	default: return charset_by_label(span_sub(head, 0, (size_t)end));
	}
}

static bool is_utf8(struct span bytes)
{
	return text_utf8_valid(bytes) == bytes.len;
}

static bool is_ascii(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if ((unsigned char)bytes.ptr[i] >= 0x80)
			return false;
	return true;
}

enum charset charset_sniff(struct span bytes, struct span content_type, enum charset_kind kind, size_t *bom)
{
	enum charset found;

	*bom = 0;
	if (span_starts(bytes, SPAN("\xef\xbb\xbf"))) {
		*bom = 3;
		return CHARSET_UTF_8;
	}
	if (span_starts(bytes, SPAN("\xfe\xff")) || span_starts(bytes, SPAN("\xff\xfe"))) {
		*bom = 2;
		return bytes.ptr[0] == '\xfe' ? CHARSET_UTF_16BE : CHARSET_UTF_16LE;
	}
	found = by_content_type(content_type);
	if (found != CHARSET_NONE)
		return found;
	if (kind == CHARSET_XML) {
		found = by_xml_declaration(bytes);
		return found == CHARSET_NONE ? CHARSET_UTF_8 : found;
	}
	if (kind == CHARSET_HTML) {
		found = charset_prescan(bytes);
		if (found == CHARSET_NONE)
			found = by_xml_declaration(bytes);
	}
	if (found == CHARSET_NONE)
		return is_utf8(bytes) && !is_ascii(bytes) ? CHARSET_UTF_8 : CHARSET_WINDOWS_1252;
	if (found < CHARSET_UTF_8 && is_utf8(bytes) && !is_ascii(bytes))
		return CHARSET_UTF_8;
	return found;
}

static void decode_table(const unsigned char *p, size_t n, const uint16_t *table, struct charset_out *o)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] < 0x80)
			*o->next++ = (char)p[i];
		else
			charset_put(o, table[p[i] - 0x80] ? table[p[i] - 0x80] : CHARSET_BAD);
	}
}

static void decode_utf16(const unsigned char *p, size_t n, bool big, struct charset_out *o)
{
	uint32_t high = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t unit = big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];
		bool low = unit >= 0xdc00 && unit < 0xe000;

		if (high && low) {
			charset_put(o, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
			high = 0;
			continue;
		}
		if (high)
			charset_put(o, CHARSET_BAD);
		high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
		if (!high)
			charset_put(o, low ? CHARSET_BAD : unit);
	}
	if (high || n % 2)
		charset_put(o, CHARSET_BAD);
}

static enum err decode_utf8(struct span bytes, struct arena *arena, struct span *ret)
{
	CLEANUP(strbuf_release) struct strbuf b = STRBUF_INIT(bytes.len * 3 + 16);
	enum err err;

	if (is_utf8(bytes)) {
		*ret = bytes.ptr ? bytes : SPAN("");
		return ERR_OK;
	}
	err = text_utf8_repair(bytes, &b);
	if (err)
		return err;
	*ret = arena_dup(arena, strbuf_span(&b));
	return ret->ptr ? ERR_OK : arena_failed(arena);
}

enum err charset_decode(struct span bytes, enum charset charset, struct arena *arena, struct span *ret)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	struct charset_out o;
	char *room;

	if (charset == CHARSET_UTF_8 || !bytes.len)
		return decode_utf8(bytes, arena, ret);
	if (charset == CHARSET_REPLACEMENT) {
		*ret = SPAN("\xef\xbf\xbd");
		return ERR_OK;
	}
	if (charset != CHARSET_ISO_2022_JP && charset < CHARSET_REPLACEMENT && charset != CHARSET_UTF_16BE &&
	    charset != CHARSET_UTF_16LE && is_ascii(bytes)) {
		*ret = bytes;
		return ERR_OK;
	}
	if (bytes.len > SIZE_MAX / 4)
		return ERR_TOOBIG;
	room = arena_alloc(arena, bytes.len * 3 + 16);
	if (!room)
		return arena_failed(arena);
	o.next = room;
	switch (charset) {
	case CHARSET_UTF_16BE: decode_utf16(p, bytes.len, true, &o); break;
	case CHARSET_UTF_16LE: decode_utf16(p, bytes.len, false, &o); break;
	case CHARSET_X_USER_DEFINED:
		for (size_t i = 0; i < bytes.len; i++)
			charset_put(&o, p[i] < 0x80 ? p[i] : 0xf700u + p[i]);
		break;
	default:
		if (charset < CHARSET_UTF_8)
			decode_table(p, bytes.len, tables[charset], &o);
		else
			charset_decode_asian(p, bytes.len, charset, &o);
	}
	*ret = span_of(room, (size_t)(o.next - room));
	return ERR_OK;
}

enum err charset_to_utf8(struct span bytes, struct span content_type, struct arena *arena, struct span *ret)
{
	size_t bom;
	enum charset charset = charset_sniff(bytes, content_type, charset_kind_of(content_type), &bom);

	return charset_decode(span_sub(bytes, bom, bytes.len), charset, arena, ret);
}
