/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unix sockets: named ones relative to a directory fd (so of any length of path; never
 * abstract), pairs, and messages that carry fds.  type: SOCK_STREAM, SOCK_SEQPACKET or
 * SOCK_DGRAM.  Nothing here raises SIGPIPE; all fds are close-on-exec.
 */
#pragma once
#include "base/error.h"
#include <stddef.h>
#include <sys/types.h>

enum { SOCKET_MAX_FDS = 8 };

/* A listening (or, for datagrams, bound) socket dirfd/name with mode 0600. */
int socket_listen_at(int dirfd, const char *name, int type, struct error *err);
int socket_connect_at(int dirfd, const char *name, int type, struct error *err);

/* Connect to a path of any length. */
int socket_connect(const char *path, int type, struct error *err);

/* The next connection; waits at most timeout_ms (-1: for ever; code ETIMEDOUT). */
int socket_accept(int fd, int timeout_ms, struct error *err);

int socket_make_pair(int type, int out[2], struct error *err);

/* Send all bytes, with up to SOCKET_MAX_FDS fds. */
int socket_send(int fd, const void *data, size_t n, const int *fds, size_t n_fds,
		struct error *err);

/* A send that makes no progress for so long fails. */
int socket_limit_sending(int fd, unsigned seconds, struct error *err);

/* What one receive brings: bytes in data[room], fds (close-on-exec) in fds[]. */
struct socket_message {
	void *data;
	size_t room;
	size_t n;
	int fds[SOCKET_MAX_FDS];
	size_t n_fds;
};

/* 1 when something came, 0 at end of file; a message larger than the room is an error. */
int socket_receive(int fd, struct socket_message *message, struct error *err);

/* Close the fds of a message that nobody took (taken ones are set to -1). */
void socket_drop_fds(struct socket_message *message);
