/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities and labels in the kernel's numbers.
 */
#include "plan/planner.h"
#include "base/text.h"
#include "tables/names.h"

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

	return p->keeps_groups ||
	       (!plan_maps_freely(p) && p->own_user && (!user || !user->n_additional_gids));
}

const char *plan_selinux_label(const struct planner *p)
{
	const char *label = p->process ? p->process->selinux_label : NULL;

	return is_empty(label) || !p->facts->has_selinux ? NULL : label;
}

int plan_labels(struct planner *p, struct error *err)
{
	const char *profile = p->process ? p->process->apparmor_profile : NULL;
	const char *label = p->process ? p->process->selinux_label : NULL;

	if (p->is_labelled)
		return 0;
	p->is_labelled = true;
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
