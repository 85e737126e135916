/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the container's cgroups are, and how its process gets into them: born there on
 * the unified hierarchy, moved by its own write on version 1.  Moving a process by its pid
 * would take the kernel's thread-group lock and cost milliseconds.
 */
#include "plan/cgroup.h"
#include "plan/planner.h"
#include "base/text.h"
#include <fcntl.h>

const char *plan_cgroup_relative(struct arena *arena, const struct oci_config *config,
				 const struct request *request)
{
	const char *path = config->linux_ ? config->linux_->cgroups_path : NULL;

	if (is_empty(path))
		return arena_printf(arena, "/oci-rt-%s", request->id);
	return text_clean_path(arena, path);
}

const char *plan_cgroup_path(const struct planner *p, const struct cgroup_hierarchy *h)
{
	return text_join_path(p->arena, h->mount,
			      plan_cgroup_relative(p->arena, p->config, p->in->request));
}

static bool has_limits(const struct planner *p)
{
	const struct oci_resources *r = p->lin->resources;

	return r && (r->memory || r->cpu || r->pids || r->block_io || r->n_hugepage_limits ||
		     r->network || r->n_rdma || r->unified.n);
}

static int check_manager(struct planner *p, struct error *err)
{
	if (p->in->request->manager == MANAGER_SYSTEMD)
		return plan_refuse(err, "request",
				   "this host is not run by systemd: leave --systemd-cgroup out");
	if (!p->facts->is_privileged && has_limits(p))
		return plan_refuse(err, "linux.resources",
				   "user %u has no cgroup of its own on this host: take the "
				   "limits out, or run as root",
				   p->facts->euid);
	if (!p->facts->n_hierarchies && has_limits(p))
		return plan_refuse(err, "linux.resources",
				   "this host has no cgroup file system at /sys/fs/cgroup");
	return 0;
}

static void remember(struct planner *p, const struct cgroup_hierarchy *h, size_t i)
{
	struct oci_record_cgroup *cgroup = &p->record->cgroups[i];

	cgroup->path = plan_cgroup_path(p, h);
	cgroup->topmost = h->missing; /* NULL: it was there before, and stays */
	cgroup->controllers = h->controllers;
	cgroup->version = h->is_v2 ? 2 : 1;
	cgroup->has_version = true;
}

int plan_cgroup_paths(struct planner *p, struct error *err)
{
	const struct facts *facts = p->facts;

	p->record->cgroup_manager = cgroup_manager_names[p->in->request->manager];
	if (p->in->request->manager == MANAGER_DISABLED)
		return 0;
	TRY(check_manager(p, err));
	if (!facts->is_privileged)
		return 0;
	p->record->cgroups =
		arena_array(p->arena, facts->n_hierarchies, sizeof(*p->record->cgroups));
	p->record->n_cgroups = facts->n_hierarchies;
	for (size_t i = 0; i < facts->n_hierarchies; i++)
		remember(p, &facts->hierarchies[i], i);
	return 0;
}

bool plan_has_controller(const struct cgroup_hierarchy *h, const char *controller)
{
	return text_has_word(h->controllers, controller);
}

/* A limit of no tasks at all lets none be born in the cgroup, but one may move in. */
static bool bears_none(const struct planner *p)
{
	const struct oci_resources *r = p->lin->resources;

	return r && r->pids && r->pids->has_limit && r->pids->limit == 0;
}

/* A directory to be born in (NULL), or the file through which init moves itself. */
static const char *file_to_open(const struct planner *p, const struct cgroup_hierarchy *h)
{
	if (!h->is_v2)
		return "tasks";
	return p->ns.needs_intermediate || bears_none(p) ? "cgroup.procs" : NULL;
}

/*
 * Engines read statistics from the files of controllers, whether there are limits or not:
 * those that count are enabled wherever the kernel allows it.
 */
static void offer_controllers(struct planner *p, const struct cgroup_hierarchy *h,
			      const char *path)
{
	static const char *const counting[] = { "cpu", "cpuset", "io", "memory", "pids" };
	struct text list = { .arena = p->arena };

	for (size_t i = 0; h->is_v2 && i < ARRAY_SIZE(counting); i++)
		if (plan_has_controller(h, counting[i]))
			text_add(&list, "%s%s", list.n ? " " : "", counting[i]);
	if (list.n)
		HOST(p, "linux.cgroupsPath", offer_controllers, h->mount, path, list.s);
}

int plan_cgroups(struct planner *p, struct error *err)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];

		HOST(p, "linux.cgroupsPath", make_cgroup, h->mount,
		     p->record->cgroups[i].path, h->missing,
		     !h->is_v2 && plan_has_controller(h, "cpuset"));
		offer_controllers(p, h, p->record->cgroups[i].path);
	}
	if (p->record->n_cgroups) {
		TRY(plan_cgroup_limits(p, err));
		plan_own_cgroup(p);
	} else if (has_limits(p)) {
		return plan_refuse(err, "linux.resources",
				   "limits need cgroups, and their manager is disabled");
	}
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];
		int slot = plan_slot(p->plan);

		HOST(p, "linux.cgroupsPath", open_cgroup, slot, p->record->cgroups[i].path,
		     file_to_open(p, h));
		if (!file_to_open(p, h))
			p->cgroup_slot = slot;
	}
	return 0;
}

void plan_enter_cgroups(struct planner *p, enum role role)
{
	const struct step_list *host = &p->plan->of[ROLE_HOST];

	for (size_t i = 0; i < host->n; i++) {
		const struct step *step = &host->items[i];

		if (step->kind == STEP_open_cgroup &&
		    step->open_cgroup.slot != p->cgroup_slot)
			PLAN_ADD(p->plan, role, step->because, enter_cgroup,
				 step->open_cgroup.slot, step->open_cgroup.path);
	}
}
