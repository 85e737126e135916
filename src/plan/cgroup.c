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

static const char *relative_path(struct arena *arena, const struct plan_input *in)
{
	const char *path = in->config->linux_ ? in->config->linux_->cgroups_path : NULL;

	if (is_empty(path))
		return arena_printf(arena, "/oci-rt-%s", in->request->id);
	return text_clean_path(arena, path);
}

/* Without privileges: below what was delegated to us, or nowhere. */
static const char *delegated_path(struct arena *arena, const struct plan_input *in,
				  const struct cgroup_hierarchy *h)
{
	const char *path = in->config->linux_ ? in->config->linux_->cgroups_path : NULL;
	const char *relative = relative_path(arena, in);
	size_t n;

	if (!h->delegated)
		return NULL;
	if (is_empty(path) || path[0] != '/')
		return text_join_path(arena, h->delegated, relative);
	n = strlen(h->delegated);
	if (is_equal(h->delegated, "/") ||
	    (has_prefix(relative, h->delegated) && relative[n] == '/'))
		return relative;
	return NULL;
}

const char *plan_cgroup_dir(struct arena *arena, const struct plan_input *in,
			    const struct cgroup_hierarchy *h)
{
	const char *path = NULL;
	struct error ignored; /* told by plan_create */
	struct unit unit;

	if (in->request->manager == MANAGER_SYSTEMD) {
		/* A user's systemd has no controller of version 1. */
		bool is_its = in->facts->is_privileged || h->is_v2 ||
			      is_equal(h->controllers, "name=systemd");

		if (is_its && in->facts->systemd_root &&
		    plan_unit_of(arena, in, &unit, &ignored) == 0)
			path = text_join_path(arena, in->facts->systemd_root, unit.cgroup);
	} else if (in->request->manager == MANAGER_CGROUPFS) {
		path = in->facts->is_privileged ? relative_path(arena, in) :
						  delegated_path(arena, in, h);
	}
	return path ? text_join_path(arena, h->mount, path) : NULL;
}

static bool has_limits(const struct planner *p)
{
	const struct oci_resources *r = p->lin->resources;

	return r && (r->memory || r->cpu || r->pids || r->block_io || r->n_hugepage_limits ||
		     r->network || r->n_rdma || r->unified.n);
}

static int check_manager(struct planner *p, struct error *err)
{
	struct unit *unit = arena_new(p->arena, struct unit);

	if (p->in->request->manager == MANAGER_SYSTEMD) {
		if (!p->facts->systemd_root)
			return plan_refuse(err, "request", "this host is not run by systemd: "
					   "leave --systemd-cgroup out");
		TRY(plan_unit_of(p->arena, p->in, unit, err));
		p->unit = unit;
		p->record->unit = unit->name;
		p->record->unit_is_user = p->record->has_unit_is_user = unit->is_user;
	}
	if (!p->facts->n_hierarchies && has_limits(p))
		return plan_refuse(err, "linux.resources",
				   "this host has no cgroup file system at /sys/fs/cgroup");
	return 0;
}

/* What systemd makes it removes; elsewhere as much is ours as was not there. */
static bool is_systemds(const struct cgroup_hierarchy *h)
{
	static const char *const names[] = { "name=systemd", "cpu", "cpuacct", "memory",
					     "pids", "blkio", "devices" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_has_word(h->controllers, names[i]))
			return true;
	return h->is_v2;
}

static int remember(struct planner *p, const struct cgroup_hierarchy *h, const char *path,
		    struct error *err)
{
	struct oci_record_cgroup *cgroup = &p->record->cgroups[p->record->n_cgroups++];

	if (p->unit && !h->missing)
		return plan_refuse(err, "linux.cgroupsPath",
				   "the cgroup '%s' is there already: is the unit '%s' another "
				   "container's? set another linux.cgroupsPath", path,
				   p->unit->name);
	cgroup->path = path;
	/* NULL: it was there before, and stays */
	cgroup->topmost = p->unit && is_systemds(h) ? path : h->missing;
	cgroup->controllers = h->controllers;
	cgroup->version = h->is_v2 ? 2 : 1;
	cgroup->has_version = true;
	return 0;
}

/* "a/b" below the cgroup on version 2, by annotation; it may not lead out of it. */
static int read_inner(struct planner *p, const char *key, const char **out,
		      struct error *err)
{
	const char *value = plan_annotation(p, key);

	*out = NULL;
	if (is_empty(value) || p->facts->cgroup_mode != CGROUP_V2 || !p->record->n_cgroups)
		return 0;
	if (value[0] == '/' || strstr(value, ".."))
		return plan_refuse(err, WHY(p, "annotations[\"%s\"]", key),
				   "expected the name of a cgroup below the container's, got "
				   "\"%.80s\"", value);
	*out = value;
	return 0;
}

static int find_inner(struct planner *p, struct error *err)
{
	const char *subgroup = NULL, *payload;

	if (p->unit)
		TRY(read_inner(p, "run.oci.systemd.subgroup", &subgroup, err));
	TRY(read_inner(p, "run.oci.delegate-cgroup", &payload, err));
	if (subgroup)
		p->inner = text_join_path(p->arena, p->record->cgroups[0].path, subgroup);
	if (payload)
		p->inner = p->payload =
			text_join_path(p->arena, p->inner ? p->inner : p->record->cgroups[0].path,
				       payload);
	return 0;
}

int plan_cgroup_paths(struct planner *p, struct error *err)
{
	struct facts *own = arena_new(p->arena, struct facts);

	p->record->cgroup_manager = cgroup_manager_names[p->in->request->manager];
	if (p->in->request->manager == MANAGER_DISABLED)
		return 0;
	TRY(check_manager(p, err));
	/* Of the hierarchies those that the container is in; in->facts keeps all. */
	*own = *p->facts;
	own->n_hierarchies = 0;
	own->hierarchies = arena_array(p->arena, p->facts->n_hierarchies + 1,
				       sizeof(*own->hierarchies));
	p->record->cgroups = arena_array(p->arena, p->facts->n_hierarchies + 1,
					 sizeof(*p->record->cgroups));
	for (size_t i = 0; i < p->facts->n_hierarchies; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];
		const char *path = plan_cgroup_dir(p->arena, p->in, h);

		if (!path)
			continue;
		own->hierarchies[own->n_hierarchies++] = *h;
		TRY(remember(p, h, path, err));
	}
	p->facts = own;
	return find_inner(p, err);
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

/* The cgroup in which init is: the container's, or one below it. */
static const char *path_of_init(const struct planner *p, size_t i)
{
	return p->inner && p->facts->hierarchies[i].is_v2 ? p->inner :
							    p->record->cgroups[i].path;
}

static void open_cgroups(struct planner *p)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];
		int slot = plan_slot(p->plan);

		HOST(p, "linux.cgroupsPath", open_cgroup, slot, path_of_init(p, i),
		     file_to_open(p, h));
		if (!file_to_open(p, h))
			p->cgroup_slot = slot;
	}
}

/* Without privileges limits that cannot be had are refused one by one, devices are not. */
static int limit(struct planner *p, struct error *err)
{
	if (p->in->request->manager == MANAGER_DISABLED && has_limits(p))
		return plan_refuse(err, "linux.resources",
				   "limits need cgroups, and their manager is disabled");
	if (p->record->n_cgroups || has_limits(p))
		return plan_cgroup_limits(p, err);
	return 0;
}

int plan_cgroups(struct planner *p, struct error *err)
{
	for (size_t i = 0; i < p->record->n_cgroups; i++) {
		const struct cgroup_hierarchy *h = &p->facts->hierarchies[i];
		const char *path = p->record->cgroups[i].path;

		HOST(p, "linux.cgroupsPath", make_cgroup, h->mount, path,
		     p->unit ? p->record->cgroups[i].topmost : h->missing,
		     !h->is_v2 && plan_has_controller(h, "cpuset"));
		offer_controllers(p, h, path);
	}
	TRY(limit(p, err));
	if (p->inner)
		HOST(p, "linux.cgroupsPath", make_cgroup, p->facts->hierarchies[0].mount,
		     p->inner, p->inner, false);
	if (p->record->n_cgroups)
		plan_own_cgroup(p);
	if (!p->unit)
		open_cgroups(p);
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
