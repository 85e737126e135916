/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounts of a running container.  Everything that the host's paths and rights are needed
 * for happens outside, detached; a child in the role of init then joins the mount
 * namespace, does nothing but attach or detach, and ends.
 */
#include "base/text.h"
#include "plan/create.h"
#include <linux/mount.h>
#include <sys/mount.h>

static int planner_begin(struct planner *p, struct arena *arena,
			 const struct plan_input *in, struct error *err)
{
	plan_inputs(p, arena, in);
	for (size_t i = 0; i < p->lin->n_namespaces; i++)
		if (is_equal(p->lin->namespaces[i].type, "mount") &&
		    !is_empty(p->lin->namespaces[i].path))
			return plan_refuse(err, "request",
					   "the mount namespace of '%s' was joined and belongs "
					   "to others: mount it there", in->request->id);
	p->own_mounts = true;
	p->mounter = ROLE_HOST;
	p->mount_context = "context";
	if (p->lin->n_uid_mappings) {
		p->uid_map = plan_map_text(p, p->lin->uid_mappings, p->lin->n_uid_mappings);
		p->gid_map = plan_map_text(p, p->lin->gid_mappings, p->lin->n_gid_mappings);
	}
	return 0;
}

/* What shows the namespaces of whoever mounts it would show the host's. */
static int check_mount(const struct planned_mount *mount, struct error *err)
{
	static const char *const types[] = { "proc", "sysfs", "mqueue", "cgroup", "cgroup2" };

	if (mount->options.remount)
		return plan_refuse(err, mount->why,
				   "a mount that is there cannot be changed: remove it, then "
				   "add it with other options");
	if (mount->options.tmpcopyup)
		return plan_refuse(err, mount->why, "tmpcopyup is for create alone");
	for (size_t i = 0; i < ARRAY_SIZE(types) && !mount->is_bind; i++)
		if (is_equal(mount->entry->type, types[i]))
			return plan_refuse(err, mount->why,
					   "a file system of type '%s' cannot be added to a "
					   "running container: it shows the namespaces in which "
					   "it was made", types[i]);
	return 0;
}

/* A bind keeps its options for the attaching; a new file system has them from its birth. */
static int plan_source(struct planner *p, struct planned_mount *mount, struct error *err)
{
	struct mount_options *options = &mount->options;

	if (mount->is_bind) {
		HOST(p, mount->why, open_tree, mount->slot, mount->source, mount->is_recursive);
		return plan_idmap(p, mount, err);
	}
	if (mount->late_readonly)
		options->set |= MOUNT_ATTR_RDONLY;
	mount->slot = plan_slot(p->plan);
	HOST(p, mount->why, create_mount, mount->slot, mount->entry->type,
	     mount->entry->source, options);
	return 0;
}

static struct added_mounts *list_of(struct planner *p)
{
	struct added_mounts *list = arena_new(p->arena, struct added_mounts);

	list->n = p->config->n_mounts;
	list->items = arena_array(p->arena, list->n + 1, sizeof(*list->items));
	for (size_t i = 0; i < list->n; i++) {
		struct added_mount *item = &list->items[i];

		item->why = WHY(p, "mounts[%zu]", i);
		item->target = text_clean_path(p->arena, p->config->mounts[i].destination);
		item->slot = SLOT_NONE;
		if (!p->mounts)
			continue;
		item->slot = p->mounts[i].slot;
		item->source = p->mounts[i].is_bind ? p->mounts[i].source :
						      p->mounts[i].entry->type;
		if (p->mounts[i].is_bind)
			item->options = p->mounts[i].options;
		else
			item->options.propagation = p->mounts[i].options.propagation ?
				p->mounts[i].options.propagation : MS_PRIVATE;
	}
	return list;
}

static int begin_child(struct planner *p)
{
	int slot = plan_slot(p->plan);

	HOST(p, "request", spawn, ROLE_INIT, 0, SLOT_NONE, false);
	INIT(p, "request", join_namespace, slot, NS_mount);
	INIT(p, "request", open_root, SLOT_ROOT, "/");
	return slot;
}

static int finish(struct planner *p, struct plan **out, struct error *err)
{
	plan_meet(p->plan, ROLE_INIT, ROLE_HOST, MILESTONE_ROOT_READY, "request");
	TRY(plan_check(p->plan, err));
	*out = p->plan;
	return 0;
}

int plan_mounts_add(struct arena *arena, const struct plan_input *in, struct plan **out,
		    int *out_slot, struct error *err)
{
	struct planner planner;

	TRY(planner_begin(&planner, arena, in, err));
	if (!in->facts->is_privileged || !in->facts->has_mount_api)
		return plan_refuse(err, "request",
				   "adding mounts needs root, and Linux 5.12 or later");
	TRY(plan_read_mounts(&planner, err));
	for (size_t i = 0; i < planner.n_mounts; i++) {
		TRY(check_mount(&planner.mounts[i], err));
		TRY(plan_source(&planner, &planner.mounts[i], err));
	}
	*out_slot = begin_child(&planner);
	INIT(&planner, "mounts", attach_mounts, list_of(&planner));
	return finish(&planner, out, err);
}

int plan_mounts_remove(struct arena *arena, const struct plan_input *in, struct plan **out,
		       int *out_slot, struct error *err)
{
	struct planner planner;

	TRY(planner_begin(&planner, arena, in, err));
	if (!in->facts->is_privileged)
		return plan_refuse(err, "request", "removing mounts needs root");
	*out_slot = begin_child(&planner);
	INIT(&planner, "mounts", detach_mounts, list_of(&planner));
	return finish(&planner, out, err);
}
