/* SPDX-License-Identifier: MIT */
/* setup.h - the configuration with all that is made of it: read and checked whole. */
#ifndef INGESTD_DAEMON_SETUP_H
#define INGESTD_DAEMON_SETUP_H

#include "base/arena.h"
#include "config/config.h"
#include "document/shape.h"

struct setup {
	struct config *config;
	const struct shape *shape;
	struct arena arena;
};

/* path as for config_read(). e->text is the whole message. */
CHECKED enum err setup_read(const char *path, struct setup *ret, struct error *e);
/* A zeroed one too. */
void setup_release(struct setup *s);

#endif
