/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trees of the host that mounts show.  They are cloned by the host (or by init, when
 * the runtime has no right to) and reach init as detached mounts in slots, so nothing is
 * looked up twice.  Since 6.8 the kernel lists mounts by their age: what follows a file
 * system that init has made is cloned when init asks, so that /proc/self/mountinfo shows
 * the order of config.json.
 */
#include "plan/planner.h"

/* Ids of the mount: its own maps, else those of the container's user namespace. */
int plan_idmap(struct planner *p, struct planned_mount *mount, struct error *err)
{
	const struct oci_mount *entry = mount->entry;
	const char *uids = p->uid_map, *gids = p->gid_map;
	bool all = mount->options.ridmap;
	int slot;

	if (!entry->n_uid_mappings && !mount->options.idmap && !mount->options.ridmap)
		return 0;
	if (p->mounter != ROLE_HOST)
		return plan_refuse(err, mount->why, "only root can map the ids of a mount");
	if (entry->n_uid_mappings) {
		uids = plan_map_text(p, entry->uid_mappings, entry->n_uid_mappings);
		gids = plan_map_text(p, entry->gid_mappings, entry->n_gid_mappings);
	}
	if (!uids || !gids)
		return plan_refuse(err, mount->why,
				   "idmap needs uidMappings and gidMappings, here or in a "
				   "new user namespace");
	slot = plan_slot(p->plan);
	HOST(p, mount->why, open_idmap, slot, uids, gids);
	HOST(p, mount->why, idmap_tree, mount->slot, slot, all);
	return 0;
}

static int plan_source(struct planner *p, struct planned_mount *mount, struct error *err)
{
	if (mount->is_cgroup) {
		plan_cgroup_mount_sources(p, mount);
		return 0;
	}
	mount->n_trees = 1;
	PLAN_ADD(p->plan, p->mounter, mount->why, open_tree, mount->slot, mount->source,
		 mount->is_recursive);
	return plan_idmap(p, mount, err);
}

static bool has_source(const struct planned_mount *mount)
{
	return !mount->options.remount && (mount->is_bind || mount->is_cgroup);
}

int plan_sources(struct planner *p, struct error *err)
{
	bool is_asked = false;

	plan_root_source(p);
	for (size_t i = 0; i < p->n_mounts; i++) {
		struct planned_mount *mount = &p->mounts[i];

		if (p->mounter == ROLE_HOST && !mount->is_bind && !mount->options.remount)
			is_asked = true;
		mount->is_asked = is_asked && has_source(mount);
		if (has_source(mount) && !mount->is_asked)
			TRY(plan_source(p, mount, err));
	}
	plan_device_sources(p);
	return 0;
}

/* Init asks once for all the trees up to the next file system that it makes. */
int plan_asked_source(struct planner *p, struct planned_mount *mount, struct error *err)
{
	if (!mount->is_asked)
		return 0;
	if (!p->has_asked)
		plan_meet(p->plan, ROLE_INIT, ROLE_HOST, MILESTONE_TREES_WANTED, mount->why);
	p->has_asked = true;
	TRY(plan_source(p, mount, err));
	for (int i = 0; i < mount->n_trees; i++) {
		HOST(p, mount->why, tell, ROLE_INIT, MILESTONE_TREE, mount->slot + i);
		INIT(p, mount->why, await, ROLE_HOST, MILESTONE_TREE, mount->slot + i);
	}
	return 0;
}
