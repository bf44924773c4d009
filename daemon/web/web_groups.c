/* SPDX-License-Identifier: MIT */
/* web_groups.c - what the status server answers: each group's routes are in a file of its own. */
#include "web_groups.h"

const struct web_group *const web_groups[] = {
	&web_health_group,
	&web_pages_group,
	&web_actions_group,
	NULL,
};
