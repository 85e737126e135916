/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See notify.h. */
#include "kernel/notify.h"
#include "base/fd.h"
#include "base/text.h"
#include "kernel/socket.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_MESSAGE = 4096, BARRIER_MS = 30000 };

int notify_listen(int state_dir, struct error *err)
{
	int scoped_fd dir = TRY(openat(state_dir, NOTIFY_DIR,
				       O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
				err, "open the directory '%s'", NOTIFY_DIR);
	int scoped_fd fd = -1;

	(void)unlinkat(dir, NOTIFY_SOCK, 0); /* of an earlier start that failed */
	fd = TRY(socket_listen_at(dir, NOTIFY_SOCK, SOCK_DGRAM, err));
	TRY(fchmodat(dir, NOTIFY_SOCK, 0777, 0), err, "open the socket '%s' to all",
	    NOTIFY_SOCK);
	return take_fd(fd);
}

static void send_to(const char *path, const char *text, size_t n, int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int scoped_fd out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct error ignored;

	if (out < 0 || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	length += offsetof(struct sockaddr_un, sun_path);
	if (connect(out, (struct sockaddr *)&address, (socklen_t)length) == 0)
		(void)socket_send(out, text, n, &fd, fd >= 0, &ignored);
}

static bool is_harmless(const char *line)
{
	static const char *const words[] = { "READY=1", "STOPPING=1", "RELOADING=1",
					     "WATCHDOG=1" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_equal(line, words[i]))
			return true;
	return has_prefix(line, "STATUS=");
}

bool notify_pass(int fd, const char *path, pid_t pid)
{
	char message[MOST_MESSAGE + 1], out[MOST_MESSAGE + 64], *rest = NULL;
	ssize_t n = recv(fd, message, MOST_MESSAGE, MSG_DONTWAIT);
	bool is_ready = false;
	size_t used = 0;

	if (n <= 0)
		return false;
	message[n] = 0;
	for (char *line = strtok_r(message, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (!is_harmless(line))
			continue;
		is_ready |= is_equal(line, "READY=1");
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s\n", line);
	}
	if (is_ready && pid)
		used += (size_t)snprintf(out + used, sizeof(out) - used, "MAINPID=%d\n", pid);
	if (used)
		send_to(path, out, used, -1);
	return is_ready;
}

/* The manager closes its end of the pipe when it has read all that came before. */
static void wait_for_manager(const char *path)
{
	struct pollfd poll_fd = { .events = 0 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	int scoped_fd read_end = ends[0];
	int scoped_fd write_end = ends[1];

	send_to(path, "BARRIER=1", 9, write_end);
	fd_close(&write_end);
	poll_fd.fd = read_end;
	while (poll(&poll_fd, 1, BARRIER_MS) < 0 && errno == EINTR)
		;
}

int notify_wait(int fd, int pidfd, const char *path, pid_t pid, struct error *err)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return fail_errno(err, "wait for the container to be ready");
		if (fds[0].revents && notify_pass(fd, path, pid))
			break;
		if (!fds[0].revents && fds[1].revents)
			return 0; /* it ended without a word */
		fds[0].revents = fds[1].revents = 0;
	}
	wait_for_manager(path);
	return 0;
}
