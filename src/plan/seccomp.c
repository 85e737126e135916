/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system call filter, and the agent that answers the calls it asks about.
 *
 * Init cannot hand over the listener itself: it is filtered as soon as there is one, and
 * whatever it would call may be what the agent is to be asked about.  So init shares a
 * page of memory with the host before, puts the listener's number there, and goes on when
 * the host has written that the agent has it (run/do-seccomp.c).
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/names.h"
#include "tables/version.h"
#include <errno.h>

enum { DATA_MASK = 0xffff };

static bool has_errno(const char *action)
{
	return is_equal(action, "SCMP_ACT_ERRNO") || is_equal(action, "SCMP_ACT_TRACE");
}

static uint32_t action_of(const char *name, bool has_data, uint32_t data)
{
	uint32_t action = 0;

	(void)seccomp_action_by_name(name, &action); /* validated with the document */
	if (has_errno(name))
		action |= (has_data ? data : EPERM) & DATA_MASK;
	return action;
}

static const struct seccomp_arg *args_of(struct planner *p, const struct oci_syscall *row)
{
	struct seccomp_arg *args = arena_array(p->arena, row->n_args, sizeof(*args));

	for (size_t i = 0; i < row->n_args; i++) {
		args[i].index = row->args[i].index;
		(void)seccomp_operator_by_name(row->args[i].op, &args[i].op);
		args[i].a = row->args[i].value;
		args[i].b = row->args[i].value_two;
	}
	return args;
}

static void add_rules(struct planner *p, struct seccomp_filter *filter,
		      const struct oci_seccomp *profile)
{
	struct seccomp_rule *rules;
	size_t n = 0;

	for (size_t i = 0; i < profile->n_syscalls; i++)
		n += profile->syscalls[i].n_names;
	rules = arena_array(p->arena, n, sizeof(*rules));
	filter->rules = rules;
	for (size_t i = 0; i < profile->n_syscalls; i++) {
		const struct oci_syscall *row = &profile->syscalls[i];
		const struct seccomp_arg *args = args_of(p, row);
		uint32_t action = action_of(row->action, row->has_errno_ret, row->errno_ret);

		filter->notifies |= is_equal(row->action, "SCMP_ACT_NOTIFY");
		for (size_t j = 0; j < row->n_names; j++)
			rules[filter->n_rules++] = (struct seccomp_rule){
				row->names[j], action, args, row->n_args
			};
	}
}

static struct seccomp_filter *filter_of(struct planner *p, const struct oci_seccomp *profile)
{
	struct seccomp_filter *filter = arena_new(p->arena, struct seccomp_filter);
	uint32_t *archs = arena_array(p->arena, profile->n_architectures, sizeof(*archs));

	filter->default_action = action_of(profile->default_action,
					   profile->has_default_errno_ret,
					   profile->default_errno_ret);
	filter->notifies = is_equal(profile->default_action, "SCMP_ACT_NOTIFY");
	for (size_t i = 0; i < profile->n_architectures; i++)
		(void)seccomp_arch_by_name(profile->architectures[i], &archs[i]);
	filter->archs = archs;
	filter->n_archs = profile->n_architectures;
	for (size_t i = 0; i < profile->n_flags; i++) {
		uint32_t flag = 0;

		(void)seccomp_flag_by_name(profile->flags[i], &flag);
		filter->flags |= flag;
	}
	filter->fail_unknown = p->fail_unknown;
	add_rules(p, filter, profile);
	return filter;
}

/* The agent's socket: of the profile, of an annotation, or of the caller's environment. */
static const char *agent_path(const struct planner *p)
{
	const struct oci_seccomp *profile = p->lin->seccomp;
	const char *receiver = plan_annotation(p, "run.oci.seccomp.receiver");

	if (profile && !is_empty(profile->listener_path))
		return plan_host_path(p, profile->listener_path);
	return receiver ? receiver : p->in->agent;
}

/* A filter that is code already asks an agent if there is one. */
static void take_code(struct planner *p, const char *agent)
{
	struct seccomp_filter *filter = arena_new(p->arena, struct seccomp_filter);

	filter->notifies = agent;
	p->filter = filter;
	HOST(p, "annotations[\"run.oci.seccomp_bpf_data\"]", take_seccomp, p->bpf, p->n_bpf);
}

static int use_profile(struct planner *p, const struct oci_seccomp *profile,
		       const char *agent, struct error *err)
{
	p->filter = filter_of(p, profile);
	if (p->filter->notifies && (is_empty(agent) || agent[0] != '/'))
		return plan_refuse(err, "linux.seccomp",
				   "SCMP_ACT_NOTIFY needs the absolute path of an agent's "
				   "socket in linux.seccomp.listenerPath");
	HOST(p, "linux.seccomp", prepare_seccomp, p->filter, SLOT_CACHE);
	return 0;
}

int plan_seccomp_prepare(struct planner *p, struct error *err)
{
	const struct oci_seccomp *profile = p->lin->seccomp;
	const char *agent = agent_path(p);

	if (!p->process || (!profile && !p->bpf))
		return 0;
	if (p->bpf)
		take_code(p, agent);
	else
		TRY(use_profile(p, profile, agent, err));
	if (!p->filter->notifies)
		return 0;
	p->record->seccomp_listener = p->record->has_seccomp_listener = true;
	p->record->seccomp_agent = p->in->agent;
	HOST(p, "linux.seccomp.listenerPath", check_agent, agent);
	return 0;
}

void plan_seccomp_share(struct planner *p)
{
	if (!p->filter || !p->filter->notifies)
		return;
	p->page_slot = plan_slot(p->plan);
	INIT(p, "linux.seccomp", share_page, p->page_slot);
}

/* From here on the host watches the page. */
void plan_seccomp_announce(struct planner *p)
{
	if (p->filter && p->filter->notifies)
		INIT(p, "linux.seccomp.listenerPath", tell, ROLE_HOST, MILESTONE_LISTENER,
		     p->page_slot);
}

void plan_seccomp_load(struct planner *p)
{
	if (!p->filter)
		return;
	/* An unprivileged host may only take fds from whom it may trace. */
	if (p->filter->notifies && !p->facts->is_privileged)
		INIT(p, "linux.seccomp.listenerPath", be_dumpable, 0);
	INIT(p, "linux.seccomp", load_seccomp, p->filter->flags, p->filter->notifies);
}

/* What the agent is told, open wherever the pid, which no plan knows, is to be put in. */
static const struct agent_message *message_of(struct planner *p)
{
	struct agent_message *message = arena_new(p->arena, struct agent_message);
	const char *fds[] = { "seccompFd" };
	const struct oci_container_process_state process = {
		.oci_version = OCI_VERSION,
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.metadata = p->lin->seccomp ? p->lin->seccomp->listener_metadata : NULL,
	};
	const struct oci_state state = {
		.oci_version = OCI_VERSION,
		.id = p->in->request->id,
		/* Unless it is an exec, the container's program has not been executed. */
		.status = p->in->process ? "running" : "created",
		.bundle = p->in->request->bundle,
		.annotations = p->config->annotations,
	};
	char *head = oci_container_process_state_write(p->arena, &process, false);
	char *tail = oci_state_write(p->arena, &state, false);

	head[strlen(head) - 1] = 0;
	tail[strlen(tail) - 1] = 0;
	message->head = arena_printf(p->arena, "%s,\"pid\":", head);
	message->middle = arena_printf(p->arena, ",\"state\":%s,\"pid\":", tail);
	message->tail = "}}";
	return message;
}

int plan_agent_connect(struct planner *p)
{
	int slot = plan_slot(p->plan);

	HOST(p, "linux.seccomp.listenerPath", connect_agent, slot, agent_path(p));
	return slot;
}

void plan_agent_send(struct planner *p, int agent_slot)
{
	int page_slot = plan_slot(p->plan);

	HOST(p, "linux.seccomp.listenerPath", await, ROLE_INIT, MILESTONE_LISTENER, page_slot);
	plan_await_starting(p);
	HOST(p, "linux.seccomp.listenerPath", send_listener, agent_slot, page_slot,
	     message_of(p));
}
