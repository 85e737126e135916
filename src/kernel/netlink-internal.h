/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions to rtnetlink: a message is begun with its type and fixed part, attributes are
 * added, and asking sends it and hands each message of the answer to a function.
 */
#pragma once
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_message {
	union {
		struct nlmsghdr header;
		char bytes[1024];
	};
};

/* Begin a request; flags beside NLM_F_REQUEST (NLM_F_DUMP for a list). */
void netlink_begin(struct netlink_message *message, unsigned type, unsigned flags,
		   const void *fixed, size_t n);

/* Add an attribute; there is room for all that we ever send. */
void netlink_add(struct netlink_message *message, unsigned type, const void *data, size_t n);

/* What an answer's messages are handed to. */
struct netlink_taker {
	void (*take)(const struct nlmsghdr *header, void *arg);
	void *arg;
};

/* Send it and take the answer (taker: may be NULL); -1 with errno. */
int netlink_ask(int fd, struct netlink_message *message, const struct netlink_taker *taker);

/* The attribute of this type behind a fixed part of n bytes; NULL: it is not there. */
const struct rtattr *netlink_find(const struct nlmsghdr *header, size_t n, unsigned type);
