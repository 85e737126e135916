/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See socket.h.  A socket's address holds 107 bytes of path; a directory fd in it stands
 * for any number.
 */
#include "kernel/socket.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Room for the control data of all the fds, aligned for its header. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * SOCKET_MAX_FDS)];
};

static int set_address(struct sockaddr_un *address, int dirfd, const char *name,
		       struct error *err)
{
	size_t room = sizeof(address->sun_path);
	int n;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (dirfd == AT_FDCWD)
		n = snprintf(address->sun_path, room, "%s", name);
	else
		n = snprintf(address->sun_path, room, "/proc/self/fd/%d/%s", dirfd, name);
	/* An empty first byte would be an abstract socket, which any container can reach. */
	if (n <= 0 || (size_t)n >= room)
		return fail(err, ERROR_USAGE, "the socket name '%s' is empty or too long", name);
	return 0;
}

static int new_socket(int type, struct error *err)
{
	return TRY(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), err, "make a socket");
}

int socket_listen_at(int dirfd, const char *name, int type, struct error *err)
{
	struct sockaddr_un address;
	int scoped_fd fd = TRY(new_socket(type, err));

	TRY(set_address(&address, dirfd, name, err));
	/* Linux gives the node the mode of the socket, so there is no moment of 0777. */
	TRY(fchmod(fd, 0600), err, "protect the socket '%s'", name);
	TRY(bind(fd, (struct sockaddr *)&address, sizeof(address)), err,
	    "make the socket '%s'", name);
	if (type != SOCK_DGRAM)
		TRY(listen(fd, 16), err, "listen on the socket '%s'", name);
	return take_fd(fd);
}

int socket_connect_at(int dirfd, const char *name, int type, struct error *err)
{
	struct sockaddr_un address;
	int scoped_fd fd = TRY(new_socket(type, err));

	TRY(set_address(&address, dirfd, name, err));
	TRY(connect(fd, (struct sockaddr *)&address, sizeof(address)), err,
	    "connect to the socket '%s'", name);
	return take_fd(fd);
}

int socket_connect(const char *path, int type, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int scoped_fd dirfd = -1;

	if (!slash || strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path))
		return socket_connect_at(AT_FDCWD, path, type, err);
	if (snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path) + 1, path) >=
	    (int)sizeof(dir))
		return fail(err, ERROR_USAGE, "the socket path '%s' is too long", path);
	dirfd = TRY(open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), err,
		    "open the folder of the socket '%s'", path);
	return socket_connect_at(dirfd, slash + 1, type, err);
}

int socket_accept(int fd, int timeout_ms, struct error *err)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int rc = 1;

	do {
		rc = timeout_ms < 0 ? 1 : poll(&poll_fd, 1, timeout_ms);
		if (rc > 0)
			rc = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		else if (rc == 0)
			errno = ETIMEDOUT, rc = -1;
	} while (rc < 0 && errno == EINTR);
	return TRY(rc, err, "wait for a connection");
}

int socket_make_pair(int type, int out[2], struct error *err)
{
	return TRY(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, out), err,
		   "make a pair of sockets");
}

static void attach_fds(struct msghdr *message, union control *control, const int *fds,
		       size_t n)
{
	struct cmsghdr *header;

	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(sizeof(int) * n);
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * n);
}

int socket_send(int fd, const void *data, size_t n, const int *fds, size_t n_fds,
		struct error *err)
{
	union control control = { .bytes = { 0 } };
	struct iovec vector = { .iov_base = (void *)(uintptr_t)data, .iov_len = n };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

	if (n_fds > SOCKET_MAX_FDS)
		return fail(err, ERROR_BUG, "more than %d fds in a message", SOCKET_MAX_FDS);
	if (n_fds)
		attach_fds(&message, &control, fds, n_fds);
	do {
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return fail_errno(err, "send a message");
		vector.iov_base = (char *)vector.iov_base + sent;
		vector.iov_len -= (size_t)sent;
		message.msg_control = NULL; /* the fds went with the first bytes */
		message.msg_controllen = 0;
	} while (vector.iov_len);
	return 0;
}

int socket_limit_sending(int fd, unsigned seconds, struct error *err)
{
	struct timeval patience = { .tv_sec = seconds };

	TRY(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), err,
	    "limit the time of sending");
	return 0;
}

static void take_fds(struct msghdr *header, struct socket_message *message)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    n > SOCKET_MAX_FDS - message->n_fds)
			continue;
		memcpy(message->fds + message->n_fds, CMSG_DATA(c), n * sizeof(int));
		message->n_fds += n;
	}
}

int socket_receive(int fd, struct socket_message *message, struct error *err)
{
	union control control = { .bytes = { 0 } };
	struct iovec vector = { .iov_base = message->data, .iov_len = message->room };
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes) };
	ssize_t n;

	message->n = message->n_fds = 0;
	/*
	 * The peer died with a message of ours unread: the kernel says so once, before it
	 * hands out what the peer sent before it died.
	 */
	do {
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return fail_errno(err, "receive a message");
	take_fds(&header, message);
	message->n = (size_t)n;
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		socket_drop_fds(message);
		return fail(err, ERROR_PEER, "a message was larger than expected");
	}
	return n > 0;
}

void socket_drop_fds(struct socket_message *message)
{
	for (size_t i = 0; i < message->n_fds; i++)
		fd_close(&message->fds[i]);
	message->n_fds = 0;
}
