#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes charset_tables.inc: the upper halves of the single-byte encodings of the WHATWG Encoding Standard.

    tools/charset_tables.py > charset_tables.inc

Origin: the mapping tables of Python's codecs (made from the Unicode Consortium's and the vendors' tables), with the
standard's differences (https://encoding.spec.whatwg.org/, indexes in the public domain, CC0) put in below: unassigned
bytes 80 to 9F are controls, and a few letters. 0 stands for a byte without a meaning."""
ENCODINGS = [
    ("IBM866", "cp866"), ("ISO_8859_2", "iso8859-2"), ("ISO_8859_3", "iso8859-3"), ("ISO_8859_4", "iso8859-4"),
    ("ISO_8859_5", "iso8859-5"), ("ISO_8859_6", "iso8859-6"), ("ISO_8859_7", "iso8859-7"),
    ("ISO_8859_8", "iso8859-8"), ("ISO_8859_8_I", "iso8859-8"), ("ISO_8859_10", "iso8859-10"),
    ("ISO_8859_13", "iso8859-13"), ("ISO_8859_14", "iso8859-14"), ("ISO_8859_15", "iso8859-15"),
    ("ISO_8859_16", "iso8859-16"), ("KOI8_R", "koi8-r"), ("KOI8_U", "koi8-u"), ("MACINTOSH", "mac_roman"),
    ("WINDOWS_874", "cp874"), ("WINDOWS_1250", "cp1250"), ("WINDOWS_1251", "cp1251"),
    ("WINDOWS_1252", "cp1252"), ("WINDOWS_1253", "cp1253"), ("WINDOWS_1254", "cp1254"),
    ("WINDOWS_1255", "cp1255"), ("WINDOWS_1256", "cp1256"), ("WINDOWS_1257", "cp1257"),
    ("WINDOWS_1258", "cp1258"), ("X_MAC_CYRILLIC", "mac_cyrillic"),
]
PATCHES = {
    "KOI8_U": {0xAE: 0x45E, 0xBE: 0x40E},
    "WINDOWS_1255": {0xCA: 0x5BA},
    "X_MAC_CYRILLIC": {0xA2: 0x490, 0xB6: 0x491, 0xFF: 0x20AC},
    "ISO_8859_7": {0xA4: 0x20AC, 0xA5: 0x20AF, 0xAA: 0x37A},
}

print("/* SPDX-License-Identifier: MIT */")
print("/* Made by tools/charset_tables.py, which says from what; not to be edited. */")
print("/* clang-format off */")
for name, codec in ENCODINGS:
    row = []
    for b in range(0x80, 0x100):
        try:
            c = ord(bytes([b]).decode(codec))
        except UnicodeDecodeError:
            c = b if b < 0xA0 else 0
        row.append(PATCHES.get(name, {}).get(b, c))
    print("[CHARSET_%s] = {" % name)
    for i in range(0, 128, 12):
        print("\t" + " ".join("0x%x," % c for c in row[i:i + 12]))
    print("},")
print("/* clang-format on */")
