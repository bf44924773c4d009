/* SPDX-License-Identifier: MIT */
/* json_text.h - bytes of any kind as JSON, which holds text. */
#ifndef INGESTD_DAEMON_JSON_TEXT_H
#define INGESTD_DAEMON_JSON_TEXT_H

#include <jansson.h>

#include "base/span.h"

/* Repaired where it is no UTF-8; null for SPAN_NONE. NULL: out of memory. */
json_t *json_text(struct span s);
/* The same for a string; null for NULL. */
json_t *json_text_str(const char *s);

#endif
