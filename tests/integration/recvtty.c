/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of the sockets that a container runtime is told to call:
 *   recvtty PATH             takes one terminal (--console-socket), prints the name
 *                            that came with it, relays until the terminal hangs up
 *   recvtty -n PATH [ERRNO]  plays the seccomp agent: prints the JSON that came, the
 *                            number of descriptors, whether the peer hung up; then
 *                            answers every notification with ERRNO (default 51)
 * Prints "listening" when the socket stands.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 8) < 0)
		return -1;
	puts("listening");
	fflush(stdout);
	return s;
}

/* One recvmsg: the payload goes to TEXT, the first descriptor is returned. */
static int receive(int connection, char *text, size_t size, int *out_count, ssize_t *out_n)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} control;
	struct iovec v = { text, size - 1 };
	struct msghdr m = { .msg_iov = &v,
		            .msg_iovlen = 1,
		            .msg_control = control.bytes,
		            .msg_controllen = sizeof(control.bytes) };
	*out_n = recvmsg(connection, &m, MSG_CMSG_CLOEXEC);
	text[*out_n < 0 ? 0 : *out_n] = '\0';
	struct cmsghdr *c = *out_n < 0 ? NULL : CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS) {
		*out_count = 0;
		return -1;
	}
	*out_count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	int fd;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int terminal(int listener)
{
	char text[4096];
	int count;
	ssize_t n;
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int master = receive(connection, text, sizeof(text), &count, &n);
	printf("name=%s fds=%d tty=%d\n", text, count, master >= 0 && isatty(master));
	fflush(stdout);
	struct pollfd p[2] = { { .fd = master, .events = POLLIN },
		               { .fd = 0, .events = POLLIN } };
	for (;;) {
		if (poll(p, 2, -1) < 0)
			return 1;
		if (p[0].revents) {
			n = read(master, text, sizeof(text));
			if (n <= 0 || write(1, text, (size_t)n) != n)
				return 0;
		}
		if (p[1].revents) {
			n = read(0, text, sizeof(text));
			if (n <= 0)
				p[1].fd = -1;
			else if (write(master, text, (size_t)n) != n)
				return 1;
		}
	}
}

static void answer(int listener, int error)
{
	struct {
		struct seccomp_notif notification;
		char more[256];
	} in;
	for (;;) {
		struct pollfd p = { .fd = listener, .events = POLLIN };
		if (poll(&p, 1, -1) < 0 || p.revents & POLLHUP)
			return;
		memset(&in, 0, sizeof(in));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0)
			return;
		struct seccomp_notif_resp r = { .id = in.notification.id, .error = -error };
		printf("notified call=%d\n", in.notification.data.nr);
		fflush(stdout);
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static int agent(int listener, int error)
{
	size_t size = 16u << 20, used = 0;
	char *text = malloc(size);
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int total = 0, late = 0, fd = -1;
	for (int part = 0;; part++) {
		int count;
		ssize_t n;
		int got = receive(connection, text + used, size - used, &count, &n);
		if (n <= 0)
			break;
		fd = got >= 0 ? got : fd;
		total += count;
		late += part > 0 ? count : 0;
		used += (size_t)n;
	}
	if (used > 65536)
		printf("long %zu\n", used);
	else
		printf("%s\n", text);
	printf("fds=%d late=%d closed=1\n", total, late);
	fflush(stdout);
	if (fd >= 0)
		answer(fd, error);
	free(text);
	return 0;
}

int main(int argc, char **argv)
{
	int is_agent = argc > 2 && !strcmp(argv[1], "-n");
	if (argc < 2 + is_agent)
		return 2;
	int listener = listen_at(argv[1 + is_agent]);
	if (listener < 0) {
		perror("recvtty");
		return 1;
	}
	if (is_agent)
		return agent(listener, argc > 3 ? atoi(argv[3]) : 51);
	return terminal(listener);
}
