/* SPDX-License-Identifier: MIT */
/* text.h - UTF-8 text in the one normal form that goes into documents.
 *
 * Valid UTF-8, NFC (libunistring), entities decoded, white space folded to single spaces, no markup, no
 * controls. What takes an arena gives SPAN_NONE when that is full (arena_failed() tells). */
#ifndef INGESTD_BASE_TEXT_H
#define INGESTD_BASE_TEXT_H

#include "base/arena.h"
#include "base/strbuf.h"

/* Bytes of valid UTF-8 at the start (== s.len when all is valid; surrogates and overlong forms are not). */
size_t text_utf8_valid(struct span s);
/* Decodes the scalar value at s.ptr, which is valid UTF-8 and not empty; *size gets its bytes. */
uint32_t text_utf8_get(struct span s, unsigned *size);
/* Appends, malformed sequences as U+FFFD, one for each maximal subpart as the WHATWG decoder does. */
CHECKED enum err text_utf8_repair(struct span s, struct strbuf *out);
/* Code points of valid UTF-8. */
size_t text_length(struct span s);

/* One pass of HTML character references: all 2,231 names of the HTML standard (those that need no semicolon
 * too, by its rules for text), numeric ones with the standard's windows-1252 repair. Result lies in the
 * arena, or is s when there was nothing to decode. */
struct span text_decode_entities(struct span s, struct arena *arena);
/* The same by the standard's rules for attribute values: "&copy=2" stays. SPAN_NONE when memory ran out, for
 * both. */
struct span text_decode_attribute(struct span s, struct arena *arena);

/* The normal form of a text that a page's attribute or text node held (character references decoded once
 * already by the HTML parser): decodes what is still encoded (doubly encoded text, but not text about
 * entities: only where the whole would otherwise show a reference to a reader), drops tags that such decoding
 * shows, folds white space (all of Unicode's, NBSP, zero-width and BOM), drops controls and bidi overrides,
 * NFC. In the arena. SPAN_NONE for SPAN_NONE; empty when nothing is left. */
struct span text_normal(struct span s, struct arena *arena);
/* s without the tags that somebody pasted into a plain text (a description with <p> or a "read more" link),
 * for fields that never speak of markup; s itself where there is none. In the arena. */
struct span text_without_tags(struct span s, struct arena *arena);
/* Only folds white space and trims; no entities, no NFC. */
struct span text_fold(struct span s, struct arena *arena);

/* Equal when case (Unicode case folding), white space, punctuation and quotes are left out of account. */
bool text_alike(struct span a, struct span b, struct arena *arena);

/* At most max code points: s itself when it fits; else cut after the last sentence end (.!?… and their CJK
 * kin, closing quotes and brackets included; not after an abbreviation, an initial or a decimal point) that
 * leaves at least min; else at the last word and "…" (within max; trailing punctuation dropped). Grapheme
 * clusters stay whole; CJK text may be cut between any two characters. */
struct span text_cut(struct span s, unsigned min, unsigned max, struct arena *arena);
/* Ends with a sentence end, closing quotes and brackets allowed after it. "…" and "..." are not an end: that
 * text is cut off. */
bool text_ends_closed(struct span s);

#endif
