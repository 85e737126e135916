/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running hooks: exactly the configured arguments and environment, the state document on
 * standard input, what they print kept back and shown only when they fail, or appended to
 * files that the configuration names.  A hook that
 * exits with another status than 0, is killed, cannot be executed or takes too long has
 * failed, and the hooks behind it are not run (poststop: they are, see below).
 */
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/self.h"
#include "kernel/sys.h"
#include "run/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_OUTPUT = 4096, MILLISECONDS = 1000 };

/* A file in memory: no pipe to fill up, no SIGPIPE when a hook never reads. */
static int state_file(struct run *run, const struct hook_list *list, struct error *err)
{
	pid_t pid = run->role == ROLE_INIT ? getpid() : run->pid[ROLE_INIT];
	const char *text = list->state_tail
				   ? arena_printf(run->arena, "%s%d%s", list->state_head, pid,
						  list->state_tail)
				   : list->state_head;
	int scoped_fd fd = TRY(sys_memfd_create("state", MFD_CLOEXEC), err, "make a file");

	TRY(write_all(fd, text, strlen(text)), err, "write the state");
	TRY((int)lseek(fd, 0, SEEK_SET), err, "rewind the state");
	return take_fd(fd);
}

/* The last line that the hook printed, for the error. */
static const char *last_line(struct run *run, int output)
{
	char *text = arena_alloc(run->arena, MOST_OUTPUT + 1), *line;
	off_t size = lseek(output, 0, SEEK_END);
	ssize_t n;

	n = pread(output, text, MOST_OUTPUT, size > MOST_OUTPUT ? size - MOST_OUTPUT : 0);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return NULL;
	text[n] = 0;
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

/* In the child: a clean process of its own group, then the program; its errno if not. */
_Noreturn static void become_hook(const struct hook *hook, const int stdio[3], pid_t parent)
{
	struct error ignored;
	sigset_t none;

	sigemptyset(&none);
	(void)setpgid(0, 0); /* so that a hook that is killed takes its children along */
	/* Nobody would undo what a hook does after its runtime was killed. */
	if (self_die_with(parent, SIGKILL, &ignored) < 0)
		_exit(127);
	for (int i = 0; i < 3; i++)
		if (dup2(stdio[i], i) < 0)
			_exit(127);
	sys_reset_signals();
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)sys_close_range(STDERR_FILENO + 1, ~0u, 0);
	execve(hook->path, hook->argv, hook->envp);
	_exit(errno == ENOENT ? 127 : 126);
}

static int judge(const siginfo_t *info, const char *where, const struct hook *hook,
		 const char *said, struct error *err)
{
	const char *colon = said ? ": " : "";

	said = said ? said : "";
	if (info->si_code == CLD_EXITED && info->si_status == 0)
		return 0;
	if (info->si_code != CLD_EXITED)
		return fail(err, ERROR_HOOK, "%s: hook '%s' was killed by signal %d%s%s", where,
			    hook->path, info->si_status, colon, said);
	if (info->si_status == 126 || info->si_status == 127)
		return fail(err, ERROR_HOOK,
			    "%s: hook '%s' cannot be executed, or exited with %d%s%s", where,
			    hook->path, info->si_status, colon, said);
	return fail(err, ERROR_HOOK, "%s: hook '%s' exited with %d%s%s", where, hook->path,
		    info->si_status, colon, said);
}

static int wait_for(pid_t pid, int pidfd, const struct hook *hook, siginfo_t *out,
		    struct error *err)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int timeout = hook->timeout && hook->timeout < INT32_MAX / MILLISECONDS
			      ? (int)(hook->timeout * MILLISECONDS)
			      : -1;
	int ready;

	do {
		ready = poll(&poll_fd, 1, timeout);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0) {
		(void)kill(-pid, SIGKILL); /* the group may not have been made yet... */
		(void)kill(pid, SIGKILL);  /* ...and the hook itself is our child */
	}
	while (waitid(P_PID, (id_t)pid, out, WEXITED) < 0)
		if (errno != EINTR)
			return fail_errno(err, "wait for the hook");
	return ready;
}

/* A file that the configuration names, or ours. */
static int output_of(const struct run *run, const struct hook_list *list, int i, int own)
{
	return list->output[i] == SLOT_NONE ? own : run->slots[list->output[i]];
}

int do_open_output(struct run *run, const struct step_open_output *step, struct error *err)
{
	run->slots[step->slot] =
		TRY(open(step->path,
			 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600),
		    err, "open '%s'", step->path);
	return 0;
}

static int run_hook(struct run *run, const struct hook_list *list, size_t i,
		    struct error *err)
{
	const struct hook *hook = &list->hooks[i];
	const char *where = arena_printf(run->arena, "%s[%zu]", list->path, i);
	int scoped_fd state = TRY(state_file(run, list, err));
	int scoped_fd output = TRY(sys_memfd_create("output", MFD_CLOEXEC), err, "make a file");
	int pidfd_number = -1;
	struct clone_args args = { .flags = CLONE_PIDFD,
				   .pidfd = (uint64_t)(uintptr_t)&pidfd_number,
				   .exit_signal = SIGCHLD };
	pid_t parent = getpid(), pid = TRY(sys_clone3(&args), err, "%s: fork", where);
	siginfo_t info = { 0 };

	if (pid == 0)
		become_hook(hook,
			    (const int[]){ state, output_of(run, list, 0, output),
					   output_of(run, list, 1, output) },
			    parent);
	int scoped_fd pidfd = pidfd_number;
	if (TRY(wait_for(pid, pidfd, hook, &info, err)) == 0)
		return fail(err, ERROR_HOOK, "%s: hook '%s' took longer than its %u s", where,
			    hook->path, hook->timeout);
	return judge(&info, where, hook, last_line(run, output), err);
}

int hooks_run(struct run *run, const struct hook_list *list, struct error *err)
{
	bool goes_on = !list->state_tail; /* poststop: warn, and run the others */

	for (size_t i = 0; i < list->n; i++) {
		if (run_hook(run, list, i, err) == 0)
			continue;
		if (!goes_on)
			return -1;
		log_warning("%s", err->text);
	}
	return 0;
}
