/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices that change their network namespace.  The kernel takes the addresses away when it
 * sets a device down (those of IPv6) or moves it (all), so they are read before.
 */
#include "kernel/netlink.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/netlink-internal.h"
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>

/* What RTM_NEWADDR must not be told: states of the old place, not wishes. */
enum { STATES = IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED |
		IFA_F_SECONDARY | IFA_F_OPTIMISTIC };
enum { TRIES = 64 };

static void take_link(const struct nlmsghdr *header, void *arg)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	const struct rtattr *name = netlink_find(header, sizeof(*info), IFLA_IFNAME);
	struct net_device *device = arg;

	if (header->nlmsg_type != RTM_NEWLINK || !name)
		return;
	device->index = info->ifi_index;
	device->flags = info->ifi_flags;
	snprintf(device->name, sizeof(device->name), "%.*s",
		 (int)RTA_PAYLOAD(name), (const char *)RTA_DATA(name));
}

/* By name, or (name NULL) by number. */
static int ask_link(int fd, const char *name, int index, struct net_device *out)
{
	struct ifinfomsg info = { .ifi_index = name ? 0 : index };
	struct netlink_taker taker = { take_link, out };
	struct netlink_message message;

	netlink_begin(&message, RTM_GETLINK, 0, &info, sizeof(info));
	if (name)
		netlink_add(&message, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_ask(fd, &message, &taker);
}

bool netlink_has_device(int fd, const char *name)
{
	struct net_device ignored;

	return ask_link(fd, name, 0, &ignored) == 0;
}

/* The addresses of one device on their way into its list. */
struct collector {
	struct arena *arena;
	struct net_device *device;
};

static uint32_t flags_of(const struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = NLMSG_DATA(header);
	const struct rtattr *wide = netlink_find(header, sizeof(*info), IFA_FLAGS);
	uint32_t flags = info->ifa_flags;

	if (wide)
		memcpy(&flags, RTA_DATA(wide), sizeof(flags));
	return flags;
}

static void take_address(const struct nlmsghdr *header, void *arg)
{
	const struct ifaddrmsg *info = NLMSG_DATA(header);
	struct collector *collector = arg;
	struct net_device *device = collector->device;
	struct net_address *address;

	if (header->nlmsg_type != RTM_NEWADDR || (int)info->ifa_index != device->index ||
	    info->ifa_scope != RT_SCOPE_UNIVERSE || !(flags_of(header) & IFA_F_PERMANENT))
		return;
	address = arena_push(collector->arena, device->addresses, device->n_addresses,
			     device->room_addresses);
	address->n = header->nlmsg_len;
	address->message = arena_alloc(collector->arena, address->n);
	memcpy(address->message, header, address->n);
}

static int read_addresses(int fd, struct arena *arena, struct net_device *device)
{
	struct ifaddrmsg info = { .ifa_family = AF_UNSPEC };
	struct collector collector = { arena, device };
	struct netlink_taker taker = { take_address, &collector };
	struct netlink_message message;

	netlink_begin(&message, RTM_GETADDR, NLM_F_DUMP, &info, sizeof(info));
	return netlink_ask(fd, &message, &taker);
}

/* A list that changed while it was read ends at once, and the rest of it is still to come on
 * its socket: each attempt has one of its own. */
static int read_once(struct arena *arena, const char *name, struct net_device *out,
		     struct error *err)
{
	int scoped_fd fd = TRY(netlink_open(-1, err));

	*out = (struct net_device){ 0 };
	if (ask_link(fd, name, 0, out) < 0) {
		if (errno != ENODEV)
			return fail_errno(err, "look for the network device '%s'", name);
		return fail(err, ERROR_CONFIG,
			    "the runtime's network namespace has no device '%s': see `ip link`",
			    name);
	}
	if (read_addresses(fd, arena, out) == 0)
		return 0;
	(void)fail_errno(err, "read the addresses of the network device '%s'", name);
	return -1;
}

int netlink_read_device(struct arena *arena, const char *name, struct net_device *out,
			struct error *err)
{
	int result = -1;

	err->code = EAGAIN;
	for (int i = 0; i < TRIES && result < 0 && err->code == EAGAIN; i++)
		result = read_once(arena, name, out, err);
	return result;
}

/* One attempt with a number, and (name not NULL) a name, for the new place. */
static int send_to(int from, int to_ns, const struct net_device *device, int index,
		   const char *name)
{
	struct ifinfomsg info = { .ifi_index = device->index };
	uint32_t ns = (uint32_t)to_ns, wanted = (uint32_t)index;
	struct netlink_message message;

	netlink_begin(&message, RTM_SETLINK, 0, &info, sizeof(info));
	netlink_add(&message, IFLA_NET_NS_FD, &ns, sizeof(ns));
	netlink_add(&message, IFLA_NEW_IFINDEX, &wanted, sizeof(wanted));
	if (name)
		netlink_add(&message, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_ask(from, &message, NULL);
}

int netlink_move_device(int from, int to, int to_ns, struct net_device *device,
			bool *out_moved, struct error *err)
{
	const char *name = NULL;
	int result = -1;

	*out_moved = false;

	/* The number is ours to choose, so that the device cannot be lost sight of; its name
	 * may be taken there, which is no fault as long as it gets another in the end. */
	for (int i = 0, index = device->index; i < TRIES && result < 0; i++) {
		result = send_to(from, to_ns, device, index, name);
		if (result == 0)
			device->index = index;
		else if (errno == EBUSY)
			index++;
		else if (errno == EEXIST && !name)
			name = "moved%d";
		else
			break;
	}
	if (result < 0 && errno == EINVAL)
		return fail(err, ERROR_CONFIG,
			    "the network device '%s' belongs to its network namespace and cannot "
			    "be moved",
			    device->name);
	TRY(result, err, "move the network device '%s'", device->name);
	*out_moved = true;
	return TRY(ask_link(to, NULL, device->index, device), err,
		   "look for the network device '%s' where it was moved", device->name);
}

int netlink_name_device(int fd, struct net_device *device, const char *name,
			struct error *err)
{
	struct ifinfomsg info = { .ifi_index = device->index };
	struct netlink_message message;

	if (is_equal(device->name, name))
		return 0;
	netlink_begin(&message, RTM_SETLINK, 0, &info, sizeof(info));
	netlink_add(&message, IFLA_IFNAME, name, strlen(name) + 1);
	TRY(netlink_ask(fd, &message, NULL), err, "name it '%s'", name);
	return TRY(ask_link(fd, NULL, device->index, device), err, "look for '%s'", name);
}

/* "oct0:web" becomes "eth0:web"; a label that is another's stays as it is. */
static void add_label(struct netlink_message *message, const char *label,
		      const struct net_device *device, const char *old_name)
{
	size_t n = strlen(old_name);
	char text[2 * IFNAMSIZ];

	if (has_prefix(label, old_name) && (!label[n] || label[n] == ':'))
		snprintf(text, sizeof(text), "%s%.15s", device->name, label + n);
	else
		snprintf(text, sizeof(text), "%.15s", label);
	text[IFNAMSIZ - 1] = 0;
	netlink_add(message, IFA_LABEL, text, strlen(text) + 1);
}

static int add_address(int fd, const struct net_device *device, const char *old_name,
		       const struct nlmsghdr *old)
{
	static const unsigned kept[] = { IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_ANYCAST,
					 IFA_MULTICAST, IFA_RT_PRIORITY };
	struct ifaddrmsg info = *(const struct ifaddrmsg *)NLMSG_DATA(old);
	const struct rtattr *label = netlink_find(old, sizeof(info), IFA_LABEL);
	uint32_t flags = flags_of(old) & ~(uint32_t)STATES;
	struct netlink_message message;

	info.ifa_index = (uint32_t)device->index;
	info.ifa_flags = (uint8_t)flags;
	netlink_begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info,
		      sizeof(info));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const struct rtattr *value = netlink_find(old, sizeof(info), kept[i]);

		if (value)
			netlink_add(&message, kept[i], RTA_DATA(value), RTA_PAYLOAD(value));
	}
	netlink_add(&message, IFA_FLAGS, &flags, sizeof(flags));
	if (label)
		add_label(&message, RTA_DATA(label), device, old_name);
	return netlink_ask(fd, &message, NULL);
}

int netlink_add_addresses(int fd, const struct net_device *device, const char *old_name,
			  struct error *err)
{
	for (size_t i = 0; i < device->n_addresses; i++)
		TRY(add_address(fd, device, old_name, device->addresses[i].message), err,
		    "give the network device '%s' its address %zu again", device->name, i + 1);
	return 0;
}

int netlink_set_up(int fd, const struct net_device *device, struct error *err)
{
	struct ifinfomsg info = { .ifi_index = device->index,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct netlink_message message;

	netlink_begin(&message, RTM_NEWLINK, 0, &info, sizeof(info));
	return TRY(netlink_ask(fd, &message, NULL), err, "set the network device '%s' up",
		   device->name);
}
