/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unix sockets: names relative to a directory, long paths, messages with fds.
 */
#include "base/fd.h"
#include "kernel/socket.h"
#include "tests/unit/suite.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct error err;
static char dir[300];

static int open_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/socket-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	/* Longer than an address holds. */
	strcat(dir, "/");
	memset(dir + strlen(dir), 'd', 150);
	ck_assert_int_eq(mkdir(dir, 0755), 0);
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void remove_dir(int fd)
{
	ck_assert_int_eq(unlinkat(fd, "s", 0) | rmdir(dir), 0);
	*strrchr(dir, '/') = 0;
	ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(named)
{
	int type = _i ? SOCK_SEQPACKET : SOCK_STREAM;
	int scoped_fd where = open_dir();
	char data[8], path[400];
	struct socket_message message = { .data = data, .room = sizeof(data) };
	struct stat st;

	umask(0);
	int scoped_fd listener = socket_listen_at(where, "s", type, &err);
	ck_assert_msg(listener >= 0, "%s", err.text);
	ck_assert_int_eq(fstatat(where, "s", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_lt(socket_accept(listener, 10, &err), 0);
	ck_assert_int_eq(err.code, ETIMEDOUT);
	int scoped_fd client = socket_connect_at(where, "s", type, &err);
	int scoped_fd server = socket_accept(listener, 1000, &err);
	ck_assert_int_ge(server, 0);
	ck_assert_int_eq(fcntl(server, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(socket_send(client, "hello", 5, NULL, 0, &err), 0);
	ck_assert_int_eq(socket_receive(server, &message, &err), 1);
	ck_assert_uint_eq(message.n, 5);
	snprintf(path, sizeof(path), "%s/s", dir);
	int scoped_fd other = socket_connect(path, type, &err);
	ck_assert_msg(other >= 0, "%s", err.text);
	fd_close(&client);
	ck_assert_int_eq(socket_receive(server, &message, &err), 0);
	ck_assert_int_lt(socket_send(server, "x", 1, NULL, 0, &err), 0); /* no SIGPIPE */
	remove_dir(where);
}
END_TEST

START_TEST(fds_travel)
{
	int type = _i ? SOCK_SEQPACKET : SOCK_STREAM;
	char data[64];
	struct socket_message message = { .data = data, .room = sizeof(data) };
	int pair[2], ends[2], fds[SOCKET_MAX_FDS];
	char byte;

	ck_assert_int_eq(socket_make_pair(type, pair, &err), 0);
	ck_assert_int_eq(pipe(ends), 0);
	for (int i = 0; i < SOCKET_MAX_FDS; i++)
		fds[i] = ends[1];
	ck_assert_int_eq(socket_send(pair[0], "fds", 3, fds, SOCKET_MAX_FDS, &err), 0);
	ck_assert_int_eq(socket_receive(pair[1], &message, &err), 1);
	ck_assert_uint_eq(message.n_fds, SOCKET_MAX_FDS);
	ck_assert_int_eq(fcntl(message.fds[7], F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(write(message.fds[7], "y", 1), 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	socket_drop_fds(&message);
	ck_assert_uint_eq(message.n_fds, 0);
	ck_assert_int_lt(socket_send(pair[0], "x", 1, fds, SOCKET_MAX_FDS + 1, &err), 0);
	close(pair[0]);
	ck_assert_int_eq(socket_receive(pair[1], &message, &err), 0);
}
END_TEST

START_TEST(too_large)
{
	char data[4], large[100] = { 0 };
	struct socket_message message = { .data = data, .room = sizeof(data) };
	int pair[2];

	ck_assert_int_eq(socket_make_pair(SOCK_SEQPACKET, pair, &err), 0);
	ck_assert_int_eq(socket_send(pair[0], large, sizeof(large), NULL, 0, &err), 0);
	ck_assert_int_lt(socket_receive(pair[1], &message, &err), 0);
	ck_assert_int_eq(err.kind, ERROR_PEER);
}
END_TEST

/* ATTACK CVE-2020-15257: no name makes an abstract socket. */
START_TEST(bad_names)
{
	char name[200];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ck_assert_int_lt(socket_listen_at(AT_FDCWD, "", SOCK_STREAM, &err), 0);
	ck_assert_int_lt(socket_connect("", SOCK_STREAM, &err), 0);
	ck_assert_int_lt(socket_connect_at(AT_FDCWD, name, SOCK_STREAM, &err), 0);
	ck_assert_int_lt(socket_connect("/nowhere/at/all", SOCK_STREAM, &err), 0);
	ck_assert_int_eq(err.code, ENOENT);
}
END_TEST

/* What the peer sent before it died is read, though it died with our message unread. */
START_TEST(last_words)
{
	char data[8];
	struct socket_message message = { .data = data, .room = sizeof(data) };
	int pair[2];

	ck_assert_int_eq(socket_make_pair(SOCK_SEQPACKET, pair, &err), 0);
	ck_assert_int_eq(socket_send(pair[0], "unread", 6, NULL, 0, &err), 0);
	ck_assert_int_eq(socket_send(pair[1], "last", 4, NULL, 0, &err), 0);
	fd_close(&pair[1]);
	ck_assert_int_eq(socket_receive(pair[0], &message, &err), 1);
	ck_assert_uint_eq(message.n, 4);
	ck_assert_int_eq(socket_receive(pair[0], &message, &err), 0);
	fd_close(&pair[0]);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, named, 0, 2);
	tcase_add_loop_test(tc, fds_travel, 0, 2);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, last_words);
	tcase_add_test(tc, bad_names);
	return run_cases("socket", tc);
}
