/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sends as fast as asked, or receives and tells how fast it came:
 *     blaster udp|tcp send ADDRESS PORT MILLISECONDS BYTES_A_SECOND
 *     blaster udp|tcp receive PORT MILLISECONDS
 *     blaster priority          the priority that a new socket is born with
 * The receiver prints the payload bytes a second from the first byte on, and ends when the
 * time is over.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD = 1400, NS_OF_MS = 1000000 };

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int open_socket(bool is_udp)
{
	int size = 8 << 20, yes = 1;
	int fd = socket(AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	(void)setsockopt(fd, SOL_SOCKET, is_udp ? SO_RCVBUFFORCE : SO_REUSEADDR,
			 is_udp ? &size : &yes, sizeof(size));
	return fd;
}

/* In steps of a millisecond: what should have been sent by now, and no more. */
static void send_paced(int fd, uint64_t duration, uint64_t rate)
{
	static char payload[PAYLOAD];
	uint64_t begin = now(), sent = 0, at;

	while ((at = now() - begin) < duration) {
		if (sent > rate * (at / 1000) / 1000000) {
			usleep(500);
			continue;
		}
		if (send(fd, payload, sizeof(payload), MSG_NOSIGNAL) < 0 && errno != ENOBUFS &&
		    errno != ECONNREFUSED)
			fail("send");
		sent += sizeof(payload);
	}
}

static int do_send(bool is_udp, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
	int fd = -1;

	inet_pton(AF_INET, argv[0], &to.sin_addr);
	for (int i = 0; i < 100; i++) {
		fd = open_socket(is_udp);
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
			send_paced(fd, strtoull(argv[2], NULL, 10) * NS_OF_MS,
				   strtoull(argv[3], NULL, 10));
			return 0;
		}
		close(fd);
		usleep(20000);
	}
	fail("connect");
}

static int do_receive(bool is_udp, char **argv)
{
	static char buffer[1 << 18];
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[0])) };
	uint64_t duration = strtoull(argv[1], NULL, 10) * NS_OF_MS, begin = 0, all = 0;
	int fd = open_socket(is_udp);
	ssize_t n;

	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
		fail("bind");
	if (!is_udp && (listen(fd, 1) < 0 || (fd = accept(fd, NULL, NULL)) < 0))
		fail("accept");
	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int left = begin ? (int)((int64_t)(begin + duration - now()) / NS_OF_MS) : 10000;

		if (left <= 0 || poll(&poll_fd, 1, left) <= 0)
			break;
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n <= 0)
			break;
		if (!begin)
			begin = now();
		all += (uint64_t)n;
	}
	printf("%llu\n", begin ? (unsigned long long)(all * 1000 / (duration / NS_OF_MS)) : 0);
	return 0;
}

static int print_priority(void)
{
	int priority = -1;
	socklen_t size = sizeof(priority);

	if (getsockopt(open_socket(true), SOL_SOCKET, SO_PRIORITY, &priority, &size) < 0)
		fail("getsockopt");
	printf("%d\n", priority);
	return 0;
}

int main(int argc, char **argv)
{
	bool is_udp = argc > 1 && strcmp(argv[1], "udp") == 0;

	if (argc == 2 && strcmp(argv[1], "priority") == 0)
		return print_priority();
	if (argc == 7 && strcmp(argv[2], "send") == 0)
		return do_send(is_udp, argv + 3);
	if (argc == 5 && strcmp(argv[2], "receive") == 0)
		return do_receive(is_udp, argv + 3);
	return 2;
}
