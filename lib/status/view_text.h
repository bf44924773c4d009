/* SPDX-License-Identifier: MIT */
/* view_text.h - the overview for a terminal and for programs. */
#ifndef INGESTD_STATUS_VIEW_TEXT_H
#define INGESTD_STATUS_VIEW_TEXT_H

#include "status/out.h"
#include "status/view.h"

enum { VIEW_TEXT_MAX = 4 * 1024 * 1024 }; /* bytes of either */

/* Nothing in it is obeyed by a terminal. */
CHECKED enum err view_as_text(const struct view *v, struct strbuf *out);
/* One JSON object and a line end. Times are seconds since 1970, null where there is none. */
CHECKED enum err view_as_json(const struct view *v, struct strbuf *out);

#endif
