/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The roles' processes: how they are made, what they may do, how they end.
 *
 * intermediate - has: the host's view, its rights until it enters a user namespace.
 *   Does: joins and unshares namespaces, makes init as a sibling, ends.
 *   Must not: touch mounts; stay.
 * init - has: open slots, the host's mounts until pivot_root.
 *   Does: everything inside the container, then becomes its program.
 *   Must not: read host paths after pivot_root; keep a slot over exec.
 */
#include "base/fd.h"
#include "kernel/self.h"
#include "kernel/sys.h"
#include "kernel/systemd.h"
#include "run/channel.h"
#include "run/steps.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child keeps of the host's run: its own end of its channel, the slots, the plan. */
static void become_role(struct run *run, enum role role, const int *far_end)
{
	int mine = far_end[role];

	for (enum role other = 0; other < ROLE_COUNT; other++) {
		if (run->channel[other] >= 0)
			fd_close(&run->channel[other]);
		fd_close(&run->pidfd[other]);
		if (role == ROLE_INIT && other != role)
			fd_close(&run->far_end[other]);
		run->pid[other] = 0;
	}
	/* Its lock is the host's: it would last as long as any copy of this fd. */
	fd_close(&run->slots[SLOT_STATE]);
	fd_close(&run->slots[SLOT_CACHE]);
	systemd_forget(run->systemd);
	run->channel[ROLE_HOST] = mine;
	run->role = role;
	run->done = 0;
}

/* The entry of a role; never returns. */
_Noreturn static void live(struct run *run, enum role role, pid_t host)
{
	struct run mine = *run;
	struct error err = { 0 };

	become_role(&mine, role, run->far_end);
	if (self_die_with(host, SIGKILL, &err) < 0)
		_exit(1);
	if (run_role(&mine, &err) < 0) {
		channel_report(mine.channel[ROLE_HOST], &err);
		_exit(1);
	}
	_exit(0);
}

/* What the kernel minds about the cgroup that a process is to be born in. */
static int fail_clone(const struct step_spawn *step, struct error *err)
{
	const char *role = role_names[step->role];

	if (step->cgroup_slot != SLOT_NONE && errno == EBUSY)
		return fail(err, ERROR_KERNEL,
			    "clone %s: its cgroup has controllers enabled for cgroups below it "
			    "and can hold no process; set another linux.cgroupsPath", role);
	if (step->cgroup_slot != SLOT_NONE && errno == EOPNOTSUPP)
		return fail(err, ERROR_KERNEL,
			    "clone %s: its cgroup is below a threaded one and can hold no process; "
			    "set another linux.cgroupsPath", role);
	return fail_errno(err, "clone %s", role);
}

int do_spawn(struct run *run, const struct step_spawn *step, struct error *err)
{
	pid_t host = step->as_sibling ? getppid() : getpid();
	int pidfd = -1;
	struct clone_args args = {
		.flags = ns_clone_flags(step->namespaces) | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = step->as_sibling ? 0 : SIGCHLD,
	};
	pid_t pid;

	if (step->as_sibling) {
		args.flags |= CLONE_PARENT | CLONE_PARENT_SETTID;
		args.parent_tid = (uint64_t)(uintptr_t)run->shared_init;
	}
	if (step->cgroup_slot != SLOT_NONE) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)run->slots[step->cgroup_slot];
	}
	pid = sys_clone3(&args);
	if (pid < 0)
		return fail_clone(step, err);
	if (pid == 0) {
		/* Nothing that leads out of the container lies open while it waits. */
		if (step->cgroup_slot != SLOT_NONE)
			fd_close(&run->slots[step->cgroup_slot]);
		live(run, step->role, host);
	}
	run->pid[step->role] = pid;
	run->pidfd[step->role] = pidfd;
	if (run->role == ROLE_HOST)
		fd_close(&run->far_end[step->role]);
	return 0;
}

int do_tell(struct run *run, const struct step_tell *step, struct error *err)
{
	pid_t pid = step->milestone == MILESTONE_CHILD_MADE ? run->pid[ROLE_INIT] : 0;
	int fd = step->slot == SLOT_NONE ? -1 : run->slots[step->slot];

	return channel_tell(run->channel[step->peer], step->milestone, pid, fd, err);
}

/* Init has been made by the intermediate, as our child; the intermediate is done. */
static int adopt_init(struct run *run, pid_t pid, struct error *err)
{
	int status;

	run->pid[ROLE_INIT] = pid;
	run->pidfd[ROLE_INIT] = TRY(sys_pidfd_open(pid, 0), err, "open init's process");
	fd_close(&run->far_end[ROLE_INIT]);
	while (waitpid(run->pid[ROLE_INTERMEDIATE], &status, 0) < 0 && errno == EINTR)
		;
	run->pid[ROLE_INTERMEDIATE] = 0;
	return 0;
}

int do_await(struct run *run, const struct step_await *step, struct error *err)
{
	int passed = -1;
	pid_t pid = 0;

	TRY(channel_await(run->channel[step->peer], step->milestone, &pid, &passed, err));
	if (passed >= 0 && step->slot == SLOT_NONE)
		fd_close(&passed);
	if (step->slot != SLOT_NONE)
		run->slots[step->slot] = passed;
	if (step->milestone == MILESTONE_CHILD_MADE)
		return adopt_init(run, pid, err);
	return 0;
}

int do_await_exec(struct run *run, const struct step_await_exec *step, struct error *err)
{
	return channel_await_exec(run->channel[step->peer], err);
}
