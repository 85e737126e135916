/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See netlink.h. */
#include "kernel/netlink.h"
#include "base/fd.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int netlink_loopback_up(struct error *err)
{
	/* The name and number of the loopback device are the same in every namespace. */
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int scoped_fd fd = TRY(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err,
			       "make a socket");

	return TRY(ioctl(fd, SIOCSIFFLAGS, &request), err, "set the loopback device up");
}
