/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An example of a seccomp agent: what answers the system calls of containers whose profile
 * says SCMP_ACT_NOTIFY.  Built with the rest, not installed.
 *
 *     seccomp-agent SOCKET [--hang-up] [ERRNO | CALL=ERRNO]...
 *
 * listens on SOCKET (linux.seccomp.listenerPath) and prints, for each container, the state
 * that the runtime sent and one line for each call: process, number, arguments, answer.
 * CALL is a number; with ERRNO alone every other call fails with it; what nothing is said
 * of goes on as if there were no agent.  --hang-up is for tests of runtimes: every
 * connection is closed unread.
 *
 * To let a call go on is no protection: the caller's memory may change before the kernel
 * reads it again.  An agent that decides by what a pointer leads to must do the call itself
 * and answer with its result (seccomp_unotify(2)).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_RULES = 64, GO_ON = -1, FIRST_ROOM = 65536, LONGEST_PRINTED = 32768 };

struct rules {
	struct {
		int call, error;
	} of[MOST_RULES];
	size_t n;
	int otherwise;		/* an errno, or GO_ON */
	int hangs_up;
};

/* What came over one connection. */
struct delivery {
	char *text;
	size_t n, room;
	int listener;		/* the first fd, or -1 */
	int fds, late;		/* how many came, and how many not with the first bytes */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void read_rules(struct rules *rules, char **words)
{
	rules->otherwise = GO_ON;
	for (; *words; words++) {
		int call, error;

		if (!strcmp(*words, "--hang-up")) {
			rules->hangs_up = 1;
			continue;
		}
		if (sscanf(*words, "%d=%d", &call, &error) != 2) {
			rules->otherwise = atoi(*words);
			continue;
		}
		if (rules->n == MOST_RULES)
			continue;
		rules->of[rules->n].call = call;
		rules->of[rules->n++].error = error;
	}
}

static int answer_to(const struct rules *rules, int call)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->of[i].call == call)
			return rules->of[i].error;
	return rules->otherwise;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 64) < 0)
		die(path);
	printf("listening\n");
	return fd;
}

static void take_fds(struct delivery *d, struct msghdr *message, int is_late)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		int n = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (d->listener < 0)
			memcpy(&d->listener, CMSG_DATA(c), sizeof(int));
		d->fds += n;
		d->late += is_late ? n : 0;
	}
}

/* All until the runtime closes: exactly one state, in as many parts as it likes. */
static void receive(int connection, struct delivery *d)
{
	for (int is_late = 0;; is_late = 1) {
		union {
			struct cmsghdr header;
			char bytes[CMSG_SPACE(sizeof(int) * 8)];
		} control;
		struct iovec vector = { d->text + d->n, d->room - d->n - 1 };
		struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
					  .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);

		if (n <= 0)
			break;
		take_fds(d, &message, is_late);
		d->n += (size_t)n;
		if (d->room - d->n < FIRST_ROOM / 2)
			d->text = realloc(d->text, d->room *= 2);
		if (!d->text)
			die("realloc");
	}
	d->text[d->n] = 0;
}

static void answer(int listener, const struct seccomp_notif *in, const struct rules *rules)
{
	struct seccomp_notif_resp out = { .id = in->id };
	const __u64 *a = in->data.args;
	int error = answer_to(rules, in->data.nr);

	if (error == GO_ON)
		out.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		out.error = -error;
	printf("pid=%u call=%d args=%#llx,%#llx,%#llx,%#llx,%#llx,%#llx answer=%d\n", in->pid,
	       in->data.nr, a[0], a[1], a[2], a[3], a[4], a[5], error);
	/* The caller may have been killed meanwhile: then nobody waits for an answer. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
}

/* The kernel may know a longer notification than the headers here do. */
static void serve(int listener, const struct rules *rules)
{
	struct seccomp_notif_sizes sizes;
	struct seccomp_notif *in;
	size_t room;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		die("seccomp");
	room = sizes.seccomp_notif > sizeof(*in) ? sizes.seccomp_notif : sizeof(*in);
	in = malloc(room);
	for (;;) {
		struct pollfd poll_fd = { .fd = listener, .events = POLLIN };

		if (!in || (poll(&poll_fd, 1, -1) < 0 && errno != EINTR))
			die("poll");
		if (!(poll_fd.revents & POLLIN) && poll_fd.revents)
			break; /* nobody runs under the filter any more */
		memset(in, 0, room);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, in) == 0)
			answer(listener, in, rules);
	}
	free(in);
	printf("ended\n");
}

static void meet(int connection, const struct rules *rules)
{
	struct delivery d = { .text = malloc(FIRST_ROOM), .room = FIRST_ROOM, .listener = -1 };

	if (!d.text)
		die("malloc");
	if (!rules->hangs_up)
		receive(connection, &d);
	close(connection);
	if (d.n && d.n <= LONGEST_PRINTED)
		printf("state %s\n", d.text);
	printf("bytes=%zu fds=%d late=%d closed\n", d.n, d.fds, d.late);
	if (d.listener >= 0)
		serve(d.listener, rules);
	free(d.text);
}

int main(int argc, char **argv)
{
	struct rules rules = { .n = 0 };
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: seccomp-agent SOCKET [--hang-up] [ERRNO | CALL=ERRNO]...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGCHLD, SIG_IGN); /* children are not waited for */
	read_rules(&rules, argv + 2);
	fd = listen_at(argv[1]);
	for (;;) {
		int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (connection < 0 && errno != EINTR)
			die("accept");
		if (connection >= 0 && fork() == 0) {
			close(fd);
			meet(connection, &rules);
			exit(0);
		}
		if (connection >= 0)
			close(connection);
	}
}
