/* SPDX-License-Identifier: MIT */
/* folders.h - what the documents of a folder have in common, worked out once a pass and folder.
 *
 * The order of their keys (document/order.h): a new key goes where the folder's other documents have it. And
 * whether and how they show pictures of their sites (merge/logos.h). May be called on any thread. */
#ifndef INGESTD_DAEMON_FOLDERS_H
#define INGESTD_DAEMON_FOLDERS_H

#include "document/shape.h"
#include "merge/logos.h"
#include "roots.h"

struct folders;

/* Both outlive it; organizations may be NULL. NULL: out of memory. */
struct folders *folders_new(const struct shape *shape, const struct organizations *organizations);
/* The shape for documents of the folder that path (relative to root) lies in; lives as long as `folders`.
 * Where it cannot be learnt, the plain shape. */
const struct shape *folders_shape(struct folders *f, const struct root *root, const char *path);
/* How its documents show pictures of sites; as folders_shape(). */
const struct logos *folders_logos(struct folders *f, const struct root *root, const char *path);
/* Accepts NULL, returns NULL. */
struct folders *folders_free(struct folders *f);

#endif
