/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of an exec: one more process in a container that is there, under everything
 * that confines the first one.
 *
 * Where the container has a pid namespace, a process between enters everything else first
 * and then makes it: a process that the container can see must not have the host's root,
 * working directory or files for one instant, since a container that may trace would reach
 * the host through them (CVE-2016-9962).
 */
#include "plan/create.h"
#include "base/text.h"

static int begin(struct planner *p, struct arena *arena, const struct plan_input *in,
		 struct error *err)
{
	plan_inputs(p, arena, in);
	p->process = in->process;
	p->cgroup_slot = SLOT_NONE;
	p->record = arena_new(arena, struct oci_record);
	*p->record = *in->record;
	p->rootfs = in->record->rootfs;
	p->state_dir = text_join_path(arena, in->request->root, in->request->id);
	TRY(plan_read_annotations(p, err));
	TRY(plan_wishes(p, err));
	p->own_user = in->joins & NS_BIT(NS_user);
	return 0;
}

static void set_affinity(struct planner *p, enum role role, const char *list)
{
	unsigned long *bits;
	size_t n;

	if (is_empty(list) || !list[strspn(list, " ")])
		return;
	n = plan_bits(p, list, &bits);
	PLAN_ADD(p->plan, role, "process.execCPUAffinity", set_affinity, bits,
		 (n + 63) / 64 * sizeof(*bits), list);
}

/* What the kernel leaves after the move stays, where only the initial list is given. */
static void plan_affinity(struct planner *p, enum role role)
{
	const struct oci_exec_cpu_affinity *affinity = p->process->exec_cpu_affinity;

	if (affinity)
		set_affinity(p, role, affinity->final);
	else if (p->lin->resources && p->lin->resources->cpu &&
		 !is_empty(p->lin->resources->cpu->cpus))
		PLAN_ADD(p->plan, role, "linux.resources.cpu.cpus", reset_affinity, 0);
}

/* Into the container's cgroups and namespaces. */
static void plan_entry(struct planner *p, enum role role, int process)
{
	PLAN_ADD(p->plan, role, "request", not_dumpable, 0);
	plan_enter_cgroups(p, role);
	plan_affinity(p, role);
	if (p->in->joins)
		PLAN_ADD(p->plan, role, "linux.namespaces", join_process, process,
			 p->in->joins);
}

/* What the child is to have and only the host's view lets one set, it inherits. */
static void plan_intermediate(struct planner *p, int process)
{
	HOST(p, "linux.namespaces", spawn, ROLE_INTERMEDIATE, 0, p->cgroup_slot, false);
	plan_favour_init(p, true);
	plan_entry(p, ROLE_INTERMEDIATE, process);
	INTERMEDIATE(p, "linux.namespaces", spawn, ROLE_INIT, 0, SLOT_NONE, true);
	plan_meet(p->plan, ROLE_INTERMEDIATE, ROLE_HOST, MILESTONE_CHILD_MADE,
		  "linux.namespaces");
}

static void plan_birth(struct planner *p, int process)
{
	if (p->in->joins & NS_BIT(NS_pid)) {
		plan_intermediate(p, process);
	} else {
		HOST(p, "linux.namespaces", spawn, ROLE_INIT, 0, p->cgroup_slot, false);
		plan_favour_init(p, false);
		plan_entry(p, ROLE_INIT, process);
	}
	plan_rdt_tasks(p);
	if (p->own_user)
		plan_become_root(p, ROLE_INIT);
	/* To enter a user namespace may have taken it back. */
	INIT(p, "request", not_dumpable, 0);
	INIT(p, "process", new_session, 0);
	if (!p->record->no_new_keyring)
		INIT(p, "process", new_keyring, WHY(p, "_ses.%s", p->in->request->id),
		     plan_selinux_label(p));
}

/* A container that has a mount namespace of its own finds its root there. */
static void plan_root(struct planner *p)
{
	bool is_own = p->wish[NS_mount] == NS_NEW;

	if (is_own && !p->process->terminal)
		return;
	INIT(p, "root.path", open_root, SLOT_ROOT, plan_inner_root(p));
}

static int plan_inside(struct planner *p, struct error *err)
{
	const char *profile = p->process->apparmor_profile;

	plan_root(p);
	TRY(plan_console(p, err));
	if (p->wish[NS_mount] != NS_NEW)
		INIT(p, "root.path", change_root, 0);
	if (!is_empty(profile))
		INIT(p, "process.apparmorProfile", open_proc, SLOT_PROC);
	else if (!is_empty(plan_selinux_label(p)))
		INIT(p, "process.selinuxLabel", open_proc, SLOT_PROC);
	plan_find_program(p);
	return 0;
}

/* Until it has heard that its pid is told, the end of the host is its own. */
static void plan_told(struct planner *p)
{
	const struct request *request = p->in->request;

	INIT(p, "request", survive, 0);
	plan_meet(p->plan, ROLE_INIT, ROLE_HOST, MILESTONE_READY, "request");
	if (p->in->is_shown) /* it has joined everything */
		HOST(p, "linux.namespaces", end_look, SLOT_SOCKET);
	if (request->pidfd_socket)
		HOST(p, "request", send_pidfd, request->pidfd_socket);
	if (request->pid_file)
		HOST(p, "request", write_pid_file, request->pid_file);
	plan_meet(p->plan, ROLE_HOST, ROLE_INIT, MILESTONE_TOLD, "request");
}

static int plan_program(struct planner *p, struct error *err)
{
	TRY(plan_process_late(p, err));
	if (p->filter && p->filter->notifies)
		plan_agent_send(p, plan_agent_connect(p));
	else
		plan_await_starting(p);
	HOST(p, "process.args", await_exec, ROLE_INIT);
	return 0;
}

int plan_exec(struct arena *arena, const struct plan_input *in, struct plan **out,
	      struct error *err)
{
	struct planner planner, *p = &planner;
	int process;

	TRY(begin(p, arena, in, err));
	process = plan_slot(p->plan);
	HOST(p, "state", open_process, process, (int)in->record->pid, in->record->start_time);
	TRY(plan_exec_cgroups(p, err));
	TRY(plan_seccomp_prepare(p, err));
	if (p->process->exec_cpu_affinity)
		set_affinity(p, ROLE_HOST, p->process->exec_cpu_affinity->initial);
	plan_birth(p, process);
	TRY(plan_inside(p, err));
	plan_told(p);
	TRY(plan_program(p, err));
	TRY(plan_check(p->plan, err));
	*out = p->plan;
	return 0;
}
