/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process itself.  The order of the end matters: limits while we may still set them,
 * the bounding set before the ids, the other sets after them, seccomp as late as it can
 * be (without no_new_privs it must come while CAP_SYS_ADMIN is still held).
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/names.h"
#include <stdlib.h>

enum { IO_CLASS_SHIFT = 13, PERSONALITY_LINUX32 = 8 };

static char *const *copy_strings(struct planner *p, const char **items, size_t n)
{
	char **strings = arena_array(p->arena, n + 1, sizeof(*strings));

	for (size_t i = 0; i < n; i++)
		strings[i] = arena_strdup(p->arena, items[i]);
	return strings;
}

static const struct oci_user *user_of(const struct planner *p)
{
	static const struct oci_user root;

	return p->process->user ? p->process->user : &root;
}

/* Before the root changes: the pty is opened through the host's procfs. */
int plan_console(struct planner *p, struct error *err)
{
	const struct request *request = p->in->request;
	bool wants_terminal = p->process && p->process->terminal;
	const struct oci_box *size = wants_terminal ? p->process->console_size : NULL;

	if (!wants_terminal && request->console_socket)
		return plan_refuse(err, "process.terminal",
				   "cannot use console socket if oci-rt will not detach or "
				   "allocate tty: set process.terminal to true");
	if (!wants_terminal)
		return 0;
	if (!request->console_socket && (!p->in->starts || request->detach))
		return plan_refuse(err, "process.terminal",
				   "cannot allocate tty if oci-rt will detach without setting "
				   "console socket: add --console-socket");
	INIT(p, "process.terminal", open_console, .slot = SLOT_CONSOLE,
	     .rows = size ? (unsigned short)size->height : 0,
	     .columns = size ? (unsigned short)size->width : 0, .uid = user_of(p)->uid,
	     .with_node = p->own_mounts && !p->in->process);
	INIT(p, "process.terminal", tell, ROLE_HOST, MILESTONE_CONSOLE_READY, SLOT_CONSOLE);
	HOST(p, "process.terminal", await, ROLE_INIT, MILESTONE_CONSOLE_READY, SLOT_CONSOLE);
	if (request->console_socket)
		HOST(p, "process.terminal", send_console, SLOT_CONSOLE,
		     request->console_socket);
	else if (!size)
		HOST(p, "process.terminal", size_console, SLOT_CONSOLE);
	return 0;
}

void plan_find_program(struct planner *p)
{
	const struct oci_process *process = p->process;

	if (p->facts->listen_fds)
		p->listen_pid = arena_alloc(p->arena, LISTEN_PID_SIZE);
	if (process && process->n_args)
		INIT(p, "process.args", find_program, process->args[0],
		     copy_strings(p, process->env, process->n_env), process->cwd,
		     user_of(p)->uid, p->listen_pid);
}

static void plan_rlimits(struct planner *p)
{
	for (size_t i = 0; i < p->process->n_rlimits; i++) {
		const struct oci_rlimit *limit = &p->process->rlimits[i];

		INIT(p, WHY(p, "process.rlimits[%zu]", i), set_rlimit, limit->type,
		     rlimit_by_name(limit->type), limit->soft, limit->hard);
	}
}

static void plan_scheduler(struct planner *p)
{
	const struct oci_scheduler *s = p->process->scheduler;
	struct scheduling *scheduling;

	if (!s)
		return;
	scheduling = arena_new(p->arena, struct scheduling);
	scheduling->policy = (uint32_t)scheduler_policy_by_name(s->policy);
	for (size_t i = 0; i < s->n_flags; i++)
		scheduling->flags |= (uint64_t)scheduler_flag_by_name(s->flags[i]);
	scheduling->nice = s->nice;
	scheduling->priority = (uint32_t)s->priority;
	scheduling->runtime = s->runtime;
	scheduling->deadline = s->deadline;
	scheduling->period = s->period;
	INIT(p, "process.scheduler", set_scheduler, scheduling, s->policy);
}

static void plan_personality(struct planner *p)
{
	const struct oci_personality *personality = p->lin->personality;

	if (personality)
		INIT(p, "linux.personality", set_personality,
		     is_equal(personality->domain, "LINUX32") ? PERSONALITY_LINUX32 : 0);
}

/* "0-3,7": the bits; false for what is no such list (validated before). */
size_t plan_bits(struct planner *p, const char *list, unsigned long **out)
{
	enum { MOST_NODES = 8192, BITS = 8 * sizeof(unsigned long) };
	unsigned long *bits = arena_array(p->arena, MOST_NODES / BITS, sizeof(*bits));
	size_t highest = 0;

	while (list && *list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			break;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (unsigned long n = first; n <= last && n < MOST_NODES; n++) {
			bits[n / BITS] |= 1ul << n % BITS;
			highest = n + 1 > highest ? n + 1 : highest;
		}
		list = end + strspn(end, ", ");
	}
	*out = bits;
	return highest;
}

static void plan_memory_policy(struct planner *p)
{
	const struct oci_memory_policy *policy = p->lin->memory_policy;
	unsigned long *bits;
	size_t n;
	int mode;

	if (!policy)
		return;
	mode = memory_policy_mode_by_name(policy->mode);
	for (size_t i = 0; i < policy->n_flags; i++)
		mode |= memory_policy_flag_by_name(policy->flags[i]);
	n = plan_bits(p, policy->nodes, &bits);
	INIT(p, "linux.memoryPolicy", set_memory_policy, mode, bits, n, policy->mode);
}

static void plan_limits(struct planner *p)
{
	const struct oci_io_priority *io = p->process->io_priority;

	plan_rlimits(p);
	plan_scheduler(p);
	if (io)
		INIT(p, "process.ioPriority", set_io_priority,
		     io_class_by_name(io->class) << IO_CLASS_SHIFT | io->priority, io->class);
	plan_personality(p);
	plan_memory_policy(p);
}

/* What the container's processes may still gain or use, and as whom they run. */
static void plan_credentials(struct planner *p)
{
	const struct oci_user *user = user_of(p);
	struct capability_sets *sets = arena_new(p->arena, struct capability_sets);
	bool late_seccomp = p->process->no_new_privileges;

	plan_capability_sets(p, sets);
	INIT(p, "process.capabilities", drop_bounding, sets->bounding);
	INIT(p, "process.capabilities", keep_capabilities, 0);
	if (!late_seccomp)
		plan_seccomp_load(p);
	INIT(p, "process.user", set_ids, .uid = user->uid, .gid = user->gid,
	     .groups = user->additional_gids, .n_groups = user->n_additional_gids,
	     .keep_groups = plan_keeps_groups(p));
	INIT(p, "process.capabilities", set_capabilities, sets);
	if (user->has_umask)
		INIT(p, "process.user.umask", set_umask, user->umask & 0777);
	if (late_seccomp) {
		INIT(p, "process.noNewPrivileges", no_new_privs, 0);
		plan_seccomp_load(p);
	}
}

/* The sockets of a caller that systemd activated are passed on, as sd_listen_fds(3) says. */
static char *const *environment(struct planner *p)
{
	const struct oci_process *process = p->process;
	int n = p->facts->listen_fds;
	char **all = arena_array(p->arena, process->n_env + 4, sizeof(*all));
	size_t n_all = process->n_env;

	for (size_t i = 0; i < n_all; i++)
		all[i] = arena_strdup(p->arena, process->env[i]);
	if (n) {
		all[n_all++] = arena_printf(p->arena, "LISTEN_FDS=%d", n);
		all[n_all++] = p->listen_pid; /* written when there is a process */
	}
	if (p->notifies)
		all[n_all++] = arena_strdup(p->arena, "NOTIFY_SOCKET=/run/notify/notify.sock");
	return all;
}

void plan_await_starting(struct planner *p)
{
	HOST(p, "process.args", await, ROLE_INIT, MILESTONE_STARTING, SLOT_NONE);
}

int plan_process_late(struct planner *p, struct error *err)
{
	const struct oci_process *process = p->process;

	if (!process)
		return p->in->starts ? plan_refuse(err, "process",
						   "there is no process to run")
				     : 0;
	plan_seccomp_share(p); /* before limits hinder it */
	plan_limits(p);
	INIT(p, "process.cwd", change_dir, process->cwd, p->in->process != NULL);
	INIT(p, "process", prepare_stdio, user_of(p)->uid);
	TRY(plan_labels(p, err));
	INIT(p, "process", reset_signals, 0);
	INIT(p, "process", close_files,
	     p->in->request->preserve_fds + (unsigned)p->facts->listen_fds);
	plan_seccomp_announce(p);
	/* Before the filter, which may forbid it; from here on an end of file means: it runs. */
	INIT(p, "process.args", tell, ROLE_HOST, MILESTONE_STARTING, SLOT_NONE);
	plan_credentials(p);
	INIT(p, "process.args", exec, copy_strings(p, process->args, process->n_args),
	     environment(p));
	return 0;
}
