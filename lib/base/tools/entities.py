#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes lib/base/entities.inc from Python's html.entities.html5, which is the list of named character references
of the HTML standard (html.spec.whatwg.org/entities.json; facts, 2,231 names):

    lib/base/tools/entities.py > lib/base/entities.inc"""
from html.entities import html5

names = sorted({n.rstrip(";") for n in html5})
assert len(html5) == 2231 and all(n + ";" in html5 for n in names)
print("/* SPDX-License-Identifier: MIT */")
print("/* Written by lib/base/tools/entities.py; do not edit. */")
print("/* clang-format off */")
print("/* name NUL value NUL, in the order of the names */")
print("static const char pool[] =")
at, offset = [], 0
for n in names:
    value = html5[n + ";"].encode()
    at.append(offset)
    offset += len(n) + len(value) + 2
    # octal escapes are three digits long, so that no following letter joins one
    print('\t"%s\\0%s\\0"' % (n, "".join("\\%03o" % b for b in value)))
assert offset < 65536
print("\t;")


def table(name, values):
    print("static const uint16_t %s[] = {" % name)
    for i in range(0, len(values), 16):
        print("\t" + " ".join("%d," % v for v in values[i : i + 16]))
    print("};")


table("all_names", at)
print("/* those that need no semicolon */")
table("bare_names", [a for n, a in zip(names, at) if n in html5])
