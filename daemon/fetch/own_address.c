/* SPDX-License-Identifier: MIT */
#include "own_address.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

bool own_address(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage from = {0};
	socklen_t from_len = sizeof(from);
	bool ret = false;

	if (fd < 0)
		return false;
	/* of a datagram socket this only fixes both ends: from itself to itself means that it is ours */
	if (!connect(fd, address, len) && !getsockname(fd, (struct sockaddr *)&from, &from_len) &&
	    from.ss_family == address->sa_family) {
		if (from.ss_family == AF_INET)
			ret = ((const struct sockaddr_in *)&from)->sin_addr.s_addr ==
			      ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
		else if (from.ss_family == AF_INET6)
			ret = !memcmp(&((const struct sockaddr_in6 *)&from)->sin6_addr,
				      &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	}
	(void)close(fd);
	return ret;
}
