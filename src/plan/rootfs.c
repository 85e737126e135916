/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The root file system: how it gets into the mount namespace and becomes the root.
 * Nothing here may change the host's mounts: without a mount namespace the root directory
 * changes and that is all.  In one that is joined, which has a root of its own, the tree is
 * attached to a directory of the state directory: when that goes, the kernel takes the
 * mounts off it, in every namespace, whoever is still there and whatever became of us.
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

/* The first thing in the configuration that takes mounts, or NULL. */
static const char *wanted_mounts(const struct planner *p)
{
	return p->config->n_mounts	    ? "mounts"
	       : p->lin->n_masked_paths	    ? "linux.maskedPaths"
	       : p->lin->n_readonly_paths   ? "linux.readonlyPaths"
	       : p->lin->n_devices	    ? "linux.devices"
	       : p->config->root->readonly  ? "root.readonly"
					    : NULL;
}

const char *plan_root_point(const struct planner *p)
{
	if (p->wish[NS_mount] != NS_JOIN || !p->config->root || !wanted_mounts(p))
		return NULL;
	return text_join_path(p->arena, p->state_dir, "root");
}

const char *plan_inner_root(const struct planner *p)
{
	if (p->wish[NS_mount] == NS_NEW)
		return "/";
	return p->root_point ? p->root_point : p->rootfs;
}

static int refuse_foreign_changes(const struct planner *p, struct error *err)
{
	const char *path = wanted_mounts(p);

	if (!path)
		return 0;
	return plan_refuse(err, path,
			   "without a mount namespace this would change the host: leave it "
			   "out, or add {\"type\": \"mount\"} to linux.namespaces");
}

/* Trees of the host go into another's namespace: by their fds alone, and by root's right. */
int plan_make_root_point(struct planner *p, struct error *err)
{
	if (!p->root_point)
		return 0;
	if (!p->facts->is_privileged || !p->facts->has_mount_api)
		return plan_refuse(err, p->ns_why[NS_mount],
				   "mounts in a mount namespace that is joined need root, and "
				   "Linux 5.12 or later");
	HOST(p, p->ns_why[NS_mount], make_mount_point, p->root_point);
	HOST(p, p->ns_why[NS_mount], open_root_point, p->root_point,
	     plan_slot_of_namespace(p, NS_mount), p->root_point_slot = plan_slot(p->plan));
	return 0;
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
	if (p->root_point) {
		INIT(p, "root.path", share_root, SLOT_ROOT, p->root_point,
		     p->root_point_slot);
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
	/* In a namespace of others theirs must stay. */
	if (p->wish[NS_mount] != NS_NEW)
		INIT(p, "root.path", change_root, 0);
	else
		INIT(p, "root.path", pivot_root, p->in->request->no_pivot);
	if (!p->own_mounts)
		return 0;
	if (wanted == MS_SHARED || wanted == MS_UNBINDABLE)
		INIT(p, "linux.rootfsPropagation", set_propagation, "/", wanted);
	return 0;
}
