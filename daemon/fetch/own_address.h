/* SPDX-License-Identifier: MIT */
/* own_address.h - whether an address is this machine's own.
 *
 * What listens on a public interface may trust its own machine more than the Internet, so a page must not
 * make ingestd ask there either (unless allow-networks opens it). The kernel is asked, by the way that it
 * would take: it needs no list of interfaces, which would grow old, and no netlink, which units close. */
#ifndef INGESTD_DAEMON_OWN_ADDRESS_H
#define INGESTD_DAEMON_OWN_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Sends nothing. False also where there is no route, or no descriptor. */
bool own_address(const struct sockaddr *address, socklen_t len);

#endif
