/* SPDX-License-Identifier: MIT */
#include "notify.h"

void notify_start(uv_loop_t *loop)
{
	(void)loop;
}

void notify_ready(void)
{
}

void notify_reloading(void)
{
}

void notify_stopping(void)
{
}

void notify_status(const char *text)
{
	(void)text;
}
