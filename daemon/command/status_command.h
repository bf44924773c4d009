/* SPDX-License-Identifier: MIT */
/* status_command.h - the overview as `ingestd status` prints it: made by the running service where there is
 * one, which alone knows what is under way, else from the state. */
#ifndef INGESTD_DAEMON_STATUS_COMMAND_H
#define INGESTD_DAEMON_STATUS_COMMAND_H

#include "web/view_ask.h"

/* A view_make_fn: text or JSON by *(const bool *)ask->more. */
enum err status_make(struct view_ask *ask, struct look *l);

#endif
