/* SPDX-License-Identifier: MIT */
/* image_hint.h - what an image's address says of its width.
 *
 * Image servers are told the size in the address, each in a way of its own; some ways are so common that they
 * need no list of servers: "?w=300", "resize=300,200", "/300x200/", "-300x200.jpg", "/w_300,h_200/",
 * "/w300/". A hint, no more: what is written into documents comes from the bytes. */
#ifndef INGESTD_EXTRACT_IMAGE_HINT_H
#define INGESTD_EXTRACT_IMAGE_HINT_H

#include "base/url.h"

/* Pixels, 1 to 20000; 0: it says nothing. */
unsigned image_hint_width(const struct url *url);

#endif
