/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network devices, over rtnetlink.  A socket speaks for the network namespace that it was
 * made in, wherever its owner is; so the host furnishes a container's devices from outside.
 */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include <linux/if.h>
#include <stdbool.h>
#include <stddef.h>

/* Set the loopback device of the namespace that we are in up. */
int netlink_loopback_up(struct error *err);

/* A socket of our own namespace, or (ns_fd not -1) of that one. */
int netlink_open(int ns_fd, struct error *err);

/* A permanent global address, as the kernel told of it: a whole message. */
struct net_address {
	void *message;
	size_t n;
};

/* A device and what it is to keep. */
struct net_device {
	int index;
	unsigned flags;			/* IFF_* */
	char name[IFNAMSIZ];
	struct net_address *addresses;
	size_t n_addresses, room_addresses;
};

/* Look a device of our own namespace up, with its addresses. */
int netlink_read_device(struct arena *arena, const char *name, struct net_device *out,
			struct error *err);

bool netlink_has_device(int fd, const char *name);

/*
 * Move the device to the namespace `to_ns`, whose socket is `to`; *device has its number
 * and name there, which is one that is free there, not yet the one that was wished for.
 * *out_moved tells whether it has left, also after an error.
 */
int netlink_move_device(int from, int to, int to_ns, struct net_device *device,
			bool *out_moved, struct error *err);

/* Name the device; "eth%d" lets the kernel choose the number.  *device has what came out. */
int netlink_name_device(int fd, struct net_device *device, const char *name,
			struct error *err);

/* Give the device its addresses (again), labels as its name has become. */
int netlink_add_addresses(int fd, const struct net_device *device, const char *old_name,
			  struct error *err);

int netlink_set_up(int fd, const struct net_device *device, struct error *err);
