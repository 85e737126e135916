/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See monitor.h.  One poll loop; the relay's two directions are in relay.c. */
#include "run/monitor.h"
#include "base/fd.h"
#include "kernel/notify.h"
#include "kernel/sys.h"
#include "kernel/tty.h"
#include "run/relay.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BY_SIGNAL = 128 };

int monitor_prepare(bool is_subreaper, struct error *err)
{
	sigset_t all;

	/* Orphans of a container without a pid namespace of its own come to us. */
	if (is_subreaper)
		TRY(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), err, "become a subreaper");
	sigfillset(&all);
	/* Faults of our own, and a terminal's stop signals, keep their meaning for us. */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGABRT);
	sigdelset(&all, SIGTTOU);
	sigdelset(&all, SIGTTIN);
	TRY(sigprocmask(SIG_BLOCK, &all, NULL), err, "block signals");
	return TRY(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), err, "make a signalfd");
}

/* Reap whatever has ended; true once init has. */
static bool reap(struct run *run, int *out_status)
{
	bool has_ended = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != run->pid[ROLE_INIT])
			continue;
		has_ended = true;
		*out_status = WIFEXITED(status) ? WEXITSTATUS(status)
						: BY_SIGNAL + WTERMSIG(status);
	}
	if (has_ended)
		run->pid[ROLE_INIT] = 0;
	return has_ended;
}

static void forward(struct run *run, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number == SIGCHLD || number == SIGURG || number == SIGPIPE)
			continue;
		if (number == SIGWINCH && run->slots[SLOT_CONSOLE] >= 0) {
			tty_copy_size(STDIN_FILENO, run->slots[SLOT_CONSOLE]);
			continue;
		}
		(void)sys_pidfd_send_signal(run->pidfd[ROLE_INIT], number); /* or it has ended */
	}
}

static int notify_fd(const struct run *run)
{
	int slot = run->plan->notify_slot;

	return slot == SLOT_NONE ? -1 : run->slots[slot];
}

static int watch(struct run *run, int signals, struct relay *relay, int *out_status,
		 struct error *err)
{
	enum { SIGNALS, PROCESS, NOTIFY, FIRST_RELAY };
	struct pollfd fds[FIRST_RELAY + RELAY_POLLS] = {
		[SIGNALS] = { .fd = signals, .events = POLLIN },
		[PROCESS] = { .fd = run->pidfd[ROLE_INIT], .events = POLLIN },
		[NOTIFY] = { .fd = notify_fd(run), .events = POLLIN },
	};

	while (!reap(run, out_status)) {
		relay_watch(relay, fds + FIRST_RELAY);
		if (poll(fds, FIRST_RELAY + RELAY_POLLS, -1) < 0 && errno != EINTR)
			return fail_errno(err, "poll");
		forward(run, signals);
		if (fds[NOTIFY].revents) /* we are what the manager has started */
			(void)notify_pass(fds[NOTIFY].fd, run->plan->notify_path, 0);
		relay_move(relay, fds + FIRST_RELAY);
	}
	relay_drain(relay);
	return 0;
}

int monitor_wait(struct run *run, int signals, int *out_status, struct error *err)
{
	int master = run->slots[SLOT_CONSOLE];
	struct relay relay;
	struct termios old;
	bool is_raw = master >= 0 && isatty(STDIN_FILENO);
	int result;

	relay_begin(&relay, master, STDIN_FILENO, STDOUT_FILENO);
	if (is_raw)
		TRY(tty_make_raw(STDIN_FILENO, &old, err));
	result = watch(run, signals, &relay, out_status, err);
	if (is_raw)
		tty_restore(STDIN_FILENO, &old);
	return result;
}
