/* SPDX-License-Identifier: MIT */
/* say.h - text of strangers on its way to a terminal. */
#ifndef INGESTD_DAEMON_SAY_H
#define INGESTD_DAEMON_SAY_H

#include <stdio.h>

#include "base/span.h"

/* Writes s with a '?' for each control character (C0, DEL, and C1 in UTF-8): one line, which no terminal
 * obeys. */
void say(FILE *out, struct span s);
/* The same for lines, which keep their TABs and their ends. */
void say_lines(FILE *out, struct span lines);

#endif
