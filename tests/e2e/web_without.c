/* SPDX-License-Identifier: MIT */
/* web_without.c - the program without what protects the status server: linked with --wrap, so that its calls
 * of these come here. web_crowd.py has to fail with it. */
#include <sys/socket.h>

#include "status/request.h"

bool __wrap_request_host_is_own(struct span host);
bool __wrap_request_is_same_site(struct span site, struct span origin, struct span host);
int __wrap_shutdown(int fd, int how);

bool __wrap_request_host_is_own(struct span host)
{
	(void)host;
	return true;
}

bool __wrap_request_is_same_site(struct span site, struct span origin, struct span host)
{
	(void)site;
	(void)origin;
	(void)host;
	return true;
}

/* By which web.c sends connections away. */
int __wrap_shutdown(int fd, int how)
{
	(void)fd;
	(void)how;
	return 0;
}
