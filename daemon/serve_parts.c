/* SPDX-License-Identifier: MIT */
#include "serve.h"

const struct serve_part serve_parts[] = {
	{NULL, NULL, NULL, NULL},
};
