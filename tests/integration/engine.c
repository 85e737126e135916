/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine's side of the contract, as strict as the strictest of them:
 *   engine take SOCKET          listens; one connection, one message, one fd; says what came
 *   engine reap FILE COMMAND..  is a subreaper; waits for the process that FILE names itself
 *   engine rude COMMAND..       all signals ignored and blocked, even SIGCHLD; fds 3-9 open
 *   engine manage SOCKET N      prints N messages of sd_notify(3), and takes their fds
 *   engine notify TEXT          sends one to $NOTIFY_SOCKET
 *   engine leave COMMAND..      the command gets PDEATHSIG SIGKILL; killed after the
 *                               microseconds of $ENGINE_PATIENCE; the rest is reaped
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int die(const char *what)
{
	perror(what);
	return 99;
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s, 4) < 0)
		exit(die(path));
	return s;
}

/* What an fd is: where it leads, and of a pidfd the process. */
static void tell_fd(int fd)
{
	char name[64], to[256] = "", line[256];
	FILE *info;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (readlink(name, to, sizeof(to) - 1) < 0)
		exit(die(name));
	printf("fd %s\n", to);
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	info = fopen(name, "re");
	while (info && fgets(line, sizeof(line), info))
		if (strncmp(line, "Pid:", 4) == 0)
			printf("pid %d\n", atoi(line + 4));
	if (info)
		fclose(info);
}

static int take(const char *path)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control;
	char data[8192] = "", rest[16];
	struct iovec vector = { data, sizeof(data) - 1 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int s = listen_at(path), c, fds[16];
	size_t n_fds = 0;
	ssize_t n;

	printf("listening\n");
	fflush(stdout);
	c = accept4(s, NULL, NULL, SOCK_CLOEXEC);
	n = recvmsg(c, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return die("recvmsg");
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
		n_fds = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(h), n_fds * sizeof(int));
	}
	printf("bytes %zd fds %zu name %s\n", n, n_fds, data);
	for (size_t i = 0; i < n_fds; i++)
		tell_fd(fds[i]);
	printf("then %zd\n", read(c, rest, sizeof(rest)));
	fflush(stdout);
	return 0;
}

static int datagrams(const char *path, struct sockaddr_un *address)
{
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	if (s < 0)
		exit(die("socket"));
	return s;
}

static int manage(const char *path, int n)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct sockaddr_un address;
	int s = datagrams(path, &address);

	if (bind(s, (struct sockaddr *)&address, sizeof(address)) < 0)
		return die(path);
	printf("listening\n");
	fflush(stdout);
	while (n-- > 0) {
		char text[4096] = "";
		struct iovec vector = { text, sizeof(text) - 1 };
		struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
					  .msg_control = control.bytes,
					  .msg_controllen = sizeof(control.bytes) };
		struct cmsghdr *header;

		if (recvmsg(s, &message, 0) < 0)
			return die("recvmsg");
		header = CMSG_FIRSTHDR(&message);
		printf("message%s %s\n", header ? " with fd" : "", text);
		fflush(stdout);
		if (header) {
			int fd;

			memcpy(&fd, CMSG_DATA(header), sizeof(fd));
			close(fd);
		}
	}
	return 0;
}

static int notify(const char *text)
{
	struct sockaddr_un address;
	int s = datagrams(getenv("NOTIFY_SOCKET"), &address);

	if (sendto(s, text, strlen(text), 0, (struct sockaddr *)&address, sizeof(address)) < 0)
		return die(address.sun_path);
	return 0;
}

static pid_t run(char **command, int dies_with_us)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (dies_with_us)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	execvp(command[0], command);
	_exit(127);
}

static int reap(const char *file, char **command)
{
	char text[32] = "", *end;
	int status, fd;
	pid_t pid;
	ssize_t n;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid = run(command, 1);
	if (waitpid(pid, &status, 0) != pid || status)
		return die("the command failed");
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	/* As strconv.Atoi: digits and nothing else. */
	pid = (pid_t)strtol(text, &end, 10);
	if (n <= 0 || *end || pid <= 0)
		return die("the pid file is no number");
	if (waitpid(pid, &status, 0) != pid)
		return die("the process of the pid file is not ours");
	printf("reaped %d\n", WIFEXITED(status) ? WEXITSTATUS(status)
						: 128 + WTERMSIG(status));
	return 0;
}

static int rude(char **command)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN); /* but those that cannot be */
	for (int fd = 3; fd < 10; fd++)
		dup2(1, fd);
	execvp(command[0], command);
	return die(command[0]);
}

/* Half an engine: it starts the command, and is gone before that is done. */
static int leave(char **command)
{
	const char *patience = getenv("ENGINE_PATIENCE");
	pid_t engine;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	engine = fork();
	if (engine == 0) {
		run(command, 1);
		pause();
		_exit(0);
	}
	usleep((useconds_t)atoi(patience ? patience : "0"));
	kill(engine, SIGKILL);
	waitpid(engine, NULL, 0);
	/* What fell to us: all of it ends by itself, or is init, which others end. */
	for (int tries = 0; tries < 200; tries++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return 0;
		if (pid == 0)
			usleep(5000);
	}
	printf("something is left\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "take") == 0)
		return take(argv[2]);
	if (argc == 4 && strcmp(argv[1], "manage") == 0)
		return manage(argv[2], atoi(argv[3]));
	if (argc == 3 && strcmp(argv[1], "notify") == 0)
		return notify(argv[2]);
	if (argc > 3 && strcmp(argv[1], "reap") == 0)
		return reap(argv[2], argv + 3);
	if (argc > 2 && strcmp(argv[1], "rude") == 0)
		return rude(argv + 2);
	if (argc > 2 && strcmp(argv[1], "leave") == 0)
		return leave(argv + 2);
	fprintf(stderr, "engine take SOCKET | manage SOCKET N | notify TEXT |\n"
			"reap FILE COMMAND.. | rude COMMAND.. | "
			"leave COMMAND..\n");
	return 2;
}
