/* SPDX-License-Identifier: MIT */
/* web_actions.h - what the page's forms ask for.
 *
 * POST /act/refresh, /act/undo, /act/forget with the fields
 *
 *     kind   document, url, host (not to take back), run (to take back alone)
 *     what   as the page shows it: a path, absolute or inside a content folder;
 *            a URL; a host; a run's number, empty for the last one that wrote
 *     back   where to go then: a path of this server, which begins with one
 *            slash; anything else is /
 *     token  where the right to act needs it
 *
 * The answer is 303 to `back` with said=TEXT added, when it is done or after a second: a line for people,
 * what came of it by then. Who shows it looks first whether it was this server that sent the browser there
 * (Sec-Fetch-Site), as anybody can make such an address. */
#ifndef INGESTD_DAEMON_WEB_ACTIONS_H
#define INGESTD_DAEMON_WEB_ACTIONS_H

enum { WEB_SAID_MAX = 300 }; /* bytes of that text */

#endif
