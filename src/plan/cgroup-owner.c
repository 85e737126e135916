/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose the container's cgroup is.  A container that has a cgroup namespace of its own and
 * mounts the unified hierarchy writable gets its directory, so that an unprivileged init
 * can divide it; on version 1 that would not be safe.
 */
#include "base/text.h"
#include "plan/planner.h"

static bool has_option(const struct oci_mount *mount, const char *option)
{
	for (size_t i = 0; i < mount->n_options; i++)
		if (is_equal(mount->options[i], option))
			return true;
	return false;
}

static bool mounts_writable(const struct planner *p)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct planned_mount *mount = &p->mounts[i];

		if (is_equal(mount->entry->source, "cgroup") &&
		    is_equal(mount->target, "/sys/fs/cgroup"))
			return !has_option(mount->entry, "ro");
	}
	return false;
}

/* The host's id of the process's user; false when the maps are somebody else's. */
static bool host_user(const struct planner *p, uint32_t *out)
{
	uint32_t uid = p->process && p->process->user ? p->process->user->uid : 0;

	*out = uid;
	if (!p->own_user)
		return p->wish[NS_user] != NS_JOIN;
	for (size_t i = 0; i < p->lin->n_uid_mappings; i++) {
		const struct oci_id_map *map = &p->lin->uid_mappings[i];

		if (uid >= map->container_id && uid - map->container_id < map->size) {
			*out = map->host_id + (uid - map->container_id);
			return true;
		}
	}
	return false;
}

void plan_own_cgroup(struct planner *p)
{
	uint32_t uid;

	if (p->facts->cgroup_mode != CGROUP_V2 || !p->facts->is_privileged ||
	    !host_user(p, &uid))
		return;
	if (p->payload)
		HOST(p, "annotations[\"run.oci.delegate-cgroup\"]", own_cgroup, p->payload, uid);
	else if (p->wish[NS_cgroup] == NS_NEW && mounts_writable(p))
		HOST(p, "mounts", own_cgroup,
		     p->inner ? p->inner : p->record->cgroups[0].path, uid);
}
