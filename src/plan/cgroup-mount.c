/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mount of type cgroup: the container's own view of its cgroups.  With a cgroup
 * namespace the hierarchies are mounted anew and show their root there; without one, the
 * container's directories are bound, never the whole hierarchies.
 */
#include "plan/cgroup.h"
#include "plan/planner.h"
#include "base/text.h"
#include <linux/mount.h>

/* "cpu,cpuacct" of "/sys/fs/cgroup/cpu,cpuacct". */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool binds(const struct planner *p)
{
	return p->wish[NS_cgroup] != NS_NEW || !p->facts->is_privileged;
}

/* The container's own directory; where it has none, the one that we are in. */
static const char *shown_path(const struct planner *p, const struct cgroup_hierarchy *h)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++)
		if (is_equal(p->facts->hierarchies[i].mount, h->mount))
			return h->is_v2 && p->inner ? p->inner : p->record->cgroups[i].path;
	return text_join_path(p->arena, h->mount, h->own);
}

void plan_cgroup_mount_sources(struct planner *p, struct planned_mount *mount)
{
	const struct facts *facts = p->in->facts;

	if (!binds(p))
		return;
	mount->n_trees = (int)facts->n_hierarchies;
	for (size_t i = 0; i < facts->n_hierarchies; i++) {
		const char *path = shown_path(p, &facts->hierarchies[i]);
		int slot = plan_slot(p->plan);

		if (!i)
			mount->slot = slot;
		PLAN_ADD(p->plan, p->mounter, mount->why, open_tree, slot, path, false);
	}
}

static const struct mount_options *options_of(struct planner *p,
					      const struct planned_mount *mount,
					      const char *data)
{
	struct mount_options *options = arena_new(p->arena, struct mount_options);

	*options = mount->options;
	options->data = data;
	return options;
}

static void mount_hierarchy(struct planner *p, const struct planned_mount *mount, size_t i)
{
	const struct cgroup_hierarchy *h = &p->in->facts->hierarchies[i];
	const char *target = p->in->facts->cgroup_mode == CGROUP_V2
				     ? mount->target
				     : text_join_path(p->arena, mount->target,
						      last_part(h->mount));

	if (binds(p))
		INIT(p, mount->why, mount_tree, mount->slot + (int)i, target,
		     h->mount, options_of(p, mount, NULL));
	else
		INIT(p, mount->why, mount_fs, target, h->is_v2 ? "cgroup2" : "cgroup",
		     "cgroup", options_of(p, mount, h->is_v2 ? NULL : h->controllers));
}

/* cpu and cpuacct for a hierarchy mounted as cpu,cpuacct. */
static void link_controllers(struct planner *p, const struct planned_mount *mount,
			     const struct cgroup_hierarchy *h)
{
	const char *name = last_part(h->mount);

	if (h->is_v2 || !strchr(name, ','))
		return;
	for (const char *at = name; *at;) {
		size_t n = strcspn(at, ",");
		const char *link = text_join_path(p->arena, mount->target,
						  arena_strndup(p->arena, at, n));

		INIT(p, mount->why, make_link, link, name, false);
		at += n + (at[n] == ',');
	}
}

/* The hierarchies of version 1 have a tmpfs around them. */
static void mount_frame(struct planner *p, const struct planned_mount *mount)
{
	struct mount_options *top = arena_new(p->arena, struct mount_options);

	top->set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	top->data = "mode=755,size=64k";
	INIT(p, mount->why, mount_fs, mount->target, "tmpfs", "tmpfs", top);
	p->has_asked = false;
}

int plan_cgroup_mount(struct planner *p, struct planned_mount *mount, struct error *err)
{
	static const struct mount_options read_only = { .set = MOUNT_ATTR_RDONLY };
	/* All of the host's, whether the container has a cgroup of its own there or not. */
	const struct facts *facts = p->in->facts;
	bool is_v2 = facts->cgroup_mode == CGROUP_V2;

	if (!facts->n_hierarchies)
		return plan_refuse(err, mount->why,
				   "this host has no cgroup file system to show");
	if (!is_v2)
		mount_frame(p, mount);
	if (binds(p))
		TRY(plan_asked_source(p, mount, err));
	else
		p->has_asked = false;
	if (is_v2) {
		mount_hierarchy(p, mount, 0);
		return 0;
	}
	for (size_t i = 0; i < facts->n_hierarchies; i++) {
		mount_hierarchy(p, mount, i);
		link_controllers(p, mount, &facts->hierarchies[i]);
	}
	if (mount->options.set & MOUNT_ATTR_RDONLY)
		INIT(p, mount->why, change_mount, mount->target, &read_only);
	return 0;
}
