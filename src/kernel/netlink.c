/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See netlink.h and netlink-internal.h. */
#include "kernel/netlink.h"
#include "base/fd.h"
#include "kernel/netlink-internal.h"
#include "kernel/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

int netlink_loopback_up(struct error *err)
{
	/* The name and number of the loopback device are the same in every namespace. */
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int scoped_fd fd = TRY(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err,
			       "make a socket");

	return TRY(ioctl(fd, SIOCSIFFLAGS, &request), err, "set the loopback device up");
}

static int new_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

/* The life of a child that shares our files: put a socket of the namespace in place of fd. */
static int replace_socket(int fd, int ns_fd)
{
	int made;

	if (setns(ns_fd, CLONE_NEWNET) < 0)
		return errno;
	made = new_socket();
	if (made < 0 || dup3(made, fd, O_CLOEXEC) < 0)
		return errno;
	close(made);
	return 0;
}

int netlink_open(int ns_fd, struct error *err)
{
	/* No exit signal: its end is nobody's business but ours. */
	struct clone_args args = { .flags = CLONE_FILES };
	int scoped_fd fd = TRY(new_socket(), err, "make a netlink socket");
	int status = 0;
	pid_t child;

	if (ns_fd < 0)
		return take_fd(fd);
	/* We ourselves never leave our namespaces: a way back could fail. */
	child = TRY(sys_clone3(&args), err, "clone a child for a network namespace");
	if (child == 0)
		_exit(replace_socket(fd, ns_fd));
	while (waitpid(child, &status, __WALL) < 0)
		if (errno != EINTR)
			return fail_errno(err, "wait for a child");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return take_fd(fd);
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return fail_errno(err, "make a socket in the container's network namespace");
}

void netlink_begin(struct netlink_message *message, unsigned type, unsigned flags,
		   const void *fixed, size_t n)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = (uint16_t)type;
	message->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP) /* its bits have other meanings alone */
		message->header.nlmsg_flags |= NLM_F_ACK;
	message->header.nlmsg_len = (uint32_t)NLMSG_SPACE(n);
	memcpy(NLMSG_DATA(&message->header), fixed, n);
}

void netlink_add(struct netlink_message *message, unsigned type, const void *data, size_t n)
{
	struct rtattr *attribute =
		(struct rtattr *)(message->bytes + NLMSG_ALIGN(message->header.nlmsg_len));

	if (NLMSG_ALIGN(message->header.nlmsg_len) + RTA_SPACE(n) > sizeof(*message))
		__builtin_trap();
	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(n);
	memcpy(RTA_DATA(attribute), data, n);
	message->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->header.nlmsg_len) +
					       RTA_SPACE(n));
}

const struct rtattr *netlink_find(const struct nlmsghdr *header, size_t n, unsigned type)
{
	const char *data = (const char *)header + NLMSG_SPACE(n);
	int left = (int)header->nlmsg_len - (int)NLMSG_SPACE(n);

	for (const struct rtattr *at = (const void *)data; RTA_OK(at, left);
	     at = RTA_NEXT(at, left))
		if (at->rta_type == type)
			return at;
	return NULL;
}

/* One message of an answer: 1 go on, 0 the end, -1 with errno. */
static int take_one(const struct nlmsghdr *header, const struct netlink_taker *taker)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);

	if (header->nlmsg_flags & NLM_F_DUMP_INTR) {
		errno = EAGAIN; /* the list changed under us */
		return -1;
	}
	if (header->nlmsg_type == NLMSG_DONE)
		return 0;
	if (header->nlmsg_type == NLMSG_ERROR) {
		errno = -error->error;
		return error->error ? -1 : 0;
	}
	if (taker)
		taker->take(header, taker->arg);
	return 1;
}

int netlink_ask(int fd, struct netlink_message *message, const struct netlink_taker *taker)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char answer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl from = { 0 };
	int more = 1;

	if (sendto(fd, message, message->header.nlmsg_len, 0, (const void *)&kernel,
		   sizeof(kernel)) < 0)
		return -1;
	while (more > 0) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, answer, sizeof(answer), 0, (void *)&from, &size);
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (from.nl_pid) /* not from the kernel */
			continue;
		for (struct nlmsghdr *at = (void *)answer; more > 0 && NLMSG_OK(at, (unsigned)left);
		     at = NLMSG_NEXT(at, left))
			more = take_one(at, taker);
	}
	return more;
}
