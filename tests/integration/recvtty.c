/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of the sockets that a container runtime is told to call:
 *   recvtty PATH   takes one terminal (--console-socket), prints the name that came
 *                  with it, relays until the terminal hangs up
 * Prints "listening" when the socket stands.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	int listener = listen_at(argv[1]);
	if (listener < 0) {
		perror("recvtty");
		return 1;
	}
	return terminal(listener);
}
