/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities, seccomp and labels in the kernel's numbers.
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/names.h"
#include <errno.h>

enum { DATA_MASK = 0xffff };

/* A name that is none, or that we ourselves lack, is a warning and no more (CAP-warn). */
static uint64_t bits_of(struct planner *p, const char **names, size_t n, const char *set)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		int number = capability_by_name(names[i]);

		if (number < 0 || (uint32_t)number > p->facts->last_capability)
			plan_warn(p, "process.capabilities.%s[%zu]: this kernel has no "
				     "capability '%s'", set, i, names[i]);
		else if (!(p->facts->bounding >> number & 1) && !p->own_user)
			plan_warn(p, "process.capabilities.%s[%zu]: %s cannot be given: the "
				     "runtime itself lacks it", set, i, names[i]);
		else
			bits |= 1ull << number;
	}
	return bits;
}

void plan_capability_sets(struct planner *p, struct capability_sets *out)
{
	const struct oci_capabilities *caps = p->process->capabilities;

	if (!caps)
		return;
	out->bounding = bits_of(p, caps->bounding, caps->n_bounding, "bounding");
	out->permitted = bits_of(p, caps->permitted, caps->n_permitted, "permitted");
	out->effective = bits_of(p, caps->effective, caps->n_effective, "effective") &
			 out->permitted;
	out->inheritable = bits_of(p, caps->inheritable, caps->n_inheritable, "inheritable");
	out->ambient = bits_of(p, caps->ambient, caps->n_ambient, "ambient") &
		       out->permitted & out->inheritable;
}

/* Groups of the caller stay only where setgroups is denied and nobody asked for others. */
bool plan_keeps_groups(const struct planner *p)
{
	const struct oci_user *user = p->process->user;

	for (size_t i = 0; i < p->config->annotations.n; i++)
		if (is_equal(p->config->annotations.items[i].key,
			     "run.oci.keep_original_groups"))
			return is_equal(p->config->annotations.items[i].value, "1");
	return !p->facts->is_privileged && p->own_user && (!user || !user->n_additional_gids);
}

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

int plan_seccomp_prepare(struct planner *p, struct error *err)
{
	const struct oci_seccomp *profile = p->lin->seccomp;
	struct seccomp_filter *filter;
	uint32_t *archs;

	if (!profile || !p->process)
		return 0;
	filter = arena_new(p->arena, struct seccomp_filter);
	filter->default_action = action_of(profile->default_action,
					   profile->has_default_errno_ret,
					   profile->default_errno_ret);
	filter->notifies = is_equal(profile->default_action, "SCMP_ACT_NOTIFY");
	archs = arena_array(p->arena, profile->n_architectures, sizeof(*archs));
	for (size_t i = 0; i < profile->n_architectures; i++)
		(void)seccomp_arch_by_name(profile->architectures[i], &archs[i]);
	filter->archs = archs;
	filter->n_archs = profile->n_architectures;
	for (size_t i = 0; i < profile->n_flags; i++) {
		uint32_t flag = 0;

		(void)seccomp_flag_by_name(profile->flags[i], &flag);
		filter->flags |= flag;
	}
	add_rules(p, filter, profile);
	p->filter = filter;
	if (filter->notifies)
		return plan_refuse(err, "linux.seccomp",
				   "SCMP_ACT_NOTIFY needs an agent, which cannot be served yet");
	HOST(p, "linux.seccomp", prepare_seccomp, filter, SLOT_CACHE);
	return 0;
}

int plan_seccomp_load(struct planner *p, struct error *err)
{
	(void)err; /* refused when it was prepared */
	if (p->filter)
		INIT(p, "linux.seccomp", load_seccomp, p->filter->flags, SLOT_NONE);
	return 0;
}

int plan_labels(struct planner *p, struct error *err)
{
	const char *profile = p->process->apparmor_profile;
	const char *label = p->process->selinux_label;

	if (!is_empty(profile) && !is_equal(profile, "unconfined") && !p->facts->has_apparmor)
		return plan_refuse(err, "process.apparmorProfile",
				   "this host has no AppArmor: take '%s' out, or boot with "
				   "apparmor=1",
				   profile);
	if (!is_empty(label) && !p->facts->has_selinux)
		return plan_refuse(err, "process.selinuxLabel",
				   "SELinux is not enabled on this host: take '%s' out", label);
	if (!is_empty(profile) && p->facts->has_apparmor)
		INIT(p, "process.apparmorProfile", set_exec_label, profile, true);
	if (!is_empty(label))
		INIT(p, "process.selinuxLabel", set_exec_label, label, false);
	return 0;
}
