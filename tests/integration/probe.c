/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a process finds itself in, printed as plain lines for the bats tests:
 * file descriptors, limits, scheduling, signals, terminals, single system calls.
 * Linked statically, as it runs in a root file system that holds busybox only;
 * "pty" runs on the host and gives a command a terminal of its own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct named {
	const char *name;
	long value;
};

static const struct named calls[] = {
	{ "getpid", SYS_getpid },           { "getppid", SYS_getppid },
	{ "getuid", SYS_getuid },           { "getgid", SYS_getgid },
	{ "personality", SYS_personality }, { "sethostname", SYS_sethostname },
	{ "mkdir", SYS_mkdir },             { "chmod", SYS_chmod },
	{ "dup", SYS_dup },                 { "socket", SYS_socket },
	{ "umask", SYS_umask },             { "getpriority", SYS_getpriority },
	{ "ioprio_get", SYS_ioprio_get },   { "keyctl", SYS_keyctl },
	{ "clone3", SYS_clone3 },           { "unshare", SYS_unshare },
	{ "lseek", SYS_lseek },             { "kill", SYS_kill },
	{ "gettid", SYS_gettid },           { "sysinfo", SYS_sysinfo },
	{ "prctl", SYS_prctl },             { "fchmodat2", 452 },
	{ "mseal", 462 },                   { "alarm", SYS_alarm },
};

static const struct named limits[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};

/* The kernel's struct sched_attr, which glibc 2.36 does not have. */
struct sched_attributes {
	unsigned size, policy;
	unsigned long long flags;
	int nice;
	unsigned priority;
	unsigned long long runtime, deadline, period;
	unsigned util_min, util_max;
};

static int show_fds(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		char link[64], target[512];
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t n = readlink(link, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		printf("%d %s\n", fd, target);
	}
	return 0;
}

static int show_limits(void)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit r;
		if (getrlimit((int)limits[i].value, &r) < 0)
			return 1;
		printf("%s %llu %llu\n", limits[i].name, (unsigned long long)r.rlim_cur,
		       (unsigned long long)r.rlim_max);
	}
	return 0;
}

static int show_schedule(void)
{
	struct sched_attributes a = { .size = sizeof(a) };
	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) < 0)
		return 1;
	printf("policy=%u flags=%llu nice=%d priority=%u runtime=%llu deadline=%llu "
	       "period=%llu\n",
	       a.policy, a.flags, a.nice, a.priority, a.runtime, a.deadline, a.period);
	int mode = -1;
	unsigned long nodes[16] = { 0 };
	syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0);
	printf("ioprio=%ld mempolicy=%#x nodes=%#lx\n", syscall(SYS_ioprio_get, 1, 0), mode,
	       nodes[0]);
	return 0;
}

static int show_terminal(void)
{
	struct winsize w = { 0 };
	ioctl(0, TIOCGWINSZ, &w);
	printf("isatty=%d%d%d rows=%d cols=%d\n", isatty(0), isatty(1), isatty(2), w.ws_row,
	       w.ws_col);
	struct stat st = { 0 };
	fstat(0, &st);
	printf("sid=%d pid=%d pgrp=%d foreground=%d tty=%s uid=%u gid=%u mode=%o\n",
	       getsid(0), getpid(), getpgrp(), tcgetpgrp(0),
	       isatty(0) ? ttyname(0) ? ttyname(0) : "?" : "none", st.st_uid, st.st_gid,
	       st.st_mode & 07777);
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	printf("devtty=%s\n", fd < 0 ? strerrorname_np(errno) : "ok");
	return 0;
}

static int show_keyring(void)
{
	char text[256] = "";
	/* KEYCTL_DESCRIBE of KEY_SPEC_SESSION_KEYRING. */
	long n = syscall(SYS_keyctl, 6, -3, text, sizeof(text) - 1);
	printf("keyring %s\n", n < 0 ? strerrorname_np(errno) : text);
	return 0;
}

static int open_path(const char *path, const char *how)
{
	int flags = !strcmp(how, "rw") ? O_RDWR : how[0] == 'w' ? O_WRONLY : O_RDONLY;
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	printf("open %s %s: %s\n", path, how, fd < 0 ? strerrorname_np(errno) : "ok");
	return 0;
}

/* Tells of every signal that arrives, until SIGTERM has come twice. */
static int wait_signals(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts("ready");
	fflush(stdout);
	for (int terms = 0; terms < 2;) {
		int number = sigwaitinfo(&all, NULL);
		if (number < 0)
			continue;
		if (number == SIGTERM)
			terms++;
		printf("got %d\n", number);
		fflush(stdout);
	}
	return 7;
}

static void on_sigsys(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	char text[64];
	int n = snprintf(text, sizeof(text), "SIGSYS call=%d errno=%d\n", info->si_syscall,
	                 info->si_errno);
	_exit(write(1, text, (size_t)n) == n ? 3 : 4);
}

/* Writes the words of ARGV or the environment to a file, each on a line. */
static int write_words(const char *path, char **words)
{
	FILE *f = fopen(path, "we");
	if (!f)
		return 1;
	for (; *words; words++)
		fprintf(f, "%s\n", *words);
	return fclose(f) != 0;
}

/* One system call with up to six numbers; an argument @TEXT is its address. */
static int one_call(int argc, char **argv)
{
	long number = strtol(argv[0], NULL, 0), a[6] = { 0 };
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, argv[0]))
			number = calls[i].value;
	for (int i = 1; i < argc && i <= 6; i++)
		a[i - 1] = argv[i][0] == '@' ? (long)(argv[i] + 1)
		                             : (long)strtoull(argv[i], NULL, 0);
	struct sigaction sa = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	sigaction(SIGSYS, &sa, NULL);
	errno = 0;
	long r = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	printf("%s=%ld %s\n", argv[0], r < 0 ? -1 : r, r < 0 ? strerrorname_np(errno) : "ok");
	return 0;
}

static int grow(const char *megabytes)
{
	size_t size = (size_t)atol(megabytes) << 20;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 1;
	memset(p, 1, size);
	puts("grown");
	return 0;
}

static int fork_many(const char *count)
{
	int made = 0, want = atoi(count);
	for (; made < want; made++) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			pause();
			_exit(0);
		}
	}
	printf("forked %d %s\n", made, made < want ? strerrorname_np(errno) : "ok");
	fflush(stdout);
	kill(0, SIGKILL);
	return 0;
}

static int terminal_master = -1;
static int second_rows, second_cols;

static void on_resize(int number)
{
	(void)number;
	struct winsize w = { .ws_row = (unsigned short)second_rows,
		             .ws_col = (unsigned short)second_cols };
	ioctl(terminal_master, TIOCSWINSZ, &w);
}

/* Copies what the command prints to our output and our input to the command. */
static void relay(int master)
{
	struct pollfd p[2] = { { .fd = master, .events = POLLIN },
		               { .fd = 0, .events = POLLIN } };
	char text[4096];
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno == EINTR)
			continue;
		if (p[0].revents) {
			ssize_t n = read(master, text, sizeof(text));
			if (n <= 0 || write(1, text, (size_t)n) != n)
				return;
		}
		if (p[1].revents) {
			ssize_t n = read(0, text, sizeof(text));
			if (n <= 0)
				p[1].fd = -1;
			else if (write(master, text, (size_t)n) != n)
				return;
		}
	}
}

/* pty ROWS COLS ROWS2 COLS2 CMD...: runs CMD on a new terminal, SIGUSR1 resizes it. */
static int with_terminal(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	struct winsize w = { .ws_row = (unsigned short)atoi(argv[0]),
		             .ws_col = (unsigned short)atoi(argv[1]) };
	second_rows = atoi(argv[2]);
	second_cols = atoi(argv[3]);
	pid_t pid = forkpty(&terminal_master, NULL, NULL, &w);
	if (pid == 0) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	struct termios before, after;
	tcgetattr(terminal_master, &before);
	signal(SIGUSR1, on_resize);
	relay(terminal_master);
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (tcgetattr(terminal_master, &after) == 0)
		printf("restored=%d\n", before.c_lflag == after.c_lflag &&
		                                before.c_iflag == after.c_iflag &&
		                                before.c_oflag == after.c_oflag);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Exchanges two paths as fast as it can, for ever: what a hostile container does. */
static int race(const char *one, const char *two)
{
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 2);
	return 0;
}

/* Writes to the program of any other process that it can open, once that is no longer busy. */
static int steal(const char *own)
{
	static int fds[256];
	size_t n = 0;
	for (long pid = 2;; pid = pid > 3000 ? 2 : pid + 1) {
		char path[64], target[256];
		snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
		ssize_t length = readlink(path, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		if (!strstr(target, own))
			continue;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && n < 256)
			fds[n++] = fd;
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
			int out = open(path, O_WRONLY | O_CLOEXEC);
			if (out >= 0 && write(out, "STOLEN", 6) == 6)
				puts("stolen");
			if (out >= 0)
				close(out);
		}
		if (n == 256)
			while (n > 0)
				close(fds[--n]);
	}
	return 0;
}

/* Prints the working directory as the kernel names it, "(unreachable)" and all. */
static int show_cwd(void)
{
	char here[4096];
	long n = syscall(SYS_getcwd, here, sizeof(here));
	printf("cwd=%s\n", n < 0 ? strerrorname_np(errno) : here);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (!strcmp(verb, "fds"))
		return show_fds();
	if (!strcmp(verb, "limits"))
		return show_limits();
	if (!strcmp(verb, "schedule"))
		return show_schedule();
	if (!strcmp(verb, "tty"))
		return show_terminal();
	if (!strcmp(verb, "keyring"))
		return show_keyring();
	if (!strcmp(verb, "cwd"))
		return show_cwd();
	if (!strcmp(verb, "signals"))
		return wait_signals();
	if (!strcmp(verb, "environ") && argc == 3)
		return write_words(argv[2], environ);
	if (!strcmp(verb, "words") && argc >= 3)
		return write_words(argv[2], argv);
	if (!strcmp(verb, "open") && argc == 4)
		return open_path(argv[2], argv[3]);
	if (!strcmp(verb, "call") && argc > 2)
		return one_call(argc - 2, argv + 2);
	if (!strcmp(verb, "grow") && argc == 3)
		return grow(argv[2]);
	if (!strcmp(verb, "fork") && argc == 3)
		return fork_many(argv[2]);
	if (!strcmp(verb, "race") && argc == 4)
		return race(argv[2], argv[3]);
	if (!strcmp(verb, "steal") && argc == 3)
		return steal(argv[2]);
	if (!strcmp(verb, "pty"))
		return with_terminal(argc - 2, argv + 2);
	fprintf(stderr, "probe: unknown verb \"%s\"\n", verb);
	return 2;
}
