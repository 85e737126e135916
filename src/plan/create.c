/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * THE order of a container, top to bottom: this file is the place to see what happens
 * when, and the only one that decides it.  The parts stand in files of their own.
 */
#include "plan/create.h"
#include "base/text.h"

void plan_begin(struct planner *p)
{
	const struct request *request = p->in->request;

	if (p->config->hooks)
		plan_hook_outputs(p);
	if (p->config->hooks && p->config->hooks->n_poststop)
		HOST(p, "hooks.poststop", promise_poststop, plan_hook_list(p, "poststop"));
	HOST(p, "request", make_state_dir, p->state_dir, request->id, SLOT_STATE,
	     p->facts->euid ? 0700 : 0711);
	plan_record(p, "creating", "state");
	HOST(p, "state", write_file, SLOT_STATE, "config.json", p->in->config_text,
	     p->in->config_size);
	if (p->notifies)
		HOST(p, "request", make_notify, SLOT_STATE, "notify");
	if (p->notifies && p->in->starts)
		HOST(p, "request", listen_notify, SLOT_STATE,
		     p->plan->notify_slot = plan_slot(p->plan));
	if (!p->in->starts)
		HOST(p, "state", listen, SLOT_STATE, "start", SLOT_SOCKET);
}

/* What the host prepares before there is a process. */
static int prepare(struct planner *p, struct error *err)
{
	if (!p->unit) {
		TRY(plan_cgroups(p, err));
		TRY(plan_net_shares(p, err));
	}
	plan_rdt_groups(p);
	TRY(plan_open_namespaces(p, err));
	TRY(plan_make_root_point(p, err));
	if (p->own_mounts && p->mounter == ROLE_HOST)
		TRY(plan_sources(p, err));
	if (p->wish[NS_mount] == NS_INHERIT && p->mounter == ROLE_HOST)
		plan_root_source(p);
	TRY(plan_seccomp_prepare(p, err));
	return 0;
}

/* Everything inside the container's namespaces, up to the point where start is awaited. */
static int build(struct planner *p, struct error *err)
{
	TRY(plan_rootfs(p, err));
	TRY(plan_mounts(p, err));
	TRY(plan_devices(p, err));
	plan_net_devices(p);
	TRY(plan_console(p, err));
	plan_create_hooks(p);
	TRY(plan_change_root(p, err));
	TRY(plan_system(p, err));
	plan_masks(p);
	plan_find_program(p);
	/* So that create says which of them is not there; hooks must not run under them. */
	return plan_hook_list(p, "startContainer") ? 0 : plan_labels(p, err);
}

static void created(struct planner *p)
{
	const struct request *request = p->in->request;

	INIT(p, "state", survive, 0);
	plan_meet(p->plan, ROLE_INIT, ROLE_HOST, MILESTONE_CREATED, "state");
	plan_record(p, p->in->starts ? "running" : "created", "state");
	if (request->pidfd_socket)
		HOST(p, "request", send_pidfd, request->pidfd_socket);
	if (p->pidfd_receiver)
		HOST(p, "annotations[\"run.oci.pidfd_receiver\"]", send_pidfd,
		     p->pidfd_receiver);
	if (request->pid_file)
		HOST(p, "request", write_pid_file, request->pid_file);
	plan_meet(p->plan, ROLE_HOST, ROLE_INIT, MILESTONE_RECORDED, "state");
	if (!p->in->starts)
		INIT(p, "request", wait_start, SLOT_SOCKET);
}

static int plan_program(struct planner *p, struct error *err)
{
	struct hook_list *hooks = plan_hook_list(p, "startContainer");

	if (hooks)
		INIT(p, hooks->path, run_hooks, "startContainer", hooks);
	TRY(plan_process_late(p, err));
	if (!p->in->starts)
		return 0;
	if (p->filter && p->filter->notifies)
		plan_agent_send(p, plan_agent_connect(p));
	else
		plan_await_starting(p);
	HOST(p, "process.args", await_exec, ROLE_INIT);
	hooks = plan_hook_list(p, "poststart");
	if (hooks)
		HOST(p, hooks->path, run_hooks, "poststart", hooks);
	return 0;
}

void plan_inputs(struct planner *p, struct arena *arena, const struct plan_input *in)
{
	static const struct oci_linux no_linux;

	*p = (struct planner){ .arena = arena, .in = in, .plan = plan_new(arena) };
	p->config = in->config;
	p->facts = in->facts;
	p->lin = p->config->linux_ ? p->config->linux_ : &no_linux;
	p->process = p->config->process;
}

int plan_derive(struct planner *p, struct error *err)
{
	p->rootfs = plan_host_path(p, p->config->root->path);
	p->state_dir = text_join_path(p->arena, p->in->request->root, p->in->request->id);
	p->cgroup_slot = SLOT_NONE;
	p->record = arena_new(p->arena, struct oci_record);
	TRY(plan_read_annotations(p, err));
	TRY(plan_wishes(p, err));
	TRY(plan_ids(p, err));
	TRY(plan_cgroup_paths(p, err));
	plan_foresee_filter(p);
	TRY(plan_rdt_paths(p, err));
	TRY(plan_read_mounts(p, err));
	plan_record_fill(p);
	return 0;
}

int plan_create(struct arena *arena, const struct plan_input *in, struct plan **out,
		struct error *err)
{
	struct planner planner;

	plan_inputs(&planner, arena, in);
	TRY(plan_derive(&planner, err));
	plan_begin(&planner);
	TRY(prepare(&planner, err));
	TRY(plan_spawn(&planner, err));
	TRY(build(&planner, err));
	created(&planner);
	TRY(plan_program(&planner, err));
	TRY(plan_check(planner.plan, err));
	*out = planner.plan;
	return 0;
}

struct plan *plan_start(struct arena *arena, const struct plan_input *in)
{
	struct planner planner;
	struct hook_list *hooks;
	int agent = SLOT_NONE;

	plan_inputs(&planner, arena, in);
	/* First: while init has not been told, the container stays created if this fails. */
	if (in->asks_agent)
		agent = plan_agent_connect(&planner);
	if (in->notifies)
		HOST(&planner, "request", listen_notify, SLOT_STATE,
		     planner.plan->notify_slot = plan_slot(planner.plan));
	HOST(&planner, "request", connect, SLOT_STATE, "start");
	HOST(&planner, "request", tell, ROLE_INIT, MILESTONE_START, SLOT_NONE);
	if (in->asks_agent)
		plan_agent_send(&planner, agent);
	else
		plan_await_starting(&planner);
	HOST(&planner, "process.args", await_exec, ROLE_INIT);
	HOST(&planner, "state", remove_file, SLOT_STATE, "start");
	hooks = plan_hook_list(&planner, "poststart");
	if (hooks)
		HOST(&planner, hooks->path, run_hooks, "poststart", hooks);
	return planner.plan;
}

struct plan *plan_poststop(struct arena *arena, const struct plan_input *in)
{
	struct planner planner;
	struct hook_list *hooks;

	plan_inputs(&planner, arena, in);
	hooks = plan_hook_list(&planner, "poststop");
	if (hooks)
		HOST(&planner, hooks->path, run_hooks, "poststop", hooks);
	return planner.plan;
}
