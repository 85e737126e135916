/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The root file system: how it gets into the mount namespace and becomes the root.
 * Nothing here may touch a mount namespace that is not the container's own: without a new
 * one the root directory changes and that is all.
 */
#include "plan/planner.h"
#include "base/text.h"
#include <sys/mount.h>

static unsigned long propagation_of(const char *name)
{
	if (is_empty(name))
		return 0;
	if (strstr(name, "unbindable"))
		return MS_UNBINDABLE;
	if (strstr(name, "shared"))
		return MS_SHARED;
	if (strstr(name, "slave"))
		return MS_SLAVE;
	return MS_PRIVATE;
}

/* What a clone of a host mount is at first: never a peer of the host's unless asked. */
static unsigned long clone_propagation(const struct planner *p)
{
	unsigned long wanted = propagation_of(p->lin->rootfs_propagation);

	return wanted == MS_SLAVE ? MS_SLAVE | MS_REC : MS_PRIVATE | MS_REC;
}

static int refuse_foreign_changes(const struct planner *p, struct error *err)
{
	const char *why = p->wish[NS_mount] == NS_JOIN
				  ? "the mount namespace is joined and belongs to others"
				  : "without a mount namespace this would change the host";
	const char *path = p->config->n_mounts		? "mounts"
			   : p->lin->n_masked_paths	? "linux.maskedPaths"
			   : p->lin->n_readonly_paths	? "linux.readonlyPaths"
			   : p->lin->n_devices		? "linux.devices"
			   : p->config->root->readonly	? "root.readonly"
							: NULL;

	if (!path)
		return 0;
	return plan_refuse(err, path,
			   "%s: leave it out, or add {\"type\": \"mount\"} to "
			   "linux.namespaces",
			   why);
}

void plan_root_source(struct planner *p)
{
	if (p->own_mounts)
		PLAN_ADD(p->plan, p->mounter, "root.path", open_tree, SLOT_ROOT, p->rootfs,
			 true);
	else
		PLAN_ADD(p->plan, p->mounter, "root.path", open_root, SLOT_ROOT, p->rootfs);
}

int plan_rootfs(struct planner *p, struct error *err)
{
	if (!p->own_mounts) {
		TRY(refuse_foreign_changes(p, err));
		if (p->wish[NS_mount] != NS_INHERIT || p->mounter != ROLE_HOST)
			INIT(p, "root.path", open_root, SLOT_ROOT, p->rootfs);
		return 0;
	}
	INIT(p, "linux.rootfsPropagation", set_propagation, "/", MS_SLAVE | MS_REC);
	if (p->mounter == ROLE_INIT)
		TRY(plan_sources(p, err));
	INIT(p, "root.path", attach_root, SLOT_ROOT, p->rootfs, clone_propagation(p));
	return 0;
}

int plan_change_root(struct planner *p, struct error *err)
{
	unsigned long wanted = propagation_of(p->lin->rootfs_propagation);

	(void)err; /* nothing of it depends on the host */
	if (!p->own_mounts) {
		INIT(p, "root.path", change_root, 0);
		return 0;
	}
	INIT(p, "root.path", pivot_root, p->in->request->no_pivot);
	if (wanted == MS_SHARED || wanted == MS_UNBINDABLE)
		INIT(p, "linux.rootfsPropagation", set_propagation, "/", wanted);
	return 0;
}
